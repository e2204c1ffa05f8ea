// What the firmware keeps, in one place: settings, registers, buffers, output, trigger model. Commands work
// on it; it works on nothing by itself. Volatile but for `memory`.
import type { Accuracy } from './accuracy.ts';
import type { ErrorQueue } from './error-queue.ts';
import type { LimitResult } from './limit-tests.ts';
import type { OutputStage } from './output-stage.ts';
import type { Profile } from './profiles.ts';
import type { Reading } from './reading.ts';
import { timestampS } from './reading.ts';
import type { ErrorCode } from './scpi-errors.ts';
import { copyOf, type Settings } from './settings.ts';
import type { StatusModel } from './status-model.ts';
import type { TraceBuffer } from './trace-buffer.ts';
import type { TriggerModel } from './trigger-model.ts';

/** What a battery or an EEPROM keeps while the power is off. */
export interface Memory {
  /** `*SAV 0` to `*SAV 4`. */
  readonly setups: (Settings | null)[];
  /** Locations 1 to 100 of source memory. */
  readonly locations: (Settings | null)[];
  /** `:SYST:POS`. */
  powerOnSetup: string;
  readonly trace: TraceBuffer;
}

export interface Core {
  readonly profile: Profile;
  readonly accuracy: Accuracy;
  readonly seed: number;
  readonly memory: Memory;
  readonly status: StatusModel;
  readonly errors: ErrorQueue;
  readonly output: OutputStage;
  readonly trigger: TriggerModel;
  settings: Settings;
  /** Device time of what is being executed. */
  us: number;
  /** Commands wait until then: a relay settles. */
  busyUntilUs: number;
  /** Device time at which the timestamp was 0. */
  timeZeroUs: number;
  /** Readings since the last INITiate. */
  samples: readonly Reading[];
  /** Past conversions of the moving filter. */
  movingFilter: readonly Conversion[];
  limits: LimitResult;
  /** Settings of the source-memory location that is being executed. */
  overlay: Settings | null;
}

/** What one conversion saw, before filter and errors of the meter. */
export interface Conversion {
  readonly voltageV: number;
  readonly currentA: number;
}

/** Raises an error as the instrument does: into the queue and into the standard event register. */
export type RaiseError = (code: ErrorCode) => void;

/** What is in force: a source-memory location, auto-ohms, or the settings as they are. */
export function effective(core: Core): Settings {
  const settings = core.overlay ?? core.settings;
  return isAutoOhms(settings) ? autoOhmsSettings(core, settings) : settings;
}

/** Now, on the timestamp clock. */
export function nowS(core: Core): number {
  return timestampS(core.us - core.timeZeroUs);
}

/** Puts on the cell what the settings ask for now. */
export function applyOutput(core: Core): void {
  core.output.apply(core.us, effective(core));
}

export function isAutoOhms({ switches, words }: Settings): boolean {
  return switches.isMeasuringResistance && words.resistanceMode === 'AUTO';
}

/** Test current of each ohms range; data sheet, "resistance measurement accuracy", 2400. */
const OHMS_RANGES = [
  { fullOhm: 20, testA: 0.1 },
  { fullOhm: 200, testA: 0.01 },
  { fullOhm: 2e3, testA: 1e-3 },
  { fullOhm: 2e4, testA: 1e-4 },
  { fullOhm: 2e5, testA: 1e-5 },
  { fullOhm: 2e6, testA: 1e-6 },
  { fullOhm: 2e7, testA: 1e-6 },
] as const;
const OHMS_HEADROOM = 1.05;
/** Highest voltage that a test current makes: 20 Mohm at 1 uA, and 5 % more. */
const OHMS_LIMIT_V = 21;

export function ohmsRangeFor(ohm: number): { readonly fullOhm: number; readonly testA: number } {
  const largest = { fullOhm: 2e7, testA: 1e-6 };
  return OHMS_RANGES.find(({ fullOhm }) => ohm <= fullOhm * OHMS_HEADROOM) ?? largest;
}

/** In auto-ohms the instrument chooses source, level and limits by itself (p. 4-3). */
function autoOhmsSettings(core: Core, base: Settings): Settings {
  const settings = copyOf(base);
  const { numbers, switches, words } = settings;
  const ohm = switches.isResistanceAutoRange ? core.output.loadOhm(core.us) : numbers.resistanceSenseRangeOhm;
  const { testA } = ohmsRangeFor(ohm);
  words.sourceFunction = 'CURR';
  words.currentMode = 'FIX';
  numbers.currentLevelA = testA;
  numbers.currentTriggeredA = testA;
  numbers.voltageComplianceV = OHMS_LIMIT_V;
  switches.isCurrentSourceAutoRange = true;
  switches.isVoltageAutoRange = true;
  return settings;
}
