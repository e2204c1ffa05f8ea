// Where a cycle ends, for what the operator wants from there on. Pure; judges steps, and never decides
// whether a cell may be driven.
import type { Step } from './step.ts';

/**
 * Whether a cycle is over between these two steps of a program. Outside cycles every step is a unit of its
 * own; a diagnostic behind the step that completes a cycle belongs to it until the number changes.
 */
export function endsCycle(ended: Step, next: Step): boolean {
  return ended.completesCycle || !isInCycle(ended) || next.cycle !== ended.cycle;
}

/** A rest outside cycles can be left at any moment: nothing that was begun stays half done. */
export function isRestOutsideCycles(step: Step): boolean {
  return step.mode.kind === 'rest' && !isInCycle(step);
}

/** In words: `cycle 3`, `a conditioning cycle`, or the step itself. */
export function cycleText(step: Step): string {
  if (step.cycle > 0) return `cycle ${step.cycle}`;
  return isInCycle(step) ? 'a conditioning cycle' : step.programStep;
}

/** Conditioning cycles are not counted, and cycles all the same. */
function isInCycle({ cycle, half }: Step): boolean {
  return cycle > 0 || half !== null;
}
