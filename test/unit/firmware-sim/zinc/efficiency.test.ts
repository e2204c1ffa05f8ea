// Goal: the Coulombic efficiency that a cycler would find is the one that was put in. Method: zinc plated on
// copper and stripped to exhaustion or to a cut-off, with the losses worked out here from their formulas.
import { describe, expect, test } from 'vitest';
import type { ZincCell } from '../../../../firmware-sim/cell/zinc-cell.ts';
import type { ZincCellParameters } from '../../../../firmware-sim/cell/zinc-parameters.ts';
import { type Changes, changed, current, PLAIN, zincCell } from './rig.ts';

const [DENSITY, PLATING_S] = [1e-3, 3600];
const PHI = 0.01;

function copperCell(changes: Changes): ZincCellParameters {
  const copper = changed(PLAIN, {
    working: { zincCPerCm2: 0, tailFPerCm2: 1e-15 },
    losses: { deadFraction: PHI, deadSpread: 0, hydrogenExchangeAPerCm2: 1e-9 },
  });
  return changed(copper, changes);
}

/** f_H = j_H/j, j_H = j_0H 10^((|E_Zn| - 0.059 pH + |eta|)/b_H), eta = b asinh(j/2j0). */
function hydrogenShare(): number {
  const overpotentialV = 0.0513852 * Math.asinh(DENSITY / (2 * 1e-3));
  return (1e-9 * 10 ** ((0.762 - 0.059 * 4.2 + overpotentialV) / 0.12)) / DENSITY;
}

/** When the voltage of the running segment, which rises at its end, comes to `cutV`; seconds. */
function crossingS(cell: ZincCell, cutV: number): number {
  let [low, high] = [0.5 * PLATING_S, 2 * PLATING_S];
  for (let round = 0; round < 100; round += 1) {
    const middle = low + (high - low) / 2;
    if (cell.voltageV(middle) < cutV) low = middle;
    else high = middle;
  }
  return high;
}

/** Stripped over plated of `count` cycles that strip to `cutV`. */
function efficiencies(cell: ZincCell, count: number, cutV: number): readonly number[] {
  const found: number[] = [];
  let elapsedS = 0;
  for (let cycle = 0; cycle < count; cycle += 1) {
    cell.switchTo(elapsedS, current(-DENSITY));
    cell.switchTo(PLATING_S, current(DENSITY));
    elapsedS = crossingS(cell, cutV);
    found.push(elapsedS / PLATING_S);
  }
  return found;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('the Coulombic efficiency of zinc on copper', () => {
  const expected = (1 - hydrogenShare()) * (1 - PHI);

  test('is (1 - f_H)(1 - phi) in one cycle', () => {
    const [efficiency] = efficiencies(zincCell(copperCell({})), 1, 0.5);
    expect(hydrogenShare()).toBeGreaterThan(0.01);
    expect(Math.abs((efficiency ?? 0) - expected)).toBeLessThan(3e-8);
  });

  test('has that mean where phi scatters: exactly over the cycles asked for, else within its error', () => {
    const count = 25;
    const bound = copperCell({ losses: { deadSpread: 0.5, deadExactOver: count } });
    const found = efficiencies(zincCell(bound, 4), count, 0.5);
    expect(Math.max(...found) - Math.min(...found)).toBeGreaterThan(PHI);
    expect(Math.abs(mean(found) - expected)).toBeLessThan(3e-8);
    const free = copperCell({ losses: { deadSpread: 0.5 } });
    const means = [1, 2, 3, 4, 5, 6].map((seed) => mean(efficiencies(zincCell(free, seed), count, 0.5)));
    const errorOfOne = (PHI * Math.sqrt(Math.expm1(0.25))) / Math.sqrt(count);
    expect(Math.abs(mean(means) - expected)).toBeLessThan((3 * errorOfOne) / Math.sqrt(means.length));
    expect(means.every((value) => Math.abs(value - expected) > 1e-7)).toBe(true);
  });

  test('is metered as CE + (1 - CE) C V/q once the substrate is charged back and forth', () => {
    const [tailF, cutV] = [0.1, 0.5];
    const parameters = copperCell({
      kinetics: { exchangeCurrentAPerCm2: 1e3, doubleLayerFPerCm2: 1e-9 },
      electrolyte: { resistanceOhmCm2: 1e-6, diffusivityM2PerS: 1e3 },
      working: { tailFPerCm2: tailF },
      losses: { hydrogenExchangeAPerCm2: 0 },
    });
    const metered = efficiencies(zincCell(parameters), 4, cutV).at(-1) ?? 0;
    const correction = (PHI * tailF * cutV) / (DENSITY * PLATING_S);
    expect(correction).toBeGreaterThan(1e-4);
    expect(Math.abs(metered - (1 - PHI + correction))).toBeLessThan(1e-8);
  });
});
