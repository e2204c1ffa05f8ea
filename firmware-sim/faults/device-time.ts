// When faults happen: seconds of the simulated device since it was first switched on. Runs `scale` times as
// fast as the clock, and on through a reset. Must never be the instrument's own clock, which a reset clears.
import { assert } from '../../src/base/assert.ts';
import type { Clock, Timer } from '../../src/base/clock.ts';

export class DeviceTime {
  readonly #clock: Clock;
  readonly #scale: number;
  readonly #startMs: number;

  constructor(clock: Clock, scale: number) {
    assert(scale > 0, `scale must be > 0, found ${scale}`);
    this.#clock = clock;
    this.#scale = scale;
    this.#startMs = clock.nowMs();
  }

  /** Real milliseconds, on the injected clock, at which device second `atS` comes; null: the start. */
  msAt(atS: number | null): number {
    return this.#startMs + ((atS ?? 0) * 1000) / this.#scale;
  }

  /** Calls `run` at device second `atS`, or soon where that is past. */
  after(atS: number, run: () => void): Timer {
    return this.#clock.after(Math.max(0, this.msAt(atS) - this.#clock.nowMs()), run);
  }
}
