// The MethodSCRIPT instruments this driver knows, as data: envelope, current ranges, accuracy.
// Ranges and limits: mscript.py of PalmSens/MethodSCRIPT_Examples; MethodSCRIPT manual v1.8, appendix B.
import type { Accuracy } from '../../cycler.ts';

export interface Profile {
  readonly model: string;
  /** Nominal full scale of each range as galvanostat, rising, pA. The hardware gives up to 2.9 times that. */
  readonly currentRangesPa: readonly number[];
  readonly voltageSpanNv: number;
  readonly accuracy: Accuracy;
}

const PA_PER_NA = 1e3;
const PA_PER_UA = 1e6;
const PA_PER_MA = 1e9;

/**
 * Assumed, and wide on purpose, for all models and ranges: 0.4 % of the reading and 0.2 % of the range, 0.2 %
 * and 1 mV. The data sheet or a calibration of the instrument at hand says more, and belongs here.
 */
const ACCURACY: Accuracy = {
  currentGainPpm: 4000,
  currentOffsetPpmOfRange: 2000,
  voltageGainPpm: 2000,
  voltageOffsetNv: 1_000_000,
};

const LOW_RANGES_PA = [
  100 * PA_PER_NA,
  PA_PER_UA,
  10 * PA_PER_UA,
  100 * PA_PER_UA,
  PA_PER_MA,
  10 * PA_PER_MA,
];

const EMSTAT4_LR: Omit<Profile, 'model'> = {
  currentRangesPa: [PA_PER_NA, 10 * PA_PER_NA, ...LOW_RANGES_PA],
  voltageSpanNv: 3_000_000_000,
  accuracy: ACCURACY,
};

const EMSTAT4_HR: Omit<Profile, 'model'> = {
  currentRangesPa: [...LOW_RANGES_PA, 100 * PA_PER_MA],
  voltageSpanNv: 6_000_000_000,
  accuracy: ACCURACY,
};

const NEXUS: Omit<Profile, 'model'> = {
  currentRangesPa: [PA_PER_NA, 10 * PA_PER_NA, ...LOW_RANGES_PA, 100 * PA_PER_MA, 1000 * PA_PER_MA],
  voltageSpanNv: 10_000_000_000,
  accuracy: ACCURACY,
};

/** By the six characters that begin the answer to `t`. */
export const PROFILES: ReadonlyMap<string, Profile> = new Map<string, Profile>([
  ['es4_lr', { model: 'EmStat4 LR', ...EMSTAT4_LR }],
  ['es4_hr', { model: 'EmStat4 HR', ...EMSTAT4_HR }],
  ['mes4lr', { model: 'MultiEmStat4 LR', ...EMSTAT4_LR }],
  ['mes4hr', { model: 'MultiEmStat4 HR', ...EMSTAT4_HR }],
  ['nexus1', { model: 'Nexus', ...NEXUS }],
]);

/** Devices that speak the language and cannot do the work, with the reason for the operator. */
export const UNFIT: ReadonlyMap<string, string> = new Map([
  ['espico', 'an EmStat Pico has no galvanostat; use an EmStat4 or a Nexus'],
  ['senswb', 'a Sensit Wearable has no galvanostat; use an EmStat4 or a Nexus'],
  ['espbl', 'it waits in its bootloader; finish its firmware update with the software of the vendor'],
]);
