// Goal: the operator's command is started for each alarm, but not for each of a storm, and never held on to.
// Method: alarms in virtual time, and a command that the test ends when it likes.

import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/base/log.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { type Alarm, AlarmCommand } from '../../../src/daemon/alarm-command.ts';

const HELD: Alarm = {
  ...{
    run: 'R1',
    cycler: 'left',
    channel: 1,
    code: 'CELL_HELD',
    message: 'the cell was opened',
    atWallMs: 5,
  },
};

interface Given {
  readonly endsAtOnce?: boolean;
  readonly problem?: string | null;
}

function bench({ endsAtOnce = true, problem = null }: Given = {}) {
  const clock = new VirtualClock();
  const started: { readonly alarm: Alarm; readonly atMs: number }[] = [];
  const ends: (() => void)[] = [];
  const errors: unknown[] = [];
  const log = createLogger('silent');
  log.error = (fields: unknown): void => void errors.push(fields);
  const command = new AlarmCommand({
    clock,
    log,
    run(alarm, done) {
      started.push({ alarm, atMs: clock.nowMs() });
      if (endsAtOnce) done(problem);
      else ends.push(() => done(problem));
    },
  });
  return { clock, command, started, ends, errors };
}

describe('the alarm command', () => {
  it('is started at once, with the alarm', () => {
    const { command, started } = bench();
    command.raise(HELD);
    expect(started).toEqual([{ alarm: HELD, atMs: 0 }]);
  });

  it('is started once a minute for one run and code, the second time for all that came meanwhile', () => {
    const { clock, command, started } = bench();
    for (let second = 0; second < 50; second += 1) {
      command.raise({ ...HELD, message: `message ${second}` });
      clock.advance(1000);
    }
    clock.advance(600_000);
    expect(started.map(({ alarm, atMs }) => [atMs, alarm.message])).toEqual([
      [0, 'message 0'],
      [60_000, 'message 49 (the latest of 49 in a minute)'],
    ]);
  });

  it('goes on at one a minute in a storm that does not end', () => {
    const { clock, command, started } = bench();
    for (let second = 0; second < 600; second += 1) {
      command.raise(HELD);
      clock.advance(1000);
    }
    // At once, and at the end of each of ten minutes.
    expect(started).toHaveLength(11);
  });

  it('is started for another run, and for another code, all the same', () => {
    const { command, started } = bench();
    command.raise(HELD);
    command.raise({ ...HELD, run: 'R2' });
    command.raise({ ...HELD, code: 'STORE_FULL' });
    command.raise({ ...HELD, run: null, code: 'DISK_LOW' });
    expect(started).toHaveLength(4);
  });

  it('begins anew when a minute was quiet', () => {
    const { clock, command, started } = bench();
    command.raise(HELD);
    clock.advance(61_000);
    command.raise(HELD);
    expect(started.map(({ atMs }) => atMs)).toEqual([0, 61_000]);
  });

  it('runs four times at once at most; the others wait for one to end', () => {
    const { clock, command, ends, started } = bench({ endsAtOnce: false });
    for (let run = 0; run < 10; run += 1) command.raise({ ...HELD, run: `R${run}` });
    expect(started).toHaveLength(4);
    ends.shift()?.();
    clock.advance(1);
    expect(started).toHaveLength(5);
  });

  it('forgets what is beyond a hundred that wait, and says so', () => {
    const { command, errors, started } = bench({ endsAtOnce: false });
    for (let run = 0; run < 200; run += 1) command.raise({ ...HELD, run: `R${run}` });
    expect(started).toHaveLength(4);
    expect(errors).toHaveLength(200 - 4 - 100);
  });

  it('that fails is a line in the log, and the next alarm starts it again', () => {
    const { clock, command, errors, started } = bench({ problem: 'ended with exit code 1' });
    command.raise(HELD);
    clock.advance(60_001);
    command.raise(HELD);
    expect(started).toHaveLength(2);
    expect(errors).toMatchObject([{ code: 'CELL_HELD', problem: 'ended with exit code 1' }, {}]);
  });
});
