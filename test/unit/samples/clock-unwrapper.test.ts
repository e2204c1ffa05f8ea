// Goal: a count comes out exact as long as what is heard is near enough to what is known, however often the
// clock has wrapped. Method: properties over true counts; the device shows them modulo its wrap.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../../src/base/assert.ts';
import { ClockUnwrapper } from '../../../src/samples/clock-unwrapper.ts';

const MINUTE_US = 60_000_000;
/** A counter of 32 bits in ms: 49.7 days. */
const COUNTER_US = 2 ** 32 * 1000;

const wraps = fc.constantFrom(MINUTE_US, 61_000_000, COUNTER_US);
/** Below half a wrap to either side, as a share of the wrap. */
const shares = fc.double({ min: -0.499, max: 0.499, noNaN: true });

function unwrapperAt(wrapUs: number, countUs: number, timeScale = 1): ClockUnwrapper {
  return new ClockUnwrapper({ wrapUs, timeScale, timeUs: countUs % wrapUs, sentMs: 0 });
}

function shown(countUs: number, wrapUs: number): number {
  return ((countUs % wrapUs) + wrapUs) % wrapUs;
}

describe('times that come unasked', () => {
  it('come out exact where each is within half a wrap of the latest, ahead of it or behind', () => {
    fc.assert(
      fc.property(wraps, fc.array(shares, { maxLength: 200 }), (wrapUs, steps) => {
        const unwrapper = unwrapperAt(wrapUs, 0);
        let latestUs = 0;
        for (const share of steps) {
          const countUs = latestUs + Math.round(share * wrapUs);
          const found = unwrapper.near(shown(countUs, wrapUs));
          unwrapper.advance(found);
          latestUs = Math.max(latestUs, countUs);
          expect([found, unwrapper.latestUs]).toEqual([countUs, latestUs]);
        }
      }),
    );
  });

  it('are counted over a thousand wraps without losing one', () => {
    const unwrapper = unwrapperAt(COUNTER_US, 0);
    const strideUs = 1_700_000_000_123;
    for (let countUs = strideUs; countUs < 1000 * COUNTER_US; countUs += strideUs) {
      unwrapper.advance(unwrapper.near(countUs % COUNTER_US));
      expect(unwrapper.latestUs).toBe(countUs);
    }
  });

  it('of a moment before the first one heard are before it', () => {
    const unwrapper = unwrapperAt(MINUTE_US, 3 * MINUTE_US + 5_000_000);
    expect(unwrapper.latestUs).toBe(5_000_000);
    expect(unwrapper.near(59_000_000)).toBe(-1_000_000);
  });
});

describe('times that were asked for', () => {
  it('come out exact after any silence, with the whole wraps that the own clock has seen pass', () => {
    const silences = fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { maxLength: 20 });
    const lateness = fc.double({ min: 0, max: 0.4, noNaN: true });
    fc.assert(
      fc.property(wraps, silences, lateness, fc.constantFrom(1, 60, 3600), (wrapUs, silent, late, scale) => {
        const unwrapper = unwrapperAt(wrapUs, 0, scale);
        const usPerMs = scale * 1000;
        let askedUs = 0;
        for (const share of silent) {
          askedUs += Math.round(share * wrapUs);
          const countUs = askedUs + Math.round(late * wrapUs);
          expect(unwrapper.answered(shown(countUs, wrapUs), askedUs / usPerMs)).toBe(countUs);
          // The next is asked after this was answered.
          askedUs = countUs;
        }
      }),
    );
  });

  it('are not thrown off by a crystal that is 100 ppm fast, for years', () => {
    const unwrapper = unwrapperAt(COUNTER_US, 0);
    for (let day = 30; day < 3650; day += 30) {
      const countUs = Math.round(day * 86_400e6 * 1.0001);
      expect(unwrapper.answered(countUs % COUNTER_US, day * 86_400e3)).toBe(countUs);
    }
  });

  it('carry along what comes unasked', () => {
    const unwrapper = unwrapperAt(MINUTE_US, 0);
    unwrapper.answered(5_000_000, 605_000);
    expect(unwrapper.near(6_000_000)).toBe(606_000_000);
  });
});

describe('a time of a known neighbour', () => {
  it('is the only count in the wrap after it, or in the wrap before it', () => {
    const count = fc.integer({ min: -COUNTER_US, max: 1000 * COUNTER_US });
    const within = fc.double({ min: 0, max: 0.999_999, noNaN: true });
    fc.assert(
      fc.property(wraps, count, within, (wrapUs, countUs, share) => {
        const unwrapper = unwrapperAt(wrapUs, 0);
        const distanceUs = Math.floor(share * wrapUs);
        const timeUs = shown(countUs, wrapUs);
        expect(unwrapper.from(timeUs, countUs - distanceUs)).toBe(countUs);
        expect(unwrapper.until(timeUs, countUs + distanceUs)).toBe(countUs);
      }),
    );
  });
});

describe('a clock', () => {
  it('cannot show what it wraps at, nor what is below zero or no integer', () => {
    const unwrapper = unwrapperAt(MINUTE_US, 0);
    const times = [0, MINUTE_US - 1, MINUTE_US, -1, 0.5];
    expect(times.map((timeUs) => unwrapper.isTime(timeUs))).toEqual([true, true, false, false, false]);
  });

  it('that shows an impossible first time is a bug of the caller', () => {
    const make = (timeUs: number) => () =>
      new ClockUnwrapper({ wrapUs: MINUTE_US, timeScale: 1, timeUs, sentMs: 0 });
    expect(make(MINUTE_US)).toThrow(AssertionFailed);
    expect(make(-1)).toThrow(AssertionFailed);
  });
});
