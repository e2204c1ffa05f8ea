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

  constructor(options: StepLoaderOptions) {
    this.#options = options;
  }

  /** Starts the wanted step on a device that rests. */
  start(position: RunnerState): void {
    this.#nextNodeId += 1;
    this.replan(position, this.#nextNodeId - 1);
  }

  /** Renews the future of the node that the device runs. */
  replan(position: RunnerState, rootId: number): void {
    const { capabilities, runner, journal, nextN } = this.#options;
    const { tree, nextId } = runner.lookAhead(position, {
      slots: capabilities.lookAheadSlots,
      horizonUs: HORIZON_US * capabilities.timeScale,
      rootId,
      nextId: Math.max(this.#nextNodeId, rootId + 1),
    });
    this.#nextNodeId = nextId;
    const { stepNumber } = position;
    const number = journal.intendLoad(tree);
    journal.checkpoint({
      version: 1,
      stepNumber,
      body: { runner: runner.persist(position), nextNodeId: nextId, nextN: nextN() },
    });
    journal.flush(() => this.#options.guard(() => this.#send(number, { stepNumber, tree })));
  }

  #send(
    number: number,
    {
      stepNumber,
      tree,
    }: { readonly stepNumber: number; readonly tree: Parameters<CyclerChannel['load']>[0] },
  ): void {
    const { device, guard, isWanted, journal, lease, onRefused } = this.#options;
    if (!isWanted(stepNumber)) return journal.result(number, 'superseded');
    lease.renewFor(tree);
    device.load(tree, (result) =>
      guard(() => {
        journal.result(number, result.ok ? 'ok' : `${result.reason}: ${result.detail}`);
        // Stale: the step ended meanwhile; its report is on the way and plans anew.
        if (!result.ok && result.reason !== 'stale') onRefused(result.reason, result.detail);
      }),
    );
  }
}
