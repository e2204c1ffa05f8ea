// Goal: the battery behaves as CC-CV and rate protocols expect, and says the same to whoever looks how often.
// Method: protocols played by hand with limits found by bisection, a plain integration in tiny steps as the
// reference of a hold, and books that must add up.
import { describe, expect, test } from 'vitest';
import {
  FULL_CELL_DEFAULTS,
  FullCell,
  type FullCellParameters,
} from '../../../../firmware-sim/cell/full-cell.ts';
import {
  assertRising,
  openCircuitV,
  ZINC_MANGANESE_CURVE,
} from '../../../../firmware-sim/cell/physics/open-circuit-curve.ts';

/** 1 mAh of capacity: 1 mA is 1C. */
const UNIT: FullCellParameters = { ...FULL_CELL_DEFAULTS, areaCm2: 1 };
const ONE_C_A = 1e-3;
const chargeShare = (cell: FullCell, elapsedS: number): number =>
  cell.truth(elapsedS).hidden['chargeShare'] ?? 0;

/** Seconds of the running segment until its voltage has risen or fallen to `limitV`. */
function reachedS(cell: FullCell, limitV: number): number {
  const isCharge = cell.currentA(0) > 0;
  const isPast = (seconds: number): boolean =>
    isCharge ? cell.voltageV(seconds) >= limitV : cell.voltageV(seconds) <= limitV;
  let [before, after] = [0, 1e6];
  if (isPast(before)) return 0;
  for (let round = 0; round < 80; round += 1) {
    const middle = (before + after) / 2;
    if (isPast(middle)) after = middle;
    else before = middle;
  }
  return after;
}

/** Charged to 1.8 V at 1C, the hold not begun; tells when the limit is met. */
function chargedToLimit(): { readonly cell: FullCell; readonly limitS: number } {
  const cell = new FullCell(UNIT);
  cell.switchTo(0, { kind: 'current', currentA: ONE_C_A });
  return { cell, limitS: reachedS(cell, 1.8) };
}

/** Euler's rule with 10 ms steps and bisection for the current; the density after `seconds`. */
function integratedDensity(
  start: { share: number; lead: number },
  voltageV: number,
  seconds: number,
): number {
  let { share, lead } = start;
  const densityNow = (): number => {
    let [low, high] = [-1, 1];
    for (let round = 0; round < 60; round += 1) {
      const middle = (low + high) / 2;
      const kineticsV = 2 * 0.0513851 * Math.asinh(middle / 2e-3);
      const shownV = openCircuitV(UNIT.curve, share + lead) + middle * UNIT.resistanceOhmCm2 + kineticsV;
      if (shownV < voltageV) low = middle;
      else high = middle;
    }
    return low;
  };
  for (let step = 0; step < seconds * 100; step += 1) {
    const density = densityNow();
    const rate = (density > 0 ? UNIT.coulombicEfficiency * density : density) / UNIT.capacityCPerCm2;
    share += 0.01 * rate;
    lead += 0.01 * (rate - lead / UNIT.diffusionS);
  }
  return densityNow();
}

describe('open-circuit curve', () => {
  test('passes through its points, rises everywhere and has steep walls at both ends', () => {
    assertRising(ZINC_MANGANESE_CURVE);
    for (const { share, voltageV } of ZINC_MANGANESE_CURVE) {
      expect(openCircuitV(ZINC_MANGANESE_CURVE, share)).toBeCloseTo(voltageV, 12);
    }
    const steps = Array.from({ length: 301 }, (_, n) => openCircuitV(ZINC_MANGANESE_CURVE, -1 + n / 100));
    for (const [n, voltageV] of steps.entries()) {
      expect(voltageV).toBeGreaterThan(steps[n - 1] ?? Number.NEGATIVE_INFINITY);
    }
    expect(openCircuitV(ZINC_MANGANESE_CURVE, -0.1)).toBeCloseTo(0.8 - 2, 9);
    expect(openCircuitV(ZINC_MANGANESE_CURVE, 1.1)).toBeCloseTo(1.65 + 2, 9);
  });

  test.each([
    { name: 'falls', curve: [1, 0.9, 1.2] },
    { name: 'stays', curve: [1, 1, 1.2] },
  ])('is refused where it $name', ({ curve }) => {
    const points = curve.map((voltageV, n) => ({ share: n / 2, voltageV }));
    expect(() => new FullCell({ ...UNIT, curve: points })).toThrow('must rise');
  });

  test('is refused where it does not go from empty to full', () => {
    const points = [
      { share: 0.1, voltageV: 1 },
      { share: 1, voltageV: 1.2 },
    ];
    expect(() => new FullCell({ ...UNIT, curve: points })).toThrow('from share 0 to 1');
  });
});

describe('constant current, then constant voltage', () => {
  test('the current goes on where it was at the limit and decays without ever rising', () => {
    const { cell, limitS } = chargedToLimit();
    expect(cell.voltageV(limitS)).toBeCloseTo(1.8, 9);
    cell.switchTo(limitS, { kind: 'voltage', voltageV: 1.8 });
    expect(cell.currentA(0)).toBeCloseTo(ONE_C_A, 9);
    let beforeA = cell.currentA(0);
    for (let seconds = 1; seconds <= 4000; seconds += 1) {
      const nowA = cell.currentA(seconds);
      expect(nowA).toBeLessThan(beforeA);
      beforeA = nowA;
    }
    expect(beforeA).toBeLessThan(0.05 * ONE_C_A);
    expect(beforeA).toBeGreaterThan(0);
    expect(cell.voltageV(1234)).toBe(1.8);
    expect(cell.voltageRangeV(0, 4000)).toEqual({ lowV: 1.8, highV: 1.8 });
  });

  test('the hold puts in what the current alone left out', () => {
    const { cell, limitS } = chargedToLimit();
    const atLimit = chargeShare(cell, limitS);
    cell.switchTo(limitS, { kind: 'voltage', voltageV: 1.8 });
    expect(atLimit).toBeLessThan(0.95);
    expect(chargeShare(cell, 4000)).toBeGreaterThan(0.99);
  });

  test.each([1.8, 1.2])('a hold at %d V agrees with an integration in tiny steps', (voltageV) => {
    const { cell, limitS } = chargedToLimit();
    const truth = cell.truth(limitS).hidden;
    const share = truth['chargeShare'] ?? 0;
    const lead = (truth['surfaceShare'] ?? 0) - share;
    cell.switchTo(limitS, { kind: 'voltage', voltageV });
    for (const seconds of [1, 20, 200]) {
      const reference = integratedDensity({ share, lead }, voltageV, seconds);
      expect(Math.abs(cell.currentA(seconds) / reference - 1)).toBeLessThan(1e-3);
    }
  });

  test('the charge of a hold is the integral of its current, through a change of sign too', () => {
    const { cell, limitS } = chargedToLimit();
    cell.switchTo(limitS, { kind: 'voltage', voltageV: 1.52 });
    const before = cell.truth(0);
    const seconds = 600;
    let [plateC, stripC] = [0, 0];
    for (let n = 0; n < 600_000; n += 1) {
      const chargeC = cell.currentA((n + 0.5) * 1e-3) * 1e-3;
      plateC += Math.max(0, -chargeC);
      stripC += Math.max(0, chargeC);
    }
    const after = cell.truth(seconds);
    expect(Math.min(plateC, stripC)).toBeGreaterThan(1e-4);
    expect(after.plateChargeC - before.plateChargeC).toBeCloseTo(plateC, 8);
    expect(after.stripChargeC - before.stripChargeC).toBeCloseTo(stripC, 8);
  });
});

describe('rate and efficiency', () => {
  test('the capacity above 1 V falls with the rate: all of it at C/20, below 2/3 at 5C', () => {
    const shares = [0.05, 0.5, 1, 2, 5].map((rate) => {
      const cell = new FullCell({ ...UNIT, initialShare: 1 });
      cell.switchTo(0, { kind: 'current', currentA: -rate * ONE_C_A });
      return (rate * ONE_C_A * reachedS(cell, 1)) / UNIT.capacityCPerCm2;
    });
    for (const [n, share] of shares.entries()) expect(share).toBeLessThan(shares[n - 1] ?? 1);
    expect(shares[0]).toBeGreaterThan(0.97);
    expect(shares.at(-1)).toBeLessThan(2 / 3);
  });

  test('what is charged comes back times the coulombic efficiency', () => {
    const cell = new FullCell({ ...UNIT, initialShare: 0.3 });
    cell.switchTo(0, { kind: 'current', currentA: ONE_C_A });
    cell.switchTo(1000, { kind: 'current', currentA: -ONE_C_A });
    expect(chargeShare(cell, 1000 * UNIT.coulombicEfficiency)).toBeCloseTo(0.3, 12);
    expect(chargeShare(cell, 1000)).toBeLessThan(0.3);
  });

  test('cycling between two voltages shows that efficiency from the second cycle on', () => {
    const cell = new FullCell(UNIT);
    let lastS = 0;
    const efficiencies: number[] = [];
    for (let cycle = 0; cycle < 3; cycle += 1) {
      cell.switchTo(lastS, { kind: 'current', currentA: 0.5 * ONE_C_A });
      const chargeS = reachedS(cell, 1.6);
      cell.switchTo(chargeS, { kind: 'current', currentA: -0.5 * ONE_C_A });
      lastS = reachedS(cell, 1);
      efficiencies.push(lastS / chargeS);
    }
    expect(efficiencies[1]).toBeCloseTo(UNIT.coulombicEfficiency, 3);
    expect(efficiencies[2]).toBeCloseTo(UNIT.coulombicEfficiency, 6);
    const { plateChargeC, stripChargeC } = cell.truth(lastS);
    expect(plateChargeC).toBeGreaterThan(2.5 * UNIT.coulombicEfficiency);
    expect(stripChargeC).toBeGreaterThan(plateChargeC);
  });

  test('at rest the surface falls back with the diffusion time, to the open-circuit voltage', () => {
    const { cell, limitS } = chargedToLimit();
    const share = chargeShare(cell, limitS);
    const lead = (cell.truth(limitS).hidden['surfaceShare'] ?? 0) - share;
    cell.switchTo(limitS, { kind: 'current', currentA: 0 });
    expect(cell.truth(300).hidden['surfaceShare']).toBeCloseTo(share + lead / Math.E, 12);
    expect(cell.voltageV(1e5)).toBeCloseTo(openCircuitV(UNIT.curve, share), 9);
  });
});

describe('whoever looks', () => {
  test('asking often, late or backwards gives the same bits, and the same end', () => {
    const looked = chargedToLimit();
    const left = chargedToLimit();
    for (const { cell, limitS } of [looked, left]) cell.switchTo(limitS, { kind: 'voltage', voltageV: 1.75 });
    const forwards = Array.from({ length: 500 }, (_, n) => looked.cell.currentA(n * 1.7));
    const backwards = Array.from({ length: 500 }, (_, n) => left.cell.currentA((499 - n) * 1.7)).reverse();
    expect(forwards).toEqual(backwards);
    for (const { cell } of [looked, left]) cell.switchTo(777.7, { kind: 'current', currentA: -ONE_C_A });
    expect(looked.cell.truth(10)).toEqual(left.cell.truth(10));
    expect(looked.cell.events()).toEqual([]);
  });

  test('a range holds what lies between, also where the surface turns round', () => {
    const { cell, limitS } = chargedToLimit();
    cell.switchTo(limitS, { kind: 'current', currentA: 0.2 * ONE_C_A });
    const { lowV, highV } = cell.voltageRangeV(0, 2000);
    const shown = Array.from({ length: 2001 }, (_, seconds) => cell.voltageV(seconds));
    expect(Math.min(...shown)).toBeLessThan(Math.min(cell.voltageV(0), cell.voltageV(2000)) - 1e-3);
    expect(lowV).toBeLessThanOrEqual(Math.min(...shown));
    expect(lowV).toBeCloseTo(Math.min(...shown), 6);
    expect(highV).toBe(Math.max(...shown));
    expect(cell.voltageRangeV(5, 5)).toEqual({ lowV: cell.voltageV(5), highV: cell.voltageV(5) });
  });

  test('the current at a voltage is the inverse of the voltage at a current', () => {
    const { cell, limitS } = chargedToLimit();
    cell.switchTo(limitS, { kind: 'current', currentA: 0 });
    for (const currentA of [-0.1, -1e-3, 1e-8, 2e-3]) {
      expect(cell.currentAtVoltageA(cell.steadyVoltageV(currentA))).toBeCloseTo(currentA, 12);
    }
  });

  test('driven beyond full or empty, the voltage runs past any limit, yet stays finite', () => {
    for (const currentA of [1, -1]) {
      const cell = new FullCell(UNIT);
      cell.switchTo(0, { kind: 'current', currentA });
      expect(Math.abs(cell.voltageV(100))).toBeGreaterThan(10);
      expect(Number.isFinite(cell.voltageV(1e6))).toBe(true);
    }
    const held = new FullCell(UNIT);
    held.switchTo(0, { kind: 'voltage', voltageV: 5 });
    expect(held.currentA(3600)).toBeGreaterThan(0);
    expect(chargeShare(held, 36_000)).toBeCloseTo(1 + (5 - 1.65) / 20, 3);
  });
});
