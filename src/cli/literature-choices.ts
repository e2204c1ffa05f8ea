// What the published figures leave open and a run needs nevertheless: every choice of ours, in one place and
// in words, so that it can be printed beside what it was made for. Must never replace a printed number.
import { randomKey, uniformAt } from '../base/prng.ts';
import type { PublishedFailure, PublishedRow } from '../analysis/literature/literature.ts';

/** Failures that the simple rules of a run can recognise; a row's own is not stated. */
export const FAILURE_CLASSES = ['hard-short', 'polarisation', 'open-circuit'] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number] | 'fluctuating-shorts';

/** Fixed for each row, whatever the seed of a replay: the three classes by turns that look drawn. */
export function chosenFailure({ table, ref }: Pick<PublishedRow, 'table' | 'ref'>): FailureClass {
  const draw = uniformAt(randomKey(0, 'literature-failure', table, ref), 0);
  return FAILURE_CLASSES[Math.floor(draw * FAILURE_CLASSES.length)] ?? 'hard-short';
}

/** The class that the words of a claim mean. */
export function statedFailure({ id, failure }: Pick<PublishedFailure, 'id' | 'failure'>): FailureClass {
  switch (failure) {
    case 'short circuit':
      return 'hard-short';
    case 'polarization':
      return 'polarisation';
    case 'voltage fluctuations':
      return 'fluctuating-shorts';
    default:
      throw new Error(`claim ${id} states a failure that no scenario is written for: ${failure}`);
  }
}

export interface ChosenCondition {
  readonly currentDensityMAPerCm2?: number;
  readonly arealCapacityMAhPerCm2?: number;
  readonly because: string;
}

/** Conditions that a claim does not print. Rows with a missing condition are refused, never completed. */
export const CHOSEN_CONDITIONS: Readonly<Record<string, ChosenCondition>> = {
  c008: {
    arealCapacityMAhPerCm2: 1,
    because: 'areal capacity of table 1, ref 146, whose control it is',
  },
  c093: {
    currentDensityMAPerCm2: 0.1,
    arealCapacityMAhPerCm2: 0.1,
    because: 'current density of claim c091, whose control it is; areal capacity for half-cycles of 1 h',
  },
};

/** Electrode area, a 12 mm disc: the review gives none. */
export const AREA_UCM2 = 1_130_000;
/** Every voltage limit of a replay, for cells of up to 10 mA/cm2. */
export const VOLTAGE_LIMIT_V = 1;
export const STRIP_CUTOFF_V = 0.5;
/** Every row printed with `=` is planned for this long, lest the plan give the end away. */
export const COMMON_PLAN_HOURS = 20_000;
