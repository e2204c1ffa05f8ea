// The named cells, and how a description becomes a cell. A new cell is one entry in a family beside this
// file; a new kind of physics is one file beside cell-model.ts and one case in `createCellModel`.
import { assert } from '../../../src/base/assert.ts';
import type { CellModel } from '../cell-model.ts';
import { FullCell } from '../full-cell.ts';
import { HydrogenEvolutionCell } from '../hydrogen-evolution-cell.ts';
import { ResistiveCell } from '../resistive-cell.ts';
import { ZincCell } from '../zinc-cell.ts';
import type { CellDescription } from './cell-description.ts';
import { type CellFileResult, describeEntry, type LibraryCell, parseCellFile } from './cell-file.ts';
import { FAILING_CELLS } from './failing-cells.ts';
import { FULL_CELLS } from './full-cells.ts';
import { SEPARATOR_CELLS } from './separator-cells.ts';
import { TEMPERATURE_CELLS } from './temperature-cells.ts';
import { ZINC_CELLS } from './zinc-cells.ts';

export const CELL_LIBRARY: Readonly<Record<string, LibraryCell>> = {
  ...ZINC_CELLS,
  ...SEPARATOR_CELLS,
  ...TEMPERATURE_CELLS,
  ...FULL_CELLS,
  ...FAILING_CELLS,
};

/** Names of the library, for a command's help and error text. */
export function cellModelNames(): string[] {
  return Object.keys(CELL_LIBRARY);
}

/** The cell of this name with all its numbers, or null when there is none. */
export function describeCell(name: string): CellDescription | null {
  const entry = Object.hasOwn(CELL_LIBRARY, name) ? CELL_LIBRARY[name] : undefined;
  if (entry === undefined) return null;
  const described = describeEntry(name, entry, CELL_LIBRARY);
  assert(described.ok, `cell ${name} of the library: ${described.ok ? '' : described.problems.join('; ')}`);
  return described.cell;
}

/** Parses what a YAML or JSON file held; `name` is the path as it was given. Each problem is one line. */
export function describeCellFile(given: unknown, name: string): CellFileResult {
  return parseCellFile(given, { name, library: CELL_LIBRARY });
}

/**
 * A fresh cell. Equal descriptions, seeds and cell numbers give equal lives; `cell` tells the cells of one
 * bench apart.
 */
export function createCellModel(
  description: CellDescription,
  { seed, cell }: { readonly seed: number; readonly cell: number },
): CellModel {
  assert(Number.isInteger(seed) && Number.isInteger(cell), `seed ${seed} and cell ${cell} must be integers`);
  switch (description.kind) {
    case 'zinc':
      return new ZincCell({ parameters: description.parameters, seed, cell });
    case 'full':
      return new FullCell(description.parameters);
    case 'hydrogen':
      return new HydrogenEvolutionCell(description.parameters);
    case 'resistive':
      return new ResistiveCell(description.parameters);
  }
}
