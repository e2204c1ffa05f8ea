// A value that rises evenly while a part of it relaxes: y(t) = start + perTick t + relaxing (exp(-t/T) - 1).
// A current that settles, the charge it has brought and the voltage it has yet to drop all have this form, so
// one closed form serves them. Before its start it stands as at its start: a step that was committed starts
// at the next tick, and somebody may look at this one, where the exponential would explode.
import { assert } from '../../src/base/assert.ts';
import type { Curve, Enclosure } from './crossing.ts';

/** exp(-40) = 4e-18 is below the grain of a double: what relaxes has then arrived. */
const SETTLED_TIME_CONSTANTS = 40;

export interface RelaxingRampTerms {
  readonly startTick: number;
  readonly atStart: number;
  readonly perTick: number;
  /** What is lost on the way from exp(0) to exp(-infinity). */
  readonly relaxing: number;
  /** More than 0 where something relaxes. */
  readonly timeTicks: number;
}

export class RelaxingRamp implements Curve {
  readonly #terms: RelaxingRampTerms;
  readonly #settledTick: number;

  constructor(terms: RelaxingRampTerms) {
    assert(
      terms.relaxing === 0 || terms.timeTicks > 0,
      `a part that relaxes needs a time constant, found ${terms.timeTicks}`,
    );
    this.#terms = terms;
    const isLevel = terms.relaxing === 0;
    this.#settledTick = isLevel ? -Infinity : terms.startTick + SETTLED_TIME_CONSTANTS * terms.timeTicks;
  }

  /** The same value for ever. */
  static level(value: number): RelaxingRamp {
    return new RelaxingRamp({ startTick: 0, atStart: value, perTick: 0, relaxing: 0, timeTicks: 0 });
  }

  /** From one value to another with the time constant `timeTicks`, at once where that is 0. */
  static between(options: {
    readonly startTick: number;
    readonly from: number;
    readonly to: number;
    readonly timeTicks: number;
  }): RelaxingRamp {
    const { startTick, from, to, timeTicks } = options;
    if (timeTicks === 0 || from === to) return RelaxingRamp.level(to);
    return new RelaxingRamp({ startTick, atStart: from, perTick: 0, relaxing: from - to, timeTicks });
  }

  at(tick: number): number {
    const { startTick, atStart, perTick, relaxing, timeTicks } = this.#terms;
    const ticks = Math.max(0, tick - startTick);
    if (tick >= this.#settledTick) return atStart + perTick * ticks - relaxing;
    return atStart + perTick * ticks + relaxing * Math.expm1(-ticks / timeTicks);
  }

  /** Whether nothing relaxes, not even at the start. */
  get isStraight(): boolean {
    return this.#terms.relaxing === 0;
  }

  rangeBetween(fromTick: number, untilTick: number): Enclosure {
    const [first, last] = [this.at(fromTick), this.at(untilTick)];
    const turnTick = this.#turnTick();
    const turn = turnTick > fromTick && turnTick < untilTick ? this.at(turnTick) : first;
    return { low: Math.min(first, last, turn), high: Math.max(first, last, turn) };
  }

  /**
   * Where the slope perTick - (relaxing/T) exp(-t/T) is zero, the only turn there can be; NaN where nowhere.
   */
  #turnTick(): number {
    const { startTick, perTick, relaxing, timeTicks } = this.#terms;
    return startTick - timeTicks * Math.log((perTick * timeTicks) / relaxing);
  }
}
