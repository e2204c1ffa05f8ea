// Goal: monotonic time runs on while the machine sleeps, whatever wall time does. Method: readings of three
// clocks, made up, of which monotonic time stands still in suspend.

import { describe, expect, it } from 'vitest';
import { SuspendedTime } from '../../../src/base/suspended-time.ts';

/** A machine that has slept before the process started, at 5 s of monotonic and 65 s of boot time. */
function machine() {
  const at = { monotonicMs: 5000, wallMs: 1_700_000_000_000, bootMs: 65_000 };
  const suspended = new SuspendedTime({ ...at });
  let bootReads = 0;
  const pass = (change: Partial<typeof at>): void => {
    at.monotonicMs += change.monotonicMs ?? 0;
    at.wallMs += change.wallMs ?? 0;
    at.bootMs += change.bootMs ?? 0;
    suspended.observe(at.monotonicMs, at.wallMs, () => {
      bootReads += 1;
      return at.bootMs;
    });
  };
  return {
    suspended,
    bootReads: () => bootReads,
    awake: (ms: number) => pass({ monotonicMs: ms, wallMs: ms, bootMs: ms }),
    asleep: (ms: number) => pass({ wallMs: ms, bootMs: ms }),
    stepped: (ms: number) => pass({ wallMs: ms }),
    pass,
  };
}

describe('suspended time', () => {
  it('is nothing on a machine that stays awake, and asks for no boot time', () => {
    const { awake, bootReads, suspended } = machine();
    for (let second = 0; second < 1000; second += 1) awake(1000);
    expect(suspended.totalMs).toBe(0);
    expect(bootReads()).toBe(0);
  });

  it('adds up over suspends, and what was before the process does not count', () => {
    const { asleep, awake, suspended } = machine();
    asleep(600_000);
    expect(suspended.totalMs).toBe(600_000);
    awake(10_000);
    asleep(3_600_000);
    expect(suspended.totalMs).toBe(4_200_000);
  });

  it.each([1000, -1000, 3_600_000, -31_536_000_000])('takes a clock step of %d ms for none', (ms) => {
    const { stepped, suspended } = machine();
    stepped(ms);
    expect(suspended.totalMs).toBe(0);
  });

  it('sees a suspend of which wall time knows nothing at the next reading of all clocks', () => {
    const { pass, suspended } = machine();
    pass({ bootMs: 600_000 });
    expect(suspended.totalMs).toBe(0);
    suspended.settle(5000, 665_000);
    expect(suspended.totalMs).toBe(600_000);
  });

  it('does not follow the coarse grain of the boot time', () => {
    const { awake, suspended } = machine();
    awake(1000);
    suspended.settle(6000, 66_010);
    suspended.settle(6009, 66_000);
    expect(suspended.totalMs).toBe(0);
  });

  it('stays nothing where the system tells no boot time', () => {
    const suspended = new SuspendedTime({ monotonicMs: 0, wallMs: 0, bootMs: null });
    suspended.observe(10, 600_000, () => null);
    expect(suspended.totalMs).toBe(0);
  });
});
