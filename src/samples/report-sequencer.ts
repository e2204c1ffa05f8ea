// Puts device reports into device order: samples by number, step ends by step number, nothing twice, nothing
// skipped. What is missing is asked for again; newer reports wait in memory until it has come or is recorded
// as a gap. Never invents a sample and never lets one pass before an older one.
import { assert } from '../base/assert.ts';

export interface SequencedSamples {
  readonly type: 'samples';
  readonly firstN: number;
  readonly stepNumber: number;
  readonly stepStartUs?: number;
  readonly timeUs: readonly number[];
  readonly voltageNv: readonly number[];
  readonly currentPa: readonly number[];
  readonly netChargeNc: readonly number[];
  readonly flags: readonly number[];
}

export interface SequencedEnd {
  readonly type: 'stepEnded';
  readonly stepNumber: number;
  readonly lastN: number;
}

export interface SequencerOutput<End extends SequencedEnd> {
  samples(report: SequencedSamples): void;
  stepEnded(report: End): void;
  /** Samples `firstN`.. that the device no longer has. */
  gap(range: { readonly firstN: number; readonly count: number }): void;
  askSamples(range: { readonly from: number; readonly to: number }): void;
  askStepEnds(fromStepNumber: number): void;
}

/** A device answers at most this many numbers a request. */
const REQUEST_SAMPLES = 1000;

export class ReportSequencer<End extends SequencedEnd> {
  readonly #output: SequencerOutput<End>;
  /** Waiting reports, by the sample number at which they are due. */
  #held: (SequencedSamples | End)[] = [];
  #expectedN: number;
  #expectedStep: number;
  #isAskingSamples = false;
  #isAskingEnds = false;
  #mayAsk = true;

  constructor(output: SequencerOutput<End>, start: { readonly nextN: number; readonly stepNumber: number }) {
    this.#output = output;
    this.#expectedN = start.nextN;
    this.#expectedStep = start.stepNumber;
  }

  /** Number of the next sample and of the step whose end comes next. */
  get position(): { readonly nextN: number; readonly stepNumber: number } {
    return { nextN: this.#expectedN, stepNumber: this.#expectedStep };
  }

  accept(report: SequencedSamples | End): void {
    if (this.#held.length === 0 && this.#deliver(report)) return;
    const key = dueAt(report);
    let index = this.#held.length;
    while (index > 0 && dueAt(this.#held[index - 1] ?? report) > key) index -= 1;
    this.#held.splice(index, 0, report);
    this.#drain();
  }

  /**
   * Tells how far the device is, from its status: what is missing at the very end would otherwise show only
   * with the next report.
   */
  deviceIsAt(status: { readonly nextN: number; readonly endedStepNumber: number }): void {
    if (status.endedStepNumber >= this.#expectedStep) this.#askEnds();
    if (status.nextN > this.#expectedN) this.#askSamples(status.nextN - 1);
  }

  /** The device has sent what it had of a request; what it no longer has becomes a gap. */
  samplesAnswered(range: { readonly from: number; readonly to: number }): void {
    this.#isAskingSamples = false;
    // `from` is the oldest that the device has; where it has nothing, what waits here is the next there is.
    const held = this.#firstHeldN();
    const isKnown = range.from > this.#expectedN || range.from <= range.to;
    const firstHave = isKnown ? Math.min(range.from, held ?? range.from) : held;
    if (firstHave !== null) this.#lose(firstHave);
    this.#drain();
  }

  /**
   * The request failed, or not all of it came: asked again when the device tells where it is, and not before.
   * A link that is down refuses at once, and to ask again at once would never end.
   */
  samplesNotAnswered(): void {
    this.#drainWithoutAsking();
    this.#isAskingSamples = false;
  }

  stepEndsAnswered(): void {
    this.#isAskingEnds = false;
    this.#drain();
  }

  /** As for samples. */
  stepEndsNotAnswered(): void {
    this.#drainWithoutAsking();
    this.#isAskingEnds = false;
  }

  /** A request that failed with the link: it is asked again when the link is back. */
  linkLost(): void {
    this.#isAskingSamples = false;
    this.#isAskingEnds = false;
  }

  /**
   * The device has forgotten what is missing, for good: what waits here is taken over the gap before it, as
   * far as the ends of its steps are known; numbers of the rest become a gap.
   */
  deviceHasForgotten(): void {
    this.linkLost();
    this.#mayAsk = false;
    for (let next = this.#held[0]; next !== undefined; next = this.#held[0]) {
      const isOfThisStep = next.stepNumber === this.#expectedStep;
      const untilN = isOfThisStep ? firstNOf(next) : lastNOf(this.#held.at(-1) ?? next) + 1;
      this.#lose(untilN);
      if (isOfThisStep) this.#deliver(next);
      this.#held = isOfThisStep ? this.#held.slice(1) : [];
    }
    this.#mayAsk = true;
  }

  #lose(untilN: number): void {
    const firstN = this.#expectedN;
    if (untilN <= firstN) return;
    this.#expectedN = untilN;
    this.#output.gap({ firstN, count: untilN - firstN });
  }

  #drainWithoutAsking(): void {
    this.#mayAsk = false;
    try {
      this.#drain();
    } finally {
      this.#mayAsk = true;
    }
  }

  #drain(): void {
    for (let next = this.#held[0]; next !== undefined; next = this.#held[0]) {
      if (!this.#deliver(next)) return;
      this.#held.shift();
    }
  }

  /** True when the report is dealt with; false when something older is missing. */
  #deliver(report: SequencedSamples | End): boolean {
    return report.type === 'samples' ? this.#deliverSamples(report) : this.#deliverEnd(report);
  }

  #deliverSamples(report: SequencedSamples): boolean {
    const count = report.timeUs.length;
    const known = this.#expectedN - report.firstN;
    if (known >= count) return true;
    if (known < 0) {
      this.#askSamples(report.firstN - 1);
      return false;
    }
    if (report.stepNumber > this.#expectedStep) {
      this.#askEnds();
      return false;
    }
    assert(
      report.stepNumber === this.#expectedStep,
      `a sample of step ${report.stepNumber} after the end of that step`,
    );
    const fresh = known === 0 ? report : skip(report, known);
    this.#expectedN = report.firstN + count;
    this.#output.samples(fresh);
    return true;
  }

  #deliverEnd(report: End): boolean {
    if (report.stepNumber < this.#expectedStep) return true;
    if (report.stepNumber > this.#expectedStep) {
      this.#askEnds();
      return false;
    }
    if (report.lastN >= this.#expectedN) {
      this.#askSamples(report.lastN);
      return false;
    }
    this.#expectedStep += 1;
    this.#output.stepEnded(report);
    return true;
  }

  #askSamples(to: number): void {
    if (this.#isAskingSamples || !this.#mayAsk) return;
    this.#isAskingSamples = true;
    const from = this.#expectedN;
    this.#output.askSamples({ from, to: Math.min(to, from + REQUEST_SAMPLES - 1) });
  }

  #askEnds(): void {
    if (this.#isAskingEnds || !this.#mayAsk) return;
    this.#isAskingEnds = true;
    this.#output.askStepEnds(this.#expectedStep);
  }

  #firstHeldN(): number | null {
    const first = this.#held[0];
    if (first === undefined) return null;
    return first.type === 'samples' ? first.firstN : first.lastN + 1;
  }
}

/** The number that must be known before a report can be taken. */
function firstNOf(report: SequencedSamples | SequencedEnd): number {
  return report.type === 'samples' ? report.firstN : report.lastN + 1;
}

function lastNOf(report: SequencedSamples | SequencedEnd): number {
  return report.type === 'samples' ? report.firstN + report.timeUs.length - 1 : report.lastN;
}

/** Order of reports: samples by their first number; a step's end after its last sample. */
function dueAt(report: SequencedSamples | SequencedEnd): number {
  return report.type === 'samples' ? report.firstN : report.lastN + 0.5;
}

function skip(report: SequencedSamples, count: number): SequencedSamples {
  return {
    ...report,
    firstN: report.firstN + count,
    timeUs: report.timeUs.slice(count),
    voltageNv: report.voltageNv.slice(count),
    currentPa: report.currentPa.slice(count),
    netChargeNc: report.netChargeNc.slice(count),
    flags: report.flags.slice(count),
  };
}
