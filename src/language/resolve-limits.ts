// The ends of a step of a tree: its limits in integers, what follows each, and the bound in time that it has
// in any case. A step without a bound is refused here; nothing behind this file meets one.
import { assert } from '../base/assert.ts';
import { formatQuantity } from '../base/quantity.ts';
import type { Expression } from './expression.ts';
import { NO_LIMITS, type ProgramEndReason, type StepLimits } from '../steps/step.ts';
import { LIMIT_WANTED } from './parse-limits.ts';
import { naturalBoundOf, type ResolvedMode } from './resolve-mode.ts';
import { complain, type Sheet, wholeOf } from './resolve-values.ts';
import type { LimitQuantity, SourceLimit, SourceOutcome, SourceStep } from './source-tree.ts';
import type { EndRule } from './tree.ts';

/** What is foreseen of the course until a step, for bounds in time; signed charge, nC. */
export interface Foreseen {
  netNc: number;
  /** Of the last step with current; null: there was none. */
  lastChargeNc: number | null;
}

export interface StepEnds {
  readonly limits: StepLimits;
  readonly ends: Readonly<Partial<Record<ProgramEndReason, EndRule>>>;
  readonly durationMaxUs: number;
  readonly durationExpectedUs: number;
  /** The derived bound is that of this target of the net counter, to be widened by the others of the tree. */
  readonly netTargetNc: number | null;
}

const REASON_OF: Readonly<Record<LimitQuantity, ProgramEndReason>> = {
  time: 'duration',
  charge: 'step-charge',
  'net charge': 'net-charge',
  'last charge': 'last-step-charge',
  'voltage above': 'voltage-max',
  'voltage below': 'voltage-min',
  'current below': 'current-min',
  'short floor': 'short-floor',
};

type Values = Partial<Record<LimitQuantity, number>>;

/** `label` is for reasons of ends that the author gave none for. */
export function resolveEnds(
  sheet: Sheet,
  step: SourceStep,
  context: { readonly mode: ResolvedMode; readonly label: string; readonly foreseen: Foreseen },
): StepEnds | null {
  const { mode, label, foreseen } = context;
  const values: Values = {};
  const ends: Partial<Record<ProgramEndReason, EndRule>> = {};
  for (const limit of step.limits) {
    const value = limitValue(sheet, limit);
    const rule = ruleOf(sheet, limit, { label, value });
    if (value === null || rule === null) return null;
    assert(values[limit.quantity] === undefined, `a step has one limit of ${limit.quantity} at most`);
    values[limit.quantity] = value;
    ends[REASON_OF[limit.quantity]] = rule;
  }
  const limits = limitsOf(sheet, step, values);
  const atMostUs = step.atMost === null ? undefined : wholeOf(sheet, step.atMost, 'time');
  if (limits === null || atMostUs === null) return null;
  const bound = boundOf(sheet, step, { mode, values, foreseen, atMostUs });
  if (bound === null) return null;
  ends.duration ??=
    mode.step.kind === 'sweep' || mode.step.kind === 'eis' ? { then: 'next' } : unfinished(label);
  return { limits, ends, ...bound };
}

function unfinished(label: string): EndRule {
  return { then: 'end run', verdict: 'fault', reason: `${label} came to no end in its time` };
}

function limitValue(sheet: Sheet, limit: SourceLimit): number | null {
  const { quantity, value } = limit;
  const found = wholeOf(sheet, value, LIMIT_WANTED[quantity]);
  if (found === null) return null;
  const isSigned = quantity === 'net charge' || quantity === 'voltage above' || quantity === 'voltage below';
  if (isSigned || found > 0) return found;
  const shown = shownLimit(quantity, found);
  const problem = `a limit "${quantity}" is more than nothing; found ${shown}; use "when" to leave it out`;
  complain(sheet, value.at, problem);
  return null;
}

function ruleOf(
  sheet: Sheet,
  limit: SourceLimit,
  { label, value }: { readonly label: string; readonly value: number | null },
): EndRule | null {
  const { then, quantity } = limit;
  switch (then.kind) {
    case 'next':
      return { then: 'next' };
    case 'end group':
      return { then: 'end group' };
    case 'hold':
      return { then: 'hold', reason: then.reason };
    case 'end run':
      return {
        then: 'end run',
        verdict: then.verdict,
        reason: then.reason ?? ownReason(label, quantity, value),
      };
    case 'go to':
      return jumpOf(sheet, then);
  }
}

function jumpOf(sheet: Sheet, then: Extract<SourceOutcome, { kind: 'go to' }>): EndRule | null {
  const atMost = wholeOf(sheet, then.atMost, 'count');
  if (atMost === null) return null;
  if (atMost >= 1) return { then: 'go to', label: then.label, atMost };
  complain(sheet, then.at, `"at most" of a "go to" is 1 or more; found ${atMost}`);
  return null;
}

function ownReason(label: string, quantity: LimitQuantity, value: number | null): string {
  const shown = value === null ? '' : shownLimit(quantity, value);
  return `${label} reached its limit: ${quantity} ${shown}`.trim();
}

function shownLimit(quantity: LimitQuantity, value: number): string {
  return formatQuantity(value, LIMIT_WANTED[quantity]);
}

function limitsOf(sheet: Sheet, step: SourceStep, values: Values): StepLimits | null {
  const voltages = step.limits.filter(({ quantity }) => quantity.startsWith('voltage'));
  const debounces = voltages.map(({ holdsFor }) => debounceOf(sheet, holdsFor));
  const short = step.limits.find(({ quantity }) => quantity === 'short floor');
  const shortUs = debounceOf(sheet, short?.holdsFor ?? null);
  const [firstUs = 0, secondUs = firstUs] = debounces;
  if (firstUs === null || secondUs === null || shortUs === null) return null;
  if (firstUs !== secondUs) {
    // One debounce serves both limits of a step, on every instrument.
    const at = voltages[1]?.at ?? step.at;
    complain(sheet, at, '"voltage above" and "voltage below" of a step share one "for"; give both the same');
    return null;
  }
  const { 'voltage above': aboveNv, 'voltage below': belowNv } = values;
  if (aboveNv !== undefined && belowNv !== undefined && aboveNv <= belowNv) {
    const found = `"voltage above: ${shownLimit('voltage above', aboveNv)}" is not above "voltage below"`;
    complain(sheet, voltages[1]?.at ?? step.at, `${found}: every voltage would end the step; swap them`);
    return null;
  }
  const currentMinPa = values['current below'];
  return {
    ...NO_LIMITS,
    stepChargeNc: values.charge ?? null,
    netChargeNc: values['net charge'] ?? null,
    lastStepChargePpm: values['last charge'] ?? null,
    voltageMaxNv: values['voltage above'] ?? null,
    voltageMinNv: values['voltage below'] ?? null,
    voltageDebounceUs: firstUs,
    shortFloorNv: values['short floor'] ?? null,
    shortFloorDebounceUs: shortUs,
    ...(currentMinPa === undefined ? {} : { currentMinPa }),
  };
}

/** A protection that waits longer is none. */
const DEBOUNCE_MAX_US = 3_600_000_000;

function debounceOf(sheet: Sheet, holdsFor: Expression | null): number | null {
  const foundUs = holdsFor === null ? 0 : wholeOf(sheet, holdsFor, 'time');
  if (holdsFor === null || foundUs === null || (foundUs >= 0 && foundUs <= DEBOUNCE_MAX_US)) return foundUs;
  complain(sheet, holdsFor.at, `"for" is 0 s to 1 h; found ${formatQuantity(foundUs, 'time')}`);
  return null;
}

interface BoundContext {
  readonly mode: ResolvedMode;
  readonly values: Values;
  readonly foreseen: Foreseen;
  readonly atMostUs: number | undefined;
}

type Bound = Pick<StepEnds, 'durationMaxUs' | 'durationExpectedUs' | 'netTargetNc'>;

/** A tenth more than it takes at the set current, and a second: what a derived bound allows. */
export function boundFor(expectedUs: number): number {
  return expectedUs + Math.ceil(expectedUs / 10) + 1_000_000;
}

function boundOf(sheet: Sheet, step: SourceStep, context: BoundContext): Bound | null {
  const { mode, values, atMostUs } = context;
  const needs = expectedTimes(context);
  const soonestUs = Math.min(...needs.map(({ expectedUs }) => expectedUs));
  const given = values.time ?? atMostUs;
  if (given !== undefined) {
    if (given > 0) {
      // A bound is no aim: where nothing else is known of the time, half of it stands for what is expected.
      const aimUs = values.time ?? (needs.length > 0 ? given : Math.ceil(given / 2));
      const durationExpectedUs = Math.max(1, Math.min(aimUs, soonestUs));
      return { durationMaxUs: given, durationExpectedUs, netTargetNc: null };
    }
    complain(sheet, step.at, 'this step may take no time at all; use "when" to leave it out');
    return null;
  }
  const natural = naturalBoundOf(mode.step);
  if (natural !== null) return { ...natural, netTargetNc: null };
  const derived = needs.filter(({ boundUs }) => boundUs !== null);
  const [first] = derived.sort((a, b) => (a.boundUs ?? 0) - (b.boundUs ?? 0));
  if (first === undefined || first.boundUs === null) {
    complain(sheet, step.at, unboundedText(step));
    return null;
  }
  return {
    durationMaxUs: first.boundUs,
    durationExpectedUs: Math.max(1, Math.min(first.boundUs, soonestUs)),
    netTargetNc: first.netTargetNc,
  };
}

function unboundedText({ mode, limits }: SourceStep): string {
  const found = `this step (${mode.kind}) has no bound in time`;
  if (mode.kind === 'rest') return `${found}; write how long, e.g. "rest: 10 min"`;
  const hasLast = limits.some(({ quantity }) => quantity === 'last charge');
  const advice = 'add "at most: 2 h" to the step, or a limit "time: 2 h" or "charge: …" to its "until"';
  return hasLast ? `${found}: no step with a known charge comes before it; ${advice}` : `${found}; ${advice}`;
}

interface ExpectedTime {
  readonly expectedUs: number;
  readonly boundUs: number | null;
  readonly netTargetNc: number | null;
}

/** What each limit of charge needs at the set current. */
function expectedTimes({ mode, values, foreseen }: BoundContext): ExpectedTime[] {
  if (mode.step.kind !== 'cc') return [];
  const { currentPa } = mode.step;
  const { charge, 'net charge': net, 'last charge': lastPpm } = values;
  const times: ExpectedTime[] = [];
  if (charge !== undefined) {
    const expectedUs = timeFor(charge, currentPa);
    times.push({ expectedUs, boundUs: boundFor(expectedUs), netTargetNc: null });
  }
  if (net !== undefined) {
    const expectedUs = timeFor(Math.abs(net - foreseen.netNc), currentPa);
    times.push({ expectedUs, boundUs: boundFor(expectedUs), netTargetNc: net });
  }
  if (lastPpm !== undefined && foreseen.lastChargeNc !== null) {
    const wholeUs = timeFor(foreseen.lastChargeNc, currentPa);
    const guardUs = Math.ceil((wholeUs * lastPpm) / 1e6);
    // A guard is no aim: the step is expected to give back what the last one took.
    times.push({ expectedUs: Math.min(wholeUs, guardUs), boundUs: boundFor(guardUs), netTargetNc: null });
  }
  return times;
}

/** us of a charge (nC) at a current (pA): nC / pA is 1000 s. */
export function timeFor(chargeNc: number, currentPa: number): number {
  return Math.max(1, Math.round((chargeNc / Math.abs(currentPa)) * 1e9));
}
