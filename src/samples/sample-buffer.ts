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

type Columns = Omit<SampleColumns, 'firstSeq' | 'count'>;

export class SampleBuffer {
  #columns = emptyColumns();
  #firstSeq = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === BUFFER_SAMPLES;
  }

  push(sample: Sample): void {
    const index = this.#count;
    if (index === 0) this.#firstSeq = sample.seq;
    assert(index < BUFFER_SAMPLES, 'a full buffer is taken before the next sample');
    assert(sample.seq === this.#firstSeq + index, 'seq must rise by one');
    const columns = this.#columns;
    columns.timeUs[index] = sample.timeUs;
    columns.voltageNv[index] = sample.voltageNv;
    columns.currentPa[index] = sample.currentPa;
    columns.netChargeNc[index] = sample.netChargeNc;
    columns.step[index] = sample.step;
    columns.flags[index] = sample.flags;
    this.#count = index + 1;
  }

  /** What is in it, and empties it; null when there is nothing. The arrays are as long as `count`. */
  take(): SampleColumns | null {
    const count = this.#count;
    if (count === 0) return null;
    this.#count = 0;
    const firstSeq = this.#firstSeq;
    if (count < BUFFER_SAMPLES) return { firstSeq, count, ...copyOf(this.#columns, count) };
    const columns = this.#columns;
    this.#columns = emptyColumns();
    return { firstSeq, count, ...columns };
  }
}

function emptyColumns(): Columns {
  const column = (): Float64Array => new Float64Array(BUFFER_SAMPLES);
  return {
    timeUs: column(),
    voltageNv: column(),
    currentPa: column(),
    netChargeNc: column(),
    step: column(),
    flags: column(),
  };
}

/** Copies, not views: a view would carry its whole buffer to the writer process. */
function copyOf(columns: Columns, count: number): Columns {
  return {
    timeUs: columns.timeUs.slice(0, count),
    voltageNv: columns.voltageNv.slice(0, count),
    currentPa: columns.currentPa.slice(0, count),
    netChargeNc: columns.netChargeNc.slice(0, count),
    step: columns.step.slice(0, count),
    flags: columns.flags.slice(0, count),
  };
}
