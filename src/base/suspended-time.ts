// How long this machine has been suspended since the process started. Linux's CLOCK_MONOTONIC stands still
// meanwhile (nodejs/node#47724), device clocks do not: without this, an hour of sleep would be an hour less.
// Pure: readings come in, no clock is touched.

/** The clocks of a host at one moment, ms; only differences of the first and the last mean anything. */
export interface HostReadings {
  /** Stands still in suspend. */
  readonly monotonicMs: number;
  /** Since 1970 UTC; may jump. */
  readonly wallMs: number;
  /** Runs on in suspend, to 10 ms; null: this system does not tell. */
  readonly bootMs: number | null;
}

/** Beyond the 10 ms of /proc/uptime and what a busy machine puts between two readings. */
const SHORTEST_MS = 100;

export class SuspendedTime {
  #offsetMs: number;
  readonly #bootAheadMs: number;
  #totalMs = 0;

  constructor({ monotonicMs, wallMs, bootMs }: HostReadings) {
    this.#offsetMs = wallMs - monotonicMs;
    this.#bootAheadMs = (bootMs ?? 0) - monotonicMs;
  }

  /** In all, ms; never falls. */
  get totalMs(): number {
    return this.#totalMs;
  }

  /**
   * Called at each reading of the clock. The boot time costs a file, so it is asked for only where wall time
   * has jumped against monotonic time, which it does when the machine wakes up.
   */
  observe(monotonicMs: number, wallMs: number, readBootMs: () => number | null): void {
    const offsetMs = wallMs - monotonicMs;
    const hasJumped = Math.abs(offsetMs - this.#offsetMs) > SHORTEST_MS;
    this.#offsetMs = offsetMs;
    if (hasJumped) this.settle(monotonicMs, readBootMs());
  }

  /** Takes a boot time that was read at `monotonicMs`. */
  settle(monotonicMs: number, bootMs: number | null): void {
    if (bootMs === null) return;
    const awayMs = bootMs - monotonicMs - this.#bootAheadMs;
    if (awayMs - this.#totalMs > SHORTEST_MS) this.#totalMs = awayMs;
  }
}
