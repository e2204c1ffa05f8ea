// The break on little change: what is not set moves by less than so much in a second. Absolute is (Xn - Xn-1)
// / (tn - tn-1), relative is absolute / X0 (control.py, `:PARA:TOL:STAT`). Judged on the mean reading, as by
// an instrument that filters, or its noise would keep a still cell alive.
import type { SourceMeterReading } from '../../board/source-meter.ts';
import type { Tolerance } from './primitive-plan.ts';
import type { Coupling } from './settings.ts';

export class ToleranceBreak {
  readonly #tolerance: Tolerance;
  readonly #isCurrent: boolean;
  readonly #samplingHz: number;
  #first: number | null = null;
  #last = 0;

  constructor(
    tolerance: Tolerance,
    options: { readonly coupling: Coupling | 'open'; readonly samplingHz: number },
  ) {
    this.#tolerance = tolerance;
    this.#isCurrent = options.coupling === 'pot';
    this.#samplingHz = options.samplingHz;
  }

  /** To be asked at every sample of a level, numbered from 1. */
  isReached(sample: number, { voltageNv, currentPa }: SourceMeterReading): boolean {
    const value = this.#isCurrent ? currentPa : voltageNv;
    const first = this.#first;
    const changePerS = Math.abs(value - this.#last) * this.#samplingHz;
    this.#first ??= value;
    this.#last = value;
    const { absolutePerS, relativePerS, minSamples } = this.#tolerance;
    if (first === null || sample < minSamples) return false;
    return changePerS < absolutePerS || changePerS < relativePerS * Math.abs(first);
  }
}
