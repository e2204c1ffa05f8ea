// The analogue side of one channel: relay, source, meter, charge counter and the cell behind them, on the
// tick grid. Every switch of the relay is written to the cell log here and nowhere else. Must never decide
// anything: the firmware says when to switch.
import type { CellModel, CellTruth } from '../cell/cell-model.ts';
import type { CellLog, CellOffReason, CellOnReason } from '../cell-log.ts';
import { ChargeCounter } from './charge-counter.ts';
import type { VoltageCurve } from './crossing.ts';
import { CurrentSource } from './current-source.ts';
import { type DeviceClock, TICK_US } from './device-clock.ts';
import type { Instrument } from './instrument.ts';
import { Meter, type ReadingPurpose } from './meter.ts';

export interface ChannelBoardOptions {
  readonly channel: number;
  readonly seed: number;
  readonly clock: DeviceClock;
  readonly instrument: Instrument;
  readonly cell: CellModel;
  readonly log: CellLog;
}

export class ChannelBoard implements VoltageCurve {
  readonly channel: number;
  readonly instrument: Instrument;
  readonly counter = new ChargeCounter();
  readonly #clock: DeviceClock;
  readonly #cell: CellModel;
  readonly #log: CellLog;
  readonly #source: CurrentSource;
  readonly #meter: Meter;
  #rangeIndex = 0;
  #segmentTick = 0;
  #isOn = false;
  #isClamped = false;
  #meanCurrentPa: number;

  constructor({ channel, seed, clock, instrument, cell, log }: ChannelBoardOptions) {
    this.channel = channel;
    this.instrument = instrument;
    this.#clock = clock;
    this.#cell = cell;
    this.#log = log;
    this.#source = new CurrentSource(instrument, { seed, channel });
    this.#meter = new Meter(instrument, { seed, channel });
    this.#meanCurrentPa = this.#meter.meanCurrentPa(0);
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** The source has hit its compliance. */
  get isClamped(): boolean {
    return this.#isClamped;
  }

  /** Constant between two switches. */
  get meanCurrentPa(): number {
    return this.#meanCurrentPa;
  }

  /** Only with the relay open. */
  selectRange(rangeIndex: number): void {
    this.#rangeIndex = rangeIndex;
    this.#meter.selectRange(rangeIndex);
    this.#meanCurrentPa = this.#meter.meanCurrentPa(0);
  }

  /** Closes the relay with `currentPa` set, or changes the current if it is closed. */
  drive(
    tick: number,
    change: { readonly currentPa: number; readonly step: number; readonly why: CellOnReason },
  ): void {
    const output = this.#source.outputFor(
      { currentPa: change.currentPa, rangeIndex: this.#rangeIndex },
      this.#cell,
    );
    this.#switchTo(tick, output.currentA);
    this.#isOn = true;
    this.#isClamped = output.isClamped;
    this.#meanCurrentPa = this.#meter.meanCurrentPa(output.currentA);
    this.counter.run(tick, this.#meanCurrentPa);
    this.#write(tick, { cell: 'on', i_pa: change.currentPa, step: change.step, why: change.why });
  }

  /** Opens the relay; nothing happens when it is open. */
  open(tick: number, change: { readonly step: number; readonly why: CellOffReason }): void {
    if (!this.#isOn) return;
    this.#release(tick);
    this.#write(tick, { cell: 'off', i_pa: 0, step: change.step, why: change.why });
  }

  /** Loss of power at `tick`: the relay falls open and the counter forgets; the cell itself goes on. */
  powerDown(tick: number): void {
    if (this.#isOn) this.open(tick, { step: 0, why: 'power' });
    this.#cell.switchTo(this.#elapsedS(tick), 0);
    this.#segmentTick = 0;
    this.counter.zero();
  }

  /** The line that says how every power-up begins. */
  powerUp(): void {
    this.#write(0, { cell: 'off', i_pa: 0, step: 0, why: 'power' });
  }

  meanVoltageNv(tick: number): number {
    return this.#meter.meanVoltageNv(this.#cell.voltageV(this.#elapsedS(tick)));
  }

  monotoneUntilTick(tick: number): number {
    const untilS = this.#cell.monotoneUntilS(this.#elapsedS(tick));
    return this.#segmentTick + Math.floor(untilS / this.#clock.cellSeconds(1));
  }

  voltageNv(meanNv: number, purpose: ReadingPurpose, index: number): number {
    return this.#meter.voltageNv(meanNv, purpose, index);
  }

  currentPa(purpose: ReadingPurpose, index: number): number {
    return this.#meter.currentPa(this.#meanCurrentPa, purpose, index);
  }

  truthAt(tick: number): CellTruth {
    return this.#cell.truth(this.#elapsedS(tick));
  }

  #release(tick: number): void {
    this.#switchTo(tick, 0);
    this.#isOn = false;
    this.#isClamped = false;
    this.#meanCurrentPa = this.#meter.meanCurrentPa(0);
    this.counter.halt(tick);
  }

  #switchTo(tick: number, currentA: number): void {
    this.#cell.switchTo(this.#elapsedS(tick), currentA);
    this.#segmentTick = tick;
  }

  #elapsedS(tick: number): number {
    return this.#clock.cellSeconds(tick - this.#segmentTick);
  }

  #write(
    tick: number,
    change: Pick<Parameters<CellLog['write']>[0], 'cell' | 'i_pa' | 'step' | 'why'>,
  ): void {
    const realMs = Math.round(this.#clock.wallMsAtTick(tick) * 1000) / 1000;
    this.#log.write({ t_us: tick * TICK_US, real_ms: realMs, ch: this.channel, ...change });
  }
}
