// The table of parameters in firmware-sim/cell/README.md, from the fields of a cell file and the defaults of
// the model: one line of Markdown a parameter.
import { cellFileOf } from '../../../firmware-sim/cell/library/cell-file.ts';
import type { Field } from '../../../firmware-sim/cell/library/cell-fields.ts';
import type { CellDescription } from '../../../firmware-sim/cell/library/cell-description.ts';
import { describeCell } from '../../../firmware-sim/cell/library/cell-library.ts';
import { FULL_FIELDS } from '../../../firmware-sim/cell/library/full-document.ts';
import { PLAIN_FIELDS } from '../../../firmware-sim/cell/library/plain-document.ts';
import {
  CELL_FIELDS,
  DEPOSIT_FIELDS,
  ELECTRODE_FIELDS,
  ELECTROLYTE_FIELDS,
  FILM_FIELDS,
  KINETICS_FIELDS,
  LOSS_FIELDS,
  SHORT_FIELDS,
} from '../../../firmware-sim/cell/library/zinc-fields.ts';

const SECTIONS: readonly (readonly [section: string, fields: Readonly<Record<string, Field>>])[] = [
  ['', CELL_FIELDS],
  ['kinetics', KINETICS_FIELDS],
  ['electrolyte', ELECTROLYTE_FIELDS],
  ['film', FILM_FIELDS],
  ['working', ELECTRODE_FIELDS],
  ['deposit', DEPOSIT_FIELDS],
  ['losses', LOSS_FIELDS],
  ['shorts', SHORT_FIELDS],
];

const HEAD = [
  '| symbol | key | unit | default | plausible | default from | meaning |',
  '| - | - | - | - | - | - | - |',
];

/** The flat kinds: a full cell, an electrode that evolves hydrogen; what is no plain number is left out. */
export function plainTable(kind: 'full' | 'hydrogen'): readonly string[] {
  const [name, fields] =
    kind === 'full' ? ['zn-mno2', FULL_FIELDS] : ['hydrogen-only', PLAIN_FIELDS.hydrogen];
  const values = cellFileOf(named(name));
  return [...HEAD, ...Object.values<Field>(fields).map((field) => row('', field, values))];
}

function named(name: string): CellDescription {
  const cell = describeCell(name);
  if (cell === null) throw new Error(`${name} must be in the library`);
  return cell;
}

/** Head and rows; the law of bare zinc stands for the defaults of `shorts`. */
export function parameterTable(): readonly string[] {
  const values = cellFileOf(named('bare-zn-ageing'));
  const rows = SECTIONS.flatMap(([section, fields]) =>
    Object.values(fields).map((field) => row(section, field, section === '' ? values : values[section])),
  );
  return [...HEAD, ...rows];
}

function row(section: string, field: Field, values: unknown): string {
  const value = new Map<string, unknown>(Object.entries(values ?? {})).get(field.key);
  const key = section === '' ? field.key : `${section}.${field.key}`;
  const { symbol, unit, usual, source, about } = field;
  const shown = Array.isArray(value) ? value.join(' … ') : String(value);
  return `| ${symbol} | \`${key}\` | ${unit.name} | ${shown} | ${usual} | ${source} | ${about} |`;
}
