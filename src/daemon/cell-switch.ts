// The cell switch: opens the cell of a run, first thing, and stays at it until the device says that it is
// open. Off is sent first and journalled second, with its result. It never waits for a disk, and never closes
// a cell.
import type { CyclerChannel } from '../device/cycler.ts';
import type { Journal } from './journal.ts';

export interface CellSwitchOptions {
  readonly device: CyclerChannel;
  readonly journal: Journal;
}

/** What became of an `off`. */
export type OffResult = { readonly isOpen: true } | { readonly isOpen: false; readonly detail: string };

export class CellSwitch {
  readonly #options: CellSwitchOptions;
  #isOwed = false;

  constructor(options: CellSwitchOptions) {
    this.#options = options;
  }

  /** True from the wish to open the cell until the device has confirmed it. */
  get isOwed(): boolean {
    return this.#isOwed;
  }

  /** Sends `off` now. `done` hears whether the device confirmed. */
  open(done: (result: OffResult) => void = () => undefined): void {
    this.#isOwed = true;
    this.#sendOff(done);
  }

  /** Ends the running step, for another to follow: on a link that is lost meanwhile nothing is owed. */
  endStep(done: (result: OffResult) => void): void {
    this.#sendOff(done);
  }

  /** The cell should open and nobody can be told: as soon as there is a link. */
  owe(): void {
    this.#isOwed = true;
  }

  /** A link that is back hears at once what an earlier one did not. */
  linkRestored(): void {
    if (this.#isOwed) this.open();
  }

  #sendOff(done: (result: OffResult) => void): void {
    const { device, journal } = this.#options;
    const answered: { number: number | null; early: string | null } = { number: null, early: null };
    device.off((result) => {
      if (result.ok) this.#isOwed = false;
      const text = result.ok ? 'ok' : `${result.reason}: ${result.detail}`;
      if (answered.number === null) answered.early = text;
      else journal.result(answered.number, text);
      done(result.ok ? { isOpen: true } : { isOpen: false, detail: result.detail });
    });
    answered.number = journal.intend('off');
    if (answered.early !== null) journal.result(answered.number, answered.early);
  }
}
