// What a number of a cell file is: its key with the unit at the end, what is allowed, what is usual, where
// the default comes from; and the way between the units of a file and those of the models. One such table
// per model makes the schema, the page and the stored form; nothing else may know a unit of a cell file.
import { assert } from '../../../src/base/assert.ts';

/** internal = given x `times` / `over` + `plus`; `over` where a division is exact and a product is not. */
export interface Unit {
  readonly name: string;
  readonly times?: number;
  readonly over?: number;
  readonly plus?: number;
}

export interface Field {
  /** As written in a cell file, inside its section. */
  readonly key: string;
  readonly symbol: string;
  readonly unit: Unit;
  /** Allowed values, ends included, in `unit`. Wider than what is usual: a model is there to be strained. */
  readonly within: readonly [number, number];
  /** Plausible range, in `unit`; empty where there is none to speak of. */
  readonly usual: string;
  /** Where the default comes from. */
  readonly source: string;
  readonly about: string;
  /** A pair of bounds between which the model draws; default: one number. */
  readonly form?: 'number' | 'whole' | 'pair';
  /** The word `never` stands for infinity. */
  readonly canBeNever?: true;
}

/** A field for each parameter of a model: the compiler finds the one that was forgotten. */
export type FieldsOf<Parameters> = { readonly [Name in keyof Parameters]-?: Field };

/** A number, or two of them, as a model holds it. */
export type InternalValue = number | readonly number[];
/** The same as a cell file holds it. */
export type GivenValue = number | 'never' | readonly number[];

/** What stands in a file under these fields, as parameters of the model. */
export function internalFrom<Parameters extends object>(
  fields: FieldsOf<Parameters>,
  given: Readonly<Record<string, GivenValue>>,
): Parameters {
  const entries = Object.entries<Field>(fields).map(([name, field]) => {
    const value = given[field.key];
    assert(value !== undefined, `"${field.key}" must be given`);
    return [name, internalOf(field, value)] as const;
  });
  // The keys are those of `fields`, which has each key of Parameters.
  return Object.fromEntries(entries) as Parameters;
}

/** Parameters of a model as a file would hold them; parsing that file gives the same numbers, bit for bit. */
export function givenFrom<Parameters extends object>(
  fields: FieldsOf<Parameters>,
  parameters: Parameters,
): Readonly<Record<string, GivenValue>> {
  const values = new Map<string, InternalValue>(Object.entries(parameters));
  const entries = Object.entries<Field>(fields).map(([name, field]) => {
    const value = values.get(name);
    assert(value !== undefined, `parameter ${name} must be there`);
    return [field.key, givenOf(field, value)] as const;
  });
  return Object.fromEntries(entries);
}

function internalOf({ unit }: Field, given: GivenValue): InternalValue {
  if (given === 'never') return Number.POSITIVE_INFINITY;
  return typeof given === 'number' ? toInternal(unit, given) : given.map((one) => toInternal(unit, one));
}

function givenOf({ unit }: Field, value: InternalValue): GivenValue {
  if (value === Number.POSITIVE_INFINITY) return 'never';
  return typeof value === 'number' ? toGiven(unit, value) : value.map((one) => toGiven(unit, one));
}

export function toInternal(unit: Unit, given: number): number {
  const scaled = (given * (unit.times ?? 1)) / (unit.over ?? 1);
  // 223.15 K is meant, not the 223.149 999 999 999 98 that the addition gives.
  return unit.plus === undefined ? scaled : Number((scaled + unit.plus).toPrecision(12));
}

/** The shortest decimal that leads back to the same number. */
export function toGiven(unit: Unit, internal: number): number {
  const exact = ((internal - (unit.plus ?? 0)) * (unit.over ?? 1)) / (unit.times ?? 1);
  for (let digits = 6; digits <= 17; digits += 1) {
    const shown = Number(exact.toPrecision(digits));
    if (toInternal(unit, shown) === internal) return shown;
  }
  return exact;
}

/** The line of a field in help and messages: `0.001 … 1000 mA/cm2`. */
export function allowedText({ within: [low, high], unit, canBeNever }: Field): string {
  const range = `${low} … ${high}${unit.name === '1' ? '' : ` ${unit.name}`}`;
  return canBeNever === true ? `${range}, or never` : range;
}
