// The processes of the live measurement, as on a real bench: a simulated cycler on TCP, and a daemon with its
// writer and its web process. Both end with this process, whatever ends it.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { askControl, controlPath } from '../../src/daemon/control-server.ts';

const CLI = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 12_000;
const CYCLER = 'sim';

export interface Simulator {
  /** `tcp://…` */
  readonly port: string;
  end(): Promise<void>;
}

export async function startSimulator(channels: number): Promise<Simulator> {
  const child = fork(CLI, [
    'sim',
    '--tcp',
    '0',
    '--channels',
    String(channels),
    '--speed',
    '1',
    '--seed',
    '7',
  ]);
  killWithUs(child);
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  const [message] = (await once(child, 'message', { signal: limit })) as [{ readonly port: string }];
  return { port: message.port, end: async () => endChild(child, () => child.disconnect()) };
}

export interface DaemonProcess {
  readonly pid: number;
  /** Of the page. */
  readonly url: string;
  readonly dataPath: string;
  end(): Promise<void>;
}

export async function startDaemonProcess(folder: string, port: string): Promise<DaemonProcess> {
  const dataPath = join(folder, 'data');
  const configPath = join(folder, 'config.yaml');
  mkdirSync(dataPath, { recursive: true });
  const cyclers = [{ name: CYCLER, dialect: 'gvn1', port }];
  // JSON is YAML.
  writeFileSync(configPath, JSON.stringify({ cyclers, web: { port: 0 }, log_level: 'warn' }));
  const args = [CLI, '--data', dataPath, '--config', configPath, 'daemon'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  killWithUs(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const endMs = performance.now() + START_LIMIT_MS;
  for (; performance.now() < endMs && child.exitCode === null; await sleep(20)) {
    const url = /^page: (http\S+)/m.exec(said)?.[1];
    if (url === undefined || child.pid === undefined) continue;
    return { pid: child.pid, url, dataPath, end: async () => endChild(child, () => child.kill('SIGTERM')) };
  }
  throw new Error(`the daemon did not start; it said:\n${said}`);
}

/** Starts a run; asks again while the link is not up yet. Returns its id. */
export async function startRun(
  dataPath: string,
  order: { readonly channel: number; readonly parameters: Readonly<Record<string, string | number>> },
): Promise<string> {
  const cell = {
    sampleId: `bench-${order.channel}`,
    workingElectrode: null,
    counterElectrode: null,
    electrolyte: null,
    separator: null,
    operator: null,
    notes: null,
  };
  const params = { protocol: 'symmetric-cycling', cycler: CYCLER, areaUcm2: 1_130_000, cell, ...order };
  let problem = '';
  for (const endMs = performance.now() + START_LIMIT_MS; performance.now() < endMs; await sleep(100)) {
    const reply = await askControl(controlPath(dataPath), { method: 'run.start', params });
    if (reply.ok) return (reply.value as { readonly run: string }).run;
    problem = reply.message;
    if (reply.code !== 'LINK_TIMEOUT') break;
  }
  throw new Error(`channel ${order.channel} does not start: ${problem}`);
}

function killWithUs(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGTERM');
  // Before whoever clears the folder they write to.
  process.prependOnceListener('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
}

async function endChild(child: ChildProcess, tell: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  const ended = once(child, 'exit');
  tell();
  await ended;
  clearTimeout(limit);
}
