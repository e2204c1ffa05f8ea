// Fields of a gvn1 payload (GVN1.md §2): `key=value` words and integers, read strictly.
// Reading never throws and never repairs: what is not as the page says is null: nonsense to the caller.

export type Fields = ReadonlyMap<string, string>;

const KEY = /^[a-z][a-z0-9_]*$/;
const WORD = /^[A-Za-z0-9._:,-]+$/;
const INTEGER = /^(?:0|-?[1-9][0-9]{0,15})$/;

/** Null when a field has no `=`, a bad key or value, or stands twice. An empty payload has no fields. */
export function parseFields(payload: string): Fields | null {
  const fields = new Map<string, string>();
  if (payload === '') return fields;
  for (const field of payload.split(' ')) {
    const equals = field.indexOf('=');
    const key = field.slice(0, Math.max(equals, 0));
    const value = field.slice(equals + 1);
    if (!KEY.test(key) || !WORD.test(value) || fields.has(key)) return null;
    fields.set(key, value);
  }
  return fields;
}

/** A decimal integer without plus, leading zeros or minus zero; null for anything else. */
export function parseInteger(text: string | undefined): number | null {
  if (text === undefined || !INTEGER.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

export function isWord(text: string): boolean {
  return WORD.test(text);
}

/** Collects the fields of one answer; `isComplete` tells at the end whether all were there and good. */
export class FieldReader {
  readonly #fields: Fields;
  #isComplete = true;

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  integer(key: string, min = -Number.MAX_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): number {
    const value = parseInteger(this.#fields.get(key));
    if (value !== null && value >= min && value <= max) return value;
    this.#isComplete = false;
    return 0;
  }

  /** Null where the field is absent; one that is there must be good. */
  optionalInteger(key: string, min: number): number | null {
    return this.#fields.has(key) ? this.integer(key, min) : null;
  }

  word(key: string): string {
    const value = this.#fields.get(key);
    if (value !== undefined && value !== '-') return value;
    this.#isComplete = false;
    return '';
  }

  /** `-` is null. */
  wordOrNone(key: string): string | null {
    return this.#fields.get(key) === '-' ? null : this.word(key);
  }

  /** Words joined by commas; none where the field is absent or `-`. */
  optionalWords(key: string): readonly string[] {
    const value = this.#fields.get(key);
    if (value === undefined || value === '-') return [];
    return value.split(',').filter((name) => name !== '');
  }

  oneOf<Choice extends string>(key: string, choices: readonly Choice[]): Choice | null {
    const value = this.#fields.get(key);
    const choice = choices.find((each) => each === value);
    if (choice === undefined) this.#isComplete = false;
    return choice ?? null;
  }

  integers(key: string): readonly number[] {
    const values: number[] = [];
    for (const text of this.word(key).split(',')) {
      const value = parseInteger(text);
      if (value === null) this.#isComplete = false;
      else values.push(value);
    }
    return values;
  }
}
