// Child processes of the core: forked with a channel, respawned with back-off, ended with it.
// Each has a process group of its own, so Ctrl-C at the terminal reaches the core alone, which then ends them
// in order; each ends by itself when its parent's channel closes, so a killed core leaves no orphan.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';

export interface ChildOptions {
  readonly name: string;
  readonly entry: URL;
  readonly args: () => readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly onStarted: (child: KeptChild) => void;
  readonly onMessage: (message: unknown) => void;
}

const RESPAWN_MS = 500;
const RESPAWN_MAX_MS = 30_000;
const KILL_AFTER_MS = 3000;
/**
 * Messages waiting in the channel of a child that lags: beyond the first bound what is live only is left out,
 * beyond the second the child is past help and is started anew, which tells it everything again.
 */
const BACKLOG_LIVE_MAX = 1000;
const BACKLOG_MAX = 20_000;

/** A child that is started again whenever it ends, until `close`. */
export class KeptChild {
  readonly #options: ChildOptions;
  #child: ChildProcess | null = null;
  #timer: Timer | null = null;
  #isWanted = true;
  #waiting = 0;
  /** Ends in a row without a word: each waits longer for the next start. */
  #barrenEnds = 0;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.#spawn();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Sends unless the child is gone; what `isLive` only, unless it lags behind. */
  send(message: object, { isLive }: { readonly isLive: boolean }): void {
    const child = this.#child;
    if (child === null || !child.connected || (isLive && this.#waiting > BACKLOG_LIVE_MAX)) return;
    if (this.#waiting > BACKLOG_MAX) {
      child.kill('SIGKILL');
      return;
    }
    this.#waiting += 1;
    child.send(message, () => {
      this.#waiting -= 1;
    });
  }

  /** Ends it for good: closes the channel, waits, kills. `done` when it is gone. */
  close(done: () => void): void {
    this.#isWanted = false;
    this.#timer?.cancel();
    const child = this.#child;
    if (child === null) return done();
    const kill = this.#options.clock.after(KILL_AFTER_MS, () => child.kill('SIGKILL'));
    child.once('exit', () => {
      kill.cancel();
      done();
    });
    if (child.connected) child.disconnect();
  }

  #spawn(): void {
    const { log, name, onMessage, onStarted } = this.#options;
    const child = this.#fork();
    if (child === null) return this.#exited(null, null);
    this.#child = child;
    this.#waiting = 0;
    child.on('message', (message) => {
      this.#barrenEnds = 0;
      onMessage(message);
    });
    // A send that races with the child's death: the exit below is what counts.
    child.on('error', (error) => {
      log.warn({ child: name, err: error }, 'child process error');
      // It never ran, so it will not exit either.
      if (child.pid === undefined) this.#exited(null, null);
    });
    child.once('exit', (code, signal) => this.#exited(code, signal));
    onStarted(this);
  }

  /** null: the system has no process for us now. */
  #fork(): ChildProcess | null {
    const { args, entry, log, name } = this.#options;
    try {
      return fork(fileURLToPath(entry), args(), {
        detached: true,

        serialization: 'advanced',
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
    } catch (thrown) {
      log.warn({ child: name, err: thrown }, 'child process not started');
      return null;
    }
  }

  #exited(code: number | null, signal: string | null): void {
    const { clock, log, name } = this.#options;
    this.#child = null;
    if (!this.#isWanted) return;
    log.error({ child: name, code, signal }, 'child process ended; starting it again');
    const delayMs = Math.min(RESPAWN_MAX_MS, RESPAWN_MS * 2 ** Math.min(this.#barrenEnds, 16));
    this.#barrenEnds += 1;
    this.#timer = clock.after(delayMs, () => this.#spawn());
  }
}
