// Goal: above the driver nobody notices that a device clock wraps (GVN1.md §4.1). Method: transcripts in
// virtual time with a clock of one minute; every kind of device time, before and after it wraps.

import { describe, expect, it } from 'vitest';
import type { DeviceReport } from '../../../src/device/cycler.ts';
import { type Gvn1Rig, gvn1Rig, gvn1RigUp, HELLO_FIELDS, type RigOptions } from '../../support/gvn1-peer.ts';

const MINUTE_US = 60_000_000;
const HELLO = '> @0 hello v=1 token=bench1';

function helloAt(timeUs: number, changes: readonly (readonly [string, string])[] = []): string {
  const changed = changes.reduce((text, [found, put]) => text.replace(found, put), HELLO_FIELDS);
  return changed.replace('t_us=1200 ', `t_us=${timeUs} twrap_us=${MINUTE_US} `);
}

/** Up, at 50 s of the device clock. */
function wrapping(script: readonly string[] = [], options: RigOptions = {}): Gvn1Rig {
  const scripts = [[HELLO, `< @0 ack ${helloAt(50_000_000)}`, ...script], ...(options.scripts ?? [])];
  const rig = gvn1Rig({ keepAliveMs: null, ...options, scripts });
  rig.cycler.start();
  rig.clock.advance(0);
  return rig;
}

/** The device counts its own frames: one with the number of the frame before is a doubled line. */
const spoken = new WeakMap<Gvn1Rig, number>();

function say(rig: Gvn1Rig, ...bodies: readonly string[]): void {
  const first = spoken.get(rig) ?? 0;
  spoken.set(rig, first + bodies.length);
  bodies.forEach((body, index) => rig.peer(rig.peers.length - 1).say(`@${first + index} ${body}`));
  rig.clock.advance(0);
}

function timesOf(reports: readonly DeviceReport[]): (number | readonly number[])[] {
  return reports.map((report) => {
    if (report.type === 'stepEnded') return [report.startUs, report.endUs];
    return report.timeUs;
  });
}

const stat = (timeUs: number, n: number, oldest: number): string =>
  `ch=1 state=step run=01JA boot=2821094410 t_us=${timeUs} job=- node=1 step=1 ended=0 n=${n} ` +
  `oldest=${oldest} q_nc=0 lease_us=0 fault=- cell=on rxbad=0`;
const samples = (...timesUs: readonly number[]): string => timesUs.map((us) => `${us},0,0,0,0`).join(';');
const stepEnd = (n: number, startUs: number, endUs: number, last: number): string =>
  `1 n=${n} id=${n} why=t t0_us=${startUs} t_us=${endUs} q0_nc=0 q_nc=0 v_nv=0 i_pa=0 last=${last} next=0`;

describe('a clock that wraps', () => {
  it('goes on through samples, step ends, live reports and faults', () => {
    const rig = wrapping();
    say(
      rig,
      's 1 0 1 50001000,0,0,0,1;59999000,0,0,0,0;0,0,0,0,0;9000000,0,0,0,0',
      's 1 4 1 23000000,0,0,0,2',
      `e ${stepEnd(1, 50_000_000, 23_000_000, 4)}`,
      'l 1 n=0 t_us=45000000 v_nv=0 i_pa=0 q_nc=0',
      'f 1 fault=hw n=0 t_us=3000000',
    );
    expect(timesOf(rig.reports)).toEqual([
      [50_001_000, 59_999_000, 60_000_000, 69_000_000],
      [83_000_000],
      [50_000_000, 83_000_000],
      105_000_000,
      123_000_000,
    ]);
    expect(rig.cycler.counters.linesDropped).toBe(0);
  });

  it('goes on through the answers to clock and stat', () => {
    const rig = wrapping([
      '> @1 clock',
      '< @1 ack t_us=4000000',
      '> @2 stat ch=1',
      `< @2 ack ${stat(4e6, 0, 0)}`,
    ]);
    rig.clock.advance(14_000);
    rig.cycler.readClock(rig.done);
    rig.cycler.channel(1).status(rig.done);
    rig.clock.advance(0);
    expect(rig.results).toMatchObject([
      { ok: true, value: { deviceUs: 64_000_000 } },
      { ok: true, value: { timeUs: 64_000_000 } },
    ]);
  });

  it('is one clock for all channels', () => {
    const rig = wrapping();
    const second: DeviceReport[] = [];
    rig.cycler.channel(2).onReport((report) => second.push(report));
    say(
      rig,
      `s 1 0 1 ${samples(59_000_000, 13_000_000, 27_000_000, 40_000_000)}`,
      `s 2 0 1 ${samples(41_000_000)}`,
    );
    expect(timesOf(second)).toEqual([[101_000_000]]);
    // Held back there a little: older than what was heard last.
    say(rig, `s 1 4 1 ${samples(54_000_000, 2_000_000)}`, `s 2 1 1 ${samples(55_000_000)}`);
    expect(timesOf(second)).toEqual([[101_000_000], [115_000_000]]);
  });

  it('is asked for four times a wrap, while the link is up and no longer', () => {
    const rig = wrapping();
    for (let seq = 1; seq <= 8; seq += 1) {
      rig.clock.advance(15_000);
      rig.peer(0).say(`@${seq} ack t_us=${(50_000_000 + seq * 15_000_000) % MINUTE_US}`);
      rig.clock.advance(0);
    }
    expect(rig.peer(0).heard.slice(1)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((seq) => `@${seq} clock`));
    say(rig, `s 1 0 1 ${samples(51_000_000)}`);
    expect(timesOf(rig.reports)).toEqual([[171_000_000]]);
    rig.cycler.close();
    rig.clock.advance(600_000);
    expect(rig.peer(0).heard).toHaveLength(9);
  });

  it('is not asked for where it never wraps', () => {
    const rig = gvn1RigUp();
    rig.clock.advance(90 * 86_400_000);
    expect(rig.peer(0).heard).toEqual([HELLO.slice(2)]);
  });

  it('lets no sample wait for longer than it can be followed', () => {
    const rig = wrapping(['> @1 live ch=1 p_us=0', '< @1 ack']);
    rig.cycler.channel(1).setReporting({ livePeriodMs: 0, flushMs: 3_600_000 }, rig.done);
    rig.clock.advance(0);
    expect(rig.peer(0).heard.at(-1)).toBe('@2 flush ch=1 p_us=15000000');
  });
});

describe('a step that is longer than the wrap', () => {
  it('keeps its start, which its first sample tells', () => {
    const rig = wrapping();
    const times = Array.from({ length: 20 }, (_, index) => 50_001_000 + index * 15_000_000);
    say(rig, `s 1 0 1 50001000,0,0,0,1;${samples(...times.slice(1).map((us) => us % MINUTE_US))}`);
    say(rig, `e ${stepEnd(1, 50_000_000, (times.at(-1) ?? 0) % MINUTE_US, 19)}`);
    expect(timesOf(rig.reports)).toEqual([times, [50_000_000, 335_001_000]]);
  });
});

describe('a host that was away', () => {
  /** The cable is out for a moment; then this is said to `hello`. */
  const reconnected = (hello: string): Gvn1Rig => {
    const rig = wrapping([], { scripts: [['> @1 hello v=1 token=bench1', `< @1 ack ${hello}`]] });
    say(rig, `s 1 0 1 ${samples(55_000_000)}`);
    rig.peer(0).hangUp();
    rig.clock.runUntil(() => rig.links.length === 3);
    return rig;
  };

  it('is told by its own clock how many wraps have passed, where the boot is the same', () => {
    const rig = wrapping();
    say(rig, `s 1 0 1 ${samples(55_000_000)}`);
    rig.peer(0).hangUp();
    rig.clock.runUntil(() => rig.peers.length === 2);
    // Nothing answers for seven minutes: it is asked over and over.
    rig.clock.advance(420_000);
    const attempts = rig.peers.length;
    rig.clock.runUntil(() => rig.peers.length > attempts && rig.peers.at(-1)?.heard.length === 1);
    const peer = rig.peer(rig.peers.length - 1);
    const deviceUs = 50_000_000 + Math.round(rig.clock.nowMs() * 1000);
    const seq = peer.heard[0]?.split(' ')[0];
    peer.say(`${seq} ack ${helloAt(deviceUs % MINUTE_US)}`);
    rig.clock.advance(0);
    expect(rig.links.map(({ type }) => type)).toEqual(['up', 'lost', 'lost', 'up']);
    say(rig, `s 1 40 1 ${samples((deviceUs + 1000) % MINUTE_US)}`);
    expect(timesOf(rig.reports)).toEqual([[55_000_000], [deviceUs + 1000]]);
  });

  it('starts anew with a new boot', () => {
    const rig = reconnected(helloAt(7_000_000, [['boot=2821094410', 'boot=5']]));
    say(rig, `s 1 0 1 ${samples(8_000_000)}`);
    expect(timesOf(rig.reports)).toEqual([[55_000_000], [8_000_000]]);
  });

  it('does not believe a clock that wraps elsewhere than before in one boot', () => {
    const rig = reconnected(helloAt(7_000_000).replace('twrap_us=60000000', 'twrap_us=61000000'));
    expect(rig.links).toMatchObject([
      { type: 'up' },
      { type: 'lost', reason: 'closed' },
      { type: 'lost', reason: 'nonsense', detail: expect.stringContaining('its clock wraps elsewhere') },
    ]);
  });
});

describe('replays', () => {
  /** Samples 0 … 99 of step 1, one each 15 s from 51 s on: 25 wraps, all heard but those that are lost. */
  const trueUs = (n: number): number => 51_000_000 + n * 15_000_000;
  const wireUs = (n: number): number => trueUs(n) % MINUTE_US;

  function heardBut(lost: ReadonlySet<number>): Gvn1Rig {
    const rig = wrapping();
    for (let n = 0; n < 100; n += 1)
      if (!lost.has(n)) say(rig, `s 1 ${n} 1 ${samples(wireUs(n))}`);
      // Where samples are lost, live reports go on.
      else say(rig, `l 1 n=1 t_us=${wireUs(n)} v_nv=0 i_pa=0 q_nc=0`);
    rig.reports.length = 0;
    return rig;
  }

  it('far back are dated by the number before them', () => {
    const lost = new Set([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    const rig = heardBut(lost);
    say(rig, `r 1 10 1 ${samples(wireUs(10), wireUs(11), wireUs(12))}`, `r 1 13 1 ${samples(wireUs(13))}`);
    say(rig, `r 1 14 1 ${samples(...[14, 15, 16, 17, 18, 19].map(wireUs))}`);
    expect(timesOf(rig.reports).flat()).toEqual([...lost].map(trueUs));
  });

  it('of what was heard before give the same times again', () => {
    const rig = heardBut(new Set());
    say(rig, `r 1 0 1 ${samples(wireUs(0), wireUs(1))}`, `r 1 37 1 ${samples(wireUs(37))}`);
    expect(timesOf(rig.reports).flat()).toEqual([0, 1, 37].map(trueUs));
  });

  it('are dated from behind where the number before them is lost for good', () => {
    const rig = heardBut(new Set(Array.from({ length: 89 }, (_, index) => index + 1)));
    say(rig, `r 1 88 1 ${samples(wireUs(88), wireUs(89))}`);
    expect(timesOf(rig.reports).flat()).toEqual([88, 89].map(trueUs));
  });

  it('of step ends are dated by their last sample, or by the end before them', () => {
    const rig = heardBut(new Set());
    say(rig, `x ${stepEnd(1, wireUs(39), wireUs(40), 40)}`, `x ${stepEnd(2, wireUs(40), wireUs(42), 5000)}`);
    expect(timesOf(rig.reports)).toEqual([
      [trueUs(39), trueUs(40)],
      [trueUs(40), trueUs(42)],
    ]);
  });

  it('are dated by the end of their step where everything before and after them is lost for good', () => {
    const rig = wrapping();
    say(rig, `s 1 0 1 ${samples(51_000_000, 16_000_000)}`);
    // Step 2 ended at 100 s; the channel has been at rest for five minutes since.
    say(rig, `e ${stepEnd(2, 51_000_000, 40_000_000, 500)}`);
    for (let us = 120_000_000; us <= 400_000_000; us += 20_000_000)
      say(rig, `l 1 n=0 t_us=${us % MINUTE_US} v_nv=0 i_pa=0 q_nc=0`);
    rig.reports.length = 0;
    say(rig, `r 1 499 2 ${samples(30_000_000, 40_000_000)}`);
    expect(timesOf(rig.reports)).toEqual([[90_000_000, 100_000_000]]);
  });
});

describe('a run that is opened', () => {
  const LIMITS = { voltageMaxNv: 1, voltageMinNv: -1, currentMaxPa: 1, netChargeMaxNc: 1 };

  /** In run 01JA: step 1 from 50 s to 59 s with sample 0; then `idleMinutes` of live reports. */
  function idled(idleMinutes: number): Gvn1Rig {
    const rig = wrapping();
    open(rig, 1, '01JA');
    say(rig, 's 1 0 1 50001000,0,0,0,1', `e ${stepEnd(1, 50_000_000, 50_001_000, 0)}`);
    for (let turn = 0; turn < 3 * idleMinutes; turn += 1)
      say(rig, `l 1 n=0 t_us=${(10 + turn * 20) % 60}000000 v_nv=0 i_pa=0 q_nc=0`);
    rig.reports.length = 0;
    return rig;
  }

  function open(rig: Gvn1Rig, seq: number, run: string): void {
    rig.cycler.channel(1).open({ run, rangeIndex: 0, limits: LIMITS }, rig.done);
    rig.clock.advance(0);
    rig.peer(0).say(`@${seq} ack`);
    rig.clock.advance(0);
    expect(rig.results).toHaveLength(seq);
  }

  it('numbers its steps from one', () => {
    const rig = idled(5);
    open(rig, 2, '01JB');
    say(rig, `s 1 1 1 ${samples(55_000_000)}`, `e ${stepEnd(1, 52_000_000, 55_000_000, 1)}`);
    expect(timesOf(rig.reports)).toEqual([[355_000_000], [352_000_000, 355_000_000]]);
  });

  it('is not dated by the one before it, from which wraps may have passed', () => {
    const rig = idled(5);
    open(rig, 2, '01JB');
    // Its first sample was lost on the line.
    say(rig, `s 1 2 1 ${samples(56_000_000)}`, `r 1 1 1 ${samples(55_000_000)}`);
    expect(timesOf(rig.reports)).toEqual([[356_000_000], [355_000_000]]);
  });

  it('keeps what is known of it when it is opened once more', () => {
    const rig = idled(5);
    open(rig, 2, '01JA');
    say(rig, `r 1 0 1 ${samples(50_001_000)}`);
    expect(timesOf(rig.reports)).toEqual([[50_001_000]]);
  });
});

describe('a device whose times are impossible', () => {
  it.each([
    ['a time at the wrap', [['t_us=50000000', 't_us=60000000']]],
    ['a wrap that is no whole tick', [['twrap_us=60000000', 'twrap_us=60000500']]],
    ['a wrap below a minute', [['twrap_us=60000000', 'twrap_us=59999000']]],
    ['a wrap that is no number', [['twrap_us=60000000', 'twrap_us=-']]],
  ] as const)('is refused for %s in hello', (_what, changes) => {
    const hello = changes.reduce((text, [found, put]) => text.replace(found, put), helloAt(50_000_000));
    const rig = gvn1Rig({ scripts: [[HELLO, `< @0 ack ${hello}`]] });
    rig.cycler.start();
    rig.clock.advance(0);
    expect(rig.links).toMatchObject([{ type: 'lost', reason: 'nonsense' }]);
  });

  it('is refused where it wraps too often in real time to be followed', () => {
    const hello = helloAt(50_000_000).replace('scale=1 ', 'scale=3600 ');
    const rig = gvn1Rig({ scripts: [[HELLO, `< @0 ack ${hello}`]] });
    rig.cycler.start();
    rig.clock.advance(0);
    expect(rig.links).toMatchObject([{ type: 'lost', reason: 'nonsense' }]);
    expect(rig.links[0]).toHaveProperty('detail', expect.stringContaining('smaller scale'));
  });

  it('has its answers called nonsense', () => {
    const rig = wrapping([
      '> @1 clock',
      '< @1 ack t_us=60000000',
      '> @2 stat ch=1',
      `< @2 ack ${stat(6e7, 0, 0)}`,
    ]);
    rig.cycler.readClock(rig.done);
    rig.cycler.channel(1).status(rig.done);
    rig.clock.advance(0);
    expect(rig.results).toMatchObject([
      { ok: false, reason: 'nonsense' },
      { ok: false, reason: 'nonsense' },
    ]);
  });

  it('has its reports dropped and counted, and they move nothing', () => {
    const rig = wrapping();
    say(rig, `s 1 5 1 ${samples(51_000_000)}`, `e ${stepEnd(1, 50_000_000, 51_000_000, 5)}`);
    const nonsense = [
      `s 1 6 2 ${samples(60_000_000)}`,
      `s 1 6 2 ${samples(52_000_000, 52_000_000)}`,
      `s 1 6 2 ${samples(52_000_000, 51_999_000)}`,
      `s 1 6 2 ${samples(52_000_000, 60_000_000)}`,
      // Older than the sample before it.
      `s 1 6 2 ${samples(50_500_000)}`,
      `e ${stepEnd(2, 60_000_000, 52_000_000, 6)}`,
      `e ${stepEnd(2, 51_000_000, 60_000_000, 6)}`,
      // Before the end of the step before it.
      `e ${stepEnd(2, 50_000_000, 50_500_000, 6)}`,
      'l 1 n=1 t_us=60000000 v_nv=0 i_pa=0 q_nc=0',
      'f 1 fault=hw n=0 t_us=60000000',
    ];
    say(rig, ...nonsense);
    expect(rig.cycler.counters.linesDropped).toBe(nonsense.length);
    rig.reports.length = 0;
    say(rig, `s 1 6 2 ${samples(52_000_000)}`);
    expect(timesOf(rig.reports)).toEqual([[52_000_000]]);
  });
});
