// What the operator may ask of a run while it goes on: pause, resume, skip, finish, set. Each order is
// answered at once, with what will come of it or with why not; each one that is taken stands in the record
// and, for a replay, in the recorded wire. Never drives a cell: what goes on goes on by recovery.ts.
import type { LifecycleEvent, RunState } from '../steps/lifecycle.ts';
import { cycleText, isRestOutsideCycles } from '../steps/cycle-end.ts';
import type { ChannelParts, RunChannelOptions } from './channel-parts.ts';
import type { Progress } from './progress.ts';
import type { Recovery } from './recovery.ts';
import { createRunner } from '../steps/runner.ts';
import { type GivenParameters, prepareChange } from './parameter-change.ts';
import { notNow, type Refusal } from './refusals.ts';

interface PlainOrder {
  readonly order: 'pause' | 'resume' | 'skip' | 'finish';
  /** In the operator's words; may be empty. */
  readonly reason: string;
}
interface SetOrder {
  readonly order: 'set';
  readonly reason: string;
  readonly parameters: GivenParameters;
}
export type Order = PlainOrder | SetOrder;

/** `told`: what will come of it, as the end of a sentence that begins with the run. */
export type OrderResult = { readonly ok: true; readonly told: string } | Refusal;

export interface OrderHooks {
  readonly progress: Progress;
  readonly recovery: Recovery;
  readonly guard: (handle: () => void) => void;
  readonly isLinkUp: () => boolean;
  /** Opens the cell and keeps the run, which is told why. */
  readonly letRest: (event: LifecycleEvent) => void;
  readonly dueEnd: () => LifecycleEvent | null;
  readonly end: (event: LifecycleEvent) => void;
}

export class OperatorOrders {
  readonly #options: RunChannelOptions;
  readonly #parts: ChannelParts;
  readonly #progress: Progress;
  readonly #recovery: Recovery;
  readonly #hooks: OrderHooks;
  #isEndingStep = false;

  constructor(options: RunChannelOptions, parts: ChannelParts, hooks: OrderHooks) {
    [this.#options, this.#parts, this.#hooks] = [options, parts, hooks];
    [this.#progress, this.#recovery] = [hooks.progress, hooks.recovery];
  }

  /** An `off` is under way that ends the running step, for another to follow. */
  get isEndingStep(): boolean {
    return this.#isEndingStep;
  }

  /** Refused with RUN_STATE: what state the run is in, why not now, and what to do. */
  give(order: Order): OrderResult {
    switch (order.order) {
      case 'pause':
        return this.#pause(order);
      case 'resume':
        return this.#resume(order);
      case 'skip':
        return this.#skip(order);
      case 'finish':
        return this.#finish(order);
      case 'set':
        return this.#set(order);
    }
  }

  /** Cell open at once; what is left of the step waits for `resume`. */
  #pause(order: Order): OrderResult {
    const { status } = this.#parts;
    const why = status.isActive ? null : WHY_NOT_PAUSED[status.state];
    if (why !== null) return this.#refused('paused', why ?? AT_ITS_END);
    const step = this.#step();
    const reason = order.reason === '' ? 'paused by the operator' : `paused by the operator: ${order.reason}`;
    this.#taken(order, () => {
      this.#hooks.letRest({ type: 'operator.paused', reason });
      this.#note(order, { step: step?.programStep ?? null, cycle: step?.cycle ?? 0 });
    });
    return { ok: true, told: 'is paused, its cell is being opened; it goes on by: galvanode run resume' };
  }

  /** What rests for the operator goes on: what is left of its step, after a rest of two seconds. */
  #resume(order: Order): OrderResult {
    const { commitTimer, status } = this.#parts;
    const { reason, state } = status;
    if (state !== 'holding' && state !== 'paused')
      return this.#refused('resumed', `only what is paused or holds can go on (it is at ${reason})`);
    if (!this.#hooks.isLinkUp())
      return this.#refused('resumed', 'its instrument is not connected: look at cable and power, then again');
    this.#taken(order, () => {
      status.send({ type: 'operator.resumed', reason: order.reason || 'resumed by the operator' });
      commitTimer.start();
      this.#recovery.resume(state === 'paused' ? 'operator' : null);
    });
    return { ok: true, told: `goes on: ${status.state} (${status.reason})` };
  }

  /** The running step ends now, by an `off`; what comes behind it is loaded once that was heard. */
  #skip(order: Order): OrderResult {
    const why = this.#whyNotSkip();
    if (why !== null) return this.#refused('made to skip a step', why);
    const { programStep, cycle } = this.#progress.programStep();
    this.#taken(order, () => {
      this.#progress.skip();
      this.#isEndingStep = true;
      this.#parts.cell.endStep(() => this.#hooks.guard(() => this.#stepEnded()));
      this.#note(order, { step: programStep, cycle, stepNumber: this.#progress.state.stepNumber });
    });
    return { ok: true, told: `skips ${programStep}${cycle > 0 ? ` of cycle ${cycle}` : ''}` };
  }

  /** Also where the step had come to its own end, and the next one was cut: that one goes on. */
  #stepEnded(): void {
    this.#isEndingStep = false;
    if (this.#parts.status.isActive && this.#hooks.isLinkUp()) this.#recovery.resume('operator');
  }

  #whyNotSkip(): string | null {
    const { loader, recorder, status } = this.#parts;
    const { state } = status;
    if (state === 'paused' || state === 'holding') return 'no step runs; let it go on first, by run resume';
    if (state === 'link-lost') return 'its instrument is not connected: look at cable and power, then again';
    if (this.#step() === null || state === 'finishing') return AT_ITS_END;
    if (this.#progress.isSkipping) return 'its step is being skipped already';
    if (this.#progress.state.stage === 'preflight')
      return 'the checks before the first current are never skipped; run stop ends it';
    if (this.#givesBack)
      return 'it gives back what the measurement has plated, and the next cycle counts on that; let it end';
    const isBetween = state === 'idle' || loader.isBusy || this.#recovery.isReading;
    if (isBetween || this.#progress.isChecking) return 'it is between two steps; again in a few seconds';
    const { voltageNv = 0, currentPa = 0, netChargeNc = 0 } = recorder.newest ?? {};
    const chargeNc = Math.abs(netChargeNc - (recorder.lastEnded?.endNetChargeNc ?? 0));
    return this.#progress.maySkip({ voltageNv, currentPa, chargeNc })
      ? null
      : 'its program would end there, with a finding that is none; use run finish or run stop';
  }

  /** A measurement between cycles plates and strips the same: the targets of the next cycle count on it. */
  get #givesBack(): boolean {
    const { limits } = this.#progress.programStep();
    return this.#progress.state.stage === 'diagnostics' && limits.lastStepChargePpm !== null;
  }

  /** The device goes on with a step that was to be skipped: a link was lost before it heard of that. */
  stepGoesOn(): void {
    if (!this.#progress.isSkipping) return;
    this.#progress.notSkipped();
    const lost = {
      order: 'skip',
      reason: '',
      isVoid: true,
      why: 'the link was lost before the device heard',
    };
    this.#parts.journal.event({ timeUs: this.#parts.recorder.newestUs, kind: 'ordered', detail: lost });
  }

  /** The run ends with the present cycle; in a rest outside cycles at once. */
  #finish(order: Order): OrderResult {
    const { loader, status } = this.#parts;
    const step = this.#step();
    if (status.state === 'finishing' || step === null) return this.#refused('finished', AT_ITS_END);
    if (this.#progress.isToFinish)
      return this.#refused(
        'finished',
        `it is to finish after ${cycleText(step)} already; let it, or stop it`,
      );
    const isWaiting = status.state === 'paused' || status.state === 'holding';
    this.#taken(order, () => {
      this.#progress.finish(order.reason);
      this.#note(order, { step: step.programStep, cycle: step.cycle });
      // Where the device is after a lost link is known once it is asked.
      const end = status.state === 'link-lost' ? null : this.#hooks.dueEnd();
      if (end !== null) return this.#hooks.end(end);
      if (status.isActive && !this.#recovery.isReading) loader.renew();
    });
    if (isRestOutsideCycles(step)) return { ok: true, told: `finishes now, in ${step.programStep}` };
    const after = isWaiting ? ', once it goes on: galvanode run resume' : '';
    return { ok: true, told: `finishes after ${cycleText(step)}${after}` };
  }

  /** Declared parameters change from the next cycle on; checked as at the start of the run. */
  #set(order: SetOrder): OrderResult {
    const { loader, status } = this.#parts;
    const step = this.#step();
    if (status.state === 'finishing' || step === null) return this.#refused('changed', AT_ITS_END);
    const known = this.#progress.parameters(this.#options.program.parameters);
    const result = prepareChange(this.#options, known, order.parameters);
    if (!result.ok) return result;
    const { changes, parameters, prepared } = result;
    const texts = Object.entries(changes).map(([name, { from, to }]) => `${name} ${from} → ${to}`);
    if (texts.length === 0) return this.#refused('changed', 'it goes by these values already');
    const why = this.#progress.change(createRunner(prepared), { parameters, changes });
    if (why !== null) return this.#refused('changed', `${why}; finish it, and start another run`);
    this.#taken(order, () => {
      this.#note(order, { cycle: step.cycle, changes });
      if (status.isActive && !this.#recovery.isReading) loader.renew();
    });
    return { ok: true, told: `goes by ${texts.join(', ')} from the end of ${cycleText(step)} on` };
  }

  /** To be called when a step has ended: says so where a change has taken effect. */
  tellChange(): void {
    const applied = this.#progress.takeApplied();
    if (applied === null) return;
    this.#parts.journal.event({
      timeUs: this.#parts.recorder.newestUs,
      kind: 'changed',
      detail: { ...applied },
    });
  }

  /** The step of the program, whole; null where it has ended. */
  #step() {
    return this.#progress.outcome === null ? this.#progress.programStep() : null;
  }

  #taken(order: Order, act: () => void): void {
    this.#options.wire?.note('ordered', { ...order });
    this.#hooks.guard(act);
  }

  #note({ order, reason }: Order, detail: Readonly<Record<string, unknown>>): void {
    const { journal, recorder } = this.#parts;
    journal.event({ timeUs: recorder.newestUs, kind: 'ordered', detail: { order, reason, ...detail } });
    journal.flush();
  }

  #refused(what: string, why: string): Refusal {
    return notNow({ run: this.#options.run, state: this.#parts.status.state }, what, why);
  }
}

const AT_ITS_END = 'it is at its end: galvanode run show';
const WHY_NOT_PAUSED: Readonly<Partial<Record<RunState, string>>> = {
  paused: 'it is so already; let it go on by run resume, or end it by run stop',
  holding: 'its cell is open already; let it go on by run resume, or end it by run stop',
  'link-lost': 'its instrument is not connected and hears nothing: look at cable and power, or run stop',
};
