// The recorder: turns ordered device reports into rows: samples, steps, half-cycles, gaps; and tells the live
// feed. Device time in, run time out. Never decides anything about the cell.
import { assert } from '../base/assert.ts';
import { HalfCycleCollector } from '../analysis/half-cycle-features.ts';
import type { ImpedanceReport, StepEndReport } from '../device/cycler.ts';
import type { SequencedSamples } from '../samples/report-sequencer.ts';
import { isProgramEnd, type Step } from '../steps/step.ts';
import {
  FIRST_SEQ,
  type HalfCycle,
  type SampleGap,
  type StepBegan,
  type StepEnded,
} from '../store/run-store.ts';
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
}

/** Flag of the first sample of a step. */
const FIRST_OF_STEP = 1;

export class Recorder {
  readonly #options: RecorderOptions;
  /** Device time of the run's zero: the start of its first step. */
  #originUs: number | null = null;
  #open: { readonly began: StepBegan; readonly collector: HalfCycleCollector | null } | null = null;
  #netChargeNc = 0;
  #halfCycles = 0;
  #isInterrupted = false;
  /** Number of the last sample of the step that ended last. */
  #endedSeq = FIRST_SEQ - 1;
  #newestUs: number | null = null;
  /** Start of the step that the device went on with by itself. */
  #chained: { readonly startUs: number; readonly firstSeq: number } | null = null;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Run time of the newest sample; null before the first. */
  get newestUs(): number | null {
    return this.#newestUs;
  }

  /** Device time to run time; null before the first sample. */
  runTimeUs(deviceUs: number): number | null {
    return this.#originUs === null ? null : deviceUs - this.#originUs;
  }

  /** Marks the half-cycle under way as interrupted: it is left out of means and baselines. */
  interrupt(): void {
    this.#isInterrupted = true;
  }

  samples(report: SequencedSamples, step: Step): void {
    const firstSeq = this.#seqOf(report.firstN);
    if (this.#open === null) this.#begin(report, step, firstSeq);
    const { began, collector } = this.#current();
    assert(began.stepNumber === report.stepNumber, 'a sample belongs to the step that is open');
    const originUs = this.#originUs ?? 0;
    const { journal, feed } = this.#options;
    for (let index = 0; index < report.timeUs.length; index += 1) {
      const voltageNv = at(report.voltageNv, index);
      const netChargeNc = at(report.netChargeNc, index);
      collector?.add(voltageNv, netChargeNc);
      journal.sample({
        seq: firstSeq + index,
        timeUs: at(report.timeUs, index) - originUs,
        voltageNv,
        currentPa: at(report.currentPa, index),
        netChargeNc,
        step: report.stepNumber,
        flags: at(report.flags, index),
      });
    }
    this.#newestUs = at(report.timeUs, report.timeUs.length - 1) - originUs;
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
        firstSeq: this.#endedSeq + 1,
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
    const halfCycle = collector === null ? null : this.#endHalfCycle(began, row, collector, report);
    this.#open = null;
    this.#isInterrupted = false;
    const hasGoneOn = report.nextNodeId !== 0;
    this.#chained = hasGoneOn ? { startUs: report.endUs, firstSeq: this.#seqOf(report.lastN + 1) } : null;
    this.#netChargeNc = report.endNetChargeNc;
    this.#endedSeq = row.lastSeq;
    return halfCycle;
  }

  #seqOf(deviceN: number): number {
    return deviceN - this.#options.originN + FIRST_SEQ;
  }

  #begin(report: SequencedSamples, step: Step, firstSeq: number): void {
    const isFirst = (at(report.flags, 0) & FIRST_OF_STEP) !== 0;
    // Its first samples are lost: it is left out of means. Where the device went on by itself, its start is
    // known.
    if (!isFirst) this.#isInterrupted = true;
    const chained = isFirst ? null : this.#chained;
    // The first sample of a step is taken one tick after its start (GVN1 6.2), where the report says nothing
    // else.
    const startUs = chained?.startUs ?? report.stepStartUs ?? at(report.timeUs, 0) - this.#options.tickUs;
    this.#originUs ??= startUs;
    const began = { stepNumber: report.stepNumber, startUs: startUs - this.#originUs, step };
    this.#openStep({ ...began, firstSeq: chained?.firstSeq ?? firstSeq });
  }

  #openStep(fields: Omit<StepBegan, 'startNetChargeNc'>): void {
    const began = { ...fields, startNetChargeNc: this.#netChargeNc };
    const { step } = fields;
    const isHalfCycle = step.half !== null && step.mode.kind === 'cc';
    const collector = isHalfCycle
      ? new HalfCycleCollector({ currentPa: step.mode.currentPa, startNetChargeNc: this.#netChargeNc })
      : null;
    this.#open = { began, collector };
    this.#options.journal.stepBegan(began);
    this.#options.feed.stepBegan(began);
  }

  #endHalfCycle(
    began: StepBegan,
    ended: StepEnded,
    collector: HalfCycleCollector,
    report: StepEndReport,
  ): HalfCycle {
    const { step } = began;
    const chargeNc = Math.abs(report.endNetChargeNc - report.startNetChargeNc);
    this.#halfCycles += 1;
    const row: HalfCycle = {
      number: this.#halfCycles,
      cycle: step.cycle,
      phase: step.phase,
      half: step.half ?? 'plate',
      stepNumber: began.stepNumber,
      startUs: began.startUs,
      endUs: ended.endUs,
      chargeNc,
      endNetChargeNc: ended.endNetChargeNc,
      reason: ended.reason,
      ...collector.features(chargeNc),
      isInterrupted: this.#isInterrupted || !isProgramEnd(ended.reason),
    };
    this.#options.journal.halfCycle(row);
    this.#options.feed.halfCycle(row);
    return row;
  }

  #current(): { readonly began: StepBegan; readonly collector: HalfCycleCollector | null } {
    assert(this.#open !== null, 'a step is open');
    return this.#open;
  }
}

function at(column: readonly number[], index: number): number {
  const value = column[index];
  assert(value !== undefined, 'columns of a report have equal length');
  return value;
}
