// Finds the tick at which a voltage enters, holds or leaves a band, by bisection on the closed form. Works
// piece by piece: a model says up to where its voltage is monotone, and each piece costs about 20
// evaluations, whatever its length. Must never walk ticks one by one.

/** Mean meter reading as a function of the tick, and how far from there it is monotone. */
export interface VoltageCurve {
  meanVoltageNv(tick: number): number;
  monotoneUntilTick(tick: number): number;
}

/** `lowNv` <= V <= `highNv`; an open edge is infinite. */
export interface Band {
  readonly lowNv: number;
  readonly highNv: number;
}

export interface TickSpan {
  readonly fromTick: number;
  /** Inclusive; must be finite. */
  readonly untilTick: number;
}

/**
 * The first tick at which V has been inside `band` for `holdTicks` without interruption; Infinity when there
 * is none.
 */
export function firstHeldTick(curve: VoltageCurve, band: Band, span: TickSpan, holdTicks: number): number {
  let sinceTick = Number.POSITIVE_INFINITY;
  let tick = span.fromTick;
  while (tick <= span.untilTick) {
    const lastTick = Math.max(tick, Math.min(span.untilTick, curve.monotoneUntilTick(tick)));
    const stay = stayInBand(curve, band, tick, lastTick);
    const isContinued = stay.enterTick === tick && sinceTick < Number.POSITIVE_INFINITY;
    if (!isContinued) sinceTick = stay.enterTick;
    // The band is left at leaveTick, so the last tick that counts is the one before it.
    const heldTick = sinceTick + holdTicks;
    if (stay.enterTick < stay.leaveTick && heldTick < stay.leaveTick && heldTick <= lastTick) return heldTick;
    if (stay.leaveTick <= lastTick) sinceTick = Number.POSITIVE_INFINITY;
    tick = lastTick + 1;
  }
  return Number.POSITIVE_INFINITY;
}

/**
 * On a monotone piece the ticks inside a band are one interval: from `enterTick` to the one before
 * `leaveTick`.
 */
function stayInBand(
  curve: VoltageCurve,
  band: Band,
  firstTick: number,
  lastTick: number,
): { readonly enterTick: number; readonly leaveTick: number } {
  const firstNv = curve.meanVoltageNv(firstTick);
  const lastNv = curve.meanVoltageNv(lastTick);
  const isRising = lastNv >= firstNv;
  const hasEntered = (nv: number): boolean => (isRising ? nv >= band.lowNv : nv <= band.highNv);
  const hasLeft = (nv: number): boolean => (isRising ? nv > band.highNv : nv < band.lowNv);
  // Most limits are far away: the two ends alone say so.
  if (!hasEntered(lastNv))
    return { enterTick: Number.POSITIVE_INFINITY, leaveTick: Number.POSITIVE_INFINITY };
  const enterTick = hasEntered(firstNv) ? firstTick : firstTickWhere(curve, hasEntered, firstTick, lastTick);
  if (!hasLeft(lastNv)) return { enterTick, leaveTick: Number.POSITIVE_INFINITY };
  const leaveTick = hasLeft(firstNv) ? firstTick : firstTickWhere(curve, hasLeft, firstTick, lastTick);
  return leaveTick <= enterTick
    ? { enterTick: Number.POSITIVE_INFINITY, leaveTick: firstTick }
    : { enterTick, leaveTick };
}

/** Bisection: `holds` is false at `falseTick`, true at `trueTick`, and changes once between. */
function firstTickWhere(
  curve: VoltageCurve,
  holds: (nv: number) => boolean,
  falseTick: number,
  trueTick: number,
): number {
  let low = falseTick;
  let high = trueTick;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(curve.meanVoltageNv(middle))) high = middle;
    else low = middle;
  }
  return high;
}
