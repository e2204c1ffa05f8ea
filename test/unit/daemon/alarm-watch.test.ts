// Goal: what an operator must know of becomes an alarm: what runs say themselves, a failed run, a link that
// stays away for a minute. Method: feed messages in virtual time.

import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { Alarm } from '../../../src/daemon/alarm-command.ts';
import { AlarmWatch } from '../../../src/daemon/alarm-watch.ts';
import type { AlarmFeed } from '../../../src/stream/feed.ts';

function bench() {
  const clock = new VirtualClock();
  const raised: Alarm[] = [];
  const told: AlarmFeed[] = [];
  const watch = new AlarmWatch({
    clock,
    placeOf: (run) => (run === 'R1' ? { cycler: 'left', channel: 2 } : null),
    raise: (alarm) => void raised.push(alarm),
    tell: (message) => void told.push(message),
  });
  const state = (name: string, reason = name): void =>
    watch.hear({ type: 'state', run: 'R1', state: name, reason, sinceWallMs: clock.wallMs(), verdict: null });
  return { clock, raised, told, watch, state };
}

describe('the alarm watch', () => {
  it('passes on what a run says, with its place, and does not tell the page twice', () => {
    const { raised, told, watch } = bench();
    watch.hear({ type: 'alarm', run: 'R1', code: 'CELL_HELD', message: 'held', atWallMs: 7 });
    const place = { cycler: 'left', channel: 2 };
    expect(raised).toEqual([{ run: 'R1', ...place, code: 'CELL_HELD', message: 'held', atWallMs: 7 }]);
    expect(told).toEqual([]);
  });

  it('passes on what concerns the whole bench, without a place', () => {
    const { raised, watch } = bench();
    watch.hear({ type: 'alarm', run: null, code: 'DISK_LOW', message: '1 GB free', atWallMs: 7 });
    expect(raised).toMatchObject([{ run: null, cycler: null, channel: null, code: 'DISK_LOW' }]);
  });

  it('tells of a run that failed, to the page too', () => {
    const { raised, state, told } = bench();
    state('running');
    state('failed', 'the device refused');
    expect(raised).toMatchObject([{ code: 'RUN_FAILED', message: 'the run failed: the device refused' }]);
    expect(told).toMatchObject([{ type: 'alarm', run: 'R1', code: 'RUN_FAILED' }]);
  });

  it.each(['done', 'stopped', 'holding', 'running'])('makes no alarm of its own of state %s', (name) => {
    const { clock, raised, state } = bench();
    state(name);
    clock.advance(600_000);
    expect(raised).toEqual([]);
  });

  it('tells of a link that has been away for a minute, once, however its reason changes', () => {
    const { clock, raised, state } = bench();
    state('link-lost', 'no answer');
    clock.advance(59_000);
    expect(raised).toEqual([]);
    state('link-lost', 'not there');
    clock.advance(1000);
    state('link-lost', 'no answer');
    clock.advance(3_600_000);
    const message = 'the link has been lost for 60 s: no answer';
    expect(raised).toMatchObject([{ code: 'LINK_LOST', cycler: 'left', channel: 2, message }]);
    expect(raised).toHaveLength(1);
  });

  it('says nothing of a cable that was put back within a minute, and tells of the next loss', () => {
    const { clock, raised, state } = bench();
    state('link-lost');
    clock.advance(50_000);
    state('running');
    clock.advance(600_000);
    expect(raised).toEqual([]);
    state('link-lost');
    clock.advance(60_000);
    expect(raised).toHaveLength(1);
  });
});
