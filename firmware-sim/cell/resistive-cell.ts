// A voltage behind a resistor: dummy loads, open leads, a battery put into the wrong holder. They have no
// memory. They exist so that a host's checks before the first current have something to refuse.
import { assert } from '../../src/base/assert.ts';
import {
  type CellEvent,
  type CellModel,
  type CellTruth,
  ChargeLedger,
  type CurrentRange,
  type Drive,
  type VoltageRange,
} from './cell-model.ts';

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

  switchTo(elapsedS: number, drive: Drive): void {
    this.#ledger.switchTo(
      elapsedS,
      drive.kind === 'current' ? drive.currentA : this.currentAtVoltageA(drive.voltageV),
    );
  }

  voltageV(): number {
    return this.steadyVoltageV(this.#ledger.currentA);
  }

  currentA(): number {
    return this.#ledger.currentA;
  }

  voltageRangeV(): VoltageRange {
    const voltageV = this.voltageV();
    return { lowV: voltageV, highV: voltageV };
  }

  currentRangeA(): CurrentRange {
    const currentA = this.currentA();
    return { lowA: currentA, highA: currentA };
  }

  steadyVoltageV(currentA: number): number {
    return this.#openCircuitV + currentA * this.#resistanceOhm;
  }

  currentAtVoltageA(voltageV: number): number {
    return (voltageV - this.#openCircuitV) / this.#resistanceOhm;
  }

  truth(elapsedS: number): CellTruth {
    return { ...this.#ledger.charge(elapsedS), hidden: {} };
  }

  events(): readonly CellEvent[] {
    return [];
  }
}
