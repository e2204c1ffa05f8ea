// A program whose parameters are changed while it runs: where the new one stands when the old one has come to
// the end of a cycle. Pure. Never changes how an end is judged that came under the old parameters.
import { AssertionFailed } from '../base/assert.ts';
import { endsCycle } from './cycle-end.ts';
import type { StepEndedEvent } from './machine.ts';
import { foreseenEnd, type Runner, type RunnerState } from './runner.ts';
import { possibleEnds } from './step.ts';

export interface ProgramEnd {
  /** Where the old program stood when its step ended. */
  readonly before: RunnerState;
  readonly event: StepEndedEvent;
}

/** Whether a change may take effect at this end; pre-flight is passed as it was begun. */
export function isChangePoint(from: Runner, { before, event }: ProgramEnd): boolean {
  const ended = from.desiredStep(before);
  const next = from.advance(before, event);
  const step = from.desiredStep(next);
  if (step === null) return before.stage === 'protocol' && from.outcome(next).verdict === 'completed';
  if (before.stage === 'preflight') return next.stage === 'protocol';
  return ended !== null && endsCycle(ended, step);
}

/** Where the new program stands behind an end at which it takes over (see `isChangePoint`). */
export function carriedOver(from: Runner, to: Runner, { before, event }: ProgramEnd): RunnerState {
  const next = from.advance(before, event);
  if (before.stage === 'preflight') return to.enter(next.stepNumber);
  // What is measured between cycles may not be in the new program; where the cycles go on is known already.
  if (before.stage === 'diagnostics') return to.restore(from.persist(next));
  // The new program counts its cycles itself; how the step ended was judged by the old one.
  const counted = to.advance(to.restore(from.persist(before)), event);
  const isOver = to.desiredStep(counted) === null && to.outcome(counted).verdict !== 'completed';
  return isOver ? to.restore(from.persist(withoutDiagnostics(next))) : counted;
}

/** Straight on with the cycles, where something is to be measured before. */
function withoutDiagnostics(state: RunnerState): RunnerState {
  const { waiting } = state;
  if (waiting === null) return state;
  return { ...state, stage: 'protocol', snapshot: waiting.snapshot, waiting: null };
}

/** Why the new program cannot go on where the old one stands; null: it can. */
export function whyNotCarried(from: Runner, to: Runner, state: RunnerState): string | null {
  if (from.shape !== to.shape)
    return 'it would become a program of other states, or one that remembers other things';
  const step = from.desiredStep(state);
  if (step === null) return 'the program has ended';
  try {
    for (const reason of possibleEnds(step)) {
      const end = { before: state, event: foreseenEnd(step, reason) };
      if (isChangePoint(from, end)) to.desiredStep(carriedOver(from, to, end));
    }
    return null;
  } catch (thrown) {
    if (thrown instanceof AssertionFailed) return `it would not find its place in it (${thrown.message})`;
    throw thrown;
  }
}
