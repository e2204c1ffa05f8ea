// The dead-man of one channel, in real time. It only answers whether current may flow; the firmware acts on
// it.
import type { DeviceClock } from './device-clock.ts';

export type LeasePolicy = 'off' | 'finish-step' | 'finish-cycle';

export class Lease {
  readonly #clock: DeviceClock;
  /** -Infinity: none was given; Infinity: waived. */
  #dueMs = Number.NEGATIVE_INFINITY;
  #policy: LeasePolicy = 'off';

  constructor(clock: DeviceClock) {
    this.#clock = clock;
  }

  get policy(): LeasePolicy {
    return this.#policy;
  }

  get isWaived(): boolean {
    return this.#dueMs === Number.POSITIVE_INFINITY;
  }

  /** The first tick without a live lease. */
  get expiryTick(): number {
    return this.#clock.tickAtMs(this.#dueMs);
  }

  isLive(): boolean {
    return this.#clock.nowMs() < this.#dueMs;
  }

  /** Real microseconds left; 0 when it is not live. Ask `isWaived` first. */
  leftUs(): number {
    return Math.max(0, Math.round((this.#dueMs - this.#clock.nowMs()) * 1000));
  }

  give(realUs: number, policy: LeasePolicy): void {
    this.#dueMs = this.#clock.nowMs() + realUs / 1000;
    this.#policy = policy;
  }

  waive(policy: LeasePolicy): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#policy = policy;
  }

  drop(): void {
    this.#dueMs = Number.NEGATIVE_INFINITY;
  }
}
