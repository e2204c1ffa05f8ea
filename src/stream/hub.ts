// Fan-out: one feed from the core to many clients. feed -> run feeds -> clients -> subscriptions -> outboxes.
// Nothing here waits for a client, and nothing a client does reaches the core.
import { assertNever } from '../base/assert.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { Client } from './client.ts';
import type { AlarmFeed, FeedMessage, LiveFeed, RunSummary } from './feed.ts';
import type { History } from './history.ts';
import type { ClientSocket } from './outbox.ts';
import { RunFeed } from './run-feed.ts';
import { ExactSubscription, type Subscription } from './subscription.ts';
import { encodeFrame, type Frame, gapMessage, halfCycleMessage, runInfo, stepMessage } from './wire.ts';

export const CLIENTS_MAX = 50;
export const PING_INTERVAL_MS = 15_000;
/** How often stalled clients are looked for. */
const CHECK_INTERVAL_MS = 5_000;
const CHECKS_PER_PING = PING_INTERVAL_MS / CHECK_INTERVAL_MS;
/** Changes of the list of runs are gathered for so long before all clients are told. */
const RUNS_DELAY_MS = 250;

const CLOSE_GOING_AWAY = 1001;
const CLOSE_SERVICE_RESTART = 1012;

/** A client as the server sees it: what it said, and when it left. */
export interface Connection {
  receive(text: string): void;
  reject(field: string | null, detail: string): void;
  ponged(): void;
  ended(): void;
}

export class Hub {
  readonly #clock: Clock;
  readonly #history: History;
  readonly #runs = new Map<string, RunFeed>();
  readonly #clients = new Set<Client>();
  readonly #changed = new Set<string>();
  readonly #gone = new Set<string>();
  #epoch = '';
  #checks = 0;
  #checkTimer: Timer;
  #runsTimer: Timer | null = null;

  constructor(options: { readonly clock: Clock; readonly history: History }) {
    this.#clock = options.clock;
    this.#history = options.history;
    this.#checkTimer = this.#clock.after(CHECK_INTERVAL_MS, () => this.#check());
  }

  get isFull(): boolean {
    return this.#clients.size >= CLIENTS_MAX;
  }

  get epoch(): string {
    return this.#epoch;
  }

  runs(): RunSummary[] {
    return [...this.#runs.values()].map((feed) => feed.summary);
  }

  find(run: string): RunSummary | undefined {
    return this.#runs.get(run)?.summary;
  }

  connect(socket: ClientSocket): Connection {
    const findRun = (run: string) => this.#runs.get(run);
    const client = new Client({ socket, clock: this.#clock, history: this.#history, findRun });
    this.#clients.add(client);
    client.send(this.#helloFrame());
    return {
      receive: (text) => client.receive(text),
      reject: (field, detail) => client.reject(field, detail),
      ponged: () => client.ponged(),
      ended: () => {
        client.ended();
        this.#clients.delete(client);
      },
    };
  }

  receive(feed: FeedMessage): void {
    if (feed.type === 'epoch') this.#beginEpoch(feed.epoch);
    else if (feed.type === 'runs') this.#replaceRuns(feed.runs);
    else if (feed.type === 'alarm') this.#alarm(feed);
    else this.#receiveOfRun(feed);
  }

  close(): void {
    this.#checkTimer.cancel();
    this.#runsTimer?.cancel();
    for (const client of this.#clients) client.disconnect(CLOSE_GOING_AWAY, 'galvanode is closing');
  }

  /** A run that is not listed is ignored: the list comes first. */
  #receiveOfRun(feed: Exclude<FeedMessage, { type: 'epoch' | 'runs' | 'alarm' }>): void {
    const run = this.#runs.get(feed.run);
    if (run === undefined) return;
    switch (feed.type) {
      case 'live':
        this.#live(run, feed);
        return;
      case 'stored':
        run.stored(feed.storedSeq);
        this.#eachSubscription(feed.run, (subscription) => subscription.onStored(feed.storedSeq));
        return;
      case 'state':
        run.changeState(feed);
        this.#sendToSubscribers(feed.run, run.stateFrame());
        this.#announce(feed.run);
        return;
      case 'step':
        if (feed.event === 'began') run.beginStep(feed.row);
        this.#sendToSubscribers(feed.run, encodeFrame(stepMessage(feed)));
        return;
      case 'half_cycle':
        this.#sendToSubscribers(feed.run, encodeFrame(halfCycleMessage(feed)));
        return;
      case 'gap':
        this.#sendGap(feed.run, encodeFrame(gapMessage(feed)));
        return;
      default:
        assertNever(feed, 'feed message');
    }
  }

  #live(run: RunFeed, batch: LiveFeed): void {
    if (batch.timeUs.length === 0) return;
    run.live(batch);
    this.#eachSubscription(batch.run, (subscription) => subscription.onLive(batch));
  }

  #alarm({ run, code, message, atWallMs }: AlarmFeed): void {
    const frame = encodeFrame({ v: 1, type: 'alarm', run, code, message, at_ms: atWallMs });
    if (run !== null) this.#sendToSubscribers(run, frame);
    else for (const client of this.#clients) client.send(frame);
  }

  /**
   * A restarted core: numbers that were not stored are void. Clients come again and learn it from `hello`.
   */
  #beginEpoch(epoch: string): void {
    if (epoch === this.#epoch) return;
    const isFirst = this.#epoch === '';
    this.#epoch = epoch;
    if (isFirst) return;
    for (const run of this.#runs.values()) run.forgetTail();
    for (const client of this.#clients)
      client.disconnect(CLOSE_SERVICE_RESTART, 'the daemon has started anew');
  }

  #replaceRuns(summaries: readonly RunSummary[]): void {
    const listed = new Set(summaries.map((summary) => summary.run));
    for (const summary of summaries) {
      const known = this.#runs.get(summary.run);
      if (known === undefined) this.#runs.set(summary.run, new RunFeed(summary));
      else if (JSON.stringify(known.summary) === JSON.stringify(summary)) continue;
      else known.replaceSummary(summary);
      this.#announce(summary.run);
    }
    for (const run of this.#runs.keys()) {
      if (listed.has(run)) continue;
      this.#runs.delete(run);
      this.#announce(run);
    }
  }

  #announce(run: string): void {
    (this.#runs.has(run) ? this.#changed : this.#gone).add(run);
    this.#runsTimer ??= this.#clock.after(RUNS_DELAY_MS, () => {
      this.#runsTimer = null;
      this.#sendRuns();
    });
  }

  #sendRuns(): void {
    const runs = [...this.#changed].map((run) => this.find(run)).filter((summary) => summary !== undefined);
    const gone = [...this.#gone].filter((run) => !this.#runs.has(run));
    this.#changed.clear();
    this.#gone.clear();
    const frame = encodeFrame({ v: 1, type: 'runs', runs: runs.map((summary) => runInfo(summary)), gone });
    for (const client of this.#clients) client.send(frame);
  }

  #eachSubscription(run: string, visit: (subscription: Subscription) => void): void {
    for (const client of this.#clients) {
      const subscription = client.subscriptionTo(run);
      if (subscription !== undefined) visit(subscription);
    }
  }

  #sendToSubscribers(run: string, frame: Frame): void {
    for (const client of this.#clients) if (client.subscriptionTo(run) !== undefined) client.send(frame);
  }

  /** Exact subscribers learn of a gap from the file, in its place. */
  #sendGap(run: string, frame: Frame): void {
    for (const client of this.#clients) {
      const subscription = client.subscriptionTo(run);
      if (subscription !== undefined && !(subscription instanceof ExactSubscription)) client.send(frame);
    }
  }

  #helloFrame(): Frame {
    const runs = this.runs().map((summary) => runInfo(summary));
    return encodeFrame({ v: 1, type: 'hello', epoch: this.#epoch, wall_ms: this.#clock.wallMs(), runs });
  }

  #check(): void {
    this.#checkTimer = this.#clock.after(CHECK_INTERVAL_MS, () => this.#check());
    this.#checks += 1;
    const ping =
      this.#checks % CHECKS_PER_PING === 0
        ? encodeFrame({ v: 1, type: 'ping', wall_ms: this.#clock.wallMs() })
        : null;
    for (const client of this.#clients) {
      client.checkProgress();
      if (ping !== null) client.ping(ping);
    }
  }
}
