// Where a run's program stands: the step that runs, what of it an outage has left to do, and, once the
// program has ended, how. Keeps to the device: what it went on with by itself is recorded as that, also when
// the end before it was the program's last. Never talks to the device and never writes.
import { assert } from '../base/assert.ts';
import type { StepEndReport } from '../device/cycler.ts';
import {
  endOfWhole,
  type ExecutedPart,
  type LastStep,
  NOTHING_EXECUTED,
  remainderOf,
} from '../steps/remainder.ts';
import type { Outcome } from '../steps/protocol.ts';
import type { RunOutcome, Runner, RunnerState } from '../steps/runner.ts';
import { isProgramEnd, NO_LIMITS, type Step } from '../steps/step.ts';

/** As stored in the checkpoint; `runner` by the runner itself. */
export interface PersistedProgress {
  readonly runner: Readonly<Record<string, unknown>>;
  readonly outcome: RunOutcome | null;
  readonly executed: ExecutedPart;
  readonly last: LastStep;
  readonly isChecking: boolean;
}

const CHECK_US = 2_000_000;

/** A rest before current flows again: what the cell has become, and whether it is there. */
export const OUTAGE_CHECK: Step = {
  programStep: 'outage-check',
  phase: 'rest',
  cycle: 0,
  half: null,
  completesCycle: false,
  mode: { kind: 'rest' },
  durationMaxUs: CHECK_US,
  durationExpectedUs: CHECK_US,
  limits: NO_LIMITS,
  record: { everyUs: 200_000, voltageDeltaNv: null, currentDeltaPa: null },
  allowsLookAhead: false,
};

export class Progress {
  readonly #runner: Runner;
  #state: RunnerState;
  #outcome: RunOutcome | null = null;
  #executed: ExecutedPart = NOTHING_EXECUTED;
  #last: LastStep = { chargeNc: 0, isKnownToDevice: true };
  #isChecking = false;
  /** Of `step()`, which is asked with every report. */
  #step: Step | null;

  constructor(runner: Runner, persisted: PersistedProgress | null = null) {
    this.#runner = runner;
    this.#state = persisted === null ? runner.start() : runner.restore(persisted.runner);
    if (persisted !== null) {
      this.#outcome = persisted.outcome;
      this.#executed = persisted.executed;
      this.#last = persisted.last;
      this.#isChecking = persisted.isChecking;
    }
    this.#step = this.#wantedStep();
  }

  get state(): RunnerState {
    return this.#state;
  }

  /** How the program has ended; null while it goes on. */
  get outcome(): RunOutcome | null {
    return this.#outcome;
  }

  /** What a voltage beyond the limits says of a cell that is still in pre-flight; null after it. */
  get refusal(): Outcome | null {
    return this.#runner.voltageRefusal(this.#state);
  }

  /** Whether the program is in the middle of a step that was cut off. */
  get isCut(): boolean {
    return this.#executed.elapsedUs > 0;
  }

  /** The rest before current flows again is under way. */
  get isChecking(): boolean {
    return this.#isChecking;
  }

  /** The step of the program, whole. */
  programStep(): Step {
    const step = this.#runner.desiredStep(this.#state);
    assert(step !== null, 'the program has a current step');
    return step;
  }

  /** The step that runs, or must. */
  step(): Step {
    assert(this.#step !== null, 'the program has a current step');
    return this.#step;
  }

  persist(): PersistedProgress {
    return {
      runner: this.#runner.persist(this.#state),
      outcome: this.#outcome,
      executed: this.#executed,
      last: this.#last,
      isChecking: this.#isChecking,
    };
  }

  stepEnded(report: StepEndReport): void {
    if (this.#isChecking) this.#checked();
    else if (isProgramEnd(report.reason))
      this.#advance(report, endOfWhole(this.programStep(), report.reason));
    else this.#cutOff(report);
    this.#step = this.#wantedStep();
  }

  /**
   * The run goes on after an outage: before current flows a rest comes first, then what is left of the step.
   * The cell was open for `openUs`: a rest has had that time too. `fromItsStart`: the step anew, where no
   * charge has flowed in it.
   */
  goOn({ openUs, fromItsStart }: { readonly openUs: number; readonly fromItsStart: boolean }): void {
    const { chargeNc, elapsedUs } = this.#executed;
    const isRest = this.programStep().mode.kind === 'rest';
    this.#isChecking = !isRest;
    this.#last = { ...this.#last, isKnownToDevice: false };
    if (isRest) this.#executed = { chargeNc, elapsedUs: elapsedUs + openUs };
    if (fromItsStart && chargeNc === 0) this.#executed = NOTHING_EXECUTED;
    this.#step = this.#wantedStep();
  }

  /** A step that was cut off: the program stays where it is, one executed step further. */
  #cutOff({ startUs, endUs, ...report }: StepEndReport): void {
    const { chargeNc, elapsedUs } = this.#executed;
    this.#executed = {
      chargeNc: chargeNc + Math.abs(report.endNetChargeNc - report.startNetChargeNc),
      elapsedUs: elapsedUs + Math.max(0, endUs - startUs),
    };
    this.#countStep();
  }

  /** Also where it was cut off: the program is where it was before the check. */
  #checked(): void {
    this.#isChecking = false;
    this.#countStep();
  }

  #countStep(): void {
    this.#state = { ...this.#state, stepNumber: this.#state.stepNumber + 1 };
  }

  #advance(report: StepEndReport, reason: ReturnType<typeof endOfWhole>): void {
    const { voltageNv, currentPa, startNetChargeNc, endNetChargeNc, nextNodeId } = report;
    const part = this.#executed;
    const chargeNc = part.chargeNc + Math.abs(endNetChargeNc - startNetChargeNc);
    const isWhole = part.elapsedUs === 0;
    if (this.programStep().mode.kind === 'cc') this.#last = { chargeNc, isKnownToDevice: isWhole };
    this.#executed = NOTHING_EXECUTED;
    const event = { type: 'step.ended', reason, voltageNv, currentPa, chargeNc } as const;
    const next = this.#runner.advance(this.#state, event);
    const hasEnded = this.#runner.desiredStep(next) === null;
    if (hasEnded) this.#outcome ??= this.#runner.outcome(next);
    // The device had started the next step before anybody could judge the values of this one.
    const hasGoneOn = hasEnded && nextNodeId !== 0;
    this.#state = hasGoneOn ? this.#runner.advanceAsForeseen(this.#state, reason) : next;
  }

  #wantedStep(): Step | null {
    if (this.#isChecking) return OUTAGE_CHECK;
    const whole = this.#runner.desiredStep(this.#state);
    return whole === null ? null : remainderOf(whole, this.#executed, this.#last);
  }
}
