// One run on one channel: the whole pipeline of one tick. Reports come in, are put in order, recorded,
// judged; the program advances; the journal is written; then, and only then, the device is told what comes
// next. Cell off is the exception: it is sent first and journalled second.
//
//   device ─► sequencer ─► recorder ─► journal ─► store
//                  └─ step end ─► runner ─► look-ahead tree ─► journal (intent) ─► stored ─► device.load
//
// After an outage of any kind recovery.ts finds out where the device is.
import { messageOf } from '../base/errors.ts';
import type { ChannelStatus, DeviceFailure, DeviceReport, StepEndReport } from '../device/cycler.ts';
import type { LifecycleEvent, RunState } from '../steps/lifecycle.ts';
import { isProgramEnd } from '../steps/step.ts';
import { beyondCellLimits, type PassedLimit } from './cell-limits.ts';
import type { OffResult } from './cell-switch.ts';
import { type ChannelParts, createChannelParts, type RunChannelOptions } from './channel-parts.ts';
import { dueEnd, endOfFault, endOfLimit, failed } from './endings.ts';
import { type LeavePolicy, leaveRun } from './leaving.ts';
import { OperatorOrders } from './operator-orders.ts';
import { Progress } from './progress.ts';
import { faultReason, judgePolled } from './reconcile.ts';
import { Recovery } from './recovery.ts';
import { checkpointOf } from './run-checkpoint.ts';

/**
 * A run that was being ended when its daemon died waits this long for its instrument, then closes without.
 */
const ENDING_WAIT_MS = 60_000;

export class RunChannel {
  readonly aux: ChannelParts['aux'];
  /** What the operator may ask of it while it goes on. */
  readonly orders: OperatorOrders;
  readonly #options: RunChannelOptions;
  readonly #parts: ChannelParts;
  readonly #progress: Progress;
  readonly #recovery: Recovery;
  #isLinkUp = true;
  /** The daemon ends: nothing is loaded or leased any more, whatever the device reports. */
  #isLeaving = false;
  /** It was under way when the daemon was told to end: the next one may go on with it. */
  #isLeft = false;

  constructor(options: RunChannelOptions) {
    const { restored } = options;
    this.#options = options;
    this.#progress = new Progress(options.runner, restored?.checkpoint.progress, options.changed);
    const guard = (handle: () => void): void => this.#guard(handle);
    const refused = (reason: DeviceFailure, detail: string): void => this.#refused(reason, detail);
    this.#parts = createChannelParts(options, {
      guard,
      refused,
      progress: this.#progress,
      checkpoint: () =>
        checkpointOf(options, this.#parts, {
          progress: this.#progress,
          openedAtStep: this.#recovery.openedAtStep,
          isLeft: this.#isLeft,
          continuedAtUs: this.#recovery.continuedAtUs,
        }),
      stepEnded: (report) => this.#stepEnded(report),
      statusPolled: (status) => this.#statusPolled(status),
      mayDrive: () => this.#parts.status.isActive && !this.#isLeaving,
      mayKeep: () => this.#isAwaited && this.#recovery.isReading,
      isWanted: (stepNumber) => this.#progress.state.stepNumber === stepNumber,
      settled: () => {
        this.#recovery.settle();
        this.#parts.ending.settle();
      },
      hold: (reason) => this.#holdNow(reason),
      fail: (reason) => this.#fail(reason),
    });
    const ends = { end: (event: LifecycleEvent) => this.#end(event) };
    this.#recovery = new Recovery(options, this.#parts, this.#progress, {
      ...{ guard, refused, ...ends },
      isWanted: () => this.#isAwaited,
      isEndingStep: () => this.orders.isEndingStep,
      stepGoesOn: () => this.orders.stepGoesOn(),
      hold: (reason) => this.#letGo(reason),
      holdAsPlanned: () => this.#holdNow(this.#progress.hold()),
      faulted: (fault) => this.#faulted(fault),
    });
    this.orders = new OperatorOrders(options, this.#parts, {
      ...{ guard, progress: this.#progress, recovery: this.#recovery, ...ends },
      dueEnd: () => dueEnd(this.#parts, this.#progress),
      isLinkUp: () => this.#isLinkUp,
      letRest: (event) => this.#letRest(event),
    });
    this.aux = this.#parts.aux;
    options.device.onReport((report) => this.#guard(() => this.#report(report)));
  }

  get state(): RunState {
    return this.#parts.status.state;
  }

  get reason(): string {
    return this.#parts.status.reason;
  }

  /** Opens the run on the device and loads the first steps. */
  start(): void {
    this.#parts.status.announce();
    this.#recovery.begin();
  }

  /**
   * Goes on with what an earlier daemon left, as after a link loss; `linkRestored` follows when there is a
   * link.
   */
  takeOver(): void {
    this.#guard(() => {
      const { cell, ending, journal, recorder, status } = this.#parts;
      this.#isLinkUp = false;
      recorder.tellOpenStep();
      status.takenOver({ goesOn: this.#options.restored?.checkpoint.isLeft === true });
      if (this.state !== 'link-lost') cell.owe();
      if (this.state === 'finishing')
        this.#options.clock.after(ENDING_WAIT_MS, () => this.#guard(() => ending.closeWithoutDevice()));
      journal.flush();
    });
  }

  /** Operator's stop: cell open, the rest of the record read, file sealed. */
  stop(reason: string): void {
    this.#options.wire?.note('ordered', { order: 'stop', reason });
    this.#guard(() => this.#end({ type: 'operator.stopped', reason }));
  }

  /** The daemon ends, the run does not. Not for a run that is being ended: that one closes by itself. */
  leave(policy: LeavePolicy, done: () => void): void {
    this.#options.wire?.note('ordered', { order: 'leave', reason: policy });
    const { journal, status } = this.#parts;
    const { isActive } = status;
    this.#isLeaving = true;
    this.#isLeft = isActive || this.state === 'link-lost';
    this.#stopTimers();
    if (!isActive) return journal.end(() => this.#options.store.close(done));
    const hold = (opened: (off: OffResult) => void): void =>
      this.#holdNow('the daemon was shut down', opened);
    leaveRun(this.#options, this.#parts, { policy, hold, done });
  }

  linkLost(reason: string): void {
    this.#guard(() => {
      const { ending, journal, sequencer, status } = this.#parts;
      this.#isLinkUp = false;
      this.#stopTimers();
      this.#recovery.linkLost();
      sequencer.linkLost();
      if (this.state === 'finishing') ending.closeWithoutDevice();
      else status.send({ type: 'link.lost', reason });
      journal.flush();
    });
  }

  linkRestored(): void {
    this.#isLinkUp = true;
    this.#parts.cell.linkRestored();
    const { state } = this;
    if (state === 'finishing') this.#recovery.meet(() => this.#parts.ending.begin(() => undefined));
    else if (state === 'holding' || state === 'paused') this.#recovery.meet(() => undefined);
    else if (state === 'link-lost') this.#recovery.contact();
  }

  /** Runs a handler; a failed assertion opens this cell and fails this run, and no other. */
  #guard(handle: () => void): void {
    try {
      handle();
    } catch (thrown) {
      this.#options.log.error({ err: thrown }, 'channel failed');
      this.#fail(`internal error: ${messageOf(thrown)}`);
    }
  }

  /** This run cannot go on, and no other is touched: the cell is opened by whatever still works. */
  #fail(reason: string): void {
    this.#options.device.off(() => undefined);
    if (this.#parts.ending.isClosing) this.#options.feed.closed(reason);
    else this.#end(failed(reason));
  }

  /** The program decides what comes next, or will once the device has been met. */
  get #isAwaited(): boolean {
    return (this.#parts.status.isActive || this.state === 'link-lost') && this.#isLinkUp && !this.#isLeaving;
  }

  #report(report: DeviceReport): void {
    const { clockKeeper, commitTimer, ending, sequencer, status } = this.#parts;
    if (ending.isClosing || !this.#recovery.isMet) return;
    if (report.type === 'aux') return this.aux.measured(report);
    if (report.type === 'impedance') return this.#parts.recorder.impedance(report);
    if (report.type === 'fault') return this.#faulted(report.fault);
    const passed = report.type === 'stepEnded' ? null : beyondCellLimits(report, this.#options.cellLimits);
    if (passed !== null) this.#limitPassed(passed);
    if (report.type === 'live') return;
    sequencer.accept(report);
    if (status.isActive) clockKeeper.start();
    commitTimer.start();
    this.#recovery.settle();
    ending.settle();
  }

  #stepEnded(told: StepEndReport): void {
    const report = this.#progress.asOrdered(told);
    const { reason, nextNodeId } = report;
    const { journal, loader, recorder, shortWatch, status } = this.#parts;
    const wasChecking = this.#progress.isChecking;
    const halfCycle = recorder.stepEnded(report, this.#progress.step());
    if (halfCycle !== null) shortWatch.halfCycleEnded(halfCycle);
    this.#progress.stepEnded(report);
    this.orders.tellChange();
    if (wasChecking) this.#recovery.checked(report.voltageNv);
    if (!status.isActive) return journal.flush();
    // What is read of the past is judged as a whole, once it is read; what was cut off, once the device is
    // asked.
    if (this.#recovery.isReading) return;
    if (!isProgramEnd(reason)) return this.#recovery.contact();
    const end = dueEnd(this.#parts, this.#progress);
    if (end !== null) return this.#end(end);
    if (this.#progress.isHoldDue) return this.#holdNow(this.#progress.hold());
    status.stepBegan(this.#progress.step());
    if (nextNodeId === 0) loader.start();
    else loader.replan(nextNodeId);
  }

  /** Every refusal ends in a named state; a lost link is reported by itself. */
  #refused(reason: DeviceFailure, detail: string): void {
    if (reason === 'timeout' || reason === 'closed') return;
    if (reason === 'fault') return this.#recovery.contact();
    if (reason === 'no-lease') return this.#recovery.leaseLapsed();
    this.#end(failed(`the device refused: ${detail}`));
  }

  /** On a bench the status is read with every lease: what got lost at the very end of a burst shows here. */
  #statusPolled(status: ChannelStatus): void {
    const { loader, sequencer } = this.#parts;
    if (!this.#parts.status.isActive || this.#recovery.openedAtStep === null || this.#recovery.isReading)
      return;
    const { stepNumber } = sequencer.position;
    const host = { run: this.#options.run, stepNumber, openedAtStep: this.#recovery.openedAtStep };
    const verdict = judgePolled(host, status, loader.isBusy);
    if (status.run === this.#options.run) sequencer.deviceIsAt(status);
    // What came at once may have ended the run, or made it hold.
    if (this.state !== 'running' && this.state !== 'resting') return;
    if (verdict.type === 'hold') this.#letGo(verdict.reason);
    if (verdict.type === 'fail') this.#end(failed(verdict.reason));
    if (verdict.type === 'ask') this.#recovery.contact();
  }

  #faulted(fault: string): void {
    if (!this.#isAwaited) return;
    if (fault === 'wdg') return this.#recovery.contact();
    if (fault === 'stop') return this.#letGo(faultReason(fault));
    this.#end(endOfFault(fault, this.#progress.refusal));
  }

  #limitPassed(passed: PassedLimit): void {
    if (this.#isAwaited) this.#end(endOfLimit(passed, this.#progress.refusal));
  }

  /** It must not go on by itself: the run ends, or waits for the operator. */
  #letGo(reason: string): void {
    if (this.#options.onOutage === 'stop') this.#end(failed(reason));
    else this.#holdNow(reason);
  }

  /** Cell open, run kept: it waits for the operator. */
  #holdNow(reason: string, opened?: (off: OffResult) => void): void {
    if (!this.#parts.status.isActive && this.state !== 'link-lost') return;
    this.#letRest({ type: 'cell.held', reason }, opened);
    this.#options.feed.alarm('CELL_HELD', reason);
  }

  #letRest(event: LifecycleEvent, opened?: (off: OffResult) => void): void {
    const { cell, journal, status } = this.#parts;
    cell.open(opened);
    this.#stopTimers();
    status.send(event);
    journal.flush();
  }

  #end(event: LifecycleEvent): void {
    const { cell, ending, status } = this.#parts;
    if (this.state === 'finishing' || ending.isClosing) return;
    this.#stopTimers();
    if (this.#isLinkUp) return ending.begin(() => status.send(event));
    cell.owe();
    status.send(event);
    ending.closeWithoutDevice();
  }

  #stopTimers(): void {
    this.#recovery.cease();
    this.#parts.lease.stop();
    this.#parts.clockKeeper.stop();
    this.#parts.commitTimer.stop();
  }
}
