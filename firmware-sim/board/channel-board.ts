// The analogue side of one channel: relay, source, meter, charge counter and the cell behind them, on the
// tick grid. Every switch of the relay is written to the cell log here and nowhere else. Must never decide
// anything: the firmware says when to switch.
import { assert } from '../../src/base/assert.ts';
import type { CellModel, CellTruth } from '../cell/cell-model.ts';
import type { CellLog, CellOffReason, CellOnReason } from '../cell-log.ts';
import type { TruthLog } from '../truth-log.ts';
import { ChargeCounter } from './charge-counter.ts';
import type { Course, Curve, TickSpan } from './crossing.ts';
import { CurrentSource, type SourceOutput } from './current-source.ts';
import { type DeviceClock, TICK_US } from './device-clock.ts';
import { HeldCell } from './held-cell.ts';
import type { Instrument } from './instrument.ts';
import { Meter, type ReadingPurpose } from './meter.ts';
import { RelaxingRamp } from './relaxing-ramp.ts';
import { VoltageHold } from './voltage-hold.ts';
import { VoltageSource } from './voltage-source.ts';

export interface ChannelBoardOptions {
  readonly channel: number;
  readonly seed: number;
  readonly clock: DeviceClock;
  readonly instrument: Instrument;
  readonly cell: CellModel;
  readonly log: CellLog;
  readonly truth: TruthLog | null;
}

const OPEN: SourceOutput = {
  drive: { kind: 'current', currentA: 0 },
  currentA: 0,
  isClamped: false,
};

export class ChannelBoard {
  readonly channel: number;
  readonly instrument: Instrument;
  readonly counter = new ChargeCounter();
  /** Mean reading of the voltage, in nV. */
  readonly voltage: Curve;
  readonly #clock: DeviceClock;
  readonly #log: CellLog;
  readonly #source: CurrentSource;
  readonly #voltageSource: VoltageSource;
  readonly #meter: Meter;
  readonly #cell: HeldCell;
  readonly #riseTicks: number;
  /** Mean readings at the two ends of the compliance. */
  readonly #compliance: { readonly lowNv: number; readonly highNv: number };
  #rangeIndex = 0;
  #isOn = false;
  #isClamped = false;
  /** null: no voltage is held. */
  #hold: VoltageHold | null = null;
  /** What flows, in A. */
  #flow: Course = RelaxingRamp.level(0);
  /** Its mean reading, in pA. */
  #reading: Course;

  constructor({ channel, seed, clock, instrument, cell, log, truth }: ChannelBoardOptions) {
    this.channel = channel;
    this.instrument = instrument;
    this.#clock = clock;
    this.#log = log;
    this.#source = new CurrentSource(instrument, { seed, channel });
    this.#voltageSource = new VoltageSource(instrument, { seed, channel });
    const meter = new Meter(instrument, { seed, channel });
    this.#meter = meter;
    this.#riseTicks = (instrument.sourceRiseMs * 1000) / TICK_US;
    const complianceV = instrument.complianceNv * 1e-9;
    const held = new HeldCell({ channel, cell, clock, complianceV, truth });
    this.#cell = held;
    this.#compliance = {
      lowNv: meter.meanVoltageNv(-complianceV),
      highNv: meter.meanVoltageNv(complianceV),
    };
    this.voltage = {
      rangeBetween(fromTick, untilTick) {
        const { lowV, highV } = held.voltageRangeV(fromTick, untilTick);
        return { low: meter.meanVoltageNv(lowV), high: meter.meanVoltageNv(highV) };
      },
    };
    this.#reading = this.#idleReading();
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Mean reading of the current, in pA. */
  get current(): Curve {
    return this.#reading;
  }

  /** Only with the relay open: a reading is off for a while then. */
  selectRange(tick: number, rangeIndex: number): void {
    this.#rangeIndex = rangeIndex;
    this.#meter.selectRange(rangeIndex);
    const to = this.#meter.meanCurrentPa(0);
    this.#reading = RelaxingRamp.between({
      startTick: tick,
      from: to + this.#meter.glitchPa(),
      to,
      timeTicks: (this.instrument.rangeGlitchMs * 1000) / TICK_US,
    });
  }

  /** Closes the relay with `currentPa` set, or changes the current if it is closed. */
  drive(
    tick: number,
    change: { readonly currentPa: number; readonly step: number; readonly why: CellOnReason },
  ): void {
    const set = { currentPa: change.currentPa, rangeIndex: this.#rangeIndex };
    const output = this.#source.outputFor(set, this.#cell.model);
    const fromA = this.#isOn ? this.#flow.at(tick) : 0;
    const to = output.currentA;
    const riseTicks = output.isClamped || fromA === to ? 0 : this.#riseTicks;
    this.#endHold(tick);
    this.#cell.switchTo(tick, output.drive, riseTicks);
    this.#isOn = true;
    this.#isClamped = output.isClamped;
    this.#flow = RelaxingRamp.between({ startTick: tick, from: fromA, to, timeTicks: riseTicks });
    const settledPa = this.#meter.meanCurrentPa(to);
    const startPa = settledPa - this.#meter.missingPa(to - fromA, to);
    const rise = { startTick: tick, from: startPa, to: settledPa, timeTicks: riseTicks };
    this.#reading = RelaxingRamp.between(rise);
    this.counter.run({ startTick: tick, startPa, settledPa, riseTicks });
    this.#write(tick, { cell: 'on', i_pa: change.currentPa, step: change.step, why: change.why });
  }

  /** Closes the relay with a voltage set, or goes over to that; it takes no time but that of the cell. */
  hold(
    tick: number,
    change: { readonly voltageNv: number; readonly step: number; readonly why: CellOnReason },
  ): void {
    const { voltageNv, step, why } = change;
    const hold = new VoltageHold({
      cell: this.#cell,
      meter: this.#meter,
      clock: this.#clock,
      counter: this.counter,
      voltageV: this.#voltageSource.atLeadsV(voltageNv),
      fullScalePa: this.instrument.rangesPa[this.#rangeIndex] ?? 0,
      startTick: tick,
      beforePa: this.#reading.at(tick),
    });
    this.#isOn = true;
    this.#take(hold);
    const firstPa = Math.round(hold.firstA * 1e12) + 0;
    this.#write(tick, { cell: 'on', i_pa: firstPa, v_nv: voltageNv, step, why });
  }

  /** The first tick of the span at which a held voltage or its compliance gives way to the other. */
  sourceChangeTick(span: TickSpan): number {
    return this.#hold?.changeTick(span) ?? Number.POSITIVE_INFINITY;
  }

  /** To be called at that tick. */
  changeSource(tick: number): void {
    assert(this.#hold !== null, 'only the source of a held voltage changes by itself');
    this.#hold.change(tick);
    this.#take(this.#hold);
  }

  /** Opens the relay; nothing happens when it is open. No current outlasts it, whatever the source's rise. */
  open(tick: number, change: { readonly step: number; readonly why: CellOffReason }): void {
    if (!this.#isOn) return;
    this.#endHold(tick);
    this.#cell.switchTo(tick, OPEN.drive, 0);
    this.#isOn = false;
    this.#isClamped = false;
    this.#reading = this.#idleReading();
    this.counter.halt(tick);
    this.#write(tick, { cell: 'off', i_pa: 0, step: change.step, why: change.why });
  }

  /** Loss of power at `tick`: the relay falls open and the counter forgets; the cell itself goes on. */
  powerDown(tick: number): void {
    if (this.#isOn) this.open(tick, { step: 0, why: 'power' });
    this.#cell.switchTo(tick, OPEN.drive, 0);
    this.#cell.restartClock(tick);
    this.#reading = this.#idleReading();
    this.counter.zero();
  }

  /** The line that says how every power-up begins. */
  powerUp(): void {
    this.#write(0, { cell: 'off', i_pa: 0, step: 0, why: 'power' });
  }

  /** At a tick, or between two where a converter is early or late. */
  meanVoltageNv(tick: number): number {
    return this.#meter.meanVoltageNv(this.#cell.voltageV(tick));
  }

  /**
   * The source has hit its compliance, seen by the mean voltage of that instant. In the middle of a step the
   * counter goes on with the current that no longer flows, for one tick at most: hard limits lie within the
   * span and the span within the compliance, so the first tick beyond the compliance is also one beyond a
   * hard limit and opens the cell. That is 1 ms of current, 0.3 ppm of a half-cycle of an hour.
   */
  isAtCompliance(meanNv: number): boolean {
    if (!this.#isOn) return false;
    return this.#isClamped || meanNv >= this.#compliance.highNv || meanNv <= this.#compliance.lowNv;
  }

  voltageNv(meanNv: number, purpose: ReadingPurpose, index: number): number {
    return this.#meter.voltageNv(meanNv, purpose, index);
  }

  currentPa(tick: number, purpose: ReadingPurpose, index: number): number {
    return this.#meter.currentPa(this.#reading.at(tick), purpose, index);
  }

  /** When the voltage of sample `index`, due at `tick`, is really taken. */
  apertureTick(tick: number, index: number): number {
    return this.#meter.apertureTick(tick, index);
  }

  /** The conversion at `tick` fails. */
  isMissed(tick: number): boolean {
    return this.#meter.isMissed(tick);
  }

  truthAt(tick: number): CellTruth {
    return this.#cell.truthAt(tick);
  }

  #take(hold: VoltageHold): void {
    this.#hold = hold;
    this.#isClamped = hold.isLimited;
    this.#flow = hold.flow;
    this.#reading = hold.reading;
  }

  /** Before the cell is driven otherwise: what a hold has counted is known of the cell while it lasts. */
  #endHold(tick: number): void {
    if (this.#hold === null) return;
    this.counter.halt(tick);
    this.#hold = null;
  }

  #idleReading(): RelaxingRamp {
    return RelaxingRamp.level(this.#meter.meanCurrentPa(0));
  }

  #write(
    tick: number,
    change: Pick<Parameters<CellLog['write']>[0], 'cell' | 'i_pa' | 'v_nv' | 'step' | 'why'>,
  ): void {
    const realMs = Math.round(this.#clock.wallMsAtTick(tick) * 1000) / 1000;
    this.#log.write({ t_us: tick * TICK_US, real_ms: realMs, ch: this.channel, ...change });
  }
}
