// What the commands of :SENSe do beyond storing a value: functions, measurement ranges, compliance (18-59 to
// 18-70). Each refuses as the instrument does, by an error number.
import type { Answer, Outcome, Parameters } from './command-kinds.ts';
import { answer, refused } from './command-kinds.ts';
import { type Core, ohmsRangeFor } from './core.ts';
import { isCurrentSource } from './output-stage.ts';
import { isName, type Limits, parseNumeric, parseString } from './parameters.ts';
import { fullScaleOf, OVER_RANGE, rangeFor, type RangeAccuracy } from './profiles.ts';
import { powerRefusal, rangeChosen } from './source-commands.ts';
import type { NumberKey, SwitchKey } from './settings.ts';

export interface SenseKind {
  readonly word: 'CURRent' | 'VOLTage';
  readonly range: NumberKey;
  readonly auto: SwitchKey;
  readonly compliance: NumberKey;
}

export const CURRENT_SENSE: SenseKind = {
  word: 'CURRent',
  range: 'currentSenseRange',
  auto: 'isCurrentAutoRange',
  compliance: 'currentComplianceA',
};

export const VOLTAGE_SENSE: SenseKind = {
  word: 'VOLTage',
  range: 'voltageSenseRange',
  auto: 'isVoltageAutoRange',
  compliance: 'voltageComplianceV',
};

function rangesOf(kind: SenseKind, { profile }: Core): readonly RangeAccuracy[] {
  return kind.word === 'CURRent' ? profile.currentRanges : profile.voltageRanges;
}

/** "You cannot select a current measurement range if sourcing current" (note 1 of 18-62). */
function isSourced(kind: SenseKind, core: Core): boolean {
  return isCurrentSource(core.settings) === (kind.word === 'CURRent');
}

export function complianceLimits(kind: SenseKind): (core: Core) => Limits {
  return ({ profile }) => {
    const isCurrent = kind.word === 'CURRent';
    const max = isCurrent ? profile.currentMaxA : profile.voltageMaxV;
    return { min: -max, max, def: isCurrent ? 1.05e-4 : 21 };
  };
}

/** `:SENS:VOLT:RANG <n>|UP|DOWN`; not above the compliance range: +824 (note 3 of 18-62). */
export function setSenseRange(kind: SenseKind, core: Core, parameters: Parameters): Outcome {
  const [first = '', second] = parameters;
  if (second !== undefined) return -108;
  const ranges = rangesOf(kind, core);
  const { numbers, switches } = core.settings;
  const limits = complianceLimits(kind)(core);
  const chosen = rangeChosen(first, numbers[kind.range], { ranges, limits });
  if (!chosen.ok) return chosen.code;
  if (isSourced(kind, core)) return 823;
  if (chosen.index > rangeFor(ranges, numbers[kind.compliance])) return 824;
  numbers[kind.range] = chosen.index;
  switches[kind.auto] = false;
  return null;
}

/** Of what is sourced too, the source range is the measurement range. */
export function senseRangeShown(kind: SenseKind, core: Core): number {
  const { numbers, switches } = core.settings;
  const ranges = rangesOf(kind, core);
  const { output, settings } = core;
  const source = kind.word === 'CURRent' ? output.currentRange(settings) : output.voltageRange(settings);
  const automatic = rangeFor(ranges, numbers[kind.compliance]);
  const measured = switches[kind.auto] ? automatic : numbers[kind.range];
  return fullScaleOf(ranges, isSourced(kind, core) ? source : measured) * OVER_RANGE;
}

export function setSenseAuto(kind: SenseKind, core: Core, isAuto: boolean): Outcome {
  const { numbers, switches } = core.settings;
  if (isAuto && isSourced(kind, core)) return 823;
  if (switches[kind.auto] && !isAuto)
    numbers[kind.range] = rangeFor(rangesOf(kind, core), numbers[kind.compliance]);
  switches[kind.auto] = isAuto;
  return null;
}

/** "You cannot set compliance less than 0.1 % of the present measurement range" (18-68). */
const COMPLIANCE_LEAST_SHARE = 0.001;

/** `:SENS:VOLT:PROT <n>`: a magnitude; a measurement range above the new compliance range comes down. */
export function setCompliance(kind: SenseKind, core: Core, value: number): Outcome {
  const { numbers, switches } = core.settings;
  const ranges = rangesOf(kind, core);
  const magnitude = Math.abs(value);
  const index = rangeFor(ranges, magnitude);
  const least = switches[kind.auto] ? 0 : numbers[kind.range];
  if (magnitude < fullScaleOf(ranges, least) * COMPLIANCE_LEAST_SHARE * (1 - 1e-9)) return 822;
  const before = numbers[kind.compliance];
  numbers[kind.compliance] = magnitude;
  const refusal = isSourced(kind, core) ? null : powerRefusal(core, {});
  if (refusal !== null) {
    numbers[kind.compliance] = before;
    return refusal;
  }
  const isFollowing = switches.isComplianceRangeSynchronised || numbers[kind.range] > index;
  if (isFollowing) numbers[kind.range] = index;
  return null;
}

/** `:SENS:VOLT:PROT:TRIP?`: only of the limit that the present source has. */
export function complianceTripped(kind: SenseKind, core: Core): string {
  return !isSourced(kind, core) && core.output.isLimited(core.us) ? '1' : '0';
}

const FUNCTIONS: readonly { readonly name: string; readonly key: SwitchKey; readonly text: string }[] = [
  { name: 'VOLTage', key: 'isMeasuringVoltage', text: '"VOLT:DC"' },
  { name: 'CURRent', key: 'isMeasuringCurrent', text: '"CURR:DC"' },
  { name: 'RESistance', key: 'isMeasuringResistance', text: '"RES"' },
];

/** `'VOLT'`, `"CURRent:DC"`, `'RES'`; several at a time only with concurrent measurement (18-60). */
export function setFunctions(core: Core, parameters: Parameters, isOn: boolean): Outcome {
  const keys: SwitchKey[] = [];
  for (const parameter of parameters) {
    const parsed = parseString(parameter);
    if (!parsed.ok) return parsed.code;
    const key = functionKey(parsed.value);
    if (key === null) return -141;
    keys.push(key);
  }
  const { switches } = core.settings;
  if (isOn && !switches.isConcurrent) {
    if (keys.length > 1) return -108;
    setAllFunctions(core, false);
  }
  for (const key of keys) switches[key] = isOn;
  return null;
}

export function setAllFunctions(core: Core, isOn: boolean): Outcome {
  if (isOn && !core.settings.switches.isConcurrent) return -221;
  for (const { key } of FUNCTIONS) core.settings.switches[key] = isOn;
  return null;
}

/** "When going from ON to OFF, the voltage function is selected" (18-60). */
export function setConcurrent(core: Core, isConcurrent: boolean): Outcome {
  const { switches } = core.settings;
  if (switches.isConcurrent && !isConcurrent) {
    setAllFunctions(core, false);
    switches.isMeasuringVoltage = true;
  }
  switches.isConcurrent = isConcurrent;
  return null;
}

/** `"VOLT:DC","CURR:DC"`: those that are on, or off. */
export function functionsText(core: Core, isOn: boolean): string {
  const found = FUNCTIONS.filter(({ key }) => core.settings.switches[key] === isOn);
  return found.length === 0 ? '""' : found.map(({ text }) => text).join(',');
}

export function functionCount(core: Core, isOn: boolean): string {
  return String(FUNCTIONS.filter(({ key }) => core.settings.switches[key] === isOn).length);
}

/** `:SENS:FUNC:STAT? 'VOLT'`. */
export function functionState(core: Core, [first = '', second]: Parameters): Answer {
  if (second !== undefined) return refused(-108);
  const parsed = parseString(first);
  if (!parsed.ok) return refused(parsed.code);
  const key = functionKey(parsed.value);
  return key === null ? refused(-141) : answer(core.settings.switches[key] ? '1' : '0');
}

function functionKey(name: string): SwitchKey | null {
  const bare = name.trim().replace(/:DC$/i, '');
  return FUNCTIONS.find((known) => isName(bare, known.name))?.key ?? null;
}

const OHMS_MAX = 2.1e8;

/** `:SENS:RES:RANG`: in auto-ohms only (note 2 of 18-62). */
export function setOhmsRange(core: Core, parameters: Parameters): Outcome {
  const [first = '', second] = parameters;
  if (second !== undefined) return -108;
  const { numbers, switches, words } = core.settings;
  const present = numbers.resistanceSenseRangeOhm / OVER_RANGE;
  const steps = { up: present * 10, down: present / 10 };
  const wanted = isName(first, 'UP') ? steps.up : isName(first, 'DOWN') ? steps.down : null;
  const parsed = parseNumeric(first, { min: 0, max: OHMS_MAX, def: 2.1e5 });
  if (wanted === null && !parsed.ok) return parsed.code;
  if (words.resistanceMode !== 'AUTO') return -221;
  const ohm = wanted ?? (parsed.ok ? parsed.value : 0);
  numbers.resistanceSenseRangeOhm = ohmsRangeFor(ohm).fullOhm * OVER_RANGE;
  switches.isResistanceAutoRange = false;
  return null;
}
