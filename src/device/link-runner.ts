// Carries out what the link's reducer (link.ts) decides: opens ports, writes, arms the clock, calls back.
// Every connection has a port object and a decoder of its own; events of an earlier one are not heard.
// Must never keep a command from one connection to the next, nor call `done` of a request twice.
import type { BytePort, OpenPort } from '../base/byte-port.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { LinkLossReason } from './cycler.ts';
import { initialLink, reduceLink } from './link.ts';
import {
  HELLO_ID,
  KEEP_ALIVE_ID,
  type Command,
  type LinkEffect,
  type LinkEvent,
  type LinkRules,
  type RequestFailure,
} from './link-types.ts';

/** What a decoder makes of the bytes. */
export type Heard<F> =
  | { readonly kind: 'answer'; readonly seq: number; readonly frame: F }
  | { readonly kind: 'report'; readonly txSeq: number; readonly frame: F }
  | { readonly kind: 'garbage' };

export type LinkAnswer<F> =
  | { readonly ok: true; readonly frame: F; readonly sentMs: number }
  | { readonly ok: false; readonly reason: RequestFailure; readonly detail: string };

export interface LinkOptions<F> {
  readonly clock: Clock;
  readonly openPort: OpenPort;
  readonly rules: LinkRules;
  readonly firstSeq: number;
  /** Called once per connection; the result takes its bytes. */
  readonly createDecoder: (hear: (heard: Heard<F>) => void) => (text: string) => void;
  /** The answer to `hello`, first sent at `sentMs`: the receiver calls `identified` or `refuse`. */
  readonly onHello: (frame: F, sentMs: number) => void;
  readonly onReport: (frame: F) => void;
  /** After every pending request has failed. */
  readonly onLost: (reason: LinkLossReason, detail: string) => void;
}

export class Link<F> {
  readonly #options: LinkOptions<F>;
  #state;
  readonly #events: LinkEvent<F>[] = [];
  readonly #effects: LinkEffect<F>[] = [];
  #isRunning = false;
  #port: BytePort | null = null;
  /** Counts attempts, so that a port that opens too late is known as such. */
  #attempt = 0;
  #timer: Timer | null = null;
  #sentMs = 0;
  #lastId = HELLO_ID;
  readonly #pending = new Map<number, (answer: LinkAnswer<F>) => void>();

  constructor(options: LinkOptions<F>) {
    this.#options = options;
    this.#state = initialLink(options.firstSeq);
  }

  get isUp(): boolean {
    return this.#state.phase === 'up';
  }

  get framesLost(): number {
    return this.#state.framesLost;
  }

  get retries(): number {
    return this.#state.retries;
  }

  start(): void {
    this.#dispatch({ type: 'link.started' });
  }

  close(): void {
    this.#dispatch({ type: 'link.ended' });
  }

  /** Returns the id to withdraw the request by. */
  request(command: Command, done: (answer: LinkAnswer<F>) => void): number {
    return this.#admit(command, false, done);
  }

  /** Ahead of everything queued. */
  requestUrgently(command: Command, done: (answer: LinkAnswer<F>) => void): number {
    return this.#admit(command, true, done);
  }

  /** Fails the request as `withdrawn` unless it was sent. */
  withdraw(id: number): void {
    this.#dispatch({ type: 'request.withdrawn', id });
  }

  /** At once, also from within `onHello`: whoever is told now that the device is up may order `off`. */
  identified(): void {
    this.#reduce({ type: 'device.identified' });
    if (!this.#isRunning) this.#run();
  }

  refuse(reason: 'nonsense' | 'busy', detail: string): void {
    this.#dispatch({ type: 'device.refused', reason, detail });
  }

  /** The device does not know us any more: it has restarted behind a line that stayed open. */
  loseSession(detail: string): void {
    this.#dispatch({ type: 'session.lost', detail });
  }

  /** Out of band: past the queue, on any port that is open. */
  writeNow(text: string): boolean {
    return this.#port?.write(text) ?? false;
  }

  #admit(command: Command, isUrgent: boolean, done: (answer: LinkAnswer<F>) => void): number {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#pending.set(id, done);
    this.#dispatch({ type: 'request.made', request: { id, command, isUrgent } });
    return id;
  }

  /** One event after another, each with all its effects, whoever calls from within a callback. */
  #dispatch(event: LinkEvent<F>): void {
    this.#events.push(event);
    if (!this.#isRunning) this.#run();
  }

  #run(): void {
    this.#isRunning = true;
    try {
      while (this.#effects.length > 0 || this.#events.length > 0) this.#runOne();
    } finally {
      this.#isRunning = false;
      // A callback has thrown: what is left must not wait for a next event that may never come.
      if (this.#effects.length > 0 || this.#events.length > 0) this.#options.clock.defer(() => this.#run());
    }
  }

  #runOne(): void {
    const effect = this.#effects.shift();
    if (effect !== undefined) return this.#carryOut(effect);
    const event = this.#events.shift();
    if (event !== undefined) this.#reduce(event);
  }

  #reduce(event: LinkEvent<F>): void {
    const { state, effects } = reduceLink(this.#options.rules, this.#state, event);
    this.#state = state;
    this.#effects.push(...effects);
  }

  #carryOut(effect: LinkEffect<F>): void {
    switch (effect.type) {
      case 'openPort':
        return this.#open();
      case 'closePort':
        return this.#closePort();
      case 'write':
        return this.#write(effect.bytes, effect.isRepeat);
      case 'armDeadline':
        return this.#arm(effect.delayMs);
      case 'disarmDeadline':
        return this.#disarm();
      case 'deliverAnswer':
        return this.#deliverAnswer(effect.requestId, effect.frame);
      case 'deliverReport':
        return this.#options.onReport(effect.frame);
      case 'fail':
        return this.#settle(effect.requestId, { ok: false, reason: effect.reason, detail: effect.detail });
      case 'tellLost':
        return this.#options.onLost(effect.reason, effect.detail);
    }
  }

  #open(): void {
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#options.openPort((result) => {
      if (attempt !== this.#attempt) {
        if (result.ok) result.port.close();
        return;
      }
      if (!result.ok) {
        this.#dispatch({ type: 'port.failed', reason: result.reason, detail: result.detail });
        return;
      }
      this.#listen(result.port);
      this.#dispatch({ type: 'port.opened' });
    });
  }

  #listen(port: BytePort): void {
    this.#port = port;
    const decode = this.#options.createDecoder((heard) => {
      if (port === this.#port) this.#dispatch(eventFromHeard(heard));
    });
    port.onClosed((reason) => {
      if (port === this.#port) this.#dispatch({ type: 'port.closed', detail: `${port.name}: ${reason}` });
    });
    port.onBytes((text) => {
      if (port === this.#port) decode(text);
    });
  }

  #closePort(): void {
    const port = this.#port;
    this.#port = null;
    this.#attempt += 1;
    port?.close();
  }

  #write(bytes: string, isRepeat: boolean): void {
    if (!isRepeat) this.#sentMs = this.#options.clock.nowMs();
    const isSent = this.#port?.write(bytes) ?? false;
    if (!isSent) this.#dispatch({ type: 'port.closed', detail: 'the port takes no bytes any more' });
  }

  #arm(delayMs: number): void {
    this.#disarm();
    this.#timer = this.#options.clock.after(delayMs, () => this.#dispatch({ type: 'deadline.passed' }));
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #deliverAnswer(requestId: number, frame: F): void {
    if (requestId === HELLO_ID) this.#options.onHello(frame, this.#sentMs);
    else if (requestId !== KEEP_ALIVE_ID) this.#settle(requestId, { ok: true, frame, sentMs: this.#sentMs });
  }

  #settle(id: number, answer: LinkAnswer<F>): void {
    const done = this.#pending.get(id);
    this.#pending.delete(id);
    done?.(answer);
  }
}

function eventFromHeard<F>(heard: Heard<F>): LinkEvent<F> {
  switch (heard.kind) {
    case 'answer':
      return { type: 'answer.heard', seq: heard.seq, frame: heard.frame };
    case 'report':
      return { type: 'report.heard', txSeq: heard.txSeq, frame: heard.frame };
    case 'garbage':
      return { type: 'garbage.heard' };
  }
}
