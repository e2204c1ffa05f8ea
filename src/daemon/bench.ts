// The bench: the cyclers of the configuration, and the runs on their channels. One channel, one run; a fault
// stays in its own. Sits between the control socket (and `demo`) and the run channels; pushes what happens to
// the live feed.
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Result } from '../base/result.ts';
import type { Config } from '../config/config.ts';
import type { Cycler, LinkReport } from '../device/cycler.ts';
import type { Protocol, ProtocolSource } from '../steps/protocol.ts';
import type { CatalogRun } from '../store/catalog-reader.ts';
import type { CellDescription, Store } from '../store/run-store.ts';
import type { FeedMessage, RunSummary } from '../stream/feed.ts';
import { ActiveRuns, type Place } from './active-runs.ts';
import type { AuxReading } from './aux-recorder.ts';
import { benchSettings } from './bench-settings.ts';
import { createChannelFeed } from './channel-feed.ts';
import type { ChannelFeed } from './channel-parts.ts';
import { type CutOptions, cutCells } from './cut-cells.ts';
import { endRuns } from './end-runs.ts';
import { type Attached, findPlace, type Found } from './find-place.ts';
import { isOver, stopLeft, takeOverLeft, type TakeOverResult } from './left-runs.ts';
import type { Order } from './operator-orders.ts';
import { openOrphans } from './orphans.ts';
import {
  benchIsEnding,
  channelTaken,
  endedWithProblem,
  notActive,
  notSealedYet,
  type Refusal,
} from './refusals.ts';
import { summaryFromCatalog, summaryOf } from './run-summary.ts';
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
  /** Why no new run may be started, whatever it is; null: it may. */
  readonly refusesRuns?: () => Refusal | null;
}

/** What an operator asks for, by name. */
export interface RunOrder {
  readonly protocol: string;
  /** A protocol of the operator's own; absent: the registry has it by its name. */
  readonly protocolSource?: ProtocolSource | undefined;
  readonly cycler: string;
  readonly channel: number;
  readonly areaUcm2: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly cell: Omit<CellDescription, 'areaCm2'>;
}

const FIRST_WORD_MS = 3000;
const WAIT_MS = 100;
/** A stop is answered at the latest now: by then the cell is open, or the answer says so. */
const STOP_ANSWER_MS = 7000;

export class Bench {
  readonly #options: BenchOptions;
  readonly #cyclers = new Map<string, Attached>();
  readonly #active = new ActiveRuns();
  readonly #summaries = new Map<string, RunSummary>();
  /** Runs of earlier daemons that this one does not go on with. */
  readonly #left = new Map<string, CatalogRun>();
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

  /**
   * Runs of earlier daemons, by the catalog: lists and pages know them, and what was left open is gone on
   * with. To be called before `start`, so that no channel of theirs is taken for nobody's.
   */
  takeOver(runs: readonly CatalogRun[]): void {
    const { clock, config, log, protocols, store } = this.#options;
    for (const run of runs) this.#summaries.set(run.run, summaryFromCatalog(run));
    for (const run of runs.filter((one) => !isOver(one) || !one.isSealed)) {
      if (!isOver(run)) this.#active.claim(run, run.run);
      takeOverLeft(run, {
        ...{ clock, log, protocols, store, settings: benchSettings(config, {}, run.cycler) },
        cycler: this.#cyclers.get(run.cycler)?.cycler ?? null,
        feed: this.#feedOf(run.run),
        waiting: (reason) => this.#leftChanged(run.run, { state: 'link-lost', reason }),
        done: (result) => this.#tookOver(run, result),
      });
    }
  }

  #tookOver(left: CatalogRun, result: TakeOverResult): void {
    const { run, cycler } = left;
    const attached = this.#cyclers.get(cycler);
    this.#leftChanged(run, result.summary);
    if (result.ok && this.#isEnding) return result.channel.leave('hold', () => undefined);
    if (result.ok) {
      this.#active.add(run, { channel: result.channel, place: left });
      if (attached?.link?.type === 'up') result.channel.linkRestored();
      return;
    }
    if (!isOver(left)) this.#active.unclaim(left);
    if (attached !== undefined) this.#openOrphans(attached);
    if (result.detail === null) return;
    this.#options.log.error({ run, detail: result.detail }, 'a run of an earlier daemon is not gone on with');
    this.#left.set(run, left);
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
    const { cycler: name, channel } = order;
    const place = { cycler: name, channel };
    this.#active.claim(place, null);
    const run = newRunId();
    const request = { ...order, protocol };
    const { identity, capabilities } = link;
    const settings = benchSettings(this.#options.config, this.#metaOf(order), order.cycler);
    const common = { run, request, settings, identity, capabilities, store, clock, log };
    startRun({ ...common, cycler: attached.cycler, feed: this.#feedOf(run) }, (result) => {
      this.#active.unclaim(place);
      if (!result.ok) return done(result);
      this.#active.add(run, { channel: result.channel, place });
      // What happened while the file was being made, the channel could not hear.
      const hasChanged = attached.link !== link;
      if (hasChanged) result.channel.linkLost('the link was lost while the run was being started');
      if (hasChanged && attached.link?.type === 'up') result.channel.linkRestored();
      // The daemon was told to end while the file was being made.
      if (this.#isEnding) result.channel.stop('the daemon is ending');
      const { state, reason } = result.channel;
      const now = { state, reason, sinceWallMs: clock.wallMs() };
      const created = { ...summaryOf(result.description, result.path), ...now };
      this.#summaries.set(run, created);
      feed({ type: 'runs', runs: this.runs() });
      done({ ok: true, value: created });
    });
  }

  /** Stops a run; `done` when its cell is open and its file sealed, or with what is not so. */
  stopRun(run: string, reason: string, done: (result: Result<RunSummary>) => void): void {
    const active = this.#active.get(run);
    if (active === null) return this.#stopLeft(run, reason, done);
    const { clock } = this.#options;
    let isAnswered = false;
    const answer = (result: Result<RunSummary>): void => {
      if (isAnswered) return;
      isAnswered = true;
      limit.cancel();
      done(result);
    };
    const limit = clock.after(STOP_ANSWER_MS, () => answer(notSealedYet(run)));
    this.#active.whenClosed(run, (problem) => {
      const closed = this.#summaries.get(run);
      if (problem !== null) answer(endedWithProblem(run, problem));
      else if (closed !== undefined) answer({ ok: true, value: closed });
    });
    active.channel.stop(reason);
  }

  #stopLeft(run: string, reason: string, done: (result: Result<RunSummary>) => void): void {
    const left = this.#left.get(run);
    const summary = this.#summaries.get(run);
    if (left === undefined || summary === undefined) return done(notActive(run, summary ?? null));
    stopLeft(left, { store: this.#options.store, reason }, (result) => {
      if (!result.ok) return done({ ok: false, code: result.code, message: result.detail });
      this.#left.delete(run);
      const stopped = { ...summary, ...result.state };
      this.#summaries.set(run, stopped);
      done({ ok: true, value: stopped });
    });
  }

  /** What the operator asks of a run that goes on; refused with the state it is in, and what to do. */
  orderRun(run: string, order: Order): Result<RunSummary & { readonly told: string }> {
    const [active, summary] = [this.#active.get(run), this.#summaries.get(run)];
    if (active === null || summary === undefined) return notActive(run, summary ?? null);
    if (this.#isEnding) return benchIsEnding();
    const result = active.channel.orders.give(order);
    if (!result.ok) return result;
    return { ok: true, value: { ...(this.#summaries.get(run) ?? summary), told: result.told } };
  }

  /** A value from beside the instruments, into each active run that it belongs to. */
  recordAux(reading: AuxReading, belongs: (place: Place) => boolean): void {
    for (const [, { channel, place }] of this.#active) if (belongs(place)) channel.aux.heard(reading);
  }

  /** Brings every cell into the state of the policy, then hands the rest to the store, within ten seconds. */
  shutdown(policy: Config['on_shutdown'], done: () => void): void {
    this.#isEnding = true;
    const stop = (run: string, ended: () => void): void =>
      this.stopRun(run, 'stopped with the daemon', ended);
    endRuns(this.#active, { clock: this.#options.clock, policy, stop }, () => {
      for (const { cycler } of this.#cyclers.values()) cycler.close();
      done();
    });
  }

  /** For a process that ends without order: off at once, whether something was sent. */
  cutCells(options: CutOptions): boolean {
    return cutCells(this.#cyclers.values(), options);
  }

  /** What the check of this channel found goes with its runs; null: there was none. */
  #metaOf({ cycler, channel }: RunOrder): Readonly<Record<string, unknown>> {
    return { ...this.#options.meta, instrumentCheck: this.#options.lastCheck(cycler, channel) };
  }

  #place(order: RunOrder): Found | Refusal {
    if (this.#isEnding) return benchIsEnding();
    const refusal = this.#options.refusesRuns?.() ?? null;
    if (refusal !== null) return refusal;
    const found = findPlace(order, this.#options.protocols, this.#cyclers);
    const holder = this.#active.holderOf(order);
    return found.ok && holder !== undefined ? channelTaken(order, holder) : found;
  }

  #linkChanged(attached: Attached, report: LinkReport): void {
    const [{ log }, { name }, before] = [this.#options, attached.cycler, attached.link];
    attached.link = report;
    if (report.type === 'up') log.info({ cycler: name, ...report.identity }, 'link up');
    else log.warn({ cycler: name, reason: report.reason, detail: report.detail }, 'link lost');
    const hasRestarted =
      before?.type === 'up' && report.type === 'up' && before.identity.bootId !== report.identity.bootId;
    for (const channel of this.#active.on(name)) {
      if (report.type === 'lost') channel.linkLost(report.detail);
      else if (hasRestarted) channel.linkLost('the device restarted');
      if (report.type === 'up') channel.linkRestored();
    }
    this.#openOrphans(attached);
  }

  #openOrphans({ cycler, link }: Attached): void {
    if (link?.type !== 'up') return;
    const isConducted = (channel: number): boolean =>
      this.#active.holderOf({ cycler: cycler.name, channel }) !== undefined;
    const { channels } = link.capabilities;
    openOrphans(cycler, { channels, isConducted, log: this.#options.log });
  }

  #feedOf(run: string): ChannelFeed {
    const { clock, feed } = this.#options;
    return createChannelFeed({
      ...{ run, clock, feed },
      summary: (change) => this.#summaryChanged(run, change),
      closed: (problem) => this.#closed(run, problem),
    });
  }

  /** No channel tells the state of such a run: the list does. */
  #leftChanged(run: string, change: Partial<RunSummary>): void {
    const before = this.#summaries.get(run)?.state;
    this.#summaryChanged(run, change);
    if (this.#summaries.get(run)?.state !== before) this.#options.feed({ type: 'runs', runs: this.runs() });
  }

  #summaryChanged(run: string, change: Partial<RunSummary>): void {
    const summary = this.#summaries.get(run);
    if (summary !== undefined) this.#summaries.set(run, { ...summary, ...change });
  }

  #closed(run: string, problem: string | null): void {
    if (problem !== null) this.#options.log.error({ run, problem }, 'the run did not end as it should');
    this.#active.closed(run, problem);
  }
}
