// What every measurement loop is to the interpreter: a course of waits and points. A technique drives the
// cell and reads it; what a script does with a point is none of its business.
import { ERRORS, type ErrorCode } from '../error-codes.ts';
import type { Pgstat } from '../pgstat.ts';
import type { Value } from '../value.ts';

export type TechniqueEvent =
  /** Goes on at this microsecond of the device clock, or later where the script was halted. */
  | { readonly kind: 'until'; readonly us: number }
  /** Values for the output variables, in the order of the arguments. */
  | { readonly kind: 'point'; readonly values: readonly Value[] }
  | { readonly kind: 'scan-began'; readonly index: number }
  | { readonly kind: 'scan-ended' };

/**
 * Each `yield` gives back the time at which it goes on: after a point, when the script has done with it. The
 * grid of intervals does not move by what the script takes. The end is an error or null.
 */
export type Technique = Generator<TechniqueEvent, ErrorCode | null, number>;

export interface TechniqueStart {
  readonly pgstat: Pgstat;
  readonly startUs: number;
  /** Numbers behind the output variables, in amperes, volts, seconds, hertz. */
  readonly inputs: readonly number[];
  /** `nscans(n)`. */
  readonly scans: number;
  /** True once for each `R` that has come. */
  readonly takeReversal: () => boolean;
}

export type TechniqueFactory = (start: TechniqueStart) => Technique;

/** Shortest interval a loop can keep (inferred: the error 005A is known, its limit is not). */
const SHORTEST_US = 100;

/** Microseconds of a time in a script, or the error it is refused with. */
export function microseconds(
  seconds: number,
): { readonly ok: true; readonly us: number } | { readonly ok: false; readonly code: ErrorCode } {
  const us = seconds * 1e6;
  return us >= SHORTEST_US ? { ok: true, us } : { ok: false, code: ERRORS.timingImpossible };
}

/** Whole intervals in a run; a hair of rounding does not lose one. */
export function wholeIntervals(runS: number, intervalS: number): number {
  return Math.floor(runS / intervalS + 1e-6);
}

/** Input `index`; the parser has counted them. */
export function input(inputs: readonly number[], index: number): number {
  return inputs[index] ?? 0;
}
