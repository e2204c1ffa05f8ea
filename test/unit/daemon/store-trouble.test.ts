// Goal: a disk that takes nothing loses nothing for a while, starts nothing new, and after half a minute
// opens the cell.
// Method: the store answers STORE_FULL for a time, or is slow; frames on the wire and rows of the file tell.

import { describe, expect, it } from 'vitest';
import { DISK_FULL } from '../../support/faulty-store.ts';
import { QUICK, type Rig, rig } from '../../support/rig.ts';
import { expectContiguous, expectedTurns, isCellOpen, turnsOf } from '../../support/run-checks.ts';

const LONG = { ...QUICK, areal_capacity: '1 mAh/cm2', cycles: 1 };

function sentBetween(run: Rig, fromMs: number, toMs: number): string[] {
  return run.happenings.flatMap((entry) =>
    entry.type === 'sent' && entry.atMs > fromMs && entry.atMs <= toMs
      ? [entry.frame.replace(/^@\d+ /, '').split(' ')[0] ?? '']
      : [],
  );
}

/** The store refuses everything for this long, from `phaseMs` into the third half-cycle. */
function full(
  phaseMs: number,
  lengthMs: number,
  parameters: Readonly<Record<string, unknown>> = QUICK,
): { run: Rig; fromMs: number; toMs: number } {
  const run = rig({ parameters });
  if (parameters === QUICK) run.runToHalfCycle(2, phaseMs);
  else run.clock.advance(10_000 + phaseMs);
  const fromMs = run.clock.nowMs();
  run.store.fault = DISK_FULL;
  run.clock.advance(lengthMs);
  run.store.fault = null;
  return { run, fromMs, toMs: run.clock.nowMs() };
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

describe('a store that is full for more than thirty seconds', () => {
  it('has the cell opened and the run held, with the disk as its reason', () => {
    const { run, fromMs } = full(0, 35_000, LONG);
    expect(run.state).toBe('holding');
    expect(run.channel.reason).toMatch(/nothing could be stored for 30 s: .*no space left/);
    expect(isCellOpen(run.cellLog)).toBe(true);
    const off = run.happenings.findLast((entry) => entry.type === 'cell');
    const afterMs = (off?.atMs ?? 0) - fromMs;
    expect(afterMs).toBeGreaterThan(29_000);
    expect(afterMs).toBeLessThan(33_000);
  });

  it('is given everything that happened meanwhile once it recovers', () => {
    const { run } = full(0, 35_000, LONG);
    run.clock.advance(5000);
    const { steps, samples } = expectContiguous(run.reader());
    expect(run.told.storedSeq).toBe(run.told.live.length);
    expect(samples.seq).toHaveLength(run.told.live.length);
    expect(steps.at(-1)?.reason).toBe('off');
    expect(run.reader().state()).toMatchObject({ state: 'holding' });
    run.channel.stop('enough');
    run.runToEnd(10_000);
    expect(run.reader().isSealed()).toBe(true);
  });

  it('holds a resting cell too: nothing is going to be started that cannot be written down', () => {
    const { run } = full(0, 120_000, { ...QUICK, wetting: '1 h' });
    expect(run.state).toBe('holding');
    expect(isCellOpen(run.cellLog)).toBe(true);
  });
});

describe('a store that is slow', () => {
  it.each([50, 400, 1500])('by %d ms for each commit delays loads, and nothing else', (delayMs) => {
    const run = rig({ storeDelayMs: delayMs });
    run.runToEnd(300_000);
    expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(QUICK.cycles));
    expect(run.reader().gaps()).toEqual([]);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
  });
});
