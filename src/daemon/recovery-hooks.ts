// What recovery asks of its channel: whether the run is wanted at all, and the ends that are the channel's
// to make.
import type { DeviceFailure } from '../device/cycler.ts';
import type { LifecycleEvent } from '../steps/lifecycle.ts';

export interface RecoveryHooks {
  readonly guard: (handle: () => void) => void;
  /** Whether the run waits for its device, or is driven: neither held nor ending, the daemon not leaving. */
  readonly isWanted: () => boolean;
  readonly end: (event: LifecycleEvent) => void;
  /** An `off` is under way that ends the running step, for another to follow. */
  readonly isEndingStep: () => boolean;
  /** The device runs the very step that is wanted, after whatever came between. */
  readonly stepGoesOn: () => void;
  readonly hold: (reason: string) => void;
  /** The program holds before its next step, whatever the policy of the run says of outages. */
  readonly holdAsPlanned: () => void;
  readonly faulted: (fault: string) => void;
  readonly refused: (reason: DeviceFailure, detail: string) => void;
}
