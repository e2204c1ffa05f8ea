// The bench: the cyclers of the configuration, and the runs on their channels. One channel, one run; a fault
// stays in its own. Sits between the control socket (and `demo`) and the run channels; pushes what happens to
// the live feed.
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Result } from '../base/result.ts';
import type { Config } from '../config/config.ts';
import type { Cycler, LinkReport } from '../device/cycler.ts';
import type { Protocol } from '../steps/protocol.ts';
import type { CellDescription, Store } from '../store/run-store.ts';
import type { FeedMessage, RunSummary } from '../stream/feed.ts';
import type { AuxReading } from './aux-recorder.ts';
import { benchSettings } from './bench-settings.ts';
import { createChannelFeed } from './channel-feed.ts';
import type { RunChannel } from './channel.ts';
import { openOrphans } from './orphans.ts';
import {
  benchIsEnding,
  channelTaken,
  endedWithProblem,
  notActive,
  notConnected,
  notSealedYet,
  type Refusal,
  unknownName,
} from './refusals.ts';
import { summaryOf } from './run-summary.ts';
import { startRun } from './start-run.ts';

export interface BenchOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: Store;
  readonly protocols: readonly Protocol[];
  readonly cyclers: readonly Cycler[];
  readonly newRunId: () => string;
  readonly meta: Readonly<Record<string, unknown>>;
  /** The latest check of a channel, as it goes into the record; null: none. */
  readonly lastCheck: (cycler: string, channel: number) => unknown;
  readonly feed: (message: FeedMessage) => void;
}

/** What an operator asks for, by name. */
export interface RunOrder {
  readonly protocol: string;
  readonly cycler: string;
  readonly channel: number;
  readonly areaUcm2: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly cell: Omit<CellDescription, 'areaCm2'>;
}

interface Attached {
  readonly cycler: Cycler;
  link: LinkReport | null;
}

interface ActiveRun {
  readonly channel: RunChannel;
  readonly order: RunOrder;
  readonly onClosed: ((problem: string | null) => void)[];
}

interface Place {
  readonly ok: true;
  readonly attached: Attached;
  readonly link: Extract<LinkReport, { type: 'up' }>;
  readonly protocol: Protocol;
}

/** A run in one of these closes by itself. */
const ENDING_STATES: ReadonlySet<string> = new Set(['finishing', 'done', 'stopped', 'failed']);
const FIRST_WORD_MS = 3000;
const WAIT_MS = 100;
/** A stop is answered at the latest now: by then the cell is open, or the answer says so. */
const STOP_ANSWER_MS = 7000;

export class Bench {
  readonly #options: BenchOptions;
  readonly #cyclers = new Map<string, Attached>();
  readonly #active = new Map<string, ActiveRun>();
  readonly #starting = new Set<string>();
  readonly #summaries = new Map<string, RunSummary>();
  #isEnding = false;

  constructor(options: BenchOptions) {
    this.#options = options;
    for (const cycler of options.cyclers) this.#cyclers.set(cycler.name, { cycler, link: null });
  }

  start(): void {
    for (const attached of this.#cyclers.values()) {
      attached.cycler.onLink((report) => this.#linkChanged(attached, report));
      attached.cycler.start();
    }
  }

  /** Runs of earlier daemons, so that lists and pages know them. */
  remember(summaries: readonly RunSummary[]): void {
    for (const summary of summaries) this.#summaries.set(summary.run, summary);
  }

  /** Newest first. */
  runs(): readonly RunSummary[] {
    return [...this.#summaries.values()].sort((a, b) => (a.run < b.run ? 1 : -1));
  }

  /**
   * Starts a run; an instrument that has not been heard of since the daemon started gets three seconds to
   * answer.
   */
  startRun(order: RunOrder, done: (result: Result<RunSummary>) => void, waitedMs = 0): void {
    const isUnheard = this.#cyclers.get(order.cycler)?.link === null;
    if (isUnheard && waitedMs < FIRST_WORD_MS) {
      this.#options.clock.after(WAIT_MS, () => this.startRun(order, done, waitedMs + WAIT_MS));
      return;
    }
    const found = this.#place(order);
    if (!found.ok) return done(found);
    const { attached, link, protocol } = found;
    const { clock, feed, log, newRunId, store } = this.#options;
    const place = placeOf(order);
    this.#starting.add(place);
    const run = newRunId();
    const channelFeed = createChannelFeed({
      run,
      clock,
      feed,
      summary: (change) => this.#summaryChanged(run, change),
      closed: (problem) => this.#closed(run, problem),
    });
    const request = { ...order, protocol };
    const { identity, capabilities } = link;
    const common = {
      run,
      request,
      settings: benchSettings(this.#options.config, this.#metaOf(order), order.cycler),
      identity,
      capabilities,
      store,
      clock,
      log,
    };
    startRun({ ...common, cycler: attached.cycler, feed: channelFeed }, (result) => {
      this.#starting.delete(place);
      if (!result.ok) return done(result);
      this.#active.set(run, { channel: result.channel, order, onClosed: [] });
      // What happened while the file was being made, the channel could not hear.
      if (attached.link !== link)
        result.channel.linkLost('the link was lost while the run was being started');
      if (attached.link !== link && attached.link?.type === 'up') result.channel.linkRestored();
      // The daemon was told to end while the file was being made.
      if (this.#isEnding) result.channel.stop('the daemon is ending');
      const { state, reason } = result.channel;
      const created = {
        ...summaryOf(result.description, result.path),
        state,
        reason,
        sinceWallMs: clock.wallMs(),
      };
      this.#summaries.set(run, created);
      feed({ type: 'runs', runs: this.runs() });
      done({ ok: true, value: created });
    });
  }

  /** Stops a run; `done` when its cell is open and its file sealed, or with what is not so. */
  stopRun(run: string, reason: string, done: (result: Result<RunSummary>) => void): void {
    const active = this.#active.get(run);
    const summary = this.#summaries.get(run);
    if (active === undefined) return done(notActive(run, summary ?? null));
    const { clock } = this.#options;
    let isAnswered = false;
    const answer = (result: Result<RunSummary>): void => {
      if (isAnswered) return;
      isAnswered = true;
      limit.cancel();
      done(result);
    };
    const limit = clock.after(STOP_ANSWER_MS, () => answer(notSealedYet(run)));
    active.onClosed.push((problem) => {
      const closed = this.#summaries.get(run);
      if (problem !== null) answer(endedWithProblem(run, problem));
      else if (closed !== undefined) answer({ ok: true, value: closed });
    });
    active.channel.stop(reason);
  }

  /** A value from beside the instruments, into each active run that it belongs to. */
  recordAux(reading: AuxReading, belongs: (place: RunOrder) => boolean): void {
    for (const { channel, order } of this.#active.values()) if (belongs(order)) channel.aux.heard(reading);
  }

  /**
   * Brings every cell into the state of the policy, then hands the rest to the store. `done` within about ten
   * seconds.
   */
  shutdown(policy: Config['on_shutdown'], done: () => void): void {
    const { clock } = this.#options;
    this.#isEnding = true;
    let isDone = false;
    const finish = (): void => {
      if (isDone) return;
      isDone = true;
      limit.cancel();
      for (const { cycler } of this.#cyclers.values()) cycler.close();
      done();
    };
    const limit = clock.after(8000, finish);
    let open = this.#active.size;
    if (open === 0) return finish();
    const oneDone = (): void => {
      open -= 1;
      if (open === 0) finish();
    };
    for (const [run, active] of this.#active) {
      if (ENDING_STATES.has(active.channel.state)) active.onClosed.push(oneDone);
      else if (policy === 'stop') this.stopRun(run, 'stopped with the daemon', oneDone);
      else active.channel.leave(policy, oneDone);
    }
  }

  /** What the check of this channel found goes with its runs; without a check, null says so. */
  #metaOf({ cycler, channel }: RunOrder): Readonly<Record<string, unknown>> {
    return { ...this.#options.meta, instrumentCheck: this.#options.lastCheck(cycler, channel) };
  }

  /**
   * Where an order would run; refuses names that do not exist, a link that is down, a channel that is taken.
   */
  #place(order: RunOrder): Place | Refusal {
    const { protocols } = this.#options;
    if (this.#isEnding) return benchIsEnding();
    const protocol = protocols.find(({ name }) => name === order.protocol);
    if (protocol === undefined) {
      const what = { code: 'PROTOCOL_UNKNOWN', kind: 'protocol', name: order.protocol } as const;
      return unknownName(
        what,
        protocols.map(({ name }) => name),
      );
    }
    const attached = this.#cyclers.get(order.cycler);
    if (attached === undefined) {
      return unknownName({ code: 'CHANNEL_UNKNOWN', kind: 'cycler', name: order.cycler }, [
        ...this.#cyclers.keys(),
      ]);
    }
    const { link } = attached;
    if (link?.type !== 'up') return notConnected(order.cycler, link);
    const holder = this.#runOn(order.cycler, order.channel);
    if (holder !== null || this.#starting.has(placeOf(order))) return channelTaken(order, holder);
    return { ok: true, attached, link, protocol };
  }

  #runOn(cycler: string, channel: number): string | null {
    const place = placeOf({ cycler, channel });
    return [...this.#active].find(([, { order }]) => placeOf(order) === place)?.[0] ?? null;
  }

  #linkChanged(attached: Attached, report: LinkReport): void {
    const { log } = this.#options;
    const before = attached.link;
    const { name } = attached.cycler;
    attached.link = report;
    if (report.type === 'up') log.info({ cycler: name, ...report.identity }, 'link up');
    else log.warn({ cycler: name, reason: report.reason, detail: report.detail }, 'link lost');
    const hasRestarted =
      before?.type === 'up' && report.type === 'up' && before.identity.bootId !== report.identity.bootId;
    for (const { channel, order } of this.#active.values()) {
      if (order.cycler !== name) continue;
      if (report.type === 'lost') channel.linkLost(report.detail);
      else if (hasRestarted) channel.linkLost('the device restarted');
      if (report.type === 'up') channel.linkRestored();
    }
    if (report.type === 'lost') return;
    const isConducted = (channel: number): boolean => this.#runOn(name, channel) !== null;
    openOrphans(attached.cycler, { channels: report.capabilities.channels, isConducted, log });
  }

  #summaryChanged(run: string, change: Partial<RunSummary>): void {
    const summary = this.#summaries.get(run);
    if (summary !== undefined) this.#summaries.set(run, { ...summary, ...change });
  }

  #closed(run: string, problem: string | null): void {
    const { log } = this.#options;
    if (problem !== null) log.error({ run, problem }, 'the run did not end as it should');
    const active = this.#active.get(run);
    this.#active.delete(run);
    for (const onClosed of active?.onClosed ?? []) onClosed(problem);
  }
}

function placeOf({ cycler, channel }: { readonly cycler: string; readonly channel: number }): string {
  return `${cycler}/${channel}`;
}
