// From what an option names to a cell in the holder, the same for every simulated instrument. Must never be
// asked for a name that was not checked before: an unknown one here is a bug.
import { assert } from '../../../src/base/assert.ts';
import type { CellChoice } from '../../simulated-instrument.ts';
import type { CellModel } from '../cell-model.ts';
import { cellModelNames, createCellModel, describeCell } from './cell-library.ts';

/** What is in the holder where nobody says otherwise: a healthy Zn||Zn cell. */
const DEFAULT_CELL: CellChoice = 'bare-zn';

/** A disc of 12 mm, as in areaTextOf of the command line: for cells that have no area of their own. */
const COIN_AREA_CM2 = 1.13;

export interface ChosenCell {
  readonly model: CellModel;
  readonly areaCm2: number;
}

/** A fresh cell, or the one that was given; `cell` tells those of one instrument apart, from 0. */
export function chosenCell(
  choice: CellChoice | CellModel | undefined,
  identity: { readonly seed: number; readonly cell: number },
): ChosenCell {
  const chosen = choice ?? DEFAULT_CELL;
  if (typeof chosen === 'object' && !('kind' in chosen)) return { model: chosen, areaCm2: COIN_AREA_CM2 };
  const description = typeof chosen === 'string' ? describeCell(chosen) : chosen;
  const known = cellModelNames().join(', ');
  assert(description !== null, `unknown cell model ${JSON.stringify(choice)}; known: ${known}`);
  const { parameters } = description;
  const areaCm2 = 'areaCm2' in parameters ? parameters.areaCm2 : COIN_AREA_CM2;
  return { model: createCellModel(description, identity), areaCm2 };
}
