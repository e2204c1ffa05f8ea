// Goal: one signal ends in order, a second one at once, an error of ours with everybody told, and no bytes
// that open a cell are left in the process. Method: a process and a daemon that only note what is done to
// them.

import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { endOnCrash, endOnSignals, type EndOptions } from '../../../src/cli/process-end.ts';

interface Given {
  readonly policy?: EndOptions['policy'];
  readonly sends?: boolean;
}

function ending({ policy = 'hold', sends = true }: Given = {}) {
  const clock = new VirtualClock();
  const events = new EventEmitter();
  const happened: string[] = [];
  const stopped: (() => void)[] = [];
  const exit = (code: number): void => void happened.push(`exit ${code} at ${clock.nowMs()}`);
  const options: EndOptions = {
    ...{ clock, policy },
    beforeExit: async () => Promise.resolve(void happened.push('before exit')),
    daemon: {
      stop: async (asked) =>
        new Promise((resolve) => {
          happened.push(`stop ${asked}`);
          stopped.push(resolve);
        }),
      cutCells({ leavesLeased }) {
        happened.push(leavesLeased ? 'cut all but leased' : 'cut all');
        return sends;
      },
      crashed: (thrown) => void happened.push(`crashed ${String(thrown)}`),
    },
    target: Object.assign(events, { exit }) as unknown as NonNullable<EndOptions['target']>,
  };
  endOnSignals(options);
  endOnCrash(options);
  return { clock, events, happened, stopped };
}

describe('the end of the process', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ])('on %s stops the daemon by its policy, then exits with %d', async (signal, code) => {
    const { events, happened, stopped } = ending({ policy: 'finish_step' });
    events.emit(signal);
    expect(happened).toEqual(['stop finish_step']);
    stopped[0]?.();
    await new Promise(setImmediate);
    expect(happened).toEqual(['stop finish_step', 'before exit', `exit ${code} at 0`]);
  });

  it('takes the same signal twice within half a second for one', () => {
    const { clock, events, happened } = ending();
    events.emit('SIGINT');
    clock.advance(400);
    events.emit('SIGINT');
    clock.advance(60_000);
    expect(happened).toEqual(['stop hold']);
  });

  it.each([
    ['hold', 'cut all'],
    ['stop', 'cut all'],
    ['keep', 'cut all but leased'],
    ['finish_step', 'cut all but leased'],
  ] as const)(
    'on a second signal opens cells, under %s: %s, and exits when the bytes are out',
    (policy, cut) => {
      const { clock, events, happened } = ending({ policy });
      events.emit('SIGTERM');
      clock.advance(1000);
      events.emit('SIGTERM');
      clock.advance(1000);
      expect(happened).toEqual([`stop ${policy}`, cut, 'exit 143 at 1300']);
    },
  );

  it('on a second signal exits in the same instant where there is no instrument to tell', () => {
    const { clock, events, happened } = ending({ sends: false });
    events.emit('SIGINT');
    clock.advance(1000);
    events.emit('SIGINT');
    expect(happened.at(-1)).toBe('exit 130 at 1000');
  });

  it('after an error that nobody caught tells everybody, leaves leased cells, and exits with 1, once', () => {
    const { clock, events, happened } = ending();
    events.emit('uncaughtException', new Error('planted'));
    events.emit('uncaughtException', new Error('and another'));
    clock.advance(1000);
    expect(happened).toEqual(['crashed Error: planted', 'cut all but leased', 'exit 1 at 300']);
  });
});
