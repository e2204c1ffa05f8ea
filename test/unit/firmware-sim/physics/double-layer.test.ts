// Goal: the closed form of double-layer charging solves its differential equation. Method: published figures
// for two transients, a Runge-Kutta integration with tiny steps, and identities for very large values.
import { describe, expect, test } from 'vitest';
import { thermalSlopeV } from '../../../../firmware-sim/cell/physics/constants.ts';
import { relaxationRatePerS, relaxedDeviation } from '../../../../firmware-sim/cell/physics/double-layer.ts';

const SLOPE_V = thermalSlopeV(298.15);

interface Transient {
  readonly density: number;
  readonly exchange: number;
  readonly startReduced: number;
  readonly seconds: number;
  readonly capacitanceF?: number;
}

function closedFormMv(transient: Transient): number {
  const { density, exchange, startReduced, seconds, capacitanceF = 40e-6 } = transient;
  const steady = Math.asinh(density / (2 * exchange));
  const rate = relaxationRatePerS({ density, exchange, doubleLayerFPerCm2: capacitanceF, slopeV: SLOPE_V });
  return 1000 * SLOPE_V * (steady + relaxedDeviation(startReduced - steady, steady, seconds * rate));
}

/** Classical Runge-Kutta of C b du/dt = j - 2 j0 sinh u. */
function integratedMv(transient: Transient): number {
  const { density, exchange, startReduced, seconds, capacitanceF = 40e-6 } = transient;
  const slope = (u: number): number => (density - 2 * exchange * Math.sinh(u)) / (capacitanceF * SLOPE_V);
  const steps = 200_000;
  const dt = seconds / steps;
  let u = startReduced;
  for (let n = 0; n < steps; n += 1) {
    const a = slope(u);
    const b = slope(u + (dt / 2) * a);
    const c = slope(u + (dt / 2) * b);
    const d = slope(u + dt * c);
    u += (dt / 6) * (a + 2 * b + 2 * c + d);
  }
  return 1000 * SLOPE_V * u;
}

describe('double layer', () => {
  test('charges from rest at j = j0: 2.3822, 15.9163, 24.6094 mV after 0.1, 1, 5 ms, then 24.7271', () => {
    const at = (seconds: number): number =>
      closedFormMv({ density: 1e-3, exchange: 1e-3, startReduced: 0, seconds });
    expect(at(1e-4)).toBeCloseTo(2.3822, 4);
    expect(at(1e-3)).toBeCloseTo(15.9163, 4);
    expect(at(5e-3)).toBeCloseTo(24.6094, 4);
    expect(at(1e9)).toBeCloseTo(24.7271, 4);
  });

  test('decays at open circuit from u = 3: 119.271, 36.6325, 0.717228 mV after 0.1, 1, 5 ms', () => {
    const at = (seconds: number): number =>
      closedFormMv({ density: 0, exchange: 1e-3, startReduced: 3, seconds });
    expect(at(1e-4)).toBeCloseTo(119.271, 3);
    expect(at(1e-3)).toBeCloseTo(36.6325, 4);
    expect(at(5e-3)).toBeCloseTo(0.717228, 6);
  });

  test('small deviations relax with 0.9192 ms at j = j0 and 138 ms at -50 C', () => {
    const at = { density: 1e-3, exchange: 1e-3, doubleLayerFPerCm2: 40e-6 };
    expect(1000 / relaxationRatePerS({ ...at, slopeV: SLOPE_V })).toBeCloseTo(0.9192, 4);
    const coldRate = relaxationRatePerS({
      ...at,
      density: 0,
      exchange: 5.557e-6,
      slopeV: thermalSlopeV(223.15),
    });
    expect(1000 / coldRate).toBeCloseTo(138, 0);
    expect(Math.log(1e-6 / relaxedDeviation(1e-6, 1, 0.5))).toBeCloseTo(0.5, 5);
  });

  const transients: readonly Transient[] = [
    { density: 1e-3, exchange: 1e-3, startReduced: 0, seconds: 1e-3 },
    { density: 1e-2, exchange: 1e-4, startReduced: -4, seconds: 1e-3 },
    { density: -2e-3, exchange: 3e-3, startReduced: 3, seconds: 2e-4 },
    { density: 0, exchange: 1e-4, startReduced: 5, seconds: 5e-3 },
    { density: 2e-2, exchange: 1e-5, startReduced: 8.5, seconds: 2e-3 },
    { density: 1e-3, exchange: 1e-3, startReduced: 2, seconds: 0.3, capacitanceF: 1e-2 },
  ];

  test.each(transients)('agrees with an integration in tiny steps to 1e-6 mV: %o', (transient) => {
    expect(Math.abs(closedFormMv(transient) - integratedMv(transient))).toBeLessThan(1e-6);
  });

  test('two half transients make a whole one', () => {
    for (const steady of [-20, -1, 0, 0.3, 40]) {
      for (const deviation of [-60, -1e-12, 1e-200, 2, 35]) {
        const halved = relaxedDeviation(relaxedDeviation(deviation, steady, 0.7), steady, 0.7);
        expect(halved / relaxedDeviation(deviation, steady, 1.4)).toBeCloseTo(1, 12);
      }
    }
  });

  test('leaves all of the deviation at the start, nothing at the end, and is never NaN', () => {
    for (const steady of [-700, 0, 3, 700]) {
      for (const deviation of [-700, -1e-300, 0, 1, 700]) {
        expect(relaxedDeviation(deviation, steady, 0)).toBeCloseTo(deviation, 9);
        expect(Math.abs(relaxedDeviation(deviation, steady, 745))).toBeLessThan(1e-9);
        expect(relaxedDeviation(deviation, steady, 1e-3)).not.toBeNaN();
      }
    }
  });
});
