// Goal: the zinc cell obeys its kinetics. Method: the published figures of electrochem 4.11 (checks 2 to 5),
// a fine numerical integration of the differential equation, and identities that the closed form must keep
// for large values.
import { describe, expect, test } from 'vitest';
import { createCellModel } from '../../../firmware-sim/cell/library/cell-library.ts';
import { SYMMETRIC_ZINC_DEFAULTS, SymmetricZinc } from '../../../firmware-sim/cell/symmetric-zinc.ts';

const SLOPE_V = (2 * 8.314462618 * 298.15) / 96_485.33212;
const bare = (changes: Partial<typeof SYMMETRIC_ZINC_DEFAULTS> = {}): SymmetricZinc =>
  new SymmetricZinc({ ...SYMMETRIC_ZINC_DEFAULTS, areaCm2: 1, resistanceOhmCm2: 0, ...changes });
const steadyMv = (cell: SymmetricZinc, currentA: number): number => cell.steadyVoltageV(currentA) * 1000;

/**
 * Classical Runge-Kutta of C b du/dt = j - 2 j0 sinh u; the reference that the closed form is held against.
 */
function integratedMv(options: { j: number; j0: number; u0: number; seconds: number }): number {
  const { j, j0, u0, seconds } = options;
  const slope = (u: number): number => (j - 2 * j0 * Math.sinh(u)) / (40e-6 * SLOPE_V);
  const steps = 200_000;
  const dt = seconds / steps;
  let u = u0;
  for (let k = 0; k < steps; k += 1) {
    const a = slope(u);
    const b = slope(u + (dt / 2) * a);
    const c = slope(u + (dt / 2) * b);
    const d = slope(u + dt * c);
    u += (dt / 6) * (a + 2 * b + 2 * c + d);
  }
  return u * SLOPE_V * 1000;
}

describe('steady kinetics', () => {
  test('two electrodes without resistance show 49.454, 169.29 and 237.65 mV at 1, 5 and 10 j0', () => {
    expect(steadyMv(bare(), 1e-3)).toBeCloseTo(49.454, 3);
    expect(steadyMv(bare(), 5e-3)).toBeCloseTo(169.29, 2);
    expect(steadyMv(bare(), 10e-3)).toBeCloseTo(237.65, 2);
  });

  test('the Tafel slope is 118.319 mV a decade and electrode', () => {
    const perElectrodeMv = (steadyMv(bare(), 100) - steadyMv(bare(), 10)) / 2;
    expect(perElectrodeMv).toBeCloseTo(118.319, 3);
  });

  test('the resistance at low current is RT/(F j0) for each electrode, plus the ohmic one', () => {
    const expected = (2 * (SLOPE_V / 2)) / 1e-3;
    expect(bare().steadyVoltageV(1e-9) / 1e-9).toBeCloseTo(expected, 6);
    expect(bare({ resistanceOhmCm2: 2 }).steadyVoltageV(1e-9) / 1e-9).toBeCloseTo(expected + 2, 6);
  });

  test('area scales the current', () => {
    const cell = createCellModel('bare-zn');
    expect(cell?.steadyVoltageV(1.13e-3)).toBeCloseTo(0.049454 + 0.002, 6);
  });

  test('the current at a voltage is the inverse of the voltage at a current', () => {
    for (const currentA of [-5e-3, -1e-6, 1e-9, 2e-3, 0.5]) {
      const cell = bare({ resistanceOhmCm2: 2 });
      const back = cell.currentAtVoltageA(cell.steadyVoltageV(currentA));
      expect(Math.abs(back / currentA - 1)).toBeLessThan(1e-12);
    }
  });
});

describe('double layer', () => {
  test('charges from rest at j = j0: 2.3822, 15.9163, 24.6094 mV after 0.1, 1, 5 ms, then 24.7271', () => {
    const cell = bare();
    cell.switchTo(0, 1e-3);
    expect(cell.overpotentialV(1e-4) * 1000).toBeCloseTo(2.3822, 4);
    expect(cell.overpotentialV(1e-3) * 1000).toBeCloseTo(15.9163, 4);
    expect(cell.overpotentialV(5e-3) * 1000).toBeCloseTo(24.6094, 4);
    expect(cell.overpotentialV(1e9) * 1000).toBeCloseTo(24.7271, 4);
  });

  test('relaxes with C b / sqrt(j2 + 4 j02) = 0.9192 ms for small deviations', () => {
    const cell = bare();
    cell.switchTo(0, 1e-3);
    cell.switchTo(1, 1.000001e-3);
    const end = cell.overpotentialV(1);
    const ratio = (end - cell.overpotentialV(1e-3)) / (end - cell.overpotentialV(0));
    expect(-1e-3 / Math.log(ratio)).toBeCloseTo(0.9192e-3, 7);
  });

  test('decays at open circuit from u = 3: 119.271, 36.6325, 0.717228 mV after 0.1, 1, 5 ms', () => {
    const cell = bare();
    cell.switchTo(0, 2e-3 * Math.sinh(3));
    cell.switchTo(10, 0);
    expect(cell.overpotentialV(1e-4) * 1000).toBeCloseTo(119.271, 3);
    expect(cell.overpotentialV(1e-3) * 1000).toBeCloseTo(36.6325, 4);
    expect(cell.overpotentialV(5e-3) * 1000).toBeCloseTo(0.717228, 6);
  });

  test.each([
    [1e-3, 0],
    [-5e-3, 3],
    [0, -4],
    [20e-3, -3.7],
  ])('agrees with a fine integration within 1e-6 mV for j = %d from u = %d', (j, u0) => {
    const cell = bare();
    cell.switchTo(0, 2e-3 * Math.sinh(u0));
    cell.switchTo(10, j);
    for (const seconds of [1e-5, 1e-4, 1e-3, 3e-3]) {
      const expectedMv = integratedMv({ j, j0: 1e-3, u0, seconds });
      expect(Math.abs(cell.overpotentialV(seconds) * 1000 - expectedMv)).toBeLessThan(1e-6);
    }
  });

  test('reversing a current a billion times j0 stays finite, monotone and starts where it was', () => {
    const cell = bare({ exchangeCurrentAPerCm2: 1e-12 });
    cell.switchTo(0, 1e-3);
    cell.switchTo(1e12, -1e-3);
    const startV = SLOPE_V * Math.asinh(1e-3 / 2e-12);
    expect(cell.overpotentialV(0)).toBeCloseTo(startV, 9);
    let beforeV = Number.POSITIVE_INFINITY;
    for (let seconds = 1e-9; seconds < 10; seconds *= 1.3) {
      const nowV = cell.overpotentialV(seconds);
      expect(nowV).toBeLessThanOrEqual(beforeV);
      beforeV = nowV;
    }
    expect(cell.overpotentialV(10)).toBeCloseTo(-startV, 9);
    // Between the plateaus the layer is a plain capacitor, dV/dt = j / C, after a first b ln 2 that the
    // vanishing
    // faradaic current, at the start as large as the new one, adds to it.
    const capacitorV = startV - (1e-3 / 40e-6) * 0.03 - SLOPE_V * Math.LN2;
    expect(cell.overpotentialV(0.03)).toBeCloseTo(capacitorV, 6);
  });

  test('a segment cut in two is the same as one whole', () => {
    const whole = bare();
    whole.switchTo(0, 3e-3);
    const cut = bare();
    cut.switchTo(0, 3e-3);
    cut.switchTo(0.4e-3, 3e-3);
    expect(cut.overpotentialV(0.5e-3)).toBeCloseTo(whole.overpotentialV(0.9e-3), 14);
  });
});

test('the hidden charge is current times time to 1e-12 over a million segments', () => {
  const cell = bare();
  for (let k = 0; k < 1_000_000; k += 1) cell.switchTo(0.37, k % 2 === 0 ? 1.1e-3 : -1.3e-3);
  const { plateChargeC, stripChargeC } = cell.truth(0.37);
  expect(Math.abs(stripChargeC / (500_000 * 0.37 * 1.1e-3) - 1)).toBeLessThan(1e-11);
  expect(Math.abs(plateChargeC / (500_000 * 0.37 * 1.3e-3) - 1)).toBeLessThan(1e-11);
});
