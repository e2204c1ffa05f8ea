// What keeps the instrument busy: from the command that began it to the one line that answers it. Jobs run
// from event to event of the device clock and never look at any other.
import { ERROR_CODES, errorText } from './error-codes.ts';

export interface Job {
  /** Device time of what comes next in it, us; never before what came last. */
  readonly nextUs: number;
  /** When it ends if nothing ends it before, as far as is known now. */
  readonly endsByUs: number;
  /** Lets that come. The answer, where it was the last. */
  advance(): string | null;
  /** Ends it now; where it has ended already, and only its answer is due, that stays what it is. */
  abort(us: number): void;
  /** The answer at once, for an instrument that is about to lose its memory. */
  readonly answer: string;
}

/** Time that passes without a sample: a calibration, a single open-circuit voltage. */
export class WaitJob implements Job {
  readonly #then: (us: number) => string;
  #nextUs: number;
  #isAborted = false;

  constructor(untilUs: number, then: (us: number) => string) {
    this.#nextUs = untilUs;
    this.#then = then;
  }

  get nextUs(): number {
    return this.#nextUs;
  }

  get endsByUs(): number {
    return this.#nextUs;
  }

  get answer(): string {
    return errorText(ERROR_CODES.aborted);
  }

  advance(): string {
    return this.#isAborted ? this.answer : this.#then(this.#nextUs);
  }

  abort(us: number): void {
    this.#isAborted = true;
    this.#nextUs = us;
  }
}
