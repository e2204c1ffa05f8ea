// Seals the file of a run that is over. Where the disk does not take the seal it is asked again, for as long
// as a disk that does not take data (store-trouble.ts); then the file is left to the next daemon. Never acts
// on a cell.
import type { Clock } from '../base/clock.ts';
import type { RunStore, StoreResult } from '../store/run-store.ts';
import { judgeTrouble, type StoreTrouble, TroubleWatch } from './store-trouble.ts';

export interface SealOptions {
  readonly store: RunStore;
  readonly clock: Clock;
  /** Called once, when the seal has failed for the first time. */
  readonly onTrouble: (trouble: StoreTrouble) => void;
}

const AGAIN_MS = 1000;

/** `done` hears the last answer. */
export function sealRun({ clock, onTrouble, store }: SealOptions, done: (result: StoreResult) => void): void {
  const watch = new TroubleWatch(clock);
  const asked = { sinceMs: clock.nowMs(), samplesWaiting: 0 };
  const attempt = (): void =>
    store.seal((result) => {
      if (result.ok) return done(result);
      const trouble = watch.failed({ ...result, isFinal: result.isFinal === true }, asked);
      if (trouble.isNew) onTrouble(trouble);
      if (judgeTrouble(trouble).type === 'wait') clock.after(AGAIN_MS, attempt);
      else done(result);
    });
  attempt();
}
