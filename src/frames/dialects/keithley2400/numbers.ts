// Numbers as a Keithley 2400 writes and reads them (IEEE 488.2 NRf), to and from integers of base units,
// exactly: no value passes through floating point. What stands for "no value" is told apart here, and
// nowhere else.

/** What stands in a reading: a value in a base unit, or why there is none. */
export type Measured = number | 'overflow' | 'unmeasured';

/**
 * Of an element that was not measured, and of one beyond its range (manual 2400S-900-01 section 18,
 * FORMat).
 */
const UNMEASURED = 9.91e37;
const OVERFLOW = 9.9e37;

/** Beyond this no quantity of a cell lies; it keeps the powers of ten below small. */
const EXPONENT_MAX = 40;

/** Powers of ten of the base units: nV, pA, us. */
export const POWER = { nV: 9, pA: 12, us: 6 } as const;

/** Integer nearest to text x 10^power, halves away from zero; null: not a number, or not a safe integer. */
export function scaledInteger(text: string, power: number): number | null {
  const match = /^([+-]?)(\d{1,20})(?:\.(\d{0,20}))?(?:E([+-]?\d{1,3}))?$/i.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent) - fraction.length + power;
  if (Math.abs(Number(exponent)) > EXPONENT_MAX) return null;
  const digits = BigInt(whole + fraction);
  const magnitude = Number(shift >= 0 ? digits * 10n ** BigInt(shift) : divideRounded(digits, -shift));
  if (!Number.isSafeInteger(magnitude)) return null;
  return (sign === '-' ? -magnitude : magnitude) + 0;
}

/** One element of a reading in a base unit; null: not a number. */
export function measuredFrom(text: string, power: number): Measured | null {
  const magnitude = Math.abs(Number(text));
  if (magnitude === UNMEASURED) return 'unmeasured';
  if (magnitude >= OVERFLOW) return 'overflow';
  return scaledInteger(text, power);
}

/** value x 10^-power, every digit of it: -1 130 000 000 pA is `-1.13E-03`. */
export function scientificFrom(value: number, power: number): string {
  if (value === 0) return '0';
  const digits = String(Math.abs(value));
  const fraction = digits.slice(1).replace(/0+$/, '');
  const mantissa = `${digits.slice(0, 1)}${fraction === '' ? '' : `.${fraction}`}`;
  const exponent = digits.length - 1 - power;
  const exponentDigits = String(Math.abs(exponent)).padStart(2, '0');
  return `${value < 0 ? '-' : ''}${mantissa}E${exponent < 0 ? '-' : '+'}${exponentDigits}`;
}

/** value / 10^places, halves up; not negative. */
function divideRounded(value: bigint, places: number): bigint {
  const by = 10n ** BigInt(places);
  return (2n * value + by) / (2n * by);
}
