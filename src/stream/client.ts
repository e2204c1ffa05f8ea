// One connected client: reads its messages, keeps its subscriptions, answers its mistakes. Sits between the
// hub, which knows the runs, and the outbox, which knows the socket. Never changes a run: read-only.
import type { Clock } from '../base/clock.ts';
import type { History } from './history.ts';
import { type ErrorMessage, parseClientMessage, type SubscribeMessage } from './messages.ts';
import { CLOSE_POLICY, type ClientSocket, Outbox } from './outbox.ts';
import type { RunFeed } from './run-feed.ts';
import {
  ExactSubscription,
  LiveSubscription,
  type Subscription,
  type SubscriptionContext,
} from './subscription.ts';
import { encodeFrame, type Frame } from './wire.ts';

export const SUBSCRIPTIONS_PER_CLIENT = 8;
const MISSED_PONGS_ALLOWED = 2;

export interface ClientOptions {
  readonly socket: ClientSocket;
  readonly clock: Clock;
  readonly history: History;
  readonly findRun: (run: string) => RunFeed | undefined;
}

export class Client {
  readonly #options: ClientOptions;
  readonly #outbox: Outbox;
  readonly #subscriptions = new Map<string, Subscription>();
  #missedPongs = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#outbox = new Outbox({
      socket: options.socket,
      clock: options.clock,
      onDrain: () => {
        for (const subscription of this.#subscriptions.values()) subscription.onDrain();
      },
    });
  }

  send(frame: Frame): void {
    this.#outbox.send(frame);
  }

  subscriptionTo(run: string): Subscription | undefined {
    return this.#subscriptions.get(run);
  }

  /** Text from the client. After a message that cannot be understood nothing more is read. */
  receive(text: string): void {
    if (!this.#outbox.isOpen) return;
    const parsed = parseClientMessage(text);
    if (!parsed.ok) this.reject(parsed.field, parsed.detail);
    else if (parsed.message.type === 'unsubscribe') this.#unsubscribe(parsed.message.run);
    else this.#subscribe(parsed.message);
  }

  /** Names what was wrong and closes. */
  reject(field: string | null, detail: string): void {
    this.#sendError({ code: 'MESSAGE_INVALID', field, message: detail });
    this.#outbox.disconnect(CLOSE_POLICY, 'message not understood');
  }

  checkProgress(): void {
    this.#outbox.checkProgress();
  }

  /**
   * Both kinds of ping: the WebSocket's own proves the peer, the message lets a page judge the connection.
   */
  ping(frame: Frame): void {
    if (this.#missedPongs >= MISSED_PONGS_ALLOWED) {
      this.#options.socket.terminate();
      return;
    }
    this.#missedPongs += 1;
    this.#options.socket.ping();
    this.send(frame);
  }

  ponged(): void {
    this.#missedPongs = 0;
  }

  disconnect(code: number, reason: string): void {
    this.#outbox.disconnect(code, reason);
  }

  ended(): void {
    this.#outbox.ended();
    for (const run of this.#subscriptions.keys()) this.#unsubscribe(run);
  }

  #subscribe(message: SubscribeMessage): void {
    const { run } = message;
    const feed = this.#options.findRun(run);
    if (feed === undefined) {
      this.#sendError({
        code: 'RUN_UNKNOWN',
        field: 'run',
        message: `run: ${run} is not known; see hello.runs`,
      });
      return;
    }
    this.#unsubscribe(run);
    if (this.#subscriptions.size >= SUBSCRIPTIONS_PER_CLIENT) {
      const text = `run: ${SUBSCRIPTIONS_PER_CLIENT} are open; unsubscribe from one, or connect again`;
      this.#sendError({ code: 'SUBSCRIPTIONS_FULL', field: 'run', message: text });
      return;
    }
    const stored = this.#options.history.storedSeq(run);
    if (stored.ok) feed.stored(stored.value);
    const subscription = createSubscription(message, this.#context(run, feed));
    this.#subscriptions.set(run, subscription);
    this.send(feed.stateFrame());
    subscription.start();
  }

  #unsubscribe(run: string): void {
    this.#subscriptions.get(run)?.close();
    this.#subscriptions.delete(run);
  }

  #context(run: string, feed: RunFeed): SubscriptionContext {
    const { clock, history } = this.#options;
    return {
      run,
      clock,
      history,
      outbox: this.#outbox,
      storedSeq: () => feed.storedSeq,
      tail: () => feed.tail,
      liveFrame: (batch) => feed.liveFrame(batch),
      fail: (detail) => {
        this.#sendError({
          code: 'HISTORY_FAILED',
          field: 'run',
          message: `run: ${run} cannot be read: ${detail}`,
        });
        this.#unsubscribe(run);
      },
    };
  }

  #sendError(error: Pick<ErrorMessage, 'code' | 'field' | 'message'>): void {
    this.send(encodeFrame({ v: 1, type: 'error', ...error }));
  }
}

function createSubscription(message: SubscribeMessage, context: SubscriptionContext): Subscription {
  const { from_seq: fromSeq, max_hz: maxHz } = message;
  if (fromSeq !== undefined && maxHz === undefined) return new ExactSubscription(context, fromSeq);
  return new LiveSubscription(context, { fromSeq: fromSeq ?? null, maxHz: maxHz ?? null });
}
