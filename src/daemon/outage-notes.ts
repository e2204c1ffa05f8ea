// Outages as the record tells them: when, how it came, what flowed meanwhile by the counter of the device,
// the open-circuit voltage before and after. Times are run time; a value that nobody measured is null.
import type { ChannelStatus } from '../device/cycler.ts';
import { causeOf, type OutageCause } from '../steps/outage.ts';
import type { Journal } from './journal.ts';
import type { NewestSample, Recorder } from './recorder.ts';

export class OutageNotes {
  readonly #journal: Pick<Journal, 'event' | 'result'>;
  readonly #recorder: Recorder;
  /** The last that was heard before the outage; null: there is none, or nothing was heard. */
  #before: NewestSample | null;
  /** What is known to have come between; `link`: no more than the device will tell. */
  #known: OutageCause;

  constructor(
    { journal, recorder }: { readonly journal: Journal; readonly recorder: Recorder },
    known: 'link' | 'daemon',
  ) {
    [this.#journal, this.#recorder, this.#known] = [journal, recorder, known];
    this.#before = recorder.newest;
  }

  get known(): OutageCause {
    return this.#known;
  }

  causeAt(status: ChannelStatus): OutageCause {
    return causeOf(this.#known, status.fault, this.#recorder.lastEnded?.reason ?? null);
  }

  /** It came to light that way. Another daemon explains all that is found after it, but for a wish. */
  was(cause: OutageCause | null): void {
    const isWish = cause === 'planned-hold' || cause === 'operator';
    if (cause !== null && (this.#known !== 'daemon' || isWish)) this.#known = cause;
  }

  /** An outage begins now. An order was for what the operator saw, not for what comes after it. */
  lost({ isMet }: { readonly isMet: boolean }): void {
    if (this.#known === 'operator') this.#known = 'link';
    if (isMet) this.#before = this.#recorder.newest;
  }

  /** One is being asked about, that may have begun before. */
  asked(): void {
    this.#before ??= this.#recorder.newest;
  }

  /** It is over. */
  over(): void {
    this.#before = null;
  }

  /** The run goes on, or ends: what comes next is an outage of its own. */
  settled(): void {
    this.#known = 'link';
  }

  /** From the last that was heard before it until now; `status`: where the device was found. */
  outage(decision: string, status: ChannelStatus): void {
    const before = this.#before;
    const { lastEnded, newest, newestUs } = this.#recorder;
    const detail = {
      decision,
      cause: this.causeAt(status),
      sinceUs: before?.timeUs ?? null,
      untilUs: this.#recorder.runTimeUs(status.timeUs),
      restingSinceUs: status.state === 'step' ? null : (lastEnded?.endUs ?? null),
      // By the counter of the device, and by the samples that are recorded of it by now.
      deliveredNc: before === null ? null : status.netChargeNc - before.netChargeNc,
      recordedNc: before === null ? null : (newest?.netChargeNc ?? 0) - before.netChargeNc,
      ocvBeforeNv: this.#ocvBeforeNv,
    };
    this.#journal.event({ timeUs: newestUs, kind: 'outage', detail });
  }

  /** The rest before current flows again is over. */
  continued(ocvAfterNv: number): void {
    const detail = { ocvBeforeNv: this.#ocvBeforeNv, ocvAfterNv };
    this.#journal.event({ timeUs: this.#recorder.newestUs, kind: 'continued', detail });
    this.over();
  }

  /** Commands that an earlier daemon may have sent, or not: the device was asked, nothing is sent again. */
  resolved(commands: readonly number[], status: ChannelStatus): void {
    const { endedStepNumber, nodeId, state, stepNumber } = status;
    const isDriven = state === 'step';
    const where = isDriven ? `step ${stepNumber}, node ${nodeId}` : `${state}, ${endedStepNumber} ended`;
    for (const number of commands) this.#journal.result(number, `asked: the device is at ${where}`);
  }

  /** A voltage under current is no open-circuit voltage. */
  get #ocvBeforeNv(): number | null {
    return this.#before?.currentPa === 0 ? this.#before.voltageNv : null;
  }
}
