// What is left of a step that was cut off: the same step, with the charge and the time that it has had
// already taken off its limits. Pure. Never adds anything: a remainder is bounded by what the whole step was
// bounded by.
import type { ProgramEndReason, RecordRule, Step } from './step.ts';

/** What a step was executed before it was cut off; zeros where it was not. */
export interface ExecutedPart {
  /** Magnitude. */
  readonly chargeNc: number;
  readonly elapsedUs: number;
}

export const NOTHING_EXECUTED: ExecutedPart = { chargeNc: 0, elapsedUs: 0 };

/** A bound in time is never less than this: the shortest step of any instrument is a few ticks of 1 ms. */
const SHORTEST_US = 10_000;

export interface LastStep {
  /** Magnitude of the charge of the last program step at constant current, all its parts together. */
  readonly chargeNc: number;
  /** Whether the instrument itself knows that charge: its own step before was all of it. */
  readonly isKnownToDevice: boolean;
}

/**
 * The step as it must be loaded now. A whole one is returned as it is; anything else has no look-ahead, since
 * what the instrument would compare the next step with (its own last step) is only a part.
 */
export function remainderOf(step: Step, executed: ExecutedPart, last: LastStep): Step {
  const guardPpm = step.limits.lastStepChargePpm;
  const isWhole = executed.elapsedUs === 0 && executed.chargeNc === 0;
  if (isWhole && (guardPpm === null || last.isKnownToDevice)) return step;
  // A sweep or a spectrum cannot be entered in the middle: it is made anew.
  if (step.mode.kind === 'sweep' || step.mode.kind === 'eis') return step;
  const { stepChargeNc } = step.limits;
  const guardNc = guardPpm === null ? null : Math.ceil((last.chargeNc * guardPpm) / 1e6);
  const wholeNc = stepChargeNc === null ? guardNc : Math.min(stepChargeNc, guardNc ?? stepChargeNc);
  const left = (wholeUs: number): number => Math.max(SHORTEST_US, wholeUs - executed.elapsedUs);
  return {
    ...step,
    durationMaxUs: Math.min(step.durationMaxUs, left(step.durationMaxUs)),
    durationExpectedUs: Math.min(step.durationExpectedUs, left(step.durationExpectedUs)),
    limits: {
      ...step.limits,
      stepChargeNc: wholeNc === null ? null : Math.max(1, wholeNc - executed.chargeNc),
      lastStepChargePpm: null,
    },
    record: remainingRecord(step.record, executed.elapsedUs),
    allowsLookAhead: false,
  };
}

/** The burst belongs to the start of the whole step: what of it is over does not come again. */
function remainingRecord({ burst, ...rule }: RecordRule, elapsedUs: number): RecordRule {
  if (burst === undefined || burst.forUs <= elapsedUs) return rule;
  return { ...rule, burst: { ...burst, forUs: burst.forUs - elapsedUs } };
}

/** What the program is told when a remainder ended: the limit of the whole step that was meant. */
export function endOfWhole(step: Step, reason: ProgramEndReason): ProgramEndReason {
  const isGuard = step.limits.stepChargeNc === null && step.limits.lastStepChargePpm !== null;
  return reason === 'step-charge' && isGuard ? 'last-step-charge' : reason;
}
