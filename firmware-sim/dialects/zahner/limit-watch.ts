// One pair of limits, voltage and current, with the time for which it may be broken. "It will be aborted at
// the latest at the next integer multiple of the sampling period" (control.py, `:PARA:UILT`): crossings are
// found to the microsecond, ends are at samples; a current that is not set is looked at when sampled. Must
// never end anything itself.
import type { SourceMeter, SourceMeterReading } from '../../board/source-meter.ts';

export interface LimitBand {
  readonly low: number;
  readonly high: number;
}

export interface Limits {
  /** nV; null: not watched. */
  readonly voltage: LimitBand | null;
  /** pA; null: not watched. */
  readonly current: LimitBand | null;
  readonly toleranceUs: number;
}

export class LimitWatch {
  readonly #limits: Limits;
  #outsideSinceUs = Number.POSITIVE_INFINITY;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** To be called before the source lives through the time until `untilUs`. */
  lookAhead(source: SourceMeter, untilUs: number): void {
    const { voltage } = this.#limits;
    if (voltage === null || this.#isOutside) return;
    const band = { lowNv: voltage.low, highNv: voltage.high };
    this.#outsideSinceUs = source.firstVoltageBeyondUs(untilUs, band);
  }

  /** Whether the limits end the primitive at this sample. */
  isBroken(us: number, { voltageNv, currentPa }: SourceMeterReading): boolean {
    const { voltage, current, toleranceUs } = this.#limits;
    if (isBeyond(voltage, voltageNv) || isBeyond(current, currentPa)) {
      this.#outsideSinceUs = Math.min(this.#outsideSinceUs, us);
    } else if (toleranceUs > 0) this.#outsideSinceUs = Number.POSITIVE_INFINITY;
    return us - this.#outsideSinceUs >= toleranceUs;
  }

  get #isOutside(): boolean {
    return this.#outsideSinceUs < Number.POSITIVE_INFINITY;
  }
}

function isBeyond(band: LimitBand | null, value: number): boolean {
  return band !== null && (value <= band.low || value >= band.high);
}
