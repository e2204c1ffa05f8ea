// What a hosted channel has reported of its run, kept as an instrument with a ring of its own would keep it,
// so that whoever lost a report asks for it by number. In memory: it ends with the process.
import { assert } from '../../base/assert.ts';
import type { DeviceReport, SampleRange, SamplesReport, StepEndReport } from '../cycler.ts';

/** Samples kept, and step ends. */
export const RING_SAMPLES = 65_536;
const LOG_ENDS = 4096;

export class ReportRing {
  /** One sample each, in order of number. */
  #samples: SamplesReport[] = [];
  #ends: StepEndReport[] = [];
  #nextN = 0;

  /** Number of the next sample; never falls. */
  get nextN(): number {
    return this.#nextN;
  }

  get oldestN(): number {
    return this.#samples[0]?.firstN ?? this.#nextN;
  }

  /** The run is over: its reports are forgotten, the numbers go on. */
  forget(): void {
    this.#samples = [];
    this.#ends = [];
  }

  pushSample(report: SamplesReport): void {
    assert(report.firstN === this.#nextN, `samples are numbered in order, found ${report.firstN}`);
    this.#nextN += 1;
    this.#samples.push(report);
    // Cut in halves, since to shift an array of this length is slow.
    if (this.#samples.length >= 2 * RING_SAMPLES) this.#samples = this.#samples.slice(RING_SAMPLES);
  }

  pushEnd(report: StepEndReport): void {
    this.#ends.push(report);
    if (this.#ends.length >= 2 * LOG_ENDS) this.#ends = this.#ends.slice(LOG_ENDS);
  }

  /** Sends what there is of a range of sample numbers; returns that range. */
  replaySamples({ from, to }: SampleRange, send: (report: DeviceReport) => void): SampleRange {
    const first = Math.max(from, this.oldestN);
    const last = Math.min(to, this.#nextN - 1);
    for (let n = first; n <= last; n += 1) {
      const report = this.#samples[n - this.oldestN];
      if (report !== undefined) send({ ...report, isReplay: true });
    }
    return { from: first, to: last };
  }

  /** Sends the step ends from this step number on; returns the range of step numbers. */
  replayEnds(fromStepNumber: number, send: (report: DeviceReport) => void): SampleRange {
    const ends = this.#ends.filter(({ stepNumber }) => stepNumber >= fromStepNumber);
    for (const report of ends) send({ ...report, isReplay: true });
    return { from: ends[0]?.stepNumber ?? fromStepNumber, to: ends.at(-1)?.stepNumber ?? fromStepNumber - 1 };
  }
}
