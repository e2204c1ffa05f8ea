// A host's clock that can be suspended as a laptop is: nothing runs meanwhile, and what was armed before
// waits for as long as it was told to in waking time. `nowMs` runs on, as that of the system clock does;
// `readings` tells the clocks apart, monotonic time standing still.
import type { Clock, Timer } from '../../src/base/clock.ts';
import type { HostReadings } from '../../src/base/suspended-time.ts';
import type { VirtualClock } from '../../src/base/virtual-clock.ts';

/** Rounding. */
const NOTHING_MS = 1e-6;

export class SuspendableClock implements Clock {
  readonly #world: VirtualClock;
  #asleepMs = 0;
  #asleepSinceMs: number | null = null;
  #waiting: (() => void)[] = [];

  constructor(world: VirtualClock) {
    this.#world = world;
  }

  nowMs(): number {
    return this.#world.nowMs();
  }

  wallMs(): number {
    return this.#world.wallMs();
  }

  readings(): HostReadings {
    return { monotonicMs: this.#awakeMs(), wallMs: this.wallMs(), bootMs: this.nowMs() };
  }

  after(delayMs: number, run: () => void): Timer {
    const dueMs = this.#awakeMs() + delayMs;
    let isCancelled = false;
    const wait = (): void => {
      if (isCancelled) return;
      const leftMs = dueMs - this.#awakeMs();
      if (this.#asleepSinceMs !== null) this.#waiting.push(wait);
      // A rest that is too small to move the clock would never end.
      else if (leftMs > NOTHING_MS) this.#world.after(leftMs, wait);
      else run();
    };
    this.#world.after(delayMs, wait);
    return {
      cancel: () => {
        isCancelled = true;
      },
    };
  }

  defer(run: () => void): void {
    this.#world.defer(() => {
      if (this.#asleepSinceMs === null) run();
      else this.#waiting.push(run);
    });
  }

  suspend(): void {
    this.#asleepSinceMs = this.#world.nowMs();
  }

  resume(): void {
    this.#asleepMs += this.#world.nowMs() - (this.#asleepSinceMs ?? this.#world.nowMs());
    this.#asleepSinceMs = null;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) this.#world.defer(run);
  }

  #awakeMs(): number {
    return (this.#asleepSinceMs ?? this.#world.nowMs()) - this.#asleepMs;
  }
}
