// What the meter of a laboratory potentiostat has counted since power-up: at a constant current its own
// reading times the time, under a held voltage what really flowed. Must never count while the relay is open.
// The tick-planned cycler has a counter of its own (charge-counter.ts).
import type { Drive } from '../cell/cell-model.ts';
import type { Meter } from './meter.ts';

export interface CountedChargeOptions {
  readonly meter: Meter;
  /** True charge of the cell, strip minus plate, nC. */
  readonly trueNetNc: (us: number) => number;
}

/** pA us is 1e-9 nC. */
const NC_PER_PA_US = 1e-9;

export class CountedCharge {
  readonly #options: CountedChargeOptions;
  /** null: the relay is open. */
  #drive: Drive | null = null;
  #countedUs = 0;
  #countedNc = 0;
  /** True net charge of the cell where it was counted last. */
  #trueNc = 0;

  constructor(options: CountedChargeOptions) {
    this.#options = options;
  }

  /** From here on the cell is driven so; to be counted up to here before. */
  begin(us: number, drive: Drive | null): void {
    this.#drive = drive;
    this.#countedUs = us;
    this.#trueNc = this.#options.trueNetNc(us);
  }

  /** nC up to `us`; exact at constant current. */
  countTo(us: number): number {
    const { meter, trueNetNc } = this.#options;
    const fromUs = this.#countedUs;
    const drive = this.#drive;
    this.#countedUs = us;
    if (drive === null || us <= fromUs) return this.#countedNc;
    if (drive.kind === 'current') {
      this.#countedNc += meter.meanCurrentPa(drive.currentA) * (us - fromUs) * NC_PER_PA_US;
      return this.#countedNc;
    }
    const netNc = trueNetNc(us);
    this.#countedNc += netNc - this.#trueNc;
    this.#trueNc = netNc;
    return this.#countedNc;
  }

  /** Power is lost, and the clock starts again at 0. */
  restart(): void {
    this.#countedUs = 0;
    this.#countedNc = 0;
  }
}
