// Goal: what a charge is planned by is learned where it holds. Method: steps of a given current and charge.

import { describe, expect, it } from 'vitest';
import { CurrentRatio } from '../../../src/device/hosted/step-records.ts';
import { StepWatch } from '../../../src/device/hosted/step-watch.ts';
import { NO_LIMITS } from '../../../src/steps/step.ts';

const SECOND_US = 1_000_000;

/** A step of 100 s at this current, of which this share was measured. */
function learned(ratio: CurrentRatio, currentPa: number, share: number, readings = 100): void {
  const durationUs = 100 * SECOND_US;
  const watch = new StepWatch({
    planned: {
      stepNumber: 1,
      step: {
        ...{ programStep: 'any', phase: 'cycling', cycle: 1, half: null, completesCycle: false },
        mode: { kind: 'cc', currentPa },
        ...{ durationMaxUs: durationUs, durationExpectedUs: durationUs, limits: NO_LIMITS },
        record: { everyUs: SECOND_US, voltageDeltaNv: null, currentDeltaPa: null },
        allowsLookAhead: false,
      },
      ...{ durationUs, timedEnd: 'duration', chargeNc: null, readingEveryUs: SECOND_US },
    },
    ...{
      startUs: 0,
      netChargeNc: 0,
      enforces: { voltageLimits: false, shortFloor: false, currentMin: false },
    },
  });
  for (let count = 1; count <= readings; count += 1)
    watch.read({ timeUs: count * SECOND_US, voltageNv: 0, currentPa, flags: 0 });
  ratio.learn(watch, { stepNc: (Math.abs(currentPa) * durationUs * share) / 1e9, durationUs });
}

describe('the current that really flows', () => {
  it('is what was set until a step has told otherwise, for each direction by itself', () => {
    const ratio = new CurrentRatio();
    learned(ratio, -1_000_000_000, 1.01);
    expect(ratio.of(-1_000_000_000)).toBeCloseTo(1.01, 9);
    expect(ratio.of(1_000_000_000)).toBe(1);
    ratio.forget();
    expect(ratio.of(-1_000_000_000)).toBe(1);
  });

  it('is not learned from the contact check, where an offset of the meter is ten times as much', () => {
    const ratio = new CurrentRatio();
    learned(ratio, -100_000_000, 1.02);
    expect(ratio.of(-1_000_000_000)).toBe(1);
    expect(ratio.of(-150_000_000)).toBeCloseTo(1.02, 9);
  });

  it('is not learned from few readings, nor from a current that is far off', () => {
    const ratio = new CurrentRatio();
    learned(ratio, 1_000_000_000, 1.01, 19);
    learned(ratio, 1_000_000_000, 0.94);
    expect(ratio.of(1_000_000_000)).toBe(1);
  });
});
