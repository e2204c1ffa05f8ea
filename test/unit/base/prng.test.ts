// Goal: a draw depends on its seed, key and number alone, and looks random in all three.
// Method: order of asking is shuffled; first moments and correlations of 20 000 draws within five standard
// errors.

import { describe, expect, it } from 'vitest';
import { normalAt, randomKey, uniformAt } from '../../../src/base/prng.ts';

const DRAWS = 20_000;
const numbers = Array.from({ length: DRAWS }, (_, index) => index);

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of two columns with zero mean and unit variance expected. */
function correlation(a: readonly number[], b: readonly number[]): number {
  return mean(a.map((value, index) => value * (b[index] ?? 0)));
}

const FIVE_SIGMA = 5 / Math.sqrt(DRAWS);

describe('counter-based randomness', () => {
  it('gives the same draw in whatever order and however often it is asked', () => {
    const key = randomKey(7, 'noise', 1);
    const forwards = numbers.slice(0, 100).map((index) => normalAt(key, index));
    const backwards = numbers
      .slice(0, 100)
      .reverse()
      .map((index) => normalAt(key, index))
      .reverse();
    expect(backwards).toEqual(forwards);
  });

  it('is the same on every machine', () => {
    const key = randomKey(7, 'noise', 1, 2);
    expect(key).toBe(randomKey(7, 'noise', 1, 2));
    expect([key, uniformAt(key, 0), uniformAt(key, 1)]).toMatchInlineSnapshot(`
      [
        1568909989,
        0.8517587663376889,
        0.15984753521031786,
      ]
    `);
  });

  it('has a key of its own for each seed, purpose, index and place of an index', () => {
    const keys = [
      randomKey(7, 'noise', 1, 2),
      randomKey(8, 'noise', 1, 2),
      randomKey(7, 'drift', 1, 2),
      randomKey(7, 'noise', 2, 1),
      randomKey(7, 'noise', 1),
      randomKey(7, 'noise', 1, 2, 0),
      randomKey(7, 'noise', 1 + 2 ** 32, 2),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(Number.isInteger(key) && key >= 0 && key < 2 ** 32).toBe(true);
  });

  it('draws uniformly from (0, 1)', () => {
    const values = numbers.map((index) => uniformAt(randomKey(1, 'u'), index));
    expect(values.every((value) => value > 0 && value < 1)).toBe(true);
    expect(Math.abs(mean(values) - 0.5)).toBeLessThan(FIVE_SIGMA * Math.sqrt(1 / 12));
    const tenths = Array.from({ length: 10 }, (_, tenth) =>
      values.filter((value) => Math.floor(value * 10) === tenth),
    );
    const chiSquared = tenths.reduce((sum, { length }) => sum + (length - DRAWS / 10) ** 2 / (DRAWS / 10), 0);
    // 9 degrees of freedom: beyond 33.7 once in 10 000.
    expect(chiSquared).toBeLessThan(33.7);
  });

  it('draws normally: mean 0, variance 1, skewness 0, kurtosis 3', () => {
    const values = numbers.map((index) => normalAt(randomKey(1, 'n'), index));
    const moment = (order: number): number => mean(values.map((value) => value ** order));
    expect(Math.abs(moment(1))).toBeLessThan(FIVE_SIGMA);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(FIVE_SIGMA * Math.sqrt(2));
    expect(Math.abs(moment(3))).toBeLessThan(FIVE_SIGMA * Math.sqrt(15));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(FIVE_SIGMA * Math.sqrt(96));
  });

  it('does not correlate neighbours, nor neighbouring seeds, channels and purposes', () => {
    const draws = (key: number, offset = 0): number[] =>
      numbers.map((index) => normalAt(key, index + offset));
    const base = draws(randomKey(7, 'noise', 1));
    const others = [
      draws(randomKey(7, 'noise', 1), 1),
      draws(randomKey(8, 'noise', 1)),
      draws(randomKey(7, 'noise', 2)),
      draws(randomKey(7, 'noisf', 1)),
    ];
    for (const other of others) expect(Math.abs(correlation(base, other))).toBeLessThan(FIVE_SIGMA);
  });
});
