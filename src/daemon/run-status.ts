// The status of a run: its lifecycle machine, and everybody who must hear of a change: journal, catalog, live
// feed.
import { type LifecycleContext, type LifecycleEvent, lifecycle, type RunState } from '../steps/lifecycle.ts';
import {
  type MachineSnapshot,
  persistMachine,
  restoreMachine,
  startMachine,
  stepMachine,
} from '../steps/machine.ts';
import type { Step } from '../steps/step.ts';
import type { RunStateRow } from '../store/run-store.ts';
import type { Journal } from './journal.ts';

export interface RunStatusOptions {
  readonly journal: Journal;
  readonly announce: (row: RunStateRow) => void;
  /** Run time of the newest sample, for the event row; null before the first. */
  readonly timeUs: () => number | null;
  /** Snapshot of an earlier daemon; null: the run begins. */
  readonly persisted: unknown;
}

export class RunStatus {
  readonly #options: RunStatusOptions;
  #snapshot: MachineSnapshot;

  constructor(options: RunStatusOptions) {
    this.#options = options;
    const { persisted } = options;
    this.#snapshot = persisted === null ? startMachine(lifecycle) : restoreMachine(lifecycle, persisted);
  }

  get state(): RunState {
    return this.#snapshot.value as RunState;
  }

  get reason(): string {
    return this.#context.reason;
  }

  /** The program decides what comes next; in every other state the cell is open or on its way to be. */
  get isActive(): boolean {
    return this.state === 'idle' || this.state === 'running' || this.state === 'resting';
  }

  persist(): unknown {
    return persistMachine(lifecycle, this.#snapshot);
  }

  /** Steps the machine; a change of state or of step is written down and told. */
  send(event: LifecycleEvent): void {
    const before = this.#snapshot;
    this.#snapshot = stepMachine(lifecycle, before, event);
    if (this.#snapshot.value !== before.value) this.announce();
    else if (event.type === 'step.began') this.#tell();
  }

  /** A daemon has found the run left open. `goesOn`: also where the one before made it hold to end itself. */
  takenOver({ goesOn }: { readonly goesOn: boolean }): void {
    const reason = 'the daemon had ended; this one waits for the instrument';
    this.send({ type: 'run.taken-over', reason, goesOn });
  }

  stepBegan({ mode, programStep }: Step): void {
    this.send({ type: 'step.began', isRest: mode.kind === 'rest', programStep });
  }

  announce(): void {
    const { journal, timeUs } = this.#options;
    journal.event({ timeUs: timeUs(), kind: 'state', detail: this.#tell() });
  }

  /** A new step in the same state is no event: the step log has it. */
  #tell() {
    const { journal, announce } = this.#options;
    const row = { state: this.state, reason: this.reason, verdict: this.#context.verdict };
    journal.state(row);
    announce(row);
    return row;
  }

  get #context(): LifecycleContext {
    return this.#snapshot.context as LifecycleContext;
  }
}
