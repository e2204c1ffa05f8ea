// Commits what was recorded a while after it came. In virtual time never: there commits come at step ends and
// by the number of samples. Must never hold back a commit that somebody else asks for.
import type { Clock, Timer } from '../base/clock.ts';
import type { Journal } from './journal.ts';

export interface CommitTimerOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  /** null: never by the clock. */
  readonly everyMs: number | null;
}

export class CommitTimer {
  readonly #options: CommitTimerOptions;
  #timer: Timer | null = null;

  constructor(options: CommitTimerOptions) {
    this.#options = options;
  }

  /** To be called whenever something was recorded. */
  start(): void {
    const { clock, everyMs, journal } = this.#options;
    if (everyMs === null || this.#timer !== null) return;
    this.#timer = clock.after(everyMs, () => {
      this.#timer = null;
      journal.flush();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
