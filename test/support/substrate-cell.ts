// A bare metal against zinc, as simple as it can be written down: a capacitor that must be discharged
// before zinc deposits and charged again when none is left, a fixed overpotential, and a share that is lost
// at each plating. The figures of a test are found with pencil and paper; real kinetics are the simulator's
// own cells.
import {
  type CellEvent,
  type CellModel,
  type CellTruth,
  ChargeLedger,
  type CurrentRange,
  type Drive,
  type VoltageRange,
} from '../../firmware-sim/cell/cell-model.ts';

export interface SubstrateCellOptions {
  readonly openCircuitV?: number;
  readonly capacitanceF?: number;
  readonly resistanceOhm?: number;
  /** Share of the deposited zinc that can be stripped again. */
  readonly efficiency?: number;
  /** A dendrite of this resistance bridges the cell once so much was plated. */
  readonly short?: { readonly afterPlateC: number; readonly resistanceOhm: number };
}

const OVERPOTENTIAL_V = 0.03;

export class SubstrateCell implements CellModel {
  readonly #ledger = new ChargeLedger();
  readonly #capacitanceF: number;
  readonly #resistanceOhm: number;
  readonly #efficiency: number;
  readonly #short: SubstrateCellOptions['short'];
  /** Above zinc, without what the current adds. */
  #surfaceV: number;
  #zincC = 0;
  #isShorted = false;

  constructor(options: SubstrateCellOptions = {}) {
    this.#surfaceV = options.openCircuitV ?? 0.8;
    this.#capacitanceF = options.capacitanceF ?? 0.0113;
    this.#resistanceOhm = options.resistanceOhm ?? 20;
    this.#efficiency = options.efficiency ?? 1;
    this.#short = options.short;
  }

  switchTo(elapsedS: number, drive: Drive): void {
    if (drive.kind !== 'current') throw new Error('this cell is driven by current only');
    const { surfaceV, zincC } = this.#stateAt(elapsedS);
    this.#surfaceV = surfaceV;
    this.#zincC = zincC;
    this.#ledger.switchTo(elapsedS, drive.currentA);
    const { plateChargeC } = this.#ledger.charge(0);
    this.#isShorted = this.#short !== undefined && plateChargeC >= this.#short.afterPlateC;
  }

  voltageV(elapsedS: number): number {
    const { currentA } = this.#ledger;
    if (this.#isShorted) return currentA * (this.#short?.resistanceOhm ?? 0);
    return this.#stateAt(elapsedS).surfaceV + this.steadyVoltageV(currentA);
  }

  currentA(): number {
    return this.#ledger.currentA;
  }

  /** Within a segment the voltage never turns round. */
  voltageRangeV(fromS: number, untilS: number): VoltageRange {
    const [fromV, untilV] = [this.voltageV(fromS), this.voltageV(untilS)];
    return { lowV: Math.min(fromV, untilV), highV: Math.max(fromV, untilV) };
  }

  currentRangeA(): CurrentRange {
    const currentA = this.currentA();
    return { lowA: currentA, highA: currentA };
  }

  steadyVoltageV(currentA: number): number {
    return currentA * this.#resistanceOhm + Math.sign(currentA) * OVERPOTENTIAL_V;
  }

  currentAtVoltageA(voltageV: number): number {
    return voltageV / this.#resistanceOhm;
  }

  truth(elapsedS: number): CellTruth {
    return { ...this.#ledger.charge(elapsedS), hidden: { zincC: this.#stateAt(elapsedS).zincC } };
  }

  events(): readonly CellEvent[] {
    return [];
  }

  #stateAt(elapsedS: number): { readonly surfaceV: number; readonly zincC: number } {
    const { currentA } = this.#ledger;
    const chargeC = Math.abs(currentA) * elapsedS;
    const unchanged = { surfaceV: this.#surfaceV, zincC: this.#zincC };
    if (this.#isShorted || currentA === 0) return unchanged;
    if (currentA < 0) {
      // Down to the potential of zinc first; what is left of the charge deposits it.
      const dischargedC = Math.min(chargeC, this.#surfaceV * this.#capacitanceF);
      const zincC = this.#zincC + this.#efficiency * (chargeC - dischargedC);
      return { surfaceV: this.#surfaceV - dischargedC / this.#capacitanceF, zincC };
    }
    const strippedC = Math.min(chargeC, this.#zincC);
    const surfaceV = this.#surfaceV + (chargeC - strippedC) / this.#capacitanceF;
    return { surfaceV, zincC: this.#zincC - strippedC };
  }
}
