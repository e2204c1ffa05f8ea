// Goal: a potential sweep over the hydrogen cell gives back the kinetics it was made of, and each stair
// charges the double layer as it should. Method: a simulated sweep read as an operator reads it, and a
// Runge-Kutta integration of a stair.
import { describe, expect, test } from 'vitest';
import {
  HYDROGEN_EVOLUTION_DEFAULTS,
  HydrogenEvolutionCell,
} from '../../../../firmware-sim/cell/hydrogen-evolution-cell.ts';

const UNIT = { ...HYDROGEN_EVOLUTION_DEFAULTS, areaCm2: 1 };
const EQUILIBRIUM_V = 0.762 - 0.059 * 4.2;

interface SweepPoint {
  /** Without the ohmic drop. */
  readonly electrodeV: number;
  readonly density: number;
}

/** Stairs of 5 mV and 1 s downwards from rest; the current is read at the end of each. */
function sweep(cell: HydrogenEvolutionCell, parameters = UNIT): SweepPoint[] {
  const points: SweepPoint[] = [];
  for (let stair = 0; stair <= 230; stair += 1) {
    const voltageV = EQUILIBRIUM_V - 0.005 * stair;
    cell.switchTo(stair === 0 ? 0 : 1, { kind: 'voltage', voltageV });
    const density = cell.currentA(1) / parameters.areaCm2;
    points.push({ electrodeV: voltageV - density * parameters.resistanceOhmCm2, density });
  }
  return points;
}

/** Runge-Kutta of C b w' = (V - E_H - b w)/R - 2 j0 sinh w from `startReduced`; the current at the end. */
function integratedDensity(options: { voltageV: number; startReduced: number; seconds: number }): number {
  const scaleV = UNIT.slopeVPerDecade / Math.LN10;
  const density = (w: number): number =>
    (options.voltageV - EQUILIBRIUM_V - scaleV * w) / UNIT.resistanceOhmCm2;
  const slope = (w: number): number =>
    (density(w) - 2 * UNIT.exchangeAPerCm2 * Math.sinh(w)) / (UNIT.doubleLayerFPerCm2 * scaleV);
  const dt = options.seconds / 20_000;
  let w = options.startReduced;
  for (let n = 0; n < 20_000; n += 1) {
    const a = slope(w);
    const b = slope(w + (dt / 2) * a);
    const c = slope(w + (dt / 2) * b);
    w += (dt / 6) * (a + 2 * b + 2 * c + slope(w + dt * c));
  }
  return density(w);
}

describe('a sweep in stairs of held voltage', () => {
  test('shows the potential at -10 mA/cm2 within 1 mV, and the Tafel slope within 1 %', () => {
    const points = sweep(new HydrogenEvolutionCell(UNIT));
    const beyond = points.findIndex(({ density }) => density <= -10e-3);
    const before = points[beyond - 1];
    const after = points[beyond];
    if (before === undefined || after === undefined) throw new Error('the sweep must pass -10 mA/cm2');
    const share = Math.log(-10e-3 / before.density) / Math.log(after.density / before.density);
    const foundV = before.electrodeV + share * (after.electrodeV - before.electrodeV);
    const trueV = EQUILIBRIUM_V - 0.12 * Math.log10(10e-3 / UNIT.exchangeAPerCm2);
    expect(Math.abs(foundV - trueV)).toBeLessThan(1e-3);

    const line = points.filter(({ density }) => density < -1e-5 && density > -1e-2);
    const mean = (of: (point: SweepPoint) => number): number =>
      line.reduce((sum, point) => sum + of(point), 0) / line.length;
    const decades = (point: SweepPoint): number => Math.log10(-point.density);
    const covariance = mean((p) => decades(p) * p.electrodeV) - mean(decades) * mean((p) => p.electrodeV);
    const slopeV = -covariance / (mean((p) => decades(p) ** 2) - mean(decades) ** 2);
    expect(line.length).toBeGreaterThan(50);
    expect(Math.abs(slopeV / 0.12 - 1)).toBeLessThan(0.01);
  });

  test('the area scales the current and nothing else', () => {
    const small = sweep(new HydrogenEvolutionCell(UNIT));
    const wide = sweep(new HydrogenEvolutionCell({ ...UNIT, areaCm2: 3 }), { ...UNIT, areaCm2: 3 });
    for (const [n, point] of small.entries()) expect(wide[n]?.density).toBeCloseTo(point.density, 15);
  });

  test('a stair starts with dV/R on top of what flowed, and agrees with an integration in tiny steps', () => {
    const cell = new HydrogenEvolutionCell(UNIT);
    cell.switchTo(0, { kind: 'voltage', voltageV: -0.2 });
    const beforeA = cell.currentA(1);
    const startReduced =
      ((cell.truth(1).hidden['electrodeVsZincV'] ?? 0) - EQUILIBRIUM_V) / (0.12 / Math.LN10);
    cell.switchTo(1, { kind: 'voltage', voltageV: -0.205 });
    expect(cell.currentA(0)).toBeCloseTo(beforeA - 0.005 / 2, 12);
    for (const seconds of [2e-5, 8e-5, 2e-4, 1e-3]) {
      const reference = integratedDensity({ voltageV: -0.205, startReduced, seconds });
      expect(Math.abs(cell.currentA(seconds) / reference - 1)).toBeLessThan(2e-3);
    }
  });

  test('a stair from far away ends at the exact current too', () => {
    const cell = new HydrogenEvolutionCell(UNIT);
    cell.switchTo(0, { kind: 'voltage', voltageV: -0.3 });
    const endA = integratedDensity({ voltageV: -0.3, startReduced: 0, seconds: 0.02 });
    expect(cell.currentA(0.02)).toBeCloseTo(endA, 9);
    expect(cell.currentAtVoltageA(-0.3)).toBeCloseTo(endA, 9);
    expect(cell.voltageV(0.01)).toBe(-0.3);
  });
});

describe('a held current', () => {
  test('settles at the Tafel line plus the ohmic drop, and the inverse gives the current again', () => {
    const cell = new HydrogenEvolutionCell(UNIT);
    cell.switchTo(0, { kind: 'current', currentA: -10e-3 });
    const expectedV = EQUILIBRIUM_V - 0.12 * 6 - 0.02;
    expect(cell.voltageV(10)).toBeCloseTo(expectedV, 6);
    expect(cell.steadyVoltageV(-10e-3)).toBeCloseTo(expectedV, 6);
    for (const currentA of [-0.5, -1e-2, -1e-7, 0, 1e-9, 2e-3]) {
      expect(cell.currentAtVoltageA(cell.steadyVoltageV(currentA))).toBeCloseTo(currentA, 14);
    }
  });

  test('the range between two instants holds what lies between, and is exact at one', () => {
    const cell = new HydrogenEvolutionCell(UNIT);
    cell.switchTo(0, { kind: 'current', currentA: -1e-3 });
    const { lowV, highV } = cell.voltageRangeV(1e-4, 0.05);
    for (let n = 0; n <= 100; n += 1) {
      const voltageV = cell.voltageV(1e-4 + (n / 100) * (0.05 - 1e-4));
      expect(voltageV).toBeGreaterThanOrEqual(lowV);
      expect(voltageV).toBeLessThanOrEqual(highV);
    }
    expect(cell.voltageRangeV(1e-3, 1e-3)).toEqual({ lowV: cell.voltageV(1e-3), highV: cell.voltageV(1e-3) });
  });
});

describe('bookkeeping', () => {
  test('the charge of a stair is the integral of its current, each polarity for itself', () => {
    const cell = new HydrogenEvolutionCell(UNIT);
    cell.switchTo(0, { kind: 'voltage', voltageV: -0.3 });
    // From -0.3 V back to -0.1 V the double layer discharges at first, before hydrogen evolves again.
    cell.switchTo(1, { kind: 'voltage', voltageV: -0.1 });
    const before = cell.truth(0);
    const seconds = 2e-3;
    const steps = 200_000;
    let plateC = 0;
    let stripC = 0;
    for (let n = 0; n < steps; n += 1) {
      const chargeC = (cell.currentA(((n + 0.5) / steps) * seconds) * seconds) / steps;
      plateC += Math.max(0, -chargeC);
      stripC += Math.max(0, chargeC);
    }
    const after = cell.truth(seconds);
    expect(stripC).toBeGreaterThan(1e-7);
    expect(after.stripChargeC - before.stripChargeC).toBeCloseTo(stripC, 11);
    expect(after.plateChargeC - before.plateChargeC).toBeCloseTo(plateC, 11);
  });

  test('hydrogen is the charge of the leads, but for the double layer', () => {
    const cell = new HydrogenEvolutionCell(UNIT);
    cell.switchTo(0, { kind: 'current', currentA: -10e-3 });
    const { plateChargeC, stripChargeC, hidden } = cell.truth(100);
    expect(plateChargeC).toBeCloseTo(1, 12);
    expect(stripChargeC).toBe(0);
    expect(1 - (hidden['hydrogenChargeC'] ?? 0)).toBeCloseTo(40e-6 * 0.12 * 6, 10);
    expect(cell.events()).toEqual([]);
  });

  test('looking changes nothing', () => {
    const looked = new HydrogenEvolutionCell(UNIT);
    const left = new HydrogenEvolutionCell(UNIT);
    for (const cell of [looked, left]) cell.switchTo(0, { kind: 'voltage', voltageV: -0.25 });
    for (let n = 0; n < 100; n += 1) looked.voltageRangeV(0, looked.currentA(n * 1e-5) + n);
    for (const cell of [looked, left]) cell.switchTo(3e-5, { kind: 'current', currentA: -1e-3 });
    expect(looked.voltageV(1e-4)).toBe(left.voltageV(1e-4));
    expect(looked.truth(1)).toEqual(left.truth(1));
  });
});
