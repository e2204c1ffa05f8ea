// A protocol that was worked out for one cell as other languages can say it, with a line for everything that
// they cannot. Pure; reads each part once, and expands no count.
import { assertNever } from '../../base/assert.ts';
import { formatQuantity } from '../../base/quantity.ts';
import type { CellLimits } from '../../steps/protocol.ts';
import type { ProgramEndReason, Step } from '../../steps/step.ts';
import { timeText } from '../end-text.ts';
import { boundFor, timeFor } from '../resolve-limits.ts';
import { recordText } from '../step-text.ts';
import type { EndRule, ResolvedTree, TreeGroup, TreeItem, TreeStep } from '../tree.ts';
import { passesOf } from './every-passes.ts';
import {
  charge,
  type ExchangeItem,
  type ExchangeMode,
  type ExchangeStep,
  type ExchangeTree,
  groupOf,
  volts,
} from './exchange-tree.ts';

export interface Carried {
  /** Its items may be none: everything that the protocol does is beyond other languages. */
  readonly exchange: ExchangeTree;
  /** What could not be expressed: a line each, the step first. */
  readonly dropped: readonly string[];
}

/** What no other language has, said once for all steps. */
const OWN_WORDS =
  'names and phases of steps, which group counts the cycles, and the limit of net charge are left out';

interface Walk {
  readonly dropped: Set<string>;
  /** Of the last step with current, as foreseen, nC. */
  lastChargeNc: number | null;
}

export function exchangeFromTree(
  { items }: ResolvedTree,
  limits: Pick<CellLimits, 'voltageMaxNv' | 'voltageMinNv' | 'currentMaxPa'>,
): Carried {
  const walk: Walk = { dropped: new Set([OWN_WORDS]), lastChargeNc: null };
  const safety = {
    voltageAboveNv: limits.voltageMaxNv,
    voltageBelowNv: limits.voltageMinNv,
    currentPa: limits.currentMaxPa,
  };
  return { exchange: { items: itemsOf(items, walk), safety }, dropped: [...walk.dropped] };
}

/** At the top, where `every` is 1. */
function itemsOf(items: readonly TreeItem[], walk: Walk): readonly ExchangeItem[] {
  return items.flatMap((item) => itemOf(item, walk));
}

function itemOf(item: TreeItem, walk: Walk): readonly ExchangeItem[] {
  if (item.kind === 'group') return groupItems(item, walk);
  const step = stepOf(item, walk);
  return step === null ? [] : [step];
}

function groupItems({ count, items, label }: TreeGroup, walk: Walk): readonly ExchangeItem[] {
  const turning = items.map((item) => ({ every: item.every, items: itemOf(item, walk) }));
  const passes = passesOf(count, turning);
  if (passes !== null) return passes;
  const name = label ?? 'a group';
  walk.dropped.add(`${name}: which passes have which steps is too long to write out; each pass has all`);
  return groupOf(
    count,
    turning.flatMap(({ items: inside }) => inside),
  );
}

function stepOf(item: TreeStep, walk: Walk): ExchangeStep | null {
  const { label, step } = item;
  const drop = (what: string): void => void walk.dropped.add(`${label}: ${what}`);
  const mode = modeOf(step);
  if (mode === null) {
    drop(step.mode.kind === 'eis' ? 'an impedance spectrum is left out' : 'a voltage sweep is left out');
    return null;
  }
  dropOutcomes(item, drop);
  dropDetails(step, drop);
  const chargeNc = chargeOf(step, walk.lastChargeNc, drop);
  if (mode.kind === 'cc') walk.lastChargeNc = chargeNc ?? expectedNc(step);
  const isBound = isFault(item.ends.duration);
  const derivedUs =
    mode.kind === 'cc' && chargeNc !== null ? boundFor(timeFor(chargeNc, mode.currentPa)) : null;
  const isDerived = step.limits.stepChargeNc === null || derivedUs === step.durationMaxUs;
  return {
    kind: 'step',
    name: label,
    mode,
    timeUs: isBound ? null : step.durationMaxUs,
    atMostUs: !isBound || (derivedUs !== null && isDerived) ? null : step.durationMaxUs,
    chargeNc,
    voltageAboveNv: step.limits.voltageMaxNv,
    voltageBelowNv: step.limits.voltageMinNv,
    currentBelowPa: step.limits.currentMinPa ?? null,
    everyUs: step.record.everyUs,
  };
}

function modeOf({ mode }: Step): ExchangeMode | null {
  switch (mode.kind) {
    case 'rest':
    case 'cc':
    case 'cv':
      return mode;
    case 'sweep':
    case 'eis':
      return null;
  }
}

/** A step that is not over in its time is at fault: its bound is no aim. */
function isFault(rule: EndRule | undefined): boolean {
  return rule?.then === 'end run' && rule.verdict === 'fault';
}

function dropOutcomes({ ends, step }: TreeStep, drop: (what: string) => void): void {
  for (const [reason, rule] of Object.entries(ends) as [ProgramEndReason, EndRule][]) {
    if (rule.then === 'next' || reason === 'short-floor' || (reason === 'duration' && isFault(rule)))
      continue;
    drop(`${ruleText(rule)} ${endAt(step, reason)} becomes a step end`);
  }
}

function ruleText(rule: EndRule): string {
  switch (rule.then) {
    case 'next':
    case 'end group':
    case 'end run':
    case 'hold':
      return rule.then;
    case 'go to':
      return `go to ${rule.label}`;
    default:
      return assertNever(rule, 'an end of a step leads somewhere');
  }
}

/** `at -0.5 V`. */
function endAt({ limits, durationMaxUs }: Step, reason: ProgramEndReason): string {
  switch (reason) {
    case 'voltage-max':
      return `at ${volts(limits.voltageMaxNv ?? 0)}`;
    case 'voltage-min':
      return `at ${volts(limits.voltageMinNv ?? 0)}`;
    case 'net-charge':
      return `at a net charge of ${charge(limits.netChargeNc ?? 0)}`;
    case 'step-charge':
      return `at ${charge(limits.stepChargeNc ?? 0)}`;
    case 'last-step-charge':
      return `at ${formatQuantity(limits.lastStepChargePpm ?? 0, 'ratio')} of the last charge`;
    case 'current-min':
      return `at ${formatQuantity(limits.currentMinPa ?? 0, 'current')}`;
    case 'short-floor':
      return `below ${volts(limits.shortFloorNv ?? 0)}`;
    case 'duration':
      return `after ${timeText(durationMaxUs)}`;
  }
}

function dropDetails({ limits, record }: Step, drop: (what: string) => void): void {
  const hasVoltage = limits.voltageMaxNv !== null || limits.voltageMinNv !== null;
  if (hasVoltage && limits.voltageDebounceUs > 0)
    drop(`a voltage limit that must hold for ${timeText(limits.voltageDebounceUs)} strikes at once`);
  if (limits.shortFloorNv !== null) drop(`the short floor of ${volts(limits.shortFloorNv)} is left out`);
  const isPlain =
    record.voltageDeltaNv === null && record.currentDeltaPa === null && record.burst === undefined;
  if (!isPlain) drop(`recorded ${recordText(record)}: only every ${timeText(record.everyUs)} is kept`);
}

/** Counters of the run and of the step before become the charge that they come to, as foreseen. */
function chargeOf(step: Step, lastChargeNc: number | null, drop: (what: string) => void): number | null {
  const { stepChargeNc, netChargeNc, lastStepChargePpm } = step.limits;
  const found: number[] = stepChargeNc === null ? [] : [stepChargeNc];
  if (netChargeNc !== null) {
    const foreseenNc = expectedNc(step);
    const becomes = `becomes a charge of ${charge(foreseenNc)}; no overshoot is carried`;
    drop(`a net charge of ${charge(netChargeNc)} ${becomes}`);
    found.push(foreseenNc);
  }
  if (lastStepChargePpm !== null) {
    const ratio = formatQuantity(lastStepChargePpm, 'ratio');
    const guardNc = lastChargeNc === null ? null : Math.round((lastChargeNc * lastStepChargePpm) / 1e6);
    if (guardNc === null) drop(`${ratio} of the last charge is left out: it is not known here`);
    else {
      drop(`${ratio} of the last charge becomes a charge of ${charge(guardNc)}`);
      found.push(guardNc);
    }
  }
  return found.length === 0 ? null : Math.max(1, Math.min(...found));
}

/** pA us is 1e-9 nC. */
function expectedNc({ mode, durationExpectedUs }: Step): number {
  return mode.kind === 'cc' ? Math.round((Math.abs(mode.currentPa) * durationExpectedUs) / 1e9) : 0;
}
