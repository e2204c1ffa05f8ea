// How long a tree takes and how much it records, from least to most. Where steps end by time or charge the
// two are the same within a tick a step; where a measured value ends a step they are the bounds of it. By
// recursion, never expanded. Ends that end the run are left out: with one a run is shorter.
import { possibleEnds, type ProgramEndReason, type Step } from '../steps/step.ts';
import type { ResolvedTree, TreeItem, TreeStep } from './tree.ts';

/** Whole numbers in least and most. */
export interface Span {
  readonly least: number;
  readonly most: number;
}

export interface TreeEstimate {
  readonly durationUs: Span;
  readonly samples: Span;
  readonly steps: Span;
}

/** What moves V within a step: there, back, and a part of it again. */
const SWINGS = 3;

/** `voltageSpanNv`: from the lowest to the highest voltage that the cell limits allow. */
export function estimateOf({ items }: ResolvedTree, voltageSpanNv: number): TreeEstimate {
  const [durationLeast, durationMost, samplesLeast, samplesMost, stepsLeast, stepsMost] = sumOf(items, 1, {
    voltageSpanNv,
  });
  return {
    durationUs: { least: durationLeast, most: durationMost },
    samples: { least: samplesLeast, most: samplesMost },
    steps: { least: stepsLeast, most: stepsMost },
  };
}

interface Given {
  readonly voltageSpanNv: number;
}

/** Duration, samples and steps, each least and most. */
type Figures = readonly [number, number, number, number, number, number];
const NOTHING: Figures = [0, 0, 0, 0, 0, 0];

function sumOf(items: readonly TreeItem[], count: number, given: Given): Figures {
  const jumps = items.some((item) => item.kind === 'step' && rulesOf(item).includes('go to'));
  let total = NOTHING;
  let hasLeft = false;
  for (const item of items) {
    const passes = Math.floor(count / item.every);
    const one = item.kind === 'group' ? sumOf(item.items, item.count, given) : figuresOf(item, given);
    // A pass that leaves its group may be the first, and what comes behind it may never come.
    const least = hasLeft ? 0 : item.every === 1 ? 1 : 0;
    const leastPasses = mayLeave(items) ? least : passes;
    total = add(total, one, leastPasses, passes);
    if (item.kind === 'step' && rulesOf(item).includes('end group')) hasLeft = true;
  }
  return jumps ? add(total, total, 0, jumpsOf(items)) : total;
}

function mayLeave(items: readonly TreeItem[]): boolean {
  return items.some((item) => item.kind === 'step' && rulesOf(item).includes('end group'));
}

function jumpsOf(items: readonly TreeItem[]): number {
  return items
    .flatMap((item) => (item.kind === 'step' ? Object.values(item.ends) : []))
    .reduce((sum, rule) => sum + (rule.then === 'go to' ? rule.atMost : 0), 0);
}

function add(total: Figures, one: Figures, least: number, most: number): Figures {
  return [
    total[0] + one[0] * least,
    total[1] + one[1] * most,
    total[2] + one[2] * least,
    total[3] + one[3] * most,
    total[4] + one[4] * least,
    total[5] + one[5] * most,
  ];
}

function rulesOf({ ends }: TreeStep): string[] {
  return Object.values(ends).map(({ then }) => then);
}

function figuresOf(item: TreeStep, given: Given): Figures {
  const { least, most } = durationOf(item);
  const { step } = item;
  return [least, most, recorded(step, least), recorded(step, most) + moved(step, given), 1, 1];
}

/** What a step that does not end the run takes. */
export function durationOf({ step, ends }: TreeStep): Span {
  const onward = possibleEnds(step).filter((reason) => {
    const rule = ends[reason];
    return rule !== undefined && rule.then !== 'end run';
  });
  const { durationMaxUs } = step;
  const times = onward.map((reason) => timeOf(step, reason)).filter((us) => us !== null);
  // Where only a measured value leads on, the first bound behind it ends the run.
  const most = Math.min(durationMaxUs, ...(times.length > 0 ? times : [guardUs(step)]));
  const isMeasured = onward.some((reason) => timeOf(step, reason) === null);
  return { least: isMeasured ? Math.min(most, debounceUs(step)) : most, most };
}

/** When a step ends for this reason; null: that is measured. */
function timeOf({ durationExpectedUs, durationMaxUs, limits, mode }: Step, reason: ProgramEndReason) {
  switch (reason) {
    case 'duration':
      // A sweep or a spectrum is done long before its bound.
      return mode.kind === 'sweep' || mode.kind === 'eis' ? durationExpectedUs : durationMaxUs;
    case 'step-charge':
      if (mode.kind !== 'cc' || limits.stepChargeNc === null) return null;
      // nC / pA = 1000 s.
      return Math.round((limits.stepChargeNc * 1e9) / Math.abs(mode.currentPa));
    case 'net-charge':
      return durationExpectedUs;
    case 'last-step-charge':
    case 'current-min':
    case 'short-floor':
    case 'voltage-max':
    case 'voltage-min':
      return null;
  }
}

function guardUs({ durationExpectedUs, durationMaxUs, limits }: Step): number {
  const { lastStepChargePpm } = limits;
  return lastStepChargePpm === null
    ? durationMaxUs
    : Math.ceil((durationExpectedUs * lastStepChargePpm) / 1e6);
}

function debounceUs({ limits }: Step): number {
  const { shortFloorNv, shortFloorDebounceUs, voltageDebounceUs, voltageMaxNv, voltageMinNv } = limits;
  const debounces = [
    ...(voltageMaxNv === null && voltageMinNv === null ? [] : [voltageDebounceUs]),
    ...(shortFloorNv === null ? [] : [shortFloorDebounceUs]),
    ...(limits.currentMinPa === undefined && limits.lastStepChargePpm === null ? [] : [0]),
  ];
  return debounces.length === 0 ? 0 : Math.min(...debounces);
}

/** By time: the first tick, the rhythm between, the last tick; of a spectrum its points as well. */
function recorded({ mode, record }: Step, us: number): number {
  const { burst, everyUs } = record;
  const burstUs = Math.min(burst?.forUs ?? 0, us);
  const inBurst = burst === undefined ? 0 : Math.floor(burstUs / burst.everyUs);
  const after = Math.max(0, Math.ceil((us - burstUs) / everyUs) - 1);
  return 2 + inBurst + after + (mode.kind === 'eis' ? mode.points : 0);
}

/** What changes of the voltage may add at most. */
function moved({ limits, mode, record }: Step, { voltageSpanNv }: Given): number {
  const { voltageMaxNv, voltageMinNv } = limits;
  if (record.voltageDeltaNv === null || mode.kind === 'cv') return 0;
  const spanNv = voltageMaxNv !== null && voltageMinNv !== null ? voltageMaxNv - voltageMinNv : voltageSpanNv;
  return Math.ceil((SWINGS * Math.min(spanNv, voltageSpanNv)) / record.voltageDeltaNv);
}
