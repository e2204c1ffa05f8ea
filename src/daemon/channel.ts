// One run on one channel: the whole pipeline of one tick. Reports come in, are put in order, recorded,
// judged; the program advances; the journal is written; then, and only then, the device is told what comes
// next. Cell off is the exception: it is sent first and journalled second.
//
//   device ─► sequencer ─► recorder ─► journal ─► store
//                  └─ step end ─► runner ─► look-ahead tree ─► journal (intent) ─► stored ─► device.load
import { assert, assertNever } from '../base/assert.ts';
import type { Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { ChannelStatus, DeviceFailure, DeviceReport, StepEndReport } from '../device/cycler.ts';
import type { LifecycleEvent, RunState } from '../steps/lifecycle.ts';
import type { RunnerState, RunOutcome } from '../steps/runner.ts';
import { isProgramEnd, type Step } from '../steps/step.ts';
import { beyondCellLimits } from './cell-limits.ts';
import { type ChannelParts, createChannelParts, type RunChannelOptions } from './channel-parts.ts';
import type { StoreTrouble } from './journal.ts';
import { faultReason, reconcile } from './reconcile.ts';

/** A cell is not driven for longer than this while nothing can be stored. */
const STORE_TROUBLE_MAX_MS = 30_000;
/** A device sends what it holds back at the latest after its flush time. */
const FLUSH_WAIT_MS = 250;

export class RunChannel {
  readonly #options: RunChannelOptions;
  readonly #parts: ChannelParts;
  #position: RunnerState;
  #commitTimer: Timer | null = null;

  constructor(options: RunChannelOptions) {
    this.#options = options;
    this.#position = options.runner.start();
    this.#parts = createChannelParts(options, {
      guard: (handle) => this.#guard(handle),
      step: () => this.#step(),
      stepNumber: this.#position.stepNumber,
      stepEnded: (report) => this.#stepEnded(report),
      statusPolled: (status) => this.#statusPolled(status),
      isWanted: (stepNumber) => this.#parts.status.isActive && this.#position.stepNumber === stepNumber,
      refused: (reason, detail) => this.#refused(reason, detail),
      storeTrouble: (trouble) => this.#storeTrouble(trouble),
    });
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
    const { device, rangeIndex, protocol, run, reporting } = this.#options;
    const number = this.#parts.journal.intend('open');
    this.#parts.status.announce();
    this.#parts.journal.flush(() => {
      device.open({ run, rangeIndex, limits: protocol.cellLimits }, (result) => {
        this.#parts.journal.result(number, result.ok ? 'ok' : result.detail);
        if (!result.ok) return this.#guard(() => this.#refused(result.reason, result.detail));
        device.setReporting(reporting, (set) =>
          this.#guard(() => {
            if (!set.ok) return this.#refused(set.reason, set.detail);
            this.#stepBegan();
            this.#parts.loader.start(this.#position);
          }),
        );
      });
    });
  }

  /** Operator's stop: cell open, the rest of the record read, file sealed. */
  stop(reason: string): void {
    this.#guard(() => this.#end({ type: 'operator.stopped', reason }));
  }

  /**
   * The daemon ends, the run does not: brings the cell into the state of the policy; `done` when that is so
   * and stored.
   */
  leave(policy: 'hold' | 'finish_step' | 'keep', done: () => void): void {
    const { clock, device, store } = this.#options;
    const closeFile = (): void => this.#parts.journal.flush(() => store.close(done));
    this.#stopTimers();
    if (!this.#parts.status.isActive) return closeFile();
    if (policy === 'hold') {
      this.#hold('the daemon was shut down');
      // The step end that `off` causes may come after its answer; a status asked behind both shows what is
      // still owed.
      device.off(() => device.status(() => clock.after(FLUSH_WAIT_MS, closeFile)));
      return;
    }
    this.#parts.journal.event({ timeUs: this.#parts.recorder.newestUs, kind: 'left', detail: { policy } });
    const lease =
      policy === 'keep' ? this.#parts.lease.longest('off') : this.#parts.lease.shortest('finish-step');
    device.renewLease(lease, closeFile);
  }

  linkLost(reason: string): void {
    this.#guard(() => {
      this.#stopTimers();
      this.#parts.sequencer.linkLost();
      if (this.state === 'finishing')
        this.#parts.ending.close('the link was lost while the run was being ended');
      else this.#parts.status.send({ type: 'link.lost', reason });
      this.#parts.journal.flush();
    });
  }

  linkRestored(): void {
    if (this.state !== 'link-lost') return;
    this.#parts.recorder.interrupt();
    this.#options.device.status((result) =>
      this.#guard(() => {
        if (result.ok) this.#reconcile(result.value);
        else this.#refused(result.reason, result.detail);
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
      else this.#end({ type: 'fault.raised', verdict: 'fault', reason });
    }
  }

  #report(report: DeviceReport): void {
    if (report.type === 'fault') return this.#faulted(report.fault);
    const beyond =
      report.type === 'stepEnded' ? null : beyondCellLimits(report, this.#options.protocol.cellLimits);
    if (beyond !== null) this.#limitPassed(beyond);
    if (report.type === 'live') return;
    this.#parts.sequencer.accept(report);
    this.#parts.clockKeeper.start();
    this.#commitSoon();
    this.#parts.ending.settle();
  }

  #stepEnded(report: StepEndReport): void {
    const { reason, voltageNv, currentPa } = report;
    const { runner } = this.#options;
    this.#parts.recorder.stepEnded(report, this.#step());
    if (!isProgramEnd(reason)) {
      // The step was cut off: the run stays where it is, one executed step further.
      this.#position = { ...this.#position, stepNumber: this.#position.stepNumber + 1 };
      this.#parts.journal.flush();
      if (this.#parts.status.isActive) this.#hold(faultReason(reason === 'lease' ? 'wdg' : reason));
      return;
    }
    this.#position = runner.advance(this.#position, { type: 'step.ended', reason, voltageNv, currentPa });
    if (!this.#parts.status.isActive) return this.#parts.journal.flush();
    if (runner.desiredStep(this.#position) === null) return this.#conclude(runner.outcome(this.#position));
    this.#stepBegan();
    if (report.nextNodeId === 0) this.#parts.loader.start(this.#position);
    else this.#parts.loader.replan(this.#position, report.nextNodeId);
  }

  /** How the program came out decides the state: done, or failed. */
  #conclude({ verdict, reason, isPreflight }: RunOutcome): void {
    if (isPreflight) this.#end({ type: 'fault.raised', verdict, reason: `pre-flight refused: ${reason}` });
    else if (verdict === 'fault') this.#end({ type: 'fault.raised', verdict, reason });
    else this.#end({ type: 'program.ended', verdict, reason });
  }

  #stepBegan(): void {
    const { mode, programStep } = this.#step();
    this.#parts.status.send({ type: 'step.began', isRest: mode.kind === 'rest', programStep });
  }

  /** Every refusal ends in a named state; a lost link is reported by itself. */
  #refused(reason: DeviceFailure, detail: string): void {
    switch (reason) {
      case 'timeout':
      case 'closed':
        return;
      case 'fault':
        return this.#hold(detail);
      case 'stale':
      case 'refused':
      case 'nonsense':
        return this.#end({ type: 'fault.raised', verdict: 'fault', reason: `the device refused: ${detail}` });
      default:
        assertNever(reason, 'unknown refusal');
    }
  }

  #reconcile(status: ChannelStatus): void {
    const { run } = this.#options;
    const decision = reconcile({ run, stepNumber: this.#parts.sequencer.position.stepNumber }, status);
    this.#parts.journal.event({
      timeUs: this.#parts.recorder.newestUs,
      kind: 'link-restored',
      detail: { decision: decision.type },
    });
    if (status.run === run) this.#parts.sequencer.deviceIsAt(status);
    if (decision.type === 'hold') return this.#hold(decision.reason);
    this.#parts.status.send({ type: 'link.restored' });
    this.#parts.lease.start();
    this.#stepBegan();
    if (decision.type === 'continue') this.#parts.loader.replan(this.#position, decision.nodeId);
    else if (decision.type === 'load') this.#parts.loader.start(this.#position);
  }

  /** On a bench the status is read with every lease: what got lost at the very end of a burst shows here. */
  #statusPolled(status: ChannelStatus): void {
    if (status.run !== this.#options.run)
      return this.#hold(`the device lost the run (it says ${status.run ?? 'none'}): it was restarted`);
    this.#parts.sequencer.deviceIsAt(status);
    if (status.fault !== null) this.#faulted(status.fault);
  }

  #faulted(fault: string): void {
    if (!this.#parts.status.isActive) return;
    if (fault === 'wdg' || fault === 'stop') return this.#hold(faultReason(fault));
    if (fault === 'vhard') return this.#limitPassed(faultReason(fault));
    this.#end({ type: 'fault.raised', verdict: 'fault', reason: faultReason(fault) });
  }

  #limitPassed(found: string): void {
    if (!this.#parts.status.isActive) return;
    this.#conclude(this.#options.runner.limitOutcome(this.#position, found));
  }

  /** Cell open, run kept: it waits for the operator. */
  #hold(reason: string): void {
    if (!this.#parts.status.isActive && this.state !== 'link-lost') return;
    if (this.#options.onOutage === 'stop')
      return this.#end({ type: 'fault.raised', verdict: 'fault', reason });
    this.#options.device.off(() => undefined);
    this.#stopTimers();
    this.#parts.recorder.interrupt();
    this.#options.feed.alarm('CELL_HELD', reason);
    this.#parts.status.send({ type: 'cell.held', reason });
    this.#parts.journal.flush();
  }

  #end(event: LifecycleEvent): void {
    if (this.state === 'finishing' || this.#parts.ending.isClosing) return;
    const wasLost = this.state === 'link-lost';
    this.#stopTimers();
    if (!wasLost) return this.#parts.ending.begin(() => this.#parts.status.send(event));
    this.#parts.status.send(event);
    this.#parts.ending.close('ended without the device: its dead-man and step bounds open the cell');
  }

  #storeTrouble(trouble: StoreTrouble): void {
    this.#options.log.error(trouble, 'the store does not take the data');
    if (trouble.sinceMs === 0) this.#options.feed.alarm(trouble.code, trouble.detail);
    if (trouble.sinceMs >= STORE_TROUBLE_MAX_MS)
      this.#hold(`nothing could be stored for 30 s: ${trouble.detail}`);
  }

  #commitSoon(): void {
    const { commitEveryMs, clock } = this.#options;
    if (commitEveryMs === null || this.#commitTimer !== null || this.#parts.ending.isClosing) return;
    this.#commitTimer = clock.after(commitEveryMs, () => {
      this.#commitTimer = null;
      this.#parts.journal.flush();
    });
  }

  #stopTimers(): void {
    this.#parts.lease.stop();
    this.#parts.clockKeeper.stop();
    this.#commitTimer?.cancel();
    this.#commitTimer = null;
  }

  #step(): Step {
    const step = this.#options.runner.desiredStep(this.#position);
    assert(step !== null, 'the program has a current step');
    return step;
  }
}
