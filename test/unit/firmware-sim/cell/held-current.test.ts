// Goal: the bounds of the current enclose it under a held voltage and a set current, close in, and are exact
// at an instant, for every kind of cell. Method: cells of the library brought somewhere by a current, then
// held at drawn voltages; drawn stretches against the current at a hundred instants inside.
import { describe, expect, test } from 'vitest';
import type { CellModel } from '../../../../firmware-sim/cell/cell-model.ts';
import { createCellModel, describeCell } from '../../../../firmware-sim/cell/library/cell-library.ts';
import { FaultyCell } from '../../../../firmware-sim/faults/faulty-cell.ts';
import { TrueTimeCell } from '../../../../firmware-sim/faults/drifting-clock.ts';
import { uniformAt } from '../../../../src/base/prng.ts';

const INSTANTS = 100;

function cell(name: string): CellModel {
  const description = describeCell(name);
  if (description === null) throw new Error(`${name} must be in the library`);
  return createCellModel(description, { seed: 3, cell: 0 });
}

const shorted = (): CellModel =>
  new FaultyCell({
    inner: cell('zn-mno2'),
    fault: { kind: 'soft-short-began', resistanceOhm: 50 },
    atS: 900,
    areaCm2: 1.13,
  });
const opened = (): CellModel =>
  new FaultyCell({ inner: cell('bare-zn'), fault: { kind: 'open-circuit' }, atS: 900, areaCm2: 1.13 });

const CELLS: readonly (readonly [string, () => CellModel, number])[] = [
  ['a resistor', () => cell('dummy-10-ohm'), 0],
  ['two zinc foils', () => cell('bare-zn'), 0],
  ['zinc foils that short', () => cell('soft-shorting'), 0],
  ['a full cell', () => cell('zn-mno2'), 1.5],
  ['an inert electrode', () => cell('hydrogen-only'), 0.3],
  ['a cell that is shorted on the way', shorted, 1.5],
  ['a cell that falls out of its leads', opened, 0],
  ['a cell behind a clock that drifts', () => new TrueTimeCell(cell('zn-mno2'), 1.5), 1.5],
];

describe.each(CELLS)('the current of %s', (_name, create, aroundV) => {
  const drives = (round: number) =>
    [
      { kind: 'current', currentA: 1e-3 * (uniformAt(round, 1) - 0.3) },
      { kind: 'voltage', voltageV: aroundV + 0.2 * (uniformAt(round, 2) - 0.5) },
    ] as const;

  test('lies within its bounds, which close in to the current itself', () => {
    for (let round = 0; round < 12; round += 1) {
      const model = create();
      let beforeS = 10;
      for (const drive of drives(round)) {
        model.switchTo(beforeS, drive);
        beforeS = 600 * uniformAt(round, 3);
        for (let stretch = 0; stretch < 8; stretch += 1) {
          const fromS = 800 * uniformAt(round, 10 + stretch) ** 4;
          const untilS = fromS + 2000 * uniformAt(round, 30 + stretch) ** 6;
          const { lowA, highA } = model.currentRangeA(fromS, untilS);
          const grainA = 1e-12 * Math.max(Math.abs(lowA), Math.abs(highA));
          const inside = Array.from({ length: INSTANTS + 1 }, (_, k) =>
            model.currentA(fromS + ((untilS - fromS) * k) / INSTANTS),
          );
          expect(Math.min(...inside)).toBeGreaterThanOrEqual(lowA - grainA);
          expect(Math.max(...inside)).toBeLessThanOrEqual(highA + grainA);
          const currentA = model.currentA(untilS);
          expect(model.currentRangeA(untilS, untilS)).toEqual({ lowA: currentA, highA: currentA });
          const close = model.currentRangeA(untilS, untilS + 1e-6);
          expect(close.highA - close.lowA).toBeLessThan(1e-3 * Math.abs(currentA) + 1e-9);
        }
      }
    }
  });
});
