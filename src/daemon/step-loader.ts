// The step loader: plans the look-ahead tree from the wanted step, journals it, and only then sends it.
// What is sent is decided by number: a plan that the device or the operator has overtaken is never sent.
import type { Capabilities, CyclerChannel, DeviceFailure } from '../device/cycler.ts';
import type { Runner, RunnerState } from '../steps/runner.ts';
import type { Journal } from './journal.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

export interface StepLoaderOptions {
  readonly capabilities: Capabilities;
  readonly device: CyclerChannel;
  readonly journal: Journal;
  readonly lease: LeaseKeeper;
  readonly runner: Runner;
  /** Whether this step is still the one that is wanted. Asked after the journal's acknowledgement. */
  readonly isWanted: (stepNumber: number) => boolean;
  /** Number of the next sample, for the checkpoint. */
  readonly nextN: () => number;
  readonly onRefused: (reason: DeviceFailure, detail: string) => void;
  readonly guard: (handle: () => void) => void;
}

/** Look ahead this far in real time on every branch. */
const HORIZON_US = 2_000_000;

export class StepLoader {
  readonly #options: StepLoaderOptions;
  #nextNodeId = 1;
  /** Loads planned and not answered yet. */
  #open = 0;

  constructor(options: StepLoaderOptions) {
    this.#options = options;
  }

  /** True from a plan to its answer: what the device says meanwhile is about to change. */
  get isBusy(): boolean {
    return this.#open > 0;
  }

  /** Starts the wanted step on a device that rests. */
  start(position: RunnerState): void {
    this.#nextNodeId += 1;
    this.replan(position, this.#nextNodeId - 1);
  }

  /** Renews the future of the node that the device runs. */
  replan(position: RunnerState, rootId: number): void {
    const { capabilities, runner, journal } = this.#options;
    const { tree, nextId } = runner.lookAhead(position, {
      slots: capabilities.lookAheadSlots,
      horizonUs: HORIZON_US * capabilities.timeScale,
      rootId,
      nextId: Math.max(this.#nextNodeId, rootId + 1),
    });
    this.#nextNodeId = nextId;
    const number = journal.intendLoad(tree);
    this.checkpoint(position);
    this.#open += 1;
    journal.flush(() =>
      this.#options.guard(() => this.#send(number, { stepNumber: position.stepNumber, tree })),
    );
  }

  /** Where the run stands, with the rows that brought it there. */
  checkpoint(position: RunnerState): void {
    const { journal, nextN, runner } = this.#options;
    const body = { runner: runner.persist(position), nextNodeId: this.#nextNodeId, nextN: nextN() };
    journal.checkpoint({ version: 1, stepNumber: position.stepNumber, body });
  }

  #send(
    number: number,
    {
      stepNumber,
      tree,
    }: { readonly stepNumber: number; readonly tree: Parameters<CyclerChannel['load']>[0] },
  ): void {
    const { device, guard, isWanted, journal, lease, onRefused } = this.#options;
    if (!isWanted(stepNumber)) {
      this.#open -= 1;
      return journal.result(number, 'superseded');
    }
    lease.renewFor(tree);
    device.load(tree, (result) =>
      guard(() => {
        this.#open -= 1;
        journal.result(number, result.ok ? 'ok' : `${result.reason}: ${result.detail}`);
        // Stale: the step ended meanwhile; its report is on the way and plans anew.
        if (!result.ok && result.reason !== 'stale') onRefused(result.reason, result.detail);
      }),
    );
  }
}
