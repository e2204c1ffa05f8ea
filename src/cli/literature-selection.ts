// Which systems `--table` and `--ref` mean. Pure; whatever is not there is told with what is.
import { GalvanodeError } from '../base/errors.ts';

export interface Selectable {
  readonly refs: readonly number[];
  /** null: a claim of the text. */
  readonly table: 1 | 2 | null;
}

export interface Selection {
  readonly table?: string;
  readonly ref?: string;
}

/** Those that match both options. Throws USAGE where nothing does. */
export function selectSystems<System extends Selectable>(
  systems: readonly System[],
  { table, ref }: Selection,
): readonly System[] {
  if (table !== undefined && table !== '1' && table !== '2')
    throw new GalvanodeError('USAGE', `"--table": "${table}" is not 1 or 2`);
  const ofTable = systems.filter((system) => table === undefined || String(system.table) === table);
  if (ref === undefined) return ofTable;
  const found = ofTable.filter(({ refs }) => refs.some((number) => String(number) === ref.trim()));
  if (found.length > 0) return found;
  const known = spansOf(ofTable.flatMap(({ refs }) => refs));
  const where = table === undefined ? 'here' : `in table ${table}`;
  throw new GalvanodeError('USAGE', `"--ref": nothing to run for "${ref}" ${where}; there are ${known}`);
}

/** `133, 145-196`. */
export function spansOf(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const spans: { first: number; last: number }[] = [];
  for (const number of sorted) {
    const open = spans.at(-1);
    if (open !== undefined && number === open.last + 1) open.last = number;
    else spans.push({ first: number, last: number });
  }
  return spans.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}
