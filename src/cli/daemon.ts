// `galvanode daemon`: drives the instruments of the configuration until told to end.
import { realpathSync } from 'node:fs';
import type { Command } from 'commander';
import { SystemClock } from '../base/clock.ts';
import { createLogger } from '../base/log.ts';
import { type Daemon, startDaemon } from '../daemon/daemon.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { type CommonOptions, type Context, loadContext } from './context.ts';
import { printLine, say } from './output.ts';
import { endOnCrash, endOnSignals } from './process-end.ts';
import { parseWhole } from './run-options.ts';
import { serviceUnit } from './service-unit.ts';
import { versions } from './versions.ts';

interface DaemonCommandOptions {
  readonly port?: string;
  readonly printUnit?: true;
}

export function addDaemonCommand(program: Command): void {
  program
    .command('daemon')
    .description('drive the instruments of the configuration, log, serve the page')
    .option('--port <n>', 'loopback port of page and stream (default 8733)')
    .option('--print-unit', 'print a systemd unit for this installation, and nothing else')
    .addHelpText(
      'before',
      `Examples:
  galvanode daemon
  galvanode --config ./bench.yaml --data ./data daemon --port 9000
  galvanode daemon --print-unit | sudo tee /etc/systemd/system/galvanode.service
`,
    )
    .action(async (options: DaemonCommandOptions) => {
      if (options.printUnit === true) return printUnit();
      const context = loadContext(program.opts<CommonOptions>());
      if (context.config.cyclers.length === 0)
        say('no cyclers in the configuration yet; see galvanode config show');
      const daemon = await startBench(context, options, (url) => say(`page: ${url}`));
      const policy = context.config.on_shutdown;
      const end = { daemon, policy, clock: new SystemClock(), beforeExit: async () => Promise.resolve() };
      endOnCrash(end);
      endOnSignals(end);
    });
}

function printUnit(): void {
  const [, entry = ''] = process.argv;
  printLine(serviceUnit({ node: process.execPath, entry: realpathSync(entry) }).trimEnd());
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
