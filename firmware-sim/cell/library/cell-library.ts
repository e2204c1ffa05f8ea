// Named cell models as data. A new cell is one entry here; a new kind of physics is one file beside
// symmetric-zinc.ts.
import type { CellModel } from '../cell-model.ts';
import { ResistiveCell, type ResistiveCellParameters } from '../resistive-cell.ts';
import { SYMMETRIC_ZINC_DEFAULTS, SymmetricZinc, type SymmetricZincParameters } from '../symmetric-zinc.ts';

export type CellDescription =
  | { readonly kind: 'symmetric-zinc'; readonly about: string; readonly parameters: SymmetricZincParameters }
  | { readonly kind: 'resistive'; readonly about: string; readonly parameters: ResistiveCellParameters };

export const CELL_LIBRARY: Readonly<Record<string, CellDescription>> = {
  'bare-zn': {
    kind: 'symmetric-zinc',
    about: 'Zn foil on both sides, 2 M ZnSO4, glass fibre, 1.13 cm2',
    parameters: SYMMETRIC_ZINC_DEFAULTS,
  },
  'dummy-10-ohm': {
    kind: 'resistive',
    about: 'a 10 ohm resistor in the holder',
    parameters: { openCircuitV: 0, resistanceOhm: 10 },
  },
  'open-leads': {
    kind: 'resistive',
    about: 'nothing in the holder: the source runs into its compliance',
    parameters: { openCircuitV: 0, resistanceOhm: 1e9 },
  },
  'battery-1v4': {
    kind: 'resistive',
    about: 'a Zn-MnO2 battery where a symmetric cell should be',
    parameters: { openCircuitV: 1.4, resistanceOhm: 5 },
  },
};

/** Names that `createCellModel` knows, for a command's help and error text. */
export function cellModelNames(): string[] {
  return Object.keys(CELL_LIBRARY);
}

/** A fresh cell of this name, or null when there is none. */
export function createCellModel(name: string): CellModel | null {
  const description = Object.hasOwn(CELL_LIBRARY, name) ? CELL_LIBRARY[name] : undefined;
  if (description === undefined) return null;
  switch (description.kind) {
    case 'symmetric-zinc':
      return new SymmetricZinc(description.parameters);
    case 'resistive':
      return new ResistiveCell(description.parameters);
  }
}
