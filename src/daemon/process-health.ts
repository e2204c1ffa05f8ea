// What this process needs to know of itself and to tell others: the clocks of its host, the service manager
// that restarts it, the operator who is not there. Put together here for the daemon; decides nothing about
// runs.
import { execFile } from 'node:child_process';
import type { SystemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { AlarmFeed, FeedMessage, RunSummary } from '../stream/feed.ts';
import { AlarmCommand } from './alarm-command.ts';
import { AlarmWatch } from './alarm-watch.ts';
import type { Fences } from './fences.ts';
import { watchHostTime } from './host-time.ts';
import { runAlarmCommand } from './run-alarm-command.ts';
import { ServiceManager, type ServiceManagerOptions } from './service-manager.ts';

export interface ProcessHealthOptions {
  readonly clock: SystemClock;
  readonly log: Logger;
  /** Program and arguments; empty: none. */
  readonly alarmCommand: readonly string[];
  readonly fences: Fences;
  readonly runs: () => readonly RunSummary[];
  /** To the page. */
  readonly tell: (message: AlarmFeed) => void;
}

export interface ProcessHealth {
  /** Everything that goes to the page. */
  hear(message: FeedMessage): void;
  ready(): void;
  stopping(): void;
  /** The process will end because of this. */
  crashed(thrown: unknown): void;
  close(): void;
}

const NOTIFY_TIMEOUT_MS = 5000;

export function startProcessHealth(options: ProcessHealthOptions): ProcessHealth {
  const { clock, fences, log } = options;
  const manager = new ServiceManager({ environment: process.env, pid: process.pid, notify, log });
  const raise = alarmRaiser(options);
  const watch = new AlarmWatch({
    ...{ clock, raise, tell: options.tell },
    placeOf: (run) => options.runs().find((summary) => summary.run === run) ?? null,
  });
  const time = watchHostTime({
    clock,
    read: () => clock.readings(),
    onBeat: (sinceMs) => manager.beat(sinceMs),
    // Each run writes the row that relates the new wall time to its own (clock-keeper.ts).
    onClockStep: (byMs) => log.warn({ byMs: Math.round(byMs) }, 'the clock of this computer was set'),
    onSuspend(forMs) {
      log.warn({ forS: Math.round(forMs / 1000) }, 'this computer was suspended; connections are made anew');
      fences.dropAll(`this computer was suspended for ${Math.round(forMs / 1000)} s`);
    },
  });
  return {
    hear: (message) => watch.hear(message),
    ready: () => manager.ready(),
    stopping: () => manager.stopping(),
    crashed(thrown) {
      log.fatal({ err: thrown }, 'internal error; the daemon ends');
      const message = `the daemon ends by an internal error: ${messageOf(thrown)}`;
      const where = { run: null, cycler: null, channel: null };
      raise({ ...where, code: 'INTERNAL', message, atWallMs: clock.wallMs() });
    },
    close: () => time.close(),
  };
}

function alarmRaiser({ alarmCommand, clock, log }: ProcessHealthOptions): AlarmCommand['raise'] {
  if (alarmCommand.length === 0) return () => undefined;
  const command = new AlarmCommand({ clock, log, run: runAlarmCommand(alarmCommand, clock) });
  return (alarm) => command.raise(alarm);
}

const notify: ServiceManagerOptions['notify'] = (args, failed) => {
  execFile('systemd-notify', args, { timeout: NOTIFY_TIMEOUT_MS }, (error) => {
    if (error !== null) failed(error.message);
  });
};
