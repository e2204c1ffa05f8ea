// Goal: what is left of a cut step never asks for more than the whole step, and together with what was
// executed is exactly it. Method: examples of each kind of limit, and properties over random cuts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfCyclePlan, halfCycleStep, restStep } from '../../../src/steps/half-cycle.ts';
import { endOfWhole, NOTHING_EXECUTED, remainderOf } from '../../../src/steps/remainder.ts';
import { NO_LIMITS, type Step } from '../../../src/steps/step.ts';

const PLAN = halfCyclePlan({ density: 1e9, arealCharge: 3.6e9, areaUcm2: 1_000_000 });
const KNOWN = { chargeNc: 0, isKnownToDevice: true };

function halfCycle(end: Parameters<typeof halfCycleStep>[0]['end']): Step {
  return halfCycleStep({
    plan: PLAN,
    phase: 'cycling',
    cycle: 3,
    half: 'strip',
    completesCycle: true,
    end,
    voltageMaxNv: 5e8,
    voltageMinNv: -5e8,
    voltageDebounceUs: 1_000_000,
    recordEveryUs: 0,
    recordVoltageDeltaNv: 0,
  });
}

describe('the remainder of a step', () => {
  it('of which nothing was executed is the step itself', () => {
    const step = halfCycle({ by: 'step-charge' });
    expect(remainderOf(step, NOTHING_EXECUTED, KNOWN)).toBe(step);
  });

  it('has the charge and the time taken off that were had', () => {
    const step = halfCycle({ by: 'step-charge' });
    const left = remainderOf(step, { chargeNc: 1e9, elapsedUs: 1_000_000_000 }, KNOWN);
    expect(left.limits.stepChargeNc).toBe(PLAN.chargeNc - 1e9);
    expect(left.durationMaxUs).toBe(step.durationMaxUs - 1_000_000_000);
    expect(left.allowsLookAhead).toBe(false);
  });

  it('keeps a target of the net counter, which is absolute', () => {
    const step = halfCycle({ by: 'net-charge', netChargeNc: -77 });
    const left = remainderOf(step, { chargeNc: 5, elapsedUs: 5 }, KNOWN);
    expect(left.limits.netChargeNc).toBe(-77);
    expect(left.limits.stepChargeNc).toBe(null);
  });

  it('turns a guard by the step before into a charge, of all parts of that step', () => {
    const step = halfCycle({ by: 'cut-off', guardPpm: 1_200_000 });
    const left = remainderOf(
      step,
      { chargeNc: 100, elapsedUs: 5 },
      { chargeNc: 1000, isKnownToDevice: true },
    );
    expect(left.limits).toMatchObject({ stepChargeNc: 1100, lastStepChargePpm: null });
    expect(endOfWhole(step, 'step-charge')).toBe('last-step-charge');
    expect(endOfWhole(halfCycle({ by: 'step-charge' }), 'step-charge')).toBe('step-charge');
  });

  it('does so for a whole step, too, where the device knows only a part of the one before', () => {
    const step = halfCycle({ by: 'cut-off', guardPpm: 1_200_000 });
    const last = { chargeNc: 1000, isKnownToDevice: false };
    expect(remainderOf(step, NOTHING_EXECUTED, last).limits.stepChargeNc).toBe(1200);
  });

  it('has of its burst what was not over yet, and none where it was', () => {
    const whole = halfCycle({ by: 'step-charge' });
    const burst = { everyUs: 100_000, forUs: 60_000_000 };
    const step = { ...whole, record: { ...whole.record, burst } };
    const after = (elapsedUs: number): unknown => remainderOf(step, { chargeNc: 5, elapsedUs }, KNOWN).record;
    expect(after(20_000_000)).toEqual({ ...whole.record, burst: { everyUs: 100_000, forUs: 40_000_000 } });
    expect(after(60_000_000)).toEqual(whole.record);
    expect(after(61_000_000)).not.toHaveProperty('burst');
  });

  it('of a held voltage keeps the voltage and the smallest current, and has the charge that is left', () => {
    const held: Step = {
      ...halfCycle({ by: 'step-charge' }),
      half: null,
      mode: { kind: 'cv', voltageNv: 1_800_000_000 },
      limits: { ...NO_LIMITS, stepChargeNc: 1000, currentMinPa: 56_500_000 },
    };
    const left = remainderOf(held, { chargeNc: 400, elapsedUs: 1_000_000 }, KNOWN);
    expect(left.mode).toEqual(held.mode);
    expect(left.limits).toEqual({ ...held.limits, stepChargeNc: 600 });
    expect(left.durationMaxUs).toBe(held.durationMaxUs - 1_000_000);
    expect(endOfWhole(held, 'current-min')).toBe('current-min');
  });

  it('of a rest is the time that is left', () => {
    const rest = restStep({
      programStep: 'wetting',
      phase: 'wetting',
      durationUs: 6e9,
      recordEveryUs: 1e7,
    });
    expect(remainderOf(rest, { chargeNc: 0, elapsedUs: 2e9 }, KNOWN).durationMaxUs).toBe(4e9);
  });

  it('is bounded by the whole, and never empty, wherever it was cut', () => {
    const ends = fc.constantFrom(
      halfCycle({ by: 'step-charge' }),
      halfCycle({ by: 'time' }),
      halfCycle({ by: 'net-charge', netChargeNc: 0 }),
      halfCycle({ by: 'cut-off', guardPpm: 1_200_000 }),
    );
    fc.assert(
      fc.property(ends, fc.nat(8e9), fc.nat(9e9), fc.nat(4e9), (step, chargeNc, elapsedUs, lastNc) => {
        const last = { chargeNc: lastNc, isKnownToDevice: false };
        const left = remainderOf(step, { chargeNc, elapsedUs }, last);
        expect(left.durationMaxUs).toBeGreaterThan(0);
        expect(left.durationMaxUs).toBeLessThanOrEqual(step.durationMaxUs);
        expect(left.limits.stepChargeNc ?? 1).toBeGreaterThan(0);
        const wholeNc = step.limits.stepChargeNc ?? Math.ceil(1.2 * lastNc);
        expect(left.limits.stepChargeNc ?? 0).toBeLessThanOrEqual(Math.max(1, wholeNc));
        expect(left.mode).toEqual(step.mode);
      }),
    );
  });
});
