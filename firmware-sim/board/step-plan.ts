// When and why will this step end? Answered once, at its start, in closed form: the earliest tick over all
// limits. Candidates are tried in order of precedence and replaced only by an earlier tick, so a tie goes to
// safety.
import type { ChannelBoard } from './channel-board.ts';
import { type Band, firstHeldTick } from './crossing.ts';
import { TICK_US } from './device-clock.ts';
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

/**
 * Strict limits on a real number: this far beyond, far below one LSB, and larger than the grain of a double
 * at 5 V.
 */
const BEYOND_NV = 1e-3;
const UNBOUNDED = Number.POSITIVE_INFINITY;

export function planEnd(context: PlanContext): PlannedEnd {
  const { node, startTick } = context;
  const durationTicks = Math.max(1, Math.floor(node.durationMaxUs / TICK_US));
  let best: PlannedEnd = { tick: startTick + durationTicks, reason: 't', fault: null };
  const consider = (tick: number, reason: EndReason, fault: FaultName | null): void => {
    if (tick < best.tick || (tick === best.tick && best.reason === 't')) best = { tick, reason, fault };
  };
  if (node.currentPa !== 0) considerHardLimits(context, () => best.tick, consider);
  considerVoltageLimits(context, () => best.tick, consider);
  if (node.currentPa !== 0) considerChargeLimits(context, consider);
  return best;
}

type Consider = (tick: number, reason: EndReason, fault: FaultName | null) => void;

function considerHardLimits(context: PlanContext, latestTick: () => number, consider: Consider): void {
  const { limits, board, startTick } = context;
  const held = (band: Band): number => heldTick(context, band, latestTick(), 0);
  consider(held({ lowNv: limits.voltageHighNv + BEYOND_NV, highNv: UNBOUNDED }), 'fault', 'vhard');
  consider(held({ lowNv: -UNBOUNDED, highNv: limits.voltageLowNv - BEYOND_NV }), 'fault', 'vhard');
  if (Math.abs(board.meanCurrentPa) > limits.currentPa) consider(startTick + 1, 'fault', 'ihard');
  consider(startTick + ticksToHardCharge(context), 'fault', 'qhard');
}

function considerVoltageLimits(context: PlanContext, latestTick: () => number, consider: Consider): void {
  const { node } = context;
  const debounceTicks = Math.ceil(node.voltageDebounceUs / TICK_US);
  if (node.voltageMaxNv !== null) {
    const band = { lowNv: node.voltageMaxNv, highNv: UNBOUNDED };
    consider(heldTick(context, band, latestTick(), debounceTicks), 'vmax', null);
  }
  if (node.voltageMinNv !== null) {
    const band = { lowNv: -UNBOUNDED, highNv: node.voltageMinNv };
    consider(heldTick(context, band, latestTick(), debounceTicks), 'vmin', null);
  }
  if (node.floorNv !== null) {
    const band = { lowNv: -node.floorNv + BEYOND_NV, highNv: node.floorNv - BEYOND_NV };
    consider(heldTick(context, band, latestTick(), Math.ceil(node.floorDebounceUs / TICK_US)), 'floor', null);
  }
}

function considerChargeLimits(context: PlanContext, consider: Consider): void {
  const { node, startTick, startNc, lastStepNc } = context;
  const direction = Math.sign(node.currentPa);
  const reach = (toGoNc: number, reason: EndReason): void => {
    consider(startTick + ticksToCharge(toGoNc, context.board.counter.ncPerTick * direction), reason, null);
  };
  if (node.netChargeNc !== null) reach((node.netChargeNc - startNc) * direction, 'qnet');
  if (node.stepChargeNc !== null) reach(node.stepChargeNc, 'qstep');
  if (node.lastChargePpm !== null) reach(node.lastChargePpm * 1e-6 * lastStepNc, 'qlast');
}

function heldTick(context: PlanContext, band: Band, latestTick: number, holdTicks: number): number {
  const span = { fromTick: context.startTick + 1, untilTick: latestTick };
  return firstHeldTick(context.board, band, span, holdTicks);
}

/**
 * The first tick, 1 or more, at which less than half a tick's charge is left: the tick nearest to the target.
 */
export function ticksToCharge(toGoNc: number, ncPerTick: number): number {
  if (ncPerTick <= 0) return toGoNc <= 0 ? 1 : UNBOUNDED;
  return Math.max(1, Math.floor(toGoNc / ncPerTick - 0.5) + 1);
}

/**
 * The first tick, 1 or more, at which |net charge| is beyond the hard limit, in the whole nC that are
 * reported.
 */
function ticksToHardCharge({ board, limits, startNc }: PlanContext): number {
  const ncPerTick = board.counter.ncPerTick;
  const beyondNc = limits.netChargeNc + 0.5;
  if (Math.abs(startNc + ncPerTick) >= beyondNc) return 1;
  if (ncPerTick === 0) return UNBOUNDED;
  return Math.ceil((beyondNc - Math.sign(ncPerTick) * startNc) / Math.abs(ncPerTick));
}
