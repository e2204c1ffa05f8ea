// How long a source-delay-measure cycle takes (appendix A, cases I to VI). Pure.
import type { Settings } from './settings.ts';

/** What a source action did to the output. */
export interface SourceOutcome {
  readonly isChanged: boolean;
  readonly relaySettleUs: number;
}

export interface SdmTiming {
  /** From the source action to the first conversion. */
  readonly delayUs: number;
  /** Integration of one phase. */
  readonly apertureUs: number;
  /** All phases of one conversion: signals, and reference and zero where autozero is on. */
  readonly conversionUs: number;
  readonly overheadUs: number;
  /** Conversions to one reading: the count of a repeating filter, else 1. */
  readonly conversions: number;
}

/** "A/D conversion: NPLC / line frequency + 185 us" (p. A-4). */
const CONVERSION_OVERHEAD_US = 185;
const SOURCE_CONFIGURATION_US = 50;
/** Reference and reference zero. */
const AUTOZERO_PHASES = 2;
/** Firmware overhead of cases I and III, us; a second function takes half a millisecond more (case II). */
const OVERHEAD_US = {
  autozeroVoltage: 1800,
  autozeroCurrent: 2150,
  plainVoltage: 300,
  plainCurrent: 640,
} as const;
const SECOND_FUNCTION_US = 500;
/**
 * Auto delay: 1, 2 or 3 ms by range and source (table 3-4). The figures by range are those of the successor,
 * Model 2450 (2450-901-01, p. 2-111).
 */
const AUTO_DELAY_US = 1000;
const AUTO_DELAY_SMALL_US = [3000, 2000] as const;

export function sdmTiming(settings: Settings, { isChanged, relaySettleUs }: SourceOutcome): SdmTiming {
  const { numbers, switches, words } = settings;
  const functions = measuredFunctions(settings);
  const isAutozero = words.autozero === '1';
  const apertureUs = (numbers.nplc / numbers.lineFrequencyHz) * 1e6;
  const phases = Math.max(1, functions) + (isAutozero ? AUTOZERO_PHASES : 0);
  const isCurrent = words.sourceFunction === 'CURR';
  const autozero = isCurrent ? OVERHEAD_US.autozeroCurrent : OVERHEAD_US.autozeroVoltage;
  const plain = isCurrent ? OVERHEAD_US.plainCurrent : OVERHEAD_US.plainVoltage;
  const isRepeating = switches.isFiltered && words.filterKind === 'REP';
  return {
    delayUs: sourceDelayUs(settings, isChanged) + relaySettleUs,
    apertureUs,
    conversionUs: phases * (apertureUs + CONVERSION_OVERHEAD_US),
    overheadUs: (isAutozero ? autozero : plain) + (functions > 1 ? SECOND_FUNCTION_US : 0),
    conversions: isRepeating ? numbers.filterCount : 1,
  };
}

/** Voltage and current; ohms are made of both. */
export function measuredFunctions({ switches }: Settings): number {
  if (switches.isMeasuringResistance) return 2;
  return (switches.isMeasuringVoltage ? 1 : 0) + (switches.isMeasuringCurrent ? 1 : 0);
}

/** Auto delay is left out where the source stays as it is (cases V and VI); a programmed one never is. */
function sourceDelayUs({ numbers, switches, words }: Settings, isChanged: boolean): number {
  if (!switches.isAutoDelay) return (isChanged ? SOURCE_CONFIGURATION_US : 0) + numbers.sourceDelayS * 1e6;
  if (!isChanged) return 0;
  const range = words.sourceFunction === 'CURR' ? numbers.currentSourceRange : numbers.currentSenseRange;
  return SOURCE_CONFIGURATION_US + (AUTO_DELAY_SMALL_US[range] ?? AUTO_DELAY_US);
}
