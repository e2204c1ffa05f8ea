// Goal: a clock step, a suspend and a busy machine are told from one another within a second.
// Method: the three clocks of a host in virtual time, moved apart in every way that they can be.

import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { watchHostTime } from '../../../src/daemon/host-time.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const YEAR = 365 * 86_400_000;

interface Host {
  readonly told: { readonly what: 'step' | 'suspend'; readonly ms: number; readonly atMs: number }[];
  readonly beats: number[];
  readonly clock: VirtualClock;
  readonly step: (ms: number) => void;
  readonly suspend: (ms: number) => void;
  readonly stop: (ms: number) => void;
}

function host({ tellsBootTime = true } = {}): Host {
  const clock = new VirtualClock();
  const ahead = { monotonic: 0, wall: 0, boot: 0 };
  const told: Host['told'] = [];
  const beats: number[] = [];
  const watch = watchHostTime({
    clock,
    read: () => ({
      monotonicMs: clock.nowMs() + ahead.monotonic,
      wallMs: clock.wallMs() + ahead.wall,
      bootMs: tellsBootTime ? clock.nowMs() + ahead.boot : null,
    }),
    onBeat: (sinceMs) => beats.push(sinceMs),
    onClockStep: (ms) => told.push({ what: 'step', ms, atMs: clock.nowMs() }),
    onSuspend: (ms) => told.push({ what: 'suspend', ms, atMs: clock.nowMs() }),
  });
  expect(watch).toHaveProperty('close');
  return {
    ...{ told, beats, clock },
    step: (ms) => void (ahead.wall += ms),
    suspend(ms) {
      ahead.wall += ms;
      ahead.boot += ms;
    },
    stop(ms) {
      ahead.monotonic += ms;
      ahead.wall += ms;
      ahead.boot += ms;
    },
  };
}

describe('the clocks of the host', () => {
  it('tell nothing in a day in which nothing happens, and beat each second', () => {
    const { beats, clock, told } = host();
    clock.advance(86_400_000);
    expect(told).toEqual([]);
    expect(beats).toHaveLength(86_400);
    expect(new Set(beats)).toEqual(new Set([SECOND]));
  });

  it.each([SECOND, -SECOND, 60 * SECOND, HOUR, -HOUR, 2 * HOUR, YEAR, -YEAR, -56 * YEAR, 56 * YEAR])(
    'tell a step of %d ms, within a second, once',
    (ms) => {
      const { clock, step, told } = host();
      clock.advance(10_500);
      step(ms);
      clock.advance(20_000);
      expect(told).toEqual([{ what: 'step', ms, atMs: 11_000 }]);
    },
  );

  it('tell a suspend of ten minutes within a second of the resumption', () => {
    const { clock, suspend, told } = host();
    clock.advance(10_500);
    suspend(600_000);
    clock.advance(20_000);
    expect(told).toEqual([{ what: 'suspend', ms: 600_000, atMs: 11_000 }]);
  });

  it('tell a suspend from which the machine wakes with another time', () => {
    const { clock, step, suspend, told } = host();
    suspend(600_000);
    step(-HOUR);
    clock.advance(20_000);
    expect(told).toMatchObject([
      { what: 'suspend', ms: 600_000 },
      { what: 'step', ms: -HOUR },
    ]);
  });

  it('tell nothing when the process alone was stopped, but that the loop was away', () => {
    const { beats, clock, stop, told } = host();
    stop(30_000);
    clock.advance(3000);
    expect(told).toEqual([]);
    expect(beats).toEqual([31_000, 1000, 1000]);
  });

  it('tell nothing while time is slewed by as much as chrony does', () => {
    const { clock, step, told } = host();
    for (let second = 0; second < 1000; second += 1) {
      step(83);
      clock.advance(SECOND);
    }
    expect(told).toEqual([]);
  });

  it('without a boot time, tell a suspend as the step that wall time makes', () => {
    const { clock, suspend, told } = host({ tellsBootTime: false });
    suspend(600_000);
    clock.advance(SECOND);
    expect(told).toMatchObject([{ what: 'step', ms: 600_000 }]);
  });
});
