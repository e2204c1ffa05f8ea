// Goal: the real clock refuses what no clock can do, before anything is armed, and waits for months.
// Method: the check of a delay, the readings, and waits on the fake timers of the test runner, which overflow
// at 2^31 ms as those of Node do.

import { afterEach, describe, expect, it, vi } from 'vitest';
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

  it('tells all clocks of the host at one moment', () => {
    const clock = new SystemClock();
    const { monotonicMs, wallMs, bootMs } = clock.readings();
    expect(Math.abs(clock.nowMs() - monotonicMs)).toBeLessThan(60_000);
    expect(Math.abs(clock.wallMs() - wallMs)).toBeLessThan(60_000);
    expect(bootMs ?? 1).toBeGreaterThan(0);
  });
});

describe('a wait on the system clock', () => {
  afterEach(() => void vi.useRealTimers());

  it.each([25, 60, 730])('of %d days ends after them, not at once', (days) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    let hasFired = false;
    new SystemClock().after(days * 86_400_000, () => {
      hasFired = true;
    });
    vi.advanceTimersByTime(days * 86_400_000 - 1000);
    expect(hasFired).toBe(false);
    vi.advanceTimersByTime(2000);
    expect(hasFired).toBe(true);
  });

  it('of 60 days that is cancelled after 30 does not end', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    let hasFired = false;
    const timer = new SystemClock().after(60 * 86_400_000, () => {
      hasFired = true;
    });
    vi.advanceTimersByTime(30 * 86_400_000);
    timer.cancel();
    timer.cancel();
    vi.advanceTimersByTime(60 * 86_400_000);
    expect(hasFired).toBe(false);
  });
});
