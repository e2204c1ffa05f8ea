// How long a tree takes and how much it records, from least to most. Where steps end by time or charge the
// two are the same within a tick a step; where a measured value ends a step they are the bounds of it. By
// recursion, never expanded. Ends that end the run are left out: with one a run is shorter.
import { type ImpedanceMode, possibleEnds, type ProgramEndReason, type Step } from '../steps/step.ts';
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

/** Between these the voltage of the cell is, whatever step runs. */
export interface VoltageRange {
  readonly leastNv: number;
  readonly mostNv: number;
}

/** `range` bounds how often changes of the voltage bring a sample. */
export function estimateOf({ items }: ResolvedTree, range: VoltageRange): TreeEstimate {
  const figures = sumOf(items, 1, { range });
  const [durationLeast, durationMost, samplesLeast, samplesMost, stepsLeast, stepsMost] = figures;
  return {
    durationUs: { least: durationLeast, most: durationMost },
    samples: { least: samplesLeast, most: samplesMost },
    steps: { least: stepsLeast, most: stepsMost },
  };
}

interface Given {
  readonly range: VoltageRange;
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
  const byTime = recorded(step, { least, most });
  return [least, most, byTime.least, byTime.most + moved(step, given), 1, 1];
}

/** What a step that does not end the run takes. */
export function durationOf({ step, ends }: TreeStep): Span {
  const onward = possibleEnds(step).filter((reason) => {
    const rule = ends[reason];
    return rule !== undefined && rule.then !== 'end run';
  });
  const { durationMaxUs } = step;
  // What an instrument takes for a spectrum is its own affair: a period a point, or some.
  if (step.mode.kind === 'eis') return { least: periodsUs(step.mode), most: step.durationExpectedUs };
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

/** One of each point of a spectrum. */
function periodsUs({ fromMilliHz, points, toMilliHz }: ImpedanceMode): number {
  let sumUs = 0;
  for (let point = 0; point < points; point += 1) {
    const share = points === 1 ? 0 : point / (points - 1);
    sumUs += 1e9 / (fromMilliHz * (toMilliHz / fromMilliHz) ** share);
  }
  return Math.floor(sumUs);
}

/** Without what changes of the voltage add. */
function recorded(step: Step, { least, most }: Span): Span {
  const { mode } = step;
  // Points of a spectrum are rows of their own; an instrument may tell voltage and current beside them.
  if (mode.kind === 'eis') return { least: 0, most: 2 + mode.points };
  if (mode.kind !== 'sweep') return { least: rhythm(step, least), most: rhythm(step, most) };
  // Each stair, or as often as it was asked for.
  const stairs = Math.ceil((mode.rateNvPerS * most) / 1e6 / mode.stepNv);
  return { least: Math.min(stairs, rhythm(step, least)), most: Math.max(stairs, rhythm(step, most)) + 1 };
}

/** The first tick, those of the rhythm between, the last tick. */
function rhythm({ record: { burst, everyUs } }: Step, us: number): number {
  const burstUs = Math.min(burst?.forUs ?? 0, us);
  const inBurst = burst === undefined ? 0 : Math.floor(burstUs / burst.everyUs);
  const after = Math.max(0, Math.ceil((us - burstUs) / everyUs) - 1);
  return 2 + inBurst + after;
}

/**
 * What changes of the voltage may add at most. At rest it goes from wherever it was to where it stays. Under
 * a current it goes over to the side of that current, which may take all that the limits allow, then there
 * and back (a tip of nucleation, a plateau, a rise at the end).
 */
function moved({ half, limits, mode, record }: Step, { range }: Given): number {
  if (record.voltageDeltaNv === null || mode.kind === 'cv') return 0;
  const mostNv = Math.min(limits.voltageMaxNv ?? range.mostNv, range.mostNv);
  const leastNv = Math.max(limits.voltageMinNv ?? range.leastNv, range.leastNv);
  const wholeNv = Math.max(0, mostNv - leastNv);
  if (mode.kind !== 'cc') return Math.ceil(wholeNv / record.voltageDeltaNv);
  // Of zinc against zinc: it is plated below zero and stripped above. A battery is charged by plating.
  const isPlated = half === 'plate' && mode.currentPa < 0;
  const isStripped = half === 'strip' && mode.currentPa > 0 && leastNv < 0;
  const sideNv = isPlated ? Math.max(0, -leastNv) : isStripped ? Math.max(0, mostNv) : wholeNv;
  return Math.ceil((wholeNv + 2 * sideNv) / record.voltageDeltaNv);
}
