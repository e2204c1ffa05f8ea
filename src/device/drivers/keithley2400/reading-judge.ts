// From the instrument's reading to one of the channel, and whether it may go on being driven: a source at
// its compliance does not give the current that was asked for, and a cell that cannot be measured is driven
// blind. One reading of either kind may be a transient; the second in a row (the third that is absent) is a
// fault.
import { STATUS_BITS, type InstrumentReading } from '../../../frames/dialects/keithley2400/replies.ts';
import type { Reading } from '../../hosted/step-actuator.ts';
import { SAMPLE_BITS } from '../../hosted/step-records.ts';
import type { InstrumentClock } from './instrument-clock.ts';

/** The dialect's own bits of a sample. */
export const READING_BITS = {
  /** Measured beyond the range. */
  isOverRange: 0x10,
  /**
   * Readings that were due before this one are absent: unmeasured, beyond every range, or damaged on the
   * way.
   */
  isAfterAbsence: 0x20,
} as const;

export type ReadingFault = 'compliance' | 'no-reading';

export interface Judged {
  /** null: absent. Never made up from the one before. */
  readonly reading: Reading | null;
  readonly fault: ReadingFault | null;
}

const COMPLIANCE_MAX = 2;
const ABSENT_MAX = 3;

export class ReadingJudge {
  readonly #time: InstrumentClock;
  #latestUs: number;
  #absent = 0;
  #inCompliance = 0;

  /** `startUs`: no reading of the step is older. */
  constructor(time: InstrumentClock, startUs: number) {
    this.#time = time;
    this.#latestUs = startUs;
  }

  judge(found: InstrumentReading): Judged {
    const { voltageNv, currentPa, status } = found;
    const timeUs = this.#time.told(found.timeUs);
    const isAbsent = typeof voltageNv !== 'number' || typeof currentPa !== 'number' || timeUs === null;
    if (isAbsent) return this.absent();
    const isCompliance = (status & (STATUS_BITS.compliance | STATUS_BITS.rangeCompliance)) !== 0;
    const flags =
      (isCompliance ? SAMPLE_BITS.isCompliance : 0) |
      ((status & STATUS_BITS.overRange) !== 0 ? READING_BITS.isOverRange : 0) |
      (this.#absent > 0 ? READING_BITS.isAfterAbsence : 0);
    this.#absent = 0;
    this.#inCompliance = isCompliance ? this.#inCompliance + 1 : 0;
    // The clock is told to 10 ms only: a reading may seem to come before what it followed.
    this.#latestUs = Math.max(this.#latestUs, timeUs);
    return {
      reading: { timeUs: this.#latestUs, voltageNv, currentPa, flags },
      fault: this.#inCompliance >= COMPLIANCE_MAX ? 'compliance' : null,
    };
  }

  /** Nothing usable came. */
  absent(): Judged {
    this.#absent += 1;
    return { reading: null, fault: this.#absent >= ABSENT_MAX ? 'no-reading' : null };
  }
}
