// `galvanode daemon`: drives the instruments of the configuration until told to end.
import type { Command } from 'commander';
import { SystemClock } from '../base/clock.ts';
import { EXIT } from '../base/errors.ts';
import { createLogger } from '../base/log.ts';
import type { Config } from '../config/config.ts';
import { type Daemon, startDaemon } from '../daemon/daemon.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { type CommonOptions, type Context, loadContext } from './context.ts';
import { say } from './output.ts';
import { parseWhole } from './run-options.ts';
import { versions } from './versions.ts';

interface DaemonCommandOptions {
  readonly port?: string;
}

export function addDaemonCommand(program: Command): void {
  program
    .command('daemon')
    .description('drive the instruments of the configuration, log, serve the page')
    .option('--port <n>', 'loopback port of page and stream (default 8733)')
    .addHelpText(
      'before',
      'Examples:\n  galvanode daemon\n  galvanode --config ./bench.yaml --data ./data daemon --port 9000\n',
    )
    .action(async (options: DaemonCommandOptions) => {
      const context = loadContext(program.opts<CommonOptions>());
      if (context.config.cyclers.length === 0)
        say('no cyclers in the configuration yet; see galvanode config show');
      const daemon = await startBench(context, options, (url) => say(`page: ${url}`));
      endOnSignals({ daemon, policy: context.config.on_shutdown, beforeExit: async () => Promise.resolve() });
    });
}

/** Starts the daemon of a context; `--port` over the configuration. */
export async function startBench(
  context: Context,
  options: DaemonCommandOptions,
  onWebListening: (url: string) => void,
): Promise<Daemon> {
  const { config, dataPath } = context;
  const port =
    options.port === undefined
      ? config.web.port
      : parseWhole(options.port, { name: '--port', min: 0, max: 65_535 });
  return startDaemon({
    config: { ...config, web: { port } },
    dataPath,
    protocols: PROTOCOLS,
    log: createLogger(config.log_level),
    meta: versions(),
    isWebPortFixed: options.port !== undefined && port !== 0,
    onWebListening,
  });
}

export interface EndOptions {
  readonly daemon: Daemon;
  readonly policy: Config['on_shutdown'];
  readonly beforeExit: () => Promise<void>;
}

/**
 * npm and a terminal both pass Ctrl-C on, milliseconds apart: only a later signal is a person who means
 * "now".
 */
const SAME_SIGNAL_MS = 500;

/**
 * First signal: orderly, within ten seconds. Second one: at once; cells are then bounded by lease and step.
 */
export function endOnSignals({ daemon, policy, beforeExit }: EndOptions): void {
  const clock = new SystemClock();
  let firstMs: number | null = null;
  const end = (signal: 'SIGINT' | 'SIGTERM'): void => {
    const code = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
    if (firstMs !== null) {
      if (clock.nowMs() - firstMs > SAME_SIGNAL_MS) process.exit(code);
      return;
    }
    firstMs = clock.nowMs();
    say('ending: cells first, then files (once more to end at once)');
    void daemon
      .stop(policy)
      .then(beforeExit)
      .finally(() => process.exit(code));
  };
  process.on('SIGINT', () => end('SIGINT'));
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGHUP', () => end('SIGTERM'));
}
