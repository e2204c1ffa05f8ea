// A channel whose steps the host keeps, for instruments that have no step engine: numbers, charge, record
// rules, step ends, and those limits that the instrument does not enforce. The driver below executes plans
// (step-actuator.ts) and reports readings; what stands above sees a channel like any other.
//
//   daemon ─ load(tree) ─► HostedChannel ─ begin(plan) ─► actuator ─► instrument
//   daemon ◄─ samples, step ends ─ HostedChannel ◄─ began, reading, ended ─ actuator
//
// Must never guess what happened while the link was away: the step that ran then has ended as `link-lost`.
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { EndReason, LookAheadTree, TreeNode } from '../../steps/step.ts';
import type {
  ChannelStatus,
  CyclerChannel,
  DeviceReport,
  Done,
  Lease,
  LeasePolicy,
  RunSetup,
  SampleRange,
} from '../cycler.ts';
import { DONE, NO_LEASE, NO_LINK, refused, STALE, statusOf } from './answers.ts';
import { CellOrder } from './cell-order.ts';
import { HostLease } from './host-lease.ts';
import type { BesideReport, Reading, StepActuator, StepEnding, StepListener } from './step-actuator.ts';
import { RunningStep } from './running-step.ts';
import { type BookedEnd, StepBook } from './step-book.ts';
import { SAMPLE_BITS } from './step-records.ts';
import { childOf, planFrom, plannedStep } from './step-plan.ts';
import { type EnforcedLimits, StepWatch, type WatchedReading } from './step-watch.ts';

export interface HostedChannelOptions {
  readonly clock: Clock;
  readonly enforces: EnforcedLimits;
  readonly createActuator: (listener: StepListener) => StepActuator;
  /** Readings are asked for at least this often, µs: the latency of a stop and of a limit. Default 1 s. */
  readonly readingEveryMaxUs?: number;
}

type End = Pick<BookedEnd, 'reason' | 'endUs' | 'next'>;

const READING_EVERY_MAX_US = 1_000_000;

export class HostedChannel implements CyclerChannel, StepListener {
  readonly #enforces: HostedChannelOptions['enforces'];
  readonly #actuator: StepActuator;
  readonly #order: CellOrder;
  readonly #lease: HostLease;
  readonly #book: StepBook;
  #receive: ((report: DeviceReport) => void) | null = null;
  #run: string | null = null;
  #fault: string | null = null;
  #tree: LookAheadTree | null = null;
  #step: RunningStep | null = null;
  #isLinkUp = true;

  constructor({ clock, enforces, createActuator, readingEveryMaxUs }: HostedChannelOptions) {
    this.#enforces = enforces;
    this.#book = new StepBook(clock, readingEveryMaxUs ?? READING_EVERY_MAX_US);
    this.#lease = new HostLease(clock, (policy) => this.#leaseExpired(policy));
    this.#actuator = createActuator(this);
    this.#order = new CellOrder(this.#actuator);
  }

  onReport(receive: (report: DeviceReport) => void): void {
    this.#receive = receive;
    this.#book.receive = receive;
  }

  open(setup: RunSetup, done: Done<null>): void {
    if (!this.#isLinkUp) return done(NO_LINK);
    if (this.#run === setup.run) return done(DONE);
    if (this.#run !== null) return done(refused(`run ${this.#run} holds the channel`));
    this.#actuator.prepare(setup, (result) => {
      if (!result.ok) return done(result);
      this.#run = setup.run;
      this.#book.openRun();
      done(result);
    });
  }

  release(run: string, done: Done<null>): void {
    if (this.#step !== null) return done(refused('a step is running; switch it off first'));
    if (this.#run !== null && this.#run !== run) return done(refused(`run ${this.#run} holds the channel`));
    [this.#run, this.#fault, this.#tree] = [null, null, null];
    this.#lease.drop();
    done(DONE);
  }

  load(tree: LookAheadTree, done: Done<null>): void {
    const [root] = tree.nodes;
    const { endedStepNumber } = this.#book;
    if (!this.#isLinkUp) return done(NO_LINK);
    if (this.#run === null) return done(refused('no run is open'));
    if (this.#fault !== null) return done({ ok: false, reason: 'fault', detail: this.#fault });
    if (this.#step !== null) {
      const { node, ending } = this.#step;
      if (ending !== null || root.id !== node.id || root.stepNumber !== node.stepNumber) return done(STALE);
      this.#tree = tree;
      return done(DONE);
    }
    if (endedStepNumber !== 0 && root.stepNumber !== endedStepNumber + 1)
      return done(refused(`step ${root.stepNumber} does not follow step ${endedStepNumber}`));
    if (!this.#lease.isLive) return done(NO_LEASE);
    const again = { go: () => this.load(tree, done), drop: () => done(STALE) };
    if (this.#order.defers(again)) return;
    this.#tree = tree;
    this.#step = new RunningStep(root);
    this.#begin(this.#step, done);
  }

  renewLease(lease: Lease, done: Done<null>): void {
    if (!this.#isLinkUp) return done(NO_LINK);
    this.#lease.renew(lease);
    done(DONE);
  }

  off(done: Done<null>): void {
    const step = this.#step;
    if (step !== null) step.ending ??= 'off';
    this.#order.open((result) => {
      if (!result.ok) return done(result);
      this.#openedByHost(step, result.value.openUs);
      done(DONE);
    });
  }

  status(done: Done<ChannelStatus>): void {
    if (!this.#isLinkUp) return done(NO_LINK);
    const [run, fault, step] = [this.#run, this.#fault, this.#step];
    done(statusOf({ run, fault, step, book: this.#book, actuator: this.#actuator }));
  }

  clearFault(fault: string, done: Done<null>): void {
    if (this.#fault !== null && this.#fault !== fault) return done(refused(`the fault is ${this.#fault}`));
    this.#fault = null;
    done(DONE);
  }

  setReporting({ livePeriodMs }: { readonly livePeriodMs: number }, done: Done<null>): void {
    this.#book.livePeriodMs = livePeriodMs;
    done(DONE);
  }

  replaySamples(range: SampleRange, done: Done<SampleRange>): void {
    done({ ok: true, value: this.#book.ring.replaySamples(range, (report) => this.#receive?.(report)) });
  }

  replayStepEnds(fromStepNumber: number, done: Done<SampleRange>): void {
    const value = this.#book.ring.replayEnds(fromStepNumber, (report) => this.#receive?.(report));
    done({ ok: true, value });
  }

  /** From the driver: the link is gone and every request has failed; nobody knows what the cell does. */
  linkLost(): void {
    this.#isLinkUp = false;
    this.#lease.drop();
  }

  /** From the driver: the link is back and the cell is known to be open. Told before `up` is. */
  linkRestored(): void {
    this.#isLinkUp = true;
    const step = this.#step;
    if (step === null) return;
    // Kept for the run, which asks where the device is as soon as it hears that the link is up.
    this.#book.receive = null;
    this.#finish(step, { reason: 'link-lost', endUs: this.#latestOf(step), next: null });
    this.#book.receive = this.#receive;
  }

  began(stepNumber: number, startUs: number): void {
    const before = this.#step;
    const next = before?.successor ?? null;
    if (before !== null && before.ending !== null && next?.stepNumber === stepNumber)
      this.#finish(before, { reason: before.ending, endUs: startUs, next });
    const step = this.#step;
    if (step === null || step.node.stepNumber !== stepNumber) return;
    const { basis, endedUs, netChargeNc } = this.#book;
    const planned = plannedStep(step.node, basis);
    const fromUs = Math.max(startUs, endedUs);
    step.watch = new StepWatch({ planned, startUs: fromUs, netChargeNc, enforces: this.#enforces });
  }

  reading(reading: Reading): void {
    const step = this.#step;
    // A line without a checksum may damage a time: what contradicts its neighbours is no sample.
    if (step === null || step.watch === null || !step.watch.isNext(reading)) return;
    const { isRecorded, isFirst, end } = step.watch.read(reading);
    if (isRecorded) this.#book.record(step.watch, isFirst ? SAMPLE_BITS.isFirst : 0);
    else this.#book.reportLive(step.watch, reading);
    if (end !== null && this.#step === step && step.ending === null) this.#endByHost(step, end);
  }

  beside(report: BesideReport): void {
    if (this.#step !== null) this.#receive?.(report);
  }

  ended({ reason, endUs, hasGoneOn }: StepEnding): void {
    const step = this.#step;
    if (step === null) return;
    const child = this.#childOf(step.node, reason);
    const isWanted = step.ending === null && (hasGoneOn || this.#mayStart(step.node));
    const next = isWanted ? child : null;
    this.#finish(step, { reason, endUs, next });
    // It runs a step that nobody wants any more.
    if (hasGoneOn && next === null) this.#order.open(() => undefined);
    else if (!hasGoneOn) this.#goOn(next);
    if (child !== null && next === null && step.ending === null) this.#latch('wdg', endUs);
  }

  faulted(fault: string, atUs: number): void {
    const step = this.#step;
    this.#latch(fault, atUs, () => {
      if (step !== null) this.#finish(step, { reason: 'fault', endUs: atUs, next: null });
    });
    if (this.#actuator.isCellOn) this.#order.open(() => undefined);
  }

  /** After a step: the next one, unless whoever heard of the end has decided otherwise; else cell open. */
  #goOn(next: TreeNode | null): void {
    const step = this.#step;
    if (step === null && this.#actuator.isCellOn) this.#order.open(() => undefined);
    if (step !== null && step.node === next && step.ending === null) this.#begin(step, () => undefined);
  }

  #begin(step: RunningStep, done: Done<null>): void {
    const tree = this.#tree;
    assert(tree !== null, 'a step comes from a tree');
    const basis = this.#book.basisAfter(step.watch);
    this.#actuator.begin(planFrom(tree, step.successor ?? step.node, basis), (result) => {
      const isRefused = !result.ok && result.reason !== 'closed' && result.reason !== 'timeout';
      if (isRefused && this.#step === step) this.faulted(`refused: ${result.detail}`, this.#latestOf(step));
      done(result);
    });
  }

  /** A limit that the host judges: the next step takes over without opening the cell, or the cell opens. */
  #endByHost(step: RunningStep, end: Exclude<WatchedReading['end'], null>): void {
    const reason = end === 'overrun' ? 'fault' : end;
    const child = this.#childOf(step.node, reason);
    if (!this.#enforces.voltageLimits && child !== null && this.#mayStart(step.node)) {
      [step.ending, step.successor] = [reason, child];
      return this.#begin(step, () => undefined);
    }
    this.#openFor(step, reason, end === 'overrun' ? 'overrun' : null);
  }

  #leaseExpired(policy: LeasePolicy): void {
    const step = this.#step;
    // A handover under way is overtaken: the step that would take over has no lease either.
    if (policy === 'off' && step !== null && !step.isOpening) this.#openFor(step, 'lease', 'wdg');
  }

  #openFor(step: RunningStep, reason: EndReason, fault: string | null): void {
    [step.ending, step.successor] = [reason, null];
    this.#order.open((result) => {
      if (!result.ok) return;
      const { openUs } = result.value;
      if (fault === null) this.#openedByHost(step, openUs);
      else this.#latch(fault, openUs, () => this.#openedByHost(step, openUs));
    });
  }

  #openedByHost(step: RunningStep | null, openUs: number): void {
    if (step === null || this.#step !== step) return;
    const endUs = Math.max(openUs, this.#latestOf(step));
    this.#finish(step, { reason: step.ending ?? 'off', endUs, next: null });
  }

  #finish(step: RunningStep, { next, ...end }: End): void {
    const { node, watch } = step;
    const startUs = watch?.startUs ?? end.endUs;
    this.#book.finish({ node, watch, startUs, next, ...end }, () => {
      this.#step = next === null ? null : new RunningStep(next);
    });
  }

  /** Latched before the end that it made is told, so that whoever hears of that end and asks finds it. */
  #latch(fault: string, atUs: number, finish: () => void = () => undefined): void {
    const isNew = this.#fault === null;
    this.#fault ??= fault;
    this.#lease.drop();
    finish();
    const stepNumber = this.#book.endedStepNumber;
    if (isNew) this.#receive?.({ type: 'fault', fault, stepNumber, timeUs: atUs });
  }

  #childOf(node: TreeNode, reason: EndReason): TreeNode | null {
    return this.#tree === null ? null : childOf(this.#tree, node, reason);
  }

  #mayStart({ step }: TreeNode): boolean {
    return this.#lease.isLive || (this.#lease.policy === 'finish-cycle' && !step.completesCycle);
  }

  #latestOf(step: RunningStep): number {
    return step.latestUs(() => this.#actuator.nowUs());
  }
}
