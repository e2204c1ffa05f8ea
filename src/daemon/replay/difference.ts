// The first difference between a recorded run and its replay, and how it is told: where, what was recorded,
// what today's code makes of it, what that means.
import type { ComparedTable, Part } from './compared-tables.ts';

export type Value = number | string | null;
export type Row = Readonly<Record<string, Value>>;

export interface Difference {
  readonly part: Part;
  /** Number of the row: of the command, event, step, half-cycle or sample. */
  readonly number: number;
  readonly step: number | null;
  /** Names the column, and the place in it. */
  readonly field: string;
  readonly recorded: string;
  readonly today: string;
  readonly meaning: string;
}

const ABSENT = '(nothing)';
/** JSON that is longer is shown as it begins. */
const SHOWN_MAX = 160;

/** null: the two rows say the same. */
export function differenceOf(
  { part, hasOwnNumber, meaning }: ComparedTable,
  recorded: Row | undefined,
  today: Row | undefined,
): Difference | null {
  const row = recorded ?? today;
  if (row === undefined) return null;
  const where = { part, number: Number(row['k']), step: stepOf(part, row), meaning };
  if (recorded === undefined || today === undefined) {
    const shown = (found: Row | undefined): string => (found === undefined ? ABSENT : shortened(found));
    return { ...where, field: 'row', recorded: shown(recorded), today: shown(today) };
  }
  for (const column of Object.keys(recorded)) {
    if (column === 'k' && !hasOwnNumber) continue;
    const [before, now] = [recorded[column] ?? null, today[column] ?? null];
    if (before === now) continue;
    const place = placeOfChange(parsed(before), parsed(now));
    if (place === null) continue;
    const step = place.step ?? where.step;
    const field = column === 'k' ? 'number' : `${column}${place.path}`;
    return { ...where, step, field, recorded: shortened(place.before), today: shortened(place.now) };
  }
  return null;
}

/** In one line, for people. */
export function sentenceOf(difference: Difference, placeOf: (step: number) => string | null): string {
  const { field, meaning, number, part, recorded, step, today } = difference;
  const place = step === null ? null : placeOf(step);
  const where = step === null ? '' : ` (step ${step}${place === null ? '' : `, ${place}`})`;
  return `${NAMES[part]} ${number}${where}: ${field} was ${recorded}, today it is ${today}: ${meaning}`;
}

const NAMES: Readonly<Record<Part, string>> = {
  command: 'command',
  event: 'event',
  began: 'start of step',
  ended: 'end of step',
  'half-cycle': 'half-cycle',
  sample: 'sample',
  gap: 'gap from sample',
  impedance: 'point of spectrum',
  aux: 'temperature',
};

function stepOf(part: Part, row: Row): number | null {
  if (part === 'began' || part === 'ended') return Number(row['k']);
  const step = row['step'];
  if (typeof step === 'number') return step;
  const tree = part === 'command' ? parsed(row['tree'] ?? null) : null;
  return stepNumberIn(tree);
}

/** The step number of the node that stands first in a tree. */
function stepNumberIn(value: unknown): number | null {
  if (typeof value !== 'object' || value === null) return null;
  if ('stepNumber' in value && typeof value.stepNumber === 'number') return value.stepNumber;
  return 'nodes' in value && Array.isArray(value.nodes) ? stepNumberIn(value.nodes[0]) : null;
}

interface Change {
  readonly path: string;
  readonly before: unknown;
  readonly now: unknown;
  /** Of the node that differs. */
  readonly step: number | null;
}

/** The first place at which two values differ; a field that is null and one that is absent are the same. */
function placeOfChange(before: unknown, now: unknown, path = '', step: number | null = null): Change | null {
  if (!isComposite(before) || !isComposite(now)) {
    return (before ?? null) === (now ?? null) ? null : { path, before, now, step };
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const name = Array.isArray(before) ? `[${key}]` : `.${key}`;
    const inside = stepNumberIn(before) ?? step;
    const found = placeOfChange(fieldOf(before, key), fieldOf(now, key), `${path}${name}`, inside);
    if (found !== null) return found;
  }
  return null;
}

function isComposite(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function fieldOf(value: object, key: string): unknown {
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

/** Columns of JSON are compared by what they say. */
function parsed(value: Value): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function shortened(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)} …` : text;
}
