// Why a run ends, as an event of the lifecycle machine: from an outcome, a passed limit, a fault of the
// device. Pure; the words an operator reads are made here.
import type { LifecycleEvent } from '../steps/lifecycle.ts';
import type { Outcome } from '../steps/protocol.ts';
import type { RunOutcome } from '../steps/runner.ts';
import type { PassedLimit } from './cell-limits.ts';

export function endOfProgram({ verdict, reason, isPreflight }: RunOutcome): LifecycleEvent {
  if (isPreflight) return refused({ verdict, reason });
  return verdict === 'fault' ? failed(reason) : { type: 'program.ended', verdict, reason };
}

/** `refusal`: what a voltage beyond the limits says of a cell that is still in pre-flight; null after it. */
export function endOfLimit({ quantity, found }: PassedLimit, refusal: Outcome | null): LifecycleEvent {
  if (quantity !== 'voltage') return failed(found);
  return refusal === null
    ? { type: 'fault.raised', verdict: 'voltage-limit', reason: found }
    : refused(refusal);
}

export function failed(reason: string): LifecycleEvent {
  return { type: 'fault.raised', verdict: 'fault', reason };
}

function refused({ verdict, reason }: Outcome): LifecycleEvent {
  return { type: 'fault.raised', verdict, reason: `pre-flight refused: ${reason}` };
}
