// The clock of a channel whose instrument starts its own anew with each step: device durations added up, and
// the gaps between them as the host's clock measures them. It never falls. Within a step it is device time;
// where a step stands is known to the latency of one answer.
import type { Clock } from '../../base/clock.ts';

export interface ChannelClockOptions {
  readonly clock: Clock;
  /** Device seconds in a real second: 1 on hardware. */
  readonly timeScale: number;
}

export class ChannelClock {
  readonly #clock: Clock;
  readonly #usPerMs: number;
  #latestUs = 0;
  /** Host's monotonic time at which the latest time was heard. */
  #heardMs: number;
  #stepZeroUs = 0;

  constructor({ clock, timeScale }: ChannelClockOptions) {
    this.#clock = clock;
    this.#usPerMs = 1000 * timeScale;
    this.#heardMs = clock.nowMs();
  }

  /** Channel time now, µs. */
  nowUs(): number {
    return this.#latestUs + Math.max(0, Math.round((this.#clock.nowMs() - this.#heardMs) * this.#usPerMs));
  }

  /** The device's zero of the next step is now; returns it, µs. */
  stepStarts(): number {
    this.#hear(this.nowUs());
    this.#stepZeroUs = this.#latestUs;
    return this.#stepZeroUs;
  }

  /** Channel time of a device time that was counted from the start of the step, µs both. */
  at(sinceStartUs: number): number {
    const timeUs = this.#stepZeroUs + Math.round(sinceStartUs);
    if (timeUs > this.#latestUs) this.#hear(timeUs);
    return timeUs;
  }

  #hear(timeUs: number): void {
    this.#latestUs = timeUs;
    this.#heardMs = this.#clock.nowMs();
  }
}
