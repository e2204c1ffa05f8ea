// The actions of the trigger model: source, convert, finish. Here output, meter, buffers and registers meet.
// Must never decide when anything happens: that is the trigger model's.
import { assert } from '../../../src/base/assert.ts';
import { applyOutput, type Conversion, type Core, effective } from './core.ts';
import { type Measurement, measure } from './measurement.ts';
import { isCurrentSource, type OutputReading } from './output-stage.ts';
import { timestampS } from './reading.ts';
import type { SourceOutcome } from './sdm-timing.ts';
import { sweptLevel } from './source-levels.ts';
import { copyOf, type Settings } from './settings.ts';
import { MEASUREMENT, OPERATION } from './status-model.ts';
import type { TriggerActions, TriggerPhase } from './trigger-model.ts';

/** "~ 15 msec settling time for the relay when the output is turned on" (p. 13-9). */
export const RELAY_SETTLE_US = 15_000;

/** `core` is asked for anew each time: it holds the trigger model that these actions serve. */
export function createSdmActions(core: () => Core): TriggerActions {
  let conversions: Conversion[] = [];
  let lastOutput: OutputReading | null = null;
  let readingIndex = 0;
  return {
    settings: () => effective(core()),
    source: (us, point) => {
      conversions = [];
      return sourceAction(at(core(), us), point);
    },
    convert: (us) => {
      const now = at(core(), us);
      lastOutput = now.output.reading(us, effective(now));
      conversions.push(lastOutput);
    },
    finish: (us) => {
      const now = at(core(), us);
      assert(lastOutput !== null, 'a reading must have a conversion');
      const mean = filtered(now, conversions);
      const measurement = measureNow(now, { mean, output: lastOutput, index: readingIndex });
      readingIndex += 1;
      return record(now, measurement, lastOutput);
    },
    triggersDone: (us) => {
      const now = at(core(), us);
      const { switches, words } = now.settings;
      if (switches.isAutoClear && words.clearMode === 'TCO') switchOff(now);
    },
    phaseChanged: (us, phase) => phaseChanged(at(core(), us), phase),
  };
}

function at(core: Core, us: number): Core {
  core.us = us;
  return core;
}

function sourceAction(core: Core, point: number): SourceOutcome {
  const wasOpen = !core.output.isOn && effective(core).words.offMode === 'HIMP';
  const wasOn = core.output.isOn;
  const before = core.output.levelOf(effective(core));
  core.overlay = memoryPoint(core, point);
  const settings = core.overlay ?? core.settings;
  core.output.sweepLevel = sweptLevel(settings, point);
  takeTriggeredLevel(settings);
  core.output.isOn = true;
  applyOutput(core);
  const isChanged = !wasOn || core.output.levelOf(effective(core)) !== before;
  return { isChanged, relaySettleUs: wasOpen ? RELAY_SETTLE_US : 0 };
}

/** A triggered level becomes the level with the source action (p. 18-78). */
function takeTriggeredLevel({ numbers }: Settings): void {
  numbers.currentLevelA = numbers.currentTriggeredA;
  numbers.voltageLevelV = numbers.voltageTriggeredV;
}

/** In source-memory mode each point has settings of its own; what triggers stays what it is. */
function memoryPoint(core: Core, point: number): Settings | null {
  const { words, numbers } = core.settings;
  if (words.sourceFunction !== 'MEM') return null;
  const place = numbers.memoryStart - 1 + (point % numbers.memoryPoints);
  const stored = core.memory.locations[place % core.memory.locations.length] ?? null;
  if (stored === null) return null;
  const overlay = copyOf(stored);
  overlay.numbers.armCount = numbers.armCount;
  overlay.numbers.triggerCount = numbers.triggerCount;
  overlay.words.armSource = words.armSource;
  overlay.words.triggerSource = words.triggerSource;
  return overlay;
}

/** Repeat: the mean of the conversions made for it. Moving: of the last ones, over readings (p. 7-10). */
function filtered(core: Core, conversions: readonly Conversion[]): Conversion {
  const { switches, words, numbers } = effective(core);
  if (!switches.isFiltered || words.filterKind === 'REP') return meanOf(conversions);
  const [newest] = conversions;
  assert(newest !== undefined, 'a reading must have a conversion');
  const stack =
    core.movingFilter.length === 0 ? Array.from({ length: numbers.filterCount }, () => newest) : [];
  core.movingFilter = [...core.movingFilter, ...stack, newest].slice(-numbers.filterCount);
  return meanOf(core.movingFilter);
}

function meanOf(conversions: readonly Conversion[]): Conversion {
  const { length } = conversions;
  return {
    voltageV: conversions.reduce((sum, { voltageV }) => sum + voltageV, 0) / length,
    currentA: conversions.reduce((sum, { currentA }) => sum + currentA, 0) / length,
  };
}

function measureNow(
  core: Core,
  taken: { readonly mean: Conversion; readonly output: OutputReading; readonly index: number },
): Measurement {
  const { profile, accuracy, output, us } = core;
  const settings = effective(core);
  return measure({
    profile,
    accuracy,
    settings,
    ...taken,
    level: output.levelOf(settings),
    ranges: { currentRange: output.currentRange(settings), voltageRange: output.voltageRange(settings) },
    atUs: us,
    timeS: timestampS(us - core.timeZeroUs),
  });
}

/** Books a reading everywhere; true where a sweep is to end because of compliance. */
function record(core: Core, { reading, limits, isOverflown }: Measurement, output: OutputReading): boolean {
  const { status, memory, settings } = core;
  const isLimited = output.isAtCompliance || output.isAtRangeCompliance;
  core.samples = [...core.samples.slice(-2499), reading];
  core.limits = limits;
  memory.trace.store(reading);
  status.measurement.pulse(MEASUREMENT.readingAvailable);
  status.measurement.setWhile(MEASUREMENT.readingOverflow, isOverflown);
  status.measurement.setWhile(MEASUREMENT.compliance, isLimited);
  status.measurement.setWhile(MEASUREMENT.overVoltage, output.isProtected);
  showTrace(core);
  showLimits(core);
  if (settings.switches.isAutoClear && settings.words.clearMode === 'ALW') switchOff(core);
  return isLimited && settings.words.sweepAbort !== 'NEV' && isSweeping(settings);
}

/** Compliance is a condition: it is looked at when somebody asks for it, not only with a reading. */
export function showCompliance(core: Core): void {
  core.status.measurement.setWhile(MEASUREMENT.compliance, core.output.isLimited(core.us));
}

/** Buffer available and buffer full follow the buffer (p. 15-14). */
export function showTrace({ status, memory }: Core): void {
  status.measurement.setWhile(MEASUREMENT.bufferAvailable, memory.trace.readings.length >= 2);
  status.measurement.setWhile(MEASUREMENT.bufferFull, memory.trace.isFull);
}

function showLimits({ status, limits, settings }: Core): void {
  const { isLimit1, isLimit2 } = settings.switches;
  const hasPassed = !limits.hasFailed1 && !limits.isLow2 && !limits.isHigh2;
  status.measurement.setWhile(MEASUREMENT.limit1, limits.hasFailed1);
  status.measurement.setWhile(MEASUREMENT.low2, limits.isLow2);
  status.measurement.setWhile(MEASUREMENT.high2, limits.isHigh2);
  status.measurement.setWhile(MEASUREMENT.limitsPass, hasPassed && (isLimit1 || isLimit2));
}

/** The source goes off, whoever wants it so; the output-off state takes over. */
export function switchOff(core: Core): void {
  core.output.isOn = false;
  core.status.measurement.setWhile(MEASUREMENT.compliance | MEASUREMENT.overVoltage, false);
  applyOutput(core);
}

function phaseChanged(core: Core, phase: TriggerPhase): void {
  const { operation } = core.status;
  operation.setWhile(OPERATION.idle, phase === 'idle');
  operation.setWhile(OPERATION.waitingForArm, phase === 'arm');
  operation.setWhile(OPERATION.waitingForTrigger, phase === 'trigger');
  operation.setWhile(OPERATION.sweeping, phase !== 'idle' && isSweeping(core.settings));
  if (phase !== 'idle') return;
  // After a sweep the source goes back to its fixed level, the bias (p. 10-2).
  core.output.sweepLevel = null;
  core.overlay = null;
  if (core.settings.switches.isAutoClear) core.output.isOn = false;
  applyOutput(core);
}

function isSweeping(settings: Settings): boolean {
  const { words } = settings;
  if (words.sourceFunction === 'MEM') return true;
  return (isCurrentSource(settings) ? words.currentMode : words.voltageMode) !== 'FIX';
}
