// Where a run's program stands: the step that runs, what of it an outage has left to do, what the operator
// wants of it, and, once it has ended, how. Keeps to the device: what it went on with by itself is recorded
// as that, also when the end before it was the program's last. Never talks to the device and never writes.
import { assert } from '../base/assert.ts';
import type { StepEndReport } from '../device/cycler.ts';
import { carriedOver, isChangePoint, whyNotCarried } from '../steps/change-program.ts';
import type { StepEndedEvent } from '../steps/machine.ts';
import { OUTAGE_CHECK } from './outage-check.ts';
import { PlannedHold } from './planned-hold.ts';
import type { GivenParameters } from './parameter-change.ts';
import {
  type AppliedChange,
  type EndValues,
  finished,
  type PersistedChange,
  type PersistedProgress,
  skippedForGood,
} from './program-orders.ts';
import { cycleText, endsCycle, isRestOutsideCycles } from '../steps/cycle-end.ts';
import {
  endOfWhole,
  type ExecutedPart,
  type LastStep,
  NOTHING_EXECUTED,
  remainderOf,
} from '../steps/remainder.ts';
import type { Outcome } from '../steps/protocol.ts';
import { endOfSkipped } from '../steps/skip.ts';
import type { LookAheadBudget, RunOutcome, Runner, RunnerState } from '../steps/runner.ts';
import { isProgramEnd, type LookAheadTree, type Step } from '../steps/step.ts';

export class Progress {
  #runner: Runner;
  #state: RunnerState;
  #outcome: RunOutcome | null = null;
  #executed: ExecutedPart = NOTHING_EXECUTED;
  #last: LastStep = { chargeNc: 0, isKnownToDevice: true };
  #isChecking = false;
  /** The hold before the wanted step, where the program has one. */
  readonly planned: PlannedHold;
  #finish: string | null = null;
  #skip: number | null = null;
  #parameters: GivenParameters | null = null;
  #change: (PersistedChange & { readonly runner: Runner }) | null = null;
  #applied: AppliedChange | null = null;
  /** Of `step()`, which is asked with every report. */
  #step: Step | null;

  /** `changed`: the program of the change that waits, where one does. */
  constructor(runner: Runner, persisted: PersistedProgress | null = null, changed: Runner | null = null) {
    this.#runner = runner;
    this.#state = persisted === null ? runner.start() : runner.restore(persisted.runner);
    if (persisted !== null) {
      [this.#outcome, this.#executed] = [persisted.outcome, persisted.executed];
      [this.#last, this.#isChecking] = [persisted.last, persisted.isChecking];
      [this.#finish, this.#skip, this.#parameters] = [persisted.finish, persisted.skip, persisted.parameters];
      const { change } = persisted;
      this.#change = change === null || changed === null ? null : { ...change, runner: changed };
    }
    this.planned = new PlannedHold(persisted?.hold ?? 'due');
    this.#step = this.#wantedStep();
  }

  get state(): RunnerState {
    return this.#state;
  }

  /** How the program has ended; null while it goes on. */
  get outcome(): RunOutcome | null {
    if (this.#outcome !== null || this.#finish === null) return this.#outcome;
    const step = this.programStep();
    return isRestOutsideCycles(step) ? finished(this.#finish, `in ${step.programStep}`) : null;
  }

  /** Whether the run is to end with the present cycle. */
  get isToFinish(): boolean {
    return this.#finish !== null;
  }

  /** To end with the present cycle; outside cycles with the step, a rest at once. */
  finish(reason: string): void {
    this.#finish = reason;
  }

  /** What the program goes by now, and from the next cycle on; as given. */
  parameters(begun: GivenParameters): {
    readonly inForce: GivenParameters;
    readonly waiting: GivenParameters;
  } {
    const inForce = this.#parameters ?? begun;
    return { inForce, waiting: this.#change?.parameters ?? inForce };
  }

  /** From the end of the present cycle on the program goes by `runner`; in words why not, null: it will. */
  change(runner: Runner, change: PersistedChange): string | null {
    const why = whyNotCarried(this.#runner, runner, this.#state);
    if (why === null) this.#change = { ...change, runner };
    return why;
  }

  /** The change that took effect since it was asked last; null: none. */
  takeApplied(): AppliedChange | null {
    const applied = this.#applied;
    this.#applied = null;
    return applied;
  }

  /** Whether the program would go on from an end of the step here and now. */
  maySkip({ chargeNc, ...values }: EndValues): boolean {
    const whole = { ...values, chargeNc: chargeNc + this.#executed.chargeNc };
    return endOfSkipped(this.#runner, this.#state, { step: this.programStep(), values: whole }) !== null;
  }

  /** Whether the step is being ended to be skipped. */
  get isSkipping(): boolean {
    return this.#skip !== null;
  }

  /** The next `off` that ends this very step was meant to skip it. */
  skip(): void {
    this.#skip = this.#state.stepNumber;
  }

  /** The device still runs the step: what should have ended it did not come to it. */
  notSkipped(): void {
    this.#skip = null;
  }

  /** The end as it was meant. A step that came to its own end before the `off` was not skipped. */
  asOrdered(report: StepEndReport): StepEndReport {
    if (this.#skip === null) return report;
    const isSkipped = report.stepNumber === this.#skip && report.reason === 'off';
    if (report.stepNumber >= this.#skip) this.#skip = null;
    return isSkipped ? { ...report, reason: 'skipped' } : report;
  }

  /** The steps that may come next, as they must be loaded. */
  lookAhead(budget: Omit<LookAheadBudget, 'rootStep' | 'isOpenEnd'>): {
    readonly tree: LookAheadTree;
    readonly nextId: number;
  } {
    const end = this.#finish === null && this.#change === null ? {} : { isOpenEnd: endsCycle };
    return this.#runner.lookAhead(this.#state, { ...budget, rootStep: this.step(), ...end });
  }

  /** What a voltage beyond the limits says of a cell that is still in pre-flight; null after it. */
  get refusal(): Outcome | null {
    return this.#runner.voltageRefusal(this.#state);
  }

  /** Whether the step of the program was cut off. */
  get isCut(): boolean {
    return this.#executed.elapsedUs > 0;
  }

  /** The rest before current flows again. */
  get isChecking(): boolean {
    return this.#isChecking;
  }

  /** Nothing may be loaded: the program holds before the wanted step, and nobody has let it go on. */
  get isHoldDue(): boolean {
    return this.planned.isDue(this.#holdReason);
  }

  /** The run holds for the program now; why. */
  hold(): string {
    return this.planned.hold(this.#holdReason);
  }

  get #holdReason(): string | null {
    return this.#runner.desiredStep(this.#state)?.holdReason ?? null;
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
      ...this.planned.persist(),
      finish: this.#finish,
      skip: this.#skip,
      parameters: this.#parameters,
      change:
        this.#change === null ? null : { parameters: this.#change.parameters, changes: this.#change.changes },
    };
  }

  stepEnded(report: StepEndReport): void {
    if (this.#isChecking) this.#checked();
    else if (isProgramEnd(report.reason))
      this.#advance(report, endOfWhole(this.programStep(), report.reason));
    else if (report.reason === 'skipped') this.#skipped(report);
    else this.#cutOff(report);
    this.#step = this.#wantedStep();
  }

  /**
   * The run goes on after an outage: before current flows a rest comes first, then what is left of the step.
   * The cell was open for `openUs`: a rest has had that time too, unless the run held for it: that one begins
   * when it is loaded. `fromItsStart`: the step anew, where no charge has flowed in it.
   */
  goOn({ openUs, fromItsStart }: { readonly openUs: number; readonly fromItsStart: boolean }): void {
    const { chargeNc, elapsedUs } = this.#executed;
    const { holdReason, mode } = this.programStep();
    const isRest = mode.kind === 'rest';
    const hasBegun = holdReason === undefined || this.isCut;
    this.#isChecking = !isRest;
    this.#last = { ...this.#last, isKnownToDevice: false };
    if (isRest && hasBegun) this.#executed = { chargeNc, elapsedUs: elapsedUs + openUs };
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

  /** A change that waits takes effect here, unless the device has begun the next cycle without it. */
  #following(event: StepEndedEvent, hasGoneOn: boolean): RunnerState {
    const [from, change, end] = [this.#runner, this.#change, { before: this.#state, event }];
    if (change === null || hasGoneOn || !isChangePoint(from, end)) return from.advance(this.#state, event);
    [this.#runner, this.#parameters, this.#change] = [change.runner, change.parameters, null];
    const next = carriedOver(from, change.runner, end);
    this.#applied = { changes: change.changes, cycle: change.runner.desiredStep(next)?.cycle ?? 0 };
    return next;
  }

  #skipped(report: StepEndReport): void {
    const step = this.programStep();
    const { voltageNv, currentPa, startNetChargeNc, endNetChargeNc } = report;
    const chargeNc = this.#executed.chargeNc + Math.abs(endNetChargeNc - startNetChargeNc);
    const values = { voltageNv, currentPa, chargeNc };
    const end = endOfSkipped(this.#runner, this.#state, { step, values });
    if (end === null) this.#outcome ??= skippedForGood(step);
    this.#advance(report, end ?? 'duration');
    // Whatever the instrument takes for its own step before.
    this.#last = { ...this.#last, isKnownToDevice: false };
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
    const ended = this.programStep();
    if (ended.mode.kind === 'cc') this.#last = { chargeNc, isKnownToDevice: isWhole };
    this.#executed = NOTHING_EXECUTED;
    this.planned.stepEnded();
    const event = { type: 'step.ended', reason, voltageNv, currentPa, chargeNc } as const;
    const next = this.#following(event, nextNodeId !== 0);
    const step = this.#runner.desiredStep(next);
    const hasEnded = step === null;
    // What the program itself comes to goes before the wish of the operator.
    if (hasEnded) this.#outcome ??= this.#runner.outcome(next);
    else if (this.#finish !== null && endsCycle(ended, step))
      this.#outcome ??= finished(this.#finish, `after ${cycleText(ended)}`);
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
