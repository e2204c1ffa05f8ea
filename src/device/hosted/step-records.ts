// What a hosted channel writes down of a step: its end as a report, bits of its samples, and what its current
// really was. Pure.
import type { EndReason, TreeNode } from '../../steps/step.ts';
import type { StepEndReport } from '../cycler.ts';
import type { StepWatch } from './step-watch.ts';

/**
 * Bits of a sample; from 0x10 on they are the dialect's own. `isLast` only where it was not recorded
 * before.
 */
export const SAMPLE_BITS = { isFirst: 1, isLast: 2, isCompliance: 4 } as const;

export interface EndedStep {
  readonly node: TreeNode;
  readonly watch: StepWatch | null;
  readonly startUs: number;
  readonly lastN: number;
  readonly charge: { readonly startNetChargeNc: number; readonly endNetChargeNc: number };
  readonly end: { readonly reason: EndReason; readonly endUs: number; readonly next: TreeNode | null };
}

export function stepEndOf({ node, watch, startUs, lastN, charge, end }: EndedStep): StepEndReport {
  return {
    type: 'stepEnded',
    stepNumber: node.stepNumber,
    nodeId: node.id,
    reason: end.reason,
    startUs,
    endUs: end.endUs,
    ...charge,
    voltageNv: watch?.last?.voltageNv ?? 0,
    currentPa: watch?.last?.currentPa ?? 0,
    lastN,
    nextNodeId: end.next?.id ?? 0,
    isReplay: false,
  };
}

const NOTHING = { plate: null, strip: null };
/** Fewer readings than this say little of a mean. */
const READINGS_MIN = 20;
/** A current further off than this is a fault of another kind, and nothing to plan by. */
const RATIO_OFF_MAX = 0.05;
/** An offset of the meter is a greater part of a smaller current: what was learned there is no good here. */
const CURRENT_FACTOR_MAX = 2;

interface Learned {
  readonly ratio: number;
  /** At which it was measured. */
  readonly currentPa: number;
}

/**
 * Measured over set current, by direction: an instrument without a charge counter ends its steps by time, and
 * the time that a charge takes is that of the current it measures, not of the one it was asked for. 1 where
 * nothing was learned at such a current: the contact check, at a tenth of it, tells nothing of a half-cycle.
 */
export class CurrentRatio {
  #byDirection: { readonly plate: Learned | null; readonly strip: Learned | null } = NOTHING;

  of(currentPa: number): number {
    const learned = this.#byDirection[directionOf(currentPa)];
    if (learned === null) return 1;
    const factor = currentPa / learned.currentPa;
    return factor <= CURRENT_FACTOR_MAX && factor >= 1 / CURRENT_FACTOR_MAX ? learned.ratio : 1;
  }

  learn(
    watch: StepWatch,
    { stepNc, durationUs }: { readonly stepNc: number; readonly durationUs: number },
  ): void {
    const { mode } = watch.planned.step;
    if (mode.kind !== 'cc' || watch.readings < READINGS_MIN || durationUs <= 0) return;
    const { currentPa } = mode;
    const ratio = (stepNc * 1e9) / (Math.abs(currentPa) * durationUs);
    if (Math.abs(ratio - 1) > RATIO_OFF_MAX) return;
    this.#byDirection = { ...this.#byDirection, [directionOf(currentPa)]: { ratio, currentPa } };
  }

  forget(): void {
    this.#byDirection = NOTHING;
  }
}

function directionOf(currentPa: number): 'plate' | 'strip' {
  return currentPa < 0 ? 'plate' : 'strip';
}
