// Points of one curve, bounded: where they become too many, older ones are thinned to lowest and highest of
// each four. Time only moves forward in it; what overlaps is left out. Never loses an extreme, never grows
// without end.

export const POINTS_MAX = 6000;
/** The newest part is never thinned. */
const EXACT_POINTS = 2000;

export class PlotBuffer {
  #times: number[] = [];
  #values: number[] = [];

  get times(): readonly number[] {
    return this.#times;
  }

  get values(): readonly number[] {
    return this.#values;
  }

  get lastTime(): number {
    return this.#times.at(-1) ?? Number.NEGATIVE_INFINITY;
  }

  clear(): void {
    this.#times = [];
    this.#values = [];
  }

  push(time: number, value: number): void {
    if (time <= this.lastTime) return;
    this.#times.push(time);
    this.#values.push(value);
    if (this.#times.length > POINTS_MAX) this.#thin();
  }

  /**
   * Both extremes of a stretch. Which came first is not known: the one nearer to what was before, so that
   * slopes stay smooth.
   */
  pushRange(range: {
    readonly start: number;
    readonly end: number;
    readonly min: number;
    readonly max: number;
  }): void {
    const { start, end, min, max } = range;
    const before = this.#values.at(-1) ?? min;
    const isFalling = Math.abs(before - max) < Math.abs(before - min);
    this.push(start, isFalling ? max : min);
    if (end > start) this.push(end, isFalling ? min : max);
  }

  dropBefore(time: number): void {
    const index = this.#times.findIndex((candidate) => candidate >= time);
    if (index <= 0) return;
    this.#times.splice(0, index);
    this.#values.splice(0, index);
  }

  #thin(): void {
    const end = this.#times.length - EXACT_POINTS;
    const kept: number[] = [];
    for (let start = 0; start < end; start += 4)
      kept.push(...this.#extremes(start, Math.min(start + 4, end)));
    for (let index = end; index < this.#times.length; index += 1) kept.push(index);
    this.#times = kept.map((index) => this.#times[index] ?? Number.NaN);
    this.#values = kept.map((index) => this.#values[index] ?? Number.NaN);
  }

  /** Positions of the lowest and highest value, in order of time. */
  #extremes(start: number, end: number): number[] {
    let [lowest, highest] = [start, start];
    for (let index = start; index < end; index += 1) {
      if ((this.#values[index] ?? 0) < (this.#values[lowest] ?? 0)) lowest = index;
      if ((this.#values[index] ?? 0) > (this.#values[highest] ?? 0)) highest = index;
    }
    if (lowest === highest) return [lowest];
    return [Math.min(lowest, highest), Math.max(lowest, highest)];
  }
}
