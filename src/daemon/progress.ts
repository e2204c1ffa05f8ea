// Where a run's program stands: the step that runs, and, once the program has ended, how. Keeps to the
// device: what it went on with by itself is recorded as that, also when the end before it was the program's
// last. Never talks to the device and never writes.
import { assert } from '../base/assert.ts';
import type { StepEndReport } from '../device/cycler.ts';
import type { RunOutcome, Runner, RunnerState } from '../steps/runner.ts';
import { isProgramEnd, type Step } from '../steps/step.ts';

export class Progress {
  readonly #runner: Runner;
  #state: RunnerState;
  #outcome: RunOutcome | null = null;

  constructor(runner: Runner) {
    this.#runner = runner;
    this.#state = runner.start();
  }

  get state(): RunnerState {
    return this.#state;
  }

  /** How the program has ended; null while it goes on. */
  get outcome(): RunOutcome | null {
    return this.#outcome;
  }

  /** The step that runs, or must. */
  step(): Step {
    const step = this.#runner.desiredStep(this.#state);
    assert(step !== null, 'the program has a current step');
    return step;
  }

  stepEnded(report: StepEndReport): void {
    const { reason } = report;
    // A step that was cut off: the program stays where it is, one executed step further.
    if (!isProgramEnd(reason)) {
      this.#state = { ...this.#state, stepNumber: this.#state.stepNumber + 1 };
      return;
    }
    const { voltageNv, currentPa, startNetChargeNc, endNetChargeNc, nextNodeId } = report;
    const chargeNc = Math.abs(endNetChargeNc - startNetChargeNc);
    const event = { type: 'step.ended', reason, voltageNv, currentPa, chargeNc } as const;
    const next = this.#runner.advance(this.#state, event);
    const hasEnded = this.#runner.desiredStep(next) === null;
    if (hasEnded) this.#outcome ??= this.#runner.outcome(next);
    // The device had started the next step before anybody could judge the values of this one.
    const hasGoneOn = hasEnded && nextNodeId !== 0;
    this.#state = hasGoneOn ? this.#runner.advanceAsForeseen(this.#state, reason) : next;
  }
}
