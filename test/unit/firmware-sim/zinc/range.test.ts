// Goal: `voltageRangeV` encloses the voltage, whatever the cell goes through, and closes in on it; the
// voltage is continuous but where something jumps. Method: random lives of cells with every failure, random
// spans, and dense samples in between; jumps are sought by halving spans whose range stays wide.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CellEventKind, VoltageRange } from '../../../../firmware-sim/cell/cell-model.ts';
import type { ZincCell } from '../../../../firmware-sim/cell/zinc-cell.ts';
import { changed, current, FAILING, failing, PLAIN, stretches, zincCell } from './rig.ts';

const SAMPLES = 40;
const share = fc.double({ min: 0, max: 1, noNaN: true });
const smallShare = fc.double({ min: -9, max: 0, noNaN: true }).map((exponent) => 10 ** exponent);
/** Start, and width as a share of what is left of a stretch: long spans, and ones that nearly vanish. */
const spans = fc.array(fc.tuple(share, fc.oneof(share, smallShare)), { minLength: 1, maxLength: 4 });
/** Resistance, conductance or area change at once. */
const JUMPS: ReadonlySet<CellEventKind> = new Set([
  'gas-arrived',
  'gas-left',
  'contact-changed',
  'open-circuit',
  'dried-out',
  'soft-short-ended',
]);
/** A depleted surface is steep without bounds: no jump could be told from it. */
const undepleted = fc.constantFrom(...Object.keys(FAILING).filter((name) => name !== 'gel'));
/** Steeper than any double layer charges, and less than any ohmic jump. */
const JUMP_V = 1e-3;
const JUMP_S = 1e-7;

function samplesOutside(cell: ZincCell, fromS: number, untilS: number): readonly number[] {
  const { lowV, highV } = cell.voltageRangeV(fromS, untilS);
  const outside: number[] = [];
  for (let index = 0; index <= SAMPLES; index += 1) {
    const atS = Math.min(untilS, fromS + (index / SAMPLES) ** 2 * (untilS - fromS));
    const voltageV = cell.voltageV(atS);
    if (!(voltageV >= lowV && voltageV <= highV)) outside.push(atS);
  }
  return outside;
}

function width({ lowV, highV }: VoltageRange): number {
  return highV - lowV;
}

/** Instants at which the voltage jumps, to within `JUMP_S`. */
function jumpsBetween(cell: ZincCell, fromS: number, untilS: number): readonly number[] {
  if (width(cell.voltageRangeV(fromS, untilS)) < JUMP_V) return [];
  if (untilS - fromS < JUMP_S) return [fromS];
  const middleS = fromS + (untilS - fromS) / 2;
  return [...jumpsBetween(cell, fromS, middleS), ...jumpsBetween(cell, middleS, untilS)];
}

describe('the range of the voltage', () => {
  test('encloses every voltage between its two instants, in every kind of failure', () => {
    fc.assert(
      fc.property(failing, stretches({ holds: true }), spans, fc.nat(), (parameters, life, cuts, seed) => {
        const cell = zincCell(parameters, seed);
        let elapsedS = 0;
        for (const { drive, durationS } of life) {
          cell.switchTo(elapsedS, drive);
          elapsedS = durationS;
          for (const [from, ofRest] of cuts) {
            const fromS = from * durationS;
            expect(samplesOutside(cell, fromS, fromS + ofRest * (durationS - fromS))).toEqual([]);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test('is the voltage itself where both ends are one instant', () => {
    fc.assert(
      fc.property(failing, stretches({ holds: true }), share, (parameters, life, at) => {
        const cell = zincCell(parameters);
        let elapsedS = 0;
        for (const { drive, durationS } of life) {
          cell.switchTo(elapsedS, drive);
          elapsedS = durationS;
          const voltageV = cell.voltageV(at * durationS);
          expect(cell.voltageRangeV(at * durationS, at * durationS)).toEqual({
            lowV: voltageV,
            highV: voltageV,
          });
        }
      }),
      { numRuns: 100 },
    );
  });

  test('closes in as its two instants meet', () => {
    for (const [name, parameters] of Object.entries(FAILING)) {
      const cell = zincCell(parameters);
      cell.switchTo(0, current(-3e-3));
      cell.switchTo(700, current(2e-3));
      const widths = [100, 10, 1, 0.1, 0.01].map((spanS) => width(cell.voltageRangeV(300, 300 + spanS)));
      expect(widths, name).toEqual([...widths].sort((a, b) => b - a));
      expect(widths.at(-1), name).toBeLessThan(1e-5);
    }
  });
});

describe('the voltage', () => {
  test('is continuous in time but where resistance or area jump', () => {
    fc.assert(
      fc.property(undepleted, stretches({ holds: false }), fc.nat(), (name, life, seed) => {
        const cell = zincCell(FAILING[name] ?? PLAIN, seed);
        let elapsedS = 0;
        let startLifeS = 0;
        for (const { drive, durationS } of life) {
          cell.switchTo(elapsedS, drive);
          startLifeS += elapsedS;
          elapsedS = durationS;
          const allowedS = cell
            .events(durationS)
            .filter(({ kind }) => JUMPS.has(kind))
            .map(({ lifeS }) => lifeS - startLifeS);
          const isAllowed = (atS: number): boolean =>
            allowedS.some((eventS) => Math.abs(eventS - atS) < 2 * JUMP_S);
          expect(jumpsBetween(cell, 0, durationS).filter((atS) => !isAllowed(atS))).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is continuous while a bridge forms, lasts and dissolves', () => {
    const shorted = changed(PLAIN, {
      shorts: null,
      script: [
        {
          kind: 'soft-short',
          atPlatedCPerCm2: 0.5,
          conductanceSPerCm2: 0.05,
          onsetS: 0.4,
          lastsPlatedCPerCm2: 9,
        },
        { kind: 'hard-short', atPlatedCPerCm2: 1, conductanceSPerCm2: 2, onsetS: 1 },
      ],
    });
    const cell = zincCell(shorted);
    cell.switchTo(0, current(-5e-3));
    expect(cell.voltageV(199)).toBeLessThan(-0.15);
    expect(cell.voltageV(399)).toBeGreaterThan(-0.08);
    expect(cell.voltageV(600)).toBeGreaterThan(-0.003);
    expect(jumpsBetween(cell, 0, 600)).toEqual([]);
  });

  test('jumps by the ohmic part alone when the current is reversed', () => {
    const cell = zincCell(PLAIN);
    cell.switchTo(0, current(-5e-3));
    const beforeV = cell.voltageV(600);
    cell.switchTo(600, current(3e-3));
    // The fastest modes of diffusion count as settled: 1 % of 0.2 ohm cm2.
    expect(Math.abs(cell.voltageV(0) - beforeV - 2 * 8e-3)).toBeLessThan(0.005 * 8e-3);
  });
});
