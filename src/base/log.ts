// Logs: pino to stderr, synchronously, so that the last words of a dying process are kept and a full disk
// cannot kill it. Messages are constants, data in fields. Experiment events do not live here: they are rows
// in the run database.
import { destination, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'silent';

/**
 * A logger on stderr. An error of the destination (ENOSPC, EPIPE) is swallowed: losing a log line must not
 * lose a run.
 */
export function createLogger(level: LogLevel): Logger {
  const stream = destination({ fd: 2, sync: true });
  stream.on('error', () => undefined);
  return pino({ level, base: null }, stream);
}
