// One reading array, as the sample buffer and the trace buffer hold it, and how it is written on the wire.
// What was neither sourced nor measured is +9.91e37 already here; what is beyond its range is +9.9e37.
import { NOT_A_NUMBER, readingText } from './number-format.ts';
import { CALC_ELEMENTS, type CalcElement, type Element, ELEMENTS } from './settings.ts';

export interface Reading {
  readonly voltageV: number;
  readonly currentA: number;
  readonly resistanceOhm: number;
  /** Result of limit test or null, else +9.91e37. */
  readonly calc: number;
  /** Device time at which the conversion ended; never wraps. */
  readonly atUs: number;
  /** Seconds on the instrument's timestamp clock; wraps. */
  readonly timeS: number;
  /** The 24-bit status word (p. 18-50). */
  readonly status: number;
}

/** The timestamp starts again at 0 after 99,999.999 s (p. 18-50). */
export const TIME_WRAP_S = 100_000;

/** Timestamps have a resolution of 1 ms. */
export function timestampS(elapsedUs: number): number {
  return (Math.floor(elapsedUs / 1000) % (TIME_WRAP_S * 1000)) / 1000;
}

/** The elements asked for, always in the order VOLT, CURR, RES, TIME, STAT (p. 18-49), with commas. */
export function readingsText(
  readings: readonly Reading[],
  elements: readonly Element[],
  timesS?: readonly number[],
): string {
  const order = ELEMENTS.filter((element) => elements.includes(element));
  return readings
    .flatMap((reading, index) => order.map((element) => elementOf(reading, element, timesS?.[index])))
    .map(readingText)
    .join(',');
}

/** The same for results of CALC2. */
export function calcText(
  readings: readonly Reading[],
  elements: readonly CalcElement[],
  timesS?: readonly number[],
): string {
  const order = CALC_ELEMENTS.filter((element) => elements.includes(element));
  return readings
    .flatMap((reading, index) =>
      order.map((element) =>
        element === 'CALC' ? reading.calc : elementOf(reading, element, timesS?.[index]),
      ),
    )
    .map(readingText)
    .join(',');
}

export function isNumber(value: number): boolean {
  return value !== NOT_A_NUMBER;
}

function elementOf(reading: Reading, element: Element, timeS = reading.timeS): number {
  switch (element) {
    case 'VOLT':
      return reading.voltageV;
    case 'CURR':
      return reading.currentA;
    case 'RES':
      return reading.resistanceOhm;
    case 'TIME':
      return timeS;
    case 'STAT':
      return reading.status;
  }
}
