// The potentiostat of one channel: what really stands at the leads when a voltage is set, V = V_set (1 + g),
// and what is left of it when the cell would take more than the current compliance.
import type { CellModel } from '../cell/cell-model.ts';
import type { SourceOutput } from './current-source.ts';
import { drawnError, type Instrument } from './instrument.ts';

export class VoltageSource {
  readonly #gain: number;

  constructor(
    { meterGainPpm }: Instrument,
    { seed, channel }: { readonly seed: number; readonly channel: number },
  ) {
    const draw = { bound: meterGainPpm, seed, purpose: 'voltage-source-gain', indices: [channel] };
    this.#gain = 1 + drawnError(draw) * 1e-6;
  }

  /** What stands there when this is set. */
  atLeadsV(voltageNv: number): number {
    return voltageNv * 1e-9 * this.#gain;
  }

  /** Quasi-static, as the clamp of the galvanostat: judged by the current that flows once it has settled. */
  outputFor(
    set: { readonly voltageNv: number; readonly complianceCurrentPa: number | null },
    cell: CellModel,
  ): SourceOutput {
    const voltageV = this.atLeadsV(set.voltageNv);
    const currentA = cell.currentAtVoltageA(voltageV);
    const drive = { kind: 'voltage', voltageV } as const;
    return limitedCurrent(currentA, set.complianceCurrentPa) ?? { drive, currentA, isClamped: false };
  }
}

/** What compliance makes of a current that is beyond it; null: it is not. A compliance of null is none. */
export function limitedCurrent(freeA: number, complianceCurrentPa: number | null): SourceOutput | null {
  const limitA = (complianceCurrentPa ?? Number.POSITIVE_INFINITY) * 1e-12;
  if (Math.abs(freeA) <= limitA) return null;
  const currentA = Math.sign(freeA) * limitA;
  return { drive: { kind: 'current', currentA }, currentA, isClamped: true };
}
