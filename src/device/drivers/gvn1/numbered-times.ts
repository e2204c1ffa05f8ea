// Counts of the device clock by number, of samples or of step ends: what a replayed time is placed between
// (GVN1.md §4.1). Sparse: numbers that were all heard within half a wrap are held by the first and the last.
import type { ClockUnwrapper } from '../../../samples/clock-unwrapper.ts';

interface Stretch {
  readonly firstN: number;
  readonly firstUs: number;
  /** Every number up to this one was heard. */
  lastN: number;
  lastUs: number;
}

export interface NumberedTimesOptions {
  readonly unwrapper: ClockUnwrapper;
  /** The device keeps this many numbers; what is older is never asked for. */
  readonly keep: number;
}

export class NumberedTimes {
  readonly #unwrapper: ClockUnwrapper;
  readonly #keep: number;
  /** By rising number; counts rise with it. */
  readonly #stretches: Stretch[] = [];

  constructor({ unwrapper, keep }: NumberedTimesOptions) {
    this.#unwrapper = unwrapper;
    this.#keep = keep;
  }

  /**
   * Count (µs) of a number whose time comes late: less than a wrap after the number before it. Where that one
   * was never heard: the last count before the next number that was, and not after `untilUs`.
   */
  place(n: number, timeUs: number, untilUs: number): number {
    const [below, above] = this.#around(n);
    if (below !== undefined && n <= below.lastN) return this.#unwrapper.from(timeUs, below.firstUs);
    if (below !== undefined && n === below.lastN + 1) return this.#unwrapper.from(timeUs, below.lastUs + 1);
    const nextUs = above?.firstUs ?? Number.POSITIVE_INFINITY;
    return this.#unwrapper.until(timeUs, Math.min(nextUs - 1, untilUs));
  }

  /** Count (µs) of a time that is that of number `n`; null where that was never heard. */
  sameAs(n: number, timeUs: number): number | null {
    const [below] = this.#around(n);
    const isHeard = below !== undefined && n <= below.lastN;
    return isHeard ? this.#unwrapper.from(timeUs, below.firstUs) : null;
  }

  /** A count (µs) that number `n` is not after, by less than half a wrap; null where it was never heard. */
  boundOf(n: number): number | null {
    const [below] = this.#around(n);
    return below !== undefined && n <= below.lastN ? below.lastUs : null;
  }

  /** Whether the count (µs) stands between those of the numbers around it. */
  fits(n: number, countUs: number): boolean {
    const [below, above] = this.#around(n);
    if (above !== undefined && countUs >= above.firstUs) return false;
    if (below === undefined) return true;
    return n <= below.lastN ? countUs >= below.firstUs && countUs <= below.lastUs : countUs > below.lastUs;
  }

  /** The number was heard, with this count (µs), which fits. */
  note(n: number, countUs: number): void {
    const at = this.#indexBelow(n);
    const below = this.#stretches[at];
    if (below !== undefined && n <= below.lastN) return;
    const isNear = below !== undefined && countUs - below.firstUs < this.#unwrapper.wrapUs / 2;
    if (isNear && n === below.lastN + 1) {
      below.lastN = n;
      below.lastUs = countUs;
    } else {
      this.#stretches.splice(at + 1, 0, { firstN: n, firstUs: countUs, lastN: n, lastUs: countUs });
    }
    this.#forget();
  }

  clear(): void {
    this.#stretches.length = 0;
  }

  #around(n: number): [Stretch | undefined, Stretch | undefined] {
    const at = this.#indexBelow(n);
    return [this.#stretches[at], this.#stretches[at + 1]];
  }

  /** Index of the last stretch that begins at or before the number; -1: none. */
  #indexBelow(n: number): number {
    let [low, high] = [0, this.#stretches.length];
    // Nearly everything is newer than all that is known.
    if ((this.#stretches.at(-1)?.firstN ?? n) <= n) return high - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#stretches[middle]?.firstN ?? n) <= n) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #forget(): void {
    const oldestN = (this.#stretches.at(-1)?.lastN ?? 0) - this.#keep;
    while ((this.#stretches[0]?.lastN ?? oldestN) < oldestN) this.#stretches.shift();
  }
}
