// Goal: a device that ran ahead of a frozen host through preloaded edges is followed by step number: no
// half-cycle is repeated, none skipped, no sample lost or doubled (issue 2, Must show 8).
// Method: freeze the daemon as SIGSTOP does, at many moments, for one edge, two, and longer than what was
// preloaded.

import { describe, expect, it } from 'vitest';
import { type Rig, type RigOptions, rig } from '../../support/rig.ts';
import { expectContiguous, expectedTurns, isCellOpen, turnsOf } from '../../support/run-checks.ts';

/** Half-cycles of 0.72 s; two seconds of look-ahead hold three of them behind the running one. */
const BRISK = {
  current_density: '10 mA/cm2',
  areal_capacity: '0.002 mAh/cm2',
  wetting: '0 s',
  conditioning_cycles: 0,
  cycles: 6,
  record_interval: '20 ms',
} as const;
const HALF_MS = 720;
const CHARGE_NC = 8_136_000;
const TICK_NC = 11_300;
const PHASES_MS = [0, 90, 180, 270, 360, 450, 540, 630, 690];
/** Longer by this than a half-cycle, whose real length differs by the errors of source and clock. */
const MARGIN_MS = 20;

function halfCyclesOfDevice(run: Rig): number {
  return run.cellLog.filter(({ cell, step }) => cell === 'on' && step > 3).length;
}

/** Freezes the host `phaseMs` into the third half-cycle, then lets the run end. */
function paused(phaseMs: number, pauseMs: number, options: RigOptions = {}): { run: Rig; ahead: number } {
  const run = rig({ parameters: BRISK, ...options });
  run.runToHalfCycle(2, phaseMs);
  const before = halfCyclesOfDevice(run);
  const heard = run.told.halfCycles.length;
  run.pauseHost();
  run.clock.advance(pauseMs);
  const ahead = halfCyclesOfDevice(run) - before;
  expect(run.told.halfCycles, 'a frozen host hears nothing').toHaveLength(heard);
  run.resumeHost();
  run.runToEnd(60_000);
  return { run, ahead };
}

function expectWhole(run: Rig): void {
  const record = expectContiguous(run.reader());
  expect(turnsOf(record)).toEqual(expectedTurns(BRISK.cycles));
  expect(run.reader().gaps()).toEqual([]);
  expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
  expect(isCellOpen(run.cellLog)).toBe(true);
  for (const { chargeNc } of record.halfCycles)
    expect(Math.abs(chargeNc - CHARGE_NC)).toBeLessThanOrEqual(TICK_NC);
  // What the cell saw: each half-cycle once, in turn.
  const driven = run.cellLog
    .filter(({ cell, step }) => cell === 'on' && step > 3)
    .map(({ step, i_pa }) => [step, Math.sign(i_pa)]);
  expect(driven).toEqual(
    record.halfCycles.map(({ stepNumber, half }) => [stepNumber, half === 'plate' ? -1 : 1]),
  );
}

describe('a host that was frozen', () => {
  it.each(PHASES_MS)(
    '%d ms into a half-cycle, while the device crossed one preloaded edge, follows it',
    (phaseMs) => {
      const { run, ahead } = paused(phaseMs, HALF_MS + MARGIN_MS);
      expect(ahead).toBe(1);
      expectWhole(run);
    },
  );

  it.each(PHASES_MS)(
    '%d ms into a half-cycle, while the device crossed two preloaded edges, follows it',
    (phaseMs) => {
      const { run, ahead } = paused(phaseMs, 2 * HALF_MS + MARGIN_MS);
      expect(ahead).toBe(2);
      expectWhole(run);
    },
  );

  it('leaves no gap in time where the device went on by itself', () => {
    const { run } = paused(360, 2 * HALF_MS);
    const { steps } = expectContiguous(run.reader());
    const cycling = steps.filter(({ phase }) => phase === 'cycling');
    for (const [index, step] of cycling.entries())
      if (index > 0) expect(step.startUs).toBe(cycling[index - 1]?.endUs);
  });

  it.each([0, 360, 700])(
    '%d ms into a half-cycle, for longer than was preloaded, loads what comes next after a rest',
    (phaseMs) => {
      const { run } = paused(phaseMs, 3300);
      expectWhole(run);
      const offs = run.cellLog.filter(({ cell, why }) => cell === 'off' && why === 'end');
      expect(offs.length, 'the device rested with the cell open').toBeGreaterThan(1);
    },
  );

  it('twice, is followed twice', () => {
    const run = rig({ parameters: BRISK });
    for (const count of [2, 6]) {
      run.runToHalfCycle(count, 100);
      run.pauseHost();
      run.clock.advance(1500);
      run.resumeHost();
    }
    run.runToEnd(60_000);
    expectWhole(run);
  });

  it('for longer than its lease, finds the cell opened by the dead-man, and holds', () => {
    const run = rig({ parameters: { ...BRISK, areal_capacity: '0.1 mAh/cm2' } });
    run.runToHalfCycle(1, 1000);
    run.pauseHost();
    run.clock.advance(8000);
    expect(run.cellLog.at(-1)).toMatchObject({ cell: 'off', why: 'lease' });
    run.resumeHost();
    run.clock.advance(5000);
    expect(run.state).toBe('holding');
    expect(run.channel.reason).toMatch(/dead-man/);
    expectContiguous(run.reader());
    expect(run.told.gaps).toEqual([]);
  });
});
