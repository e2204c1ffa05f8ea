// A cell file, `schema: galvanode-cell-1`: a cell of the library and what differs from it. The entries of the
// library pass through the same schema. Parsing throws nothing: it returns the cell or one line a problem.
import { z } from 'zod';
import { suggestion } from '../../../src/base/suggestion.ts';
import { type FieldsOf, givenFrom, type GivenValue, internalFrom } from './cell-fields.ts';
import type { CellDescription } from './cell-description.ts';
import { problemsOf, sectionShape, shown, strict } from './field-schema.ts';
import { FULL_SHAPE, fullParameters, fullValues } from './full-document.ts';
import { PLAIN_DEFAULTS, PLAIN_FIELDS } from './plain-document.ts';
import { mergeZinc, ZINC_SHAPE, zincParameters, zincProblems, zincValues } from './zinc-document.ts';

export const CELL_SCHEMA = 'galvanode-cell-1';

/** What an entry or a file says of its cell, in the units of its keys; what that is depends on the kind. */
export type CellValues = Readonly<Record<string, unknown>>;

export interface LibraryCell {
  readonly kind: CellDescription['kind'];
  readonly about: string;
  /** The protocol that it is for, where there is one. */
  readonly protocol: string | null;
  readonly basedOn?: string;
  readonly values: CellValues;
  /** For each number given here, where it comes from. */
  readonly sources: Readonly<Record<string, string>>;
}

export type CellLibrary = Readonly<Record<string, LibraryCell>>;

export type CellFileResult =
  | { readonly ok: true; readonly cell: CellDescription }
  | { readonly ok: false; readonly problems: readonly string[] };

type Kind = CellDescription['kind'];

const HEADER_SHAPE = {
  schema: z.unknown(),
  based_on: z.unknown(),
  name: z.string('write text').optional(),
  about: z.string('write a sentence').max(200, 'keep it to one line of 200 characters').optional(),
  notes: z.string('write text').optional(),
  sources: z.record(z.string(), z.string('write text'), 'write field: source, one a line').optional(),
};

const SHAPES: Readonly<Record<Kind, Readonly<Record<string, z.ZodType>>>> = {
  zinc: ZINC_SHAPE,
  full: FULL_SHAPE,
  hydrogen: sectionShape(PLAIN_FIELDS.hydrogen),
  resistive: sectionShape(PLAIN_FIELDS.resistive),
};

/** Parses what a YAML or JSON file held. `name` is how the cell will be called: the path as it was given. */
export function parseCellFile(
  given: unknown,
  { name, library }: { readonly name: string; readonly library: CellLibrary },
): CellFileResult {
  const header = headerOf(given, library);
  if (typeof header === 'string') return { ok: false, problems: [header] };
  const base = library[header.basedOn];
  if (base === undefined) return { ok: false, problems: ['"based_on": is no cell of the library'] };
  const parsed = strict({ ...HEADER_SHAPE, ...SHAPES[base.kind] }).safeParse(given);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error.issues) };
  const { about, ...rest } = parsed.data;
  const changes = Object.fromEntries(
    Object.entries(rest).filter(([key]) => !Object.hasOwn(HEADER_SHAPE, key)),
  );
  const words = { name, about: typeof about === 'string' ? about : `changed from ${header.basedOn}` };
  const values = merge(base.kind, valuesOf(base, library), changes);
  const problems = base.kind === 'zinc' ? zincProblems(values) : [];
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, cell: describe(base.kind, words, values) };
}

/** The name of the cell it is based on, or what is wrong before anything else can be looked at. */
function headerOf(given: unknown, library: CellLibrary): { readonly basedOn: string } | string {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return `"(file)": ${shown(given)} is no cell; begin with schema: ${CELL_SCHEMA} and based_on: bare-zn`;
  const { schema, based_on: basedOn }: { schema?: unknown; based_on?: unknown } = given;
  if (schema !== CELL_SCHEMA)
    return `"schema": ${shown(schema)} is not known; write schema: ${CELL_SCHEMA} (and units in the keys)`;
  if (typeof basedOn === 'string' && Object.hasOwn(library, basedOn)) return { basedOn };
  if (basedOn === undefined)
    return '"based_on": is missing; name a cell of the library, e.g. based_on: bare-zn';
  const advice = suggestion(typeof basedOn === 'string' ? basedOn : '', Object.keys(library));
  return `"based_on": ${shown(basedOn)} is no cell of the library; ${advice}`;
}

/** An entry of the library, resolved: what it says, over its base, over the defaults of its kind. */
export function describeEntry(name: string, entry: LibraryCell, library: CellLibrary): CellFileResult {
  const parsed = strict({ ...SHAPES[entry.kind] }).safeParse(entry.values);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error.issues) };
  return { ok: true, cell: describe(entry.kind, { name, about: entry.about }, valuesOf(entry, library)) };
}

/** What an entry and its ancestors say, the nearest word last. */
function valuesOf(entry: LibraryCell, library: CellLibrary): CellValues {
  const parent = entry.basedOn === undefined ? undefined : library[entry.basedOn];
  const own = strict({ ...SHAPES[entry.kind] }).parse(entry.values);
  return parent === undefined ? own : merge(entry.kind, valuesOf(parent, library), own);
}

function merge(kind: Kind, base: CellValues, changes: CellValues): CellValues {
  // Both have passed the schema of this kind.
  return kind === 'zinc' ? mergeZinc(base, changes) : { ...base, ...changes };
}

function describe(
  kind: Kind,
  words: { readonly name: string; readonly about: string },
  values: CellValues,
): CellDescription {
  switch (kind) {
    case 'zinc':
      return { kind, ...words, parameters: zincParameters(values) };
    case 'full':
      return { kind, ...words, parameters: fullParameters(values) };
    case 'hydrogen':
      return {
        kind,
        ...words,
        parameters: plainParameters(PLAIN_FIELDS[kind], PLAIN_DEFAULTS[kind], values),
      };
    case 'resistive':
      return {
        kind,
        ...words,
        parameters: plainParameters(PLAIN_FIELDS[kind], PLAIN_DEFAULTS[kind], values),
      };
  }
}

function plainParameters<Parameters extends object>(
  fields: FieldsOf<Parameters>,
  defaults: Parameters,
  values: CellValues,
): Parameters {
  // The schema of the kind has passed them.
  const changes = values as Readonly<Record<string, GivenValue>>;
  return internalFrom(fields, { ...givenFrom(fields, defaults), ...changes });
}

/**
 * The complete cell as a cell file, every number said: what a run stores of it. Parsed again it gives the
 * same parameters, bit for bit, whatever has become of the library since.
 */
export function cellFileOf(cell: CellDescription): Readonly<Record<string, unknown>> {
  const head = { schema: CELL_SCHEMA, based_on: BASE_OF_KIND[cell.kind], name: cell.name, about: cell.about };
  switch (cell.kind) {
    case 'zinc':
      return { ...head, ...zincValues(cell.parameters) };
    case 'resistive':
      return { ...head, ...givenFrom(PLAIN_FIELDS[cell.kind], cell.parameters) };
    case 'full':
      return { ...head, ...fullValues(cell.parameters) };
    case 'hydrogen':
      return { ...head, ...givenFrom(PLAIN_FIELDS[cell.kind], cell.parameters) };
  }
}

/** An entry of each kind, for a file that says everything itself. */
const BASE_OF_KIND: Readonly<Record<Kind, string>> = {
  zinc: 'bare-zn',
  full: 'zn-mno2',
  hydrogen: 'hydrogen-only',
  resistive: 'dummy-10-ohm',
};
