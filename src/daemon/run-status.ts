// The status of a run: its lifecycle machine, and everybody who must hear of a change: journal, catalog, live
// feed.
import { type LifecycleContext, type LifecycleEvent, lifecycle, type RunState } from '../steps/lifecycle.ts';
import { startMachine, stepMachine } from '../steps/machine.ts';
import type { RunStateRow } from '../store/run-store.ts';
import type { Journal } from './journal.ts';

export interface RunStatusOptions {
  readonly journal: Journal;
  readonly announce: (row: RunStateRow) => void;
  /** Run time of the newest sample, for the event row; null before the first. */
  readonly timeUs: () => number | null;
}

export class RunStatus {
  readonly #options: RunStatusOptions;
  #snapshot = startMachine(lifecycle);

  constructor(options: RunStatusOptions) {
    this.#options = options;
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

  /** Steps the machine; a change of state or of step is written down and told. */
  send(event: LifecycleEvent): void {
    const before = this.#snapshot;
    this.#snapshot = stepMachine(lifecycle, before, event);
    if (this.#snapshot.value !== before.value) this.announce();
    else if (event.type === 'step.began') this.#tell();
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
