// Goal: lives drawn through the hazard are Weibull-distributed. Method: published mean and median for a shape
// of 4, closed values of the gamma function, and the moments of many keyed draws.
import { describe, expect, test } from 'vitest';
import { weibullCharge, weibullMean, weibullMedian } from '../../../../firmware-sim/cell/physics/weibull.ts';
import { randomKey, uniformAt } from '../../../../src/base/prng.ts';

describe('Weibull', () => {
  test('a shape of 4 has a mean of 0.9064 and a median of 0.9124 of its scale', () => {
    expect(weibullMean({ scale: 1, shape: 4 })).toBeCloseTo(0.9064, 4);
    expect(weibullMedian({ scale: 1, shape: 4 })).toBeCloseTo(0.9124, 4);
    expect(weibullMean({ scale: 612, shape: 4 })).toBeCloseTo(612 * weibullMean({ scale: 1, shape: 4 }), 9);
  });

  test('the gamma function behind the mean has its closed values to 1e-14', () => {
    const closed = [
      { shape: 1, gamma: 1 },
      { shape: 2, gamma: Math.sqrt(Math.PI) / 2 },
      { shape: 0.5, gamma: 2 },
      { shape: 2 / 3, gamma: (3 * Math.sqrt(Math.PI)) / 4 },
      { shape: 0.25, gamma: 24 },
    ];
    for (const { shape, gamma } of closed) {
      expect(Math.abs(weibullMean({ scale: 1, shape }) / gamma - 1)).toBeLessThan(1e-14);
    }
  });

  test('the hazard at the drawn life is the exponential draw', () => {
    const life = weibullCharge({ scale: 612, shape: 4, exponential: 0.37 });
    expect((life / 612) ** 4).toBeCloseTo(0.37, 12);
    expect(weibullCharge({ scale: 612, shape: 4, exponential: Math.LN2 })).toBeCloseTo(
      weibullMedian({ scale: 612, shape: 4 }),
      9,
    );
  });

  test('many draws have the mean, and a spread of 0.28 of it', () => {
    const key = randomKey(11, 'weibull-test');
    const count = 200_000;
    let sum = 0;
    let squares = 0;
    for (let n = 0; n < count; n += 1) {
      const life = weibullCharge({ scale: 1, shape: 4, exponential: -Math.log(uniformAt(key, n)) });
      sum += life;
      squares += life * life;
    }
    const mean = sum / count;
    const deviation = Math.sqrt(squares / count - mean * mean);
    expect(Math.abs(mean - weibullMean({ scale: 1, shape: 4 }))).toBeLessThan(
      (4 * 0.2543) / Math.sqrt(count),
    );
    expect(deviation / mean).toBeCloseTo(0.28, 2);
  });
});
