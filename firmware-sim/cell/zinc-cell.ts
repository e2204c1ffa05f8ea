// A plating-stripping cell: two zinc electrodes, or zinc against a bare substrate, with everything that goes
// wrong with them (README.md beside this file has the equations). Pieces of time are planned ahead as far as
// anybody asks and thrown away where the current changes before; asking changes nothing.
import type { CellEvent, CellModel, CellTruth, CurrentRange, Drive, VoltageRange } from './cell-model.ts';
import { type CellIdentity } from './zinc/ageing.ts';
import { cellImpedanceOhmCm2 } from './zinc/cell-impedance.ts';
import { type CellNature, createCellNature } from './zinc/cell-nature.ts';
import { type CellState, freshState, underCurrent } from './zinc/cell-state.ts';
import { CompensatedSum } from './zinc/compensated-sum.ts';
import { hiddenOf } from './zinc/hidden.ts';
import { Segment } from './zinc/segment.ts';
import type { ZincCellParameters } from './zinc-parameters.ts';

export interface ZincCellOptions extends CellIdentity {
  readonly parameters: ZincCellParameters;
}

export class ZincCell implements CellModel {
  readonly #nature: CellNature;
  readonly #areaCm2: number;
  readonly #plateC = new CompensatedSum();
  readonly #stripC = new CompensatedSum();
  readonly #past: CellEvent[] = [];
  #segment: Segment;

  constructor({ parameters, seed, cell }: ZincCellOptions) {
    this.#nature = createCellNature(parameters, { seed, cell });
    this.#areaCm2 = parameters.areaCm2;
    this.#segment = new Segment(this.#nature, freshState(this.#nature), { kind: 'current', currentA: 0 });
  }

  switchTo(elapsedS: number, drive: Drive): void {
    const state = this.#segment.stateAt(elapsedS);
    const { plateC, stripC } = this.#segment.chargesAt(elapsedS);
    this.#plateC.add(plateC * this.#areaCm2);
    this.#stripC.add(stripC * this.#areaCm2);
    this.#past.push(...this.#segment.eventsUntil(elapsedS));
    const begun = underCurrent(this.#nature, state, this.#firstDensity(state, drive));
    this.#past.push(...begun.events);
    this.#segment = new Segment(this.#nature, begun.state, drive);
  }

  voltageV(elapsedS: number): number {
    const piece = this.#segment.pieceAt(elapsedS);
    return piece.voltageV(piece.insideS(elapsedS));
  }

  currentA(elapsedS: number): number {
    const piece = this.#segment.pieceAt(elapsedS);
    return piece.densityAt(piece.insideS(elapsedS)) * this.#areaCm2;
  }

  voltageRangeV(fromS: number, untilS: number): VoltageRange {
    if (fromS !== untilS) return this.#segment.rangeV(fromS, untilS);
    const voltageV = this.voltageV(fromS);
    return { lowV: voltageV, highV: voltageV };
  }

  currentRangeA(fromS: number, untilS: number): CurrentRange {
    if (fromS === untilS) {
      const currentA = this.currentA(fromS);
      return { lowA: currentA, highA: currentA };
    }
    const { low, high } = this.#segment.densityRange(fromS, untilS);
    return { lowA: low * this.#areaCm2, highA: high * this.#areaCm2 };
  }

  steadyVoltageV(currentA: number): number {
    return this.#segment.first.steadyV(currentA / this.#areaCm2);
  }

  currentAtVoltageA(voltageV: number): number {
    return this.#segment.first.steadyDensity(voltageV) * this.#areaCm2;
  }

  truth(elapsedS: number): CellTruth {
    const piece = this.#segment.pieceAt(elapsedS);
    const ionicAPerCm2 = piece.ionicDensityAt(piece.insideS(elapsedS));
    const { plateC, stripC } = this.#segment.chargesAt(elapsedS);
    return {
      plateChargeC: this.#plateC.valueWith(plateC * this.#areaCm2),
      stripChargeC: this.#stripC.valueWith(stripC * this.#areaCm2),
      hidden: hiddenOf(this.#segment.stateAt(elapsedS), ionicAPerCm2),
    };
  }

  events(elapsedS: number): readonly CellEvent[] {
    return [...this.#past, ...this.#segment.eventsUntil(elapsedS)];
  }

  /** Small-signal impedance as an instrument would find it now, at rest; ohm. */
  impedanceOhm(elapsedS: number, frequencyHz: number): { readonly real: number; readonly imaginary: number } {
    const state = this.#segment.stateAt(elapsedS);
    const { real, imaginary } = cellImpedanceOhmCm2(this.#nature, state, frequencyHz);
    return { real: real / this.#areaCm2, imaginary: imaginary / this.#areaCm2 };
  }

  /**
   * What decides on the polarity: the set current, or what a held voltage makes flow through the
   * electrolyte.
   */
  #firstDensity(state: CellState, drive: Drive): number {
    if (drive.kind === 'current') return drive.currentA / this.#areaCm2;
    const trial = { ...state, diffusion: state.diffusion.copy() };
    return new Segment(this.#nature, trial, drive).first.ionicDensity;
  }
}
