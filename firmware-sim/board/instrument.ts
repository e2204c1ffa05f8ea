// Instrument classes as data, and the individual unit drawn from one: each unit has its own errors within the
// bounds of its class, fixed by the seed. Figures without a source are typical for the class and assumed.
// A new class is one entry here; none may exceed what errorBounds promises of it.
import { randomKey, uniformAt } from '../../src/base/prng.ts';

/** What a device may say of itself in `hello` beyond what every one can. */
export type Feature = 'burst' | 'cv';

export interface Instrument {
  /** Beyond constant current and rest with a plain record rule; the dialects of other makers ignore it. */
  readonly features: readonly Feature[];
  /** Full scale of each current range, rising. */
  readonly rangesPa: readonly number[];
  readonly voltageSpanNv: number;
  /** The source cannot drive the leads beyond this, nor does the meter read beyond it. */
  readonly complianceNv: number;
  /** Bound of the source's gain error; it differs between the two directions. */
  readonly sourceGainPpm: number;
  readonly sourceOffsetPpmOfRange: number;
  /** Step of the converter that sets the current; 0: finer than anything else here. */
  readonly sourceLsbPpmOfRange: number;
  /** Time constant of I (1 - exp(-t/T)) after each change of current; the relay opens at once. */
  readonly sourceRiseMs: number;
  readonly meterGainPpm: number;
  /** The gains of the two directions of current differ by this at most: a bias of CE that nothing cancels. */
  readonly meterGainMatchPpm: number;
  readonly meterOffsetPpmOfSpan: number;
  /** Largest bend of the converters, voltage and current alike. */
  readonly nonLinearityPpmOfSpan: number;
  readonly voltageNoiseNv: number;
  readonly currentNoisePpmOfRange: number;
  readonly voltageLsbNv: number;
  readonly currentLsbPpmOfRange: number;
  /** What the current reads too much or too little right after a range was selected, the cell being open. */
  readonly rangeGlitchPpmOfRange: number;
  readonly rangeGlitchMs: number;
  readonly clockDriftPpm: number;
  /** The clock starts again at 0 here; Infinity: never. */
  readonly clockWrapUs: number;
  /** A voltage is sampled up to this much before or after its tick; less than a tick. */
  readonly samplingJitterUs: number;
  /** Share of recorded conversions that fail. */
  readonly dropOutPpm: number;
}

const SPAN_NV = 5_000_000_000;
const BITS_16 = 2 ** 16;
const BITS_24 = 2 ** 24;
const MS_32_BIT_US = 2 ** 32 * 1000;

/** No error at all: what the counter says is what the cell saw. */
const IDEAL: Instrument = {
  features: ['burst'],
  rangesPa: [1e9, 1e10, 1e11],
  voltageSpanNv: SPAN_NV,
  complianceNv: 6_000_000_000,
  sourceGainPpm: 0,
  sourceOffsetPpmOfRange: 0,
  sourceLsbPpmOfRange: 0,
  sourceRiseMs: 0,
  meterGainPpm: 0,
  meterGainMatchPpm: 0,
  meterOffsetPpmOfSpan: 0,
  nonLinearityPpmOfSpan: 0,
  voltageNoiseNv: 0,
  currentNoisePpmOfRange: 0,
  voltageLsbNv: 1,
  currentLsbPpmOfRange: 0,
  rangeGlitchPpmOfRange: 0,
  rangeGlitchMs: 0,
  clockDriftPpm: 0,
  clockWrapUs: Number.POSITIVE_INFINITY,
  samplingJitterUs: 0,
  dropOutPpm: 0,
};

/** A decent bench cycler with 24-bit converters: 0.02 % gain, 0.01 % offset, 20 ppm crystal. */
const BENCH: Instrument = {
  ...IDEAL,
  sourceGainPpm: 200,
  sourceOffsetPpmOfRange: 100,
  sourceRiseMs: 0.1,
  meterGainPpm: 200,
  meterGainMatchPpm: 20,
  meterOffsetPpmOfSpan: 50,
  nonLinearityPpmOfSpan: 5,
  voltageNoiseNv: 50_000,
  currentNoisePpmOfRange: 10,
  voltageLsbNv: (2 * SPAN_NV) / BITS_24,
  currentLsbPpmOfRange: 2e6 / BITS_24,
  rangeGlitchPpmOfRange: 50,
  rangeGlitchMs: 20,
  clockDriftPpm: 20,
  samplingJitterUs: 1,
};

export const INSTRUMENT_NAMES = [
  'ideal',
  'reference',
  'bench',
  'bench-cv',
  'coin-cycler',
  'research-potentiostat',
  'open-potentiostat',
] as const;
export type InstrumentName = (typeof INSTRUMENT_NAMES)[number];

export const INSTRUMENTS: Readonly<Record<InstrumentName, Instrument>> = {
  ideal: IDEAL,
  /** High-precision coulometry (Smith, Burns, Dahn, J. Electrochem. Soc. 2010, 157, A196): charge to ppm. */
  reference: {
    ...IDEAL,
    sourceGainPpm: 20,
    sourceOffsetPpmOfRange: 0.3,
    sourceRiseMs: 0.1,
    meterGainPpm: 20,
    meterGainMatchPpm: 2,
    meterOffsetPpmOfSpan: 0.4,
    nonLinearityPpmOfSpan: 0.2,
    voltageNoiseNv: 5_000,
    currentNoisePpmOfRange: 0.5,
    voltageLsbNv: (2 * SPAN_NV) / BITS_24,
    currentLsbPpmOfRange: 2e6 / BITS_24,
    rangeGlitchPpmOfRange: 1,
    rangeGlitchMs: 10,
    clockDriftPpm: 1,
  },
  bench: BENCH,
  /** The same cycler with a potentiostat. */
  'bench-cv': { ...BENCH, features: ['burst', 'cv'] },
  /**
   * The usual multi-channel coin-cell cycler. 16 bit and a rise within 20 ms (10 to 90 %, 2.2 time
   * constants): data sheet of the Neware BTS4000; 0.02 to 0.1 % of range and a 5 V span: common in the class.
   */
  'coin-cycler': {
    ...IDEAL,
    rangesPa: [5e8, 5e9, 5e10],
    sourceGainPpm: 300,
    sourceOffsetPpmOfRange: 500,
    sourceLsbPpmOfRange: 2e6 / BITS_16,
    sourceRiseMs: 9,
    meterGainPpm: 300,
    meterGainMatchPpm: 50,
    meterOffsetPpmOfSpan: 500,
    nonLinearityPpmOfSpan: 50,
    voltageNoiseNv: 150_000,
    currentNoisePpmOfRange: 30,
    voltageLsbNv: (2 * SPAN_NV) / BITS_16,
    currentLsbPpmOfRange: 2e6 / BITS_16,
    rangeGlitchPpmOfRange: 1000,
    rangeGlitchMs: 50,
    clockDriftPpm: 50,
    clockWrapUs: MS_32_BIT_US,
    samplingJitterUs: 100,
  },
  /** A research potentiostat: +-0.1 % of reading + 0.01 % of range is common; decades from 10 uA. */
  'research-potentiostat': {
    ...IDEAL,
    rangesPa: [1e7, 1e8, 1e9, 1e10, 1e11],
    voltageSpanNv: 2 * SPAN_NV,
    complianceNv: 12_000_000_000,
    sourceGainPpm: 500,
    sourceOffsetPpmOfRange: 50,
    sourceLsbPpmOfRange: 2e6 / BITS_16,
    sourceRiseMs: 0.02,
    meterGainPpm: 500,
    meterGainMatchPpm: 30,
    meterOffsetPpmOfSpan: 50,
    nonLinearityPpmOfSpan: 20,
    voltageNoiseNv: 50_000,
    currentNoisePpmOfRange: 20,
    voltageLsbNv: (4 * SPAN_NV) / BITS_16,
    currentLsbPpmOfRange: 2e6 / BITS_16,
    rangeGlitchPpmOfRange: 200,
    rangeGlitchMs: 5,
    clockDriftPpm: 20,
    samplingJitterUs: 1,
  },
  /**
   * A cheap open-hardware potentiostat: ranges, 12-bit output and 16-bit current input are the Rodeostat's
   * (IO Rodeo); a 32-bit millisecond counter is what its kind of microcontroller counts with.
   */
  'open-potentiostat': {
    ...IDEAL,
    rangesPa: [1e6, 1e7, 1e8, 1e9],
    sourceGainPpm: 2000,
    sourceOffsetPpmOfRange: 500,
    sourceLsbPpmOfRange: 2e6 / 2 ** 12,
    sourceRiseMs: 2,
    meterGainPpm: 2000,
    meterGainMatchPpm: 200,
    meterOffsetPpmOfSpan: 500,
    nonLinearityPpmOfSpan: 100,
    voltageNoiseNv: 500_000,
    currentNoisePpmOfRange: 100,
    voltageLsbNv: (2 * SPAN_NV) / BITS_16,
    currentLsbPpmOfRange: 2e6 / BITS_16,
    rangeGlitchPpmOfRange: 2000,
    rangeGlitchMs: 20,
    clockDriftPpm: 100,
    clockWrapUs: MS_32_BIT_US,
    samplingJitterUs: 300,
    dropOutPpm: 100,
  },
};

/** What an honest data sheet promises. Source and meter add up: set and read current may differ by both. */
export interface ErrorBounds {
  readonly currentGainPpm: number;
  readonly currentOffsetPpmOfRange: number;
  readonly voltageGainPpm: number;
  readonly voltageOffsetNv: number;
}

export function errorBounds(instrument: Instrument): ErrorBounds {
  const { meterGainPpm, meterGainMatchPpm, meterOffsetPpmOfSpan, nonLinearityPpmOfSpan } = instrument;
  const { sourceGainPpm, sourceOffsetPpmOfRange, sourceLsbPpmOfRange } = instrument;
  // Two gains of 0.2 % make 4 ppm more than 0.4 %; what is set and what is read still agree within this.
  const gainPpm = gainTogether(sourceGainPpm, meterGainPpm + meterGainMatchPpm / 2);
  const sourcePpmOfRange = (sourceOffsetPpmOfRange + sourceLsbPpmOfRange / 2) * (1 + gainPpm * 1e-6);
  const meterPpmOfSpan = meterOffsetPpmOfSpan + nonLinearityPpmOfSpan;
  return {
    currentGainPpm: Math.ceil(gainPpm),
    currentOffsetPpmOfRange: Math.ceil(sourcePpmOfRange + meterPpmOfSpan),
    // A voltage that is held is set and read: they may differ by both.
    voltageGainPpm: Math.ceil(
      instrument.features.includes('cv') ? gainTogether(meterGainPpm, meterGainPpm) : meterGainPpm,
    ),
    voltageOffsetNv: Math.ceil(meterPpmOfSpan * 1e-6 * instrument.voltageSpanNv),
  };
}

function gainTogether(firstPpm: number, secondPpm: number): number {
  return firstPpm + secondPpm + firstPpm * secondPpm * 1e-6;
}

/** This unit's own error: uniform within +-`bound`, fixed by seed, purpose and place. */
export function drawnError(options: {
  readonly bound: number;
  readonly seed: number;
  readonly purpose: string;
  readonly indices: readonly number[];
}): number {
  const key = randomKey(options.seed, options.purpose, ...options.indices);
  return options.bound * (2 * uniformAt(key, 0) - 1);
}
