// A crystal that is off by some ppm: the clock that an instrument is given, and the cell that does not share
// it. What the instrument takes for a second is a little less, and the cell lives through that little less,
// so charge that is counted by the wrong clock is wrong by as much. Wall time, for logs, stays true.
import { assert } from '../../src/base/assert.ts';
import type { Clock, Timer } from '../../src/base/clock.ts';
import type {
  CellEvent,
  CellModel,
  CellTruth,
  CurrentRange,
  Drive,
  VoltageRange,
} from '../cell/cell-model.ts';
import { impedanceOf } from './impedance-of.ts';

/** Runs `rate` times as fast as the clock behind it, from the instant of its making on. */
export class DriftingClock implements Clock {
  readonly #clock: Clock;
  readonly #rate: number;
  readonly #startMs: number;

  constructor(clock: Clock, rate: number) {
    assert(rate > 0, `rate must be > 0, found ${rate}`);
    this.#clock = clock;
    this.#rate = rate;
    this.#startMs = clock.nowMs();
  }

  nowMs(): number {
    return this.#startMs + (this.#clock.nowMs() - this.#startMs) * this.#rate;
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#clock.after(delayMs / this.#rate, run);
  }

  defer(run: () => void): void {
    this.#clock.defer(run);
  }
}

/** A cell behind an instrument whose seconds are `1 / rate` true ones; instants are told in its seconds. */
export class TrueTimeCell implements CellModel {
  readonly #cell: CellModel;
  readonly #rate: number;

  constructor(cell: CellModel, rate: number) {
    assert(rate > 0, `rate must be > 0, found ${rate}`);
    this.#cell = cell;
    this.#rate = rate;
  }

  switchTo(elapsedS: number, drive: Drive): void {
    this.#cell.switchTo(elapsedS / this.#rate, drive);
  }

  voltageV(elapsedS: number): number {
    return this.#cell.voltageV(elapsedS / this.#rate);
  }

  currentA(elapsedS: number): number {
    return this.#cell.currentA(elapsedS / this.#rate);
  }

  voltageRangeV(fromS: number, untilS: number): VoltageRange {
    return this.#cell.voltageRangeV(fromS / this.#rate, untilS / this.#rate);
  }

  currentRangeA(fromS: number, untilS: number): CurrentRange {
    return this.#cell.currentRangeA(fromS / this.#rate, untilS / this.#rate);
  }

  steadyVoltageV(currentA: number): number {
    return this.#cell.steadyVoltageV(currentA);
  }

  currentAtVoltageA(voltageV: number): number {
    return this.#cell.currentAtVoltageA(voltageV);
  }

  impedanceOhm(elapsedS: number, frequencyHz: number): { readonly real: number; readonly imaginary: number } {
    return impedanceOf(this.#cell, elapsedS / this.#rate, frequencyHz * this.#rate);
  }

  truth(elapsedS: number): CellTruth {
    return this.#cell.truth(elapsedS / this.#rate);
  }

  events(elapsedS: number): readonly CellEvent[] {
    const events = this.#cell.events(elapsedS / this.#rate);
    return events.map((event) => ({ ...event, lifeS: event.lifeS * this.#rate }));
  }
}
