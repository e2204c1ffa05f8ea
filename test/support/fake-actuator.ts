// An instrument without a step engine, as its driver would offer it to a hosted channel: ideal timing in
// virtual time, a voltage and a current of the test's choice. No dialect, no link: tests of the engine alone.
import type { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { Timer } from '../../src/base/clock.ts';
import type { Done, RunSetup } from '../../src/device/cycler.ts';
import { ChannelClock } from '../../src/device/hosted/channel-clock.ts';
import type {
  PlannedStep,
  StepActuator,
  StepListener,
  StepPlan,
} from '../../src/device/hosted/step-actuator.ts';

export interface FakeActuatorOptions {
  readonly clock: VirtualClock;
  readonly listener: StepListener;
  /** Goes on with the next step of a plan by itself. */
  readonly goesOn?: boolean;
  /** Of this step at this time since its start. */
  readonly voltageNv?: (planned: PlannedStep, sinceUs: number) => number;
  /** What flows, over what was set. */
  readonly ratio?: number;
  /** What flows under a held voltage, at this time since the start of the step. */
  readonly heldPa?: (sinceUs: number) => number;
  /** Between the order and the beginning of a step. */
  readonly startMs?: number;
}

export class FakeActuator implements StepActuator {
  readonly #options: FakeActuatorOptions;
  readonly #channelClock: ChannelClock;
  /** What it was told, in order. */
  readonly told: string[] = [];
  readonly plans: StepPlan[] = [];
  isCellOn = false;
  #timer: Timer | null = null;
  /** Counts what it was told to do: what was planned under an earlier order does not happen. */
  #order = 0;
  /** The next `begin` is refused with this. */
  refusal: string | null = null;
  /** Does not end a step by itself. */
  isStuck = false;

  constructor(options: FakeActuatorOptions) {
    this.#options = options;
    this.#channelClock = new ChannelClock({ clock: options.clock, timeScale: 1 });
  }

  nowUs(): number {
    return this.#channelClock.nowUs();
  }

  prepare({ rangeIndex }: RunSetup, done: Done<null>): void {
    this.told.push(`prepare range ${rangeIndex}`);
    done({ ok: true, value: null });
  }

  begin(plan: StepPlan, done: Done<null>): void {
    const order = this.#newOrder();
    this.plans.push(plan);
    this.told.push(`begin ${plan.steps.map(({ stepNumber }) => stepNumber).join('+')}`);
    const { refusal } = this;
    if (refusal !== null) {
      this.refusal = null;
      return done({ ok: false, reason: 'refused', detail: refusal });
    }
    const { clock, startMs = 0 } = this.#options;
    this.#timer = clock.after(startMs, () => {
      done({ ok: true, value: null });
      if (order === this.#order) this.#run(plan, 0);
    });
  }

  off(done: Done<{ readonly openUs: number }>): void {
    this.told.push('off');
    this.#newOrder();
    done({ ok: true, value: { openUs: this.nowUs() } });
  }

  /** The line is cut: it goes on unheard, and is open when the link is back. */
  vanish(): void {
    this.#newOrder();
  }

  /** Whatever ran does not any more. */
  #newOrder(): number {
    this.#timer?.cancel();
    this.isCellOn = false;
    this.#order += 1;
    return this.#order;
  }

  #run(plan: StepPlan, index: number): void {
    const planned = plan.steps[index];
    if (planned === undefined) return;
    this.isCellOn = planned.step.mode.kind !== 'rest';
    this.#options.listener.began(planned.stepNumber, this.#channelClock.stepStarts());
    this.#next(plan, index, 0);
  }

  #next(plan: StepPlan, index: number, sinceUs: number): void {
    const planned = plan.steps[index];
    if (planned === undefined) return;
    const order = this.#order;
    const { burst } = planned;
    const isBurst = burst !== undefined && sinceUs + burst.everyUs <= burst.forUs;
    const dueUs = sinceUs + (isBurst ? burst.everyUs : planned.readingEveryUs);
    const nextUs = this.isStuck ? dueUs : Math.min(planned.durationUs, dueUs);
    this.#timer = this.#options.clock.after((nextUs - sinceUs) / 1000, () => {
      this.#read(planned, nextUs);
      // What was read may have brought other orders.
      if (order !== this.#order) return;
      if (nextUs === planned.durationUs && !this.isStuck) this.#end(plan, index, nextUs);
      else this.#next(plan, index, nextUs);
    });
  }

  #read(planned: PlannedStep, sinceUs: number): void {
    const { listener, ratio = 1, voltageNv = () => 40_000_000, heldPa = () => 0 } = this.#options;
    const { mode } = planned.step;
    const setPa = mode.kind === 'cc' ? Math.round(mode.currentPa * ratio) : 0;
    listener.reading({
      timeUs: this.#channelClock.at(sinceUs),
      voltageNv: voltageNv(planned, sinceUs),
      currentPa: mode.kind === 'cv' ? heldPa(sinceUs) : setPa,
      flags: 0,
    });
  }

  #end(plan: StepPlan, index: number, sinceUs: number): void {
    const planned = plan.steps[index];
    if (planned === undefined) return;
    const { goesOn = false, listener } = this.#options;
    const hasGoneOn = goesOn && index + 1 < plan.steps.length;
    if (!hasGoneOn) this.isCellOn = false;
    const endUs = this.#channelClock.at(sinceUs);
    listener.ended({ reason: planned.timedEnd, endUs, hasGoneOn });
    if (hasGoneOn) this.#run(plan, index + 1);
  }
}
