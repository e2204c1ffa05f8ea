// A voltage behind a resistor: dummy loads, open leads, a battery put into the wrong holder. They have no
// memory. They exist so that a host's checks before the first current have something to refuse.
import { assert } from '../../src/base/assert.ts';
import { type CellModel, type CellTruth, ChargeLedger } from './cell-model.ts';

export interface ResistiveCellParameters {
  readonly openCircuitV: number;
  readonly resistanceOhm: number;
}

export class ResistiveCell implements CellModel {
  readonly #openCircuitV: number;
  readonly #resistanceOhm: number;
  readonly #ledger = new ChargeLedger();

  constructor({ openCircuitV, resistanceOhm }: ResistiveCellParameters) {
    assert(Number.isFinite(openCircuitV), `openCircuitV must be finite, found ${openCircuitV}`);
    assert(resistanceOhm > 0, `resistanceOhm must be > 0, found ${resistanceOhm}`);
    this.#openCircuitV = openCircuitV;
    this.#resistanceOhm = resistanceOhm;
  }

  switchTo(elapsedS: number, currentA: number): void {
    this.#ledger.switchTo(elapsedS, currentA);
  }

  voltageV(): number {
    return this.steadyVoltageV(this.#ledger.currentA);
  }

  monotoneUntilS(): number {
    return Number.POSITIVE_INFINITY;
  }

  steadyVoltageV(currentA: number): number {
    return this.#openCircuitV + currentA * this.#resistanceOhm;
  }

  currentAtVoltageA(voltageV: number): number {
    return (voltageV - this.#openCircuitV) / this.#resistanceOhm;
  }

  truth(elapsedS: number): CellTruth {
    return this.#ledger.truth(elapsedS);
  }
}
