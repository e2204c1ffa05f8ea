// The converters of one channel: gain, offset, noise, quantiser; integers out. Noise is keyed by the sample's
// number, so the same seed gives the same reading whatever was read in between. Limits are judged on the mean
// reading (no noise, no quantiser): a filtered value that has a closed form.
import { normalAt, randomKey } from '../../src/base/prng.ts';
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
  readonly #voltageGain: number;
  readonly #voltageOffsetNv: number;
  #currentGain = 1;
  #currentOffsetPa = 0;
  #currentNoisePa = 0;
  #currentLsbPa = 1;

  constructor(instrument: Instrument, place: { readonly seed: number; readonly channel: number }) {
    this.#instrument = instrument;
    this.#place = place;
    this.#noise = { sample: this.#noiseKeys('sample'), live: this.#noiseKeys('live') };
    this.#voltageGain = 1 + this.#drawn('voltage-gain', instrument.meterGainPpm, [place.channel]) * 1e-6;
    const offsetPpm = this.#drawn('voltage-offset', instrument.meterOffsetPpmOfSpan, [place.channel]);
    this.#voltageOffsetNv = offsetPpm * 1e-6 * instrument.voltageSpanNv;
    this.selectRange(0);
  }

  selectRange(rangeIndex: number): void {
    const fullScalePa = this.#instrument.rangesPa[rangeIndex] ?? 0;
    const place = [this.#place.channel, rangeIndex];
    this.#currentGain = 1 + this.#drawn('current-gain', this.#instrument.meterGainPpm, place) * 1e-6;
    const offsetPpm = this.#drawn('current-offset', this.#instrument.meterOffsetPpmOfSpan, place);
    this.#currentOffsetPa = offsetPpm * 1e-6 * fullScalePa;
    this.#currentNoisePa = this.#instrument.currentNoisePpmOfRange * 1e-6 * fullScalePa;
    this.#currentLsbPa = Math.max(1, this.#instrument.currentLsbPpmOfRange * 1e-6 * fullScalePa);
  }

  meanVoltageNv(voltageV: number): number {
    return voltageV * 1e9 * this.#voltageGain + this.#voltageOffsetNv;
  }

  meanCurrentPa(currentA: number): number {
    return currentA * 1e12 * this.#currentGain + this.#currentOffsetPa;
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

/** Adding 0 turns -0 into 0. */
function quantised(value: number, lsb: number): number {
  return Math.round(Math.round(value / lsb) * lsb) + 0;
}
