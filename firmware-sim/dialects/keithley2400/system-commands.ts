// Reset, presets, saved setups, status registers, buffer: what the commands of :SYSTem, :STATus, :TRACe,
// :FORMat and the common ones do beyond storing a value.
import { type Answer, answer, type Outcome, type Parameters, refused } from './command-kinds.ts';
import { applyOutput, type Core, nowS } from './core.ts';
import { readingText, type RegisterFormat, registerText, settingText } from './number-format.ts';
import { isName, parseName, parseNumber, parseNumeric, parseRanges } from './parameters.ts';
import { calcText, readingsText } from './reading.ts';
import { showTrace, switchOff } from './sdm-cycle.ts';
import {
  CALC_ELEMENTS,
  copyOf,
  defaultSettings,
  ELEMENTS,
  presetSettings,
  type Settings,
} from './settings.ts';
import type { RegisterSet } from './status-model.ts';
import { statisticsOf } from './statistics.ts';
import { type Feed, POINTS_MAX } from './trace-buffer.ts';

/** Model, serial number, firmware: `C30` is the last firmware of the 2400 (a typical answer's form). */
export function identity({ profile, seed }: Core): string {
  return `KEITHLEY INSTRUMENTS INC.,MODEL ${profile.model},SIM${seed},C30   Mar 17 2006 09:29:29/A02  /K/J`;
}

/** `*RST`, `:SYST:PRES`, `*RCL`: pending operation ends, the output goes off, settings are replaced. */
export function resetTo(core: Core, settings: Settings): Outcome {
  core.trigger.abort(core.us);
  core.settings = settings;
  core.samples = [];
  core.movingFilter = [];
  switchOff(core);
  return null;
}

export function reset(core: Core): Outcome {
  return resetTo(core, defaultSettings(core.profile));
}

export function preset(core: Core): Outcome {
  return resetTo(core, presetSettings(core.profile));
}

/** `*SAV 0` to `*SAV 4`. */
export function save(core: Core, parameters: Parameters): Outcome {
  const place = setupPlace(core, parameters);
  if (!place.ok) return place.code;
  core.memory.setups[place.value] = copyOf(core.settings);
  return null;
}

/** A place that was never saved to holds the factory's `:SYST:PRES` (p. 16-4). */
export function recall(core: Core, parameters: Parameters): Outcome {
  const place = setupPlace(core, parameters);
  if (!place.ok) return place.code;
  const stored = core.memory.setups[place.value] ?? null;
  return stored === null ? preset(core) : resetTo(core, copyOf(stored));
}

function setupPlace(core: Core, [first = '', second]: Parameters): ReturnType<typeof parseNumeric> {
  if (second !== undefined) return { ok: false, code: -108 };
  return parseNumeric(first, { min: 0, max: core.memory.setups.length - 1, def: 0 });
}

/** The settings that the power-on setup gives (18-104). */
export function powerOnSettings(core: Pick<Core, 'memory' | 'profile'>): Settings {
  const { powerOnSetup, setups } = core.memory;
  if (powerOnSetup === 'RST') return defaultSettings(core.profile);
  const saved = /^SAV(\d)$/.exec(powerOnSetup);
  const stored = saved === null ? null : (setups[Number(saved[1])] ?? null);
  return stored === null ? presetSettings(core.profile) : copyOf(stored);
}

export function setPowerOn(core: Core, [first = '', second]: Parameters): Outcome {
  if (second !== undefined) return -108;
  const parsed = parseName(first, ['RST', 'PRESet', 'SAV0', 'SAV1', 'SAV2', 'SAV3', 'SAV4']);
  if (!parsed.ok) return parsed.code;
  core.memory.powerOnSetup = parsed.value;
  return null;
}

export function clearStatus(core: Core): Outcome {
  core.status.clearEvents();
  core.errors.clear();
  return null;
}

export function register(core: Core, value: number): string {
  return registerText(value, registerFormat(core.settings.words.registerFormat));
}

export function digitalText(core: Core, value: number): string {
  return registerText(value, registerFormat(core.settings.words.digitalFormat));
}

function registerFormat(word: string): RegisterFormat {
  return word === 'HEX' || word === 'OCT' || word === 'BIN' ? word : 'ASC';
}

const ENABLE_MAX = 65_535;
const BYTE_MAX = 255;

export function setEnable(set: RegisterSet, [first = '', second]: Parameters): Outcome {
  if (second !== undefined) return -108;
  const parsed = parseNumber(first);
  if (!parsed.ok) return parsed.code;
  if (parsed.value < 0 || parsed.value > ENABLE_MAX) return -222;
  // Bit 15 is not used (p. 15-14).
  set.enable = Math.round(parsed.value) & 0x7fff;
  return null;
}

/** `*ESE`, `*SRE`: 0 to 255. */
export function setByte([first = '', second]: Parameters, store: (value: number) => void): Outcome {
  if (second !== undefined) return -108;
  const parsed = parseNumber(first);
  if (!parsed.ok) return parsed.code;
  if (parsed.value < 0 || parsed.value > BYTE_MAX) return -222;
  store(Math.round(parsed.value));
  return null;
}

export function setQueueEnable(core: Core, parameters: Parameters, isEnabled: boolean): Outcome {
  const parsed = parseRanges(parameters.join(','));
  if (!parsed.ok) return parsed.code;
  if (isEnabled) core.errors.enable(parsed.value);
  else core.errors.disable(parsed.value);
  return null;
}

/** Binary readings are for GPIB: `+701, "ASCII only with RS-232"` (table B-1). */
export function setFormat(_core: Core, [type = '', length, ...rest]: Parameters): Outcome {
  const parsed = parseName(type, ['ASCii', 'REAL', 'SREal']);
  if (!parsed.ok) return parsed.code;
  if (rest.length > 0) return -108;
  if (parsed.value === 'ASC') return null;
  return parsed.value === 'REAL' && length !== undefined && length !== '32' ? -224 : 701;
}

export function setElements(core: Core, parameters: Parameters): Outcome {
  const found = parameters.map((parameter) => ELEMENTS.find((name) => isElement(parameter, name)));
  if (found.includes(undefined)) return -141;
  core.settings.elements = found.filter((name) => name !== undefined);
  return null;
}

export function setCalcElements(core: Core, parameters: Parameters): Outcome {
  const found = parameters.map((parameter) => CALC_ELEMENTS.find((name) => isElement(parameter, name)));
  if (found.includes(undefined)) return -141;
  core.settings.calcElements = found.filter((name) => name !== undefined);
  return null;
}

const LONG_ELEMENTS: Readonly<Record<string, string>> = {
  VOLT: 'VOLTage',
  CURR: 'CURRent',
  RES: 'RESistance',
  TIME: 'TIME',
  STAT: 'STATus',
  CALC: 'CALC',
};

function isElement(text: string, short: string): boolean {
  return isName(text, LONG_ELEMENTS[short] ?? short);
}

/** `:TRAC:POIN`, `:TRAC:FEED`: not while the buffer is being filled: +800 (18-115). */
export function setPoints(core: Core, [first = '', second]: Parameters): Outcome {
  if (second !== undefined) return -108;
  const { trace } = core.memory;
  const parsed = parseNumeric(first, { min: 1, max: POINTS_MAX, def: 100 });
  if (!parsed.ok) return parsed.code;
  if (trace.isStoring) return 800;
  trace.points = Math.round(parsed.value);
  showTrace(core);
  return null;
}

export function setFeed(core: Core, [first = '', second]: Parameters): Outcome {
  if (second !== undefined) return -108;
  const feeds: readonly (readonly [string, Feed])[] = [
    ['SENSe', 'SENS'],
    ['SENSe1', 'SENS'],
    ['CALCulate', 'CALC'],
    ['CALCulate1', 'CALC'],
    ['CALCulate2', 'CALC2'],
  ];
  const found = feeds.find(([name]) => isName(first, name));
  if (found === undefined) return -141;
  const { trace } = core.memory;
  if (trace.isStoring) return 800;
  [, trace.feed] = found;
  return null;
}

export function setFeedControl(core: Core, [first = '', second]: Parameters): Outcome {
  if (second !== undefined) return -108;
  const parsed = parseName(first, ['NEXT', 'NEVer']);
  if (!parsed.ok) return parsed.code;
  const { trace } = core.memory;
  if (parsed.value === 'NEXT') trace.start();
  else trace.stop();
  showTrace(core);
  return null;
}

export function clearTrace(core: Core): Outcome {
  core.memory.trace.clear();
  showTrace(core);
  return null;
}

export function traceData(core: Core): Answer {
  const { trace } = core.memory;
  if (trace.readings.length === 0) return refused(-230);
  const times = trace.timesS();
  const { elements, calcElements } = core.settings;
  if (trace.feed === 'SENS') return answer(readingsText(trace.readings, elements, times));
  return answer(calcText(trace.readings, calcElements, times));
}

export function setTimeFormat(core: Core, [first = '', second]: Parameters): Outcome {
  if (second !== undefined) return -108;
  const parsed = parseName(first, ['ABSolute', 'DELTa']);
  if (!parsed.ok) return parsed.code;
  core.memory.trace.timeFormat = parsed.value === 'ABS' ? 'ABS' : 'DELT';
  return null;
}

/** `:CALC3:DATA?`. */
export function statistics(core: Core): Answer {
  const values = statisticsOf(core.memory.trace.readings, core.settings.words.statistics);
  const hasReadings = core.memory.trace.readings.length > 0 && values.length > 0;
  return hasReadings ? answer(values.map(readingText).join(',')) : refused(-230);
}

/** `:SYST:TIME?`: seconds. */
export function timeText(core: Core): string {
  return settingText(nowS(core));
}

/** `:SYST:MEM:INIT`: battery-backed memory is emptied (18-104). */
export function emptyMemory(core: Core): Outcome {
  core.memory.locations.fill(null);
  return clearTrace(core);
}

/** `:ROUT:TERM`, `:SYST:RSEN`, `:SYST:GUAR` turn the output off where they change something (p. 2-4). */
export function offWhenChanged(core: Core, isChanged: boolean): Outcome {
  if (isChanged) switchOff(core);
  applyOutput(core);
  return null;
}
