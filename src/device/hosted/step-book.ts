// The books of a hosted channel: numbers of samples and steps, the net charge, what was reported and is kept
// for whoever asks again. Written by the channel alone; decides nothing.
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { EndReason, TreeNode } from '../../steps/step.ts';
import type { DeviceReport } from '../cycler.ts';
import { ReportRing } from './report-ring.ts';
import type { Reading } from './step-actuator.ts';
import { CurrentRatio, SAMPLE_BITS, stepEndOf } from './step-records.ts';
import type { PlanBasis } from './step-plan.ts';
import type { StepWatch } from './step-watch.ts';

export interface BookedEnd {
  readonly node: TreeNode;
  readonly watch: StepWatch | null;
  readonly startUs: number;
  readonly endUs: number;
  readonly reason: EndReason;
  readonly next: TreeNode | null;
}

export class StepBook {
  readonly ring = new ReportRing();
  readonly #clock: Clock;
  readonly #ratio = new CurrentRatio();
  readonly #readingEveryMaxUs: number;
  /** Who is told; null while nobody is, or while nothing is told unasked. */
  receive: ((report: DeviceReport) => void) | null = null;
  livePeriodMs = 0;
  #liveAtMs = Number.NEGATIVE_INFINITY;
  #endedStepNumber = 0;
  #endedUs = Number.NEGATIVE_INFINITY;
  #netChargeNc = 0;
  #lastStepNc = 0;

  constructor(clock: Clock, readingEveryMaxUs: number) {
    this.#clock = clock;
    this.#readingEveryMaxUs = readingEveryMaxUs;
  }

  get endedStepNumber(): number {
    return this.#endedStepNumber;
  }

  get netChargeNc(): number {
    return this.#netChargeNc;
  }

  /** Nothing of a step is before the end of the one before it, µs. */
  get endedUs(): number {
    return this.#endedUs;
  }

  /** What the next step is planned by. */
  get basis(): PlanBasis {
    return {
      netChargeNc: this.#netChargeNc,
      lastStepNc: this.#lastStepNc,
      ratioOf: (currentPa) => this.#ratio.of(currentPa),
      readingEveryMaxUs: this.#readingEveryMaxUs,
    };
  }

  /** The same at the end of a step that still runs; null: nothing runs. */
  basisAfter(watch: StepWatch | null): PlanBasis {
    if (watch === null) return this.basis;
    const { netChargeNc } = watch;
    const lastStepNc = Math.abs(netChargeNc - this.#netChargeNc);
    return { ...this.basis, netChargeNc, lastStepNc };
  }

  /** A run begins: counters from zero; the numbers of samples go on. */
  openRun(): void {
    this.ring.forget();
    this.#ratio.forget();
    [this.#endedStepNumber, this.#netChargeNc, this.#lastStepNc] = [0, 0, 0];
  }

  /** The latest reading of a step becomes a sample. */
  record(watch: StepWatch, bits: number): void {
    const { last, netChargeNc, planned, startUs } = watch;
    assert(last !== null, 'only a reading is recorded');
    const report = {
      type: 'samples',
      firstN: this.ring.nextN,
      stepNumber: planned.stepNumber,
      stepStartUs: startUs,
      timeUs: [last.timeUs],
      voltageNv: [last.voltageNv],
      currentPa: [last.currentPa],
      netChargeNc: [netChargeNc],
      flags: [last.flags | bits],
      isReplay: false,
    } as const;
    this.ring.pushSample(report);
    this.#liveAtMs = this.#clock.nowMs();
    this.receive?.(report);
  }

  /** A reading that is not recorded, for host limits and display, as often as was asked for. */
  reportLive({ planned, netChargeNc }: StepWatch, { timeUs, voltageNv, currentPa }: Reading): void {
    const nowMs = this.#clock.nowMs();
    if (this.livePeriodMs === 0 || nowMs - this.#liveAtMs < this.livePeriodMs) return;
    this.#liveAtMs = nowMs;
    const { stepNumber } = planned;
    this.receive?.({ type: 'live', stepNumber, timeUs, voltageNv, currentPa, netChargeNc });
  }

  /** Counters first, then `prepareNext`, then the report: whoever hears of the end finds what follows it. */
  finish({ node, watch, ...end }: BookedEnd, prepareNext: () => void): void {
    const { startUs } = end;
    const endUs = Math.max(startUs, end.endUs, watch?.last?.timeUs ?? startUs);
    this.#endedUs = endUs;
    const hasMore = watch !== null && watch.last !== null && !watch.isLastRecorded;
    if (hasMore) this.record(watch, SAMPLE_BITS.isLast);
    const startNetChargeNc = this.#netChargeNc;
    const endNetChargeNc = watch?.finish(endUs) ?? startNetChargeNc;
    const stepNc = Math.abs(endNetChargeNc - startNetChargeNc);
    if (watch !== null) {
      this.#netChargeNc = endNetChargeNc;
      if (node.step.mode.kind === 'cc') this.#lastStepNc = stepNc;
      this.#ratio.learn(watch, { stepNc, durationUs: endUs - startUs });
    }
    this.#endedStepNumber = node.stepNumber;
    prepareNext();
    const lastN = this.ring.nextN - 1;
    const charge = { startNetChargeNc, endNetChargeNc };
    const report = stepEndOf({ node, watch, startUs, lastN, charge, end: { ...end, endUs } });
    this.ring.pushEnd(report);
    this.receive?.(report);
  }
}
