// One run of a script in device time: goes on when its pauses are over, stands still while halted, and is
// told of `Z` and `Y`. Between pauses it takes no time: all it does is exact to the microsecond.
import type { Course, Interpreter, Outcome, Pause } from './course.ts';
import { runScript } from './interpreter.ts';
import type { Script } from './script.ts';

/** A script that never waits gives way after so many pauses, so that the line stays alive. */
const PAUSES_AT_ONCE_MAX = 20_000;

export class ScriptRun {
  readonly #interpreter: Interpreter;
  readonly #course: Course<Outcome>;
  #pause: Pause | null = null;
  #outcome: Outcome | null = null;
  #haltedSinceUs: number | null = null;

  constructor(interpreter: Interpreter, script: Script) {
    this.#interpreter = interpreter;
    this.#course = runScript(interpreter, script);
    this.#take(this.#course.next());
  }

  /** How it ended; null while it runs. */
  get outcome(): Outcome | null {
    return this.#outcome;
  }

  get isHalted(): boolean {
    return this.#haltedSinceUs !== null;
  }

  /** A cyclic sweep is running, which `R` can turn. */
  get isReversible(): boolean {
    return this.#interpreter.context.measuring?.name === 'meas_loop_cv';
  }

  /** When it goes on; Infinity where it never does by itself. */
  get dueUs(): number {
    return this.#pause === null || this.isHalted ? Number.POSITIVE_INFINITY : this.#pause.untilUs;
  }

  advanceTo(us: number): void {
    for (let count = 0; count < PAUSES_AT_ONCE_MAX && this.dueUs <= us; count += 1) {
      this.#take(this.#course.next(this.dueUs));
    }
  }

  /** `Z`: a wait ends now, an interval of a measurement at its end. */
  abort(us: number): void {
    this.resume(us);
    this.#interpreter.requests.isAborting = true;
    const pause = this.#pause;
    if (pause?.isInterruptible !== true || this.#interpreter.isFinishing) return;
    this.#pause = { ...pause, untilUs: Math.min(pause.untilUs, us) };
    this.advanceTo(us);
  }

  /** `Y`: the measurement loop that runs is over at the end of its interval. */
  endLoop(): void {
    this.#interpreter.requests.isEndingLoop = true;
  }

  /** `R` */
  reverse(): void {
    this.#interpreter.requests.isReversing = true;
  }

  /** `h`: time stands still for the script; the cell stays as it is. */
  halt(us: number): void {
    this.#haltedSinceUs ??= us;
  }

  /** `H`: what was left of the pause is waited for. */
  resume(us: number): void {
    const sinceUs = this.#haltedSinceUs;
    this.#haltedSinceUs = null;
    const pause = this.#pause;
    if (sinceUs === null || pause === null) return;
    this.#pause = { ...pause, untilUs: pause.untilUs + (us - sinceUs) };
  }

  #take(step: IteratorResult<Pause, Outcome>): void {
    if (step.done === true) {
      this.#outcome = step.value;
      this.#pause = null;
    } else this.#pause = step.value;
  }
}
