// The errors of one unit. The data sheet gives them by range, and voltage and current apart, which the common
// instrument class cannot hold; so this unit's own errors are laid around a source meter that has none. With
// another class the source meter has that class's errors on these ranges, and nothing is laid around it.
import { normalAt, randomKey } from '../../../src/base/prng.ts';
import { drawnError, type Instrument, INSTRUMENTS, type InstrumentName } from '../../board/instrument.ts';
import type { Profile, RangeAccuracy } from './profiles.ts';

export interface Accuracy {
  /** What the source meter is made from. */
  readonly instrument: Instrument;
  /** What the source really puts out when it is set to `levelA` or `levelV` on this range. */
  sourcedA(levelA: number, range: number): number;
  sourcedV(levelV: number, range: number): number;
  /** What a conversion of the true value shows. */
  measuredA(trueA: number, conversion: Conversion): number;
  measuredV(trueV: number, conversion: Conversion): number;
}

export interface Conversion {
  readonly range: number;
  /** Counts conversions, so that each has its own noise whatever was read before. */
  readonly index: number;
  readonly nplc: number;
}

/** Timestamps are "approximate" (p. 18-50); a plain crystal is assumed. */
const CLOCK_DRIFT_PPM = 50;
/** Assumed: standard deviation at 1 NPLC, of range; an aperture of n cycles averages it down by its root. */
const NOISE_PPM_OF_RANGE = 1;
/** 6 1/2 digits: 1 uV on the 2 V range. */
const COUNTS = 2_000_000;
/**
 * Classes state voltage errors as parts of one span. Theirs is the range that a cell is measured on, not
 * that of 200 V.
 */
const CLASS_SPAN_NV = 2_000_000_000;

export function createAccuracy(
  profile: Profile,
  options: { readonly seed: number; readonly errors: 'own' | 'ideal' | InstrumentName },
): Accuracy {
  const { errors } = options;
  const spans = {
    rangesPa: profile.currentRanges.map(({ fullScale }) => fullScale * 1e12),
    voltageSpanNv: CLASS_SPAN_NV,
    complianceNv: profile.voltageMaxV * 1e9,
  };
  if (errors !== 'own') {
    const same = (value: number): number => value;
    const instrument = { ...INSTRUMENTS[errors], ...spans };
    return { instrument, sourcedA: same, sourcedV: same, measuredA: same, measuredV: same };
  }
  const unit = new Unit(profile, options.seed);
  return {
    instrument: { ...INSTRUMENTS.ideal, ...spans, clockDriftPpm: CLOCK_DRIFT_PPM },
    sourcedA: (levelA, range) => unit.sourced('current', levelA, range),
    sourcedV: (levelV, range) => unit.sourced('voltage', levelV, range),
    measuredA: (trueA, conversion) => unit.measured('current', trueA, conversion),
    measuredV: (trueV, conversion) => unit.measured('voltage', trueV, conversion),
  };
}

type Quantity = 'current' | 'voltage';

/** What is wrong with one range of this unit: gains in ppm, offsets in V or A. */
interface RangeErrors {
  readonly fullScale: number;
  readonly sourceGainPpm: number;
  readonly sourceOffset: number;
  readonly meterGainPpm: number;
  readonly meterOffset: number;
}

class Unit {
  readonly #errors: Readonly<Record<Quantity, readonly RangeErrors[]>>;
  readonly #noiseKeys: Readonly<Record<Quantity, number>>;

  constructor(profile: Profile, seed: number) {
    const errorsOf = (quantity: Quantity, ranges: readonly RangeAccuracy[]): readonly RangeErrors[] =>
      ranges.map((sheet, range) => rangeErrors(seed, quantity, { sheet, range }));
    this.#errors = {
      current: errorsOf('current', profile.currentRanges),
      voltage: errorsOf('voltage', profile.voltageRanges),
    };
    this.#noiseKeys = {
      current: randomKey(seed, 'current-noise'),
      voltage: randomKey(seed, 'voltage-noise'),
    };
  }

  sourced(quantity: Quantity, level: number, range: number): number {
    const errors = this.#errors[quantity][range];
    return errors === undefined ? level : level * (1 + errors.sourceGainPpm * 1e-6) + errors.sourceOffset;
  }

  measured(quantity: Quantity, value: number, { range, index, nplc }: Conversion): number {
    const errors = this.#errors[quantity][range];
    if (errors === undefined) return value;
    const sigma = (NOISE_PPM_OF_RANGE * 1e-6 * errors.fullScale) / Math.sqrt(nplc);
    const noise = sigma * normalAt(this.#noiseKeys[quantity], index);
    const count = errors.fullScale / COUNTS;
    const shown = value * (1 + errors.meterGainPpm * 1e-6) + errors.meterOffset + noise;
    return Math.round(shown / count) * count;
  }
}

/** Drawn once: a unit has its errors for life. */
function rangeErrors(
  seed: number,
  quantity: Quantity,
  { sheet, range }: { readonly sheet: RangeAccuracy; readonly range: number },
): RangeErrors {
  const drawn = (purpose: string, bound: number): number =>
    drawnError({ bound, seed, purpose: `keithley2400-${quantity}-${purpose}`, indices: [range] });
  return {
    fullScale: sheet.fullScale,
    sourceGainPpm: drawn('source-gain', sheet.sourcePpm),
    sourceOffset: drawn('source-offset', sheet.sourceOffset),
    meterGainPpm: drawn('meter-gain', sheet.measurePpm),
    meterOffset: drawn('meter-offset', sheet.measureOffset),
  };
}
