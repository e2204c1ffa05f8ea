// Goal: virtual time is an order one can rely on: deadlines in order, equal ones as armed, nothing early,
// nothing twice. Method: record what ran and at what time; a property test compares with a sort.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../../src/base/assert.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';

const DAY_MS = 86_400_000;

interface Rig {
  readonly clock: VirtualClock;
  /** What ran, as `name@ms`. */
  readonly ran: string[];
  readonly note: (name: string) => () => void;
}

function rig(): Rig {
  const clock = new VirtualClock();
  const ran: string[] = [];
  return { clock, ran, note: (name) => () => void ran.push(`${name}@${clock.nowMs()}`) };
}

describe('the virtual clock', () => {
  it('runs equal deadlines in the order in which they were armed', () => {
    const { clock, ran, note } = rig();
    for (const name of ['a', 'b', 'c', 'd']) clock.after(5, note(name));
    clock.after(1, note('early'));
    clock.advance(5);
    expect(ran).toEqual(['early@1', 'a@5', 'b@5', 'c@5', 'd@5']);
  });

  it('runs any set of deadlines by time, then by order of arming, without the cancelled ones', () => {
    const timer = fc.record({ delayMs: fc.integer({ min: 0, max: 20 }), isCancelled: fc.boolean() });
    fc.assert(
      fc.property(fc.array(timer, { maxLength: 60 }), (timers) => {
        const { clock, ran, note } = rig();
        timers.forEach(({ delayMs, isCancelled }, index) => {
          const armed = clock.after(delayMs, note(`${index}`));
          if (isCancelled) armed.cancel();
        });
        clock.runUntil(() => false);
        const expected = timers
          .map((entry, index) => ({ ...entry, index }))
          .filter(({ isCancelled }) => !isCancelled)
          .sort((a, b) => a.delayMs - b.delayMs || a.index - b.index)
          .map(({ delayMs, index }) => `${index}@${delayMs}`);
        expect(ran).toEqual(expected);
        expect(clock.isPending).toBe(false);
      }),
    );
  });

  it('steps from deadline to deadline, so that a timer armed by a timer runs at its own time', () => {
    const { clock, ran, note } = rig();
    clock.after(1000, () => {
      note('first')();
      clock.after(1000, () => {
        note('second')();
        clock.after(1000, note('third'));
      });
    });
    clock.advance(3000);
    expect(ran).toEqual(['first@1000', 'second@2000', 'third@3000']);
  });

  it('does not run a cancelled timer, and takes a second or a late cancel calmly', () => {
    const { clock, ran, note } = rig();
    const cancelled = clock.after(5, note('cancelled'));
    const done = clock.after(6, note('done'));
    cancelled.cancel();
    cancelled.cancel();
    clock.advance(10);
    done.cancel();
    expect(ran).toEqual(['done@6']);
    expect(clock.isPending).toBe(false);
  });

  it('does not run past the end of an advance when a cancelled timer lies within it', () => {
    const { clock, ran, note } = rig();
    clock.after(5, note('cancelled')).cancel();
    clock.after(100, note('later'));
    clock.advance(10);
    expect(ran).toEqual([]);
    expect(clock.nowMs()).toBe(10);
    clock.advance(90);
    expect(ran).toEqual(['later@100']);
  });

  it('runs what is deferred first in, first out, at the same instant, before any timer', () => {
    const { clock, ran, note } = rig();
    clock.after(0, note('timer'));
    clock.defer(note('a'));
    clock.defer(() => {
      note('b')();
      clock.defer(note('d'));
    });
    clock.defer(note('c'));
    clock.runUntil(() => false);
    expect(ran).toEqual(['a@0', 'b@0', 'c@0', 'd@0', 'timer@0']);
  });

  it('runs what a timer deferred before the next timer of the same instant', () => {
    const { clock, ran, note } = rig();
    clock.after(5, () => clock.defer(note('deferred')));
    clock.after(5, note('second'));
    clock.advance(5);
    expect(ran).toEqual(['deferred@5', 'second@5']);
  });

  it.each([
    ['60 days', 60 * DAY_MS],
    ['2^31 ms, where setTimeout overflows', 2 ** 31],
    ['ten years', 3650 * DAY_MS],
  ])('waits %s, no more and no less', (_, delayMs) => {
    const { clock, ran, note } = rig();
    clock.after(delayMs, note('due'));
    clock.advance(delayMs - 1);
    expect(ran).toEqual([]);
    clock.advance(1);
    expect(ran).toEqual([`due@${delayMs}`]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('refuses a delay of %s', (delayMs) => {
    expect(() => new VirtualClock().after(delayMs, () => undefined)).toThrow(AssertionFailed);
  });

  it('ends an advance exactly there, also when nothing was due', () => {
    const { clock } = rig();
    clock.advance(12.5);
    expect(clock.nowMs()).toBe(12.5);
  });

  it('stops a runUntil as soon as the condition holds, and says whether it does', () => {
    const { clock, ran, note } = rig();
    for (const delayMs of [1, 2, 3]) clock.after(delayMs, note('t'));
    expect(clock.runUntil(() => ran.length === 2)).toBe(true);
    expect(clock.nowMs()).toBe(2);
    expect(clock.runUntil(() => ran.length === 9)).toBe(false);
    expect(clock.step()).toBe(false);
  });

  it('lets wall time jump while monotonic time goes on', () => {
    const { clock } = rig();
    const beforeMs = clock.wallMs();
    clock.advance(1000);
    clock.stepWall(-3_600_000);
    expect(clock.wallMs() - beforeMs).toBe(1000 - 3_600_000);
    expect(clock.nowMs()).toBe(1000);
    expect(new Date(beforeMs).toISOString()).toBe('2026-01-01T00:00:00.000Z');
  });
});
