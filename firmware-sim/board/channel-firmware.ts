// The states of one channel, whatever language the host speaks; the cell is open outside `step`.
//   free --open--> idle --commit--> step --end with child--> step --end without--> idle
//   idle, step --hard limit, lease, stop--> fault --clear--> idle --close--> free
// It moves from event to event on the tick grid. Must never be asked about a tick it has already left behind.
import { assert } from '../../src/base/assert.ts';
import type { CellOffReason, CellOnReason } from '../cell-log.ts';
import type { ChannelBoard } from './channel-board.ts';
import { type DeviceClock, TICK_US } from './device-clock.ts';
import { Lease } from './lease.ts';
import { SampleRing } from './sample-ring.ts';
import { StepExecution } from './step-execution.ts';
import { StepLog } from './step-log.ts';
import {
  type ChildReason,
  type EndReason,
  type FaultName,
  type HardLimits,
  isChildReason,
  isDriven,
  type Job,
  type StepEnd,
  type StepNode,
} from './step-node.ts';
import type { PlannedEnd } from './step-plan.ts';

export type ChannelState = 'free' | 'idle' | 'step' | 'fault';

export interface RunSettings {
  readonly run: string;
  readonly rangeIndex: number;
  readonly limits: HardLimits;
}

export interface ChannelListener {
  /** Samples were put into the ring; more may follow. */
  recorded(channel: ChannelFirmware): void;
  /** All samples of the step are in the ring; none of the next is. */
  stepEnded(channel: ChannelFirmware, end: StepEnd): void;
  /** After the end of the step it ended, if it ended one; `stepNumber` is 0 otherwise. */
  faulted(channel: ChannelFirmware, fault: FaultName, stepNumber: number, atUs: number): void;
}

export type CommitResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'step-number' | 'no-lease' | 'stale' };

export interface ChannelFirmwareOptions {
  readonly board: ChannelBoard;
  readonly clock: DeviceClock;
  readonly listener: ChannelListener;
  readonly ringCapacity: number;
  readonly logCapacity: number;
}

export class ChannelFirmware {
  readonly channel: number;
  readonly ring: SampleRing;
  readonly log: StepLog;
  readonly lease: Lease;
  readonly #board: ChannelBoard;
  readonly #listener: ChannelListener;
  #settings: RunSettings | null = null;
  #fault: FaultName | null = null;
  #job: Job | null = null;
  #step: StepExecution | null = null;
  /** Magnitude of the charge of the last step with a set current, for limits relative to it. */
  #lastDrivenNc = 0;
  /** What follows the running step; may be replaced while it runs. */
  #children: ReadonlyMap<ChildReason, number> = new Map();
  /** Everything up to this tick is done; it may be one tick ahead of the clock after an `off`. */
  #doneTick = 0;

  constructor({ board, clock, listener, ringCapacity, logCapacity }: ChannelFirmwareOptions) {
    this.channel = board.channel;
    this.#board = board;
    this.#listener = listener;
    this.ring = new SampleRing(ringCapacity);
    this.log = new StepLog(logCapacity);
    this.lease = new Lease(clock);
  }

  get state(): ChannelState {
    if (this.#settings === null) return 'free';
    if (this.#fault !== null) return 'fault';
    return this.#step === null ? 'idle' : 'step';
  }

  get settings(): RunSettings | null {
    return this.#settings;
  }

  get fault(): FaultName | null {
    return this.#fault;
  }

  get job(): Job | null {
    return this.#job;
  }

  get isCellOn(): boolean {
    return this.#board.isOn;
  }

  get step(): StepExecution | null {
    return this.#step;
  }

  get doneTick(): number {
    return this.#doneTick;
  }

  netChargeNc(): number {
    return Math.round(this.#board.counter.atTick(this.#doneTick)) + 0;
  }

  /** What the meter shows now, noise and all; in no ring and under no number. */
  liveReading(): { readonly tick: number; readonly voltageNv: number; readonly currentPa: number } {
    const tick = this.#doneTick;
    const voltageNv = this.#board.voltageNv(this.#board.meanVoltageNv(tick), 'live', tick);
    return { tick, voltageNv, currentPa: this.#board.currentPa(tick, 'live', tick) };
  }

  /** When the running step will end, or its source change, if nothing is sent; Infinity when none runs. */
  get eventTick(): number {
    if (this.#step === null) return Number.POSITIVE_INFINITY;
    return Math.min(this.#ending(this.#step).tick, this.#step.sourceTick);
  }

  /** Lives through everything up to and including `tick`. */
  advanceTo(tick: number): void {
    while (this.#step !== null) {
      const ending = this.#ending(this.#step);
      if (this.#step.sourceTick <= Math.min(tick, ending.tick)) {
        this.#step.changeSource();
        continue;
      }
      if (ending.tick > tick) {
        this.#step.recordThrough(tick);
        this.#listener.recorded(this);
        break;
      }
      this.#endStep(this.#step, ending);
    }
    this.#doneTick = Math.max(this.#doneTick, tick);
  }

  open(settings: RunSettings): void {
    assert(this.state === 'free', `open needs a free channel, found ${this.state}`);
    this.#settings = settings;
    this.#board.selectRange(this.#doneTick, settings.rangeIndex);
    this.#board.counter.zero();
    this.log.forget();
    this.#lastDrivenNc = 0;
    this.ring.forget();
    this.lease.drop();
  }

  close(): void {
    assert(this.#step === null, 'close needs a channel without a running step');
    this.#settings = null;
    this.#fault = null;
    this.lease.drop();
  }

  /**
   * In `idle` the root starts at the next tick; in `step` only the future of the running step is replaced.
   */
  commit(job: Job): CommitResult {
    if (this.#step !== null) {
      const { node } = this.#step;
      if (job.root.id !== node.id || job.root.identity !== node.identity)
        return { ok: false, reason: 'stale' };
      this.#job = job;
      this.#children = job.root.children;
      return { ok: true };
    }
    assert(this.state === 'idle', `commit needs an idle channel, found ${this.state}`);
    const { ended } = this.log;
    if (ended !== 0 && job.root.stepNumber !== ended + 1) return { ok: false, reason: 'step-number' };
    if (!this.lease.isLive()) return { ok: false, reason: 'no-lease' };
    this.#job = job;
    this.#startStep(job.root, this.#nextTick(), 'commit');
    return { ok: true };
  }

  /** Cell open now, whatever the state. */
  off(): void {
    this.#endNow('off', null);
  }

  /** The stop byte, seen by this channel. */
  stop(): void {
    if (this.#step !== null) this.#endNow('stop', 'stop');
    if (this.#settings === null || this.#fault !== null) return;
    this.#latch('stop');
    this.#listener.faulted(this, 'stop', 0, this.#doneTick * TICK_US);
  }

  clearFault(): void {
    this.#fault = null;
  }

  /** The tick now being lived through, at which a command's effect is booked. */
  #nextTick(): number {
    return this.#doneTick + 1;
  }

  #endNow(reason: 'off' | 'stop', fault: FaultName | null): void {
    if (this.#step === null) return;
    const tick = Math.max(this.#nextTick(), this.#step.startTick + 1);
    while (this.#step.sourceTick <= tick) this.#step.changeSource();
    const { planned } = this.#step;
    // Safety before progress: a hard limit at the very same tick is what ended it.
    const isHardFault = planned.tick === tick && planned.reason === 'fault';
    this.#endStep(this.#step, isHardFault ? planned : { tick, reason, fault });
    this.#doneTick = tick;
  }

  #ending(step: StepExecution): PlannedEnd {
    const { planned } = step;
    if (this.lease.policy !== 'off') return planned;
    const tick = Math.max(this.lease.expiryTick, step.startTick + 1);
    if (tick > planned.tick || (tick === planned.tick && planned.reason === 'fault')) return planned;
    return { tick, reason: 'lease', fault: 'wdg' };
  }

  #startStep(node: StepNode, tick: number, why: CellOnReason): void {
    const board = this.#board;
    const { currentPa, voltageNv, stepNumber } = node;
    if (voltageNv !== null) board.hold(tick, { voltageNv, step: stepNumber, why });
    else if (currentPa !== 0) board.drive(tick, { currentPa, step: stepNumber, why });
    const settings = this.#settings;
    assert(settings !== null, 'a step needs a run');
    this.#children = node.children;
    this.#step = new StepExecution({
      board,
      node,
      limits: settings.limits,
      startTick: tick,
      startNc: board.counter.atTick(tick),
      lastStepNc: this.#lastDrivenNc,
      ring: this.ring,
      onRecorded: () => this.#listener.recorded(this),
    });
  }

  #endStep(step: StepExecution, ending: PlannedEnd): void {
    const { tick, reason } = ending;
    step.recordThrough(tick - 1);
    step.recordLast(tick);
    const isLeased = this.lease.expiryTick > tick;
    const child = this.#childOf(reason);
    const isAllowed = isLeased || (this.lease.policy === 'finish-cycle' && !step.node.isCycleEnd);
    const next = isAllowed ? child : null;
    const isLeaseSpent = !isLeased && isChildReason(reason) && next === null;
    const fault = ending.fault ?? (isLeaseSpent ? 'wdg' : null);
    if (next === null || !isDriven(next)) {
      this.#board.open(tick, { step: step.node.stepNumber, why: offReason(reason, fault) });
    }
    const end = step.endBy(ending, next?.id ?? 0);
    this.log.push(end);
    if (step.node.currentPa !== 0) this.#lastDrivenNc = Math.abs(end.endNc - end.startNc);
    this.#step = null;
    if (next === null) this.#job = null;
    // Latched before it is told, so that whoever listens finds the state that the report announces.
    if (fault !== null) this.#latch(fault);
    this.#listener.stepEnded(this, end);
    if (fault !== null) this.#listener.faulted(this, fault, end.stepNumber, end.endUs);
    if (next !== null) this.#startStep(next, tick, 'next');
  }

  #childOf(reason: EndReason): StepNode | null {
    if (!isChildReason(reason)) return null;
    const id = this.#children.get(reason);
    return id === undefined ? null : (this.#job?.nodes.get(id) ?? null);
  }

  /** A latched fault ends the lease too: after `clearFault` the host must want the current again. */
  #latch(fault: FaultName): void {
    assert(this.#fault === null, `${fault} must not cover ${this.#fault}`);
    this.#fault = fault;
    this.lease.drop();
  }
}

/** What the cell log says of the relay falling open. */
function offReason(reason: EndReason, fault: FaultName | null): CellOffReason {
  if (reason === 'off' || reason === 'stop' || reason === 'lease' || reason === 'fault') return reason;
  return fault === 'wdg' ? 'lease' : 'end';
}
