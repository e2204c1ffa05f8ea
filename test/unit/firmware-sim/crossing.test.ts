// Goal: the tick at which a limit acts is the one a loop over all ticks would find, at the cost of a few
// dozen bounds. Method: random curves with loose bounds against that loop; evaluations counted; charge
// targets against a summing counter.
import { describe, expect, test } from 'vitest';
import {
  type Band,
  type Curve,
  type Enclosure,
  firstHeldTick,
  firstTickOutside,
} from '../../../firmware-sim/board/crossing.ts';
import { ticksToCharge } from '../../../firmware-sim/board/step-plan.ts';
import { uniformAt } from '../../../src/base/prng.ts';

/**
 * A table of readings: jumps, plateaus, peaks of one tick. Bounds are loose by `slack` unless at one tick.
 */
class TableCurve implements Curve {
  readonly readings: readonly number[];
  readonly #slack: number;

  constructor(readings: readonly number[], slack: number) {
    this.readings = readings;
    this.#slack = slack;
  }

  rangeBetween(fromTick: number, untilTick: number): Enclosure {
    const part = this.readings.slice(fromTick, untilTick + 1);
    const slack = this.#slack * (untilTick - fromTick);
    return { low: Math.min(...part) - slack, high: Math.max(...part) + slack };
  }
}

/**
 * Up to eight pieces: steady, sloping, wavy, or wild from tick to tick. Whole numbers, so that edges are met.
 */
function randomReadings(round: number): number[] {
  const draw = (index: number, range: number): number => Math.floor(uniformAt(round, index) * range);
  const readings = [0];
  for (let piece = 1; piece <= 1 + draw(1, 8); piece += 1) {
    const [kind, length, from, size] = [
      draw(10 * piece, 4),
      1 + draw(10 * piece + 1, 40),
      draw(10 * piece + 2, 200) - 100,
      draw(10 * piece + 3, 60),
    ];
    for (let k = 0; k < length; k += 1) {
      const shape = [0, k / 8, Math.sin(k / 3), uniformAt(round + 1e6, readings.length)][kind] ?? 0;
      readings.push(Math.round(from + size * shape));
    }
  }
  return readings;
}

function loopedTick({ readings }: TableCurve, band: Band, holdTicks: number): number {
  let sinceTick: number | null = null;
  for (let tick = 1; tick < readings.length; tick += 1) {
    const reading = readings[tick] ?? Number.NaN;
    if (reading < band.low || reading > band.high) sinceTick = null;
    else sinceTick ??= tick;
    if (sinceTick !== null && tick - sinceTick >= holdTicks) return tick;
  }
  return Number.POSITIVE_INFINITY;
}

/** Counts the bounds asked of a curve that rises, `range` being exact. */
function countedCurve(valueAt: (tick: number) => number): { readonly curve: Curve; count: number } {
  const counted = {
    count: 0,
    curve: {
      rangeBetween: (fromTick: number, untilTick: number) => {
        counted.count += 1;
        return { low: valueAt(fromTick), high: valueAt(untilTick) };
      },
    },
  };
  return counted;
}

const DAY_TICKS = 86_400_000;
const above = (low: number): Band => ({ low, high: Number.POSITIVE_INFINITY });
const below = (high: number): Band => ({ low: Number.NEGATIVE_INFINITY, high });

describe('a limit', () => {
  test.each([0, 0.5])(
    'acts at the tick that a loop over all ticks finds, for 3000 curves, bounds loose by %d a tick',
    (slack) => {
      for (let round = 0; round < 3000; round += 1) {
        const draw = (index: number, range: number): number => Math.floor(uniformAt(round, index) * range);
        const curve = new TableCurve(randomReadings(round), slack);
        const low = draw(200, 200) - 100;
        const band = [above(low), below(low), { low, high: low + draw(201, 40) }][round % 3] ?? above(low);
        const holdTicks = draw(202, 12);
        const span = { fromTick: 1, untilTick: curve.readings.length - 1 };
        const found = firstHeldTick(curve, band, span, holdTicks);
        expect(found, `round ${round}`).toBe(loopedTick(curve, band, holdTicks));
        const isOut = (reading: number, tick: number): boolean =>
          tick > 0 && (reading <= band.low || reading >= band.high);
        const outTick = curve.readings.findIndex(isOut);
        expect(firstTickOutside(curve, band, span)).toBe(outTick === -1 ? Number.POSITIVE_INFINITY : outTick);
      }
    },
  );

  test('that is far away all day costs one evaluation', () => {
    const counted = countedCurve((tick) => tick);
    const span = { fromTick: 1, untilTick: DAY_TICKS };
    expect(firstHeldTick(counted.curve, above(1e9), span, 5)).toBe(Number.POSITIVE_INFINITY);
    expect(counted.count).toBe(1);
  });

  test('somewhere in a day of ticks costs fewer than 200 evaluations, also among ten thousand waves', () => {
    const rising = countedCurve((tick) => Math.sqrt(tick));
    const span = { fromTick: 1, untilTick: DAY_TICKS };
    expect(firstHeldTick(rising.curve, above(8000), span, 5)).toBe(64_000_005);
    expect(rising.count).toBeLessThan(60);
    // Waves of 10 on a slope of 1e-3 a tick: bounds know the slope exactly and the waves not at all.
    let count = 0;
    const wavy: Curve = {
      rangeBetween: (from, until) => {
        count += 1;
        const slack = from === until ? 0 : Math.min(10, 0.01 * (until - from));
        const wave = 10 * Math.sin(from / 1000);
        const isShort = until - from < 1000;
        return isShort
          ? { low: 1e-3 * from + wave - slack, high: 1e-3 * until + wave + slack }
          : { low: 1e-3 * from - 10, high: 1e-3 * until + 10 };
      },
    };
    const found = firstHeldTick(wavy, above(50_000), span, 0);
    const valueAt = (tick: number): number => 1e-3 * tick + 10 * Math.sin(tick / 1000);
    expect(valueAt(found)).toBeGreaterThanOrEqual(50_000);
    for (let tick = found - 30_000; tick < found; tick += 1) expect(valueAt(tick)).toBeLessThan(50_000);
    expect(count).toBeLessThan(200);
  });

  test('held for a second by a curve that is inside all day costs one evaluation', () => {
    const counted = countedCurve(() => 3);
    expect(firstHeldTick(counted.curve, above(2), { fromTick: 1, untilTick: DAY_TICKS }, 1000)).toBe(1001);
    expect(counted.count).toBe(1);
  });
});

describe('a charge target', () => {
  test('is met at the tick whose charge is nearest to it, as a summing counter finds', () => {
    for (let round = 0; round < 500; round += 1) {
      const ncPerTick = 0.5 + uniformAt(round, 1) * 10;
      const targetNc = uniformAt(round, 2) * 2000 - 100;
      let tick = 1;
      while (targetNc - tick * ncPerTick >= ncPerTick / 2) tick += 1;
      expect(ticksToCharge(targetNc, ncPerTick)).toBe(tick);
    }
  });

  test('already passed ends after one tick, and one that is never approached not at all', () => {
    expect(ticksToCharge(0, 5)).toBe(1);
    expect(ticksToCharge(-7, 5)).toBe(1);
    expect(ticksToCharge(-7, -5)).toBe(1);
    expect(ticksToCharge(7, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(ticksToCharge(7, -5)).toBe(Number.POSITIVE_INFINITY);
  });
});
