// From the look-ahead tree to what an instrument without charge counter can be given: each step with the time
// that its charge takes, and the steps that follow where each ends as planned. Pure.
import type { EndReason, LookAheadTree, Step, TreeNode } from '../../steps/step.ts';
import type { PlannedStep, StepPlan, TimedEnd } from './step-actuator.ts';

/** What is known when a step starts. */
export interface ChargeState {
  readonly netChargeNc: number;
  /** |charge| of the last step at constant current. */
  readonly lastStepNc: number;
}

export interface PlanBasis extends ChargeState {
  /** Measured over set current, by direction: what makes a charge out of a time. */
  readonly ratioOf: (currentPa: number) => number;
  readonly readingEveryMaxUs: number;
}

/** No instrument is asked for less. */
const DURATION_MIN_US = 1000;
/** nC / pA is 1e3 s. */
const US_PER_NC_PER_PA = 1e9;

/** The node and what follows it by planned ends, to the end of its cycle. */
export function planFrom(tree: LookAheadTree, root: TreeNode, basis: PlanBasis): StepPlan {
  const first = plannedStep(root, basis);
  const steps: [PlannedStep, ...PlannedStep[]] = [first];
  let node = root;
  let charge = chargeAfter(first, basis);
  for (;;) {
    const last = steps.at(-1) ?? first;
    const next = node.step.completesCycle ? null : childOf(tree, node, last.timedEnd);
    if (next === null) return { steps };
    const planned = plannedStep(next, { ...basis, ...charge });
    steps.push(planned);
    charge = chargeAfter(planned, charge);
    node = next;
  }
}

/** What the tree holds for this end of a node; null: nothing. */
export function childOf(tree: LookAheadTree, node: TreeNode, reason: EndReason): TreeNode | null {
  const parent = tree.nodes.find(({ id }) => id === node.id);
  const [, id] = Object.entries(parent?.children ?? {}).find(([end]) => end === reason) ?? [];
  return tree.nodes.find((candidate) => candidate.id === id) ?? null;
}

export function plannedStep({ step, stepNumber }: TreeNode, basis: PlanBasis): PlannedStep {
  const end = firstCharge(step, basis);
  const currentPa = step.mode.kind === 'cc' ? step.mode.currentPa : 0;
  const chargeUs =
    end === null
      ? Number.POSITIVE_INFINITY
      : (end.chargeNc * US_PER_NC_PER_PA) / (Math.abs(currentPa) * basis.ratioOf(currentPa));
  const isByCharge = end !== null && chargeUs <= step.durationMaxUs;
  const { burst, everyUs } = step.record;
  const readingEveryUs = Math.min(everyUs, basis.readingEveryMaxUs);
  const isFaster = burst !== undefined && burst.everyUs < readingEveryUs;
  return {
    stepNumber,
    step,
    durationUs: Math.max(DURATION_MIN_US, Math.round(isByCharge ? chargeUs : step.durationMaxUs)),
    timedEnd: isByCharge ? end.reason : 'duration',
    chargeNc: end?.chargeNc ?? null,
    readingEveryUs,
    ...(isFaster ? { burst } : {}),
  };
}

interface ChargeEnd {
  readonly reason: Exclude<TimedEnd, 'duration'>;
  readonly chargeNc: number;
}

/** The charge limit that a step meets first, as |charge| from its start; one that is passed already is 0. */
function firstCharge(step: Step, { netChargeNc, lastStepNc }: ChargeState): ChargeEnd | null {
  if (step.mode.kind !== 'cc') return null;
  const { limits } = step;
  const direction = Math.sign(step.mode.currentPa);
  const ends: ChargeEnd[] = [];
  if (limits.netChargeNc !== null) {
    ends.push({ reason: 'net-charge', chargeNc: (limits.netChargeNc - netChargeNc) * direction });
  }
  if (limits.stepChargeNc !== null) ends.push({ reason: 'step-charge', chargeNc: limits.stepChargeNc });
  if (limits.lastStepChargePpm !== null) {
    ends.push({ reason: 'last-step-charge', chargeNc: (limits.lastStepChargePpm * lastStepNc) / 1e6 });
  }
  const [nearest] = ends.sort((a, b) => a.chargeNc - b.chargeNc);
  return nearest === undefined ? null : { ...nearest, chargeNc: Math.max(0, nearest.chargeNc) };
}

/** Where the counters stand when the step has ended as planned. */
function chargeAfter(
  { step, durationUs, timedEnd, chargeNc }: PlannedStep,
  before: ChargeState,
): ChargeState {
  if (step.mode.kind !== 'cc') return before;
  const { currentPa } = step.mode;
  const byTimeNc = (Math.abs(currentPa) * durationUs) / US_PER_NC_PER_PA;
  const stepNc = timedEnd === 'duration' || chargeNc === null ? byTimeNc : chargeNc;
  return { netChargeNc: before.netChargeNc + Math.sign(currentPa) * stepNc, lastStepNc: stepNc };
}
