// What a simulated cell must offer the board: stretches of constant current, advanced in closed form and
// exact at any instant, so that nothing depends on how often anybody looks. Positive current strips the
// working electrode. Must never know about samples, ticks or limits: those belong to the board.

/**
 * What only the simulator knows. Charges are true coulombs through the leads, not what any counter made of
 * them.
 */
export interface CellTruth {
  /** Charge passed by negative current, as a positive number. */
  readonly plateChargeC: number;
  /** Charge passed by positive current. */
  readonly stripChargeC: number;
}

export interface CellModel {
  /**
   * Ends the running segment `elapsedS` after its start and begins one with `currentA` held constant; 0 is
   * open circuit.
   */
  switchTo(elapsedS: number, currentA: number): void;
  /** Terminal voltage `elapsedS` after the start of the running segment. */
  voltageV(elapsedS: number): number;
  /** The voltage is monotone from `elapsedS` to here; Infinity when it is so for the rest of the segment. */
  monotoneUntilS(elapsedS: number): number;
  /** Voltage that `currentA` would settle to: tells the source whether it can hold the current at all. */
  steadyVoltageV(currentA: number): number;
  /** Current that flows with `voltageV` at the leads: what is left when the source has hit its compliance. */
  currentAtVoltageA(voltageV: number): number;
  /** The hidden truth `elapsedS` into the running segment. */
  truth(elapsedS: number): CellTruth;
}

/** Books the charge of finished segments and of the running one. Every model owns one. */
export class ChargeLedger {
  #plateC = 0;
  #stripC = 0;
  #currentA = 0;

  switchTo(elapsedS: number, currentA: number): void {
    const truth = this.truth(elapsedS);
    this.#plateC = truth.plateChargeC;
    this.#stripC = truth.stripChargeC;
    this.#currentA = currentA;
  }

  get currentA(): number {
    return this.#currentA;
  }

  truth(elapsedS: number): CellTruth {
    const chargeC = this.#currentA * elapsedS;
    return {
      plateChargeC: this.#plateC + Math.max(0, -chargeC),
      stripChargeC: this.#stripC + Math.max(0, chargeC),
    };
  }
}
