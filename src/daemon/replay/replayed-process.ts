// One process of the recorded daemon, lived again: a clock, a driver on the recorded wire, the channel of
// the run. A restart ends it and makes the next one. Tells what it cannot go on with; compares nothing.
import { createLogger } from '../../base/log.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { Cycler, LinkReport } from '../../device/cycler.ts';
import { findDialect } from '../../device/dialects.ts';
import type { CyclerSetup } from '../../device/tapped-cycler.ts';
import type { Protocol } from '../../steps/protocol.ts';
import { InlineStore } from '../../store/inline-store.ts';
import { openRunReader } from '../../store/readers.ts';
import type { Store } from '../../store/run-store.ts';
import type { RunChannel } from '../channel.ts';
import type { ChannelFeed } from '../channel-parts.ts';
import { openOrphans } from '../orphans.ts';
import { restoreChannel } from '../restore-channel.ts';
import { startRun } from '../start-run.ts';
import { createComparedStore } from './compared-store.ts';
import { parseOrder, parseStarted, settingsFrom, type Started } from './recorded-order.ts';
import type { Recorded, RecordedWire } from './recorded-wire.ts';
import { type HeldUp, WirePlayer } from './wire-player.ts';

export interface ReplayedProcessOptions {
  readonly setup: CyclerSetup;
  readonly wire: RecordedWire;
  readonly protocols: readonly Protocol[];
  /** The run file that is written. */
  readonly outPath: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly heldUp: readonly HeldUp[];
  /** Everything is stored at once: another process goes on with it. */
  readonly isFollowed: boolean;
  /** Its record ends before it does. */
  readonly isCutOff: boolean;
  readonly onStored: () => void;
  /** It goes no further; `isDifference`: because today's code does otherwise. */
  readonly onEnd: (end: ReplayEnd) => void;
}

export interface ReplayEnd {
  readonly detail: string;
  readonly isDifference: boolean;
}

const LOG = createLogger('silent');

export class ReplayedProcess {
  readonly player: WirePlayer;
  readonly #options: ReplayedProcessOptions;
  readonly #clock = new VirtualClock();
  readonly #startMs: number;
  readonly #cycler: Cycler;
  readonly #store: Store;
  #link: LinkReport | null = null;
  #channel: RunChannel | null = null;

  /** The wire stands behind the mark of the cycler. */
  constructor(options: ReplayedProcessOptions) {
    const { setup, wire } = options;
    const { wire: language, create } = findDialect(setup.dialect);
    this.#options = options;
    this.#startMs = wire.next?.atMs ?? 0;
    this.#clock.skipTo(this.#startMs);
    this.player = new WirePlayer({
      ...{ clock: this.#clock, wire, language, timersLateMs: setup.timersLateMs },
      ...{ heldUp: options.heldUp, isCutOff: options.isCutOff },
      onMark: (mark) => this.#hearMark(mark),
      onUnanswerable: (text) => this.#unanswerable(text),
    });
    const { name, keepAliveMs, isRemoteSensing } = setup;
    this.#cycler = create({
      ...{ name, clock: this.#clock, token: 'replay', openPort: this.player.openPort(0) },
      ...(setup.hasDataPort ? { openDataPort: this.player.openPort(1) } : {}),
      ...(keepAliveMs === undefined ? {} : { keepAliveMs }),
      ...(isRemoteSensing === undefined ? {} : { isRemoteSensing }),
    });
    const target = { outPath: options.outPath };
    this.#store = createComparedStore({
      store: new InlineStore({ clock: this.#clock, durability: 'off', target }),
      acknowledge: (done) => this.player.acknowledge(done),
      onStored: options.onStored,
    });
    this.#cycler.onLink((report) => this.#linkChanged(report));
    this.#cycler.start();
  }

  /** The run has begun, or was gone on with. */
  get hasRun(): boolean {
    return this.#channel !== null;
  }

  get livedS(): number {
    return (this.#clock.nowMs() - this.#startMs) / 1000;
  }

  /** It ends as a process does that is killed: what it has stored stays. */
  end(): void {
    this.player.runOn(0);
    this.#store.close(() => undefined);
    this.#cycler.close();
  }

  #hearMark(mark: Recorded): void {
    if (mark.kind === 'started') this.#start(parseStarted(mark.text));
    else if (mark.kind === 'restarted') this.#goOn(parseStarted(mark.text));
    else if (mark.kind === 'ordered') this.#order(mark.text);
    else this.#stop('the record has a hole here: lines are missing, or damaged');
  }

  #start(started: Started): void {
    const { meta, protocols } = this.#options;
    const found = settingsFrom(meta, protocols, this.#paced(started));
    const link = this.#link;
    if (!found.ok) return this.#differ(found.detail);
    if (link?.type !== 'up') return this.#differ("today's driver does not come up on what was recorded");
    this.#setWall(started);
    const { identity, capabilities } = link;
    const { request, settings } = found;
    startRun(
      {
        ...{ run: started.run, request, settings, identity, capabilities, cycler: this.#cycler },
        ...{ clock: this.#clock, log: LOG, feed: FEED, store: this.#store },
      },
      (result) => {
        if (result.ok) this.#channel = result.channel;
        else this.#differ(`today's code refuses the run: ${result.message}`);
      },
    );
  }

  /** As a daemon takes over what an earlier one left. */
  #goOn(started: Started): void {
    const { outPath, protocols } = this.#options;
    this.#setWall(started);
    this.#store.openRun(started.run, (opened) => {
      if (!opened.ok) return this.#differ(`the run cannot be gone on with: ${opened.detail}`);
      const result = restoreChannel({
        ...{ run: started.run, reader: openRunReader(outPath), store: opened.store, cycler: this.#cycler },
        ...{ protocols, settings: this.#paced(started), clock: this.#clock, log: LOG, feed: FEED },
      });
      if (!result.ok) return this.#differ(`the run cannot be gone on with: ${result.detail}`);
      this.#channel = result.channel;
      if (this.#link?.type === 'up') result.channel.linkRestored();
    });
  }

  #order(text: string): void {
    const { order, reason, parameters = {} } = parseOrder(text);
    if (order === 'stop') this.#channel?.stop(reason);
    else if (order === 'pause' || order === 'resume' || order === 'skip' || order === 'finish')
      this.#channel?.orders.give({ order, reason });
    else if (order === 'set') this.#channel?.orders.give({ order, reason, parameters });
    else if (order === 'leave') this.#leave(reason);
    else this.#stop(`the run was told to ${order}, which this version does not replay`);
  }

  #leave(policy: string): void {
    const known = (['hold', 'finish_step', 'keep'] as const).find((one) => one === policy);
    if (known === undefined)
      return this.#stop(`the daemon ended by "${policy}", which this version does not know`);
    this.#channel?.leave(known, () => undefined);
  }

  /** As the bench does it. */
  #linkChanged(report: LinkReport): void {
    const before = this.#link;
    this.#link = report;
    const hasRestarted =
      before?.type === 'up' && report.type === 'up' && before.identity.bootId !== report.identity.bootId;
    if (report.type === 'lost') this.#channel?.linkLost(report.detail);
    else if (hasRestarted) this.#channel?.linkLost('the device restarted');
    if (report.type !== 'up' || this.#channel === null) return;
    this.#channel.linkRestored();
    const { channels } = report.capabilities;
    openOrphans(this.#cycler, { channels, isConducted: () => true, log: LOG });
  }

  #paced(started: Started): Started {
    return this.#options.isFollowed ? { ...started, commitEveryMs: 0 } : started;
  }

  #setWall({ wallMs }: Started): void {
    this.#clock.stepWall(wallMs - this.#clock.wallMs());
  }

  #unanswerable(text: string): void {
    const asked = text.length > 200 ? `${text.slice(0, 200)} …` : text;
    this.#differ(`today's code says ${JSON.stringify(asked)}, which the record cannot answer`);
  }

  #differ(detail: string): void {
    this.#options.onEnd({ detail, isDifference: true });
  }

  #stop(detail: string): void {
    this.#options.onEnd({ detail, isDifference: false });
  }
}

/** Nobody listens. */
const ignore = (): void => undefined;
const FEED: ChannelFeed = {
  ...{ live: ignore, stepBegan: ignore, stepEnded: ignore, halfCycle: ignore, gap: ignore },
  ...{ state: ignore, stored: ignore, alarm: ignore, closed: ignore },
};
