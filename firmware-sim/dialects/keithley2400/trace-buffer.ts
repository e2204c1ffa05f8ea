// The data store: up to 2500 reading arrays, filled once and then stopped (manual section 9, 18-114). It has
// a battery: it survives `*RST` and the loss of power, while storing stops with the power.
import { type Reading, TIME_WRAP_S } from './reading.ts';

export const POINTS_MAX = 2500;
const POINTS_DEFAULT = 100;
/** Five elements of four bytes. Assumed: the manual gives no size. */
const BYTES_PER_READING = 20;

export type Feed = 'SENS' | 'CALC' | 'CALC2';

export class TraceBuffer {
  #readings: Reading[] = [];
  #isStoring = false;
  points = POINTS_DEFAULT;
  feed: Feed = 'SENS';
  timeFormat: 'ABS' | 'DELT' = 'ABS';

  get readings(): readonly Reading[] {
    return this.#readings;
  }

  /** Storing was asked for and is not done. */
  get isStoring(): boolean {
    return this.#isStoring;
  }

  get isFull(): boolean {
    return !this.#isStoring && this.#readings.length >= this.points;
  }

  /** `NEXT`: a new store overwrites the old readings. */
  start(): void {
    this.#readings = [];
    this.#isStoring = true;
  }

  /** `NEVer`, the loss of power, `:CONF`. */
  stop(): void {
    this.#isStoring = false;
  }

  clear(): void {
    this.#readings = [];
  }

  store(reading: Reading): void {
    if (!this.#isStoring) return;
    this.#readings.push(reading);
    if (this.#readings.length >= this.points) this.#isStoring = false;
  }

  /** Bytes available, bytes reserved. */
  freeText(): string {
    return `${(POINTS_MAX - this.points) * BYTES_PER_READING},${this.points * BYTES_PER_READING}`;
  }

  /** Timestamps as `:TRAC:TST:FORM` has them: from the first reading, or from the one before (p. 18-116). */
  timesS(): readonly number[] {
    const readings = this.#readings;
    return readings.map((reading, index) => {
      const before = this.timeFormat === 'ABS' ? readings[0] : (readings[index - 1] ?? reading);
      const elapsedMs = Math.round((reading.atUs - (before?.atUs ?? reading.atUs)) / 1000);
      return (elapsedMs / 1000) % TIME_WRAP_S;
    });
  }
}
