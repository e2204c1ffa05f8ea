// One query of a Keithley 2400 and its answer, with the messages that go before it in the same breath: they
// have no answer of their own, so the instrument has worked them off when it answers the query. One at a
// time: the whole reply is read before the next message is sent (manual 2400S-900-01 p. 14-13).
import type { Clock } from '../../../base/clock.ts';
import {
  DEVICE_CLEAR,
  MESSAGE_END,
  QUERIES,
  type Query,
} from '../../../frames/dialects/keithley2400/commands.ts';
import type { Reply } from '../../../frames/dialects/keithley2400/replies.ts';
import type { DeviceResult, Done } from '../../cycler.ts';
import type { Link, LinkAnswer } from '../../link-runner.ts';
import type { Command } from '../../link-types.ts';
import type { InstrumentClock } from './instrument-clock.ts';
import type { Answered, ReplyReader } from './reply-reader.ts';

/** What program messages and their query look like to the link. */
export function commandOf(query: Query, messages: readonly string[] = []): Command {
  const payload = [...messages, query.text].map((text) => text + MESSAGE_END).join('');
  return { type: query.kind, payload };
}

export interface Asking {
  readonly query: Query;
  /** Sent before the query. */
  readonly messages?: readonly string[];
  /** Ahead of everything queued. */
  readonly isUrgent?: boolean;
}

/** When something was done, on the channel's clock, and how long the order took there and back. */
export interface Moment {
  readonly atUs: number;
  readonly roundTripUs: number;
}

export interface SessionOptions {
  readonly clock: Clock;
  readonly time: InstrumentClock;
  readonly link: Link<Answered>;
  /** Of the connection that is open; null: none. */
  readonly reader: () => ReplyReader | null;
}

export class Session {
  readonly clock: Clock;
  readonly time: InstrumentClock;
  readonly #link: Link<Answered>;
  readonly #reader: () => ReplyReader | null;
  /** Requests without an answer that are not urgent; those of them that were not sent can be taken back. */
  readonly #queued = new Set<number>();

  constructor({ clock, time, link, reader }: SessionOptions) {
    this.clock = clock;
    this.time = time;
    this.#link = link;
    this.#reader = reader;
  }

  /** `stale`: taken back, or a device clear went past it; `nonsense`: what came has no form. */
  ask(asking: Asking, done: Done<Reply>): void {
    this.#send(asking, (answer) => done(resultFrom(asking.query, answer)));
  }

  /**
   * Carries out the messages; the moment is right after the last of them, by the instrument's clock. Where
   * what it says of that is damaged, it is the moment of the answer.
   */
  carryOut(messages: readonly string[], done: Done<Moment>, options: { isUrgent?: boolean } = {}): void {
    const query = QUERIES.time;
    this.#send({ query, messages, ...options }, (answer) => {
      const result = resultFrom(query, answer);
      if (!result.ok && result.reason !== 'nonsense') return done(result);
      const told = result.ok && result.value.kind === 'time' ? this.time.toldNow(result.value.timeUs) : null;
      const sentMs = answer.ok ? answer.sentMs : this.clock.nowMs();
      const roundTripUs = Math.round((this.clock.nowMs() - sentMs) * 1000);
      done({ ok: true, value: { atUs: told ?? this.time.nowUs(), roundTripUs } });
    });
  }

  /** Whether everything since the last check was taken; `refused`, in the instrument's words, where not. */
  check(messages: readonly string[], done: Done<null>): void {
    this.ask({ query: QUERIES.error, messages }, (result) => {
      if (!result.ok) return done(result);
      const { value } = result;
      if (value.kind === 'error' && value.code === 0) return done({ ok: true, value: null });
      const words = value.kind === 'error' ? `${value.code}, ${value.text}` : 'no answer that could be read';
      const what = messages.length === 0 ? 'the last order' : messages.join(' ');
      done({ ok: false, reason: 'refused', detail: `${what} was refused: ${words}` });
    });
  }

  /** Each message with its own check; the first that is refused is the last that is sent. */
  checkEach(messages: readonly string[], isWanted: () => boolean, done: Done<null>): void {
    const [first, ...rest] = messages;
    if (first === undefined || !isWanted()) return done({ ok: true, value: null });
    this.check([first], (result) => {
      if (result.ok) this.checkEach(rest, isWanted, done);
      else done(result);
    });
  }

  /** Takes back all that was not sent yet and is not urgent: an order that comes too late is none. */
  takeBack(): void {
    for (const id of [...this.#queued]) this.#link.withdraw(id);
  }

  /** An answer is awaited, so a message would wait behind it. */
  get isWaiting(): boolean {
    return this.#reader()?.isWaiting ?? false;
  }

  /**
   * Out of band: a device clear and this message, past the queue and past what runs. Returns false when
   * there is no port. What waits for an answer gets none from the instrument; it is `stale`.
   */
  clearAndSend(message: string): boolean {
    const isSent = this.#link.writeNow(`${DEVICE_CLEAR}${message}${MESSAGE_END}`);
    if (isSent) this.#reader()?.clear();
    return isSent;
  }

  /** The instrument does not do as it was told: begin again, with the cell off. */
  giveUp(detail: string): void {
    this.#link.loseSession(detail);
  }

  #send(
    { query, messages = [], isUrgent = false }: Asking,
    receive: (answer: LinkAnswer<Answered>) => void,
  ): void {
    const command = commandOf(query, messages);
    if (isUrgent) {
      this.#link.requestUrgently(command, receive);
      return;
    }
    // A link that is down answers before it returns, and then there is nothing to take back.
    const request: { id: number | null; isAnswered: boolean } = { id: null, isAnswered: false };
    request.id = this.#link.request(command, (answer) => {
      request.isAnswered = true;
      if (request.id !== null) this.#queued.delete(request.id);
      receive(answer);
    });
    if (!request.isAnswered) this.#queued.add(request.id);
  }
}

function resultFrom(query: Query, answer: LinkAnswer<Answered>): DeviceResult<Reply> {
  if (!answer.ok) {
    const reason = answer.reason === 'withdrawn' ? 'stale' : answer.reason;
    return { ok: false, reason, detail: `${query.text}: ${answer.detail}` };
  }
  const { frame } = answer;
  switch (frame.kind) {
    case 'cleared':
      return { ok: false, reason: 'stale', detail: `${query.text}: a device clear went past it` };
    case 'damaged': {
      const detail = `the answer to ${query.text} makes no sense: "${frame.line}"`;
      return { ok: false, reason: 'nonsense', detail };
    }
    case 'identity':
    case 'readings':
    case 'time':
    case 'integer':
    case 'error':
      return { ok: true, value: frame };
  }
}
