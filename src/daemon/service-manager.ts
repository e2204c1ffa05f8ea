// What systemd is told (sd_notify(3)): ready, alive, stopping. By the program systemd-notify, since Node has
// no unix datagram sockets. Silent where no manager asked. A loop that stands still says nothing, and is
// restarted; a slow disk is no reason to: it is the writer's, and a restart would only lose what waits in
// memory.
import type { Logger } from '../base/log.ts';

export interface ServiceManagerOptions {
  /** NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, as the manager has set them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** Runs systemd-notify with these arguments; `failed` with what went wrong. */
  readonly notify: (args: readonly string[], failed: (detail: string) => void) => void;
  readonly log: Logger;
}

/** A loop that was away for longer than this is not alive, whatever it says now. */
const LOOP_AWAY_MAX_MS = 5000;
/** Three reports fit into the manager's patience, so two may be lost. */
const REPORTS_PER_TIMEOUT = 3;

export class ServiceManager {
  readonly #options: ServiceManagerOptions;
  readonly #isThere: boolean;
  /** null: the manager has no watchdog for this process. */
  readonly #everyMs: number | null;
  #sinceReportMs = 0;
  #hasFailed = false;

  constructor(options: ServiceManagerOptions) {
    const { environment, pid } = options;
    this.#options = options;
    this.#isThere = (environment['NOTIFY_SOCKET'] ?? '') !== '';
    this.#everyMs = watchdogMs(environment, pid);
  }

  /** Commands can be given from now on. */
  ready(): void {
    this.#tell('READY=1');
  }

  /** Called by the loop, with the waking time since it called last. */
  beat(sinceMs: number): void {
    if (this.#everyMs === null) return;
    this.#sinceReportMs += sinceMs;
    // A beat early, since beats come late rather than soon.
    if (sinceMs > LOOP_AWAY_MAX_MS || this.#sinceReportMs + sinceMs < this.#everyMs) return;
    this.#sinceReportMs = 0;
    this.#tell('WATCHDOG=1');
  }

  stopping(): void {
    this.#tell('STOPPING=1');
  }

  #tell(word: string): void {
    if (!this.#isThere) return;
    const { log, notify } = this.#options;
    notify([word], (detail) => {
      if (!this.#hasFailed) log.error({ detail }, 'systemd-notify fails; systemd will restart the daemon');
      this.#hasFailed = true;
    });
  }
}

function watchdogMs(environment: ServiceManagerOptions['environment'], pid: number): number | null {
  const usec = Number(environment['WATCHDOG_USEC'] ?? '');
  const isForUs = (environment['WATCHDOG_PID'] ?? String(pid)) === String(pid);
  return isForUs && Number.isFinite(usec) && usec > 0 ? usec / 1000 / REPORTS_PER_TIMEOUT : null;
}
