// Device clocks that wrap, made into counts that do not. Pure: told the host's time, it asks no clock.
// A time is taken for a count near one that is known; nothing here guesses without a count to start from, and
// no count is ever taken back.
import { assert, assertInteger } from '../base/assert.ts';

export interface ClockUnwrapperOptions {
  /** The device clock counts modulo this, µs. */
  readonly wrapUs: number;
  /** Seconds of device time in a second of the host. */
  readonly timeScale: number;
  /** First time that the device told; it is the count of itself. */
  readonly timeUs: number;
  /** Host's monotonic time when the device was asked for it. */
  readonly sentMs: number;
}

/**
 * Counts of one boot of one device. The first time heard counts as itself: what was before it in the same
 * boot may come out negative, and only differences mean anything.
 */
export class ClockUnwrapper {
  readonly wrapUs: number;
  readonly #usPerMs: number;
  #latestUs: number;
  #answer: { readonly countUs: number; readonly sentMs: number };

  constructor({ wrapUs, timeScale, timeUs, sentMs }: ClockUnwrapperOptions) {
    assert(assertInteger(wrapUs, 'wrapUs') > 0, `wrapUs must be above 0, found ${wrapUs}`);
    assert(timeScale > 0, `timeScale must be above 0, found ${timeScale}`);
    this.wrapUs = wrapUs;
    this.#usPerMs = timeScale * 1000;
    assert(this.isTime(timeUs), `timeUs must be from 0 to below ${wrapUs}, found ${timeUs}`);
    this.#latestUs = timeUs;
    this.#answer = { countUs: timeUs, sentMs };
  }

  /** The latest count there is, µs. */
  get latestUs(): number {
    return this.#latestUs;
  }

  /** Whether a clock that wraps can show it, µs. */
  isTime(timeUs: number): boolean {
    return Number.isSafeInteger(timeUs) && timeUs >= 0 && timeUs < this.wrapUs;
  }

  /** Count of a time (µs) that was told unasked: nearest to the latest. Right within half a wrap of it. */
  near(timeUs: number): number {
    return this.#nearest(timeUs, this.#latestUs);
  }

  /** Count of a time (µs) that is not before `fromUs`, and less than a wrap after it. */
  from(timeUs: number, fromUs: number): number {
    return this.#integer(timeUs + this.wrapUs * Math.ceil((fromUs - timeUs) / this.wrapUs));
  }

  /** Count of a time (µs) that is not after `untilUs`, and less than a wrap before it. */
  until(timeUs: number, untilUs: number): number {
    return this.#integer(timeUs + this.wrapUs * Math.floor((untilUs - timeUs) / this.wrapUs));
  }

  /** A count is known now (µs): what comes unasked is near the latest of them. */
  advance(countUs: number): void {
    this.#latestUs = Math.max(this.#latestUs, countUs);
  }

  /**
   * Count of a time (µs) that answers a question put at `sentMs`. The host's clock has gone on since the last
   * answer, so whole wraps that passed in silence are counted; right within half a wrap of what it says.
   */
  answered(timeUs: number, sentMs: number): number {
    const { countUs: lastUs, sentMs: lastMs } = this.#answer;
    const countUs = this.#nearest(timeUs, lastUs + (sentMs - lastMs) * this.#usPerMs);
    this.#answer = { countUs, sentMs };
    this.advance(countUs);
    return countUs;
  }

  #nearest(timeUs: number, toUs: number): number {
    return this.#integer(timeUs + this.wrapUs * Math.round((toUs - timeUs) / this.wrapUs));
  }

  /** Counts stay below 2^53 µs, 285 years; minus zero is no count. */
  #integer(countUs: number): number {
    return assertInteger(countUs, 'countUs') + 0;
  }
}
