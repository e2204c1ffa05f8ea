// A voltage held at the cell of one channel, for the length of a step. While the cell would take more than
// the full scale of the range, the source is at its compliance and drives that full scale instead, until the
// voltage is reached; it goes over at a tick. Must never judge a limit of the step: the plan does.
//
//   holding --|I| beyond full scale--> limiting --voltage reached--> holding
import type { ChargeCounter } from './charge-counter.ts';
import { type Course, type Enclosure, firstHeldTick, firstTickOutside, type TickSpan } from './crossing.ts';
import type { DeviceClock } from './device-clock.ts';
import type { HeldCell } from './held-cell.ts';
import { HeldCharge } from './held-charge.ts';
import type { Meter } from './meter.ts';
import { RelaxingRamp } from './relaxing-ramp.ts';
import { limitedCurrent } from './voltage-source.ts';

export interface VoltageHoldOptions {
  readonly cell: HeldCell;
  readonly meter: Meter;
  readonly clock: DeviceClock;
  /** Counts what was before up to now, and this hold from now on. */
  readonly counter: ChargeCounter;
  /** At the leads. */
  readonly voltageV: number;
  readonly fullScalePa: number;
  readonly startTick: number;
  /** What the meter shows up to the start, pA. */
  readonly beforePa: number;
}

interface Phase {
  readonly startTick: number;
  /** Sign of the full scale that flows instead; 0: the voltage is held. */
  readonly limitSign: number;
  /** What flows, in A. */
  readonly flow: Course;
  /** Its mean reading, in pA. */
  readonly reading: Course;
}

/** The grain of a double: what is at full scale is not beyond it. */
const GRAIN = 1e-12;
const INFINITE = Number.POSITIVE_INFINITY;

export class VoltageHold {
  /** What flows at first, double layers aside. */
  readonly firstA: number;
  readonly #options: VoltageHoldOptions;
  #phase: Phase;

  /** Switches the cell. */
  constructor(options: VoltageHoldOptions) {
    this.#options = options;
    const { startTick, beforePa, cell, voltageV, fullScalePa } = options;
    this.#phase = this.#holding(startTick, beforePa);
    // Judged as the compliance of the galvanostat is, without the charging of the double layer. What flows
    // now is known of a segment that begins now.
    const freeA = cell.model.currentAtVoltageA(voltageV);
    const limited = limitedCurrent(freeA, fullScalePa);
    this.firstA = limited?.currentA ?? freeA;
    if (limited !== null) this.#phase = this.#limiting(startTick, Math.sign(limited.currentA));
  }

  get isLimited(): boolean {
    return this.#phase.limitSign !== 0;
  }

  get flow(): Course {
    return this.#phase.flow;
  }

  get reading(): Course {
    return this.#phase.reading;
  }

  /** The first tick of the span at which the source must go over; Infinity when there is none. */
  changeTick({ fromTick, untilTick }: TickSpan): number {
    const { voltageV, cell } = this.#options;
    const { startTick, limitSign, flow } = this.#phase;
    const span = { fromTick: Math.max(fromTick, startTick + 1), untilTick };
    if (limitSign === 0) {
      const edgeA = this.#options.fullScalePa * 1e-12 * (1 + GRAIN);
      return firstTickOutside(flow, { low: -edgeA, high: edgeA }, span);
    }
    const reached = limitSign > 0 ? { low: voltageV, high: INFINITE } : { low: -INFINITE, high: voltageV };
    const voltage = {
      rangeBetween: (from: number, until: number): Enclosure => {
        const { lowV, highV } = cell.voltageRangeV(from, until);
        return { low: lowV, high: highV };
      },
    };
    return firstHeldTick(voltage, reached, span, 0);
  }

  /** Goes over at the tick that `changeTick` found. */
  change(tick: number): void {
    const { flow, limitSign, reading } = this.#phase;
    this.#phase =
      limitSign === 0
        ? this.#limiting(tick, Math.sign(flow.at(tick)))
        : this.#holding(tick, reading.at(tick));
  }

  #holding(startTick: number, beforePa: number): Phase {
    const { cell, meter, clock, counter, voltageV } = this.#options;
    counter.halt(startTick);
    cell.switchTo(startTick, { kind: 'voltage', voltageV }, 0);
    const flow: Course = {
      at: (tick) => cell.currentA(tick),
      rangeBetween: (fromTick, untilTick) => {
        const { lowA, highA } = cell.currentRangeA(fromTick, untilTick);
        return { low: lowA, high: highA };
      },
    };
    const reading = readingOf(flow, { meter, startTick, beforePa });
    const startNc = counter.atTick(startTick);
    counter.follow(new HeldCharge({ cell, meter, clock, startTick, startNc, reading }));
    return { startTick, limitSign: 0, flow, reading };
  }

  #limiting(startTick: number, limitSign: number): Phase {
    const { cell, meter, counter, fullScalePa } = this.#options;
    const currentA = limitSign * fullScalePa * 1e-12;
    counter.halt(startTick);
    cell.switchTo(startTick, { kind: 'current', currentA }, 0);
    const settledPa = meter.meanCurrentPa(currentA);
    counter.run({ startTick, startPa: settledPa, settledPa, riseTicks: 0 });
    const [flow, reading] = [RelaxingRamp.level(currentA), RelaxingRamp.level(settledPa)];
    return { startTick, limitSign, flow, reading };
  }
}

/** Up to the start the meter shows what was before; it rises with the current, so bounds stay bounds. */
function readingOf(
  flow: Course,
  from: { readonly meter: Meter; readonly startTick: number; readonly beforePa: number },
): Course {
  const { meter, startTick, beforePa } = from;
  const at = (tick: number): number => (tick <= startTick ? beforePa : meter.meanCurrentPa(flow.at(tick)));
  return {
    at,
    rangeBetween: (fromTick, untilTick) => {
      if (untilTick <= startTick) return { low: beforePa, high: beforePa };
      const range = flow.rangeBetween(Math.max(fromTick, startTick + 1), untilTick);
      const [low, high] = [meter.meanCurrentPa(range.low), meter.meanCurrentPa(range.high)];
      if (fromTick > startTick) return { low, high };
      return { low: Math.min(beforePa, low), high: Math.max(beforePa, high) };
    },
  };
}
