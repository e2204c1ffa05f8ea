// Why a run ends, as an event of the lifecycle machine: from an outcome, a passed limit, a fault of the
// device. Pure; the words an operator reads are made here.
import type { ShortFinding } from '../analysis/short-floor.ts';
import { activityOf } from '../steps/half-cycle.ts';
import type { LifecycleEvent } from '../steps/lifecycle.ts';
import type { Outcome } from '../steps/protocol.ts';
import type { RunOutcome } from '../steps/runner.ts';
import type { PassedLimit } from './cell-limits.ts';
import { faultReason } from './reconcile.ts';

/** Why a run must end now: a short before what the program says; null: it goes on. */
export function dueEnd(
  { shortWatch }: { readonly shortWatch: { readonly end: LifecycleEvent | null } },
  { outcome }: { readonly outcome: RunOutcome | null },
): LifecycleEvent | null {
  return shortWatch.end ?? (outcome === null ? null : endOfProgram(outcome));
}

function endOfProgram({ verdict, reason, isPreflight }: RunOutcome): LifecycleEvent {
  if (isPreflight) return refused({ verdict, reason });
  // No program says so of itself: the operator let it finish.
  if (verdict === 'stopped') return { type: 'operator.stopped', reason };
  return verdict === 'fault' ? failed(reason) : { type: 'program.ended', verdict, reason };
}

/** `refusal`: what a voltage beyond the limits says of a cell that is still in pre-flight; null after it. */
export function endOfLimit({ quantity, found }: PassedLimit, refusal: Outcome | null): LifecycleEvent {
  if (quantity !== 'voltage') return failed(found);
  return refusal === null
    ? { type: 'fault.raised', verdict: 'voltage-limit', reason: found }
    : refused(refusal);
}

/** Of a fault that the device reports and that is no outage. `refusal`: as for a limit. */
export function endOfFault(fault: string, refusal: Outcome | null): LifecycleEvent {
  const found = faultReason(fault);
  return fault === 'vhard' ? endOfLimit({ quantity: 'voltage', found }, refusal) : failed(found);
}

/** The method has come to its natural end: the run is done, with what it found as its verdict. */
export function endOfShort(finding: ShortFinding): LifecycleEvent {
  return { type: 'program.ended', verdict: 'hard-short', reason: shortReason(finding) };
}

export function shortReason(finding: ShortFinding): string {
  const { halfCycle, cycle, half, plateauNv, baselineNv, isProvisional, count } = finding;
  const where = `${activityOf(half)} in cycle ${cycle} (half-cycle ${halfCycle})`;
  const found = `v_mid ${(plateauNv / 1e6).toFixed(3)} mV`;
  const kind = isProvisional ? 'provisional baseline' : 'baseline';
  const against =
    baselineNv === null ? 'below 1 ohm cm2' : `against a ${kind} of ${(baselineNv / 1e6).toFixed(3)} mV`;
  return `hard short: ${where} at ${found} ${against}, ${count} half-cycles in a row`;
}

export function failed(reason: string): LifecycleEvent {
  return { type: 'fault.raised', verdict: 'fault', reason };
}

function refused({ verdict, reason }: Outcome): LifecycleEvent {
  return { type: 'fault.raised', verdict, reason: `pre-flight refused: ${reason}` };
}
