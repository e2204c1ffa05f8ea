// The instants at which a step is sampled whatever it does: a burst of close ones at first where the rule has
// one, then a period without end. Must never depend on what was sampled before.
import { TICK_US } from './device-clock.ts';
import type { RecordRule } from './step-node.ts';

export class RecordGrid {
  readonly #everyUs: number;
  readonly #burstEveryUs: number;
  /** The last instant of the burst, from which the period counts; 0 where there is no burst. */
  readonly #burstUntilUs: number;

  /** `wrapUs`: where the clock starts again at 0, or Infinity. */
  constructor({ everyUs, burst }: RecordRule, wrapUs: number) {
    this.#everyUs = oftenEnough(everyUs, wrapUs);
    this.#burstEveryUs = burst === null ? this.#everyUs : oftenEnough(burst.everyUs, wrapUs);
    this.#burstUntilUs = burst === null ? 0 : Math.floor(burst.forUs / burst.everyUs) * burst.everyUs;
  }

  /** The first tick of the grid later than `ticks`; both count from the start of the step. */
  tickAfter(ticks: number): number {
    const inBurst = nextTick({ ticks, fromUs: 0, everyUs: this.#burstEveryUs });
    // The last instant of a burst lies between two ticks where its period does: the later one still is of it.
    if (inBurst <= Math.ceil(this.#burstUntilUs / TICK_US)) return inBurst;
    return nextTick({ ticks, fromUs: this.#burstUntilUs, everyUs: this.#everyUs });
  }

  /** How far apart the samples after `ticks` are, at least one tick. */
  periodTicksAt(ticks: number): number {
    const isInBurst = ticks * TICK_US < this.#burstUntilUs;
    return Math.max(1, Math.ceil((isInBurst ? this.#burstEveryUs : this.#everyUs) / TICK_US));
  }
}

/** Between two ticks a sample waits for the later one. */
function nextTick(grid: {
  readonly ticks: number;
  readonly fromUs: number;
  readonly everyUs: number;
}): number {
  const { ticks, fromUs, everyUs } = grid;
  let period = Math.floor((ticks * TICK_US - fromUs) / everyUs);
  let tick = ticks;
  while (tick <= ticks) {
    period += 1;
    tick = Math.ceil((fromUs + period * everyUs) / TICK_US);
  }
  return tick;
}

/** Halved, which keeps its instants, until a host sees a clock that wraps often enough to count the wraps. */
function oftenEnough(everyUs: number, wrapUs: number): number {
  let us = everyUs;
  while (us > wrapUs / 4) us /= 2;
  return us;
}
