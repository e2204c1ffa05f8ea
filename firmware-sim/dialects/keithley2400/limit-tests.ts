// CALC2: null, limit test 1 (compliance) and limit test 2 (a window), in grading mode (manual section 12).
// Pure: what a reading comes to, and how the status word tells it.
import { NOT_A_NUMBER } from './number-format.ts';
import type { Settings } from './settings.ts';

export interface LimitResult {
  readonly hasFailed1: boolean;
  readonly isLow2: boolean;
  readonly isHigh2: boolean;
}

export const NO_RESULT: LimitResult = { hasFailed1: false, isLow2: false, isHigh2: false };

/** Bits 8 and 9 of the status word in grading mode (p. 18-52). */
const LIMIT_1_BITS = 0b01 << 8;
const HIGH_2_BITS = 0b10 << 8;
const LOW_2_BITS = 0b11 << 8;

export interface FeedValues {
  readonly voltageV: number;
  readonly currentA: number;
  readonly resistanceOhm: number;
}

/** The value that CALC2 works on, less the null offset; +9.91e37 where it has nothing to do. */
export function calcValue(values: FeedValues, { words, switches, numbers }: Settings): number {
  const isWorking = switches.isNull || switches.isLimit1 || switches.isLimit2;
  const value = feedValue(values, words.limitFeed);
  if (!isWorking || value === NOT_A_NUMBER) return NOT_A_NUMBER;
  return switches.isNull ? value - numbers.nullOffset : value;
}

export function feedValue(values: FeedValues, feed: string): number {
  if (feed === 'VOLT') return values.voltageV;
  if (feed === 'CURR') return values.currentA;
  return feed === 'RES' ? values.resistanceOhm : NOT_A_NUMBER;
}

export function testLimits(
  calc: number,
  isAtCompliance: boolean,
  { switches, numbers, words }: Settings,
): LimitResult {
  const isTested2 = switches.isLimit2 && calc !== NOT_A_NUMBER;
  return {
    hasFailed1: switches.isLimit1 && isAtCompliance === (words.limit1Fail === 'IN'),
    isLow2: isTested2 && calc < numbers.lowLimit2,
    isHigh2: isTested2 && calc > numbers.highLimit2,
  };
}

export function limitBits({ hasFailed1, isLow2, isHigh2 }: LimitResult): number {
  if (hasFailed1) return LIMIT_1_BITS;
  if (isHigh2) return HIGH_2_BITS;
  return isLow2 ? LOW_2_BITS : 0;
}
