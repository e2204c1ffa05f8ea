// Everything that a command can set and `*RST` puts back, as plain data, so that a setup can be saved and
// recalled whole. Values are as the language has them: volts, amperes, seconds. Defaults are those of the
// column "Default parameter" in tables 18-1 to 18-11. Must never hold what TRACe holds: `*RST` spares it.
import type { Profile } from './profiles.ts';

const NUMBERS = {
  armCount: 1,
  armInputLine: 1,
  armOutputLine: 2,
  armTimerS: 0.1,
  beeperHz: 2000,
  contactCheckOhm: 50,
  currentCenterA: 0,
  currentComplianceA: 1.05e-4,
  currentLevelA: 0,
  currentLowerLimitA: 1e-6,
  currentScale: 1,
  currentSenseRange: 2,
  currentSourceRange: 2,
  currentStartA: 0,
  currentStepA: 0,
  currentStopA: 0,
  currentTriggeredA: 0,
  digitalOut: 15,
  digits: 6,
  filterCount: 10,
  highLimit2: 1,
  limit1Pattern: 15,
  lineFrequencyHz: 50,
  listStart: 1,
  lowLimit2: -1,
  memoryPoints: 1,
  memoryStart: 1,
  nplc: 1,
  nullOffset: 0,
  resistanceLowerLimitOhm: 20,
  resistanceSenseRangeOhm: 2.1e5,
  resistanceUpperLimitOhm: 2.1e8,
  soakS: 0,
  sourceDelayS: 0,
  sweepPoints: 2500,
  triggerCount: 1,
  triggerDelayS: 0,
  triggerInputLine: 1,
  triggerOutputLine: 2,
  voltageCenterV: 0,
  voltageComplianceV: 21,
  voltageLevelV: 0,
  voltageLowerLimitV: 0.21,
  voltageProtectionV: 210,
  voltageScale: 1,
  voltageSenseRange: 2,
  voltageSourceRange: 2,
  voltageStartV: 0,
  voltageStepV: 0,
  voltageStopV: 0,
  voltageTriggeredV: 0,
};

const SWITCHES = {
  isAutoClear: false,
  isAutoDelay: true,
  isAutoTimeReset: false,
  isAutozeroCache: false,
  isBeeper: true,
  isComplianceRangeSynchronised: false,
  isConcurrent: true,
  isContactCheck: false,
  isCurrentAutoRange: true,
  isCurrentScaled: false,
  isCurrentSourceAutoRange: true,
  isDigitalAutoClear: false,
  isDisplayed: true,
  isFiltered: false,
  isFourWire: false,
  isLimit1: false,
  isLimit2: false,
  isLimitAutoClear: true,
  isLineFrequencyAuto: true,
  isLowerText: false,
  isMeasuringCurrent: true,
  isMeasuringResistance: false,
  isMeasuringVoltage: false,
  isNull: false,
  isOffsetCompensated: false,
  isOutputEnableUsed: false,
  isResistanceAutoRange: true,
  isUpperText: false,
  isVoltageAutoRange: true,
  isVoltageScaled: false,
  isVoltageSourceAutoRange: true,
};

const WORDS = {
  armDirection: 'ACC',
  armOutput: 'NONE',
  armSource: 'IMM',
  autozero: '1',
  bitSize: '4',
  byteOrder: 'NORM',
  clearMode: 'ALW',
  currentMode: 'FIX',
  digitalFormat: 'ASC',
  filterKind: 'REP',
  guard: 'CABL',
  limit1Fail: 'IN',
  limitControl: 'IMM',
  limitFeed: 'VOLT',
  limitMode: 'GRAD',
  lowerText: '',
  offMode: 'NORM',
  rangeChange: 'SING',
  registerFormat: 'ASC',
  resistanceMode: 'AUTO',
  sourceFunction: 'VOLT',
  statistics: 'MEAN',
  sweepAbort: 'NEV',
  sweepDirection: 'UP',
  sweepRanging: 'BEST',
  sweepSpacing: 'LIN',
  terminals: 'FRON',
  triggerDirection: 'ACC',
  triggerInput: 'SOUR',
  triggerOutput: 'NONE',
  triggerSource: 'IMM',
  upperText: '',
  voltageMode: 'FIX',
};

const LISTS = { currentListA: [0], voltageListV: [0] };

export type NumberKey = keyof typeof NUMBERS;
export type SwitchKey = keyof typeof SWITCHES;
export type WordKey = keyof typeof WORDS;
export type ListKey = keyof typeof LISTS;

export const ELEMENTS = ['VOLT', 'CURR', 'RES', 'TIME', 'STAT'] as const;
export type Element = (typeof ELEMENTS)[number];
export const CALC_ELEMENTS = ['CALC', 'TIME', 'STAT'] as const;
export type CalcElement = (typeof CALC_ELEMENTS)[number];

export interface Settings {
  readonly numbers: Record<NumberKey, number>;
  readonly switches: Record<SwitchKey, boolean>;
  readonly words: Record<WordKey, string>;
  readonly lists: Record<ListKey, readonly number[]>;
  elements: readonly Element[];
  calcElements: readonly CalcElement[];
}

/** A saved setup knows besides whether SYST:PRES or *RST made it; output state is never saved (p. 1-21). */
export function defaultSettings(profile: Profile): Settings {
  const range = profile.currentRanges.findIndex(({ fullScale }) => fullScale >= 1e-4);
  const numbers = { ...NUMBERS, currentSenseRange: range, currentSourceRange: range };
  numbers.voltageProtectionV = profile.protectionsV.at(-1) ?? profile.voltageMaxV;
  return {
    numbers,
    switches: { ...SWITCHES },
    words: { ...WORDS, offMode: profile.offMode },
    lists: { ...LISTS },
    elements: ELEMENTS,
    calcElements: ['CALC'],
  };
}

/** `:SYST:PRES` differs from `*RST` in a single control here: the byte order (note of table 18-3). */
export function presetSettings(profile: Profile): Settings {
  const settings = defaultSettings(profile);
  settings.words.byteOrder = 'SWAP';
  return settings;
}

export function copyOf(settings: Settings): Settings {
  const { numbers, switches, words, lists, elements, calcElements } = settings;
  return {
    numbers: { ...numbers },
    switches: { ...switches },
    words: { ...words },
    lists: { ...lists },
    elements,
    calcElements,
  };
}
