// Goal: what is measured between cycles leaves the record of the cycles as it is, and a daemon that dies in
// its middle is followed by one that goes on there. Method: whole runs of symmetric cycling with a rest and a
// pulse behind every second cycle, in virtual time; the record read again.
import { describe, expect, it } from 'vitest';
import { symmetricCycling } from '../../../protocols/symmetric-cycling.ts';
import { createTreeProgram } from '../../../src/language/tree-program.ts';
import type { Protocol } from '../../../src/steps/protocol.ts';
import { expectedTurns, expectContiguous, turnsOf } from '../../support/run-checks.ts';
import { rest, stepItem, treeOf } from '../../support/resolved-trees.ts';
import { QUICK, QUICK_CHARGE_NC, rig } from '../../support/rig.ts';
import { stepOfMode } from '../../support/step-sequence.ts';

const PULSE = {
  ...stepOfMode('pulse', { kind: 'cc', currentPa: 5e9 }, 1_000_000),
  phase: 'diagnostic',
} as const;
const DIAGNOSTICS = createTreeProgram(
  treeOf(rest('relax', { durationUs: 2_000_000 }), stepItem('pulse', PULSE)),
  { id: 'diagnostics' },
);

const DIAGNOSED: Protocol = {
  ...symmetricCycling,
  prepare: (given, cell) => {
    const result = symmetricCycling.prepare(given, cell);
    if (!result.ok) return result;
    const diagnostics = { everyCycles: 2, program: DIAGNOSTICS };
    return { ...result, prepared: { ...result.prepared, diagnostics } };
  },
};

function expectDiagnosed(record: ReturnType<typeof expectContiguous>): void {
  expect(turnsOf(record)).toEqual(expectedTurns(QUICK.cycles));
  const pulses = record.steps.filter(({ programStep }) => programStep === 'pulse');
  expect(pulses.map(({ cycle, phase, half }) => [cycle, phase, half])).toEqual([[2, 'diagnostic', null]]);
}

describe('diagnostics between cycles', () => {
  it('are steps of the cycle they follow, and no half-cycles; targets take their charge back', () => {
    const run = rig({ protocol: DIAGNOSED });
    run.runToEnd(120_000);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    const record = expectContiguous(run.reader());
    expectDiagnosed(record);
    // 5 mA for 1 s came between strip 2 and plate 3, which ends at the same net charge as ever.
    const extra = record.halfCycles.map(({ chargeNc }) => Math.round((chargeNc - QUICK_CHARGE_NC) / 100_000));
    expect(extra.map((nc) => nc + 0)).toEqual([0, 0, 0, 0, 50, 0, 0, 0]);
  });

  // Pre-flight takes some 12 s, two cycles 14.4 s, then come 3 s of diagnostics.
  it.each(Array.from({ length: 10 }, (_, index) => 20_000 + index * 600))(
    'go on where they were when the daemon is killed after %d ms',
    (afterMs) => {
      const run = rig({ protocol: DIAGNOSED, onOutage: { continue_within_ms: 600_000 } });
      run.clock.advance(afterMs);
      run.kill();
      run.clock.advance(1000);
      run.restart();
      run.runToEnd(120_000);
      expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
      expectDiagnosed(expectContiguous(run.reader()));
    },
  );

  it('give back what they plated, also where that was skipped, and what gives it back is not skipped', () => {
    const run = rig({ parameters: { ...QUICK, diagnostics: 'probe', diagnostics_every: 2 } });
    const skip = (): string => {
      run.clock.advance(500);
      const result = run.channel.orders.give({ order: 'skip', reason: '' });
      return result.ok ? result.told : result.message;
    };
    run.runUntil('probe', () => run.told.states.at(-1)?.reason === 'probe-plating-0-2x', 60_000);
    expect(skip()).toBe('skips probe-plating-0-2x of cycle 2');
    expect(skip()).toMatch(/gives back what the measurement has plated/);
    run.runToEnd(120_000);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    const { halfCycles, steps } = expectContiguous(run.reader());
    const probed = steps.filter(({ phase }) => phase === 'diagnostic');
    const [before, after] = [probed[0]?.startNetChargeNc ?? 0, probed.at(-1)?.endNetChargeNc ?? 0];
    expect(Math.abs(after - before)).toBeLessThan(QUICK_CHARGE_NC / 200);
    for (const { chargeNc } of halfCycles)
      expect(Math.abs(chargeNc - QUICK_CHARGE_NC)).toBeLessThan(QUICK_CHARGE_NC / 100);
  });

  it.each(['probe-plating-0-2x', 'probe-rest-0-2x', 'probe-rest-3x', 'cycling-stripping'])(
    'are left off from the next cycle on where that was ordered in %s',
    (place) => {
      const run = rig({ parameters: { ...QUICK, diagnostics: 'probe', diagnostics_every: 1 } });
      run.runUntil(place, () => run.told.states.at(-1)?.reason === place, 60_000);
      run.clock.advance(300);
      const parameters = { diagnostics: 'none' };
      const result = run.channel.orders.give({ order: 'set', reason: '', parameters });
      expect(result).toMatchObject({ ok: true });
      run.runToEnd(120_000);
      expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
      const record = expectContiguous(run.reader());
      expect(turnsOf(record)).toEqual(expectedTurns(QUICK.cycles));
      const cycles = record.steps.filter(({ phase }) => phase === 'diagnostic').map(({ cycle }) => cycle);
      expect(Math.max(0, ...cycles)).toBeLessThanOrEqual(1);
    },
  );

  it('are part of what a run is restored by: others than those it began with are refused', () => {
    const run = rig({ protocol: DIAGNOSED });
    run.clock.advance(20_000);
    expect(run.reader().meta()['protocol']).not.toEqual(rig().reader().meta()['protocol']);
  });
});
