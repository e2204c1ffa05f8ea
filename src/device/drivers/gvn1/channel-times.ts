// Reports of one channel of a device whose clock wraps: wire times in, counts out (GVN1.md §4.1).
// Null is nonsense: a time that the clock cannot show, or one that contradicts what its neighbours said. Such
// a report changes nothing; the numbers show what is missing and it is asked for again.
import type { ClockUnwrapper } from '../../../samples/clock-unwrapper.ts';
import { SAMPLE_FLAGS } from '../../../frames/dialects/gvn1/samples.ts';
import type { DeviceReport, SamplesReport, StepEndReport } from '../../cycler.ts';
import { NumberedTimes } from './numbered-times.ts';

export interface ChannelTimesOptions {
  readonly unwrapper: ClockUnwrapper;
  readonly tickUs: number;
  /** Samples and step ends that the device keeps. */
  readonly ringSamples: number;
  readonly logEnds: number;
}

export class ChannelTimes {
  readonly #unwrapper: ClockUnwrapper;
  readonly #tickUs: number;
  readonly #samples: NumberedTimes;
  readonly #stepEnds: NumberedTimes;
  #run: string | null = null;
  /** Start of the step whose first sample was heard last. */
  #step: { readonly stepNumber: number; readonly startUs: number } | null = null;

  constructor({ unwrapper, tickUs, ringSamples, logEnds }: ChannelTimesOptions) {
    this.#unwrapper = unwrapper;
    this.#tickUs = tickUs;
    this.#samples = new NumberedTimes({ unwrapper, keep: ringSamples });
    this.#stepEnds = new NumberedTimes({ unwrapper, keep: logEnds });
  }

  /** A run was opened: steps are numbered anew, and ring and log are empty. Another `open` of it is none. */
  opened(run: string): void {
    if (run === this.#run) return;
    this.#run = run;
    this.#samples.clear();
    this.#stepEnds.clear();
    this.#step = null;
  }

  place(report: DeviceReport): DeviceReport | null {
    switch (report.type) {
      case 'samples':
        return this.#placeSamples(report);
      case 'stepEnded':
        return this.#placeStepEnd(report);
      case 'aux':
      case 'impedance':
      case 'live':
      case 'fault': {
        if (!this.#unwrapper.isTime(report.timeUs)) return null;
        const timeUs = this.#unwrapper.near(report.timeUs);
        this.#unwrapper.advance(timeUs);
        return { ...report, timeUs };
      }
    }
  }

  #placeSamples(report: SamplesReport): SamplesReport | null {
    const { firstN, stepNumber } = report;
    if (!report.timeUs.every((timeUs) => this.#unwrapper.isTime(timeUs))) return null;
    const timeUs = this.#sampleCounts(report);
    const [firstUs, lastUs] = [timeUs?.[0], timeUs?.at(-1)];
    if (timeUs === null || firstUs === undefined || lastUs === undefined) return null;
    const doesFit =
      this.#samples.fits(firstN, firstUs) && this.#samples.fits(firstN + timeUs.length - 1, lastUs);
    if (!doesFit) return null;
    timeUs.forEach((countUs, index) => this.#samples.note(firstN + index, countUs));
    this.#unwrapper.advance(lastUs);
    const isFirst = ((report.flags[0] ?? 0) & SAMPLE_FLAGS.isFirst) !== 0;
    // The first sample of a step is taken one tick after its start (§6.2).
    if (isFirst) this.#step = { stepNumber, startUs: firstUs - this.#tickUs };
    return { ...report, timeUs };
  }

  /** Each after the one before, by less than half a wrap: a device takes at least two in that time. */
  #sampleCounts(report: SamplesReport): number[] | null {
    const counts: number[] = [];
    let lastUs: number | null = null;
    for (const timeUs of report.timeUs) {
      const countUs: number =
        lastUs === null ? this.#firstCount(report, timeUs) : this.#unwrapper.from(timeUs, lastUs + 1);
      if (lastUs !== null && countUs - lastUs >= this.#unwrapper.wrapUs / 2) return null;
      counts.push(countUs);
      lastUs = countUs;
    }
    return counts;
  }

  #firstCount({ firstN, isReplay, stepNumber }: SamplesReport, timeUs: number): number {
    if (!isReplay) return this.#unwrapper.near(timeUs);
    return this.#samples.place(firstN, timeUs, this.#stepEnds.boundOf(stepNumber) ?? this.#untilUs);
  }

  #placeStepEnd(report: StepEndReport): StepEndReport | null {
    const { startUs: wireStartUs, stepNumber } = report;
    if (!this.#unwrapper.isTime(wireStartUs) || !this.#unwrapper.isTime(report.endUs)) return null;
    const endUs = this.#endCount(report);
    if (!this.#stepEnds.fits(stepNumber, endUs)) return null;
    // A step may be longer than a wrap; then only its first sample tells how much.
    const isStartKnown = this.#step?.stepNumber === stepNumber;
    const startUntilUs = isStartKnown && this.#step !== null ? this.#step.startUs : endUs - this.#tickUs;
    const startUs = this.#unwrapper.until(wireStartUs, startUntilUs);
    this.#stepEnds.note(stepNumber, endUs);
    this.#unwrapper.advance(endUs);
    return { ...report, startUs, endUs };
  }

  /** A step ends with its last sample (§6.2): where that was heard, the end cannot be mistaken. */
  #endCount({ endUs, isReplay, lastN, stepNumber }: StepEndReport): number {
    if (!isReplay) return this.#unwrapper.near(endUs);
    return this.#samples.sameAs(lastN, endUs) ?? this.#stepEnds.place(stepNumber, endUs, this.#untilUs);
  }

  /** What was recorded is not after now; a clock that is asked is never silent for longer than this. */
  get #untilUs(): number {
    return this.#unwrapper.latestUs + this.#unwrapper.wrapUs / 4;
  }
}
