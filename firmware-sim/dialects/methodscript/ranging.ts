// Which range a quantity is measured in, and what a reading in it says of itself. The thresholds are those of
// the EmStat4 (MethodSCRIPT manual, table 36: overload 2.92, warning 2.46, underload 0.123 of nominal).

export interface MeasuringRange {
  /** As metadata names it. */
  readonly index: number;
  /** pA or nV. */
  readonly nominal: number;
}

export interface RangeTable {
  /** Rising. */
  readonly ranges: readonly MeasuringRange[];
  /** What `set_range` counts on: a range serves for this many times its nominal value. */
  readonly headroom: number;
  /** Parts of nominal. */
  readonly overload: number;
  readonly warning: number;
  readonly underload: number;
  /** Where the widest range ends, whatever its thresholds say: the envelope of the instrument. */
  readonly largest: number;
}

/** Bits of the status in a package (MethodSCRIPT_Examples, palmsens/mscript.py). */
export const STATUS = { timing: 1, overload: 2, underload: 4, warning: 8 } as const;

export class RangeSelector {
  readonly #table: RangeTable;
  #at: number;
  #lowest: number;
  #highest: number;

  /** Begins in the widest range, without autoranging. */
  constructor(table: RangeTable) {
    this.#table = table;
    this.#at = table.ranges.length - 1;
    this.#lowest = this.#at;
    this.#highest = this.#at;
  }

  get current(): MeasuringRange {
    return this.#table.ranges[this.#at] ?? { index: 0, nominal: 1 };
  }

  /** The narrowest range that serves for this; autoranging ends. */
  select(largest: number): void {
    this.#at = this.#positionFor(largest);
    this.#lowest = this.#at;
    this.#highest = this.#at;
  }

  /** Lets the range follow the readings between those that serve for the two; off where both are one. */
  follow(smallest: number, largest: number): void {
    this.#lowest = this.#positionFor(Math.min(Math.abs(smallest), Math.abs(largest)));
    this.#highest = this.#positionFor(Math.max(Math.abs(smallest), Math.abs(largest)));
    this.#at = Math.max(this.#lowest, Math.min(this.#highest, this.#at));
  }

  /** Moves by one range where a reading calls for it; false where it stays. */
  adapt(reading: number): boolean {
    const before = this.#at;
    const { warning, underload } = this.#table;
    const size = Math.abs(reading);
    const { nominal } = this.current;
    if (size > warning * nominal && this.#at < this.#highest) this.#at += 1;
    else if (size < underload * nominal && this.#at > this.#lowest) this.#at -= 1;
    return this.#at !== before;
  }

  status(reading: number): number {
    const { ranges, overload, warning, underload, largest } = this.#table;
    const size = Math.abs(reading);
    const { nominal } = this.current;
    const isWidest = this.#at === ranges.length - 1;
    if (size >= (isWidest ? largest : overload * nominal)) return STATUS.overload;
    if (!isWidest && size > warning * nominal) return STATUS.warning;
    return this.#at > 0 && size < underload * nominal ? STATUS.underload : 0;
  }

  #positionFor(largest: number): number {
    const { ranges, headroom } = this.#table;
    const found = ranges.findIndex(({ nominal }) => nominal * headroom >= Math.abs(largest));
    return found === -1 ? ranges.length - 1 : found;
  }
}
