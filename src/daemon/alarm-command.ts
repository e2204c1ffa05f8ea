// The operator's own command for alarms: a mail, a message, a lamp. Started for each alarm, at most once a
// minute for one run and code, then once for all that came meanwhile. Fire and forget: nothing waits for it,
// and whatever it does is no more than a line in the log.
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';

export interface Alarm {
  /** null: the whole bench. */
  readonly run: string | null;
  readonly cycler: string | null;
  readonly channel: number | null;
  /** Stable, e.g. `CELL_HELD`. */
  readonly code: string;
  /** One line. */
  readonly message: string;
  readonly atWallMs: number;
}

/** Runs one command to its end; `done` once, with null or what went wrong. */
export type RunAlarmCommand = (alarm: Alarm, done: (problem: string | null) => void) => void;

export interface AlarmCommandOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly run: RunAlarmCommand;
}

const QUIET_MS = 60_000;
const AT_ONCE_MAX = 4;
/** A storm beyond this is in the log and on the page; nobody reads a hundred mails. */
const WAITING_MAX = 100;

/** What came since the last command for one run and code. */
interface Held {
  count: number;
  latest: Alarm | null;
}

export class AlarmCommand {
  readonly #options: AlarmCommandOptions;
  readonly #held = new Map<string, Held>();
  readonly #waiting: Alarm[] = [];
  #running = 0;

  constructor(options: AlarmCommandOptions) {
    this.#options = options;
  }

  raise(alarm: Alarm): void {
    const key = `${alarm.run ?? ''} ${alarm.code}`;
    const held = this.#held.get(key);
    if (held !== undefined) {
      held.count += 1;
      held.latest = alarm;
      return;
    }
    this.#begin(key, alarm);
  }

  #begin(key: string, alarm: Alarm): void {
    this.#held.set(key, { count: 0, latest: null });
    this.#options.clock.after(QUIET_MS, () => this.#quietEnded(key));
    this.#admit(alarm);
  }

  #quietEnded(key: string): void {
    const held = this.#held.get(key);
    this.#held.delete(key);
    if (held === undefined || held.latest === null) return;
    const { count, latest } = held;
    const many = count === 1 ? '' : ` (the latest of ${count} in a minute)`;
    this.#begin(key, { ...latest, message: `${latest.message}${many}` });
  }

  #admit(alarm: Alarm): void {
    if (this.#waiting.length >= WAITING_MAX) {
      this.#options.log.error(
        { code: alarm.code, run: alarm.run },
        'too many alarms: no command for this one',
      );
      return;
    }
    this.#waiting.push(alarm);
    this.#next();
  }

  #next(): void {
    if (this.#running >= AT_ONCE_MAX) return;
    const alarm = this.#waiting.shift();
    if (alarm === undefined) return;
    const { clock, log, run } = this.#options;
    this.#running += 1;
    run(alarm, (problem) => {
      this.#running -= 1;
      if (problem !== null) log.error({ code: alarm.code, problem }, 'the alarm command failed');
      clock.defer(() => this.#next());
    });
  }
}
