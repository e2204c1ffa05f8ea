// Auxiliary values on their way into the record of one run. The instrument's own come with device time; what
// is heard from beside it gets the device time of that moment, as the clock keeper estimates it, with its
// error.
// Before the first sample of a run there is no run time, and nothing is recorded.
import type { AuxReport } from '../device/cycler.ts';
import type { AuxValue } from '../samples/aux-value.ts';
import type { ClockKeeper } from './clock-keeper.ts';
import type { CommitTimer } from './commit-timer.ts';
import type { Journal } from './journal.ts';
import type { Recorder } from './recorder.ts';

/** Heard now, from an input of the bench. */
export interface AuxReading {
  readonly name: string;
  readonly value: AuxValue;
}

export interface AuxRecorderOptions {
  readonly journal: Journal;
  readonly recorder: Recorder;
  readonly clockKeeper: ClockKeeper;
  readonly commitTimer: CommitTimer;
  readonly tickUs: number;
}

export class AuxRecorder {
  readonly #options: AuxRecorderOptions;

  constructor(options: AuxRecorderOptions) {
    this.#options = options;
  }

  measured({ name, timeUs: deviceUs, value }: AuxReport): void {
    const { recorder, tickUs } = this.#options;
    const timeUs = recorder.runTimeUs(deviceUs);
    // Before the start of the first step: what the instrument measured while it was set up.
    if (timeUs !== null && timeUs >= 0) this.#record({ name, value }, { timeUs, errorUs: tickUs });
  }

  heard(reading: AuxReading): void {
    const now = this.#options.clockKeeper.runTimeNow();
    if (now !== null) this.#record(reading, now);
  }

  #record(reading: AuxReading, when: { readonly timeUs: number; readonly errorUs: number }): void {
    const { commitTimer, journal } = this.#options;
    journal.aux({ ...reading, ...when });
    commitTimer.start();
  }
}
