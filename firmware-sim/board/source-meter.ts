// The analogue side of a laboratory potentiostat: galvanostat, potentiostat and open relay in one, with
// compliance, exact at every microsecond of the device clock; the tick-planned cycler has a board of its own
// (channel-board.ts). Must never decide anything: the firmware says what to drive and when to read, in order.
import { assert } from '../../src/base/assert.ts';
import type { CellModel, CellTruth, Drive } from '../cell/cell-model.ts';
import type { CellLog, CellOffReason } from '../cell-log.ts';
import type { TruthLog } from '../truth-log.ts';
import { CountedCharge } from './counted-charge.ts';
import { type Curve, firstTickOutside } from './crossing.ts';
import { CurrentSource } from './current-source.ts';
import { type DeviceClock, TICK_US } from './device-clock.ts';
import type { Instrument } from './instrument.ts';
import { Meter } from './meter.ts';
import { TruthWriter } from './truth-writer.ts';
import { limitedCurrent, VoltageSource } from './voltage-source.ts';

/** What the instrument drives its leads with; beyond its compliance it gives up what was set. */
export type SourceSetting =
  | { readonly kind: 'open' }
  | { readonly kind: 'current'; readonly currentPa: number; readonly complianceNv: number }
  /** null: as much current as the cell takes. */
  | { readonly kind: 'voltage'; readonly voltageNv: number; readonly complianceCurrentPa: number | null };

export interface SourceMeterReading {
  readonly voltageNv: number;
  readonly currentPa: number;
  /** The set current or voltage is not reached: compliance holds the leads. */
  readonly isAtCompliance: boolean;
}

export interface SourceMeterOptions {
  readonly channel: number;
  readonly seed: number;
  readonly clock: DeviceClock;
  readonly instrument: Instrument;
  readonly cell: CellModel;
  readonly log: CellLog;
  readonly truth: TruthLog | null;
}

const OPEN: SourceSetting = { kind: 'open' };
const NO_CURRENT: Drive = { kind: 'current', currentA: 0 };

export class SourceMeter {
  readonly instrument: Instrument;
  readonly #options: SourceMeterOptions;
  readonly #currentSource: CurrentSource;
  readonly #voltageSource: VoltageSource;
  readonly #meter: Meter;
  readonly #charge: CountedCharge;
  readonly #truth: TruthWriter;
  #rangeIndex = 0;
  #setting: SourceSetting = OPEN;
  /** Compliance holds the leads: the cell is not driven as set. */
  #isClamped = false;
  /** Start of the running segment of the cell. */
  #segmentUs = 0;
  /** Everything up to here is lived through. */
  #doneUs = 0;
  /** Compliance was judged here, under the present drive; NaN: nowhere yet. */
  #judgedUs = Number.NaN;
  #readings = 0;

  constructor(options: SourceMeterOptions) {
    const { channel, instrument, seed } = options;
    this.#options = options;
    this.instrument = instrument;
    this.#currentSource = new CurrentSource(instrument, { seed, channel });
    this.#voltageSource = new VoltageSource(instrument, { seed, channel });
    this.#meter = new Meter(instrument, { seed, channel });
    this.#charge = new CountedCharge({ meter: this.#meter, trueNetNc: (us) => this.#trueNetNc(us) });
    this.#truth = new TruthWriter(options);
  }

  get isOn(): boolean {
    return this.#setting.kind !== 'open';
  }

  selectRange(us: number, rangeIndex: number): void {
    assert(this.instrument.rangesPa[rangeIndex] !== undefined, `there is no range ${rangeIndex}`);
    this.#charge.countTo(us);
    this.#rangeIndex = rangeIndex;
    this.#meter.selectRange(rangeIndex);
    if (this.#setting.kind === 'current') this.#apply(us, this.#setting);
  }

  /** Drives the cell so from now on; a relay that was open closes. */
  set(us: number, setting: Exclude<SourceSetting, { readonly kind: 'open' }>): void {
    this.#charge.countTo(us);
    const { currentPa } = this.#apply(us, setting);
    this.#writeLog(us, { cell: 'on', i_pa: Math.round(currentPa), step: 0, why: 'commit' });
  }

  /** Opens the relay; nothing happens when it is open. */
  open(us: number, why: CellOffReason = 'off'): void {
    this.advanceTo(us);
    if (!this.isOn) return;
    this.#charge.countTo(us);
    this.#setting = OPEN;
    this.#isClamped = false;
    this.#switchTo(us, NO_CURRENT);
    this.#writeLog(us, { cell: 'off', i_pa: 0, step: 0, why });
  }

  /**
   * Lives through everything up to `us`. Voltage compliance takes hold at its own instant; current compliance
   * takes hold, and both let go, when somebody looks.
   */
  advanceTo(us: number): void {
    assert(us >= this.#doneUs, `time goes back from ${this.#doneUs} to ${us} us`);
    // A firmware looks several times at one instant.
    if (us === this.#judgedUs) return;
    const setting = this.#setting;
    if (this.#isClamped) this.#release(us);
    else if (setting.kind === 'current') this.#clampVoltage(setting, us);
    else if (setting.kind === 'voltage') this.#clampCurrent(setting, us);
    this.#doneUs = us;
    this.#judgedUs = us;
  }

  /** A conversion now, with noise. */
  reading(us: number): SourceMeterReading {
    this.advanceTo(us);
    const index = this.#readings;
    this.#readings += 1;
    const meter = this.#meter;
    const voltageNv = meter.voltageNv(meter.meanVoltageNv(this.#voltageV(us)), 'sample', index);
    const currentPa = meter.currentPa(meter.meanCurrentPa(this.#currentA(us)), 'sample', index);
    return { voltageNv, currentPa, isAtCompliance: this.#isClamped };
  }

  /** The same without noise: what an instrument that filters judges its limits by. */
  mean(us: number): SourceMeterReading {
    this.advanceTo(us);
    const voltageNv = this.#meter.meanVoltageNv(this.#voltageV(us));
    const currentPa = this.#meter.meanCurrentPa(this.#currentA(us));
    return { voltageNv, currentPa, isAtCompliance: this.#isClamped };
  }

  /**
   * Charge by the meter's own reading since power-up, while the relay was closed; nC, exact at constant I.
   */
  chargeNc(us: number): number {
    this.advanceTo(us);
    return this.#charge.countTo(us);
  }

  /**
   * First microsecond from now to `untilUs` at which the mean voltage reaches an edge of the band, under the
   * present drive; Infinity where there is none. Looks ahead without living through it.
   */
  firstVoltageBeyondUs(untilUs: number, band: { readonly lowNv: number; readonly highNv: number }): number {
    const curve = this.#voltageCurve((voltageV) => this.#meter.meanVoltageNv(voltageV));
    const span = { fromTick: Math.ceil(this.#doneUs), untilTick: Math.floor(untilUs) };
    return firstTickOutside(curve, { low: band.lowNv, high: band.highNv }, span);
  }

  /** Small-signal impedance of the cell, ohm; one that knows no frequency is a resistance. */
  impedanceOhm(us: number, frequencyHz: number): { readonly real: number; readonly imaginary: number } {
    this.advanceTo(us);
    const { cell } = this.#options;
    const known = cell.impedanceOhm?.(this.#elapsedS(us), frequencyHz);
    if (known !== undefined) return known;
    const smallA = 1e-6;
    return {
      real: (cell.steadyVoltageV(smallA) - cell.steadyVoltageV(-smallA)) / (2 * smallA),
      imaginary: 0,
    };
  }

  /** Loss of power: the relay falls open, the clock starts again at 0; the cell goes on. */
  powerDown(us: number): void {
    this.open(us, 'power');
    this.#switchTo(us, NO_CURRENT);
    this.#segmentUs -= us;
    this.#doneUs = 0;
    this.#charge.restart();
  }

  /** The line that says how every power-up begins. */
  powerUp(): void {
    this.#writeLog(0, { cell: 'off', i_pa: 0, step: 0, why: 'power' });
  }

  truthAt(us: number): CellTruth {
    return this.#options.cell.truth(this.#elapsedS(Math.max(us, this.#doneUs)));
  }

  /** Puts the drive that this setting comes to on the cell; returns the current that flows then, pA. */
  #apply(us: number, setting: Exclude<SourceSetting, { readonly kind: 'open' }>): { currentPa: number } {
    this.advanceTo(us);
    this.#setting = setting;
    const { cell } = this.#options;
    const output =
      setting.kind === 'current'
        ? this.#currentSource.outputFor(
            { currentPa: setting.currentPa, rangeIndex: this.#rangeIndex },
            cell,
            setting.complianceNv,
          )
        : this.#voltageSource.outputFor(setting, cell);
    this.#isClamped = output.isClamped;
    this.#switchTo(us, output.drive);
    return { currentPa: output.currentA * 1e12 };
  }

  #clampVoltage(setting: Extract<SourceSetting, { readonly kind: 'current' }>, us: number): void {
    const limitV = setting.complianceNv * 1e-9;
    const curve = this.#voltageCurve((voltageV) => voltageV);
    const span = { fromTick: Math.ceil(this.#doneUs), untilTick: Math.floor(us) };
    const atUs = firstTickOutside(curve, { low: -limitV, high: limitV }, span);
    if (atUs > us) return;
    const voltageV = Math.sign(this.#options.cell.voltageV(this.#elapsedS(atUs))) * limitV;
    this.#charge.countTo(atUs);
    this.#isClamped = true;
    this.#switchTo(atUs, { kind: 'voltage', voltageV });
  }

  /** A cell that takes more than it did when the voltage was set: one that has shorted since. */
  #clampCurrent(setting: Extract<SourceSetting, { readonly kind: 'voltage' }>, us: number): void {
    const limited = limitedCurrent(this.#currentA(us), setting.complianceCurrentPa);
    if (limited === null) return;
    this.#charge.countTo(us);
    this.#isClamped = true;
    this.#switchTo(us, limited.drive);
  }

  #release(us: number): void {
    const setting = this.#setting;
    if (setting.kind === 'open') return;
    const elapsedS = this.#elapsedS(us);
    const { cell } = this.#options;
    const isReleased =
      setting.kind === 'current'
        ? Math.abs(cell.currentA(elapsedS)) * 1e12 >= Math.abs(setting.currentPa)
        : Math.abs(cell.voltageV(elapsedS)) * 1e9 >= Math.abs(setting.voltageNv);
    if (!isReleased) return;
    this.#charge.countTo(us);
    this.#isClamped = false;
    // What is applied is judged by itself: the drive of before would be found at its limit again.
    this.#doneUs = us;
    this.#judgedUs = us;
    this.#apply(us, setting);
  }

  #switchTo(us: number, drive: Drive): void {
    const { cell } = this.#options;
    const elapsedS = this.#elapsedS(us);
    const segmentTick = this.#segmentUs / TICK_US;
    this.#truth.beforeSwitch({ tick: us / TICK_US, segmentTick, elapsedS });
    cell.switchTo(elapsedS, drive);
    this.#segmentUs = us;
    this.#judgedUs = Number.NaN;
    this.#charge.begin(us, this.isOn ? drive : null);
  }

  #trueNetNc(us: number): number {
    const { plateChargeC, stripChargeC } = this.#options.cell.truth(this.#elapsedS(us));
    return (stripChargeC - plateChargeC) * 1e9;
  }

  /** The voltage under the present drive by the microsecond, seen through something that rises with it. */
  #voltageCurve(seen: (voltageV: number) => number): Curve {
    return {
      rangeBetween: (fromUs, toUs) => {
        const { lowV, highV } = this.#options.cell.voltageRangeV(
          this.#elapsedS(fromUs),
          this.#elapsedS(toUs),
        );
        return { low: seen(lowV), high: seen(highV) };
      },
    };
  }

  #voltageV(us: number): number {
    const voltageV = this.#options.cell.voltageV(this.#elapsedS(us));
    const limitV = this.instrument.complianceNv * 1e-9;
    return Math.max(-limitV, Math.min(limitV, voltageV));
  }

  #currentA(us: number): number {
    return this.isOn ? this.#options.cell.currentA(this.#elapsedS(us)) : 0;
  }

  #elapsedS(us: number): number {
    return this.#options.clock.cellSeconds((us - this.#segmentUs) / TICK_US);
  }

  #writeLog(
    us: number,
    change: Pick<Parameters<CellLog['write']>[0], 'cell' | 'i_pa' | 'step' | 'why'>,
  ): void {
    const { channel, clock, log } = this.#options;
    const realMs = Math.round(clock.wallMsAtTick(us / TICK_US) * 1000) / 1000;
    log.write({ t_us: Math.round(us), real_ms: realMs, ch: channel, ...change });
  }
}
