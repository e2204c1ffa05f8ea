// The net charge counter of one channel: the metered current integrated in closed form, its rise included. It
// stands still while the relay is open: there is no current then, and a meter's offset is not charge.
// Noise is left out: 1e-5 of a 10 mA range, one hour of 1 ms ticks, adds 100 nA x 1 ms x sqrt(3.6e6) =
// 0.19 uC, 0.05 ppm of the 4.07 C of a half-cycle, and would cost a loop over ticks.
import type { Course, Curve, Enclosure } from './crossing.ts';
import { TICK_US } from './device-clock.ts';
import { RelaxingRamp } from './relaxing-ramp.ts';

/** pA x us = 1e-9 nC. */
export const NC_PER_PA_TICK = TICK_US * 1e-9;

/** A metered current from `startTick` on: `startPa` at first, `settledPa` once its rise is over. */
export interface MeteredCurrent {
  readonly startTick: number;
  readonly startPa: number;
  readonly settledPa: number;
  /** Time constant of the rise; 0 where there is none. */
  readonly riseTicks: number;
}

const NO_CURRENT: MeteredCurrent = { startTick: 0, startPa: 0, settledPa: 0, riseTicks: 0 };

export class ChargeCounter implements Curve {
  #current = NO_CURRENT;
  #charge: Course = RelaxingRamp.level(0);
  #isSteady = true;

  zero(): void {
    this.#current = NO_CURRENT;
    this.#charge = RelaxingRamp.level(0);
    this.#isSteady = true;
  }

  /** Counts this current from its start on. */
  run(current: MeteredCurrent): void {
    const { startTick, riseTicks } = current;
    const perTick = current.settledPa * NC_PER_PA_TICK;
    const risingPerTick = riseTicks === 0 ? 0 : (current.settledPa - current.startPa) * NC_PER_PA_TICK;
    const charge = new RelaxingRamp({
      startTick,
      atStart: this.atTick(startTick),
      perTick,
      relaxing: risingPerTick * riseTicks,
      timeTicks: riseTicks,
    });
    this.#charge = charge;
    this.#isSteady = charge.isStraight;
    this.#current = current;
  }

  /** Counts as `charge` goes, which starts from what is counted by then; to be halted before that changes. */
  follow(charge: Course): void {
    this.#charge = charge;
    this.#isSteady = false;
    this.#current = NO_CURRENT;
  }

  /** Stands still from `tick` on. */
  halt(tick: number): void {
    this.run({ ...NO_CURRENT, startTick: tick });
  }

  /** Charge of one tick once the current has settled, with its sign. */
  get ncPerTick(): number {
    return this.#current.settledPa * NC_PER_PA_TICK;
  }

  /** Exact to the fraction of a nC that a double holds: better than 1e-6 nC up to 4 C. */
  atTick(tick: number): number {
    return this.#charge.at(tick);
  }

  rangeBetween(fromTick: number, untilTick: number): Enclosure {
    return this.#charge.rangeBetween(fromTick, untilTick);
  }

  /** The current is the same from its start on. */
  get isSteady(): boolean {
    return this.#isSteady;
  }

  /**
   * Charge counted since the start of this current plus half of what the tick then under way brings, both in
   * `direction`: above a target from that tick on that is the nearest to it.
   */
  approach(direction: number): RelaxingRamp {
    const { startTick, startPa, settledPa, riseTicks } = this.#current;
    const perTick = this.ncPerTick * direction;
    const risingPerTick = riseTicks === 0 ? 0 : (settledPa - startPa) * NC_PER_PA_TICK * direction;
    return new RelaxingRamp({
      startTick,
      atStart: (perTick - risingPerTick) / 2,
      perTick,
      relaxing: risingPerTick * (riseTicks - 0.5),
      timeTicks: riseTicks,
    });
  }
}
