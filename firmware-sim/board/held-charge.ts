// What the net counter makes of a current that nobody sets: the integral of its metered course while a
// voltage is held. Gains and offset are exact, from the cell's own account; the bend of the converter, some
// ppm of the range, is integrated on instants of its own, anchored at the start. Must never depend on who
// asks when, and never be asked once the cell is driven otherwise: the counter is halted before.
import { assert } from '../../src/base/assert.ts';
import { NC_PER_PA_TICK } from './charge-counter.ts';
import type { Course, Curve, Enclosure } from './crossing.ts';
import { type DeviceClock, TICK_US } from './device-clock.ts';
import type { HeldCell } from './held-cell.ts';
import type { Meter } from './meter.ts';

export interface HeldChargeOptions {
  readonly cell: HeldCell;
  readonly meter: Meter;
  readonly clock: DeviceClock;
  readonly startTick: number;
  /** What is counted by then. */
  readonly startNc: number;
  /** Metered, in pA. */
  readonly reading: Curve;
}

/** Each interval of the bend is this much longer than the one before. */
const INTERVAL_GROWTH = 1.05;

interface BendNode {
  readonly ticks: number;
  readonly bendPa: number;
  /** Of the bend, from the start to here. */
  readonly chargeNc: number;
}

export class HeldCharge implements Course {
  readonly #options: HeldChargeOptions;
  /** True charges at the start, C. */
  readonly #plateC: number;
  readonly #stripC: number;
  /** Seconds of the device in one of the cell: the counter counts in the device's. */
  readonly #crystal: number;
  readonly #nodes: BendNode[];
  #last: BendNode;

  /** The cell's segment under the voltage has begun. */
  constructor(options: HeldChargeOptions) {
    const { cell, clock, startTick } = options;
    this.#options = options;
    const { plateChargeC, stripChargeC } = cell.truthAt(startTick);
    this.#plateC = plateChargeC;
    this.#stripC = stripChargeC;
    this.#crystal = (TICK_US * 1e-6) / clock.cellSeconds(1);
    this.#last = { ticks: 0, bendPa: this.#bendPa(0), chargeNc: 0 };
    this.#nodes = [this.#last];
  }

  /** nC on the counter. */
  at(tick: number): number {
    const { cell, meter, startTick, startNc } = this.#options;
    if (tick <= startTick) return startNc;
    const { plateChargeC, stripChargeC } = cell.truthAt(tick);
    const ncPerC = 1e9 * this.#crystal;
    const straightNc = meter.straightChargeNc({
      plateNc: (plateChargeC - this.#plateC) * ncPerC,
      stripNc: (stripChargeC - this.#stripC) * ncPerC,
      elapsedUs: (tick - startTick) * TICK_US,
    });
    return startNc + straightNc + this.#bendNc(tick - startTick);
  }

  /** Between its ends it goes no further than the current of the stretch can carry it. */
  rangeBetween(fromTick: number, untilTick: number): Enclosure {
    const [first, last] = [this.at(fromTick), this.at(untilTick)];
    if (fromTick === untilTick) return { low: first, high: first };
    const { low, high } = this.#options.reading.rangeBetween(fromTick, untilTick);
    const farthestNc = (pa: number): number => first + pa * (untilTick - fromTick) * NC_PER_PA_TICK;
    return {
      low: low >= 0 ? first : Math.min(first, last, farthestNc(low)),
      high: high <= 0 ? first : Math.max(first, last, farthestNc(high)),
    };
  }

  /** By trapezia. */
  #bendNc(ticks: number): number {
    while (this.#last.ticks <= ticks) this.#addNode();
    let left = 0;
    let right = this.#nodes.length - 1;
    while (right - left > 1) {
      const middle = Math.floor((left + right) / 2);
      if ((this.#nodes[middle] ?? this.#last).ticks <= ticks) left = middle;
      else right = middle;
    }
    const [from, until] = [this.#nodes[left], this.#nodes[right]];
    assert(from !== undefined && until !== undefined, 'a bend must have an instant on either side');
    const share = (ticks - from.ticks) / (until.ticks - from.ticks);
    const bendPa = from.bendPa + (until.bendPa - from.bendPa) * share;
    return from.chargeNc + ((from.bendPa + bendPa) / 2) * (ticks - from.ticks) * NC_PER_PA_TICK;
  }

  #addNode(): void {
    const from = this.#last;
    const ticks = Math.max(from.ticks + 1, Math.ceil(from.ticks * INTERVAL_GROWTH));
    const bendPa = this.#bendPa(ticks);
    const addedNc = ((from.bendPa + bendPa) / 2) * (ticks - from.ticks) * NC_PER_PA_TICK;
    this.#last = { ticks, bendPa, chargeNc: from.chargeNc + addedNc };
    this.#nodes.push(this.#last);
  }

  #bendPa(ticks: number): number {
    const { cell, meter, startTick } = this.#options;
    return meter.bendPa(cell.currentA(startTick + ticks));
  }
}
