// The rest before current flows again after an outage: a step of the daemon, and of no program.
import { NO_LIMITS, type Step } from '../steps/step.ts';

const CHECK_US = 2_000_000;

/** A rest before current flows again: what the cell has become, and whether it is there. */
export const OUTAGE_CHECK: Step = {
  programStep: 'outage-check',
  phase: 'rest',
  cycle: 0,
  half: null,
  completesCycle: false,
  mode: { kind: 'rest' },
  durationMaxUs: CHECK_US,
  durationExpectedUs: CHECK_US,
  limits: NO_LIMITS,
  record: { everyUs: 200_000, voltageDeltaNv: null, currentDeltaPa: null },
  allowsLookAhead: false,
};
