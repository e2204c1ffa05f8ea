// Numbers as a MethodSCRIPT writes them: an integer and an SI prefix, no decimal point (`1500m`, `-1130u`).
// Takes the integers of this project (nV, pA, us) as they are; nothing is divided that need not be.
import { assert, assertInteger } from '../../../base/assert.ts';

/** Base units of the project as powers of ten of the SI unit. */
export const EXPONENT = { voltageNv: -9, currentPa: -12, timeUs: -6, frequencyMilliHz: -3 } as const;

const PREFIX_BY_EXPONENT: Readonly<Record<number, string>> = {
  [-12]: 'p',
  [-9]: 'n',
  [-6]: 'u',
  [-3]: 'm',
  0: '',
};

/** Literals are taken to be 32 bits wide; what does not fit is rounded to the next coarser prefix. */
const LITERAL_MAX = 2 ** 31 - 1;

/** `value` counts units of ten to `exponent`; the coarsest prefix that loses nothing is written. */
export function literalFrom(value: number, exponent: number): string {
  assertInteger(value, 'a literal');
  assert(
    PREFIX_BY_EXPONENT[exponent] !== undefined,
    `exponent must be -12, -9, -6, -3 or 0, found ${exponent}`,
  );
  let count = value;
  let power = exponent;
  while (power < 0 && (count % 1000 === 0 || Math.abs(count) > LITERAL_MAX)) {
    count = Math.round(count / 1000);
    power += 3;
  }
  assert(Math.abs(count) <= LITERAL_MAX, `a literal must fit 32 bits, found ${value}`);
  // Minus zero prints as 0; zero has no prefix.
  return `${count}${PREFIX_BY_EXPONENT[power] ?? ''}`;
}

export function voltageLiteral(voltageNv: number): string {
  return literalFrom(voltageNv, EXPONENT.voltageNv);
}

export function currentLiteral(currentPa: number): string {
  return literalFrom(currentPa, EXPONENT.currentPa);
}

/** Above 2147 s in steps of 1 ms. */
export function timeLiteral(timeUs: number): string {
  return literalFrom(timeUs, EXPONENT.timeUs);
}

export function frequencyLiteral(frequencyMilliHz: number): string {
  return literalFrom(frequencyMilliHz, EXPONENT.frequencyMilliHz);
}

/** A whole number, of the script's integer kind. */
export function countLiteral(count: number): string {
  return `${literalFrom(count, 0)}i`;
}
