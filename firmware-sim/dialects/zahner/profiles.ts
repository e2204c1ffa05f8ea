// The models of the family as data: identity, ranges and errors. No data sheet of theirs is public, so every
// figure here is inferred, and stands in this file alone. Must never know of commands.
import { assert } from '../../../src/base/assert.ts';
import { type Instrument, INSTRUMENTS, type InstrumentName } from '../../board/instrument.ts';

export interface Profile {
  /** As the second field of `*IDN?` has it. */
  readonly model: string;
  readonly instrument: Instrument;
  /** The current that the output stage can drive; the largest range. */
  readonly currentMaxPa: number;
  /** An electronic load: takes power from the cell and never gives any. */
  readonly isLoad: boolean;
}

interface Model {
  readonly rangesPa: readonly number[];
  readonly voltageNv: number;
  readonly isLoad: boolean;
}

export const ZAHNER_PROFILES = ['PP212', 'PP222', 'PP242', 'XPOT2', 'EL1002'] as const;
export type ZahnerProfile = (typeof ZAHNER_PROFILES)[number];

const AMPERE_PA = 1e12;
const VOLT_NV = 1e9;
const BITS_24 = 2 ** 24;

/**
 * A record of a PP212 (Zahner-Remote-Python, Examples/BasicIntroduction/polarization.txt) has steps of 1.1914
 * uV and 29.94 nA: 24 bits over +-10 V and over +-0.25 A. It was taken with autoranging at some mA, so 0.25 A
 * is its smallest range. Shunt indices 0 to 3 come from Examples/Polarizations, +-0.5 A of the XPOT2 from
 * Examples/CurrentVoltageStepCurve; the rest is a guess at what the models are sold as.
 */
const MODELS: Readonly<Record<ZahnerProfile, Model>> = {
  PP212: { rangesPa: amperes(0.25, 1, 5, 20), voltageNv: 12 * VOLT_NV, isLoad: false },
  PP222: { rangesPa: amperes(0.125, 0.5, 2.5, 10), voltageNv: 20 * VOLT_NV, isLoad: false },
  PP242: { rangesPa: amperes(0.5, 2, 10, 40), voltageNv: 5 * VOLT_NV, isLoad: false },
  XPOT2: { rangesPa: amperes(0.0005, 0.005, 0.05, 0.5), voltageNv: 25 * VOLT_NV, isLoad: false },
  EL1002: { rangesPa: amperes(0.2, 2, 20, 200), voltageNv: 100 * VOLT_NV, isLoad: true },
};

/**
 * Step and noise of that record: 1.19 uV, 4 uV and 0.1 uA, 0.4 ppm of its range. Its current, never
 * calibrated, was off by 0.3 mA: offsets here are those of a warm instrument after `:SESO:CALO`.
 */
const OWN_ERRORS: Instrument = {
  ...INSTRUMENTS.ideal,
  sourceGainPpm: 500,
  sourceOffsetPpmOfRange: 10,
  meterGainPpm: 500,
  meterGainMatchPpm: 30,
  meterOffsetPpmOfSpan: 10,
  nonLinearityPpmOfSpan: 3,
  voltageNoiseNv: 4000,
  voltageLsbNv: (2 * 10 * VOLT_NV) / BITS_24,
  currentNoisePpmOfRange: 0.4,
  currentLsbPpmOfRange: 2e6 / BITS_24,
  clockDriftPpm: 20,
};

/** The profile by name, with its own errors, none, or those of another class on the same ranges. */
export function profileFor(name: string, errors: 'own' | 'ideal' | InstrumentName): Profile {
  const model = ZAHNER_PROFILES.find((known) => known === name);
  assert(model !== undefined, `unknown profile ${name}; known: ${ZAHNER_PROFILES.join(', ')}`);
  const { rangesPa, voltageNv, isLoad } = MODELS[model];
  const limits = { rangesPa, voltageSpanNv: voltageNv, complianceNv: voltageNv };
  const instrument = { ...(errors === 'own' ? OWN_ERRORS : INSTRUMENTS[errors]), ...limits };
  return { model, instrument, currentMaxPa: rangesPa.at(-1) ?? 0, isLoad };
}

/** The range behind a shunt index: index 0 is the largest current, the smallest resistance [inferred]. */
export function rangeOfShunt(profile: Profile, shuntIndex: number): number {
  return profile.instrument.rangesPa.length - 1 - shuntIndex;
}

function amperes(...values: readonly number[]): readonly number[] {
  return values.map((valueA) => Math.round(valueA * AMPERE_PA));
}
