// When and why does a step with a held voltage end? Its current is no closed form, so the answer is looked
// for a stretch at a time, each four times as long as the one before: no cell is thought through much further
// than its step goes. Where the source changes first, it is asked again from there.
import { type Band, type Curve, type Enclosure, firstHeldTick, type TickSpan } from './crossing.ts';
import { NC_PER_PA_TICK } from './charge-counter.ts';
import { above, BEYOND, considerHardLimits } from './hard-limits.ts';
import type { EndReason, FaultName } from './step-node.ts';
import type { PlanContext, PlannedEnd, StepPlan } from './step-plan.ts';

/** A minute. */
const FIRST_STRETCH_TICKS = 60_000;
const STRETCH_GROWTH = 4;
/** `imin` is not judged while the double layer is charged. */
const CHARGING_TICKS = 10;
/** What a double of some C cannot tell apart, nC. */
const CHARGE_GRAIN_NC = 1e-6;

/** From `fromTick` on; `byTime` is the end by duration, which no other comes after. */
export function planHold(context: PlanContext, fromTick: number, byTime: PlannedEnd): StepPlan {
  let stretchTicks = FIRST_STRETCH_TICKS;
  for (let tick = fromTick; tick <= byTime.tick; ) {
    const untilTick = Math.min(byTime.tick, tick + stretchTicks);
    const sourceTick = context.board.sourceChangeTick({ fromTick: tick, untilTick });
    // At the tick of a change it is the new source that is judged.
    const end = earliestEnd(context, { fromTick: tick, untilTick: Math.min(untilTick, sourceTick - 1) });
    if (end !== null) return { end, sourceTick: Number.POSITIVE_INFINITY };
    if (sourceTick <= untilTick) return { end: byTime, sourceTick };
    tick = untilTick + 1;
    stretchTicks *= STRETCH_GROWTH;
  }
  return { end: byTime, sourceTick: Number.POSITIVE_INFINITY };
}

/** Tried in order of precedence, replaced only by an earlier tick; null: no limit is met in the span. */
function earliestEnd(context: PlanContext, { fromTick, untilTick }: TickSpan): PlannedEnd | null {
  const { node, board, startTick, startNc } = context;
  const found: PlannedEnd[] = [];
  const latestTick = (): number => (found[0] === undefined ? untilTick : found[0].tick - 1);
  const consider = (tick: number, reason: EndReason, fault: FaultName | null): void => {
    if (tick <= latestTick()) found[0] = { tick, reason, fault };
  };
  const judge = (curve: Curve, band: Band, span: { fromTick: number; reason: EndReason }): void => {
    const ticks = { fromTick: span.fromTick, untilTick: latestTick() };
    consider(firstHeldTick(curve, band, ticks, 0), span.reason, null);
  };
  considerHardLimits(context, { fromTick, latestTick }, consider);
  if (node.stepChargeNc !== null) {
    const reached = above(node.stepChargeNc + CHARGE_GRAIN_NC);
    judge(approach(context, startNc), reached, { fromTick, reason: 'qstep' });
  }
  if (node.currentMinPa !== null) {
    const band = { low: -node.currentMinPa + BEYOND, high: node.currentMinPa - BEYOND };
    const judgedFrom = Math.max(fromTick, startTick + CHARGING_TICKS + 1);
    judge(board.current, band, { fromTick: judgedFrom, reason: 'imin' });
  }
  return found[0] ?? null;
}

/**
 * Magnitude of the charge since the start of the step, and half of what the tick then under way brings: above
 * a target from that tick on that is the nearest to it.
 */
function approach({ board }: PlanContext, startNc: number): Curve {
  return {
    rangeBetween: (fromTick, untilTick) => {
      const charge = board.counter.rangeBetween(fromTick, untilTick);
      const passed = magnitude({ low: charge.low - startNc, high: charge.high - startNc });
      const current = magnitude(board.current.rangeBetween(fromTick, untilTick));
      const halfTickNc = NC_PER_PA_TICK / 2;
      return {
        low: passed.low + current.low * halfTickNc,
        high: passed.high + current.high * halfTickNc,
      };
    },
  };
}

function magnitude({ low, high }: Enclosure): Enclosure {
  const farthest = Math.max(-low, high);
  if (low <= 0 && high >= 0) return { low: 0, high: farthest };
  return { low: Math.min(Math.abs(low), Math.abs(high)), high: farthest };
}
