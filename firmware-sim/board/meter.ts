// The converters of one channel: gain, offset, bend, noise, quantiser; integers out. Noise is keyed by the
// sample's number, so the same seed gives the same reading whatever was read in between. Limits are judged on
// the mean reading (no noise, no quantiser): a filtered value that has a closed form.
import { normalAt, randomKey, uniformAt } from '../../src/base/prng.ts';
import { TICK_US } from './device-clock.ts';
import { drawnError, type Instrument } from './instrument.ts';

/**
 * Readings of recorded samples and of live reports draw their noise apart: looking live never changes a
 * sample.
 */
export type ReadingPurpose = 'sample' | 'live';

interface NoiseKeys {
  readonly voltage: number;
  readonly current: number;
}

export class Meter {
  readonly #instrument: Instrument;
  readonly #place: { readonly seed: number; readonly channel: number };
  readonly #noise: Readonly<Record<ReadingPurpose, NoiseKeys>>;
  readonly #jitterKey: number;
  readonly #dropOutKey: number;
  readonly #voltageGain: number;
  readonly #voltageOffsetNv: number;
  readonly #bend: Bend;
  #rangeIndex = 0;
  #fullScalePa = 1;
  #currentGain = 1;
  #halfMatch = 0;
  #currentOffsetPa = 0;
  #currentNoisePa = 0;
  #currentLsbPa = 1;

  constructor(instrument: Instrument, place: { readonly seed: number; readonly channel: number }) {
    this.#instrument = instrument;
    this.#place = place;
    this.#noise = { sample: this.#noiseKeys('sample'), live: this.#noiseKeys('live') };
    this.#jitterKey = randomKey(place.seed, 'sampling-jitter', place.channel);
    this.#dropOutKey = randomKey(place.seed, 'drop-out', place.channel);
    this.#voltageGain = 1 + this.#drawn('voltage-gain', instrument.meterGainPpm, [place.channel]) * 1e-6;
    const offsetPpm = this.#drawn('voltage-offset', instrument.meterOffsetPpmOfSpan, [place.channel]);
    this.#voltageOffsetNv = offsetPpm * 1e-6 * instrument.voltageSpanNv;
    const shape = this.#drawn('bend', 1, [place.channel]);
    this.#bend = bendOf(instrument.nonLinearityPpmOfSpan, shape);
    this.selectRange(0);
  }

  selectRange(rangeIndex: number): void {
    const { rangesPa, meterGainPpm, meterGainMatchPpm } = this.#instrument;
    const fullScalePa = rangesPa[rangeIndex] ?? 1;
    const place = [this.#place.channel, rangeIndex];
    this.#rangeIndex = rangeIndex;
    this.#fullScalePa = fullScalePa;
    this.#currentGain = 1 + this.#drawn('current-gain', meterGainPpm, place) * 1e-6;
    this.#halfMatch = this.#drawn('current-gain-match', meterGainMatchPpm / 2, place) * 1e-6;
    const offsetPpm = this.#drawn('current-offset', this.#instrument.meterOffsetPpmOfSpan, place);
    this.#currentOffsetPa = offsetPpm * 1e-6 * fullScalePa;
    this.#currentNoisePa = this.#instrument.currentNoisePpmOfRange * 1e-6 * fullScalePa;
    this.#currentLsbPa = Math.max(1, this.#instrument.currentLsbPpmOfRange * 1e-6 * fullScalePa);
  }

  /** Rises with the voltage, so bounds of one are bounds of the other. */
  meanVoltageNv(voltageV: number): number {
    const { complianceNv, voltageSpanNv } = this.#instrument;
    const trueNv = voltageV * 1e9;
    const bendNv = bentBy(this.#bend, trueNv / complianceNv) * voltageSpanNv;
    return trueNv * this.#voltageGain + this.#voltageOffsetNv + bendNv;
  }

  /** Reading of a current that has settled. */
  meanCurrentPa(currentA: number): number {
    const truePa = currentA * 1e12;
    return truePa * this.#gainTowards(currentA) + this.#currentOffsetPa + this.bendPa(currentA);
  }

  /** What the bend of the converter adds to the reading of a current. */
  bendPa(currentA: number): number {
    return bentBy(this.#bend, (currentA * 1e12) / this.#fullScalePa) * this.#fullScalePa;
  }

  /**
   * What the meter makes of true charges, both positive, passed in `elapsedUs` of any course of the current:
   * gains and offset, without the bend.
   */
  straightChargeNc(passed: {
    readonly plateNc: number;
    readonly stripNc: number;
    readonly elapsedUs: number;
  }): number {
    const { plateNc, stripNc, elapsedUs } = passed;
    const offsetNc = this.#currentOffsetPa * elapsedUs * 1e-9;
    return stripNc * this.#gainTowards(1) - plateNc * this.#gainTowards(-1) + offsetNc;
  }

  /**
   * How much less than the settled reading is shown while `missingA` are still to come on the way to
   * `towardsA`. Gain is that of the settled direction, the bend that of the settled current: on the way, some
   * milliseconds, both are off by less than the match and the bend themselves.
   */
  missingPa(missingA: number, towardsA: number): number {
    return missingA * 1e12 * this.#gainTowards(towardsA);
  }

  /** Error of the current reading right after this range was selected. */
  glitchPa(): number {
    const place = [this.#place.channel, this.#rangeIndex];
    const { rangeGlitchPpmOfRange } = this.#instrument;
    return this.#drawn('range-glitch', rangeGlitchPpmOfRange, place) * 1e-6 * this.#fullScalePa;
  }

  /** One conversion of a mean reading: reading number `index` of its purpose. */
  voltageNv(meanNv: number, purpose: ReadingPurpose, index: number): number {
    const sigmaNv = this.#instrument.voltageNoiseNv;
    const noiseNv = sigmaNv === 0 ? 0 : sigmaNv * normalAt(this.#noise[purpose].voltage, index);
    return quantised(meanNv + noiseNv, this.#instrument.voltageLsbNv);
  }

  currentPa(meanPa: number, purpose: ReadingPurpose, index: number): number {
    const sigmaPa = this.#currentNoisePa;
    const noisePa = sigmaPa === 0 ? 0 : sigmaPa * normalAt(this.#noise[purpose].current, index);
    return quantised(meanPa + noisePa, this.#currentLsbPa);
  }

  /**
   * When the voltage of sample `index` is really taken, as a tick with its fraction. The grid stays the grid.
   */
  apertureTick(tick: number, index: number): number {
    const { samplingJitterUs } = this.#instrument;
    if (samplingJitterUs === 0) return tick;
    return tick + (samplingJitterUs / TICK_US) * (2 * uniformAt(this.#jitterKey, index) - 1);
  }

  /** The conversion at this tick fails. */
  isMissed(tick: number): boolean {
    const { dropOutPpm } = this.#instrument;
    return dropOutPpm > 0 && uniformAt(this.#dropOutKey, tick) < dropOutPpm * 1e-6;
  }

  #gainTowards(currentA: number): number {
    return this.#currentGain + Math.sign(currentA) * this.#halfMatch;
  }

  #noiseKeys(purpose: ReadingPurpose): NoiseKeys {
    const { seed, channel } = this.#place;
    return {
      voltage: randomKey(seed, `voltage-noise-${purpose}`, channel),
      current: randomKey(seed, `current-noise-${purpose}`, channel),
    };
  }

  #drawn(purpose: string, bound: number, indices: readonly number[]): number {
    return drawnError({ bound, seed: this.#place.seed, purpose, indices });
  }
}

/** Integral non-linearity as parts of full scale: an S and a bow, whose sum never exceeds the bound. */
interface Bend {
  readonly cubic: number;
  readonly bow: number;
}

/** `shape` from -1 to 1: how much of the bound is S-shaped, and which way round. */
function bendOf(boundPpm: number, shape: number): Bend {
  return { cubic: boundPpm * 1e-6 * shape, bow: boundPpm * 1e-6 * (1 - Math.abs(shape)) };
}

/** At `x` of full scale: Chebyshev polynomials of the third and second kind of bend stay within +-1. */
function bentBy({ cubic, bow }: Bend, x: number): number {
  const within = Math.max(-1, Math.min(1, x));
  const square = within * within;
  return cubic * within * (4 * square - 3) + bow * (2 * square - 1);
}

/** Adding 0 turns -0 into 0. */
function quantised(value: number, lsb: number): number {
  return Math.round(Math.round(value / lsb) * lsb) + 0;
}
