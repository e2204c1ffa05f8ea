// What a simulated cell must offer the board: stretches under one drive, advanced in closed form and exact at
// any instant, so that nothing depends on how often anybody looks. Positive current strips the working
// electrode. Must never know about samples, ticks or limits: those belong to the board.

/** What is held at the leads; a current of 0 A is open circuit. */
export type Drive =
  | { readonly kind: 'current'; readonly currentA: number }
  | { readonly kind: 'voltage'; readonly voltageV: number };

export interface VoltageRange {
  readonly lowV: number;
  readonly highV: number;
}

export interface CurrentRange {
  readonly lowA: number;
  readonly highA: number;
}

export interface CellModel {
  /** Ends the running segment `elapsedS` after its start and begins one under `drive`. */
  switchTo(elapsedS: number, drive: Drive): void;
  /** Terminal voltage `elapsedS` after the start of the running segment; finite, however bad the cell is. */
  voltageV(elapsedS: number): number;
  /** Current through the leads at that instant. */
  currentA(elapsedS: number): number;
  /**
   * Encloses the voltage from `fromS` to `untilS`, ends included: never too narrow, exact where both are one
   * instant, closing in as they meet. Limits are found with it.
   */
  voltageRangeV(fromS: number, untilS: number): VoltageRange;
  /** Encloses the current in the same way; the set current where one is set. */
  currentRangeA(fromS: number, untilS: number): CurrentRange;
  /** Voltage that `currentA` would settle to now: tells the source whether it can hold the current at all. */
  steadyVoltageV(currentA: number): number;
  /** Current that flows now with `voltageV` at the leads: what is left when the source is at compliance. */
  currentAtVoltageA(voltageV: number): number;
  /**
   * Small-signal impedance `elapsedS` into the running segment, ohm; a cell without the method is a
   * resistance.
   */
  impedanceOhm?(elapsedS: number, frequencyHz: number): { readonly real: number; readonly imaginary: number };
  /** The hidden truth `elapsedS` into the running segment. */
  truth(elapsedS: number): CellTruth;
  /** What happened inside, in order, up to `elapsedS` into the running segment. */
  events(elapsedS: number): readonly CellEvent[];
}

/** What only the simulator knows. Charges are true coulombs, not what any counter made of them. */
export interface CellTruth {
  /** Charge through the leads by negative current, as a positive number. */
  readonly plateChargeC: number;
  /** Charge through the leads by positive current. */
  readonly stripChargeC: number;
  /** What else this kind of cell knows of itself, by name with unit: inventory, dead zinc, conductance. */
  readonly hidden: Readonly<Record<string, number>>;
}

/** Something that happened inside the cell, at an exact instant, whatever was sampled. */
export interface CellEvent {
  readonly kind: CellEventKind;
  /** Seconds of the cell's life, from its making. */
  readonly lifeS: number;
  /** What was passed by then at both polarities together, per area. */
  readonly throughputCPerCm2: number;
  /** Half-cycles begun by then. */
  readonly halfCycle: number;
  /** Numbers of this event, by name with unit. */
  readonly detail: Readonly<Record<string, number>>;
}

export type CellEventKind =
  | 'soft-short-began'
  | 'soft-short-ended'
  | 'hard-short'
  | 'exhausted'
  | 'gas-arrived'
  | 'gas-left'
  | 'contact-changed'
  | 'open-circuit'
  | 'dried-out';

/** Books the charge of finished segments and of the running one. Every model owns one. */
export class ChargeLedger {
  #plateC = 0;
  #stripC = 0;
  #currentA = 0;

  switchTo(elapsedS: number, currentA: number): void {
    const charge = this.charge(elapsedS);
    this.#plateC = charge.plateChargeC;
    this.#stripC = charge.stripChargeC;
    this.#currentA = currentA;
  }

  get currentA(): number {
    return this.#currentA;
  }

  charge(elapsedS: number): { readonly plateChargeC: number; readonly stripChargeC: number } {
    const chargeC = this.#currentA * elapsedS;
    return {
      plateChargeC: this.#plateC + Math.max(0, -chargeC),
      stripChargeC: this.#stripC + Math.max(0, chargeC),
    };
  }
}
