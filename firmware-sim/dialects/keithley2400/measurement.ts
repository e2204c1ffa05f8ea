// From conversions to a reading: filter, ranges, errors of the meter, overflow, status word (p. 18-49 to
// 18-51). It looks at the output and settings it is given and changes none.
import type { Accuracy } from './accuracy.ts';
import { type Conversion, isAutoOhms } from './core.ts';
import { calcValue, limitBits, type LimitResult, testLimits } from './limit-tests.ts';
import { NOT_A_NUMBER, OVERFLOWN } from './number-format.ts';
import { isCurrentSource, type OutputReading } from './output-stage.ts';
import { fullScaleOf, OVER_RANGE, type Profile, type RangeAccuracy, rangeFor } from './profiles.ts';
import type { Reading } from './reading.ts';
import type { Settings } from './settings.ts';

export interface Measurement {
  readonly reading: Reading;
  readonly limits: LimitResult;
  readonly isOverflown: boolean;
}

export interface MeasureOptions {
  readonly profile: Profile;
  readonly accuracy: Accuracy;
  readonly settings: Settings;
  /** What the filter gives: the mean of its conversions. */
  readonly mean: Conversion;
  /** The last conversion, for the state of the limits. */
  readonly output: OutputReading;
  /** Programmed level of the source, A or V. */
  readonly level: number;
  /** Indices of the source ranges, which are those of what is sourced and measured at once (p. 18-62). */
  readonly ranges: { readonly currentRange: number; readonly voltageRange: number };
  /** Counts conversions. */
  readonly index: number;
  readonly atUs: number;
  readonly timeS: number;
}

/** Weights of the status word. */
const STATUS = {
  overflow: 1 << 0,
  filter: 1 << 1,
  front: 1 << 2,
  compliance: 1 << 3,
  protection: 1 << 4,
  nulled: 1 << 6,
  limits: 1 << 7,
  autoOhms: 1 << 10,
  voltageMeasured: 1 << 11,
  currentMeasured: 1 << 12,
  resistanceMeasured: 1 << 13,
  voltageSourced: 1 << 14,
  currentSourced: 1 << 15,
  rangeCompliance: 1 << 16,
  offsetCompensated: 1 << 17,
  fourWire: 1 << 22,
} as const;

export function measure(options: MeasureOptions): Measurement {
  const { settings, output } = options;
  const voltageV = voltageElement(options);
  const currentA = currentElement(options);
  const resistanceOhm = resistanceElement(settings, voltageV, currentA);
  const shown = { ...elementsShown(options, { voltageV, currentA }), resistanceOhm };
  const isOverflown =
    isBeyondRange(shown.voltageV) || isBeyondRange(shown.currentA) || isBeyondRange(resistanceOhm);
  const calc = calcValue(shown, settings);
  const limits = testLimits(calc, output.isAtCompliance, settings);
  const status = statusWord(settings, output, isOverflown) | limitBits(limits);
  const reading = { ...shown, calc, atUs: options.atUs, timeS: options.timeS, status };
  return { reading, limits, isOverflown };
}

/** What is not measured is the programmed level where it is sourced, and no number elsewhere. */
function elementsShown(
  { settings, level }: MeasureOptions,
  measured: { readonly voltageV: number; readonly currentA: number },
): { readonly voltageV: number; readonly currentA: number } {
  const { isMeasuringVoltage, isMeasuringCurrent, isMeasuringResistance } = settings.switches;
  const isCurrent = isCurrentSource(settings);
  const voltageElse = isCurrent ? NOT_A_NUMBER : level;
  const currentElse = isCurrent ? level : NOT_A_NUMBER;
  return {
    voltageV: isMeasuringVoltage || isMeasuringResistance ? measured.voltageV : voltageElse,
    currentA: isMeasuringCurrent || isMeasuringResistance ? measured.currentA : currentElse,
  };
}

function voltageElement({ profile, accuracy, settings, mean, ranges, index }: MeasureOptions): number {
  const { numbers, switches } = settings;
  const { voltageRanges } = profile;
  const limited = rangeFor(voltageRanges, numbers.voltageComplianceV);
  const automatic = autoRange(voltageRanges, mean.voltageV, { atLeast: numbers.voltageLowerLimitV, limited });
  const chosen = switches.isVoltageAutoRange ? automatic : numbers.voltageSenseRange;
  const range = isCurrentSource(settings) ? chosen : ranges.voltageRange;
  const conversion = { range, index, nplc: numbers.nplc };
  return inRange(accuracy.measuredV(mean.voltageV, conversion), fullScaleOf(voltageRanges, range));
}

function currentElement({ profile, accuracy, settings, mean, ranges, index }: MeasureOptions): number {
  const { numbers, switches } = settings;
  const { currentRanges } = profile;
  const limited = rangeFor(currentRanges, numbers.currentComplianceA);
  const automatic = autoRange(currentRanges, mean.currentA, { atLeast: numbers.currentLowerLimitA, limited });
  const chosen = switches.isCurrentAutoRange ? automatic : numbers.currentSenseRange;
  const range = isCurrentSource(settings) ? ranges.currentRange : chosen;
  const conversion = { range, index, nplc: numbers.nplc };
  return inRange(accuracy.measuredA(mean.currentA, conversion), fullScaleOf(currentRanges, range));
}

/** Between the lower limit and the range that the compliance needs (p. 18-64). */
function autoRange(
  ranges: readonly RangeAccuracy[],
  value: number,
  bounds: { readonly atLeast: number; readonly limited: number },
): number {
  const least = rangeFor(ranges, bounds.atLeast);
  return Math.min(bounds.limited, Math.max(least, rangeFor(ranges, value)));
}

function inRange(value: number, fullScale: number): number {
  const isBeyond = Math.abs(value) > fullScale * OVER_RANGE * (1 + 1e-3);
  return isBeyond ? Math.sign(value) * OVERFLOWN : value;
}

function isBeyondRange(value: number): boolean {
  return Math.abs(value) === OVERFLOWN;
}

function resistanceElement({ switches }: Settings, voltageV: number, currentA: number): number {
  if (!switches.isMeasuringResistance) return NOT_A_NUMBER;
  const isUnusable = isBeyondRange(voltageV) || isBeyondRange(currentA) || currentA === 0;
  return isUnusable ? OVERFLOWN : voltageV / currentA;
}

function statusWord(settings: Settings, output: OutputReading, isOverflown: boolean): number {
  const { switches, words } = settings;
  const isCurrent = isCurrentSource(settings);
  return (
    bit(STATUS.overflow, isOverflown) |
    bit(STATUS.filter, switches.isFiltered) |
    bit(STATUS.front, words.terminals === 'FRON') |
    bit(STATUS.compliance, output.isAtCompliance) |
    bit(STATUS.protection, output.isProtected) |
    bit(STATUS.nulled, switches.isNull) |
    bit(STATUS.limits, switches.isLimit1 || switches.isLimit2) |
    bit(STATUS.autoOhms, isAutoOhms(settings)) |
    bit(STATUS.voltageMeasured, switches.isMeasuringVoltage) |
    bit(STATUS.currentMeasured, switches.isMeasuringCurrent) |
    bit(STATUS.resistanceMeasured, switches.isMeasuringResistance) |
    bit(STATUS.voltageSourced, !isCurrent) |
    bit(STATUS.currentSourced, isCurrent) |
    bit(STATUS.rangeCompliance, output.isAtRangeCompliance) |
    bit(STATUS.offsetCompensated, switches.isOffsetCompensated) |
    bit(STATUS.fourWire, switches.isFourWire)
  );
}

function bit(weight: number, isSet: boolean): number {
  return isSet ? weight : 0;
}
