// Goal: the link never waits for ever, never sends twice what was asked once, and never carries a command
// over to another connection. Method: tables of (state, event) -> (phase, effects) on the pure reducer.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backOffMs } from '../../../src/device/back-off.ts';
import { initialLink, reduceLink } from '../../../src/device/link.ts';
import type { LinkEffect, LinkEvent, LinkRules, LinkState } from '../../../src/device/link-types.ts';

type Event = LinkEvent<string>;

const rules: LinkRules = {
  hello: { type: 'hello', payload: '' },
  keepAlive: { type: 'clock', payload: '' },
  retryMs: 250,
  sendsMax: 4,
  keepAliveMs: 1000,
  openMs: 10_000,
  backOffMs,
  nonsenseRetryMs: 30_000,
  seqModulus: 8,
  encode: (seq, { type }) => `${seq} ${type}`,
};

interface Walk {
  readonly state: LinkState;
  /** Of the last event. */
  readonly effects: readonly string[];
}

function walk(...events: readonly Event[]): Walk {
  let state = initialLink();
  let effects: readonly LinkEffect<string>[] = [];
  for (const event of events) ({ state, effects } = reduceLink(rules, state, event));
  return { state, effects: effects.map(textOf) };
}

function textOf(effect: LinkEffect<string>): string {
  switch (effect.type) {
    case 'write':
      return `${effect.isRepeat ? 'repeat' : 'write'} ${effect.bytes}`;
    case 'armDeadline':
      return `arm ${effect.delayMs}`;
    case 'deliverAnswer':
      return `answer ${effect.requestId} ${effect.frame}`;
    case 'deliverReport':
      return `report ${effect.frame}`;
    case 'fail':
      return `fail ${effect.requestId} ${effect.reason}`;
    case 'tellLost':
      return `lost ${effect.reason}`;
    case 'openPort':
    case 'closePort':
    case 'disarmDeadline':
      return effect.type;
  }
}

const started: Event = { type: 'link.started' };
const opened: Event = { type: 'port.opened' };
const closed: Event = { type: 'port.closed', detail: 'pulled' };
const deadline: Event = { type: 'deadline.passed' };
const identified: Event = { type: 'device.identified' };
const garbage: Event = { type: 'garbage.heard' };
const failed: Event = { type: 'port.failed', reason: 'absent', detail: 'gone' };
const nonsense: Event = { type: 'device.refused', reason: 'nonsense', detail: 'a toaster' };
const sessionLost: Event = { type: 'session.lost', detail: 'restarted' };
const ended: Event = { type: 'link.ended' };
const ask = (id: number): Event => ({
  type: 'request.made',
  request: { id, command: { type: `c${id}`, payload: '' }, isUrgent: false },
});
const askOff = (id: number): Event => ({
  type: 'request.made',
  request: { id, command: { type: 'off', payload: '' }, isUrgent: true },
});
const withdraw = (id: number): Event => ({ type: 'request.withdrawn', id });
const answer = (seq: number): Event => ({ type: 'answer.heard', seq, frame: 'ack' });
const report = (txSeq: number): Event => ({ type: 'report.heard', txSeq, frame: 's' });

const identifying = [started, opened];
const up = [...identifying, answer(0), identified];
const silent = [deadline, deadline, deadline];

type Row = readonly [title: string, events: readonly Event[], phase: string, effects: readonly string[]];

const TABLE: readonly Row[] = [
  ['opens a port when started', [started], 'opening', ['arm 10000', 'openPort']],
  ['starts once only', [started, started], 'opening', []],
  ['says hello when the port is open', identifying, 'identifying', ['arm 250', 'write 0 hello']],
  [
    'hands on the answer to hello',
    [...identifying, answer(0)],
    'identifying',
    ['disarmDeadline', 'answer 0 ack'],
  ],
  ['is up when the device is identified', up, 'up', ['arm 1000']],
  ['sends a command at once when idle', [...up, ask(1)], 'up', ['arm 250', 'write 1 c1']],
  ['queues a second command', [...up, ask(1), ask(2)], 'up', []],
  [
    'sends the next command with the answer, before it calls out',
    [...up, ask(1), ask(2), answer(1)],
    'up',
    ['arm 250', 'write 2 c2', 'answer 1 ack'],
  ],
  [
    'lets an off jump the queue',
    [...up, ask(1), ask(2), askOff(3), answer(1)],
    'up',
    ['arm 250', 'write 2 off', 'answer 1 ack'],
  ],
  [
    'keeps the order of two offs',
    [...up, ask(1), ask(2), askOff(3), askOff(4), answer(1), answer(2)],
    'up',
    ['arm 250', 'write 3 off', 'answer 3 ack'],
  ],
  ['repeats the same bytes after silence', [...up, ask(1), deadline], 'up', ['arm 250', 'repeat 1 c1']],
  ['ignores an answer with an old number', [...up, ask(1), answer(0)], 'up', []],
  ['ignores an answer that came twice', [...up, ask(1), answer(1), answer(1)], 'up', []],
  [
    'loses the link by silence and fails all that is pending once',
    [...up, ask(1), ask(2), ...silent, deadline],
    'closed',
    ['closePort', 'arm 250', 'fail 1 timeout', 'fail 2 timeout', 'lost timeout'],
  ],
  ['probes the device when idle', [...up, deadline], 'up', ['arm 250', 'write 1 clock']],
  ['keeps the answer to a probe to itself', [...up, deadline, answer(1)], 'up', ['arm 1000']],
  [
    'loses the link by an unanswered probe',
    [...up, deadline, ...silent, deadline],
    'closed',
    ['closePort', 'arm 250', 'lost timeout'],
  ],
  [
    'loses the link when the port closes',
    [...up, ask(1), closed],
    'closed',
    ['closePort', 'arm 250', 'fail 1 closed', 'lost closed'],
  ],
  [
    'loses the link when the device has forgotten the session',
    [...up, ask(1), sessionLost],
    'closed',
    ['closePort', 'arm 250', 'fail 1 closed', 'lost closed'],
  ],
  ['opens again after the back-off', [...up, closed, deadline], 'opening', ['arm 10000', 'openPort']],
  [
    'says hello first on the next connection, whatever was pending',
    [...up, ask(1), ask(2), closed, deadline, opened],
    'identifying',
    ['arm 250', 'write 2 hello'],
  ],
  ['tells an absent port', [started, failed], 'closed', ['closePort', 'arm 250', 'lost absent']],
  ['tells it once', [started, failed, deadline, failed], 'closed', ['closePort', 'arm 500']],
  [
    'gives up a port that does not open',
    [started, deadline],
    'closed',
    ['closePort', 'arm 250', 'lost timeout'],
  ],
  [
    'retries slowly what is not the right device',
    [...identifying, answer(0), nonsense],
    'closed',
    ['closePort', 'arm 30000', 'lost nonsense'],
  ],
  [
    'calls it nonsense when only garbage answers hello',
    [...identifying, garbage, ...silent, deadline],
    'closed',
    ['closePort', 'arm 30000', 'lost nonsense'],
  ],
  [
    'calls it silence when nothing answers hello',
    [...identifying, ...silent, deadline],
    'closed',
    ['closePort', 'arm 250', 'lost timeout'],
  ],
  ['fails a command at once when there is no link', [ask(1)], 'closed', ['fail 1 closed']],
  ['fails a command while it identifies', [...identifying, ask(1)], 'identifying', ['fail 1 closed']],
  ['keeps an off while it identifies', [...identifying, askOff(1)], 'identifying', []],
  [
    'sends that off as soon as it is up',
    [...identifying, askOff(1), answer(0), identified],
    'up',
    ['arm 250', 'write 1 off'],
  ],
  [
    'fails that off when the device is refused',
    [...identifying, askOff(1), answer(0), nonsense],
    'closed',
    ['closePort', 'arm 30000', 'fail 1 nonsense', 'lost nonsense'],
  ],
  ['takes back a queued command', [...up, ask(1), ask(2), withdraw(2)], 'up', ['fail 2 withdrawn']],
  ['does not take back a command that was sent', [...up, ask(1), withdraw(1)], 'up', []],
  ['hands on reports', [...up, report(7)], 'up', ['report s']],
  ['drops reports before it is up', [...identifying, report(7)], 'identifying', []],
  ['drops a report that came twice', [...up, report(7), report(7)], 'up', []],
  ['ends at once', [...up, ask(1), ended], 'closed', ['closePort', 'disarmDeadline', 'fail 1 closed']],
  ['stays closed when ended', [...up, ended, deadline], 'closed', []],
  ['ignores a port that opens after the end', [started, ended, opened], 'closed', []],
];

describe('the link', () => {
  it.each(TABLE)('%s', (_title, events, phase, effects) => {
    const reached = walk(...events);
    expect(reached.state.phase).toBe(phase);
    expect(reached.effects).toEqual(effects);
  });

  it('counts the frames that a jump of the device counter skipped, over the wrap as well', () => {
    expect(walk(...up, report(5), report(6)).state.framesLost).toBe(0);
    expect(walk(...up, report(5), report(1)).state.framesLost).toBe(3);
  });

  it('counts no loss between two connections', () => {
    const again = [closed, deadline, opened, answer(1), identified];
    expect(walk(...up, report(1), ...again, report(4)).state.framesLost).toBe(0);
  });

  it('waits 0.25 s, then 0.5 s between attempts: what is plugged in again is met within a second', () => {
    expect([0, 1, 2, 99].map((failures) => backOffMs(failures))).toEqual([250, 500, 500, 500]);
  });
});

const anyEvent = fc.oneof(
  fc.constantFrom(
    started,
    opened,
    closed,
    deadline,
    identified,
    garbage,
    failed,
    nonsense,
    sessionLost,
    ended,
  ),
  fc.integer({ min: 0, max: 7 }).map(answer),
  fc.integer({ min: 0, max: 7 }).map(report),
  fc.integer({ min: 1, max: 9 }).map(withdraw),
  fc.boolean().map((isOff) => ({ isOff })),
);

/** Follows the effects as the runner would, and collects what must not happen. */
class Watch {
  readonly problems: string[] = [];
  readonly #asked = new Set<number>();
  readonly #settled = new Set<number>();
  #isArmed = false;
  /** Of the connection at hand. */
  #written = new Set<string>();

  see(event: Event, state: LinkState, effects: readonly LinkEffect<string>[]): void {
    if (event.type === 'request.made') this.#asked.add(event.request.id);
    if (event.type === 'deadline.passed') this.#isArmed = false;
    for (const effect of effects) this.#seeEffect(effect);
    const pending = [...(state.outstanding === null ? [] : [state.outstanding.request]), ...state.queue];
    const pendingIds = new Set(pending.map((request) => request.id));
    for (const id of this.#asked) {
      this.#claim(this.#settled.has(id) !== pendingIds.has(id), `request ${id} is pending or settled`);
    }
    const isWaiting = state.outstanding !== null || state.phase === 'opening';
    const isBetween = state.phase === 'closed' && state.isWanted;
    this.#claim(this.#isArmed || !(isWaiting || isBetween), `a deadline is armed in ${state.phase}`);
  }

  #seeEffect(effect: LinkEffect<string>): void {
    if (effect.type === 'armDeadline') this.#isArmed = true;
    if (effect.type === 'disarmDeadline') this.#isArmed = false;
    if (effect.type === 'openPort') this.#written = new Set();
    if (effect.type === 'write') {
      this.#claim(
        this.#written.has(effect.bytes) || !effect.isRepeat,
        `${effect.bytes} is of this connection`,
      );
      this.#written.add(effect.bytes);
    }
    if (effect.type === 'fail' || effect.type === 'deliverAnswer') {
      const isOwn = effect.requestId <= 0;
      this.#claim(
        isOwn || !this.#settled.has(effect.requestId),
        `request ${effect.requestId} is settled once`,
      );
      this.#settled.add(effect.requestId);
    }
  }

  #claim(holds: boolean, claim: string): void {
    if (!holds) this.problems.push(claim);
  }
}

describe('the link, under any sequence of events', () => {
  it('settles each request once, arms a deadline to wait, repeats nothing of a past connection', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (choices) => {
        const watch = new Watch();
        let state = initialLink();
        choices.forEach((choice, index) => {
          const event = 'isOff' in choice ? (choice.isOff ? askOff : ask)(index + 1) : choice;
          const step = reduceLink(rules, state, event);
          state = step.state;
          watch.see(event, state, step.effects);
        });
        expect(watch.problems).toEqual([]);
      }),
    );
  });
});
