// Goal: plateau, tip and end voltage of a half-cycle are what one finds with pencil and paper.
// Method: hand-computed half-cycles of a few samples, both signs, and the edges of the windows.

import { describe, expect, it } from 'vitest';
import {
  HalfCycleCollector,
  type HalfCycleFeatures,
  median,
} from '../../../src/analysis/half-cycle-features.ts';

/** `samples`: [voltage, net charge]. */
function featuresOf(options: {
  readonly currentPa: number;
  readonly startNc?: number;
  readonly samples: readonly (readonly [number, number])[];
  readonly chargeNc: number;
}): HalfCycleFeatures {
  const { currentPa, startNc = 0, samples, chargeNc } = options;
  const collector = new HalfCycleCollector({ currentPa, startNetChargeNc: startNc });
  for (const [voltageNv, netChargeNc] of samples) collector.add(voltageNv, netChargeNc);
  return collector.features(chargeNc);
}

describe('features of a half-cycle', () => {
  // Charge 0 … 100 in tens: tip window 0 … 10, plateau window 40 … 60.
  const strip = [
    [70, 0],
    [90, 10],
    [60, 20],
    [50, 40],
    [42, 50],
    [44, 60],
    [30, 80],
    [48, 100],
  ] as const;

  it('of a strip: the median of 40 to 60 %, the largest of the first tenth, the last', () => {
    expect(featuresOf({ currentPa: 5, samples: strip, chargeNc: 100 })).toEqual({
      plateauNv: 44,
      tipNv: 90,
      endNv: 48,
    });
  });

  it('of a plate read alike: polarisation is positive in both directions', () => {
    const plate = strip.map(([voltageNv, chargeNc]) => [-voltageNv, -chargeNc] as const);
    expect(featuresOf({ currentPa: -5, samples: plate, chargeNc: 100 })).toEqual({
      plateauNv: 44,
      tipNv: 90,
      endNv: 48,
    });
  });

  it('count charge from where the half-cycle began', () => {
    const shifted = strip.map(([voltageNv, chargeNc]) => [voltageNv, chargeNc - 4000] as const);
    expect(featuresOf({ currentPa: 5, startNc: -4000, samples: shifted, chargeNc: 100 })).toEqual({
      plateauNv: 44,
      tipNv: 90,
      endNv: 48,
    });
  });

  it('take the mean of the two middle samples of an even number, rounded to one', () => {
    const samples = [
      [10, 40],
      [15, 50],
      [20, 55],
      [99, 60],
    ] as const;
    // (15 + 20) / 2 = 17.5
    expect(featuresOf({ currentPa: 1, samples, chargeNc: 100 }).plateauNv).toBe(18);
  });

  it('are null where no sample lies in the window, and never guessed', () => {
    const samples = [
      [10, 11],
      [20, 39],
      [30, 61],
    ] as const;
    expect(featuresOf({ currentPa: 1, samples, chargeNc: 100 })).toEqual({
      plateauNv: null,
      tipNv: null,
      endNv: 30,
    });
    expect(featuresOf({ currentPa: 1, samples: [], chargeNc: 100 })).toEqual({
      plateauNv: null,
      tipNv: null,
      endNv: null,
    });
  });

  it('keep the sign of a voltage that goes against the current', () => {
    const samples = [
      [-5, 0],
      [-3, 50],
      [-7, 100],
    ] as const;
    expect(featuresOf({ currentPa: 1, samples, chargeNc: 100 })).toEqual({
      plateauNv: -3,
      tipNv: -5,
      endNv: -7,
    });
  });

  it('of a half-cycle cut off in its first tick are its one sample', () => {
    expect(featuresOf({ currentPa: -1, samples: [[-12, 0]], chargeNc: 0 })).toEqual({
      plateauNv: 12,
      tipNv: 12,
      endNv: 12,
    });
  });

  it('hold a half-cycle of a hundred thousand samples', () => {
    const samples = Array.from({ length: 100_000 }, (_, index) => [index % 1000, index] as const);
    const found = featuresOf({ currentPa: 1, samples, chargeNc: 100_000 });
    // 40 000 … 60 000: twenty times 0 … 999 and one 0 more.
    expect(found).toEqual({ plateauNv: 499, tipNv: 999, endNv: 999 });
  });
});

describe('the median', () => {
  it.each<[readonly number[], number | null]>([
    [[], null],
    [[3], 3],
    [[9, 1, 5], 5],
    [[10, 2, 33, 4], 7],
    [[100, 9, 80], 80],
    [[-4, -3], -3],
    [[-1, -100, -20], -20],
  ])('of %j is %j', (values, expected) => {
    expect(median(values)).toBe(expected);
    expect(median([...values].reverse())).toBe(expected);
  });

  it('does not change what it is given', () => {
    const values = Object.freeze([3, 1, 2]);
    expect(median(values)).toBe(2);
  });
});
