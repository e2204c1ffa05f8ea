// Where a step passes a hard limit: judged at every tick while the relay is closed, whatever the step is.
import type { ChannelBoard } from './channel-board.ts';
import { type Band, type Curve, firstHeldTick } from './crossing.ts';
import type { EndReason, FaultName, HardLimits } from './step-node.ts';

/** An end that some limit has found; an earlier one takes its place. */
export type Consider = (tick: number, reason: EndReason, fault: FaultName | null) => void;

/**
 * Strict limits on a real number of nV or pA: this far beyond, far below one LSB, and larger than the grain
 * of a double at 5 V and at 1 A.
 */
export const BEYOND = 1e-3;
const UNBOUNDED = Number.POSITIVE_INFINITY;

/** No tick after `latestTick` is looked at, which may come closer with each end that is found. */
export function considerHardLimits(
  context: { readonly board: ChannelBoard; readonly limits: HardLimits },
  span: { readonly fromTick: number; readonly latestTick: () => number },
  consider: Consider,
): void {
  const { voltage, current, counter } = context.board;
  const { voltageHighNv, voltageLowNv, currentPa, netChargeNc } = context.limits;
  const { fromTick, latestTick } = span;
  const judge = (curve: Curve, band: Band, fault: FaultName): void =>
    consider(firstHeldTick(curve, band, { fromTick, untilTick: latestTick() }, 0), 'fault', fault);
  judge(voltage, above(voltageHighNv + BEYOND), 'vhard');
  judge(voltage, below(voltageLowNv - BEYOND), 'vhard');
  judge(current, above(currentPa + BEYOND), 'ihard');
  judge(current, below(-currentPa - BEYOND), 'ihard');
  // In the whole nC that are reported.
  judge(counter, above(netChargeNc + 0.5), 'qhard');
  judge(counter, below(-netChargeNc - 0.5), 'qhard');
}

export function above(low: number): Band {
  return { low, high: UNBOUNDED };
}

export function below(high: number): Band {
  return { low: -UNBOUNDED, high };
}
