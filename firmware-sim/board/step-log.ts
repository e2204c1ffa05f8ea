// The last `capacity` step ends of the run on a channel. Step numbers in it follow each other without a hole.
import { assert } from '../../src/base/assert.ts';
import type { StepEnd } from './step-node.ts';

export class StepLog {
  readonly capacity: number;
  readonly #slots: StepEnd[] = [];
  #first = 0;
  #count = 0;

  constructor(capacity: number) {
    assert(Number.isSafeInteger(capacity) && capacity >= 1, `log capacity must be >= 1, found ${capacity}`);
    this.capacity = capacity;
  }

  /** The last step number that ended, 0 when none has. */
  get ended(): number {
    return this.#count === 0 ? 0 : this.#first + this.#count - 1;
  }

  /** The oldest step number still here; `ended + 1` when the log is empty. */
  get oldest(): number {
    return this.#count === 0 ? 1 : this.#first;
  }

  push(end: StepEnd): void {
    assert(
      this.#count === 0 || end.stepNumber === this.ended + 1,
      `step ${end.stepNumber} must follow ${this.ended}`,
    );
    if (this.#count === 0) this.#first = end.stepNumber;
    this.#slots[end.stepNumber % this.capacity] = end;
    if (this.#count === this.capacity) this.#first += 1;
    else this.#count += 1;
  }

  at(stepNumber: number): StepEnd | null {
    if (this.#count === 0 || stepNumber < this.#first || stepNumber > this.ended) return null;
    return this.#slots[stepNumber % this.capacity] ?? null;
  }

  forget(): void {
    this.#slots.length = 0;
    this.#count = 0;
  }
}
