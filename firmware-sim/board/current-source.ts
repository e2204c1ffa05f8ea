// The galvanostat of one channel: what really flows when a current is set, I = I_set (1 + g+-) + offset of
// the range, I_set on the grid of its converter, and what is left of it when the leads would need more than
// the compliance voltage.
import type { CellModel, Drive } from '../cell/cell-model.ts';
import { drawnError, type Instrument } from './instrument.ts';

export interface SourceOutput {
  /** What the source does to the cell. */
  readonly drive: Drive;
  /** The current that flows once it has risen. */
  readonly currentA: number;
  /** The compliance voltage was reached: the set current does not flow. */
  readonly isClamped: boolean;
}

export class CurrentSource {
  readonly #instrument: Instrument;
  readonly #place: { readonly seed: number; readonly channel: number };

  constructor(instrument: Instrument, place: { readonly seed: number; readonly channel: number }) {
    this.#instrument = instrument;
    this.#place = place;
  }

  /**
   * The clamp is quasi-static: judged by the voltage the current would settle to. What it neglects is the
   * charging of the double layer up to the compliance, about one tick.
   */
  outputFor(
    set: { readonly currentPa: number; readonly rangeIndex: number },
    cell: CellModel,
    complianceNv = this.#instrument.complianceNv,
  ): SourceOutput {
    const currentA = this.#freeCurrentA(set);
    const steadyV = cell.steadyVoltageV(currentA);
    const complianceV = complianceNv * 1e-9;
    if (Math.abs(steadyV) <= complianceV) {
      return { drive: { kind: 'current', currentA }, currentA, isClamped: false };
    }
    const voltageV = Math.sign(steadyV) * complianceV;
    const drive: Drive = { kind: 'voltage', voltageV };
    return { drive, currentA: cell.currentAtVoltageA(voltageV), isClamped: true };
  }

  #freeCurrentA(set: { readonly currentPa: number; readonly rangeIndex: number }): number {
    const { seed, channel } = this.#place;
    const { sourceGainPpm, sourceOffsetPpmOfRange, sourceLsbPpmOfRange } = this.#instrument;
    const direction = set.currentPa < 0 ? 0 : 1;
    const gainPpm = drawnError({
      bound: sourceGainPpm,
      seed,
      purpose: 'source-gain',
      indices: [channel, set.rangeIndex, direction],
    });
    const offsetPpm = drawnError({
      bound: sourceOffsetPpmOfRange,
      seed,
      purpose: 'source-offset',
      indices: [channel, set.rangeIndex],
    });
    const fullScalePa = this.#instrument.rangesPa[set.rangeIndex] ?? 0;
    const lsbPa = sourceLsbPpmOfRange * 1e-6 * fullScalePa;
    const setPa = lsbPa === 0 ? set.currentPa : Math.round(set.currentPa / lsbPa) * lsbPa;
    return (setPa * (1 + gainPpm * 1e-6) + offsetPpm * 1e-6 * fullScalePa) * 1e-12;
  }
}
