// Where a program stands and what the operator wants of it, as in the checkpoint. Types, and the ends that
// are the operator's; judged and obeyed in progress.ts.
import type { StepEndReport } from '../device/cycler.ts';
import type { ExecutedPart, LastStep } from '../steps/remainder.ts';
import type { RunOutcome } from '../steps/runner.ts';
import type { Step } from '../steps/step.ts';
import type { ChangedValues, GivenParameters } from './parameter-change.ts';
import type { HoldState } from './planned-hold.ts';

/** What the operator wants of the program, from then on. */
export interface ProgramOrders {
  /** Why the run is to end with the present cycle; null: it is not. */
  readonly finish: string | null;
  /** The step that is being ended to be skipped; null: none. */
  readonly skip: number | null;
  /** What the program in force was prepared from, as given; null: as the run was begun. */
  readonly parameters: GivenParameters | null;
  /** From the next cycle on; null: nothing waits. */
  readonly change: PersistedChange | null;
}

/** As stored in the checkpoint; `runner` by the runner itself. */
export interface PersistedProgress extends ProgramOrders {
  readonly runner: Readonly<Record<string, unknown>>;
  readonly outcome: RunOutcome | null;
  readonly executed: ExecutedPart;
  readonly last: LastStep;
  readonly isChecking: boolean;
  /** Absent: `due`, as in what was stored before there were holds. */
  readonly hold?: HoldState;
}

export interface PersistedChange {
  readonly parameters: GivenParameters;
  readonly changes: ChangedValues;
}

export const NO_ORDERS: ProgramOrders = { finish: null, skip: null, parameters: null, change: null };

/** A change that has just taken effect. */
export interface AppliedChange {
  readonly changes: ChangedValues;
  /** First cycle under it; 0 outside cycles. */
  readonly cycle: number;
}

/** At the end of a step; the charge is that of its latest part. */
export type EndValues = Pick<StepEndReport, 'voltageNv' | 'currentPa'> & { readonly chargeNc: number };

/** `wish`: in the operator's words; may be empty. */
export function finished(wish: string, where: string): RunOutcome {
  const why = wish === '' ? '' : `: ${wish}`;
  return { verdict: 'stopped', reason: `finished ${where} by the operator${why}`, isPreflight: false };
}

/** Of a step that was skipped where its program does not go on without its end. */
export function skippedForGood({ programStep }: Step): RunOutcome {
  const reason = `the operator skipped ${programStep}, and the program does not go on without its end`;
  return { verdict: 'stopped', reason, isPreflight: false };
}
