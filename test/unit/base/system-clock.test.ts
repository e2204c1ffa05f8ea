// Goal: the real clock refuses what no clock can do, before anything is armed; its waiting is not tested
// here. Method: only the pure parts: the check of a delay and the two readings.

import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../../src/base/assert.ts';
import { SystemClock } from '../../../src/base/clock.ts';

describe('the system clock', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('refuses a delay of %s ms', (delayMs) => {
    expect(() => new SystemClock().after(delayMs, () => undefined)).toThrow(AssertionFailed);
  });

  it('does not mix monotonic time with wall time', () => {
    const clock = new SystemClock();
    expect(clock.nowMs()).toBeLessThan(clock.wallMs());
    expect(clock.nowMs()).toBeLessThanOrEqual(clock.nowMs());
  });

  it('arms and cancels a wait of 60 days without firing it at once', () => {
    let hasFired = false;
    const timer = new SystemClock().after(60 * 86_400_000, () => {
      hasFired = true;
    });
    timer.cancel();
    timer.cancel();
    expect(hasFired).toBe(false);
  });
});
