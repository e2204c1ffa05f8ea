// Recovery: after anything that came between host and device (a lost link, a dead-man, a reset, another
// daemon) both find out, by number, where they are; what the device did meanwhile is read first, then the run
// goes on, holds or ends by its policy. Never drives a cell before the journal says so, never guesses.
//
//   contact ─► status ─► behind? read ends and samples, then contact again
//                    ├─► same step: renew lease and future
//                    ├─► rests at the same place: short and whole: load · else judge the outage
//                    ├─► fault: the dead-man's: judge the outage · any other: the channel's own answer
//                    └─► knows no run: end the step at its last sample, shift the frame, judge the outage
import type { ChannelStatus } from '../device/cycler.ts';
import { CONTINUATIONS_PER_DAY, isMerePause, judgeOutage, type OutageCause } from '../steps/outage.ts';
import { CatchUp } from './catch-up.ts';
import type { ChannelParts, RunChannelOptions } from './channel-parts.ts';
import { dueEnd, failed } from './endings.ts';
import type { Progress } from './progress.ts';
import { makeReady } from './make-ready.ts';
import { OutageNotes } from './outage-notes.ts';
import { faultReason, reconcile } from './reconcile.ts';
import type { RecoveryHooks } from './recovery-hooks.ts';
import { frameAfterReset, lineUpClock, restingSinceUs, unknownCharge } from './run-frame.ts';

/** It is renewed before each load: a device that still finds none, that often in a row, has none to give. */
const LEASELESS_LOADS_MAX = 3;

export class Recovery {
  readonly #options: RunChannelOptions;
  readonly #parts: ChannelParts;
  readonly #progress: Progress;
  readonly #hooks: RecoveryHooks;
  /** What an earlier daemon knew is lined up with the device; until then nothing it says is taken. */
  #isMet: boolean;
  #isAsking = false;
  readonly #catchUp: CatchUp;
  /** A step is being ended for a device that cannot tell how it ended. */
  #isClosingStep = false;
  /** The device is being made ready for the step that the outage has left. */
  #isDriving = false;
  #isOrdered = false;
  #continuedAtUs: number[];
  #openedAtStep: number | null;
  readonly #notes: OutageNotes;

  constructor(options: RunChannelOptions, parts: ChannelParts, progress: Progress, hooks: RecoveryHooks) {
    [this.#options, this.#parts, this.#progress, this.#hooks] = [options, parts, progress, hooks];
    this.#continuedAtUs = [...(options.restored?.checkpoint.continuedAtUs ?? [])];
    this.#openedAtStep = options.restored?.checkpoint.openedAtStep ?? null;
    this.#isMet = options.restored === null;
    this.#notes = new OutageNotes(parts, this.#isMet ? 'link' : 'daemon');
    this.#catchUp = new CatchUp({
      clock: options.clock,
      guard: hooks.guard,
      sequencer: parts.sequencer,
      onRead: () => this.contact(),
      onSilence: () => hooks.hold('the device does not send what it has recorded'),
    });
  }

  get isMet(): boolean {
    return this.#isMet;
  }

  /** The step that was wanted when the device was given the run, anew or again; null: it has not got it. */
  get openedAtStep(): number | null {
    return this.#openedAtStep;
  }

  /** Run times of the latest automatic continuations. */
  get continuedAtUs(): readonly number[] {
    return this.#continuedAtUs;
  }

  /** What is reported now is the past: nothing is loaded for it. */
  get isReading(): boolean {
    const isBetween = this.#isAsking || this.#isClosingStep || this.#isDriving;
    return isBetween || this.#hooks.isEndingStep() || this.#catchUp.isReading;
  }

  linkLost(): void {
    this.cease();
    // An order is for what the operator saw, not for the outage that came after it.
    this.#isOrdered = false;
    this.#notes.lost({ isMet: this.#isMet });
  }

  /** Whatever was being asked is not wanted any more. */
  cease(): void {
    [this.#isAsking, this.#isDriving] = [false, false];
    this.#catchUp.cease();
  }

  begin(): void {
    this.#drive(null);
  }

  /** The operator lets the run go on, whatever its policy says. `cause`: why its cell was open, if known. */
  resume(cause: OutageCause | null): void {
    this.#isOrdered = true;
    this.#notes.was(this.#progress.planned.release() ? 'planned-hold' : cause);
    this.contact();
  }

  /** A load was refused for want of a lease: the host was silent for longer than that. */
  leaseLapsed(): void {
    if (this.#parts.loader.leaselessLoads > LEASELESS_LOADS_MAX)
      return this.#hooks.hold('the device finds no lease, however often it is renewed');
    this.#notes.was('lapsed-lease');
    this.contact();
  }

  /** Asks the device where it is, and acts on the answer. */
  contact(): void {
    if (this.#isAsking || this.#isDriving) return;
    this.#isAsking = true;
    this.#parts.loader.drop();
    this.#notes.asked();
    this.#options.device.status((result) =>
      this.#hooks.guard(() => {
        if (!this.#isAsking) return;
        this.#isAsking = false;
        if (!this.#hooks.isWanted()) return;
        if (result.ok) this.#met(result.value);
        else this.#hooks.refused(result.reason, result.detail);
      }),
    );
  }

  /** Only reads what the device still has of the run, for a cell that stays open; then `done`. */
  meet(done: () => void): void {
    const { device, run } = this.#options;
    device.status((result) =>
      this.#hooks.guard(() => {
        if (result.ok && result.value.run === run) {
          if (!this.#isMet && lineUpClock(this.#options, this.#parts, result.value)) return this.meet(done);
          this.#isMet = true;
          this.#parts.sequencer.deviceIsAt(result.value);
        }
        done();
      }),
    );
  }

  /** To be called whenever something was recorded, or will not come. */
  settle(): void {
    this.#catchUp.settle();
  }

  /** The rest before current flows again is over. */
  checked(ocvAfterNv: number): void {
    this.#notes.continued(ocvAfterNv);
  }

  #met(status: ChannelStatus): void {
    const { run } = this.#options;
    if (!this.#isMet && status.run === run && lineUpClock(this.#options, this.#parts, status))
      return this.contact();
    if (!this.#isMet) this.#notes.resolved(this.#options.restored?.openCommands ?? [], status);
    this.#isMet = true;
    const host = { run, ...this.#parts.sequencer.position, openedAtStep: this.#openedAtStep };
    const decision = reconcile(host, status);
    if (decision.type === 'continue') return this.#goOnWith(status, decision.nodeId);
    const isBehind = status.run === run && !this.#catchUp.hasRead(status);
    if (isBehind || decision.type === 'follow') return this.#read(status);
    switch (decision.type) {
      case 'load':
        return this.#load(status);
      case 'fault':
        // The dead-man's, or a stop byte that the operator has thought better of.
        if (decision.fault === 'wdg' || (decision.fault === 'stop' && this.#isOrdered))
          return this.#judge(status, restingSinceUs(this.#parts));
        return this.#hooks.faulted(decision.fault);
      case 'reset':
        return this.#reset(status);
      case 'hold':
        return this.#hooks.hold(decision.reason);
    }
  }

  #read(status: ChannelStatus): void {
    if (status.state === 'step' && status.fault === null) this.#parts.lease.start();
    this.#catchUp.read(status);
  }

  /** The device never let go: nothing was interrupted but our hearing of it. */
  #goOnWith(status: ChannelStatus, nodeId: number): void {
    const { lease, loader, sequencer } = this.#parts;
    this.#notes.outage('continue', status);
    this.#notes.over();
    this.#hooks.stepGoesOn();
    if (this.#mustStop()) return;
    this.#settled();
    lease.start();
    this.#parts.status.stepBegan(this.#progress.step());
    // Samples of meanwhile need not be waited for.
    sequencer.deviceIsAt(status);
    loader.replan(nodeId);
  }

  #load(status: ChannelStatus): void {
    const { recorder } = this.#parts;
    const sinceUs = recorder.lastEnded?.endUs ?? null;
    const nowUs = recorder.runTimeUs(status.timeUs) ?? 0;
    const isPause = sinceUs === null || isMerePause(nowUs - sinceUs, this.#options.capabilities.timeScale);
    const opened = recorder.lastEnded?.reason ?? null;
    // Somebody opened the cell on purpose; the daemon itself does when it is told to end.
    const isOnPurpose = opened === 'stop-byte' || (opened === 'off' && this.#notes.known !== 'daemon');
    if (this.#progress.isCut && isOnPurpose && !this.#isOrdered) return this.#hooks.hold(faultReason(opened));
    if (this.#progress.isCut || !isPause) return this.#judge(status, restingSinceUs(this.#parts));
    if (this.#parts.status.state === 'link-lost' || this.#notes.known === 'lapsed-lease')
      this.#notes.outage('load', status);
    this.#notes.over();
    if (this.#mustStop()) return;
    this.#settled();
    this.#loadStep();
  }

  #reset(status: ChannelStatus): void {
    this.#isClosingStep = true;
    const framed = frameAfterReset(this.#options, this.#parts, status);
    this.#isClosingStep = false;
    if (framed === null) {
      this.#notes.outage('start', status);
      this.#settled();
      return this.#drive(status.fault);
    }
    this.#notes.was('device-reset');
    // What was heard last may have ended the program: then nothing would be given again.
    const goesOn = !this.#isOrdered && this.#mayGoOn;
    const driven = { status: framed, progress: this.#progress };
    const unknown = goesOn ? unknownCharge(this.#options, this.#parts, driven) : null;
    if (unknown === null) return this.#judge(framed, this.#parts.recorder.reached?.timeUs ?? 0);
    this.#notes.outage('hold', framed);
    this.#hooks.hold(unknown);
  }

  /** The cell was let go. */
  #judge(status: ChannelStatus, sinceUs: number): void {
    const [{ end, hold }, { onOutage }] = [this.#hooks, this.#options];
    const nowUs = this.#parts.recorder.runTimeUs(status.timeUs) ?? sinceUs;
    const lengthUs = Math.max(0, nowUs - sinceUs);
    const outage = {
      cause: this.#notes.causeAt(status),
      lengthUs,
      continuedAtUs: this.#continuedAtUs,
      nowUs,
    };
    const decision = this.#isOrdered ? ({ type: 'continue' } as const) : judgeOutage(onOutage, outage);
    this.#notes.outage(this.#progress.isHoldDue ? 'hold' : decision.type, status);
    if (this.#mustStop()) return;
    if (decision.type === 'stop') return end(failed(decision.reason));
    if (decision.type === 'hold') return hold(decision.reason);
    if (!this.#isOrdered) this.#continuedAtUs = [...this.#continuedAtUs, nowUs].slice(-CONTINUATIONS_PER_DAY);
    this.#parts.recorder.outage();
    this.#progress.goOn({ openUs: lengthUs, fromItsStart: onOutage === 'restart_step' });
    this.#settled();
    this.#drive(status.fault);
  }

  /** The device is made ready, then the wanted step is loaded. */
  #drive(fault: string | null): void {
    this.#isDriving = true;
    makeReady(this.#options, { journal: this.#parts.journal, fault }, (result) =>
      this.#hooks.guard(() => {
        // Another link, or another wish, has come between.
        if (!this.#isDriving || !this.#hooks.isWanted()) return;
        this.#isDriving = false;
        if (!result.ok) return this.#hooks.refused(result.reason, result.detail);
        this.#openedAtStep = this.#progress.state.stepNumber;
        this.#loadStep();
      }),
    );
  }

  #loadStep(): void {
    const { lease, loader, status } = this.#parts;
    lease.restart();
    status.stepBegan(this.#progress.step());
    loader.start();
  }

  /** By the program: it has not ended, and does not hold before its next step. */
  get #mayGoOn(): boolean {
    return dueEnd(this.#parts, this.#progress) === null && !this.#progress.isHoldDue;
  }

  /** An end, or a hold of the program, that was heard of just before, or while reading. */
  #mustStop(): boolean {
    if (this.#mayGoOn) return false;
    this.#settled();
    const end = dueEnd(this.#parts, this.#progress);
    if (end === null) this.#hooks.holdAsPlanned();
    else this.#hooks.end(end);
    return true;
  }

  #settled(): void {
    if (this.#parts.status.state === 'link-lost') this.#parts.status.send({ type: 'link.restored' });
    this.#notes.settled();
    this.#isOrdered = false;
  }
}
