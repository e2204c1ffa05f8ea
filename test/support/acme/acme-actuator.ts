// One channel of an acme as the host's step engine moves it: the instrument stands at a current until it is
// told otherwise, so begin, readings and end of a step are orders by the host's clock.
// Must never let a step begin that an `off` has overtaken.
import type { Clock, Timer } from '../../../src/base/clock.ts';
import type { DeviceResult, Done, RunSetup } from '../../../src/device/cycler.ts';
import { ChannelClock } from '../../../src/device/hosted/channel-clock.ts';
import type {
  PlannedStep,
  StepActuator,
  StepListener,
  StepPlan,
} from '../../../src/device/hosted/step-actuator.ts';
import type { Link, LinkAnswer } from '../../../src/device/link-runner.ts';
import { currentCommand, MEASURE, OFF, parseMeasured, STOP } from './acme-language.ts';

export class AcmeActuator implements StepActuator {
  readonly #clock: Clock;
  readonly #link: Link<string>;
  readonly #listener: StepListener;
  readonly #time: ChannelClock;
  isCellOn = true;
  #timer: Timer | null = null;
  /** Counts what it was told to do: what was planned under an earlier order does not happen. */
  #order = 0;
  #requestId = 0;
  /** A `begin` that an `off` has overtaken fails when that is done: its step has ended as `off` by then. */
  #overtaken: Done<null>[] = [];

  constructor(clock: Clock, link: Link<string>, listener: StepListener) {
    [this.#clock, this.#link, this.#listener] = [clock, link, listener];
    this.#time = new ChannelClock({ clock, timeScale: 1 });
  }

  nowUs(): number {
    return this.#time.nowUs();
  }

  /** It has one range, and no limits to be set. */
  prepare(_setup: RunSetup, done: Done<null>): void {
    done({ ok: true, value: null });
  }

  begin({ steps: [planned] }: StepPlan, done: Done<null>): void {
    const order = this.#newOrder();
    const { mode } = planned.step;
    this.isCellOn = true;
    const command = mode.kind === 'cc' ? currentCommand(mode.currentPa) : OFF;
    this.#requestId = this.#link.request(command, (answer) => {
      if (order !== this.#order && isConnected(answer)) return void this.#overtaken.push(done);
      // A failed `begin` means: the cell is open, or the link is lost.
      if (!isTaken(answer)) return this.off((off) => done(off.ok ? failureOf(answer) : off));
      this.isCellOn = mode.kind === 'cc';
      done({ ok: true, value: null });
      if (order !== this.#order) return;
      const startUs = this.#time.stepStarts();
      this.#listener.began(planned.stepNumber, startUs);
      if (order === this.#order) this.#follow(planned, startUs + planned.durationUs);
    });
  }

  /** The stop byte opens the cell; that `off` is answered proves it. */
  off(done: Done<{ readonly openUs: number }>): void {
    this.#newOrder();
    this.#link.writeNow(STOP);
    this.#link.requestUrgently(OFF, (answer) => {
      if (isTaken(answer)) this.isCellOn = false;
      done(isTaken(answer) ? { ok: true, value: { openUs: this.nowUs() } } : failureOf(answer));
      for (const fail of this.#overtaken.splice(0)) fail(failureOf(answer));
    });
  }

  /** From the driver: whatever ran does not any more, or nobody hears of it. */
  lost(): void {
    this.#newOrder();
  }

  #newOrder(): number {
    this.#timer?.cancel();
    this.#link.withdraw(this.#requestId);
    this.#order += 1;
    return this.#order;
  }

  #follow(planned: PlannedStep, endUs: number): void {
    const leftUs = endUs - this.nowUs();
    const isLast = leftUs <= planned.readingEveryUs;
    const waitUs = isLast ? Math.max(0, leftUs) : planned.readingEveryUs;
    this.#timer = this.#clock.after(waitUs / 1000, () => this.#measure(planned, endUs, isLast));
  }

  #measure(planned: PlannedStep, endUs: number, isLast: boolean): void {
    const order = this.#order;
    this.#requestId = this.#link.request(MEASURE, (answer) => {
      if (order !== this.#order || !answer.ok) return;
      const measured = parseMeasured(answer.frame);
      if (measured === null) return this.#link.loseSession(`"${answer.frame}" is no measurement`);
      const { sinceUs, voltageNv, currentPa } = measured;
      this.#listener.reading({ timeUs: this.#time.at(sinceUs), voltageNv, currentPa, flags: 0 });
      // Whoever heard of it may have given another order.
      if (order !== this.#order) return;
      if (isLast) this.#end(planned);
      else this.#follow(planned, endUs);
    });
  }

  /** Current to zero first, so that nothing flows uncounted while the engine decides what follows. */
  #end({ timedEnd, step: { mode } }: PlannedStep): void {
    const order = this.#order;
    this.#requestId = this.#link.request(mode.kind === 'cc' ? currentCommand(0) : OFF, (answer) => {
      if (order !== this.#order || !answer.ok) return;
      this.#listener.ended({ reason: timedEnd, endUs: this.nowUs(), hasGoneOn: false });
    });
  }
}

function isTaken(answer: LinkAnswer<string>): boolean {
  return answer.ok && answer.frame === 'ok';
}

function isConnected(answer: LinkAnswer<string>): boolean {
  return answer.ok || answer.reason === 'withdrawn';
}

function failureOf(answer: LinkAnswer<string>): DeviceResult<never> {
  if (answer.ok && answer.frame !== 'ok') return { ok: false, reason: 'refused', detail: answer.frame };
  if (answer.ok || answer.reason === 'withdrawn')
    return { ok: false, reason: 'stale', detail: 'a later order has overtaken this one' };
  return { ok: false, reason: answer.reason, detail: answer.detail };
}
