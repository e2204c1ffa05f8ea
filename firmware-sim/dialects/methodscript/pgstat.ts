// The potentiostat as a script sees it: mode, set values, cell switch, ranges, readings with what they say of
// themselves. In amperes and volts, as the language has them; the board below counts in pA and nV.
import type { SourceMeter, SourceMeterReading } from '../../board/source-meter.ts';
import { ERRORS, type ErrorCode } from './error-codes.ts';
import { GALVANOSTAT_MODE, type Profile } from './profiles.ts';
import { type MeasuringRange, RangeSelector, STATUS } from './ranging.ts';
import { floatValue, type Value } from './value.ts';

export interface PgstatReading {
  /** WE vs RE, `ab`. */
  readonly potential: Value;
  /** WE current, `ba`. */
  readonly current: Value;
}

const SETTLING_RANGES_MAX = 12;
const PA_PER_A = 1e12;
const NV_PER_V = 1e9;
/** The galvanostat drives up to three times the range (EmStat4: 10 mA range, 30 mA). */
const DRIVE_FACTOR = 3;

export class Pgstat {
  readonly #profile: Profile;
  readonly #source: SourceMeter;
  /** Voltage at which the galvanostat gives up, at this instant of the device clock. */
  readonly #complianceNvAt: (us: number) => number;
  readonly #potentialRange: RangeSelector | null;
  #currentRange: RangeSelector;
  #mode = 0;
  #isModeOfScript = false;
  #setNv = 0;
  #setPa = 0;
  #isOn = false;
  #complianceNv = 0;

  constructor(options: {
    readonly profile: Profile;
    readonly source: SourceMeter;
    readonly complianceNvAt: (us: number) => number;
  }) {
    this.#profile = options.profile;
    this.#source = options.source;
    this.#complianceNvAt = options.complianceNvAt;
    const { potentialRanges } = options.profile;
    this.#potentialRange = potentialRanges === null ? null : new RangeSelector(potentialRanges);
    this.#currentRange = this.#currentRangeOf(0);
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  get isGalvanostat(): boolean {
    return this.#mode === GALVANOSTAT_MODE;
  }

  get mode(): number {
    return this.#mode;
  }

  /** A script begins: the mode that it finds is that of an earlier one. */
  beginScript(): void {
    this.#isModeOfScript = false;
  }

  /** The cell opens: a mode is chosen before the cell is switched on (inferred). */
  setMode(us: number, mode: number): ErrorCode | null {
    if (!this.#profile.modes.includes(mode)) return ERRORS.badPgstatMode;
    this.cellOff(us);
    this.#mode = mode;
    this.#isModeOfScript = true;
    this.#currentRange = this.#currentRangeOf(mode);
    this.#selectRange(us);
    return null;
  }

  setPotential(us: number, potentialV: number): ErrorCode | null {
    const { voltageLowNv, voltageHighNv } = this.#profile;
    const setNv = Math.round(potentialV * NV_PER_V);
    if (this.isGalvanostat && !this.#isSetAhead) return ERRORS.wrongForPgstatMode;
    if (setNv < voltageLowNv || setNv > voltageHighNv) return ERRORS.invalidPotential;
    this.#setNv = setNv;
    if (this.#isOn) this.#drive(us);
    return null;
  }

  setCurrent(us: number, currentA: number): ErrorCode | null {
    const setPa = Math.round(currentA * PA_PER_A);
    if (!this.isGalvanostat && !this.#isSetAhead) return ERRORS.wrongForPgstatMode;
    const drivenPa = this.isGalvanostat
      ? this.#currentRange.current.nominal * DRIVE_FACTOR
      : Number.POSITIVE_INFINITY;
    const largestPa = Math.min(this.#profile.currentMaxPa, drivenPa);
    if (Math.abs(setPa) > largestPa) return ERRORS.outOfBounds;
    this.#setPa = setPa;
    if (this.#isOn) this.#drive(us);
    return null;
  }

  cellOn(us: number): ErrorCode | null {
    if (this.#mode === 0) return ERRORS.wrongForPgstatMode;
    this.#isOn = true;
    this.#drive(us);
    return null;
  }

  cellOff(us: number): void {
    this.#isOn = false;
    this.#source.open(us);
  }

  /** `set_range`: `ba` measured, `db` applied current, `ab` measured potential; `da` has no ranges here. */
  selectRange(us: number, type: string, largest: number): ErrorCode | null {
    return this.#range(us, type, (selector, scale) => selector.select(largest * scale));
  }

  autorange(us: number, type: string, smallest: number, largest: number): ErrorCode | null {
    return this.#range(us, type, (selector, scale) => selector.follow(smallest * scale, largest * scale));
  }

  /** One reading; where ranges may follow, it is taken again in the range it calls for. */
  read(us: number): PgstatReading {
    this.#renewCompliance(us);
    let reading = this.#source.reading(us);
    for (let turn = 0; turn < SETTLING_RANGES_MAX && this.#adapt(us, reading); turn += 1) {
      reading = this.#source.reading(us);
    }
    return { potential: this.#potentialOf(reading), current: this.#currentOf(reading) };
  }

  /** Small-signal impedance of the cell, with the ranges of both quantities. */
  impedance(us: number, frequencyHz: number): { readonly real: Value; readonly imaginary: Value } {
    const { real, imaginary } = this.#source.impedanceOhm(us, frequencyHz);
    const potentialRange = this.#potentialRange?.current ?? this.#currentRange.current;
    return {
      real: floatValue(real, 'cc', { status: 0, range: this.#currentRange.current.index }),
      imaginary: floatValue(imaginary, 'cd', { status: 0, range: potentialRange.index }),
    };
  }

  /** PalmSens's own examples set the first value before the mode (`MSLoopExample012-EIS`, `013-GEIS`). */
  get #isSetAhead(): boolean {
    return !this.#isModeOfScript && !this.#isOn;
  }

  #drive(us: number): void {
    if (this.isGalvanostat) {
      this.#complianceNv = this.#complianceNvAt(us);
      this.#source.set(us, {
        kind: 'current',
        currentPa: this.#setPa,
        complianceNv: this.#complianceNv,
      });
      return;
    }
    const complianceCurrentPa = this.#profile.currentMaxPa;
    this.#source.set(us, { kind: 'voltage', voltageNv: this.#setNv, complianceCurrentPa });
  }

  /** A compliance that has changed since the current was set takes hold when next looked at. */
  #renewCompliance(us: number): void {
    if (!this.#isOn || !this.isGalvanostat) return;
    if (this.#complianceNvAt(us) !== this.#complianceNv) this.#drive(us);
  }

  #adapt(us: number, { voltageNv, currentPa }: SourceMeterReading): boolean {
    const isPotentialMoved = this.#potentialRange?.adapt(voltageNv) ?? false;
    // The applied current's range is chosen, never followed: it would switch the current that flows.
    const isCurrentMoved = !this.isGalvanostat && this.#isOn && this.#currentRange.adapt(currentPa);
    if (isCurrentMoved) this.#selectRange(us);
    return isPotentialMoved || isCurrentMoved;
  }

  #potentialOf({ voltageNv, isAtCompliance }: SourceMeterReading): Value {
    const { voltageLowNv, voltageHighNv } = this.#profile;
    const shownNv = Math.max(voltageLowNv, Math.min(voltageHighNv, voltageNv));
    const volts = shownNv / NV_PER_V;
    const selector = this.#potentialRange;
    if (selector === null) return floatValue(volts, 'ab');
    const isOverloaded = isAtCompliance || shownNv !== voltageNv;
    return floatValue(volts, 'ab', metadata(selector, isOverloaded ? null : shownNv));
  }

  #currentOf({ currentPa, isAtCompliance }: SourceMeterReading): Value {
    const amperes = currentPa / PA_PER_A;
    const selector = this.#currentRange;
    if (!this.isGalvanostat) {
      return floatValue(amperes, 'ba', metadata(selector, isAtCompliance ? null : currentPa));
    }
    const status = isAtCompliance ? STATUS.overload : 0;
    return floatValue(amperes, 'ba', { status, range: selector.current.index });
  }

  #range(
    us: number,
    type: string,
    change: (selector: RangeSelector, scale: number) => void,
  ): ErrorCode | null {
    switch (type) {
      case 'ba':
      case 'db':
        // A mode has one current to range: the measured one, or the applied one.
        if ((type === 'db') !== this.isGalvanostat) return null;
        change(this.#currentRange, PA_PER_A);
        this.#selectRange(us);
        return null;
      case 'ab':
        if (this.#potentialRange !== null) change(this.#potentialRange, NV_PER_V);
        return null;
      case 'da':
        return null;
      default:
        return ERRORS.noRanging;
    }
  }

  #selectRange(us: number): void {
    const { rangesPa } = this.#source.instrument;
    this.#source.selectRange(us, Math.max(0, rangesPa.indexOf(this.#currentRange.current.nominal)));
  }

  #currentRangeOf(mode: number): RangeSelector {
    const { currentRanges } = this.#profile;
    return new RangeSelector(currentRanges[mode] ?? currentRanges.otherwise);
  }
}

/** null: overloaded, whatever the reading says. */
function metadata(selector: RangeSelector, reading: number | null) {
  const { index }: MeasuringRange = selector.current;
  return { status: reading === null ? STATUS.overload : selector.status(reading), range: index };
}
