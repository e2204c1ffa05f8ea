// What the commands of :SOURce do beyond storing a value: ranges, levels, sweeps, lists, protection, source
// memory (18-71 to 18-98). Each refuses as the instrument does, by an error number.
import type { Outcome, Parameters } from './command-kinds.ts';
import { type Core, isAutoOhms } from './core.ts';
import { isName, type Limits, parseNumber, parseNumeric } from './parameters.ts';
import { fullScaleOf, OVER_RANGE, type RangeAccuracy, rangeFor } from './profiles.ts';
import { copyOf, type NumberKey, type SwitchKey } from './settings.ts';

/** Voltage and current have the same commands; this is where they differ. */
export interface SourceKind {
  readonly word: 'CURRent' | 'VOLTage';
  readonly range: NumberKey;
  readonly auto: SwitchKey;
  readonly level: NumberKey;
  readonly triggered: NumberKey;
  readonly start: NumberKey;
  readonly stop: NumberKey;
  readonly step: NumberKey;
  readonly center: NumberKey;
}

export const CURRENT_SOURCE: SourceKind = {
  word: 'CURRent',
  range: 'currentSourceRange',
  auto: 'isCurrentSourceAutoRange',
  level: 'currentLevelA',
  triggered: 'currentTriggeredA',
  start: 'currentStartA',
  stop: 'currentStopA',
  step: 'currentStepA',
  center: 'currentCenterA',
};

export const VOLTAGE_SOURCE: SourceKind = {
  word: 'VOLTage',
  range: 'voltageSourceRange',
  auto: 'isVoltageSourceAutoRange',
  level: 'voltageLevelV',
  triggered: 'voltageTriggeredV',
  start: 'voltageStartV',
  stop: 'voltageStopV',
  step: 'voltageStepV',
  center: 'voltageCenterV',
};

export function rangesOf(kind: SourceKind, { profile }: Core): readonly RangeAccuracy[] {
  return kind.word === 'CURRent' ? profile.currentRanges : profile.voltageRanges;
}

/** Plus and minus the largest level of the model. */
export function levelLimits(kind: SourceKind): (core: Core) => Limits {
  return ({ profile }) => {
    const max = kind.word === 'CURRent' ? profile.currentMaxA : profile.voltageMaxV;
    return { min: -max, max, def: 0 };
  };
}

/** `:SOUR:CURR:RANG <n>|UP|DOWN`; turns the automatic choice off (18-76). */
export function setSourceRange(kind: SourceKind, core: Core, parameters: Parameters): Outcome {
  const [first = '', second] = parameters;
  if (second !== undefined) return -108;
  const ranges = rangesOf(kind, core);
  const { numbers, switches } = core.settings;
  const present = switches[kind.auto] ? rangeFor(ranges, numbers[kind.level]) : numbers[kind.range];
  const chosen = rangeChosen(first, present, { ranges, limits: levelLimits(kind)(core) });
  if (!chosen.ok) return chosen.code;
  const { index } = chosen;
  if (Math.abs(numbers[kind.level]) > fullScaleOf(ranges, index) * OVER_RANGE * (1 + 1e-9)) return -221;
  const refusal = powerRefusal(core, { [kind.range]: index });
  if (refusal !== null) return refusal;
  numbers[kind.range] = index;
  switches[kind.auto] = false;
  return null;
}

/** Full scale with its 5 % of over-range, as a range is answered: 10 mA is `1.050000E-02`. */
export function sourceRangeShown(kind: SourceKind, core: Core): number {
  const { numbers, switches } = core.settings;
  const ranges = rangesOf(kind, core);
  const index = switches[kind.auto] ? rangeFor(ranges, numbers[kind.level]) : numbers[kind.range];
  return fullScaleOf(ranges, index) * OVER_RANGE;
}

export function setSourceAuto(kind: SourceKind, core: Core, isAuto: boolean): Outcome {
  const { numbers, switches } = core.settings;
  // The range that is in use stays when the choice is taken over by hand.
  if (switches[kind.auto] && !isAuto)
    numbers[kind.range] = rangeFor(rangesOf(kind, core), numbers[kind.level]);
  switches[kind.auto] = isAuto;
  return null;
}

/** `:SOUR:CURR <n>`: takes effect at once; the triggered level follows it (18-77). */
export function setLevel(kind: SourceKind, core: Core, value: number): Outcome {
  const refusal = levelRefusal(kind, core, value);
  if (refusal !== null) return refusal;
  core.settings.numbers[kind.level] = value;
  core.settings.numbers[kind.triggered] = value;
  return null;
}

export function setTriggeredLevel(kind: SourceKind, core: Core, value: number): Outcome {
  const refusal = levelRefusal(kind, core, value);
  if (refusal === null) core.settings.numbers[kind.triggered] = value;
  return refusal;
}

/** "If a manual source range is selected, the amplitude cannot exceed that range" (18-78). */
function levelRefusal(kind: SourceKind, core: Core, value: number): Outcome {
  const { numbers, switches } = core.settings;
  if (isAutoOhms(core.settings)) return 825;
  const ranges = rangesOf(kind, core);
  if (switches[kind.auto]) return powerRefusal(core, { [kind.range]: rangeFor(ranges, value) });
  const fullScale = fullScaleOf(ranges, numbers[kind.range]) * OVER_RANGE * (1 + 1e-9);
  if (Math.abs(value) <= fullScale) return null;
  return Math.abs(value) === levelLimits(kind)(core).max ? -221 : -222;
}

/** `:SOUR:FUNC`; with the output on, the source changes over at once. */
export function setSourceFunction(core: Core, word: string): Outcome {
  if (isAutoOhms(core.settings)) return 825;
  core.settings.words.sourceFunction = word;
  return null;
}

/** Too much of both at once: +826 (note 4 of 18-62). `wanted` holds indices that are about to be set. */
export function powerRefusal(core: Core, wanted: Partial<Record<NumberKey, number>>): Outcome {
  const { profile, settings } = core;
  const { aboveV, currentMaxA } = profile.powerLimit;
  const isCurrent = settings.words.sourceFunction === 'CURR';
  const { numbers } = settings;
  const source = isCurrent ? CURRENT_SOURCE : VOLTAGE_SOURCE;
  const sourceIndex = wanted[source.range] ?? presentRange(source, core);
  const currentA = isCurrent
    ? fullScaleOf(profile.currentRanges, sourceIndex)
    : fullScaleOf(profile.currentRanges, rangeFor(profile.currentRanges, numbers.currentComplianceA));
  const voltageV = isCurrent
    ? fullScaleOf(profile.voltageRanges, rangeFor(profile.voltageRanges, numbers.voltageComplianceV))
    : fullScaleOf(profile.voltageRanges, sourceIndex);
  return voltageV > aboveV && currentA > currentMaxA ? 826 : null;
}

function presentRange(kind: SourceKind, core: Core): number {
  const { numbers, switches } = core.settings;
  return switches[kind.auto] ? rangeFor(rangesOf(kind, core), numbers[kind.level]) : numbers[kind.range];
}

export type RangeChoice =
  | { readonly ok: true; readonly index: number }
  | { readonly ok: false; readonly code: NonNullable<Outcome> };

/** A range by the value it must hold, or the next one. */
export function rangeChosen(
  text: string,
  present: number,
  among: { readonly ranges: readonly RangeAccuracy[]; readonly limits: Limits },
): RangeChoice {
  const top = among.ranges.length - 1;
  if (isName(text, 'UP')) return { ok: true, index: Math.min(top, present + 1) };
  if (isName(text, 'DOWN')) return { ok: true, index: Math.max(0, present - 1) };
  const parsed = parseNumeric(text, among.limits);
  return parsed.ok ? { ok: true, index: rangeFor(among.ranges, parsed.value) } : parsed;
}

/** STARt and STOP; center, span and step follow (18-84). */
export function setSweepEnd(kind: SourceKind, end: 'start' | 'stop', core: Core, value: number): Outcome {
  const { numbers } = core.settings;
  numbers[kind[end]] = value;
  numbers[kind.center] = (numbers[kind.start] + numbers[kind.stop]) / 2;
  showStep(kind, core);
  return null;
}

/** CENTer and SPAN move both ends (18-85). */
export function setSweepMiddle(kind: SourceKind, core: Core, center: number, span: number): Outcome {
  const { min, max } = levelLimits(kind)(core);
  if (center - span / 2 < min || center + span / 2 > max) return -222;
  const { numbers } = core.settings;
  numbers[kind.center] = center;
  numbers[kind.start] = center - span / 2;
  numbers[kind.stop] = center + span / 2;
  showStep(kind, core);
  return null;
}

export function spanOf(kind: SourceKind, { settings }: Core): number {
  return settings.numbers[kind.stop] - settings.numbers[kind.start];
}

/** A step sets the number of points (18-86). */
export function setSweepStep(kind: SourceKind, core: Core, value: number): Outcome {
  const span = spanOf(kind, core);
  if (value === 0 || Math.sign(value) !== Math.sign(span)) return -221;
  const points = Math.round(span / value) + 1;
  if (points < 2 || points > 2500) return -222;
  core.settings.numbers[kind.step] = value;
  core.settings.numbers.sweepPoints = points;
  return null;
}

/** ... and the number of points sets the step. */
export function setSweepPoints(core: Core, points: number): Outcome {
  core.settings.numbers.sweepPoints = points;
  showStep(CURRENT_SOURCE, core);
  showStep(VOLTAGE_SOURCE, core);
  return null;
}

function showStep(kind: SourceKind, core: Core): void {
  const { numbers } = core.settings;
  numbers[kind.step] = spanOf(kind, core) / Math.max(1, numbers.sweepPoints - 1);
}

const LIST_MESSAGE_MAX = 100;
const LIST_MAX = 2500;

/** `:SOUR:LIST:CURR 0.01,0.02`: up to 100 values in a message, 2500 by appending (18-91). */
export function setList(kind: SourceKind, core: Core, parameters: Parameters, isAppended: boolean): Outcome {
  const { min, max } = levelLimits(kind)(core);
  const key = kind.word === 'CURRent' ? 'currentListA' : 'voltageListV';
  const values: number[] = [];
  for (const parameter of parameters) {
    const parsed = parseNumber(parameter);
    if (!parsed.ok) return parsed.code;
    if (parsed.value < min || parsed.value > max) return -222;
    values.push(parsed.value);
  }
  const list = isAppended ? [...core.settings.lists[key], ...values] : values;
  if (values.length > LIST_MESSAGE_MAX || list.length > LIST_MAX) return -223;
  core.settings.lists[key] = list;
  return null;
}

/** `:SOUR:VOLT:PROT`: the step at or below the magnitude; the lowest one where there is none (18-81). */
export function setProtection(core: Core, value: number): Outcome {
  const steps = core.profile.protectionsV;
  const found = steps.findLast((step) => step <= Math.abs(value));
  const isNone = Math.abs(value) > (steps.at(-2) ?? 0);
  const [lowest = 0] = steps;
  core.settings.numbers.voltageProtectionV = isNone ? (steps.at(-1) ?? lowest) : (found ?? lowest);
  return null;
}

export function saveLocation(core: Core, parameters: Parameters): Outcome {
  const place = locationOf(core, parameters);
  if (!place.ok) return place.code;
  core.memory.locations[place.index] = copyOf(core.settings);
  return null;
}

export function recallLocation(core: Core, parameters: Parameters): Outcome {
  const place = locationOf(core, parameters);
  if (!place.ok) return place.code;
  const stored = core.memory.locations[place.index] ?? null;
  if (stored === null) return -221;
  core.settings = copyOf(stored);
  return null;
}

function locationOf(core: Core, [first = '', second]: Parameters): RangeChoice {
  if (second !== undefined) return { ok: false, code: -108 };
  const parsed = parseNumeric(first, { min: 1, max: core.memory.locations.length, def: 1 });
  return parsed.ok ? { ok: true, index: Math.round(parsed.value) - 1 } : parsed;
}
