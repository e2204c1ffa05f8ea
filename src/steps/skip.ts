// What a program is told of a step that the operator ended: an end of the step's own from which it goes on.
// Pure. The record says `skipped`; this is only which way the program takes, and it never makes up values.
import type { Runner, RunnerState } from './runner.ts';
import type { StepEndedEvent } from './machine.ts';
import { possibleEnds, type ProgramEndReason, type Step } from './step.ts';

/** By its time first; a short floor is a finding, and never assumed. */
const IN_ORDER: readonly ProgramEndReason[] = [
  'duration',
  'current-min',
  'net-charge',
  'step-charge',
  'last-step-charge',
  'voltage-max',
  'voltage-min',
];

/**
 * The end that a skipped step is taken for: by its time, or, where the program gives up then, by the first of
 * its other limits from which it goes on or is complete. Null: it goes on from none.
 */
export function endOfSkipped(
  runner: Runner,
  state: RunnerState,
  { step, values }: { readonly step: Step; readonly values: Omit<StepEndedEvent, 'type' | 'reason'> },
): ProgramEndReason | null {
  const possible = possibleEnds(step);
  const goesOn = (reason: ProgramEndReason): boolean => {
    const next = runner.advance(state, { type: 'step.ended', reason, ...values });
    return runner.desiredStep(next) !== null || runner.outcome(next).verdict === 'completed';
  };
  return IN_ORDER.find((reason) => possible.includes(reason) && goesOn(reason)) ?? null;
}
