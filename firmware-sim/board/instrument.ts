// Instrument classes as data, and the individual unit drawn from one: each unit has its own errors within the
// bounds of its class, fixed by the seed. Figures: electrochem notes 4.8 and 5. A new class is one entry
// here.
import { randomKey, uniformAt } from '../../src/base/prng.ts';

export interface Instrument {
  /** Full scale of each current range, rising. */
  readonly rangesPa: readonly number[];
  readonly voltageSpanNv: number;
  /** The source cannot drive the leads beyond this. */
  readonly complianceNv: number;
  /** Bound of the source's gain error; it differs between the two directions. */
  readonly sourceGainPpm: number;
  readonly sourceOffsetPpmOfRange: number;
  readonly meterGainPpm: number;
  readonly meterOffsetPpmOfSpan: number;
  readonly voltageNoiseNv: number;
  readonly currentNoisePpmOfRange: number;
  readonly voltageLsbNv: number;
  readonly currentLsbPpmOfRange: number;
  readonly clockDriftPpm: number;
}

const RANGES_PA = [1_000_000_000, 10_000_000_000, 100_000_000_000];
const SPAN_NV = 5_000_000_000;
const BITS_24 = 2 ** 24;

export const INSTRUMENTS = {
  /** No error at all: what the counter says is what the cell saw. */
  ideal: {
    rangesPa: RANGES_PA,
    voltageSpanNv: SPAN_NV,
    complianceNv: 6_000_000_000,
    sourceGainPpm: 0,
    sourceOffsetPpmOfRange: 0,
    meterGainPpm: 0,
    meterOffsetPpmOfSpan: 0,
    voltageNoiseNv: 0,
    currentNoisePpmOfRange: 0,
    voltageLsbNv: 1,
    currentLsbPpmOfRange: 0,
    clockDriftPpm: 0,
  },
  /** A decent bench cycler with 24-bit converters. */
  bench: {
    rangesPa: RANGES_PA,
    voltageSpanNv: SPAN_NV,
    complianceNv: 6_000_000_000,
    sourceGainPpm: 200,
    sourceOffsetPpmOfRange: 100,
    meterGainPpm: 200,
    meterOffsetPpmOfSpan: 50,
    voltageNoiseNv: 50_000,
    currentNoisePpmOfRange: 10,
    voltageLsbNv: (2 * SPAN_NV) / BITS_24,
    currentLsbPpmOfRange: 2e6 / BITS_24,
    clockDriftPpm: 20,
  },
} as const satisfies Readonly<Record<string, Instrument>>;

export type InstrumentName = keyof typeof INSTRUMENTS;
export const INSTRUMENT_NAMES: readonly InstrumentName[] = ['ideal', 'bench'];

/** What an honest data sheet promises. Source and meter add up: set and read current may differ by both. */
export interface ErrorBounds {
  readonly currentGainPpm: number;
  readonly currentOffsetPpmOfRange: number;
  readonly voltageGainPpm: number;
  readonly voltageOffsetNv: number;
}

export function errorBounds(instrument: Instrument): ErrorBounds {
  return {
    currentGainPpm: Math.ceil(instrument.sourceGainPpm + instrument.meterGainPpm),
    currentOffsetPpmOfRange: Math.ceil(instrument.sourceOffsetPpmOfRange + instrument.meterOffsetPpmOfSpan),
    voltageGainPpm: Math.ceil(instrument.meterGainPpm),
    voltageOffsetNv: Math.ceil(instrument.meterOffsetPpmOfSpan * 1e-6 * instrument.voltageSpanNv),
  };
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
