// When and why will this step end? Answered once, at its start, in closed form: the earliest tick over all
// limits. Candidates are tried in order of precedence and replaced only by an earlier tick, so a tie goes to
// safety.
import type { ChannelBoard } from './channel-board.ts';
import { type Band, type Curve, firstHeldTick } from './crossing.ts';
import { TICK_US } from './device-clock.ts';
import { above, below, BEYOND, type Consider, considerHardLimits } from './hard-limits.ts';
import { planHold } from './hold-plan.ts';
import type { EndReason, FaultName, HardLimits, StepNode } from './step-node.ts';

export interface PlannedEnd {
  readonly tick: number;
  readonly reason: EndReason;
  /** Set when `reason` is `fault`. */
  readonly fault: FaultName | null;
}

export interface PlanContext {
  readonly board: ChannelBoard;
  readonly node: StepNode;
  readonly limits: HardLimits;
  readonly startTick: number;
  /** Net counter at the start. */
  readonly startNc: number;
  /** Magnitude of the charge of the step before, 0 when there was none. */
  readonly lastStepNc: number;
}

export interface StepPlan {
  readonly end: PlannedEnd;
  /** When the source of a held voltage changes by itself, before that end; Infinity: never. */
  readonly sourceTick: number;
}

const UNBOUNDED = Number.POSITIVE_INFINITY;

/** What comes from `fromTick` on, the first tick of the step or one at which its source has changed. */
export function planStep(context: PlanContext, fromTick: number): StepPlan {
  if (context.node.voltageNv === null) return { end: planEnd(context), sourceTick: UNBOUNDED };
  return planHold(context, fromTick, endByTime(context));
}

/** The end as it stands at the start of the step. */
function planEnd(context: PlanContext): PlannedEnd {
  const { node, startTick } = context;
  let best = endByTime(context);
  const consider = (tick: number, reason: EndReason, fault: FaultName | null): void => {
    if (tick < best.tick || (tick === best.tick && best.reason === 't')) best = { tick, reason, fault };
  };
  // Cheap to find, and no other limit need be looked for beyond it.
  const charge = node.currentPa === 0 ? [] : chargeEnds(context, best.tick);
  const lastTick = Math.min(best.tick, ...charge.map(({ tick }) => tick));
  const latestTick = (): number => Math.min(lastTick, best.tick);
  if (node.currentPa !== 0) {
    considerHardLimits(context, { fromTick: startTick + 1, latestTick }, consider);
  }
  considerVoltageLimits(context, latestTick, consider);
  for (const { tick, reason } of charge) consider(tick, reason, null);
  return best;
}

function endByTime({ node, startTick }: PlanContext): PlannedEnd {
  const durationTicks = Math.max(1, Math.floor(node.durationMaxUs / TICK_US));
  return { tick: startTick + durationTicks, reason: 't', fault: null };
}

function considerVoltageLimits(context: PlanContext, latestTick: () => number, consider: Consider): void {
  const { node, board } = context;
  const judge = (band: Band, debounceUs: number, reason: EndReason): void => {
    const holdTicks = Math.ceil(debounceUs / TICK_US);
    consider(heldTick(context, board.voltage, { band, latestTick: latestTick(), holdTicks }), reason, null);
  };
  if (node.voltageMaxNv !== null) judge(above(node.voltageMaxNv), node.voltageDebounceUs, 'vmax');
  if (node.voltageMinNv !== null) judge(below(node.voltageMinNv), node.voltageDebounceUs, 'vmin');
  if (node.floorNv !== null) {
    judge({ low: -node.floorNv + BEYOND, high: node.floorNv - BEYOND }, node.floorDebounceUs, 'floor');
  }
}

/** Where each charge limit of the step is reached, in order of precedence. */
function chargeEnds(
  context: PlanContext,
  latestTick: number,
): readonly { readonly tick: number; readonly reason: EndReason }[] {
  const { node, startNc, lastStepNc } = context;
  const netNc = node.netChargeNc === null ? null : (node.netChargeNc - startNc) * Math.sign(node.currentPa);
  const lastNc = node.lastChargePpm === null ? null : node.lastChargePpm * 1e-6 * lastStepNc;
  const limits = [
    { reason: 'qnet', toGoNc: netNc },
    { reason: 'qstep', toGoNc: node.stepChargeNc },
    { reason: 'qlast', toGoNc: lastNc },
  ] as const;
  return limits.flatMap(({ reason, toGoNc }) =>
    toGoNc === null ? [] : [{ reason, tick: chargeTick(context, toGoNc, latestTick) }],
  );
}

function heldTick(
  context: PlanContext,
  curve: Curve,
  wanted: { readonly band: Band; readonly latestTick: number; readonly holdTicks: number },
): number {
  const span = { fromTick: context.startTick + 1, untilTick: wanted.latestTick };
  return firstHeldTick(curve, wanted.band, span, wanted.holdTicks);
}

/** The tick nearest to where `toGoNc` more have been counted, the source's rise included. */
function chargeTick({ board, node, startTick }: PlanContext, toGoNc: number, latestTick: number): number {
  const { counter } = board;
  const direction = Math.sign(node.currentPa);
  if (counter.isSteady || toGoNc <= 0)
    return startTick + ticksToCharge(toGoNc, counter.ncPerTick * direction);
  const span = { fromTick: startTick + 1, untilTick: latestTick };
  return firstHeldTick(counter.approach(direction), above(toGoNc), span, 0);
}

/**
 * The first tick, 1 or more, at which less than half a tick's charge is left: the tick nearest to the target.
 */
export function ticksToCharge(toGoNc: number, ncPerTick: number): number {
  if (ncPerTick <= 0) return toGoNc <= 0 ? 1 : UNBOUNDED;
  return Math.max(1, Math.floor(toGoNc / ncPerTick - 0.5) + 1);
}
