// Features of one half-cycle from its samples: plateau, tip, end. Polarisation v = V*sgn(I), so both halves
// read alike. Pure arithmetic over what was recorded; a feature without a sample in its window is null, never
// guessed.

export interface HalfCycleFeatures {
  /** Median of v over 40-60 % of the charge. */
  readonly plateauNv: number | null;
  /** Largest v in the first 10 % of the charge. */
  readonly tipNv: number | null;
  /** v of the last sample. */
  readonly endNv: number | null;
}

/** Collects one half-cycle and is then asked once. */
export class HalfCycleCollector {
  readonly #sign: number;
  readonly #startNetChargeNc: number;
  readonly #polarisationNv: number[] = [];
  readonly #chargeNc: number[] = [];

  constructor(options: { readonly currentPa: number; readonly startNetChargeNc: number }) {
    this.#sign = Math.sign(options.currentPa);
    this.#startNetChargeNc = options.startNetChargeNc;
  }

  add(voltageNv: number, netChargeNc: number): void {
    this.#polarisationNv.push(voltageNv * this.#sign);
    this.#chargeNc.push(Math.abs(netChargeNc - this.#startNetChargeNc));
  }

  /** `chargeNc`: the half-cycle's whole charge, on the device's counter. */
  features(chargeNc: number): HalfCycleFeatures {
    const window = (from: number, to: number): number[] =>
      this.#polarisationNv.filter((_, index) => {
        const charge = this.#chargeNc[index] ?? 0;
        return charge >= from * chargeNc && charge <= to * chargeNc;
      });
    const tip = window(0, 0.1);
    return {
      plateauNv: median(window(0.4, 0.6)),
      tipNv: tip.length === 0 ? null : tip.reduce((a, b) => Math.max(a, b)),
      endNv: this.#polarisationNv.at(-1) ?? null,
    };
  }
}

/** Median of whole numbers, rounded to one; null of nothing. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : Math.round(((sorted[middle - 1] ?? upper) + upper) / 2);
}
