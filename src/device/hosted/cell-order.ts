// Orders to open the cell, and what waits until the instrument has answered them: a new plan is never given
// to one that is still being told to stop.
import type { Done } from '../cycler.ts';
import type { StepActuator } from './step-actuator.ts';

/** What is done when the orders are answered: `go`, or `drop` where another order has overtaken it. */
export interface Deferred {
  readonly go: () => void;
  readonly drop: () => void;
}

export class CellOrder {
  readonly #actuator: StepActuator;
  /** Orders that are not answered yet. */
  #open = 0;
  #waiting: Deferred[] = [];

  constructor(actuator: StepActuator) {
    this.#actuator = actuator;
  }

  open(done: Done<{ readonly openUs: number }>): void {
    this.#open += 1;
    // A plan that was asked for before this order must not start after it.
    const overtaken = this.#waiting;
    this.#waiting = [];
    this.#actuator.off((result) => {
      this.#open -= 1;
      done(result);
      if (this.#open > 0) return;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const { go } of waiting) go();
    });
    for (const { drop } of overtaken) drop();
  }

  /** True where it was put off until the orders are answered. */
  defers(deferred: Deferred): boolean {
    if (this.#open === 0) return false;
    this.#waiting.push(deferred);
    return true;
  }
}
