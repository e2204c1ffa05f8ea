// Opens the cell, whatever the script is doing: Z, the end of the output, then a script that does nothing but
// `cell_off`. All who ask meanwhile share the one procedure. Must not be called done before the instrument
// has said that it executed `cell_off`.
//
//              Z heard, end of output                     e              end of output
//   aborting ──────────────────────────────► opening ──────────► opening ─────────────► done
//      │  Z!0006: nothing ran; pause           ▲  │ refused: Z once more, else failure
//      └──── no answer: Z once more, then failure
import type { Clock, Timer } from '../../../base/clock.ts';
import { CELL_OFF_SCRIPT } from '../../../frames/dialects/methodscript/script.ts';
import type { DeviceResult, Done } from '../../cycler.ts';
import type { OutputEvent } from './script-output.ts';
import type { ScriptSession } from './script-session.ts';

/** Beyond the interval of the loop in which `Z` was sent. */
const ABORT_ANSWER_MS = 2000;
/** A second `Z` may be answered when the script has ended already: `cell_off` waits for that. */
const SECOND_ANSWER_MS = 250;
const OPENING_MS = 2000;
const ABORTS_MAX = 2;

export class CellOpener {
  readonly #clock: Clock;
  readonly #session: ScriptSession;
  #state: 'idle' | 'aborting' | 'opening' = 'idle';
  #waiters: Done<null>[] = [];
  #timer: Timer | null = null;
  #aborts = 0;
  #answers = 0;
  #intervalMs = 0;
  /** `cell_off` was taken: the next end of output is its own. */
  #isTaken = false;

  constructor(session: ScriptSession) {
    this.#clock = session.clock;
    this.#session = session;
  }

  get isActive(): boolean {
    return this.#state !== 'idle';
  }

  /** A script runs, or may; `intervalMs`: the longest time until `Z` takes effect. */
  abortAndOpen(intervalMs: number, done: Done<null>): void {
    this.#waiters.push(done);
    if (this.isActive) return;
    [this.#intervalMs, this.#aborts, this.#answers] = [intervalMs, 0, 0];
    this.#abort();
  }

  /** No script runs. */
  open(done: Done<null>): void {
    this.#waiters.push(done);
    if (this.isActive) return;
    [this.#aborts, this.#answers] = [ABORTS_MAX, ABORTS_MAX];
    this.#open();
  }

  /** The script that was to run was refused; input is ignored now, so an answer to `Z` may never come. */
  scriptRefused(): void {
    if (this.#state === 'aborting') this.#open();
  }

  /** Everything the instrument says while this is active. */
  take(event: OutputEvent): void {
    if (event.type === 'aborted') this.#answers += 1;
    if (this.#state === 'aborting') this.#takeAborting(event);
    else if (this.#state === 'opening') this.#takeOpening(event);
  }

  /** Calls everyone who waits; nobody is left waiting for an earlier connection. */
  fail(failure: DeviceResult<never>): void {
    this.#settle(failure);
  }

  #takeAborting(event: OutputEvent): void {
    if (event.type === 'aborted' && event.error !== null) {
      this.#session.heardError();
      this.#open();
    } else if (event.type === 'failed') {
      this.#session.heardError();
      this.#open();
    } else if (event.type === 'finished') {
      if (this.#answers >= this.#aborts) this.#open();
      else this.#wait(SECOND_ANSWER_MS, () => this.#open());
    }
  }

  #takeOpening(event: OutputEvent): void {
    if (event.type === 'aborted' && event.error !== null) this.#session.heardError();
    if (event.type === 'finished' && this.#isTaken) this.#settle({ ok: true, value: null });
    if (event.type === 'failed' && this.#isTaken) {
      this.#session.heardError();
      this.#giveUp({ ok: false, reason: 'refused', detail: `cell_off failed: !${event.error.code}` });
    }
  }

  #abort(): void {
    this.#state = 'aborting';
    this.#aborts += 1;
    this.#session.abort();
    this.#wait(this.#intervalMs + ABORT_ANSWER_MS, () => {
      if (this.#aborts < ABORTS_MAX) this.#abort();
      else this.#giveUp({ ok: false, reason: 'timeout', detail: 'no answer to Z: the cell may be on' });
    });
  }

  #open(): void {
    this.#state = 'opening';
    this.#isTaken = false;
    this.#timer?.cancel();
    this.#session.run(CELL_OFF_SCRIPT, true, (result) => {
      if (this.#state !== 'opening') return;
      if (!result.ok) return this.#refused(result);
      this.#isTaken = true;
      this.#wait(OPENING_MS, () =>
        this.#giveUp({ ok: false, reason: 'timeout', detail: 'cell_off did not end: the cell may be on' }),
      );
    });
  }

  #refused(failure: DeviceResult<never>): void {
    const isRunning = !failure.ok && failure.reason === 'refused' && this.#aborts < ABORTS_MAX;
    if (isRunning) this.#abort();
    else this.#giveUp(failure);
  }

  /** The next connection begins with the cell off. */
  #giveUp(failure: DeviceResult<never>): void {
    const detail = failure.ok ? '' : failure.detail;
    this.#settle(failure);
    this.#session.giveUp(detail);
  }

  #settle(result: DeviceResult<null>): void {
    this.#timer?.cancel();
    this.#state = 'idle';
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const done of waiters) done(result);
  }

  #wait(delayMs: number, run: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(delayMs, run);
  }
}
