// The clock of a Keithley 2400 as the channel's clock: it wraps after 100 000 s, is set to zero by a
// power-up, and is told in digits that may be damaged on the way. The counts made of it never fall, and run
// through all three. A time that the host's clock contradicts is not taken.
import type { Clock } from '../../../base/clock.ts';
import { CLOCK_WRAP_US } from '../../../frames/dialects/keithley2400/replies.ts';
import { ClockUnwrapper } from '../../../samples/clock-unwrapper.ts';

/** An answer is on its way for so long at most, and the two clocks drift by less than this part. */
const TOLERANCE_US = 2_000_000;
const DRIFT_MAX = 1e-3;

export class InstrumentClock {
  readonly #clock: Clock;
  #unwrapper: ClockUnwrapper | null = null;
  /** Count of the channel at the zero of the unwrapped clock. */
  #offsetUs = 0;
  /** The latest count that was told as "now", and the host's time when it arrived. */
  #anchor = { countUs: 0, atMs: 0 };
  #latestUs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The channel's clock, µs: late by the way of an answer, which is why whatever is timed by it leads by
   * that.
   */
  nowUs(): number {
    const { countUs, atMs } = this.#anchor;
    const nowUs = Math.round(countUs + (this.#clock.nowMs() - atMs) * 1000);
    this.#latestUs = Math.max(this.#latestUs, nowUs);
    return this.#latestUs;
  }

  /** First word of a connection. Returns true when the clock does not go on from the last one: a power-up. */
  greet(timeUs: number): boolean {
    const nowUs = this.#unwrapper === null ? 0 : this.nowUs();
    const isKnown = this.#unwrapper !== null;
    if (isKnown && this.toldNow(timeUs) !== null) return false;
    this.#unwrapper = new ClockUnwrapper({
      wrapUs: CLOCK_WRAP_US,
      timeScale: 1,
      timeUs,
      sentMs: this.#clock.nowMs(),
    });
    this.#offsetUs = nowUs - timeUs;
    this.#hear(nowUs);
    return isKnown;
  }

  /** Count of a time that the instrument told a moment ago (µs both); null: it cannot be. */
  toldNow(timeUs: number): number | null {
    const countUs = this.told(timeUs);
    if (countUs !== null) this.#hear(countUs);
    return countUs;
  }

  /**
   * Count of a time that belongs to a moment not long ago, as that of a reading (µs both); null: it cannot
   * be.
   */
  told(timeUs: number): number | null {
    const { countUs: lastUs, atMs } = this.#anchor;
    const sinceUs = (this.#clock.nowMs() - atMs) * 1000;
    const expectedUs = Math.round(lastUs + sinceUs);
    const fromUs = expectedUs - this.#offsetUs - CLOCK_WRAP_US / 2;
    const countUs = (this.#unwrapper?.from(timeUs, fromUs) ?? Number.NaN) + this.#offsetUs;
    return Math.abs(countUs - expectedUs) <= TOLERANCE_US + sinceUs * DRIFT_MAX ? countUs : null;
  }

  #hear(countUs: number): void {
    this.#anchor = { countUs, atMs: this.#clock.nowMs() };
    this.#latestUs = Math.max(this.#latestUs, countUs);
  }
}
