// The ending of a run: cell off first, then what the device still has is read, then the file is sealed. In
// that order, always. Never waits for a device that cannot be reached: its dead-man and step bounds open the
// cell.
import type { ChannelStatus, CyclerChannel } from '../device/cycler.ts';
import type { RunStore } from '../store/run-store.ts';
import type { Journal } from './journal.ts';
import type { RunStatus } from './run-status.ts';

export interface RunEndingOptions {
  readonly run: string;
  readonly device: CyclerChannel;
  readonly journal: Journal;
  readonly status: RunStatus;
  readonly store: RunStore;
  /** How far the device is: asks for what is missing. */
  readonly catchUp: (status: ChannelStatus) => void;
  /** Whether everything up to there is recorded. */
  readonly hasAll: (status: ChannelStatus) => boolean;
  readonly onClosed: (problem: string | null) => void;
  readonly guard: (handle: () => void) => void;
}

export class RunEnding {
  readonly #options: RunEndingOptions;
  /** Where the device was after `off`: the record is complete when the host has come that far. */
  #owed: ChannelStatus | null = null;
  #isClosing = false;

  constructor(options: RunEndingOptions) {
    this.#options = options;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Opens the cell and completes the record; `tell` makes the lifecycle machine and the journal know why. */
  begin(tell: () => void): void {
    const { device, guard, journal } = this.#options;
    device.off((result) =>
      guard(() =>
        result.ok
          ? this.#askWhatIsOwed()
          : this.close(`the cell could not be switched off: ${result.detail}`),
      ),
    );
    journal.intend('off');
    tell();
    journal.flush();
  }

  /** To be called whenever something was recorded. */
  settle(): void {
    const { run, hasAll } = this.#options;
    if (this.#owed === null || this.#isClosing) return;
    if (this.#owed.run !== run || hasAll(this.#owed)) this.close(null);
  }

  /** Closes with what there is. `problem`: what the record lacks. */
  close(problem: string | null): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const { device, guard, journal, onClosed, run, status, store } = this.#options;
    if (problem !== null) journal.event({ timeUs: null, kind: 'incomplete', detail: { problem } });
    status.send({ type: 'run.closed' });
    journal.flush(() =>
      guard(() => {
        device.release(run, () => undefined);
        store.seal((result) => onClosed(result.ok ? null : result.detail));
      }),
    );
  }

  #askWhatIsOwed(): void {
    const { catchUp, device, guard, run } = this.#options;
    device.status((result) =>
      guard(() => {
        if (!result.ok) return this.close(`the end of the record could not be read: ${result.detail}`);
        this.#owed = result.value;
        if (result.value.run === run) catchUp(result.value);
        this.settle();
      }),
    );
  }
}
