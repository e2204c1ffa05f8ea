// Goal: the gvn1 driver says what the page says and makes of the answers what the daemon asked for.
// Method: transcripts of lines out and in (CRCs checked and added by the peer), in virtual time.

import { describe, expect, it } from 'vitest';
import { NO_LIMITS, PROGRAM_END_REASONS, type EndReason, type Step } from '../../../src/steps/step.ts';
import { END_REASONS, PROGRAM_END_WORDS } from '../../../src/device/drivers/gvn1/reports.ts';
import { gvn1Rig, gvn1RigUp, GREETING, HELLO_FIELDS } from '../../support/gvn1-peer.ts';
import { node, PLATE, REST, STRIP, TWO_HALF_CYCLES } from '../../support/trees.ts';

const OK = { ok: true, value: null };

describe('identification', () => {
  it('reads identity and capabilities from hello', () => {
    const rig = gvn1RigUp();
    expect(rig.links).toEqual([
      {
        type: 'up',
        identity: {
          dialect: 'gvn1',
          deviceId: 'sim-7',
          model: 'gvn-sim',
          firmware: '0.1.0',
          bootId: 2_821_094_410,
        },
        capabilities: {
          channels: 2,
          modes: ['rest', 'cc'],
          limits: { voltage: 'device', charge: 'device', shortFloor: 'device' },
          recordRules: 'device',
          recordBursts: null,
          deadMan: 'device',
          hasChargeCounter: true,
          hasStepEndLog: true,
          ringSamples: 65_536,
          lookAheadSlots: 16,
          currentRangesPa: [1_000_000_000, 10_000_000_000, 100_000_000_000],
          voltageSpanNv: 5_000_000_000,
          accuracy: {
            currentGainPpm: 200,
            currentOffsetPpmOfRange: 100,
            voltageGainPpm: 200,
            voltageOffsetNv: 1_000_000,
          },
          tickUs: 1000,
          leaseMaxMs: 30_000,
          timeScale: 1,
        },
      },
    ]);
  });

  it.each([
    ['none', '', ['rest', 'cc'], null],
    ['none, in words', ' feat=-', ['rest', 'cc'], null],
    ['both', ' feat=burst,cv', ['rest', 'cc', 'cv'], { by: 'device', everyMinUs: 1000 }],
    ['a held voltage and one that it does not know', ' feat=x9,cv', ['rest', 'cc', 'cv'], null],
    ['bursts', ' feat=burst', ['rest', 'cc'], { by: 'device', everyMinUs: 1000 }],
  ])('takes from the features of hello what the device can: %s', (_, feat, modes, recordBursts) => {
    const rig = gvn1Rig({ scripts: [[GREETING[0] ?? '', `< @0 ack ${HELLO_FIELDS}${feat}`]] });
    rig.cycler.start();
    rig.clock.advance(0);
    expect(rig.links).toMatchObject([{ type: 'up', capabilities: { modes, recordBursts } }]);
  });

  it('says force when the operator does', () => {
    const rig = gvn1Rig({ isForced: true });
    rig.cycler.start();
    rig.clock.advance(0);
    expect(rig.peer(0).heard).toEqual(['@0 hello v=1 token=bench1 force=1']);
  });

  it.each([
    ['another protocol', `ack ${HELLO_FIELDS.replace('gvn1', 'gvn9')}`, 'nonsense'],
    ['another version', `ack ${HELLO_FIELDS.replace('v=1', 'v=2')}`, 'nonsense'],
    ['a version it does not speak', 'nak code=VERSION v=2', 'nonsense'],
    ['a field missing', `ack ${HELLO_FIELDS.replace('slots=16 ', '')}`, 'nonsense'],
    ['ranges that do not rise', `ack ${HELLO_FIELDS.replace('ranges=1000000000,', 'ranges=0,')}`, 'nonsense'],
    ['a bare ack', 'ack', 'nonsense'],
    ['another host on it', 'nak code=BUSY', 'busy'],
  ])('is lost, with one line of detail, at %s', (_found, reply, reason) => {
    const rig = gvn1Rig({ scripts: [['> @0 hello v=1 token=bench1', `< @0 ${reply}`]] });
    rig.cycler.start();
    rig.clock.advance(0);
    expect(rig.links).toMatchObject([{ type: 'lost', reason }]);
    expect(rig.links[0]).toHaveProperty('detail', expect.stringMatching(/^[^\n]{10,160}$/));
    expect(rig.peer(0).isClosed).toBe(true);
  });

  it('tries a wrong device again after 30 s only', () => {
    const rig = gvn1Rig({ scripts: [['> @0 hello v=1 token=bench1', '< @0 nak code=VERSION v=2']] });
    rig.cycler.start();
    rig.clock.runUntil(() => rig.peers.length === 2);
    expect(rig.clock.nowMs()).toBe(30_000);
  });

  it('ignores fields of hello that it does not know', () => {
    const rig = gvn1Rig({
      scripts: [['> @0 hello v=1 token=bench1', `< @0 ack ${HELLO_FIELDS} colour=red`]],
    });
    rig.cycler.start();
    rig.clock.advance(0);
    expect(rig.links).toMatchObject([{ type: 'up' }]);
  });
});

describe('commands of a channel', () => {
  it('opens a run, leases, loads two half-cycles and releases', () => {
    const rig = gvn1RigUp([
      '> @1 open ch=1 run=01JA range=1 vhi_nv=2000000000 vlo_nv=-2000000000 ihi_pa=5000000000 ' +
        'qhi_nc=40000000000 token=bench1',
      '< @1 ack',
      '> @2 lease ch=1 token=bench1 t_us=5000000 policy=off',
      '< @2 ack',
      '> @3 job ch=1 job=e0f56bc0 nodes=2',
      '< @3 ack',
      '> @4 node ch=1 job=e0f56bc0 id=1 n=1 mode=cc i_pa=-1130000000 t_us=3960000000 qnet_nc=-4068000000 ' +
        'rec=10000000,0,0 on=qnet:2',
      '< @4 ack',
      '> @5 node ch=1 job=e0f56bc0 id=2 n=2 mode=cc i_pa=1130000000 t_us=3960000000 qnet_nc=0 ' +
        'rec=10000000,0,0 on=-',
      '< @5 ack',
      '> @6 commit ch=1 job=e0f56bc0 token=bench1',
      '< @6 ack',
      '> @7 close ch=1 run=01JA',
      '< @7 ack',
    ]);
    const channel = rig.cycler.channel(1);
    const limits = {
      voltageMaxNv: 2_000_000_000,
      voltageMinNv: -2_000_000_000,
      currentMaxPa: 5_000_000_000,
      netChargeMaxNc: 40_000_000_000,
    };
    channel.open({ run: '01JA', rangeIndex: 1, limits }, rig.done);
    channel.renewLease({ durationMs: 5000, policy: 'off' }, rig.done);
    channel.load(TWO_HALF_CYCLES, rig.done);
    rig.clock.advance(0);
    channel.release('01JA', rig.done);
    rig.clock.advance(0);
    expect(rig.results).toEqual([OK, OK, OK, OK]);
    expect(rig.peer(0).left).toEqual([]);
    expect(rig.peer(0).unexpected).toEqual([]);
  });

  it('writes every limit and rule of a step', () => {
    const rig = gvn1RigUp();
    const limits = {
      stepChargeNc: 1,
      netChargeNc: -2,
      lastStepChargePpm: 1_200_000,
      voltageMaxNv: 3,
      voltageMinNv: -4,
      voltageDebounceUs: 5000,
      shortFloorNv: 6,
      shortFloorDebounceUs: 7000,
    };
    const record = { everyUs: 1000, voltageDeltaNv: 8, currentDeltaPa: 9 };
    const children = { duration: 10, 'voltage-max': 11, 'short-floor': 12 };
    const step = { ...PLATE, completesCycle: true, limits, record };
    rig.cycler.channel(1).load({ nodes: [node(6, 3, step, children)] }, rig.done);
    rig.clock.advance(0);
    rig.peer(0).say('@1 ack');
    rig.clock.advance(0);
    expect(
      rig
        .peer(0)
        .heard.at(-1)
        ?.replace(/job=[0-9a-f]{8}/, 'job=…'),
    ).toBe(
      '@2 node ch=1 job=… id=6 n=3 mode=cc i_pa=-1130000000 t_us=3960000000 qstep_nc=1 qnet_nc=-2 ' +
        'qlast_ppm=1200000 vmax_nv=3 vmin_nv=-4 vdb_us=5000 floor_nv=6 fdb_us=7000 rec=1000,8,9 cyc=1 ' +
        'on=vmax:11,floor:12,t:10',
    );
  });

  it('writes a rest without a current', () => {
    const rig = gvn1RigUp();
    rig.cycler.channel(2).load({ nodes: [node(1, 1, REST)] }, rig.done);
    rig.clock.advance(0);
    rig.peer(0).say('@1 ack');
    rig.clock.advance(0);
    expect(rig.peer(0).heard.at(-1)).toMatch(/ id=1 n=1 mode=rest t_us=60000000 rec=1000000,0,0 on=-$/);
  });

  it('writes a held voltage with the current that ends it, and a burst behind the record rule', () => {
    const rig = gvn1RigUp();
    const step: Step = {
      ...PLATE,
      mode: { kind: 'cv', voltageNv: -1_800_000_000 },
      limits: { ...NO_LIMITS, stepChargeNc: 7, currentMinPa: 56_500_000 },
      record: { ...PLATE.record, burst: { everyUs: 100_000, forUs: 60_000_000 } },
    };
    const children = { 'current-min': 2, duration: 3 };
    rig.cycler.channel(1).load({ nodes: [node(1, 1, step, children)] }, rig.done);
    rig.clock.advance(0);
    rig.peer(0).say('@1 ack');
    rig.clock.advance(0);
    expect(rig.peer(0).heard.at(-1)).toMatch(
      new RegExp(
        ' id=1 n=1 mode=cv v_nv=-1800000000 t_us=3960000000 qstep_nc=7 imin_pa=56500000 ' +
          'rec=10000000,0,0,100000,60000000 on=imin:2,t:3$',
      ),
    );
  });

  it('asks for a status, a clock, reporting, a lease waived and a fault cleared', () => {
    const rig = gvn1RigUp([
      '> @1 stat ch=1',
      '< @1 ack ch=1 state=fault run=01JA boot=1 t_us=7203000 job=- node=0 step=0 ended=3 n=772 oldest=410 ' +
        'q_nc=-4068000000 lease_us=-1 fault=vhard cell=off rxbad=0',
      '> @2 clock',
      '< @2 ack t_us=7203000',
      '> @3 live ch=1 p_us=200000',
      '< @3 ack',
      '> @4 lease ch=1 token=bench1 t_us=-1 policy=off',
      '< @4 ack',
      '> @5 clr ch=1 fault=vhard',
      '< @5 ack',
      '> @6 flush ch=1 p_us=50000',
      '< @6 ack',
    ]);
    const channel = rig.cycler.channel(1);
    channel.status(rig.done);
    rig.cycler.readClock(rig.done);
    channel.setReporting({ livePeriodMs: 200, flushMs: 50 }, rig.done);
    channel.renewLease('waived', rig.done);
    channel.clearFault('vhard', rig.done);
    rig.clock.advance(0);
    expect(rig.peer(0).unexpected).toEqual([]);
    const status = {
      state: 'fault',
      run: '01JA',
      timeUs: 7_203_000,
      nodeId: 0,
      stepNumber: 0,
      endedStepNumber: 3,
      nextN: 772,
      oldestN: 410,
      netChargeNc: -4_068_000_000,
      fault: 'vhard',
      isCellOn: false,
    };
    expect(rig.results).toEqual([
      { ok: true, value: status },
      { ok: true, value: { deviceUs: 7_203_000, sentMs: 0, receivedMs: 0 } },
      OK,
      OK,
      OK,
    ]);
  });

  it.each([
    ['STALE step=4 node=7', 'stale'],
    ['STEPNO ended=3', 'stale'],
    ['FAULT fault=wdg', 'fault'],
    ['NOLEASE', 'no-lease'],
    ['STATE state=free', 'refused'],
    ['JOBCRC', 'refused'],
    ['OWNER', 'refused'],
    ['RANGE key=i_pa min=-1 max=1', 'refused'],
    ['WHATEVER', 'refused'],
  ])('reports a load refused by %s as %s and commits nothing', (code, reason) => {
    const rig = gvn1RigUp();
    rig.cycler.channel(1).load(TWO_HALF_CYCLES, rig.done);
    rig.clock.advance(0);
    rig.peer(0).say(`@1 nak code=${code}`);
    rig.clock.advance(0);
    expect(rig.results).toMatchObject([{ ok: false, reason, detail: expect.stringContaining(code) }]);
    expect(rig.peer(0).heard).toHaveLength(2);
  });

  it('refuses a step out of bounds without sending anything', () => {
    const rig = gvn1RigUp();
    const ninetyOneDays = { ...PLATE, durationMaxUs: 91 * 86_400 * 1_000_000 };
    rig.cycler.channel(1).load({ nodes: [node(1, 1, ninetyOneDays)] }, rig.done);
    rig.clock.advance(0);
    expect(rig.results).toMatchObject([
      { ok: false, reason: 'refused', detail: expect.stringContaining('t_us') },
    ]);
    expect(rig.peer(0).heard).toEqual(['@0 hello v=1 token=bench1']);
  });

  it('calls an answer that lacks a field nonsense, and goes on', () => {
    const rig = gvn1RigUp(['> @1 clock', '< @1 ack', '> @2 clock', '< @2 ack t_us=5']);
    rig.cycler.readClock(rig.done);
    rig.cycler.readClock(rig.done);
    rig.clock.advance(0);
    expect(rig.results).toMatchObject([{ ok: false, reason: 'nonsense' }, { ok: true }]);
  });

  it('has no channel 0 and none above what hello says', () => {
    const rig = gvn1RigUp();
    expect(() => rig.cycler.channel(0)).toThrow('channel must be 1 to 2');
    expect(() => rig.cycler.channel(3)).toThrow('channel must be 1 to 2');
  });
});

describe('loads', () => {
  it('run one after another on a channel', () => {
    const rig = gvn1RigUp();
    const channel = rig.cycler.channel(1);
    channel.load(TWO_HALF_CYCLES, rig.done);
    channel.load({ nodes: [node(3, 3, STRIP)] }, rig.done);
    for (let seq = 1; seq <= 7; seq += 1) {
      rig.clock.advance(0);
      rig.peer(0).say(`@${seq} ack`);
    }
    rig.clock.advance(0);
    const types = rig.peer(0).heard.map((line) => line.split(' ')[1]);
    expect(types).toEqual(['hello', 'job', 'node', 'node', 'commit', 'job', 'node', 'commit']);
    expect(rig.results).toEqual([OK, OK]);
  });

  it('are given up by an off, so that none of them starts the cell after it', () => {
    const rig = gvn1RigUp();
    const channel = rig.cycler.channel(1);
    channel.load(TWO_HALF_CYCLES, rig.done);
    channel.load({ nodes: [node(3, 3, STRIP)] }, rig.done);
    channel.off(rig.done);
    rig.clock.advance(0);
    for (const seq of [1, 2]) {
      rig.peer(0).say(`@${seq} ack`);
      rig.clock.advance(0);
    }
    expect(rig.peer(0).heard.slice(1)).toEqual([expect.stringMatching(/^@1 job /), '@2 off ch=1']);
    expect(rig.results).toMatchObject([{ reason: 'stale' }, { reason: 'stale' }, OK]);
  });

  it('are decided by the answer when the commit is on its way before the off', () => {
    const rig = gvn1RigUp();
    const channel = rig.cycler.channel(1);
    channel.load({ nodes: [node(1, 1, PLATE)] }, rig.done);
    for (const seq of [1, 2]) {
      rig.clock.advance(0);
      rig.peer(0).say(`@${seq} ack`);
    }
    rig.clock.advance(0);
    channel.off(rig.done);
    for (const seq of [3, 4]) {
      rig.peer(0).say(`@${seq} ack`);
      rig.clock.advance(0);
    }
    expect(rig.peer(0).heard.slice(3)).toEqual([expect.stringMatching(/^@3 commit /), '@4 off ch=1']);
    expect(rig.results).toEqual([OK, OK]);
  });

  it('of another channel go on through an off', () => {
    const rig = gvn1RigUp();
    rig.cycler.channel(2).load({ nodes: [node(1, 1, PLATE)] }, rig.done);
    rig.cycler.channel(1).off(rig.done);
    for (const seq of [1, 2, 3, 4]) {
      rig.clock.advance(0);
      rig.peer(0).say(`@${seq} ack`);
    }
    rig.clock.advance(0);
    const types = rig.peer(0).heard.map((line) => line.split(' ')[1]);
    expect(types).toEqual(['hello', 'job', 'off', 'node', 'commit']);
    expect(rig.results).toEqual([OK, OK]);
  });
});

describe('reports', () => {
  it('reach the channel in device order, replayed ones marked', () => {
    const rig = gvn1RigUp();
    const peer = rig.peer(0);
    peer.say('@7 s 1 410 3 7201000,-49454000,-1130000000,-1130,1;7210000,-49460000,-1130000000,-11300,2');
    peer.say(
      '@8 e 1 n=3 id=6 why=qnet t0_us=7200000 t_us=3607200000 q0_nc=0 q_nc=-4068000000 v_nv=-49454000 ' +
        'i_pa=-1130000000 last=771 next=7',
    );
    peer.say('@9 l 1 n=4 t_us=1 v_nv=2 i_pa=3 q_nc=4');
    peer.say('@10 f 1 fault=wdg n=0 t_us=5');
    peer.say('@11 r 1 5 1 1,2,3,4,15');
    rig.clock.advance(0);
    expect(rig.reports).toEqual([
      {
        type: 'samples',
        firstN: 410,
        stepNumber: 3,
        timeUs: [7_201_000, 7_210_000],
        voltageNv: [-49_454_000, -49_460_000],
        currentPa: [-1_130_000_000, -1_130_000_000],
        netChargeNc: [-1130, -11_300],
        flags: [1, 2],
        isReplay: false,
      },
      {
        type: 'stepEnded',
        stepNumber: 3,
        nodeId: 6,
        reason: 'net-charge',
        startUs: 7_200_000,
        endUs: 3_607_200_000,
        startNetChargeNc: 0,
        endNetChargeNc: -4_068_000_000,
        voltageNv: -49_454_000,
        currentPa: -1_130_000_000,
        lastN: 771,
        nextNodeId: 7,
        isReplay: false,
      },
      { type: 'live', stepNumber: 4, timeUs: 1, voltageNv: 2, currentPa: 3, netChargeNc: 4 },
      { type: 'fault', fault: 'wdg', stepNumber: 0, timeUs: 5 },
      expect.objectContaining({ type: 'samples', firstN: 5, isReplay: true }),
    ]);
    expect(rig.cycler.counters).toEqual({ linesDropped: 0, framesLost: 0, retries: 0 });
  });

  it('are dropped and counted when they make no sense', () => {
    const rig = gvn1RigUp();
    const nonsense = [
      's 1 410 3 5,1,1,1,0;5,1,1,1,0',
      's 1 410 3 5,1,1,1,0;6,1,1,1,1',
      's 1 410 3 5,1,1,1,2;6,1,1,1,0',
      's 1 410 3 5,1,1,1',
      's 1 410 3',
      's 0 410 3 5,1,1,1,0',
      's 1 410 3 5,01,1,1,0',
      's 1 410 3 5,-0,1,1,0',
      's 1 410 3 5,1,1,1,0;',
      's 3 410 3 5,1,1,1,0',
      'e 1 n=3 id=6 why=boredom t0_us=1 t_us=2 q0_nc=0 q_nc=0 v_nv=0 i_pa=0 last=1 next=0',
      'e 1 n=3 id=6 why=t t0_us=2 t_us=1 q0_nc=0 q_nc=0 v_nv=0 i_pa=0 last=1 next=0',
      'l 1 n=4 t_us=1 v_nv=2 i_pa=3',
      'f 1 fault=- n=0 t_us=5',
      'z 1',
    ];
    nonsense.forEach((body, index) => rig.peer(0).say(`@${index} ${body}`));
    rig.clock.advance(0);
    expect(rig.reports).toEqual([]);
    expect(rig.cycler.counters.linesDropped).toBe(nonsense.length);
  });

  it('are dropped before the device is identified', () => {
    const early = '< @7 s 1 410 3 7201000,-49454000,-1130000000,-1130,1';
    const rig = gvn1Rig({ scripts: [[GREETING[0] ?? '', early, GREETING[1] ?? '']] });
    rig.cycler.start();
    rig.clock.advance(0);
    expect(rig.links).toMatchObject([{ type: 'up' }]);
    expect(rig.reports).toEqual([]);
  });

  it('keep a jump of sample numbers as it is, and count the frames lost on the line', () => {
    const rig = gvn1RigUp();
    rig.peer(0).say('@7 s 1 410 3 1,1,1,1,0');
    rig.peer(0).sayRaw('@8 s 1 411 3 2,1,1,1,0*00000000\n');
    rig.peer(0).say('@9 s 1 412 3 3,1,1,1,0');
    rig.clock.advance(0);
    expect(rig.reports).toMatchObject([{ firstN: 410 }, { firstN: 412 }]);
    expect(rig.cycler.counters).toEqual({ linesDropped: 1, framesLost: 1, retries: 0 });
  });

  it('come to the daemon with every reason a step can end for', () => {
    const reasons = Object.values(END_REASONS).toSorted();
    const all: EndReason[] = [...PROGRAM_END_REASONS, 'off', 'stop-byte', 'lease', 'fault'];
    expect(reasons).toEqual(all.toSorted());
    expect(PROGRAM_END_WORDS.map(([reason]) => reason)).toEqual(PROGRAM_END_REASONS);
    for (const [reason, word] of PROGRAM_END_WORDS) expect(END_REASONS[word]).toBe(reason);
  });
});
