// Exact decimal text of scaled integers: 1234 nV is 0.000001234 V, never 0.0000012340000000000001.
// For exports, where a file must not hold digits that nobody measured.
import { assert } from '../base/assert.ts';

/** `value` times 10^-`digits`, shortest form: no trailing zeros, no exponent. */
export function decimalFromInteger(value: number, digits: number): string {
  assert(Number.isSafeInteger(value), `only whole numbers have an exact decimal, found ${value}`);
  const text = String(Math.abs(value)).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  const fraction = withoutTrailingZeros(text.slice(text.length - digits));
  const sign = value < 0 ? '-' : '';
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

const NC_PER_AH = 3_600_000_000_000;
const AH_DIGITS = 13;

/**
 * Ampere-hours from nanocoulombs. 1 nC is 2.7e-13 Ah and has no finite decimal, so it is rounded to 1e-13
 * Ah: fine enough that `Math.round(ah * 3.6e12)` gives the integer back.
 */
export function ampereHoursFromNc(chargeNc: number): string {
  assert(Number.isSafeInteger(chargeNc), `only whole numbers have an exact decimal, found ${chargeNc}`);
  const magnitudeNc = Math.abs(chargeNc);
  const whole = Math.floor(magnitudeNc / NC_PER_AH);
  // 1e13 / 3.6e12 = 25 / 9; below 9e13, so exact; a ninth is never half-way, so rounding has no tie.
  const units = Math.round(((magnitudeNc % NC_PER_AH) * 25) / 9);
  const fraction = withoutTrailingZeros(String(units).padStart(AH_DIGITS, '0'));
  const sign = chargeNc < 0 ? '-' : '';
  return fraction === '' ? sign + String(whole) : `${sign}${whole}.${fraction}`;
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end -= 1;
  return digits.slice(0, end);
}
