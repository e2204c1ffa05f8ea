// The daemon ends: every run is stopped, or left with its cell in the state of the policy. Never waits longer
// than a service manager would.
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import type { ActiveRuns } from './active-runs.ts';

/** A run in one of these closes by itself. */
const ENDING_STATES: ReadonlySet<string> = new Set(['finishing', 'done', 'stopped', 'failed']);
const LIMIT_MS = 8000;

export interface EndRunsOptions {
  readonly clock: Clock;
  readonly policy: Config['on_shutdown'];
  readonly stop: (run: string, ended: () => void) => void;
}

/** `done` is called once, at the latest after eight seconds. */
export function endRuns(runs: ActiveRuns, { clock, policy, stop }: EndRunsOptions, done: () => void): void {
  let isDone = false;
  const finish = (): void => {
    if (isDone) return;
    isDone = true;
    limit.cancel();
    done();
  };
  const limit = clock.after(LIMIT_MS, finish);
  let open = runs.size;
  if (open === 0) return finish();
  const oneDone = (): void => {
    open -= 1;
    if (open === 0) finish();
  };
  for (const [run, { channel }] of [...runs]) {
    if (ENDING_STATES.has(channel.state)) runs.whenClosed(run, oneDone);
    else if (policy === 'stop') stop(run, oneDone);
    else channel.leave(policy, oneDone);
  }
}
