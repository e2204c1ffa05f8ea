// The ending of a run: cell off first, then what the device still has is read, then the file is sealed. In
// that order, always. Never waits for ever: not for a device that cannot be reached, nor for a record that
// will not come.
import type { Clock, Timer } from '../base/clock.ts';
import type { Capabilities, ChannelStatus, CyclerChannel } from '../device/cycler.ts';
import type { StoreResult } from '../store/run-store.ts';
import type { CellSwitch, OffResult } from './cell-switch.ts';
import type { Journal } from './journal.ts';
import type { Recorder } from './recorder.ts';
import type { RunStatus } from './run-status.ts';

export interface RunEndingOptions {
  readonly run: string;
  readonly clock: Clock;
  readonly device: CyclerChannel;
  readonly cell: CellSwitch;
  readonly journal: Journal;
  readonly recorder: Recorder;
  readonly status: RunStatus;
  /** As long as the disk may be waited for. */
  readonly seal: (done: (result: StoreResult) => void) => void;
  /** What opens the cell where this process cannot. */
  readonly deadMan: Capabilities['deadMan'];
  /** How far the device is: asks for what is missing. */
  readonly catchUp: (status: ChannelStatus) => void;
  /** Whether everything up to there is recorded. */
  readonly hasAll: (status: ChannelStatus) => boolean;
  /** `problem`: what is not as it should be, in words; null where all is well. */
  readonly onClosed: (problem: string | null) => void;
  readonly guard: (handle: () => void) => void;
}

/** How a problem of the file begins; every other one is of the device. */
export const NOT_SEALED = 'the file is not sealed';
/** The device is asked this often, and no more, for what is missing at the end. */
const ASKS_MAX = 30;
const ASK_EVERY_MS = 1000;

export class RunEnding {
  readonly #options: RunEndingOptions;
  /** Where the device was after `off`: the record is complete when the host has come that far. */
  #owed: ChannelStatus | null = null;
  #asks = 0;
  #isCellOn = false;
  #timer: Timer | null = null;
  #isClosing = false;

  constructor(options: RunEndingOptions) {
    this.#options = options;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Opens the cell and completes the record; `tell` makes the lifecycle machine and the journal know why. */
  begin(tell: () => void): void {
    const { cell, guard, journal } = this.#options;
    const answer: { early: OffResult | null; isTold: boolean } = { early: null, isTold: false };
    cell.open((off) => {
      // A device may answer before `off` returns: the run is not closed before it is being ended.
      if (answer.isTold) guard(() => this.#offAnswered(off));
      else answer.early = off;
    });
    answer.isTold = true;
    tell();
    journal.flush();
    if (answer.early !== null) this.#offAnswered(answer.early);
  }

  /** The link went while the run was being ended, or was gone already. */
  closeWithoutDevice(): void {
    this.close(`the link is lost, so the cell could not be seen to open; ${BOUNDS[this.#options.deadMan]}`);
  }

  /** To be called whenever something was recorded. */
  settle(): void {
    const { run, hasAll } = this.#options;
    if (this.#owed === null || this.#isClosing) return;
    if (this.#isCellOn) return;
    if (this.#owed.run !== run || hasAll(this.#owed)) this.close(null);
  }

  /** Closes with what there is. */
  close(problem: string | null): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#timer?.cancel();
    const { device, guard, journal, onClosed, recorder, run, status } = this.#options;
    recorder.close();
    if (problem !== null) journal.event({ timeUs: null, kind: 'incomplete', detail: { problem } });
    status.send({ type: 'run.closed' });
    const number = journal.intend('release');
    const seal = (): void =>
      this.#options.seal((result) => onClosed(result.ok ? problem : `${NOT_SEALED}: ${result.detail}`));
    journal.flush(() =>
      guard(() =>
        device.release(run, (result) => {
          journal.result(number, result.ok ? 'ok' : `${result.reason}: ${result.detail}`);
          journal.end(seal);
        }),
      ),
    );
  }

  #offAnswered(off: OffResult): void {
    if (off.isOpen) return this.#askWhatIsOwed();
    const bound = BOUNDS[this.#options.deadMan];
    this.close(`the device did not confirm that the cell is open (${off.detail}); ${bound}`);
  }

  #askWhatIsOwed(): void {
    const { catchUp, clock, device, guard, run } = this.#options;
    this.#asks += 1;
    if (this.#asks > ASKS_MAX)
      return this.close(this.#isCellOn ? STILL_ON : 'the device did not send all that it has recorded');
    device.status((result) =>
      guard(() => {
        if (this.#isClosing) return;
        if (!result.ok) return this.close(`the end of the record could not be read: ${result.detail}`);
        this.#isCellOn = result.value.isCellOn;
        // Confirmed, and yet on: a relay that sticks. Said again, and never reported as open.
        if (this.#isCellOn) this.#options.cell.open();
        this.#owed = result.value;
        if (result.value.run === run) catchUp(result.value);
        this.#timer = clock.after(ASK_EVERY_MS, () => this.#askWhatIsOwed());
        // Cancels the timer where nothing is missing.
        this.settle();
      }),
    );
  }
}

const STILL_ON = 'the device says that its cell is still on: take the cell off by hand';
/** What becomes of a cell that could not be seen to open: what is not so must not be promised. */
const BOUNDS = {
  device: 'its lease and the bound of its step open it, and it is switched off when the device is back',
  'step-bound': 'the bound of what was loaded opens it, and it is switched off when the device is back',
  nobody:
    'nothing opens it until the device is back: switch the instrument off, or take the cell off, by hand',
} as const;
