// When and why will this step end? Answered once, at its start, in closed form: the earliest tick over all
// limits. Candidates are tried in order of precedence and replaced only by an earlier tick, so a tie goes to
// safety.
import type { ChannelBoard } from './channel-board.ts';
import { type Band, type Curve, firstHeldTick } from './crossing.ts';
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
 * Strict limits on a real number of nV or pA: this far beyond, far below one LSB, and larger than the grain
 * of a double at 5 V and at 1 A.
 */
const BEYOND = 1e-3;
const UNBOUNDED = Number.POSITIVE_INFINITY;

/** The end as it stands at the start of the step. */
export function planEnd(context: PlanContext): PlannedEnd {
  const { node, startTick } = context;
  const durationTicks = Math.max(1, Math.floor(node.durationMaxUs / TICK_US));
  let best: PlannedEnd = { tick: startTick + durationTicks, reason: 't', fault: null };
  const consider = (tick: number, reason: EndReason, fault: FaultName | null): void => {
    if (tick < best.tick || (tick === best.tick && best.reason === 't')) best = { tick, reason, fault };
  };
  // Cheap to find, and no other limit need be looked for beyond it.
  const charge = node.currentPa === 0 ? [] : chargeEnds(context, best.tick);
  const lastTick = Math.min(best.tick, ...charge.map(({ tick }) => tick));
  const latestTick = (): number => Math.min(lastTick, best.tick);
  if (node.currentPa !== 0) considerHardLimits(context, latestTick, consider);
  considerVoltageLimits(context, latestTick, consider);
  for (const { tick, reason } of charge) consider(tick, reason, null);
  return best;
}

type Consider = (tick: number, reason: EndReason, fault: FaultName | null) => void;

function considerHardLimits(context: PlanContext, latestTick: () => number, consider: Consider): void {
  const { voltage, current, counter } = context.board;
  const { voltageHighNv, voltageLowNv, currentPa, netChargeNc } = context.limits;
  const judge = (curve: Curve, band: Band, fault: FaultName): void =>
    consider(heldTick(context, curve, { band, latestTick: latestTick(), holdTicks: 0 }), 'fault', fault);
  judge(voltage, above(voltageHighNv + BEYOND), 'vhard');
  judge(voltage, below(voltageLowNv - BEYOND), 'vhard');
  judge(current, above(currentPa + BEYOND), 'ihard');
  judge(current, below(-currentPa - BEYOND), 'ihard');
  // In the whole nC that are reported.
  judge(counter, above(netChargeNc + 0.5), 'qhard');
  judge(counter, below(-netChargeNc - 0.5), 'qhard');
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

function above(low: number): Band {
  return { low, high: UNBOUNDED };
}

function below(high: number): Band {
  return { low: -UNBOUNDED, high };
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
