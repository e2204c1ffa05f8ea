// Goal: hydrogen evolution has the size that gas measurements on zinc show. Method: published ranges at the
// edges of the driving force, and the Tafel slope.
import { describe, expect, test } from 'vitest';
import { hydrogenCurrentAPerCm2, hydrogenVsZincV } from '../../../../firmware-sim/cell/physics/hydrogen.ts';

const ZINC = { exchangeAPerCm2: 1e-10, slopeVPerDecade: 0.12, pH: 4.2, overpotentialV: 0 };
/** The pH at which hydrogen is driven by this many volts on zinc at rest. */
const pHOf = (drivingV: number): number => (0.762 - drivingV) / 0.059;

describe('hydrogen evolution', () => {
  test('zinc at pH 4.2 drives hydrogen with 0.514 V', () => {
    expect(hydrogenVsZincV(4.2)).toBeCloseTo(0.514, 3);
  });

  test('0.45 to 0.55 V of driving force make 0.6 to 3.8 uA/cm2, tenfold with a tenfold j_0H', () => {
    const microamps = (drivingV: number, exchangeAPerCm2 = 1e-10): number =>
      1e6 * hydrogenCurrentAPerCm2({ ...ZINC, exchangeAPerCm2, pH: pHOf(drivingV) });
    expect(microamps(0.45)).toBeCloseTo(0.6, 1);
    expect(microamps(0.55)).toBeCloseTo(3.8, 1);
    expect(microamps(0.45, 1e-9)).toBeCloseTo(6, 0);
    expect(microamps(0.55, 1e-9)).toBeCloseTo(38, 0);
  });

  test('one Tafel slope of plating overpotential makes it tenfold, whatever its sign', () => {
    const atRest = hydrogenCurrentAPerCm2(ZINC);
    expect(hydrogenCurrentAPerCm2({ ...ZINC, overpotentialV: 0.12 }) / atRest).toBeCloseTo(10, 9);
    expect(hydrogenCurrentAPerCm2({ ...ZINC, overpotentialV: -0.12 }) / atRest).toBeCloseTo(10, 9);
  });

  test('a zinc potential 120 mV further down makes it tenfold', () => {
    const further = hydrogenCurrentAPerCm2({ ...ZINC, zincPotentialV: -0.882 });
    expect(further / hydrogenCurrentAPerCm2(ZINC)).toBeCloseTo(10, 9);
  });
});
