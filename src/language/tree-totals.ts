// What a tree comes to: steps, cycles, time, charge, samples. By recursion over the tree, counts multiplied:
// ten years of cycles in microseconds, exact. What is assumed:
//   expected   every step takes its expected time and passes its current over it (or the charge that its
//              limit says), every end leads to the next step, every group has all of its passes
//   longest    every step its maximum duration, and every `go to` taken as often as it may
//   shortest   every measured limit that leads on strikes as soon as it can; passes are not cut short
// An end that leaves a group or the run is foreseen by none of them: with it a run is shorter.
import { possibleEnds, type ProgramEndReason, type Step } from '../steps/step.ts';
import type { ResolvedTree, TreeItem, TreeStep } from './tree.ts';
import { courseOfGroup, farthest, movedBy, type NetCourse, setTo, STILL } from './tree-net-charge.ts';

/** Whole numbers; one that is beyond the exact ones stands at the largest of them. */
export interface TreeTotals {
  readonly steps: number;
  readonly cycles: number;
  readonly durationExpectedUs: number;
  readonly durationLongestUs: number;
  readonly durationShortestUs: number;
  /** By steps of half `plate`, and by those of half `strip`; other current is in neither. */
  readonly platedChargeNc: number;
  readonly strippedChargeNc: number;
  /** How far the net charge strays from zero at most, by all current; expected way, no overshoot. */
  readonly netChargeMostNc: number;
  /** Recorded by time on the expected way, edges included; changes of voltage and current may bring more. */
  readonly samplesExpected: number;
}

export function totalsOf({ items }: ResolvedTree): TreeTotals {
  const sum = sumOf(items, 1);
  return {
    steps: safe(sum.steps),
    cycles: safe(sum.cycles),
    durationExpectedUs: safe(sum.expectedUs),
    durationLongestUs: safe(sum.longestUs + goToLongestUs(items)),
    durationShortestUs: safe(sum.shortestUs),
    platedChargeNc: safe(sum.platedNc),
    strippedChargeNc: safe(sum.strippedNc),
    // Too irregular to be followed: no farther than all that is passed, from the farthest target.
    netChargeMostNc: safe(sum.course === null ? sum.passedNc + farthestTarget(items) : farthest(sum.course)),
    samplesExpected: safe(sum.samples),
  };
}

/** Of one run of a part. */
interface Sum {
  readonly steps: bigint;
  readonly cycles: bigint;
  readonly expectedUs: bigint;
  readonly longestUs: bigint;
  readonly shortestUs: bigint;
  readonly platedNc: bigint;
  readonly strippedNc: bigint;
  /** Of every current, as magnitudes. */
  readonly passedNc: bigint;
  readonly samples: bigint;
  /** null: too irregular to be followed. */
  readonly course: NetCourse | null;
}

function sumOf(items: readonly TreeItem[], count: number): Sum {
  const parts = items.map((item) => ({ every: item.every, sum: sumOfItem(item) }));
  const total = (read: (sum: Sum) => bigint): bigint =>
    parts.reduce((all, { every, sum }) => all + BigInt(Math.floor(count / every)) * read(sum), 0n);
  return {
    steps: total(({ steps }) => steps),
    cycles: total(({ cycles }) => cycles),
    expectedUs: total(({ expectedUs }) => expectedUs),
    longestUs: total(({ longestUs }) => longestUs),
    shortestUs: total(({ shortestUs }) => shortestUs),
    platedNc: total(({ platedNc }) => platedNc),
    strippedNc: total(({ strippedNc }) => strippedNc),
    passedNc: total(({ passedNc }) => passedNc),
    samples: total(({ samples }) => samples),
    course: courseOfGroup(
      count,
      parts.map(({ every, sum }) => ({ every, course: sum.course })),
    ),
  };
}

function sumOfItem(item: TreeItem): Sum {
  if (item.kind === 'step') return sumOfStep(item);
  const sum = sumOf(item.items, item.count);
  // A group in which nothing is ever run is passed over, its cycles too.
  return item.countsCycles && sum.steps > 0n ? { ...sum, cycles: sum.cycles + BigInt(item.count) } : sum;
}

function sumOfStep(part: TreeStep): Sum {
  const { half, durationExpectedUs, durationMaxUs } = part.step;
  const signedNc = chargeOf(part);
  const passedNc = signedNc < 0n ? -signedNc : signedNc;
  const target = targetOf(part);
  return {
    steps: 1n,
    cycles: 0n,
    expectedUs: BigInt(durationExpectedUs),
    longestUs: BigInt(durationMaxUs),
    shortestUs: BigInt(shortestUsOf(part)),
    platedNc: half === 'plate' ? passedNc : 0n,
    strippedNc: half === 'strip' ? passedNc : 0n,
    passedNc,
    samples: samplesOf(part.step),
    course: target !== null ? setTo(BigInt(target)) : passedNc === 0n ? STILL : movedBy(signedNc),
  };
}

/** Where several ends lead on, the one that is meant to come: a charge before a time, a voltage last. */
export const MEANT_ENDS: readonly ProgramEndReason[] = [
  'step-charge',
  'net-charge',
  'last-step-charge',
  'duration',
  'current-min',
  'voltage-max',
  'voltage-min',
  'short-floor',
];

/** The end that a step comes to when nothing is wrong; null: each of its ends leads elsewhere. */
function meantEnd({ step, ends }: TreeStep): ProgramEndReason | null {
  const possible = possibleEnds(step);
  const leadsOn = (reason: ProgramEndReason): boolean =>
    possible.includes(reason) && (ends[reason]?.then === 'next' || ends[reason]?.then === 'hold');
  return MEANT_ENDS.find(leadsOn) ?? null;
}

/** The net counter behind the step, where a target of it is how the step is meant to end. */
function targetOf(part: TreeStep): number | null {
  return meantEnd(part) === 'net-charge' ? part.step.limits.netChargeNc : null;
}

/** Signed; of constant current alone: what a voltage makes flow nobody knows before. */
function chargeOf(part: TreeStep): bigint {
  const { mode, limits, durationExpectedUs } = part.step;
  if (mode.kind !== 'cc') return 0n;
  if (meantEnd(part) === 'step-charge' && limits.stepChargeNc !== null)
    return BigInt(mode.currentPa < 0 ? -limits.stepChargeNc : limits.stepChargeNc);
  // pA us is 1e-9 nC.
  const product = BigInt(mode.currentPa) * BigInt(durationExpectedUs);
  const rounding = product < 0n ? -500_000_000n : 500_000_000n;
  return (product + rounding) / 1_000_000_000n;
}

/** By an end that leads on; never more than what is expected. */
function shortestUsOf({ step, ends }: TreeStep): number {
  const onward = possibleEnds(step).filter((reason) => {
    const rule = ends[reason]?.then;
    return rule === 'next' || rule === 'hold';
  });
  const soonest = onward.map((reason) => soonestUs(step, reason));
  return Math.min(step.durationExpectedUs, ...soonest);
}

function soonestUs({ limits, mode, durationMaxUs }: Step, reason: ProgramEndReason): number {
  switch (reason) {
    case 'voltage-max':
    case 'voltage-min':
      return Math.min(limits.voltageDebounceUs, durationMaxUs);
    case 'short-floor':
      return Math.min(limits.shortFloorDebounceUs, durationMaxUs);
    // The current may be small from the start, the net counter where it should be, the last step nothing.
    case 'current-min':
    case 'net-charge':
    case 'last-step-charge':
      return 0;
    case 'step-charge': {
      if (mode.kind !== 'cc') return 0;
      // nC / pA = 1000 s.
      const chargeUs = Math.floor((Math.abs(limits.stepChargeNc ?? 0) * 1e9) / Math.abs(mode.currentPa));
      return Math.min(chargeUs, durationMaxUs);
    }
    case 'duration':
      return durationMaxUs;
  }
}

/** Its first and last sample, those of its rhythm between them; of a spectrum also each point. */
function samplesOf({ durationExpectedUs, mode, record }: Step): bigint {
  const burstUs = Math.min(record.burst?.forUs ?? 0, durationExpectedUs);
  const inBurst = record.burst === undefined ? 0 : Math.floor(burstUs / record.burst.everyUs);
  const after = Math.floor((durationExpectedUs - burstUs) / record.everyUs);
  const points = mode.kind === 'eis' ? mode.points : 0;
  return BigInt(2 + inBurst + after + points);
}

/**
 * What all jumps may add: each back at most the longest of what lies between its target and the item it jumps
 * from, once through, with the counts of inner groups full again; each forward its target, where this pass
 * would have left it out.
 */
function goToLongestUs(items: readonly TreeItem[]): bigint {
  let added = 0n;
  for (const [index, item] of items.entries()) {
    if (item.kind === 'group') added += goToLongestUs(item.items);
    for (const { label, atMost } of jumpsIn(item)) {
      const target = items.findIndex((other) => other.kind === 'step' && other.label === label);
      if (target < 0) continue;
      const span = items.slice(target, Math.max(target, index) + 1);
      added += BigInt(atMost) * span.reduce((all, part) => all + sumOfItem(part).longestUs, 0n);
    }
  }
  return added;
}

function jumpsIn(item: TreeItem): { readonly label: string; readonly atMost: number }[] {
  if (item.kind === 'group') return item.items.flatMap(jumpsIn);
  return Object.values(item.ends).flatMap((rule) => (rule.then === 'go to' ? [rule] : []));
}

function farthestTarget(items: readonly TreeItem[]): bigint {
  const targets = items.map((item) => {
    if (item.kind === 'group') return farthestTarget(item.items);
    const targetNc = targetOf(item) ?? 0;
    return BigInt(Math.abs(targetNc));
  });
  return targets.reduce((most, target) => (target > most ? target : most), 0n);
}

function safe(value: bigint): number {
  const largest = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(value > largest ? largest : value);
}
