// The hold that a program has before its wanted step: due, held, or let go by the operator. Kept with the
// program, so that another daemon holds too. Never opens a cell: the channel does.
import { assert } from '../base/assert.ts';

/** `due`: not asked for yet. */
export type HoldState = 'due' | 'held' | 'released';

export class PlannedHold {
  #state: HoldState;

  constructor(state: HoldState) {
    this.#state = state;
  }

  /** Nothing where none was asked for: as in what was stored before there were holds. */
  persist(): { readonly hold?: HoldState } {
    return this.#state === 'due' ? {} : { hold: this.#state };
  }

  /** `reason`: of the wanted step; null: it has none. */
  isDue(reason: string | null): boolean {
    return this.#state !== 'released' && reason !== null;
  }

  hold(reason: string | null): string {
    assert(this.isDue(reason) && reason !== null, 'a run holds where its program does');
    this.#state = 'held';
    return reason;
  }

  /** True: it was held for the program; a hold that it was not told of stays. */
  release(): boolean {
    if (this.#state !== 'held') return false;
    this.#state = 'released';
    return true;
  }

  /** Another step is wanted. */
  stepEnded(): void {
    this.#state = 'due';
  }
}
