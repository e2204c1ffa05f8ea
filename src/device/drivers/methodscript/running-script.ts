// A script that was given to the instrument, and how far its output has come.
import type { PlannedStep } from '../../hosted/step-actuator.ts';
import type { Limit } from './script-output.ts';

export interface RunningScript {
  readonly steps: readonly PlannedStep[];
  readonly quietMaxMs: number;
  /** Where in `steps` it is; -1 before the first has begun. */
  index: number;
  struck: Limit | null;
  /** The end of its last step, told when the script has ended and the cell is known to be open. */
  endUs: number | null;
  /** `Z` was heard that this side did not ask for. */
  isStopped: boolean;
}
