// How runs are conducted on a bench: what the configuration says, and the rhythms that suit real time.
// `simulate` has settings of its own.
import type { Config } from '../config/config.ts';
import type { RunSettings } from './start-run.ts';

const LIVE_PERIOD_MS = 200;
/**
 * A sample is on the wire at most this long after it was taken; 32 channels at 10 Hz make 320 frames a
 * second.
 */
const FLUSH_MS = 20;
const COMMIT_EVERY_MS = 500;

/** Settings of a run on this cycler; `meta`: what else explains it. */
export function benchSettings(
  config: Config,
  meta: Readonly<Record<string, unknown>>,
  cyclerName: string,
): RunSettings {
  return {
    lease: { kind: 'renewed', durationMs: config.lease, policy: config.on_host_loss },
    onOutage: config.on_outage,
    reporting: { livePeriodMs: LIVE_PERIOD_MS, flushMs: FLUSH_MS },
    commitEveryMs: COMMIT_EVERY_MS,
    acceptsNoDeadMan: config.cyclers.some(({ name, accept_no_dead_man: isAccepted }) => {
      return name === cyclerName && isAccepted;
    }),
    meta: { ...meta, onShutdown: config.on_shutdown },
  };
}
