// Makes alarms of what the live feed tells: those of the runs themselves, a run that failed, a link that
// stays away. Each is told to whoever listens; those that are not in the feed yet go into it for the page.
import type { Clock, Timer } from '../base/clock.ts';
import type { AlarmFeed, FeedMessage, StateFeed } from '../stream/feed.ts';
import type { Alarm } from './alarm-command.ts';

export interface AlarmWatchOptions {
  readonly clock: Clock;
  /** Where a run is; null: not known. */
  readonly placeOf: (run: string) => { readonly cycler: string; readonly channel: number } | null;
  readonly raise: (alarm: Alarm) => void;
  /** What is not in the feed by itself. */
  readonly tell: (message: AlarmFeed) => void;
}

/** A cable that is put back within this is no reason to wake anybody. */
const LINK_LOST_MS = 60_000;

export class AlarmWatch {
  readonly #options: AlarmWatchOptions;
  /** Runs whose link is away, told or not. */
  readonly #lost = new Map<string, Timer>();

  constructor(options: AlarmWatchOptions) {
    this.#options = options;
  }

  hear(message: FeedMessage): void {
    if (message.type === 'alarm') this.#raise(message);
    else if (message.type === 'state') this.#stateChanged(message);
  }

  #stateChanged({ run, state, reason }: StateFeed): void {
    if (state === 'failed') this.#raiseNew(run, 'RUN_FAILED', `the run failed: ${reason}`);
    if (state === 'link-lost') return this.#linkLost(run, reason);
    this.#lost.get(run)?.cancel();
    this.#lost.delete(run);
  }

  /** Once for each loss, however often its reason changes. */
  #linkLost(run: string, reason: string): void {
    if (this.#lost.has(run)) return;
    const message = `the link has been lost for ${LINK_LOST_MS / 1000} s: ${reason}`;
    const timer = this.#options.clock.after(LINK_LOST_MS, () => this.#raiseNew(run, 'LINK_LOST', message));
    this.#lost.set(run, timer);
  }

  #raiseNew(run: string, code: string, message: string): void {
    const { clock, tell } = this.#options;
    const alarm: AlarmFeed = { type: 'alarm', run, code, message, atWallMs: clock.wallMs() };
    tell(alarm);
    this.#raise(alarm);
  }

  #raise({ run, code, message, atWallMs }: AlarmFeed): void {
    const place = run === null ? null : this.#options.placeOf(run);
    const { cycler, channel } = place ?? { cycler: null, channel: null };
    this.#options.raise({ run, cycler, channel, code, message, atWallMs });
  }
}
