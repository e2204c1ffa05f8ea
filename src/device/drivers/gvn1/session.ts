// One command of gvn1 and its answer: encoded by the table, sent over the link, refusals mapped.
import type { Clock } from '../../../base/clock.ts';
import {
  encodeCommand,
  type CommandName,
  type CommandValues,
} from '../../../frames/dialects/gvn1/commands.ts';
import type { Frame } from '../../../frames/dialects/gvn1/frame.ts';
import type { DeviceResult, Done } from '../../cycler.ts';
import type { Link, LinkAnswer } from '../../link-runner.ts';
import type { DeviceTime } from './device-time.ts';
import { failureFromNak, nonsense } from './refusals.ts';

export interface Answer {
  readonly payload: string;
  /** Host's monotonic time when the command was first written. */
  readonly sentMs: number;
}

/** What stands for a request that was refused before it got an id. */
const NO_REQUEST = -1;

export class Session {
  readonly clock: Clock;
  /** Owner of the lease: another daemon cannot feed it. */
  readonly token: string;
  /** Of the boot that the link is up with; null before the first. */
  time: DeviceTime | null = null;
  readonly #link: Link<Frame>;

  constructor(options: { clock: Clock; token: string; link: Link<Frame> }) {
    this.clock = options.clock;
    this.token = options.token;
    this.#link = options.link;
  }

  /** Returns an id for `withdraw`. */
  ask(name: CommandName, values: CommandValues, done: Done<Answer>): number {
    const encoded = encodeCommand(name, values);
    if (encoded.ok) return this.send(name, encoded.payload, done);
    done({ ok: false, reason: 'refused', detail: encoded.detail });
    return NO_REQUEST;
  }

  askUrgently(name: CommandName, values: CommandValues, done: Done<Answer>): void {
    const encoded = encodeCommand(name, values);
    if (!encoded.ok) return done({ ok: false, reason: 'refused', detail: encoded.detail });
    this.#link.requestUrgently({ type: name, payload: encoded.payload }, (answer) =>
      done(resultFrom(name, answer)),
    );
  }

  /** A payload that was encoded before. */
  send(name: CommandName, payload: string, done: Done<Answer>): number {
    return this.#link.request({ type: name, payload }, (answer) => done(resultFrom(name, answer)));
  }

  /** Takes back what was not sent yet; its `done` gets `stale`. */
  withdraw(id: number): void {
    this.#link.withdraw(id);
  }
}

/** For commands whose answer is a bare `ack`. */
export function acknowledged(done: Done<null>): Done<Answer> {
  return (result) => done(result.ok ? { ok: true, value: null } : result);
}

/** Reads the answer's payload; null is nonsense. */
export function parsed<T>(
  name: string,
  parse: (payload: string, sentMs: number) => T | null,
  done: Done<T>,
): Done<Answer> {
  return (result) => {
    if (!result.ok) return done(result);
    const value = parse(result.value.payload, result.value.sentMs);
    done(value === null ? nonsense(name, result.value.payload) : { ok: true, value });
  };
}

function resultFrom(name: string, answer: LinkAnswer<Frame>): DeviceResult<Answer> {
  if (!answer.ok) {
    const reason = answer.reason === 'withdrawn' ? 'stale' : answer.reason;
    return { ok: false, reason, detail: `${name}: ${answer.detail}` };
  }
  const { frame, sentMs } = answer;
  if (frame.type === 'nak') return failureFromNak(name, frame.payload);
  return { ok: true, value: { payload: frame.payload, sentMs } };
}
