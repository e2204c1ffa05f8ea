// The first words on a connection, whatever the instrument was doing: stop what runs, open the cell, ask who
// it is. Nothing here can move current. One per connection; it speaks past the link, which waits for its end.
//
//   Z ─► pause ─► LF, Z ─► quiet since the answer ─► cell_off ─► t ─► v ─► i ─► CC ─► CM ─► met
//
// The first Z spoils a script that was half sent when an earlier host died: the LF alone would start it.
// Sync and abort: instrument.py of PalmSens/MethodSCRIPT_Examples (abort_and_sync).
import type { Clock, Timer } from '../../../base/clock.ts';
import { ERROR_CODE } from '../../../frames/dialects/methodscript/errors.ts';
import type { Line } from '../../../frames/dialects/methodscript/line.ts';
import { ABORT, CELL_OFF_SCRIPT } from '../../../frames/dialects/methodscript/script.ts';
import type { Answers } from './identity.ts';

export interface GreetingOptions {
  readonly clock: Clock;
  readonly write: (text: string) => void;
  /** All was answered. */
  readonly onMet: (answers: Answers) => void;
}

/** Input is ignored for 50 to 100 ms after an error; the vendor's clients wait 100 to 150. */
export const ERROR_PAUSE_MS = 150;
/** Without a line for so long, an aborted script has nothing more to say. */
const QUIET_MS = 200;

type Question = 'cell_off' | 't' | 'v' | 'i' | 'CC' | 'CM';
const QUESTIONS: readonly Question[] = ['cell_off', 't', 'v', 'i', 'CC', 'CM'];

/** First bytes of a connection; the rest is said by `Greeting`. */
export const GREETING_TEXT = ABORT;

export class Greeting {
  readonly #options: GreetingOptions;
  readonly #answers = new Map<Question, string>();
  #state: 'spoiling' | 'aborting' | 'asking' | 'done' = 'spoiling';
  #timer: Timer | null = null;
  #hasAbortAnswer = false;
  /** A script was running: its end is an empty line behind the answer. */
  #awaitsEnd = false;
  #question = 0;
  /** The script `cell_off` was taken; its end is due. */
  #isOpening = false;

  constructor(options: GreetingOptions) {
    this.#options = options;
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** `GREETING_TEXT` has been written. */
  begin(): void {
    this.#after(ERROR_PAUSE_MS, () => {
      this.#state = 'aborting';
      this.#options.write(`\n${ABORT}`);
    });
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#state = 'done';
  }

  take(line: Line): void {
    if (this.#state === 'spoiling') this.#takeAbort(line);
    else if (this.#state === 'aborting') this.#takeAborting(line);
    else if (this.#state === 'asking') this.#takeAnswer(line);
  }

  #takeAbort(line: Line): void {
    if (line.kind === 'reply' && line.command === 'Z') {
      this.#awaitsEnd = line.error === null;
      if (this.#awaitsEnd) this.#hasAbortAnswer = true;
    } else if (line.kind === 'empty' || line.kind === 'failed') this.#awaitsEnd = false;
  }

  #takeAborting(line: Line): void {
    this.#takeAbort(line);
    if (line.kind === 'reply' && line.command === 'Z') this.#hasAbortAnswer = true;
    if (this.#hasAbortAnswer && !this.#awaitsEnd) this.#after(QUIET_MS, () => this.#startAsking());
    else this.#timer?.cancel();
  }

  #startAsking(): void {
    this.#state = 'asking';
    this.#ask();
  }

  #ask(): void {
    const question = QUESTIONS[this.#question];
    if (question === undefined) return this.#finish();
    this.#options.write(question === 'cell_off' ? CELL_OFF_SCRIPT : `${question}\n`);
  }

  #takeAnswer(line: Line): void {
    const question = QUESTIONS[this.#question];
    if (question === 'cell_off') return this.#takeOpening(line);
    if (line.kind !== 'reply' || line.command !== question) return;
    this.#answers.set(question, line.payload);
    // The answer to `t` has a second line, which is not waited for: it is no answer to anything else.
    this.#next(line.error === null ? 0 : ERROR_PAUSE_MS);
  }

  #takeOpening(line: Line): void {
    if (this.#isOpening && line.kind === 'empty') return this.#next(0);
    if (line.kind === 'failed') return this.#after(ERROR_PAUSE_MS, () => this.#ask());
    if (line.kind !== 'reply' || line.command !== 'e') return;
    this.#isOpening = line.error === null;
    if (line.error === null) return;
    // It still runs a script with a long interval: asked to stop again, and waited for again.
    const isRunning = line.error.code === ERROR_CODE.wrongMode;
    this.#after(ERROR_PAUSE_MS, () => {
      if (!isRunning) return this.#ask();
      [this.#state, this.#hasAbortAnswer] = ['aborting', false];
      this.#options.write(ABORT);
    });
  }

  #next(pauseMs: number): void {
    this.#question += 1;
    if (pauseMs === 0) this.#ask();
    else this.#after(pauseMs, () => this.#ask());
  }

  #finish(): void {
    this.#state = 'done';
    const answer = (question: Question): string => this.#answers.get(question) ?? '';
    this.#options.onMet({
      firmware: answer('t'),
      serial: answer('i'),
      language: answer('v'),
      commands: answer('CC'),
      scriptCommands: answer('CM'),
    });
  }

  #after(delayMs: number, run: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(delayMs, run);
  }
}
