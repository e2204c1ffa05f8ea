// The recorder: turns ordered device reports into rows: samples, steps, half-cycles, gaps; and tells the live
// feed. Device time in, run time out. A half-cycle that was cut off and goes on later is one row, at its end.
// Never decides anything about the cell.
import { assert } from '../base/assert.ts';
import { valueAt } from '../base/column.ts';
import type { HalfCycleCollector } from '../analysis/half-cycle-features.ts';
import type { ImpedanceReport, StepEndReport } from '../device/cycler.ts';
import type { SequencedSamples } from '../samples/report-sequencer.ts';
import type { Step } from '../steps/step.ts';
import {
  FIRST_SEQ,
  type HalfCycle,
  type SampleGap,
  type StepBegan,
  type StepEnded,
} from '../store/run-store.ts';
import { type CutHalfCycle, HalfCycleBook } from './half-cycle-book.ts';
import type { Journal } from './journal.ts';

/** What the outside is told as it happens; the channel adds run and wall time. */
export interface RecorderFeed {
  live(report: SequencedSamples, firstSeq: number, originUs: number): void;
  stepBegan(row: StepBegan): void;
  stepEnded(row: StepEnded): void;
  halfCycle(row: HalfCycle): void;
  gap(row: SampleGap): void;
}

export interface RecorderOptions {
  readonly journal: Journal;
  readonly feed: RecorderFeed;
  /** Device number of the run's first sample, which gets the run's first `seq`. */
  readonly originN: number;
  readonly tickUs: number;
  /** Of an earlier daemon; null: the run begins. */
  readonly recorded?: RecordedSoFar | null;
}

/** What cannot be read from rows; stored in the checkpoint. */
export interface PersistedRecorder {
  readonly originUs: number | null;
  readonly isInterrupted: boolean;
  /** The device went on by itself after the step that ended last. */
  readonly hasGoneOn: boolean;
  readonly isAfterOutage: boolean;
  /** First step of the half-cycle that was cut off and has no row yet; null: none. */
  readonly cutFromStep: number | null;
}

/** Where the record stands: from the checkpoint and from rows. */
export interface RecordedSoFar extends PersistedRecorder {
  readonly halfCycles: number;
  readonly newest: NewestSample | null;
  readonly lastEnded: StepEnded | null;
  readonly open: OpenStep | null;
  readonly cut: CutHalfCycle | null;
}

export interface OpenStep {
  readonly began: StepBegan;
  readonly collector: HalfCycleCollector | null;
}

/** In run time. */
export interface NewestSample {
  readonly timeUs: number;
  readonly voltageNv: number;
  readonly currentPa: number;
  readonly netChargeNc: number;
}

/** Flag of the first sample of a step. */
const FIRST_OF_STEP = 1;

export class Recorder {
  readonly #options: RecorderOptions;
  /** Device time of the run's zero: the start of its first step. */
  #originUs: number | null = null;
  #open: OpenStep | null = null;
  readonly #halfCycles: HalfCycleBook;
  #isInterrupted = false;
  #lastEnded: StepEnded | null = null;
  #newest: NewestSample | null = null;
  /** The device went on by itself after the step that ended last. */
  #hasGoneOn = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    const { recorded = null } = options;
    this.#halfCycles = new HalfCycleBook(
      recorded?.halfCycles ?? 0,
      recorded?.cut ?? null,
      recorded?.isAfterOutage,
    );
    if (recorded === null) return;
    const { originUs, open, isInterrupted, lastEnded, newest, hasGoneOn } = recorded;
    [this.#originUs, this.#open, this.#isInterrupted] = [originUs, open, isInterrupted];
    [this.#lastEnded, this.#newest, this.#hasGoneOn] = [lastEnded, newest, hasGoneOn];
  }

  /** Run time of the newest sample; null before the first. */
  get newestUs(): number | null {
    return this.#newest?.timeUs ?? null;
  }

  get newest(): NewestSample | null {
    return this.#newest;
  }

  /** How far the record reaches: its newest sample, or the end of a step behind it; null: nothing began. */
  get reached(): { readonly timeUs: number; readonly netChargeNc: number } | null {
    const [newest, ended] = [this.#newest, this.#lastEnded];
    if (ended === null || (newest !== null && newest.timeUs > ended.endUs)) return newest;
    return { timeUs: ended.endUs, netChargeNc: ended.endNetChargeNc };
  }

  /** The end of the step before; null before the first. */
  get lastEnded(): StepEnded | null {
    return this.#lastEnded;
  }

  /** Device time to run time; null before the first sample. */
  runTimeUs(deviceUs: number): number | null {
    return this.#originUs === null ? null : deviceUs - this.#originUs;
  }

  /** Run time to the time of the device; null before the first sample. */
  deviceTimeUs(runUs: number): number | null {
    return this.#originUs === null ? null : runUs + this.#originUs;
  }

  persist(): PersistedRecorder {
    return {
      originUs: this.#originUs,
      isInterrupted: this.#isInterrupted,
      hasGoneOn: this.#hasGoneOn,
      isAfterOutage: this.#halfCycles.isAfterOutage,
      cutFromStep: this.#halfCycles.cutFromStep,
    };
  }

  /** Says which step is open: whoever looks at a run that was taken over has not heard of it. */
  tellOpenStep(): void {
    if (this.#open !== null) this.#options.feed.stepBegan(this.#open.began);
  }

  /** The cell was let go: the half-cycle that goes on, or the next, is left out of means and baselines. */
  outage(): void {
    this.#halfCycles.outage();
  }

  samples(report: SequencedSamples, step: Step): void {
    const firstSeq = this.#seqOf(report.firstN);
    if (this.#open === null) this.#begin(report, step, firstSeq);
    const { began, collector } = this.#current();
    assert(began.stepNumber === report.stepNumber, 'a sample belongs to the step that is open');
    const originUs = this.#originUs ?? 0;
    const { journal, feed } = this.#options;
    for (let index = 0; index < report.timeUs.length; index += 1) {
      const voltageNv = valueAt(report.voltageNv, index);
      const netChargeNc = valueAt(report.netChargeNc, index);
      collector?.add(voltageNv, netChargeNc);
      journal.sample({
        seq: firstSeq + index,
        timeUs: valueAt(report.timeUs, index) - originUs,
        voltageNv,
        currentPa: valueAt(report.currentPa, index),
        netChargeNc,
        step: report.stepNumber,
        flags: valueAt(report.flags, index),
      });
    }
    const last = report.timeUs.length - 1;
    this.#newest = {
      timeUs: valueAt(report.timeUs, last) - originUs,
      voltageNv: valueAt(report.voltageNv, last),
      currentPa: valueAt(report.currentPa, last),
      netChargeNc: valueAt(report.netChargeNc, last),
    };
    feed.live(report, firstSeq, originUs);
  }

  /** A point of a spectrum: no sample, and in no half-cycle. */
  impedance({ type: _type, timeUs, ...point }: ImpedanceReport): void {
    const runTimeUs = this.runTimeUs(timeUs);
    assert(runTimeUs !== null, 'a spectrum comes after the first sample of its step');
    this.#options.journal.impedance({ timeUs: runTimeUs, ...point });
  }

  gap(range: { readonly firstN: number; readonly count: number }): void {
    const row = {
      firstSeq: this.#seqOf(range.firstN),
      count: range.count,
      reason: 'no longer in the ring of the device',
    };
    this.#isInterrupted = true;
    this.#options.journal.gap(row);
    this.#options.feed.gap(row);
  }

  /** The row of the half-cycle that ended with this step; null where it was none. */
  stepEnded(report: StepEndReport, step: Step): HalfCycle | null {
    const { journal, feed } = this.#options;
    if (this.#open === null) {
      // It brought no sample, or all of them fell into a gap: its row still says when it ran.
      this.#originUs ??= report.startUs;
      this.#openStep({
        stepNumber: report.stepNumber,
        startUs: report.startUs - this.#originUs,
        firstSeq: (this.#lastEnded?.lastSeq ?? FIRST_SEQ - 1) + 1,
        step,
      });
    }
    const { began, collector } = this.#current();
    assert(began.stepNumber === report.stepNumber, 'steps end in the order in which they began');
    const row: StepEnded = {
      stepNumber: report.stepNumber,
      endUs: report.endUs - (this.#originUs ?? 0),
      endNetChargeNc: report.endNetChargeNc,
      lastSeq: this.#seqOf(report.lastN),
      reason: report.reason,
      voltageNv: report.voltageNv,
      currentPa: report.currentPa,
    };
    journal.stepEnded(row);
    feed.stepEnded(row);
    const part = collector === null ? null : { began, collector, ended: row };
    const halfCycle = part === null ? null : this.#halfCycles.ended(part, this.#isInterrupted);
    if (halfCycle !== null) this.#tell(halfCycle);
    this.#open = null;
    this.#isInterrupted = false;
    this.#hasGoneOn = report.nextNodeId !== 0;
    this.#lastEnded = row;
    return halfCycle;
  }

  /** An end for the step that is open, at its last sample: whoever executed it cannot tell more. */
  endOfOpenStep(lastN: number): StepEndReport | null {
    if (this.#open === null || this.#originUs === null || this.#newest === null) return null;
    const { stepNumber, startUs, startNetChargeNc } = this.#open.began;
    const { timeUs, voltageNv, currentPa, netChargeNc } = this.#newest;
    return {
      ...{ type: 'stepEnded', stepNumber, nodeId: 0, reason: 'device-reset', startNetChargeNc, lastN },
      startUs: startUs + this.#originUs,
      endUs: timeUs + this.#originUs,
      endNetChargeNc: netChargeNc,
      ...{ voltageNv, currentPa, nextNodeId: 0, isReplay: false },
    };
  }

  /** The run ends: a half-cycle that was cut off does not go on any more. */
  close(): void {
    const row = this.#halfCycles.close();
    if (row !== null) this.#tell(row);
  }

  #seqOf(deviceN: number): number {
    return deviceN - this.#options.originN + FIRST_SEQ;
  }

  #begin(report: SequencedSamples, step: Step, firstSeq: number): void {
    const isFirst = (valueAt(report.flags, 0) & FIRST_OF_STEP) !== 0;
    // Its first samples are lost: it is left out of means. Where the device went on by itself, its start is
    // known.
    if (!isFirst) this.#isInterrupted = true;
    const before = !isFirst && this.#hasGoneOn ? this.#lastEnded : null;
    // The first sample of a step is taken one tick after its start (GVN1 6.2), where the report says nothing
    // else.
    const deviceUs = report.stepStartUs ?? valueAt(report.timeUs, 0) - this.#options.tickUs;
    this.#originUs ??= deviceUs;
    const startUs = before?.endUs ?? deviceUs - this.#originUs;
    const began = { stepNumber: report.stepNumber, startUs, step };
    this.#openStep({ ...began, firstSeq: before === null ? firstSeq : before.lastSeq + 1 });
  }

  #openStep(fields: Omit<StepBegan, 'startNetChargeNc'>): void {
    const began = { ...fields, startNetChargeNc: this.#lastEnded?.endNetChargeNc ?? 0 };
    const collector = this.#halfCycles.collectorOf(began);
    this.#open = { began, collector };
    this.#options.journal.stepBegan(began);
    this.#options.feed.stepBegan(began);
  }

  #tell(row: HalfCycle): HalfCycle {
    this.#options.journal.halfCycle(row);
    this.#options.feed.halfCycle(row);
    return row;
  }

  #current(): OpenStep {
    assert(this.#open !== null, 'a step is open');
    return this.#open;
  }
}
