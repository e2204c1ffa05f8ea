// The step loader: plans the look-ahead tree from the wanted step, journals it, and only then sends it.
// What is sent is decided by number: a plan that the device or the operator has overtaken is never sent.
import type { Capabilities, CyclerChannel, DeviceFailure } from '../device/cycler.ts';
import type { LookAheadTree } from '../steps/step.ts';
import type { Journal } from './journal.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { Progress } from './progress.ts';

export interface StepLoaderOptions {
  readonly capabilities: Capabilities;
  readonly device: CyclerChannel;
  readonly journal: Journal;
  readonly lease: LeaseKeeper;
  readonly progress: Progress;
  /** First id of a node; 1 where the run begins. */
  readonly nextNodeId: number;
  /** Whether this step is still the one that is wanted. Asked after the journal's acknowledgement. */
  readonly isWanted: (stepNumber: number) => boolean;
  readonly onRefused: (reason: DeviceFailure, detail: string) => void;
  readonly guard: (handle: () => void) => void;
}

/** Look ahead this far in real time on every branch. */
const HORIZON_US = 2_000_000;

export class StepLoader {
  readonly #options: StepLoaderOptions;
  #nextNodeId: number;
  /** The node that was planned from last. */
  #rootId: number | null = null;
  /** Loads planned and not answered yet, of this plan. */
  #open = 0;
  #leaselessLoads = 0;
  /** Counts outages: what was planned before one is not sent after it. */
  #plan = 0;

  constructor(options: StepLoaderOptions) {
    this.#options = options;
    this.#nextNodeId = options.nextNodeId;
  }

  /** True from a plan to its answer: what the device says meanwhile is about to change. */
  get isBusy(): boolean {
    return this.#open > 0;
  }

  /** Loads in a row that were refused because the lease had run out, up to the last one answered. */
  get leaselessLoads(): number {
    return this.#leaselessLoads;
  }

  /** Ids below it were given to nodes that the device may hold. */
  get nextNodeId(): number {
    return this.#nextNodeId;
  }

  /** Something came between host and device: whatever was planned is not sent any more. */
  drop(): void {
    this.#plan += 1;
    this.#open = 0;
    this.#rootId = null;
  }

  /** Starts the wanted step on a device that rests. */
  start(): void {
    this.#nextNodeId += 1;
    this.replan(this.#nextNodeId - 1);
  }

  /** What may come after the running step has changed: the device is told, where it has been told before. */
  renew(): void {
    if (this.#rootId !== null && this.#options.capabilities.lookAheadSlots > 1) this.replan(this.#rootId);
  }

  /** Renews the future of the node that the device runs. */
  replan(rootId: number): void {
    const { capabilities, journal, progress } = this.#options;
    this.#rootId = rootId;
    const { tree, nextId } = progress.lookAhead({
      slots: capabilities.lookAheadSlots,
      horizonUs: HORIZON_US * capabilities.timeScale,
      rootId,
      nextId: Math.max(this.#nextNodeId, rootId + 1),
    });
    this.#nextNodeId = nextId;
    const number = journal.intendLoad(tree);
    const planned = { number, tree, stepNumber: progress.state.stepNumber, plan: this.#plan };
    this.#open += 1;
    journal.flush(() => this.#options.guard(() => this.#send(planned)));
  }

  #send(planned: PlannedLoad): void {
    const { device, guard, isWanted, journal, lease, onRefused } = this.#options;
    const { number, plan, stepNumber, tree } = planned;
    if (plan !== this.#plan) return journal.result(number, 'superseded');
    if (!isWanted(stepNumber)) {
      this.#open -= 1;
      return journal.result(number, 'superseded');
    }
    lease.renewFor(tree);
    device.load(tree, (result) =>
      guard(() => {
        journal.result(number, result.ok ? 'ok' : `${result.reason}: ${result.detail}`);
        if (plan !== this.#plan) return;
        this.#open -= 1;
        this.#leaselessLoads = !result.ok && result.reason === 'no-lease' ? this.#leaselessLoads + 1 : 0;
        // Stale: the step ended meanwhile; its report is on the way and plans anew.
        if (!result.ok && result.reason !== 'stale') onRefused(result.reason, result.detail);
      }),
    );
  }
}

interface PlannedLoad {
  readonly number: number;
  readonly tree: LookAheadTree;
  readonly stepNumber: number;
  readonly plan: number;
}
