// `--cell-model`: a name of the cell library, or a cell file of one's own. Whatever is wrong is said before
// anything is started.
import { existsSync } from 'node:fs';
import type { CellDescription } from '../../firmware-sim/cell/library/cell-description.ts';
import {
  CELL_LIBRARY,
  cellModelNames,
  describeCell,
  describeCellFile,
} from '../../firmware-sim/cell/library/cell-library.ts';
import { GalvanodeError } from '../base/errors.ts';
import { readYaml } from './context.ts';
import { isFilePath, knownName } from './run-options.ts';

/** The description of the option, the same wherever it is taken. */
export const CELL_MODEL_ABOUT =
  'a cell named below, or a cell file (cell.yaml, see firmware-sim/cell/README.md)';

/** What is put into the holder where the operator names no cell: one that the protocol is made for. */
const DEFAULT_CELLS: Readonly<Record<string, string>> = {
  'coulombic-efficiency': 'zn-cu',
  'reservoir-efficiency': 'zn-cu',
  'calendar-ageing': 'zn-cu',
  nucleation: 'zn-cu',
  'cyclic-voltammetry': 'zn-cu',
  'high-dod': 'thin-foil-10um',
  'full-cell-cc': 'zn-mno2',
  'full-cell-cccv': 'zn-mno2',
  'full-cell-rate': 'zn-mno2',
  shelving: 'zn-mno2',
  gitt: 'zn-mno2',
  'linear-sweep': 'hydrogen-only',
};
export const DEFAULT_CELL = 'bare-zn';

export function defaultCellFor(protocolName: string): string {
  return DEFAULT_CELLS[protocolName] ?? DEFAULT_CELL;
}

/** The defaults in words, for help. */
export function defaultCellsText(): string {
  const cells = [...new Set(Object.values(DEFAULT_CELLS))];
  const others = cells.map((cell) => {
    const protocols = Object.keys(DEFAULT_CELLS).filter((protocol) => DEFAULT_CELLS[protocol] === cell);
    return `${cell} for ${protocols.join(', ')}`;
  });
  return `default: ${[DEFAULT_CELL, ...others].join('; ')}`;
}

/** The cell meant by `--cell-model`. Throws USAGE for an unknown name, CONFIG_INVALID for a bad file. */
export function cellModelFrom(text: string): CellDescription {
  if (!isFilePath(text)) {
    const cell = describeCell(knownName('--cell-model', text, cellModelNames()));
    if (cell !== null) return cell;
    throw new GalvanodeError('INTERNAL', `cell ${text} is listed and cannot be described`);
  }
  if (!existsSync(text)) {
    const advice = 'check the path, or name a cell that --help lists';
    throw new GalvanodeError('CONFIG_INVALID', `"--cell-model": no cell file at ${text}; ${advice}`);
  }
  const parsed = describeCellFile(readYaml(text), text);
  if (parsed.ok) return parsed.cell;
  const lines = parsed.problems.map((problem) => `${text}: ${problem}`);
  throw new GalvanodeError('CONFIG_INVALID', lines.join('\n'));
}

/** The area to run with where the operator names none: the cell's own, or that of a 12 mm disc. */
export function areaTextOf({ parameters }: CellDescription): string {
  return `${'areaCm2' in parameters ? parameters.areaCm2 : 1.13} cm2`;
}

/** The library, one line a cell, for the end of a command's help. */
export function cellModelHelp(): string {
  const width = Math.max(...cellModelNames().map((name) => name.length));
  const lines = Object.entries(CELL_LIBRARY).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`);
  return `\nCells (figures are illustrations, no evidence about materials):\n${lines.join('\n')}`;
}
