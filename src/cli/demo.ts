// `galvanode demo`: daemon plus a simulated two-channel cycler in a process of its own, and a run on each
// channel. Nothing here is special to the demo but the simulator: the daemon is the one of `galvanode
// daemon`.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { SystemClock } from '../base/clock.ts';
import { GalvanodeError } from '../base/errors.ts';
import { parseConfig } from '../config/config.ts';
import { type Daemon, makeDataFolder } from '../daemon/daemon.ts';
import { type CommonOptions, loadContext } from './context.ts';
import { startBench } from './daemon.ts';
import { say } from './output.ts';
import { endOnCrash, endOnSignals } from './process-end.ts';

interface DemoOptions {
  readonly port?: string;
  readonly speed: string;
}

const CYCLER = 'sim';
const SAMPLES = ['zn-demo-1', 'zn-demo-2'];
const START_RETRY_MS = 200;
const START_ATTEMPTS = 50;

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('daemon, simulated two-channel cycler and two Zn||Zn runs, in one command')
    .option('--port <n>', 'loopback port of page and stream (default 8733, or the next free one)')
    .option('--speed <n>', 'cell seconds per real second', '600')
    .addHelpText('before', 'Examples:\n  galvanode demo\n  galvanode demo --speed 3600 --port 9000\n')
    .action(async (options: DemoOptions) => demo(options, program.opts<CommonOptions>()));
}

async function demo(options: DemoOptions, common: CommonOptions): Promise<void> {
  const context = loadContext(common);
  makeDataFolder(context.dataPath);
  const simulator = await startSimulator(options.speed, join(context.dataPath, 'sim-cells.jsonl'));
  const parsed = parseConfig({
    cyclers: [{ name: CYCLER, dialect: 'gvn1', port: simulator.port }],
    web: { port: context.config.web.port },
    log_level: 'warn',
  });
  if (!parsed.ok) throw new GalvanodeError('CONFIG_INVALID', parsed.problems.join('\n'));
  let daemon: Daemon;
  try {
    daemon = await startBench({ ...context, config: parsed.config }, options, (url) =>
      guide(url, { dataPath: context.dataPath, speed: options.speed }),
    );
  } catch (thrown) {
    await simulator.end();
    throw thrown;
  }
  const runs: string[] = [];
  const beforeExit = async (): Promise<void> => {
    await simulator.end();
    for (const { run, state, path } of daemon.bench.runs())
      if (runs.includes(run)) say(`run ${run} is ${state}: ${path}`);
  };
  const end = { daemon, policy: 'stop' as const, clock: new SystemClock(), beforeExit };
  endOnCrash(end);
  endOnSignals(end);
  for (const [index, sampleId] of SAMPLES.entries()) runs.push(await startRun(daemon, index + 1, sampleId));
}

/** The lines a newcomer reads: where to look, what to try. */
function guide(
  url: string,
  { dataPath, speed }: { readonly dataPath: string; readonly speed: string },
): void {
  say(`
galvanode demo: two simulated Zn||Zn cells, 1 mA/cm2, 1 mAh/cm2, ${speed} times faster than life
  page      ${url}
  data      ${dataPath}
Try next, in another terminal:
  npm run -s galvanode -- run list
  npm run -s galvanode -- run show RUN            (a few characters of its name will do)
  npm run -s galvanode -- run stop RUN
  npm run -s galvanode -- run export RUN --format csv --out run.csv
  npm run -s galvanode -- simulate symmetric-cycling --set cycles=100
Ctrl-C stops both runs, opens the cells and seals the files.
`);
}

interface Simulator {
  readonly port: string;
  end(): Promise<void>;
}

async function startSimulator(speed: string, cellLog: string): Promise<Simulator> {
  const entry = process.argv[1];
  if (entry === undefined)
    throw new GalvanodeError('PORT_FAILED', 'the simulator could not be started: no entry file');
  const args = [
    'sim',
    '--tcp',
    '0',
    '--channels',
    '2',
    '--speed',
    speed,
    '--seed',
    '1',
    '--cell-log',
    cellLog,
  ];
  const child = fork(entry, args, {
    detached: true,

    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => {
      if (typeof message === 'object' && 'port' in message) resolve(String(message.port));
    });
    child.once('exit', () =>
      reject(new GalvanodeError('PORT_FAILED', 'the simulated cycler did not start; its message is above')),
    );
  });
  return { port, end: async () => endChild(child) };
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.disconnect();
  });
}

/** The link takes a moment to come up; until then the daemon says so, and the demo asks again. */
async function startRun(daemon: Daemon, channel: number, sampleId: string): Promise<string> {
  const clock = new SystemClock();
  const order = {
    protocol: 'symmetric-cycling',
    cycler: CYCLER,
    channel,
    areaUcm2: 1_130_000,
    parameters: { wetting: '10 min', conditioning_cycles: 1 },
    cell: {
      sampleId,
      workingElectrode: 'Zn foil',
      counterElectrode: 'Zn foil',
      electrolyte: '2 M ZnSO4',
      separator: 'glass fibre',
      operator: 'demo',
      notes: 'simulated cell',
    },
  };
  for (let attempt = 1; ; attempt += 1) {
    const result = await new Promise<Parameters<Parameters<Daemon['bench']['startRun']>[1]>[0]>((resolve) => {
      daemon.bench.startRun(order, resolve);
    });
    if (result.ok) return result.value.run;
    if (attempt === START_ATTEMPTS || !result.code.startsWith('LINK'))
      throw new GalvanodeError(result.code, result.message);
    await new Promise<void>((resolve) => clock.after(START_RETRY_MS, resolve));
  }
}
