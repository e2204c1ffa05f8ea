// One data package of a running MethodSCRIPT: a line to its variables. Values stay exact: an integer and a
// power of ten. Null is garbage to the caller, which counts it; nothing is ever repaired.
//
//   P<type:2><hex:7><prefix:1>[,<metadata>]*;…LF      value = (hex - 0x8000000) x prefix
//
// MethodSCRIPT manual v1.8, "Measurement data package variables".
import { assert } from '../../../base/assert.ts';

const EXPONENT_BY_PREFIX: Readonly<Record<string, number>> = {
  a: -18,
  f: -15,
  p: -12,
  n: -9,
  u: -6,
  m: -3,
  ' ': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
  /** A whole number. */
  i: 0,
};

const ZERO = 0x8000000;
/** Five spaces and `nan` stand in place of the eight characters of a value. */
const VARIABLE = /^([a-z]{2})(?:([0-9A-F]{7})([afpnum kMGTPEi])|( {5}nan))((?:,[0-9A-F]+)*)$/;

export interface PackageVariable {
  /** What is measured: `ab` volts, `ba` amperes, `eb` seconds … */
  readonly type: string;
  /** Null: not a number. */
  readonly raw: number | null;
  /** As on the wire; a space is a prefix. */
  readonly prefix: string;
  /** Value = raw x 10^exponent, in SI units. */
  readonly exponent: number;
  /** Hex words as they came; unknown ones are for nobody. */
  readonly metadata: readonly string[];
}

/** Takes a line without its LF, its `P` included. */
export function parsePackage(line: string): readonly PackageVariable[] | null {
  if (!line.startsWith('P')) return null;
  const variables: PackageVariable[] = [];
  for (const text of line.slice(1).split(';')) {
    const variable = parseVariable(text);
    if (variable === null) return null;
    variables.push(variable);
  }
  return variables;
}

function parseVariable(text: string): PackageVariable | null {
  const [, type, hex, prefix, notANumber, metadataText = ''] = VARIABLE.exec(text) ?? [];
  if (type === undefined) return null;
  const metadata = metadataText.split(',').slice(1);
  if (notANumber !== undefined) return { type, raw: null, prefix: ' ', exponent: 0, metadata };
  const exponent = EXPONENT_BY_PREFIX[prefix ?? ''];
  if (hex === undefined || prefix === undefined || exponent === undefined) return null;
  return { type, raw: Number.parseInt(hex, 16) - ZERO, prefix, exponent, metadata };
}

/** The value in SI units; NaN where it is none. Division by a power of ten rounds once, so prints as sent. */
export function valueOf({ raw, exponent }: PackageVariable): number {
  if (raw === null) return Number.NaN;
  return exponent < 0 ? raw / 10 ** -exponent : raw * 10 ** exponent;
}

/** The value in units of ten to `exponent`, rounded; null where it is no number or does not fit. */
export function integerOf(variable: PackageVariable, exponent: number): number | null {
  assert(Number.isInteger(exponent), `exponent must be an integer, found ${exponent}`);
  if (variable.raw === null) return null;
  const shift = variable.exponent - exponent;
  const value = Math.round(shift < 0 ? variable.raw / 10 ** -shift : variable.raw * 10 ** shift);
  // Minus zero is no value.
  return Number.isSafeInteger(value) ? value + 0 : null;
}

/** Status bits of the metadata word `1X`. */
export const STATUS = { timingNotMet: 1, overload: 2, underload: 4, overloadWarning: 8 } as const;

/** Status bits of a variable; 0 where it has none. */
export function statusOf({ metadata }: PackageVariable): number {
  const word = metadata.find((each) => each.length === 2 && each.startsWith('1'));
  return word === undefined ? 0 : Number.parseInt(word.slice(1), 16);
}

/** Range index of the metadata word `2XX`; null where it has none. */
export function rangeOf({ metadata }: PackageVariable): number | null {
  const word = metadata.find((each) => each.length === 3 && each.startsWith('2'));
  return word === undefined ? null : Number.parseInt(word.slice(1), 16);
}
