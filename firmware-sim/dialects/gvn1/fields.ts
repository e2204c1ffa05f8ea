// Fields of a command: `key=value` separated by single spaces, checked against the command's own table.
// A field that is malformed, repeated, unknown or missing is told by its key.
import { assert } from '../../../src/base/assert.ts';

/**
 * `word`: at most 32 characters, not `-` alone. `one`: 1 or absent. `mode-cv` and `rule-burst`: with the
 * mode, and the record rule, that not every device has.
 */
export type FieldKind =
  | 'integer'
  | 'word'
  | 'job'
  | 'one'
  | 'mode'
  | 'mode-cv'
  | 'policy'
  | 'rule'
  | 'rule-burst'
  | 'children';

export interface FieldSpec {
  readonly kind: FieldKind;
  readonly isOptional: boolean;
}

export type FieldTable = Readonly<Record<string, FieldSpec>>;

export type FieldsResult =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly key: string };

const KEY = /^[a-z][a-z0-9_]*$/;
const VALUE = /^[A-Za-z0-9._:,-]+$/;
const INTEGER = /^(?:0|-?[1-9]\d*)$/;
const PATTERNS: Readonly<Record<FieldKind, RegExp>> = {
  integer: INTEGER,
  word: /^(?!-$)[A-Za-z0-9._:,-]{1,32}$/,
  job: /^[0-9a-f]{8}$/,
  one: /^1$/,
  mode: /^(?:cc|rest)$/,
  'mode-cv': /^(?:cc|rest|cv)$/,
  policy: /^(?:off|finish-step|finish-cycle)$/,
  rule: /^-?\d+(?:,-?\d+){2}$/,
  'rule-burst': /^-?\d+(?:,-?\d+){2}(?:(?:,-?\d+){2})?$/,
  children: /^(?:-|[a-z]+:\d+(?:,[a-z]+:\d+)*)$/,
};

/** Nothing on the wire is larger: every number is exact in a double. */
export const MAGNITUDE_MAX = Number.MAX_SAFE_INTEGER;

/** The fields of one command, all of them valid in form. */
export class Fields {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  integer(key: string): number {
    return Number(this.text(key));
  }

  integerOrNull(key: string): number | null {
    return this.#values.has(key) ? this.integer(key) : null;
  }

  text(key: string): string {
    const value = this.#values.get(key);
    assert(value !== undefined, `field ${key} must be in the command's table as required`);
    return value;
  }
}

export type SplitResult =
  | { readonly ok: true; readonly values: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly key: string };

/** Cuts a payload into its fields, whatever they mean. The key of a field that has none is ''. */
export function splitFields(payload: string): SplitResult {
  return split(payload, () => true);
}

/** Holds the fields of a payload against its command's table. Tells the leftmost bad one or a missing one. */
export function parseFields(payload: string, table: FieldTable): FieldsResult {
  const result = split(payload, (key, value) => {
    const spec = Object.hasOwn(table, key) ? table[key] : undefined;
    return spec !== undefined && isWellFormed(value, spec.kind);
  });
  if (!result.ok) return result;
  for (const [key, spec] of Object.entries(table)) {
    if (!spec.isOptional && !result.values.has(key)) return { ok: false, key };
  }
  return { ok: true, fields: new Fields(result.values) };
}

function split(payload: string, isAllowed: (key: string, value: string) => boolean): SplitResult {
  const values = new Map<string, string>();
  for (const field of payload === '' ? [] : payload.split(' ')) {
    const equals = field.indexOf('=');
    const key = field.slice(0, Math.max(0, equals));
    if (!KEY.test(key)) return { ok: false, key: '' };
    const value = field.slice(equals + 1);
    if (values.has(key) || !VALUE.test(value) || !isAllowed(key, value)) return { ok: false, key };
    values.set(key, value);
  }
  return { ok: true, values };
}

function isWellFormed(value: string, kind: FieldKind): boolean {
  if (!PATTERNS[kind].test(value)) return false;
  return kind !== 'integer' || Math.abs(Number(value)) <= MAGNITUDE_MAX;
}

/** The integers of a positional value such as `10000000,0,0`, or null. */
export function parseIntegers(value: string, count: number): number[] | null {
  const parts = value.split(',');
  if (parts.length !== count || !parts.every((part) => isWellFormed(part, 'integer'))) return null;
  return parts.map(Number);
}
