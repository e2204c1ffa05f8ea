// The device's crystal: microseconds of cell time since power-up, and the grid of ADC ticks made from them.
// Cell time runs `scale` times as fast as real time and drifts by `driftPpm`; lease and flush are real
// milliseconds. Must never be asked for wall time to decide anything.
import { assert } from '../../src/base/assert.ts';
import type { Clock } from '../../src/base/clock.ts';

export const TICK_US = 1000;

export class DeviceClock {
  readonly #clock: Clock;
  readonly #usPerMs: number;
  readonly #cellSecondsPerTick: number;
  #powerUpMs: number;

  constructor(options: { readonly clock: Clock; readonly scale: number; readonly driftPpm: number }) {
    const { clock, scale, driftPpm } = options;
    assert(Number.isSafeInteger(scale) && scale >= 1, `scale must be an integer >= 1, found ${scale}`);
    this.#clock = clock;
    this.#usPerMs = 1000 * scale * (1 + driftPpm * 1e-6);
    this.#cellSecondsPerTick = (TICK_US * 1e-6) / (1 + driftPpm * 1e-6);
    this.#powerUpMs = clock.nowMs();
  }

  /** Starts from zero again, as at a power-up. */
  restart(): void {
    this.#powerUpMs = this.#clock.nowMs();
  }

  /** Rounded, so that a timer set for an instant finds that instant reached despite floating point. */
  nowUs(): number {
    return Math.round((this.#clock.nowMs() - this.#powerUpMs) * this.#usPerMs);
  }

  /** The last tick that has passed. */
  nowTick(): number {
    return Math.floor(this.nowUs() / TICK_US);
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Real milliseconds, on the injected clock, at which `tick` comes. */
  msAtTick(tick: number): number {
    return this.msAtUs(tick * TICK_US);
  }

  /** The same for device time; Infinity stays what it is. */
  msAtUs(us: number): number {
    return this.#powerUpMs + us / this.#usPerMs;
  }

  /** Wall time of `tick`, for the cell log only. */
  wallMsAtTick(tick: number): number {
    return this.#clock.wallMs() + (this.msAtTick(tick) - this.#clock.nowMs());
  }

  /** The first tick at or after a real instant; -Infinity and Infinity stay what they are. */
  tickAtMs(ms: number): number {
    return Math.ceil(((ms - this.#powerUpMs) * this.#usPerMs - 0.5) / TICK_US);
  }

  /** True seconds the cell lives through in `ticks` of this crystal. */
  cellSeconds(ticks: number): number {
    return ticks * this.#cellSecondsPerTick;
  }
}
