// Half-cycles as rows: one for each plate and each strip, at its end. One that an outage cut off and that
// goes on later is still one, from the start of its first part to the end of its last, and marked as
// interrupted.
import { HalfCycleCollector } from '../analysis/half-cycle-features.ts';
import { isProgramEnd, type Step } from '../steps/step.ts';
import type { HalfCycle, StepBegan, StepEnded } from '../store/run-store.ts';

/** A half-cycle that ended or was cut off: its first part began so, its latest part ended so. */
export interface CutHalfCycle {
  readonly began: StepBegan;
  readonly collector: HalfCycleCollector;
  readonly ended: StepEnded;
}

export class HalfCycleBook {
  /** Rows so far. */
  #count: number;
  #cut: CutHalfCycle | null;
  /** The cell has rested unasked since the row before. */
  #isAfterOutage: boolean;

  constructor(count: number, cut: CutHalfCycle | null, isAfterOutage = false) {
    [this.#count, this.#cut, this.#isAfterOutage] = [count, cut, isAfterOutage];
  }

  get isAfterOutage(): boolean {
    return this.#isAfterOutage;
  }

  /** The half-cycle that goes on, or comes next, is not what it would have been. */
  outage(): void {
    this.#isAfterOutage = true;
  }

  /** First step of the half-cycle that was cut off and has no row yet; null: none. */
  get cutFromStep(): number | null {
    return this.#cut?.began.stepNumber ?? null;
  }

  /** What collects the samples of a step that begins; null where it is no half-cycle. */
  collectorOf({ step, startNetChargeNc }: StepBegan): HalfCycleCollector | null {
    const { half, mode } = step;
    if (half === null || mode.kind !== 'cc') return null;
    const cut = this.#cut;
    if (cut !== null && isSame(cut.began.step, step)) return cut.collector;
    return new HalfCycleCollector({ currentPa: mode.currentPa, startNetChargeNc });
  }

  /** The row of a half-cycle that is over; null where it was cut off, for it may go on. */
  ended(part: CutHalfCycle, isInterrupted: boolean): HalfCycle | null {
    const cut = this.#cut;
    const whole = cut === null ? part : { ...part, began: cut.began };
    const { reason } = part.ended;
    const isSkipped = reason === 'skipped';
    this.#cut = isProgramEnd(reason) || isSkipped ? null : whole;
    const isMarked = isInterrupted || isSkipped || this.#isAfterOutage || cut !== null;
    return this.#cut === null ? this.#row(whole, isMarked) : null;
  }

  /** The run ends: what was cut off does not go on any more. */
  close(): HalfCycle | null {
    const cut = this.#cut;
    this.#cut = null;
    return cut === null ? null : this.#row(cut, true);
  }

  #row({ began, collector, ended }: CutHalfCycle, isInterrupted: boolean): HalfCycle {
    const { step } = began;
    const chargeNc = Math.abs(ended.endNetChargeNc - began.startNetChargeNc);
    this.#count += 1;
    // Behind a skipped half-cycle the next one begins elsewhere than it would have.
    this.#isAfterOutage = ended.reason === 'skipped';
    return {
      number: this.#count,
      cycle: step.cycle,
      phase: step.phase,
      half: step.half ?? 'plate',
      stepNumber: ended.stepNumber,
      startUs: began.startUs,
      endUs: ended.endUs,
      chargeNc,
      endNetChargeNc: ended.endNetChargeNc,
      reason: ended.reason,
      ...collector.features(chargeNc),
      isInterrupted,
    };
  }
}

function isSame(a: Step, b: Step): boolean {
  return a.programStep === b.programStep && a.cycle === b.cycle;
}
