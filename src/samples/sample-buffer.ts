// Columns of samples on their way to the store. Filled in `seq` order, taken as a whole.
// Never holds a sample of two different runs; never reorders.
import { assert } from '../base/assert.ts';

/**
 * Columns of samples in `seq` order: whole numbers below 2^53, `count` of them. `seq` is the run's own
 * number: +1 each, never renumbered.
 */
export interface SampleColumns {
  readonly firstSeq: number;
  readonly count: number;
  /** Unwrapped device time since the start of the run. */
  readonly timeUs: Float64Array;
  readonly voltageNv: Float64Array;
  readonly currentPa: Float64Array;
  readonly netChargeNc: Float64Array;
  readonly step: Float64Array;
  readonly flags: Float64Array;
}

export interface Sample {
  readonly seq: number;
  readonly timeUs: number;
  readonly voltageNv: number;
  readonly currentPa: number;
  readonly netChargeNc: number;
  readonly step: number;
  readonly flags: number;
}

/** A transaction holds at most this many samples. */
export const BUFFER_SAMPLES = 1000;

export class SampleBuffer {
  #columns = emptyColumns(0);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === BUFFER_SAMPLES;
  }

  push(sample: Sample): void {
    if (this.#count === 0) this.#columns = emptyColumns(sample.seq);
    const columns = this.#columns;
    const index = this.#count;
    assert(index < BUFFER_SAMPLES, 'a full buffer is taken before the next sample');
    assert(
      sample.seq === columns.firstSeq + index,
      `seq must rise by one: ${sample.seq} after ${columns.firstSeq + index - 1}`,
    );
    columns.timeUs[index] = sample.timeUs;
    columns.voltageNv[index] = sample.voltageNv;
    columns.currentPa[index] = sample.currentPa;
    columns.netChargeNc[index] = sample.netChargeNc;
    columns.step[index] = sample.step;
    columns.flags[index] = sample.flags;
    this.#count = index + 1;
  }

  /** What is in it, and empties it; null when there is nothing. */
  take(): SampleColumns | null {
    if (this.#count === 0) return null;
    const columns = this.#columns;
    const count = this.#count;
    this.#count = 0;
    return { ...columns, count };
  }
}

function emptyColumns(firstSeq: number): SampleColumns {
  const column = (): Float64Array => new Float64Array(BUFFER_SAMPLES);
  return {
    firstSeq,
    count: 0,
    timeUs: column(),
    voltageNv: column(),
    currentPa: column(),
    netChargeNc: column(),
    step: column(),
    flags: column(),
  };
}
