// The last `capacity` samples of a channel, in columns. Sample numbers never go back inside a boot.
// Must never allocate per sample: a run of a thousand hours passes through here in a second.
import { assert } from '../../src/base/assert.ts';

export const FLAG_FIRST = 1;
export const FLAG_LAST = 2;
export const FLAG_COMPLIANCE = 4;
export const FLAG_RULE_NOT_KEPT = 8;

export interface Sample {
  readonly stepNumber: number;
  readonly timeUs: number;
  readonly voltageNv: number;
  readonly currentPa: number;
  readonly netChargeNc: number;
  readonly flags: number;
}

export class SampleRing {
  readonly capacity: number;
  readonly #steps: Float64Array;
  readonly #timesUs: Float64Array;
  readonly #voltagesNv: Float64Array;
  readonly #currentsPa: Float64Array;
  readonly #chargesNc: Float64Array;
  readonly #flags: Uint8Array;
  #next = 0;
  #oldest = 0;

  constructor(capacity: number) {
    assert(Number.isSafeInteger(capacity) && capacity >= 1, `ring capacity must be >= 1, found ${capacity}`);
    this.capacity = capacity;
    this.#steps = new Float64Array(capacity);
    this.#timesUs = new Float64Array(capacity);
    this.#voltagesNv = new Float64Array(capacity);
    this.#currentsPa = new Float64Array(capacity);
    this.#chargesNc = new Float64Array(capacity);
    this.#flags = new Uint8Array(capacity);
  }

  /** The number the next sample will get. */
  get next(): number {
    return this.#next;
  }

  /** The oldest number still here; equals `next` when the ring is empty. */
  get oldest(): number {
    return this.#oldest;
  }

  push(sample: Sample): void {
    const slot = this.#next % this.capacity;
    this.#steps[slot] = sample.stepNumber;
    this.#timesUs[slot] = sample.timeUs;
    this.#voltagesNv[slot] = sample.voltageNv;
    this.#currentsPa[slot] = sample.currentPa;
    this.#chargesNc[slot] = sample.netChargeNc;
    this.#flags[slot] = sample.flags;
    this.#next += 1;
    if (this.#next - this.#oldest > this.capacity) this.#oldest = this.#next - this.capacity;
  }

  /** Sample `n`, which must still be here. */
  at(n: number): Sample {
    assert(
      n >= this.#oldest && n < this.#next,
      `sample ${n} is not in the ring [${this.#oldest}, ${this.#next})`,
    );
    const slot = n % this.capacity;
    return {
      stepNumber: this.#steps[slot] ?? 0,
      timeUs: this.#timesUs[slot] ?? 0,
      voltageNv: this.#voltagesNv[slot] ?? 0,
      currentPa: this.#currentsPa[slot] ?? 0,
      netChargeNc: this.#chargesNc[slot] ?? 0,
      flags: this.#flags[slot] ?? 0,
    };
  }

  /** Forgets every sample; the numbers go on. */
  forget(): void {
    this.#oldest = this.#next;
  }
}
