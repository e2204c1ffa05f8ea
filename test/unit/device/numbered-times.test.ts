// Goal: what is replayed gets the counts it had, however far back it lies and however much was lost.
// Method: properties over streams of numbered counts of which a part is heard; the rest is replayed in order.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberedTimes } from '../../../src/device/drivers/gvn1/numbered-times.ts';
import { ClockUnwrapper } from '../../../src/samples/clock-unwrapper.ts';

const WRAP_US = 60_000_000;

function timesOf(keep = 10_000): NumberedTimes {
  const unwrapper = new ClockUnwrapper({ wrapUs: WRAP_US, timeScale: 1, timeUs: 0, sentMs: 0 });
  return new NumberedTimes({ unwrapper, keep });
}

/** Counts that rise by 1 µs to a quarter of a wrap each, as the page promises of a running step. */
const streams = fc
  .array(fc.integer({ min: 1, max: WRAP_US / 4 }), { minLength: 1, maxLength: 150 })
  .map((gaps) => {
    let countUs = 0;
    return gaps.map((gapUs) => (countUs += gapUs));
  });

function replay(times: NumberedTimes, counts: readonly number[], numbers: readonly number[]): number[] {
  const untilUs = counts.at(-1) ?? 0;
  return numbers.map((n) => {
    const placedUs = times.place(n, (counts[n] ?? 0) % WRAP_US, untilUs);
    expect(times.fits(n, placedUs)).toBe(true);
    times.note(n, placedUs);
    return placedUs;
  });
}

describe('replayed numbers', () => {
  it('of any holes come out exact, one after another from the first that is missing', () => {
    const heard = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(streams, heard, fc.double({ min: 0, max: 1, noNaN: true }), (counts, draws, share) => {
        const times = timesOf();
        const missing: number[] = [];
        counts.forEach((countUs, n) => {
          const isHeard = n === 0 || (draws.next().value ?? 0) >= share;
          if (isHeard) times.note(n, countUs);
          else missing.push(n);
        });
        expect(replay(times, counts, missing)).toEqual(missing.map((n) => counts[n]));
        // And all of it once more, from any number on.
        const all = counts.map((_, n) => n);
        expect(replay(times, counts, all.slice(Math.floor(share * counts.length)))).toEqual(
          counts.slice(Math.floor(share * counts.length)),
        );
      }),
    );
  });

  it('that nobody remembers the beginning of lie in the wrap before the next one known', () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 50 }), (gaps, lostWraps) => {
        // The ring has lost what took many wraps; what it still holds is younger than one wrap.
        const oldestUs = lostWraps * WRAP_US;
        const counts = [0, ...gaps.filter((gapUs) => gapUs < WRAP_US).map((gapUs) => oldestUs + gapUs)];
        const nowUs = oldestUs + WRAP_US - 1;
        const times = timesOf();
        times.note(0, 0);
        times.note(1000 + counts.length, nowUs);
        const placed = counts.slice(1).map((countUs, index) => {
          const n = 1000 + index;
          const placedUs = times.place(n, countUs % WRAP_US, nowUs);
          times.note(n, placedUs);
          return placedUs;
        });
        expect(placed).toEqual(counts.slice(1));
      }),
    );
  });

  it('a thousand wraps back come out exact', () => {
    const times = timesOf();
    const strideUs = 15_000_000;
    const counts = Array.from({ length: 4000 }, (_, n) => n * strideUs);
    counts.forEach((countUs, n) => times.note(n, countUs));
    expect(replay(times, counts, [0, 1, 2, 2000, 3999])).toEqual(
      [0, 1, 2, 2000, 3999].map((n) => n * strideUs),
    );
  });
});

describe('a count', () => {
  it('fits only between those of its neighbours', () => {
    const times = timesOf();
    times.note(4, 400);
    times.note(5, 500);
    times.note(9, 900);
    const fitting = [499, 500, 501, 899, 900].map((countUs) => times.fits(7, countUs));
    expect(fitting).toEqual([false, false, true, true, false]);
    expect([399, 400, 500, 501].map((countUs) => times.fits(5, countUs))).toEqual([false, true, true, false]);
  });

  it('that belongs to a number heard before is found by that number, and by no other', () => {
    const times = timesOf();
    const counts = [0, 20_000_000, 40_000_000, 60_000_000, 80_000_000];
    counts.forEach((countUs, n) => times.note(n, countUs));
    expect(counts.map((countUs, n) => times.sameAs(n, countUs % WRAP_US))).toEqual(counts);
    expect(times.sameAs(5, 0)).toBeNull();
    expect(times.boundOf(4)).toBe(80_000_000);
    expect(times.boundOf(5)).toBeNull();
  });
});

it('forgets what the device itself has forgotten, and nothing younger', () => {
  const times = timesOf(10);
  for (let n = 0; n < 100; n += 1) times.note(n, n * WRAP_US);
  expect(times.boundOf(88)).toBeNull();
  expect(times.boundOf(89)).toBe(89 * WRAP_US);
});
