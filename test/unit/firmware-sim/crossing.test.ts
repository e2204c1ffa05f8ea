// Goal: the tick at which a voltage limit acts is the one a loop over all ticks would find.
// Method: random piecewise monotone curves against that loop; charge targets against a summing counter.
import { describe, expect, test } from 'vitest';
import { type Band, firstHeldTick, type VoltageCurve } from '../../../firmware-sim/board/crossing.ts';
import { ticksToCharge } from '../../../firmware-sim/board/step-plan.ts';
import { uniformAt } from '../../../src/base/prng.ts';

/** Linear between corners: monotone from corner to corner. */
function curveThrough(corners: readonly (readonly [tick: number, nv: number])[]): VoltageCurve {
  const pieceAt = (tick: number): number => {
    const index = corners.findIndex(([corner], k) => k > 0 && tick <= corner);
    return index === -1 ? corners.length - 1 : index;
  };
  return {
    meanVoltageNv: (tick) => {
      const piece = pieceAt(tick);
      const [t0 = 0, v0 = 0] = corners[piece - 1] ?? [];
      const [t1 = 1, v1 = 0] = corners[piece] ?? [];
      return v0 + ((v1 - v0) * (tick - t0)) / (t1 - t0);
    },
    monotoneUntilTick: (tick) => {
      const next = corners.find(([corner]) => corner > tick);
      return next === undefined ? Number.POSITIVE_INFINITY : next[0];
    },
  };
}

function loopedTick(curve: VoltageCurve, band: Band, untilTick: number, holdTicks: number): number {
  let sinceTick: number | null = null;
  for (let tick = 1; tick <= untilTick; tick += 1) {
    const nv = curve.meanVoltageNv(tick);
    if (nv < band.lowNv || nv > band.highNv) sinceTick = null;
    else sinceTick ??= tick;
    if (sinceTick !== null && tick - sinceTick >= holdTicks) return tick;
  }
  return Number.POSITIVE_INFINITY;
}

describe('a voltage limit', () => {
  test('acts at the tick that a loop over all ticks finds, for 2000 random curves and bands', () => {
    for (let round = 0; round < 2000; round += 1) {
      const draw = (index: number, range: number): number => Math.floor(uniformAt(round, index) * range);
      const corners: [number, number][] = [[0, draw(0, 200) - 100]];
      for (let k = 1; k <= 6; k += 1) {
        corners.push([(corners.at(-1)?.[0] ?? 0) + 1 + draw(2 * k, 30), draw(2 * k + 1, 200) - 100]);
      }
      const low = draw(20, 200) - 100;
      const bands: Band[] = [
        { lowNv: low, highNv: Number.POSITIVE_INFINITY },
        { lowNv: Number.NEGATIVE_INFINITY, highNv: low },
        { lowNv: low, highNv: low + draw(21, 40) },
      ];
      const band = bands[round % 3] ?? { lowNv: 0, highNv: 0 };
      const untilTick = corners.at(-1)?.[0] ?? 1;
      const holdTicks = draw(22, 12);
      const curve = curveThrough(corners);
      const found = firstHeldTick(curve, band, { fromTick: 1, untilTick }, holdTicks);
      expect(found, `round ${round}`).toBe(loopedTick(curve, band, untilTick, holdTicks));
    }
  });

  test('far away in ninety days costs a few dozen evaluations, not eight billion', () => {
    let evaluations = 0;
    const curve: VoltageCurve = {
      meanVoltageNv: (tick) => {
        evaluations += 1;
        return Math.sqrt(tick);
      },
      monotoneUntilTick: () => Number.POSITIVE_INFINITY,
    };
    const untilTick = 90 * 86_400_000;
    const band = { lowNv: 80_000, highNv: Number.POSITIVE_INFINITY };
    expect(firstHeldTick(curve, band, { fromTick: 1, untilTick }, 5)).toBe(6_400_000_005);
    expect(evaluations).toBeLessThan(60);
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
