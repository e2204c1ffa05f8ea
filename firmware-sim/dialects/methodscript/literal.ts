// Numbers as a script writes them: an integer with an SI prefix, never a decimal point (devices of PalmSens
// have no other literals). `i` makes an integer; hexadecimal and binary are integers by themselves.
import { ERRORS, type ErrorCode } from './error-codes.ts';

export type LiteralResult =
  | { readonly ok: true; readonly value: number; readonly isInteger: boolean }
  | { readonly ok: false; readonly code: ErrorCode };

/** Powers of ten of the prefixes a script and a data package may carry. */
export const PREFIX_EXPONENTS: Readonly<Record<string, number>> = {
  a: -18,
  f: -15,
  p: -12,
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

/** True where a token can only be meant as a number. */
export function isLiteral(text: string): boolean {
  return /^[+-]?\d/.test(text) || /^[+-]/.test(text);
}

export function parseLiteral(text: string): LiteralResult {
  const based = /^0([xb])([0-9A-Fa-f]*)([^0-9A-Fa-f].*)?$/.exec(text);
  if (based !== null) return parseBased(based[1] ?? '', based[2] ?? '', based[3] ?? '');
  if (/^[+-]?\d+\./.test(text)) return { ok: false, code: ERRORS.unexpectedCharacter };
  const decimal = /^([+-]?\d+)([afpnumkMGTPEi]?)$/.exec(text);
  if (decimal === null) return { ok: false, code: ERRORS.badLiteral };
  const digits = Number(decimal[1]);
  const suffix = decimal[2] ?? '';
  if (suffix === 'i') return { ok: true, value: digits, isInteger: true };
  return { ok: true, value: scaled(digits, PREFIX_EXPONENTS[suffix] ?? 0), isInteger: false };
}

/** 1 to 1e18; all but the last few are exact. */
const POWERS = Array.from({ length: 19 }, (_, exponent) => Number(`1e${exponent}`));

/** A power of ten is divided by, never its inverse multiplied with: that would round twice. */
export function scaled(value: number, exponent: number): number {
  const power = POWERS[Math.abs(exponent)] ?? Number.NaN;
  return exponent < 0 ? value / power : value * power;
}

function parseBased(base: string, digits: string, suffix: string): LiteralResult {
  const isWellFormed = base === 'x' ? digits !== '' : /^[01]+$/.test(digits);
  if (!isWellFormed) return { ok: false, code: ERRORS.badLiteral };
  if (suffix !== '' && suffix !== 'i') {
    return { ok: false, code: suffix in PREFIX_EXPONENTS ? ERRORS.hexNeedsInteger : ERRORS.badLiteral };
  }
  return { ok: true, value: Number.parseInt(digits, base === 'x' ? 16 : 2), isInteger: true };
}
