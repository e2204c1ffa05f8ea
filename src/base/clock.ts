// Time, injected. The same code runs on SystemClock (a bench) and VirtualClock (simulate, tests).
// The only file that may touch Date, setTimeout and performance. Monotonic time and wall time never mix.
import { uptime } from 'node:os';
import { assert } from './assert.ts';
import { type HostReadings, SuspendedTime } from './suspended-time.ts';

/** A pending call; `cancel` is idempotent and safe after the call was made. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Monotonic time in ms, fractions allowed; only differences mean anything. Runs on in suspend. */
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

/** Two readings further apart than this were not made at one moment. */
const ONE_MOMENT_MS = 20;
const READ_ATTEMPTS = 3;

/** Of the whole process, so that all its clocks agree. */
const suspended = new SuspendedTime(readHostClocks());

/**
 * The real clock of a bench. Waits of up to an hour count waking time only: after a suspend they end later.
 */
export class SystemClock implements Clock {
  nowMs(): number {
    const monotonicMs = performance.now();
    suspended.observe(monotonicMs, Date.now(), bootMs);
    return monotonicMs + suspended.totalMs;
  }

  /** All clocks of the host at once; a suspend that they show is in `nowMs` from here on. */
  readings(): HostReadings {
    const readings = readHostClocks();
    suspended.settle(readings.monotonicMs, readings.bootMs);
    return readings;
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

function readHostClocks(attemptsLeft = READ_ATTEMPTS): HostReadings {
  const monotonicMs = performance.now();
  const readings = { monotonicMs, wallMs: Date.now(), bootMs: bootMs() };
  const isOneMoment = performance.now() - monotonicMs <= ONE_MOMENT_MS;
  // The process may have been set aside in between, which must not look like a jump of a clock.
  return isOneMoment || attemptsLeft <= 1 ? readings : readHostClocks(attemptsLeft - 1);
}

/** /proc/uptime, which counts suspended time (CLOCK_BOOTTIME); elsewhere it follows the wall clock. */
function bootMs(): number | null {
  return process.platform === 'linux' ? uptime() * 1000 : null;
}
