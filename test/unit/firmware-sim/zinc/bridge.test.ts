// Goal: a bridge is a conductance beside the cell, from its first instant to its last. Method: the circuit's
// identity from the hidden truth at random instants of failing lives; the conductance found again from the
// healthy curve of a twin; the laws of its growth and end in closed form.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ZincCell } from '../../../../firmware-sim/cell/zinc-cell.ts';
import {
  BARE_ZINC_SHORTS,
  type ScriptedEvent,
  type ShortParameters,
} from '../../../../firmware-sim/cell/zinc-parameters.ts';
import { changed, current, failing, PLAIN, stretches, zincCell } from './rig.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });

function conductanceS(cell: ZincCell, atS: number): number {
  return (cell.truth(atS).hidden['shortConductanceMsPerCm2'] ?? Number.NaN) / 1000;
}

function bridged(conductanceSPerCm2: number, onsetS: number): ScriptedEvent {
  return {
    kind: 'soft-short',
    atPlatedCPerCm2: 0.1,
    conductanceSPerCm2,
    onsetS,
    lastsPlatedCPerCm2: Number.POSITIVE_INFINITY,
  };
}

describe('a bridge', () => {
  test('carries what the electrolyte does not: I = I_ion + G V at any instant of any life', () => {
    fc.assert(
      fc.property(failing, stretches({ holds: true }), share, fc.nat(), (parameters, life, at, seed) => {
        const cell = zincCell(parameters, seed);
        let elapsedS = 0;
        for (const { drive, durationS } of life) {
          cell.switchTo(elapsedS, drive);
          elapsedS = durationS;
          const atS = at * durationS;
          const ionicA = (cell.truth(atS).hidden['ionicCurrentMAPerCm2'] ?? Number.NaN) / 1000;
          const bridgeA = conductanceS(cell, atS) * cell.voltageV(atS);
          const totalA = cell.currentA(atS);
          const scaleA = Math.max(Math.abs(totalA), Math.abs(bridgeA), 1e-9);
          expect(Math.abs(ionicA + bridgeA - totalA) / scaleA).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 150 },
    );
  });

  test.each([1e-3, 5e-3, 20e-3, 0.2])('is found again from the healthy curve: %d S/cm2', (truthS) => {
    const totalA = 2e-3;
    const cell = zincCell(changed(PLAIN, { script: [bridged(truthS, 1)] }));
    cell.switchTo(0, current(totalA));
    const shortedV = cell.voltageV(1000);
    const healthyV = (density: number): number => {
      const twin = zincCell(PLAIN);
      twin.switchTo(0, current(density));
      return twin.voltageV(1000);
    };
    let [low, high] = [0, totalA];
    for (let round = 0; round < 60; round += 1) {
      const middle = (low + high) / 2;
      if (healthyV(middle) < shortedV) low = middle;
      else high = middle;
    }
    expect((totalA - low) / shortedV / truthS).toBeCloseTo(1, 6);
    expect(conductanceS(cell, 1000) / truthS).toBeCloseTo(1, 12);
  });

  test('grows towards its conductance with its onset time', () => {
    const cell = zincCell(changed(PLAIN, { script: [bridged(5e-3, 3)] }));
    cell.switchTo(0, current(-2e-3));
    for (const sinceS of [0.1, 1, 3, 10])
      expect(conductanceS(cell, 100 + sinceS)).toBeCloseTo(5e-3 * -Math.expm1(-sinceS / 3), 9);
  });
});

describe('a soft bridge', () => {
  /** Seed 9 draws a single soft short, well before the hard one. */
  const shorts: ShortParameters = {
    ...BARE_ZINC_SHORTS,
    scaleCPerCm2: 10,
    softFrom: [0.3, 0.4],
    softEvents: 1,
    softConductanceSPerCm2: 4e-3,
    softSpread: 0,
    fusePerHalfCycle: 0,
    fuseWPerCm2: Number.POSITIVE_INFINITY,
    dissolutionSPerC: 2e-2,
  };

  /** Plates on the counter electrode until the first soft short has settled, then turns round. */
  function reversedAfterShort(changes: Partial<ShortParameters>): { cell: ZincCell; grownS: number } {
    const cell = zincCell(changed(PLAIN, { shorts: { ...shorts, ...changes } }), 9);
    cell.switchTo(0, current(2e-3));
    const beganS = cell.events(1e5).find(({ kind }) => kind === 'soft-short-began')?.lifeS ?? 0;
    const grownS = conductanceS(cell, beganS + 30);
    cell.switchTo(beganS + 30, current(-2e-3));
    return { cell, grownS };
  }

  test('dissolves on reversal by dG/dt = -kappa j, j being what flows through the electrolyte', () => {
    const { cell, grownS } = reversedAfterShort({});
    expect(grownS).toBeGreaterThan(1e-3);
    const ended = cell.events(1e5).find(({ kind }) => kind === 'soft-short-ended');
    expect(ended?.detail['number']).toBe(1);
    // The charge through the electrolyte by the end, from the shown current: trapezoids over 2000 steps.
    const startS = cell.truth(0).hidden['lifeS'] ?? 0;
    const lastedS = (ended?.lifeS ?? 0) - startS;
    const steps = 2000;
    let chargeC = 0;
    for (let step = 0; step < steps; step += 1) {
      const atS = ((step + 0.5) / steps) * lastedS;
      chargeC += (Math.abs(cell.truth(atS).hidden['ionicCurrentMAPerCm2'] ?? 0) / 1000) * (lastedS / steps);
    }
    expect(Math.abs((2e-2 * chargeC) / grownS - 1)).toBeLessThan(0.01);
    expect(conductanceS(cell, lastedS + 1)).toBe(0);
  });

  test('burns through at once at a reversal where that is certain', () => {
    const { cell } = reversedAfterShort({ fusePerHalfCycle: 1 });
    expect(cell.events(0).map(({ kind }) => kind)).toEqual(['soft-short-began', 'soft-short-ended']);
    expect(conductanceS(cell, 0)).toBe(0);
  });

  test('burns through by its heat within a step of the grid', () => {
    const { cell } = reversedAfterShort({ fuseWPerCm2: 1e-9 });
    const kinds = cell.events(0).map(({ kind }) => kind);
    expect(kinds.slice(0, 2)).toEqual(['soft-short-began', 'soft-short-ended']);
    const [began, ended] = cell.events(0);
    expect((ended?.lifeS ?? 0) - (began?.lifeS ?? 0)).toBeLessThan(0.1);
  });
});
