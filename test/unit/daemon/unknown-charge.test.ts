// Goal: after a reset a run does not give the remainder of a half-cycle again where nobody knows how much of
// it the cell has had. Method: virtual time; the host is silent while the device drives on, then the device
// forgets everything; the run holds or goes on.
import { describe, expect, it } from 'vitest';
import type { LeasePlan } from '../../../src/daemon/lease-keeper.ts';
import { expectedTurns, expectContiguous, isCellOpen, turnsOf } from '../../support/run-checks.ts';
import { QUICK, type Rig, rig } from '../../support/rig.ts';

const FINISHES_ALONE: LeasePlan = { kind: 'renewed', durationMs: 5000, policy: 'finish-step' };
const OFF: LeasePlan = { kind: 'renewed', durationMs: 5000, policy: 'off' };
/** Half-cycles of 36 s. */
const LONG = { ...QUICK, areal_capacity: '0.1 mAh/cm2', cycles: 2 };

function unheardThenReset(lease: LeasePlan, unheardMs: number): Rig {
  const run = rig({ parameters: LONG, lease, onOutage: { continue_within_ms: 600_000 } });
  run.runToHalfCycle(0, 5000);
  run.pauseHost();
  run.clock.advance(unheardMs);
  run.device.reset('power');
  run.resumeHost();
  run.clock.advance(3000);
  return run;
}

describe('a device that is reset after it was unheard of', () => {
  it('for longer than a lease that bounds nothing, holds the run and says why', () => {
    const run = unheardThenReset(FINISHES_ALONE, 20_000);
    expect(run.state).toBe('holding');
    expect(run.told.states.at(-1)?.reason).toMatch(/unheard of for .* no charge is known/);
    expect(run.told.alarms.map(({ code }) => code)).toContain('CELL_HELD');
    expect(isCellOpen(run.cellLog)).toBe(true);
  });

  it.each([
    ['also where a lease bounds it', { ...OFF, durationMs: 10_000 }, 20_000],
    ['also within a lease that bounds nothing', { ...FINISHES_ALONE, durationMs: 10_000 }, 4000],
  ] as const)('for longer than a part of its half-cycle, holds: %s', (_, lease, unheardMs) => {
    expect(unheardThenReset(lease, unheardMs).state).toBe('holding');
  });

  it.each([
    ['a shorter time than that', FINISHES_ALONE, 1000],
    ['longer than a lease that is a small part of its half-cycle', { ...OFF, durationMs: 1500 }, 20_000],
  ] as const)('for %s, goes on with the remainder', (_, lease, unheardMs) => {
    const run = unheardThenReset(lease, unheardMs);
    run.runToEnd(600_000);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(LONG.cycles));
  });
});

describe('a device that is reset after the program has ended', () => {
  it('ends the run, where its last step end was heard of and some of its samples were not', () => {
    const run = rig({ parameters: QUICK, onOutage: { continue_within_ms: 600_000 } });
    run.runToHalfCycle(2 * QUICK.cycles - 1, 2000);
    run.line.loses = (frame) => /^@\d+ [srx] /.test(frame);
    run.clock.advance(3000);
    expect(run.told.halfCycles).toHaveLength(2 * QUICK.cycles - 1);
    run.device.reset('power');
    run.line.loses = () => false;
    run.runToEnd(60_000);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    expect(run.reader().gaps().length).toBeGreaterThan(0);
    expect(run.told.halfCycles).toHaveLength(2 * QUICK.cycles);
  });
});
