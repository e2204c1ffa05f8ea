// Goal: the MethodSCRIPT driver meets an instrument with the cell off, runs plans as scripts, and makes of
// their output what the daemon asked for. Method: transcripts of lines out and in, in virtual time.

import { describe, expect, it } from 'vitest';
import { METHODSCRIPT } from '../../../src/device/drivers/methodscript.ts';
import {
  CC_LINE,
  CELL_OFF,
  CM_LINE,
  GREETING,
  IDLE,
  introduction,
  methodscriptRig,
  methodscriptRigUp,
  readingLine,
} from '../../support/methodscript-peer.ts';
import {
  CURRENT_PA as I,
  CYCLE,
  END,
  endsOf,
  faultsOf,
  isCellOn,
  loop,
  OK,
  running,
  saidSince,
  say,
  seconds,
  SETUP,
  timed,
  timesOf,
} from '../../support/methodscript-run.ts';
import { node, REST } from '../../support/trees.ts';

describe('the greeting', () => {
  it('stops what runs, opens the cell, and asks who it is', () => {
    const rig = methodscriptRigUp();
    expect(rig.peer(0).left).toEqual([]);
    expect(rig.peer(0).unexpected).toEqual([]);
    expect(rig.links).toMatchObject([
      {
        type: 'up',
        identity: {
          dialect: 'methodscript',
          deviceId: 'ES4HR21A0042',
          model: 'EmStat4 HR',
          firmware: '1100 (Jan 28 2022 11:04:43), MethodSCRIPT 01.09.00',
        },
        capabilities: {
          channels: 1,
          modes: ['rest', 'cc', 'cv', 'sweep', 'eis'],
          limits: { voltage: 'device', charge: 'device', shortFloor: 'device' },
          recordRules: 'host',
          recordBursts: { by: 'host', everyMinUs: 10_000 },
          deadMan: 'step-bound',
          voltageSpanNv: 6_000_000_000,
          timeScale: 1,
        },
      },
    ]);
    expect(isCellOn(rig)).toBe(false);
  });

  it('waits for the end of a script that was running, whatever that says until then', () => {
    const rig = methodscriptRig({
      scripts: [
        ['> Z', '< Pba8000001n', '> ', '> Z', '< Z', '< Pba8000001n', '< Z', '< *', '< '].concat(
          ['< Z!0006', ...CELL_OFF],
          introduction(),
        ),
      ],
    });
    rig.cycler.start();
    rig.clock.advance(2000);
    expect(rig.peer(0).left).toEqual([]);
    expect(rig.links).toMatchObject([{ type: 'up' }]);
  });

  it('asks again to stop where cell_off finds a script still running', () => {
    const refused = ['> e', '> cell_off', '> ', '< e!0006'];
    const script = [...IDLE, ...refused, '> Z', '< Z', '< *', '< ', ...CELL_OFF, ...introduction()];
    const rig = methodscriptRig({ scripts: [script] });
    rig.cycler.start();
    rig.clock.advance(3000);
    expect(rig.peer(0).left).toEqual([]);
    expect(rig.links).toMatchObject([{ type: 'up' }]);
  });

  it('says nothing within 150 ms of an error', () => {
    const rig = methodscriptRig({ scripts: [['> Z', '< Z!0006']] });
    rig.cycler.start();
    rig.clock.advance(149);
    expect(rig.peer(0).heard).toEqual(['Z']);
    rig.clock.advance(1);
    expect(rig.peer(0).heard).toEqual(['Z', '', 'Z']);
    rig.peer(0).say('', 'Z!0006');
    rig.clock.advance(199);
    expect(rig.peer(0).heard).toEqual(['Z', '', 'Z']);
    rig.clock.advance(1);
    expect(rig.peer(0).heard).toEqual(['Z', '', 'Z', 'e', 'cell_off', '']);
  });

  const NO_GALVANOSTAT = `CM${'0'.repeat(47)}7FFFFFFFFFFBFFFFE`;
  it.each([
    ['an EmStat Pico', { firmware: 'tespico1201#Nov 11 2019 10:00:00' }, /Pico has no galvanostat/],
    ['a Sensit', { firmware: 'tsenswb1201#Nov 11 2021 10:00:00' }, /Sensit Wearable has no galvanostat/],
    ['a boot loader', { firmware: 'tespbl_0101#Nov 11 2021 10:00:00' }, /bootloader/],
    ['a model of the future', { firmware: 'tes5_hr0100#Nov 11 2029 10:00:00' }, /es5_hr is not known/],
    ['a licence without galvanostat', { cm: NO_GALVANOSTAT }, /lacks meas_loop_cp, set_i; update it/],
    ['no abort', { cc: `CC${'0'.repeat(56)}00000002` }, /lacks Z/],
  ])('refuses %s in one line, the cell open', (_name, found, detail) => {
    const rig = methodscriptRig({ scripts: [[...IDLE, ...CELL_OFF, ...introduction(found)]] });
    rig.cycler.start();
    rig.clock.advance(1000);
    expect(rig.links).toMatchObject([
      { type: 'lost', reason: 'nonsense', detail: expect.stringMatching(detail) as string },
    ]);
    expect(rig.peer(0).isClosed).toBe(true);
    rig.clock.runUntil(() => rig.connections() === 2);
    expect(rig.clock.nowMs()).toBeGreaterThanOrEqual(30_000);
  });

  it('gives up where nobody answers, and where somebody else does', () => {
    const silent = methodscriptRig();
    silent.cycler.start();
    silent.clock.advance(10_000);
    expect(silent.links).toMatchObject([{ type: 'lost', reason: 'timeout' }]);
    const foreign = methodscriptRig({ scripts: [['> Z', '< KEITHLEY INSTRUMENTS INC.,MODEL 2400']] });
    foreign.cycler.start();
    foreign.clock.advance(10_000);
    expect(foreign.links).toMatchObject([{ type: 'lost', reason: 'nonsense' }]);
    expect(foreign.cycler.counters.linesDropped).toBe(1);
  });

  it('is not disturbed by flow control characters, nor by lines cut anywhere', () => {
    const rig = methodscriptRig({ scripts: [['> Z', '< Z!0006', '> ', '> Z']] });
    rig.cycler.start();
    rig.clock.advance(200);
    for (const piece of ['\u0011Z!0', '\u0013006', '\n']) {
      rig.peer(0).sayRaw(piece);
      rig.clock.advance(0);
    }
    rig.peer(0).follow([...CELL_OFF, ...introduction()]);
    rig.clock.advance(500);
    expect(rig.links).toMatchObject([{ type: 'up' }]);
  });

  it('marks a simulated instrument', () => {
    const script = [...IDLE, ...CELL_OFF, ...introduction()].map((line) =>
      line.startsWith('< iES4') ? '< iES4LRSIM0001' : line.replace('es4_hr', 'es4_lr'),
    );
    const rig = methodscriptRig({ scripts: [script] });
    rig.cycler.start();
    rig.clock.advance(1000);
    expect(rig.links).toMatchObject([
      { identity: { model: 'EmStat4 LR-sim' }, capabilities: { voltageSpanNv: 3_000_000_000 } },
    ]);
  });
});

describe('a plan', () => {
  it('that runs to its end reports both steps, the second from the very end of the first', () => {
    const rig = running();
    expect(isCellOn(rig)).toBe(true);
    say(rig, 'Ts1 begins', ...loop('000A', readingLine(100_400, -47_000_000, -I)));
    say(rig, 'M000A');
    rig.clock.advance(3000);
    say(rig, readingLine(1_100_400, -48_000_000, -I), readingLine(2_100_400, -49_000_000, -I), '*');
    say(rig, ...loop('000A', readingLine(3_000_300, -49_500_000, -I)), ...timed('s1 ends', 3_000_400));
    say(rig, 'Ts2 begins', ...loop('000A', readingLine(100_500, 47_000_000, I)));
    expect(endsOf(rig)).toEqual([[1, 'duration', 3_000_400]]);
    rig.clock.advance(3000);
    say(rig, ...loop('000A', readingLine(1_100_500, 48_000_000, I), readingLine(2_100_500, 48_000_000, I)));
    say(rig, ...loop('000A', readingLine(3_000_200, 48_000_000, I)), ...timed('s2 ends', 3_000_600));
    expect(endsOf(rig)).toHaveLength(1);
    expect(isCellOn(rig)).toBe(true);
    rig.peer(0).follow(CELL_OFF);
    say(rig, ...END);
    expect(endsOf(rig)).toEqual([
      [1, 'duration', 3_000_400],
      [2, 'duration', 3_000_600],
    ]);
    expect(isCellOn(rig)).toBe(false);
    const [first, second] = rig.reports.filter((report) => report.type === 'stepEnded');
    expect([first?.endNetChargeNc, second?.endNetChargeNc]).toEqual([-3_390_452, 226]);
    expect(second?.startUs).toBe(first?.endUs);
    const times = timesOf(rig);
    expect(times.map((timeUs) => timeUs - (times[0] ?? 0))).toEqual([
      ...[0, 1_000_000, 2_000_000, 2_899_900],
      ...[3_000_500, 4_000_500, 5_000_500, 5_900_200],
    ]);
  });

  it.each([
    ['voltage-max', 'voltage-max'],
    ['voltage-min', 'voltage-min'],
    ['short-floor', 'short-floor'],
  ])('that meets %s ends there, when the cell is known to be open', (word, reason) => {
    const rig = running();
    say(rig, 'Ts1 begins', 'M000A', readingLine(100_000, -600_000_000, -I), `Ts1 ${word}`, '*');
    say(rig, ...timed('s1 ends', 100_700));
    expect(endsOf(rig)).toEqual([]);
    rig.peer(0).follow(CELL_OFF);
    say(rig, ...END);
    expect(endsOf(rig)).toEqual([[1, reason, 100_700]]);
    expect(faultsOf(rig)).toEqual([]);
    expect(isCellOn(rig)).toBe(false);
  });

  it('that meets a hard limit ends as a fault of that name', () => {
    const rig = running();
    say(rig, 'Ts1 begins', 'M000A', readingLine(100_000, 2_100_000_000, -I), 'Ts1 vhard', '*');
    say(rig, ...timed('s1 ends', 100_700), ...END);
    expect(endsOf(rig)).toEqual([[1, 'fault', 100_700]]);
    expect(faultsOf(rig)).toEqual(['vhard']);
  });

  it('of more than 24 h adds up what the timer showed each time', () => {
    const day = 86_400_000_000;
    const rig = running({ nodes: [node(1, 1, seconds(REST, 200_000))] });
    say(rig, 'Ts1 begins', 'M000B', readingLine(100_000, 3_000_000), '*');
    rig.clock.advance(1000);
    say(rig, readingLine(day, 3_000_000), ...timed('s1 goes on', day + 100_000));
    say(rig, readingLine(1_000_000, 3_000_000), ...timed('s1 goes on', day));
    rig.peer(0).follow(CELL_OFF);
    say(rig, readingLine(1_000_000, 3_000_000), ...timed('s1 ends', 27_200_000_000), ...END);
    expect(endsOf(rig)).toEqual([[1, 'duration', 200_000_100_000]]);
    const times = timesOf(rig);
    expect(times.map((timeUs) => timeUs - (times[0] ?? 0))).toEqual([
      ...[0, day - 100_000, day + 1_000_000, 2 * day + 1_000_000],
    ]);
  });

  it('that is refused has moved nothing, and the pause after the error is kept', () => {
    const rig = methodscriptRigUp();
    const channel = rig.cycler.channel(1);
    channel.open(SETUP, rig.done);
    channel.renewLease('waived', rig.done);
    channel.load(CYCLE, rig.done);
    rig.clock.advance(0);
    say(rig, 'e!4005: Line 90, Col 1');
    expect(rig.results[2]).toEqual({
      ok: false,
      reason: 'refused',
      detail: 'the script was refused: !4005 script too large (Line 90, Col 1)',
    });
    expect(isCellOn(rig)).toBe(false);
    const from = rig.peer(0).heard.length;
    rig.peer(0).follow(CELL_OFF);
    channel.off(rig.done);
    rig.clock.advance(149);
    expect(saidSince(rig, from)).toEqual([]);
    rig.clock.advance(1);
    expect(rig.results.at(-1)).toEqual(OK);
  });

  it('drops what makes no sense, counts it, and makes nothing of it', () => {
    const rig = running();
    say(rig, 'Ts1 begins', 'M000A', 'Peb8000001u;ab     nan;ba8000001n', 'Pxx');
    say(rig, 'Peb8000001u', 'Teverything is fine', 'Pab8000001u;ba8000001u', readingLine(-5, 0, -I));
    say(rig, 'Peb8000001u;ab8000001u;ba8000001u;ba8000001u');
    expect(rig.cycler.counters.linesDropped).toBe(7);
    expect(rig.reports).toEqual([]);
  });

  it('connects anew where the beginning of a step got lost: nobody would judge its current', () => {
    const reading = running();
    say(reading, 'M000A', readingLine(100_000, 0, -I));
    expect(reading.links.at(-1)).toMatchObject({ type: 'lost' });
    const ended = running();
    say(ended, 'Ts1 ends', 'Peb8000001u');
    expect(ended.links.at(-1)).toMatchObject({ type: 'lost' });
  });
});

describe('flags of a sample', () => {
  it('are the status bits of the instrument, above those of the engine', () => {
    const rig = running();
    const overloaded = readingLine(100_000, 1_000_000, -I).replace(',10,218', ',1A,218');
    say(rig, 'Ts1 begins', 'M000A', overloaded);
    const flags = rig.reports.flatMap((report) => (report.type === 'samples' ? [...report.flags] : []));
    expect(flags.map((each) => each & 0xf0)).toEqual([0xa0]);
  });
});

describe('a held voltage', () => {
  it('is read as it was set, with the current that was measured', () => {
    const rig = running({
      nodes: [node(1, 1, { ...seconds(REST, 3), mode: { kind: 'cv', voltageNv: 1e8 } })],
    });
    expect(rig.peer(0).heard).toContain('meas_loop_ca e i 100m 100m 100m');
    say(rig, 'Ts1 begins', ...loop('0007', readingLine(100_000, 100_000_000, I).replace(';ab', ';da')));
    expect(rig.reports).toMatchObject([{ type: 'samples', voltageNv: [100_000_000], currentPa: [I] }]);
  });
});

describe('the probe', () => {
  const { probe } = METHODSCRIPT;
  const heard = 'tes4_hr1100#Jan 28 2022 11:04:43\nR*\niES4HR21A0042\n';

  it('tells model and serial number once all was heard', () => {
    expect(probe?.parse(heard)).toEqual({ model: 'EmStat4 HR', serial: 'ES4HR21A0042', firmware: '1100' });
    for (let cut = 0; cut < heard.length; cut += 1) expect(probe?.parse(heard.slice(0, cut))).toBeNull();
    expect(probe?.parse('KEITHLEY INSTRUMENTS INC.,MODEL 2400,1,C32\n')).toBeNull();
  });

  it('asks without an empty line, which would start a script that was half sent', () => {
    expect(probe?.ask).toBe('t\ni\n');
  });

  it('shares its first answers with the greeting', () => {
    expect(GREETING).toContain(`< ${CC_LINE}`);
    expect(GREETING).toContain(`< ${CM_LINE}`);
  });
});
