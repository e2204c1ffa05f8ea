// Time, injected. The same code runs on SystemClock (a bench) and VirtualClock (simulate, tests).
// The only file that may touch Date, setTimeout and performance. Monotonic time and wall time never mix.
import { assert } from './assert.ts';

/** A pending call; `cancel` is idempotent and safe after the call was made. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Monotonic time in ms, fractions allowed; only differences mean anything. */
  nowMs(): number;
  /** Wall time in ms since 1970 UTC; may jump. For `clock_sync` rows and log lines only. */
  wallMs(): number;
  /** Calls `run` once, `delayMs` from now (0 allowed). Delays of years are fine. */
  after(delayMs: number, run: () => void): Timer;
  /**
   * Calls `run` soon, at the same instant, after everything deferred before it. Keeps deliveries from
   * re-entering.
   */
  defer(run: () => void): void;
}

/**
 * setTimeout overflows at 2^31 ms and then fires at once (nodejs/node#4541), so long waits are cut into
 * hours.
 */
const LONGEST_TIMEOUT_MS = 3_600_000;

/** The real clock of a bench. */
export class SystemClock implements Clock {
  nowMs(): number {
    return performance.now();
  }

  wallMs(): number {
    return Date.now();
  }

  after(delayMs: number, run: () => void): Timer {
    assert(delayMs >= 0 && Number.isFinite(delayMs), `delayMs must be finite and >= 0, found ${delayMs}`);
    const dueMs = this.nowMs() + delayMs;
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      const leftMs = Math.max(0, dueMs - this.nowMs());
      // A timeout may fire up to 1 ms early against performance.now(); running then is near enough.
      if (leftMs <= LONGEST_TIMEOUT_MS) handle = setTimeout(run, leftMs);
      else handle = setTimeout(arm, LONGEST_TIMEOUT_MS);
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  }

  defer(run: () => void): void {
    setImmediate(run);
  }
}
