// The web process as the core keeps it: told everything when it starts, started again when it dies, at the
// same port.
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { type FeedMessage, parseWebReport, type RunSummary } from '../stream/feed.ts';
import { KeptChild } from './children.ts';

export interface WebChildOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly epoch: string;
  readonly port: number;
  readonly isPortFixed: boolean;
  readonly runs: () => readonly RunSummary[];
  readonly onListening: (url: string) => void;
}

export function startWebChild(options: WebChildOptions): KeptChild {
  const { clock, epoch, isPortFixed, log, onListening, runs } = options;
  let { port } = options;
  return new KeptChild({
    name: 'web',
    entry: new URL('./web-process.js', import.meta.url),
    args: () => [JSON.stringify({ port, isPortFixed })],
    clock,
    log,
    onStarted(child) {
      const first: readonly FeedMessage[] = [
        { type: 'epoch', epoch },
        { type: 'runs', runs: runs() },
      ];
      for (const message of first) child.send(message, { isLive: false });
    },
    onMessage(message) {
      const report = parseWebReport(message);
      if (report?.type === 'failed') log.error({ code: report.code }, report.message);
      if (report?.type !== 'listening') return;
      ({ port } = report);
      onListening(report.url);
    },
  });
}
