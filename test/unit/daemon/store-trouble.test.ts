// Goal: a disk that takes nothing loses nothing for a while, starts nothing new, and opens the cell in
// time: after half a minute where it fails, after ten where it is full, or before memory is.
// Method: the store answers STORE_FULL or I/O errors for a time, or is slow; frames on the wire and rows of
// the file tell.

import { describe, expect, it } from 'vitest';
import { DISK_BROKEN, DISK_FULL, type StoreFault } from '../../support/faulty-store.ts';
import { QUICK, type Rig, rig } from '../../support/rig.ts';
import { expectContiguous, expectedTurns, isCellOpen, turnsOf } from '../../support/run-checks.ts';

/** Half-cycles of half an hour. */
const LONG = { ...QUICK, areal_capacity: '5 mAh/cm2', cycles: 1, record_interval: '1 s' };
const MINUTE_MS = 60_000;

function sentBetween(run: Rig, fromMs: number, toMs: number): string[] {
  return run.happenings.flatMap((entry) =>
    entry.type === 'sent' && entry.atMs > fromMs && entry.atMs <= toMs
      ? [entry.frame.replace(/^@\d+ /, '').split(' ')[0] ?? '']
      : [],
  );
}

/** The store refuses everything for this long, from `phaseMs` into the third half-cycle. */
function full(phaseMs: number, lengthMs: number): { run: Rig; fromMs: number; toMs: number } {
  const run = rig();
  run.runToHalfCycle(2, phaseMs);
  return { run, ...refusing(run, DISK_FULL, lengthMs) };
}

/** The same, ten seconds into half-cycles of half an hour. */
function longRun(
  fault: StoreFault,
  lengthMs: number,
  parameters: Readonly<Record<string, unknown>> = LONG,
): { run: Rig; fromMs: number; toMs: number } {
  const run = rig({ parameters });
  run.clock.advance(10_000);
  return { run, ...refusing(run, fault, lengthMs) };
}

function refusing(run: Rig, fault: StoreFault, lengthMs: number): { fromMs: number; toMs: number } {
  const fromMs = run.clock.nowMs();
  run.store.fault = fault;
  run.clock.advance(lengthMs);
  run.store.fault = null;
  return { fromMs, toMs: run.clock.nowMs() };
}

/** When the relay opened for the last time, after this instant. */
function openedAfterMs(run: Rig, fromMs: number): number {
  const off = run.happenings.findLast((entry) => entry.type === 'cell');
  return (off?.atMs ?? 0) - fromMs;
}

/** After the disk is back: all that was ever measured, once, in order. */
function expectAllStored(run: Rig): void {
  run.clock.advance(5000);
  const { samples } = expectContiguous(run.reader());
  expect(samples.seq.length).toBeGreaterThanOrEqual(run.told.storedSeq);
  expect(run.told.live.length - samples.seq.length).toBeLessThan(20);
  expect(run.reader().gaps()).toEqual([]);
}

describe('a store that is full for five seconds', () => {
  it.each([0, 500, 1800, 3000, 3590])(
    'from %d ms into a half-cycle loses nothing once it recovers',
    (phaseMs) => {
      const { run } = full(phaseMs, 5000);
      run.runToEnd(120_000);
      expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(QUICK.cycles));
      expect(run.reader().gaps()).toEqual([]);
      expect(run.told.storedSeq).toBe(run.told.live.length);
      expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    },
  );

  it.each([0, 500, 1800, 3000])('from %d ms on has no new load sent while it is', (phaseMs) => {
    const { run, fromMs, toMs } = full(phaseMs + 200, 5000);
    const types = sentBetween(run, fromMs, toMs);
    expect(types).not.toContain('commit');
    expect(types).not.toContain('job');
    expect(types).toContain('lease');
  });

  it('is told to the operator once, with its code', () => {
    const { run } = full(500, 5000);
    expect(run.told.alarms).toMatchObject([
      { code: 'STORE_FULL', message: expect.stringMatching(/no space left/) },
    ]);
  });

  it('lets the device go on through what was preloaded', () => {
    const { run } = full(1800, 3000);
    run.runToHalfCycle(4);
    const { steps } = expectContiguous(run.reader());
    const cycling = steps.filter(({ phase }) => phase === 'cycling');
    for (const [index, step] of cycling.entries())
      if (index > 0) expect(step.startUs).toBe(cycling[index - 1]?.endUs);
  });
});

describe('a store that is full for minutes', () => {
  it('does not end the step that runs: the disk is emptied by people, and memory has room', () => {
    const { run } = longRun(DISK_FULL, 9 * MINUTE_MS);
    expect(run.state).toBe('running');
    expect(isCellOpen(run.cellLog)).toBe(false);
    expectAllStored(run);
    const late = run
      .reader()
      .events(0, 1000)
      .filter(({ kind }) => kind === 'store-trouble');
    expect(late).toMatchObject([{ detail: { code: 'STORE_FULL' } }]);
  });

  it('has the cell opened and the run held after ten, with the disk as its reason', () => {
    const { run, fromMs } = longRun(DISK_FULL, 11 * MINUTE_MS);
    expect(run.state).toBe('holding');
    expect(run.channel.reason).toMatch(/nothing could be stored for 60\d s: .*no space left/);
    expect(isCellOpen(run.cellLog)).toBe(true);
    expect(openedAfterMs(run, fromMs)).toBeGreaterThan(10 * MINUTE_MS - 1000);
    expect(openedAfterMs(run, fromMs)).toBeLessThan(10 * MINUTE_MS + 3000);
  });

  it('has the run held earlier where samples come fast, long before memory is full', () => {
    const fast = { ...LONG, record_interval: '50 ms' };
    const { run, fromMs } = longRun(DISK_FULL, 9 * MINUTE_MS, fast);
    expect(run.state).toBe('holding');
    expect(run.channel.reason).toMatch(/60\d\d samples wait/);
    expect(openedAfterMs(run, fromMs) / MINUTE_MS).toBeCloseTo(5, 1);
    expectAllStored(run);
  });

  it('is given everything that happened meanwhile once it recovers, and the run can be ended', () => {
    const { run } = longRun(DISK_FULL, 11 * MINUTE_MS);
    expectAllStored(run);
    const { steps } = expectContiguous(run.reader());
    expect(steps.at(-1)?.reason).toBe('off');
    expect(run.reader().state()).toMatchObject({ state: 'holding' });
    run.channel.stop('enough');
    run.runToEnd(10_000);
    expect(run.reader().isSealed()).toBe(true);
  });

  it('holds a resting cell too: nothing is going to be started that cannot be written down', () => {
    const { run } = longRun(DISK_FULL, 11 * MINUTE_MS, { ...QUICK, wetting: '1 h' });
    expect(run.state).toBe('holding');
    expect(isCellOpen(run.cellLog)).toBe(true);
  });
});

describe('a store that fails', () => {
  it('for half a minute, in one call or in many, is not noticed by the cell', () => {
    const { run, fromMs, toMs } = longRun(DISK_BROKEN, 30_000);
    const leases = sentBetween(run, fromMs, toMs).filter((type) => type === 'lease');
    expect(run.state).toBe('running');
    expect(leases.length).toBeGreaterThanOrEqual(5);
    expectAllStored(run);
  });

  it('for longer has the cell opened and the run held', () => {
    const { run, fromMs } = longRun(DISK_BROKEN, 40_000);
    expect(run.state).toBe('holding');
    expect(run.channel.reason).toMatch(/nothing could be stored for 3\d s: .*disk I\/O error/);
    expect(openedAfterMs(run, fromMs)).toBeGreaterThan(30_000);
    expect(openedAfterMs(run, fromMs)).toBeLessThan(34_000);
    expectAllStored(run);
  });

  it('for good, by contradicting itself, fails its run at once and seals what there is', () => {
    const run = rig({ parameters: LONG });
    run.clock.advance(10_000);
    const detail = 'internal error: seq must go on with 9, found 12';
    const failing = run.store.calls + 1;
    run.store.faultAt = (call) =>
      call === failing ? { ok: false, code: 'STORE_FAILED', detail, isFinal: true } : null;
    run.runToEnd(20_000);
    expect(run.told.closed).toEqual({ problem: null });
    expect(run.reader().state()).toMatchObject({ state: 'failed', verdict: 'fault', reason: detail });
    expect(run.reader().isSealed()).toBe(true);
    expect(isCellOpen(run.cellLog)).toBe(true);
  });
});

describe.each([DISK_FULL, DISK_BROKEN])('the n-th commit of a run answered with $code', (fault) => {
  const parameters = { ...QUICK, cycles: 1 };
  const commits = 40;

  it('once, for every n, changes nothing in the record', { timeout: 120_000 }, () => {
    let calls = 0;
    for (let n = 1; n <= commits; n += 1) {
      const run = rig({ parameters });
      run.store.faultAt = (call) => (call === n ? fault : null);
      run.runToEnd(120_000);
      expect(turnsOf(expectContiguous(run.reader())), `commit ${n}`).toEqual(expectedTurns(1));
      expect(run.reader().gaps()).toEqual([]);
      expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
      calls = Math.max(calls, run.store.calls);
    }
    expect(calls, 'every commit was the n-th once').toBeLessThanOrEqual(commits + 1);
    expect(calls).toBeGreaterThan(15);
  });

  it('and all after it for a minute, for every n, loses nothing and ends in a named state', {
    timeout: 120_000,
  }, () => {
    for (let n = 1; n <= commits; n += 1) {
      const run = rig({ parameters });
      let untilMs: number | null = null;
      run.store.faultAt = (call) => {
        if (call >= n) untilMs ??= run.clock.nowMs() + MINUTE_MS;
        return untilMs !== null && run.clock.nowMs() < untilMs ? fault : null;
      };
      run.clock.advance(5 * MINUTE_MS);
      if (run.told.closed === null) run.channel.stop('enough');
      run.runUntil('the end', () => run.told.closed !== null, MINUTE_MS);
      const { samples } = expectContiguous(run.reader());
      expect(samples.seq, `commit ${n}`).toEqual([...run.told.live]);
      expect(run.reader().isSealed()).toBe(true);
      expect(['done', 'stopped']).toContain(run.reader().state().state);
      expect(isCellOpen(run.cellLog)).toBe(true);
    }
  });
});

describe('a seal that the disk does not take', () => {
  function endedUnsealed(fault: StoreFault, forMs: number): Rig {
    const run = rig();
    run.store.sealFault = fault;
    run.runUntil('the end of the program', () => run.told.states.at(-1)?.state === 'done');
    run.clock.advance(forMs);
    return run;
  }

  it.each([
    { fault: DISK_FULL, forMs: 500 },
    { fault: DISK_FULL, forMs: 9 * MINUTE_MS },
    { fault: DISK_BROKEN, forMs: 25_000 },
  ])('for $forMs ms ($fault.code) is asked for again until it does', ({ fault, forMs }) => {
    const run = endedUnsealed(fault, forMs);
    expect(run.told.closed).toBeNull();
    expect(run.told.alarms).toMatchObject([{ code: fault.code, message: fault.detail }]);
    expect(isCellOpen(run.cellLog)).toBe(true);
    run.store.sealFault = null;
    run.runToEnd(2000);
    expect(run.told.closed).toEqual({ problem: null });
    expect(run.reader().isSealed()).toBe(true);
  });

  it.each([
    { fault: DISK_FULL, forMs: 11 * MINUTE_MS },
    { fault: DISK_BROKEN, forMs: 40_000 },
  ])(
    'for $forMs ms ($fault.code) is left to the next daemon, and the channel is free',
    ({ fault, forMs }) => {
      const run = endedUnsealed(fault, forMs);
      expect(run.told.closed?.problem).toMatch(/the file is not sealed: run\.db: /);
      expect(run.reader().isSealed()).toBe(false);
    },
  );

  it('is asked for again by the next daemon too', () => {
    const run = endedUnsealed(DISK_FULL, 0);
    run.kill();
    run.restart();
    run.store.sealFault = DISK_FULL;
    run.clock.advance(5000);
    expect(run.reader().isSealed()).toBe(false);
    run.store.sealFault = null;
    run.clock.advance(2000);
    expect(run.reader().isSealed()).toBe(true);
  });

  it('for good is not asked for again', () => {
    const run = endedUnsealed({ ...DISK_BROKEN, isFinal: true }, 500);
    expect(run.told.closed?.problem).toMatch(/not sealed/);
  });
});

describe('a store that is slow', () => {
  it('by thirty seconds for one commit is not noticed by the cell', () => {
    const run = rig({ parameters: LONG });
    run.clock.advance(10_000);
    run.store.delayMs = 30_000;
    run.clock.advance(600);
    run.store.delayMs = 0;
    run.clock.advance(35_000);
    expect(run.state).toBe('running');
    expect(isCellOpen(run.cellLog)).toBe(false);
    expectAllStored(run);
  });

  it.each([50, 400, 1500])('by %d ms for each commit delays loads, and nothing else', (delayMs) => {
    const run = rig({ storeDelayMs: delayMs });
    run.runToEnd(300_000);
    expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(QUICK.cycles));
    expect(run.reader().gaps()).toEqual([]);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
  });
});
