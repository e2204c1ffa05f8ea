// A value as a data package carries it: type, seven hexadecimal digits, prefix, metadata. The prefix is the
// finest at which the digits suffice: 21 of the 23 packages PalmSens has published obey this rule, the other
// two are the manual's didactic ones. Second implementation: shares nothing with the driver's decoder.
import { PREFIX_EXPONENTS, scaled } from './literal.ts';
import type { Value } from './value.ts';

/** 27 bits and a sign, sent with an offset. */
const RAW_MAX = 0x7ffffff;
const OFFSET = 0x8000000;
const NOT_A_NUMBER = '     nan';
const ZERO = '8000000 ';

/** Finest first. */
const PREFIXES = [...Object.entries(PREFIX_EXPONENTS), [' ', 0] as const].toSorted((a, b) => a[1] - b[1]);

export function variableText({ value, isInteger, type, metadata }: Value, noise: string | null): string {
  const number = isInteger ? integerText(value) : floatText(value);
  if (metadata === null) return type + number;
  const status = metadata.status.toString(16).toUpperCase();
  const range = metadata.range.toString(16).toUpperCase().padStart(2, '0');
  return `${type}${number},1${status},2${range}${noise === null ? '' : `,${noise}`}`;
}

/** Beyond 27 bits an integer is sent as the largest there is (inferred). */
function integerText(value: number): string {
  return `${digits(Math.max(-RAW_MAX, Math.min(RAW_MAX, value)))}i`;
}

function floatText(value: number): string {
  if (!Number.isFinite(value)) return NOT_A_NUMBER;
  for (const [prefix, exponent] of PREFIXES) {
    const raw = rounded(scaled(value, -exponent));
    if (raw === 0) return ZERO;
    if (Math.abs(raw) <= RAW_MAX) return digits(raw) + prefix;
  }
  return NOT_A_NUMBER;
}

/** Half away from zero, so that a value and its negative have the same digits. */
function rounded(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

function digits(raw: number): string {
  return (raw + OFFSET).toString(16).toUpperCase().padStart(7, '0');
}
