// Parameters of a protocol: a table with unit, range, default and meaning, parsed once, then frozen and
// stored with the run. Unknown names are errors; every message says the field, what was found, what is
// allowed.
import { type Dimension, formatQuantity, parseQuantity } from '../base/quantity.ts';
import { suggestion } from '../base/suggestion.ts';

export type ParameterSpec =
  | {
      readonly kind: 'quantity';
      readonly dimension: Dimension;
      readonly default: string;
      readonly min: string;
      readonly max: string;
      readonly about: string;
    }
  | {
      readonly kind: 'count';
      readonly default: number;
      readonly min: number;
      readonly max: number;
      readonly about: string;
    }
  | {
      readonly kind: 'choice';
      readonly default: string;
      readonly choices: readonly string[];
      readonly about: string;
    };

export type ParameterTable = Readonly<Record<string, ParameterSpec>>;

/** Quantities and counts become numbers (base units), choices stay words. */
export type ParameterValues<Table extends ParameterTable> = {
  readonly [Name in keyof Table]: Table[Name] extends { kind: 'choice'; choices: readonly (infer Word)[] }
    ? Word
    : number;
};

export type AnyParameterValues = Readonly<Record<string, number | string>>;

export type ParametersResult<Values> =
  | { readonly ok: true; readonly values: Values }
  | { readonly ok: false; readonly problems: readonly string[] };

interface Bounded<Bound> {
  readonly within: readonly [Bound, Bound];
  readonly about: string;
}

/** A value with a unit; texts of default and bounds carry theirs. */
export function quantity<Kind extends Dimension>(
  dimension: Kind,
  initial: string,
  { within, about }: Bounded<string>,
) {
  return { kind: 'quantity', dimension, default: initial, min: within[0], max: within[1], about } as const;
}

export function count(initial: number, within: readonly [number, number], about: string) {
  return { kind: 'count', default: initial, min: within[0], max: within[1], about } as const;
}

export function choice<const Words extends readonly string[]>(
  initial: Words[number],
  choices: Words,
  about: string,
) {
  return { kind: 'choice', default: initial, choices, about } as const;
}

/** Parses texts (or plain numbers for counts) by the table; what is not given takes its default. */
export function parseParameters<Table extends ParameterTable>(
  table: Table,
  given: Readonly<Record<string, unknown>>,
): ParametersResult<ParameterValues<Table>> {
  const problems: string[] = [];
  const names = Object.keys(table);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    problems.push(`unknown parameter "${name}"; ${suggestion(name, names)}`);
  }
  const values: Record<string, number | string> = {};
  for (const [name, spec] of Object.entries(table)) {
    const result = parseOne(spec, given[name] ?? spec.default);
    if (typeof result === 'object') problems.push(`"${name}": ${result.problem}`);
    else values[name] = result;
  }
  if (problems.length > 0) return { ok: false, problems };
  // The one place where the shape of the table becomes the type of the values.
  return { ok: true, values: Object.freeze(values) as ParameterValues<Table> };
}

function parseOne(spec: ParameterSpec, given: unknown): number | string | { readonly problem: string } {
  // What comes from JSON may be anything; `[5]` must not pass as the text "5".
  if (typeof given !== 'string' && typeof given !== 'number')
    return { problem: `${JSON.stringify(given)} is neither a text nor a number` };
  switch (spec.kind) {
    case 'quantity': {
      const parsed = parseQuantity(String(given), spec.dimension);
      if (!parsed.ok) return { problem: parsed.message };
      const min = parseQuantity(spec.min, spec.dimension);
      const max = parseQuantity(spec.max, spec.dimension);
      if (!min.ok || !max.ok) return { problem: `bounds of the table are wrong: ${spec.min}, ${spec.max}` };
      if (parsed.value >= min.value && parsed.value <= max.value) return parsed.value;
      return {
        problem: `${formatQuantity(parsed.value, spec.dimension)} is outside ${spec.min} … ${spec.max}`,
      };
    }
    case 'count': {
      const text = String(given).trim();
      const value = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      if (!Number.isSafeInteger(value)) return { problem: `"${String(given)}" is not a whole number` };
      if (value >= spec.min && value <= spec.max) return value;
      return { problem: `${value} is outside ${spec.min} … ${spec.max}` };
    }
    case 'choice': {
      const word = String(given);
      if (spec.choices.includes(word)) return word;
      return { problem: `"${word}" is not a choice; ${suggestion(word, spec.choices)}` };
    }
  }
}

/** The values as an operator would write them, for `meta` and `protocol show`. */
export function describeParameters(
  table: ParameterTable,
  values: AnyParameterValues,
): Record<string, number | string> {
  const shown: Record<string, number | string> = {};
  for (const [name, spec] of Object.entries(table)) {
    const value = values[name];
    if (value === undefined) continue;
    shown[name] =
      spec.kind === 'quantity' && typeof value === 'number' ? formatQuantity(value, spec.dimension) : value;
  }
  return shown;
}
