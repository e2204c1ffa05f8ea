// One run on one channel: the whole pipeline of one tick. Reports come in, are put in order, recorded,
// judged; the program advances; the journal is written; then, and only then, the device is told what comes
// next. Cell off is the exception: it is sent first and journalled second.
//
//   device ─► sequencer ─► recorder ─► journal ─► store
//                  └─ step end ─► runner ─► look-ahead tree ─► journal (intent) ─► stored ─► device.load
import { messageOf } from '../base/errors.ts';
import type { ChannelStatus, DeviceFailure, DeviceReport, StepEndReport } from '../device/cycler.ts';
import type { LifecycleEvent, RunState } from '../steps/lifecycle.ts';
import { isProgramEnd } from '../steps/step.ts';
import { beyondCellLimits, type PassedLimit } from './cell-limits.ts';
import type { OffResult } from './cell-switch.ts';
import { type ChannelParts, createChannelParts, type RunChannelOptions } from './channel-parts.ts';
import { endOfLimit, endOfProgram, failed } from './endings.ts';
import type { StoreTrouble } from './journal.ts';
import { type LeavePolicy, leaveRun } from './leaving.ts';
import { openOnDevice } from './open-on-device.ts';
import { Progress } from './progress.ts';
import { faultReason, reconcile } from './reconcile.ts';

/** A cell is not driven for longer than this while nothing can be stored. */
const STORE_TROUBLE_MAX_MS = 30_000;

export class RunChannel {
  readonly aux: ChannelParts['aux'];
  readonly #options: RunChannelOptions;
  readonly #parts: ChannelParts;
  readonly #progress: Progress;
  #isLinkUp = true;
  /** The device has taken the run and knows how to report. */
  #isOpened = false;
  #lostAtUs: number | null = null;
  /** The daemon ends: nothing is loaded or leased any more, whatever the device reports. */
  #isLeaving = false;

  constructor(options: RunChannelOptions) {
    this.#options = options;
    this.#progress = new Progress(options.runner);
    this.#parts = createChannelParts(options, {
      guard: (handle) => this.#guard(handle),
      step: () => this.#progress.step(),
      stepNumber: this.#progress.state.stepNumber,
      stepEnded: (report) => this.#stepEnded(report),
      statusPolled: (status) => this.#statusPolled(status),
      mayDrive: () => this.#parts.status.isActive && !this.#isLeaving,
      isWanted: (stepNumber) => this.#progress.state.stepNumber === stepNumber,
      settled: () => this.#parts.ending.settle(),
      refused: (reason, detail) => this.#refused(reason, detail),
      storeTrouble: (trouble) => this.#storeTrouble(trouble),
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
    this.#open();
  }

  /** Operator's stop: cell open, the rest of the record read, file sealed. */
  stop(reason: string): void {
    this.#guard(() => this.#end({ type: 'operator.stopped', reason }));
  }

  /** The daemon ends, the run does not. Not for a run that is being ended: that one closes by itself. */
  leave(policy: LeavePolicy, done: () => void): void {
    const { journal, status } = this.#parts;
    const { isActive } = status;
    this.#isLeaving = true;
    this.#stopTimers();
    if (!isActive) return journal.end(() => this.#options.store.close(done));
    const hold = (opened: (off: OffResult) => void): void =>
      this.#holdNow('the daemon was shut down', opened);
    leaveRun(this.#options, this.#parts, { policy, hold, done });
  }

  linkLost(reason: string): void {
    this.#guard(() => {
      const { ending, journal, recorder, sequencer, status } = this.#parts;
      this.#isLinkUp = false;
      this.#lostAtUs = recorder.newestUs;
      this.#stopTimers();
      sequencer.linkLost();
      if (this.state === 'finishing') ending.closeWithoutDevice();
      else status.send({ type: 'link.lost', reason });
      journal.flush();
    });
  }

  linkRestored(): void {
    this.#isLinkUp = true;
    this.#parts.cell.linkRestored();
    if (this.state !== 'link-lost') return;
    this.#parts.recorder.interrupt();
    this.#options.device.status((result) =>
      this.#guard(() => {
        // The operator may have stopped the run while the device was being asked.
        if (this.state !== 'link-lost') return;
        if (result.ok) this.#reconcile(result.value);
        else this.#refused(result.reason, result.detail);
      }),
    );
  }

  #open(): void {
    openOnDevice(this.#options, this.#parts.journal, (result) =>
      this.#guard(() => {
        if (!result.ok) return this.#refused(result.reason, result.detail);
        if (!this.#parts.status.isActive || this.#isLeaving) return;
        this.#isOpened = true;
        this.#stepBegan();
        this.#parts.loader.start(this.#progress.state);
      }),
    );
  }

  /** Runs a handler; a failed assertion opens this cell and fails this run, and no other. */
  #guard(handle: () => void): void {
    try {
      handle();
    } catch (thrown) {
      const reason = `internal error: ${messageOf(thrown)}`;
      this.#options.log.error({ err: thrown }, 'channel failed');
      this.#options.device.off(() => undefined);
      if (this.#parts.ending.isClosing) this.#options.feed.closed(reason);
      else this.#end(failed(reason));
    }
  }

  #report(report: DeviceReport): void {
    const { clockKeeper, commitTimer, ending, sequencer, status } = this.#parts;
    if (ending.isClosing) return;
    if (report.type === 'aux') return this.aux.measured(report);
    if (report.type === 'impedance') return this.#parts.recorder.impedance(report);
    if (report.type === 'fault') return this.#faulted(report.fault);
    const passed = report.type === 'stepEnded' ? null : beyondCellLimits(report, this.#options.cellLimits);
    if (passed !== null) this.#limitPassed(passed);
    if (report.type === 'live') return;
    sequencer.accept(report);
    if (status.isActive) clockKeeper.start();
    commitTimer.start();
    ending.settle();
  }

  #stepEnded(report: StepEndReport): void {
    const { reason, nextNodeId } = report;
    const { journal, loader, recorder, shortWatch, status } = this.#parts;
    const halfCycle = recorder.stepEnded(report, this.#progress.step());
    if (halfCycle !== null) shortWatch.halfCycleEnded(halfCycle);
    this.#progress.stepEnded(report);
    loader.checkpoint(this.#progress.state);
    if (!status.isActive) return journal.flush();
    // A hard limit has opened the cell: which one, the device says next, or when it is asked.
    if (reason === 'fault') return this.#askWhatFaulted();
    if (!isProgramEnd(reason)) return this.#outage(faultReason(reason === 'lease' ? 'wdg' : reason));
    const end = this.#dueEnd();
    if (end !== null) return this.#end(end);
    this.#stepBegan();
    if (nextNodeId === 0) loader.start(this.#progress.state);
    else loader.replan(this.#progress.state, nextNodeId);
  }

  /** Why the run must end now: a short before what the program says; null: it goes on. */
  #dueEnd(): LifecycleEvent | null {
    const { outcome } = this.#progress;
    return this.#parts.shortWatch.end ?? (outcome === null ? null : endOfProgram(outcome));
  }

  #stepBegan(): void {
    const { mode, programStep } = this.#progress.step();
    this.#parts.status.send({ type: 'step.began', isRest: mode.kind === 'rest', programStep });
  }

  /** Every refusal ends in a named state; a lost link is reported by itself. */
  #refused(reason: DeviceFailure, detail: string): void {
    if (reason === 'timeout' || reason === 'closed') return;
    if (reason === 'fault') return this.#outage(detail);
    this.#end(failed(`the device refused: ${detail}`));
  }

  /** The link is back: device and host find out, by number, where they are. */
  #reconcile(status: ChannelStatus): void {
    const { journal, lease, loader, recorder, sequencer } = this.#parts;
    const { run } = this.#options;
    const decision = reconcile({ run, stepNumber: sequencer.position.stepNumber }, status);
    const untilUs = recorder.runTimeUs(status.timeUs);
    const sinceUs = this.#lostAtUs;
    const detail = { decision: decision.type, sinceUs, untilUs: status.run === run ? untilUs : null };
    journal.event({ timeUs: sinceUs, kind: 'outage', detail });
    if (!this.#isOpened && status.run === null) {
      // Its numbers would not be those that the record begins with.
      if (status.nextN !== this.#options.originN)
        return this.#end(failed('the device restarted before the run began'));
      this.#parts.status.send({ type: 'link.restored' });
      return this.#open();
    }
    if (decision.type === 'hold') {
      if (status.run === run) sequencer.deviceIsAt(status);
      return this.#outage(decision.reason);
    }
    this.#parts.status.send({ type: 'link.restored' });
    // The last end may have been heard just before the link went.
    const end = this.#dueEnd();
    if (end !== null) return this.#end(end);
    lease.start();
    this.#stepBegan();
    sequencer.deviceIsAt(status);
    if (decision.type === 'continue') loader.replan(this.#progress.state, decision.nodeId);
    else if (decision.type === 'load') loader.start(this.#progress.state);
  }

  /** On a bench the status is read with every lease: what got lost at the very end of a burst shows here. */
  #statusPolled(status: ChannelStatus): void {
    const { loader, sequencer } = this.#parts;
    if (!this.#parts.status.isActive || !this.#isOpened) return;
    const decision = reconcile({ run: this.#options.run, stepNumber: sequencer.position.stepNumber }, status);
    if (status.run === this.#options.run) sequencer.deviceIsAt(status);
    // What came at once may have ended the run, or made it hold.
    if (this.state !== 'running' && this.state !== 'resting') return;
    if (status.fault !== null && decision.type !== 'follow') return this.#faulted(status.fault);
    if (decision.type === 'hold') return this.#outage(decision.reason);
    if (status.state !== 'step' && status.isCellOn)
      return this.#end(failed('the cell is on although no step runs'));
    // It rests although a step is wanted and none is on its way: a load got lost.
    if (decision.type === 'load' && !loader.isBusy) loader.start(this.#progress.state);
  }

  #askWhatFaulted(): void {
    this.#options.device.status((result) =>
      this.#guard(() => {
        if (!this.#parts.status.isActive) return;
        const fault = result.ok ? result.value.fault : null;
        if (fault === null) this.#outage(faultReason('fault'));
        else this.#faulted(fault);
      }),
    );
  }

  #faulted(fault: string): void {
    if (!this.#parts.status.isActive) return;
    if (fault === 'wdg' || fault === 'stop') return this.#outage(faultReason(fault));
    if (fault === 'vhard') return this.#limitPassed({ quantity: 'voltage', found: faultReason(fault) });
    this.#end(failed(faultReason(fault)));
  }

  #limitPassed(passed: PassedLimit): void {
    if (!this.#parts.status.isActive) return;
    this.#end(endOfLimit(passed, this.#options.runner.voltageRefusal(this.#progress.state)));
  }

  /** The cell was opened by an outage, or must be: what then is the policy of the run. */
  #outage(reason: string): void {
    if (this.#options.onOutage === 'stop') this.#end(failed(reason));
    else this.#holdNow(reason);
  }

  /** Cell open, run kept: it waits for the operator. */
  #holdNow(reason: string, opened?: (off: OffResult) => void): void {
    const { cell, journal, recorder, status } = this.#parts;
    if (!status.isActive && this.state !== 'link-lost') return;
    cell.open(opened);
    this.#stopTimers();
    recorder.interrupt();
    this.#options.feed.alarm('CELL_HELD', reason);
    status.send({ type: 'cell.held', reason });
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

  #storeTrouble(trouble: StoreTrouble): void {
    this.#options.log.error(trouble, 'the store does not take the data');
    if (trouble.isNew) this.#options.feed.alarm(trouble.code, trouble.detail);
    if (trouble.sinceMs >= STORE_TROUBLE_MAX_MS)
      this.#holdNow(`nothing could be stored for 30 s: ${trouble.detail}`);
  }

  #stopTimers(): void {
    this.#parts.lease.stop();
    this.#parts.clockKeeper.stop();
    this.#parts.commitTimer.stop();
  }
}
