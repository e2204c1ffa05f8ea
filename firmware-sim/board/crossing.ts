// Finds the tick at which a reading enters, holds or leaves a band, by branch and bound on the closed form:
// what the bounds of a stretch decide is decided as a whole, the rest is halved. A far limit costs one
// evaluation, a near one about two for each halving. Must never walk ticks one by one.

/** Bounds that enclose a curve, both ends included, in the unit of the curve. */
export interface Enclosure {
  readonly low: number;
  readonly high: number;
}

/** A mean reading as a function of the tick: voltage in nV, current in pA, charge in nC. */
export interface Curve {
  /** Never too narrow, exact where both are one tick, closing in as they meet. */
  rangeBetween(fromTick: number, untilTick: number): Enclosure;
}

/** A curve that is also known at each tick. */
export interface Course extends Curve {
  at(tick: number): number;
}

/** `low` <= reading <= `high`; an open edge is infinite. */
export type Band = Enclosure;

export interface TickSpan {
  readonly fromTick: number;
  /** Inclusive; must be finite. */
  readonly untilTick: number;
}

/** Whether the condition holds on all, on none or on some of a stretch. */
type Verdict = 'all' | 'none' | 'some';

const NEVER = Number.POSITIVE_INFINITY;

/**
 * The first tick at which the curve has been inside `band` for `holdTicks` without interruption; Infinity
 * when there is none in the span.
 */
export function firstHeldTick(curve: Curve, band: Band, span: TickSpan, holdTicks: number): number {
  return firstTickHolding(curve, (range) => verdictInside(range, band), span, holdTicks);
}

/** The first tick at which the curve is at an edge of `band` or beyond it; Infinity when there is none. */
export function firstTickOutside(curve: Curve, band: Band, span: TickSpan): number {
  return firstTickHolding(curve, (range) => verdictOutside(range, band), span, 0);
}

function firstTickHolding(
  curve: Curve,
  judge: (range: Enclosure) => Verdict,
  span: TickSpan,
  holdTicks: number,
): number {
  // Stretches still to be judged end at these ticks, the nearest last; together they reach to the span's end.
  const untilTicks = [span.untilTick];
  let fromTick = span.fromTick;
  let sinceTick = NEVER;
  while (fromTick <= span.untilTick) {
    const untilTick = untilTicks.at(-1) ?? span.untilTick;
    const verdict = judge(curve.rangeBetween(fromTick, untilTick));
    if (verdict === 'some' && fromTick < untilTick) {
      untilTicks.push(Math.floor((fromTick + untilTick) / 2));
      continue;
    }
    // What an exact bound leaves open at a single tick is a reading that is no number: it holds nothing.
    if (verdict === 'all') sinceTick = Math.min(sinceTick, fromTick);
    else sinceTick = NEVER;
    if (sinceTick + holdTicks <= untilTick) return sinceTick + holdTicks;
    untilTicks.pop();
    fromTick = untilTick + 1;
  }
  return NEVER;
}

function verdictInside({ low, high }: Enclosure, band: Band): Verdict {
  if (low >= band.low && high <= band.high) return 'all';
  return high < band.low || low > band.high ? 'none' : 'some';
}

function verdictOutside({ low, high }: Enclosure, band: Band): Verdict {
  if (high <= band.low || low >= band.high) return 'all';
  return low > band.low && high < band.high ? 'none' : 'some';
}
