// Life of a cell: how long its main cycles had driven current when it failed, and by which class. A run that
// did not fail gives a bound, never a life. Pure arithmetic over the record.
import { assert } from '../base/assert.ts';
import type { Verdict } from '../steps/protocol.ts';
import { PROGRAM_END_REASONS } from '../steps/step.ts';
import { type AnalysedHalfCycle, isMain } from './half-cycle-row.ts';

/** Classes that end a life. Low efficiency is one of the cell too, but it goes on living. */
const FAILURES: readonly string[] = [
  'hard-short',
  'short-asymmetric',
  'soft-short-persistent',
  'exhaustion',
  'polarisation',
  'voltage-limit',
] satisfies readonly Verdict[];

export interface LifeInput {
  /** In order. */
  readonly halfCycles: readonly AnalysedHalfCycle[];
  /** Of the run; null while it goes on. */
  readonly verdict: string | null;
  /** Onsets of hard shorts, also of those that were only recorded. */
  readonly shortOnsetsUs: readonly number[];
}

export interface Life {
  /** null: it had not failed when the record ended. */
  readonly failure: string | null;
  /**
   * True: the cell lived at least so long (completed, stopped, ended by something that is not the cell's).
   */
  readonly isBound: boolean;
  /** Of main-cycling current, without interrupted half-cycles. */
  readonly currentHours: number;
  /** On the device's clock, from the first main half-cycle, rests and outages included. */
  readonly deviceHours: number;
  /** Plated by then in the main cycles, at one electrode. */
  readonly platedChargeNc: number;
}

/** Life until the earliest failure; in hours and nC. */
export function lifeOf(input: LifeInput): Life {
  const main = input.halfCycles.filter(isMain);
  const { failure, onsetUs } = failureOf(input, main);
  // A half-cycle that failed at its end counts, however it was cut off.
  const counted = main.filter((row) => !row.isInterrupted || (failure !== null && row.endUs === onsetUs));
  const lived = counted.map((row) => ({
    row,
    livedUs: Math.max(0, Math.min(row.endUs, onsetUs) - row.startUs),
  }));
  const plated = lived.filter(({ row }) => row.half === 'plate');
  return {
    failure,
    isBound: failure === null,
    currentHours: lived.reduce((sum, { livedUs }) => sum + livedUs, 0) / 3.6e9,
    deviceHours: Math.max(0, onsetUs - (main[0]?.startUs ?? onsetUs)) / 3.6e9,
    platedChargeNc: plated.reduce((sum, { row, livedUs }) => sum + row.chargeNc * shareOf(row, livedUs), 0),
  };
}

/** The current is constant: charge goes with time. */
function shareOf({ startUs, endUs }: AnalysedHalfCycle, livedUs: number): number {
  return endUs > startUs ? livedUs / (endUs - startUs) : 0;
}

/** The earliest failure and the moment of it; where there is none, the end of the record. */
function failureOf(
  { verdict, shortOnsetsUs }: LifeInput,
  main: readonly AnalysedHalfCycle[],
): { readonly failure: string | null; readonly onsetUs: number } {
  const last = main.at(-1);
  const shortUs = shortOnsetsUs.reduce(
    (first, onsetUs) => Math.min(first, onsetUs),
    Number.POSITIVE_INFINITY,
  );
  if (Number.isFinite(shortUs)) return { failure: 'hard-short', onsetUs: shortUs };
  const endUs = last?.endUs ?? 0;
  if (verdict === null || last === undefined || !FAILURES.includes(verdict))
    return { failure: null, onsetUs: endUs };
  // A voltage limit strikes when it ends the step; every other class was there when its half-cycle began.
  return { failure: verdict, onsetUs: verdict === 'voltage-limit' ? endUs : failingHalfCycle(main).startUs };
}

/**
 * The last one that ended by its own rules, also where something of it was missed: what the device had begun
 * after it was only cut off.
 */
function failingHalfCycle(main: readonly AnalysedHalfCycle[]): AnalysedHalfCycle {
  const own: readonly string[] = PROGRAM_END_REASONS;
  const failing = main.findLast(({ reason }) => own.includes(reason)) ?? main.at(-1);
  assert(failing !== undefined, 'a failure is of a half-cycle');
  return failing;
}
