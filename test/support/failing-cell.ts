// A good cell that fails once so much was plated: a dendrite, or a dried-out cell. A resistor before and
// after, so that every voltage of a test is found by hand.
import { ResistiveCell } from '../../firmware-sim/cell/resistive-cell.ts';

const GOOD_OHM = 10;

/** `laterOhm` from `afterC` of plated charge on. */
export class FailingCell extends ResistiveCell {
  readonly #afterC: number;
  readonly #laterOhm: number;

  constructor(options: { readonly afterC: number; readonly laterOhm: number }) {
    super({ openCircuitV: 0, resistanceOhm: GOOD_OHM });
    this.#afterC = options.afterC;
    this.#laterOhm = options.laterOhm;
  }

  override steadyVoltageV(currentA: number): number {
    const hasFailed = this.truth(0).plateChargeC >= this.#afterC;
    return currentA * (hasFailed ? this.#laterOhm : GOOD_OHM);
  }
}
