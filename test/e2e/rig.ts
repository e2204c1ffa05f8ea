// A bench of its own for a system test: a temporary home, real galvanode processes in it, and a way to find
// and end every one of them afterwards, whatever became of their parents. Waits for what it can see, never
// for a time.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const above = resolve(import.meta.dirname, '../..');
/** The reliability report runs this file from dist/. */
export const root = existsSync(join(above, 'package.json')) ? above : resolve(above, '..');
const entry = join(root, 'dist/src/cli/main.js');
/** Far beyond what anything takes: machines are slow and noisy. A test that waits this long has failed. */
const PATIENCE_MS = 60_000;

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process in a process group of its own, as a terminal would give it. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ending>;
  stdout(): string;
  stderr(): string;
  /** Resolves with the first match in what the process says. */
  says(pattern: RegExp): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  killGroup(signal: NodeJS.Signals): void;
}

export interface Finished extends Ending {
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartedRun {
  readonly run: string;
  readonly path: string;
}

export interface Simulator extends Running {
  /** `tcp://127.0.0.1:…` or the path of the pty. */
  readonly port: string;
}

export interface DaemonProcess extends Running {
  readonly url: string;
}

export interface SimulatorOptions {
  readonly speed: number;
  readonly seed?: number;
  readonly channels?: number;
  readonly instrument?: 'ideal' | 'bench';
  /** Default: TCP on a free port. */
  readonly pty?: string;
  /** To come back under the port of a simulator that was killed. */
  readonly tcpPort?: number;
  readonly cellLog?: string;
}

export interface Rig {
  readonly folder: string;
  readonly data: string;
  readonly env: NodeJS.ProcessEnv;
  file(name: string): string;
  launch(command: string, args: readonly string[]): Running;
  /** Runs the command line to its end. */
  cli(...args: readonly string[]): Promise<Finished>;
  /** The JSON object that a command prints; fails where the command does. */
  json<T>(...args: readonly string[]): Promise<T>;
  /** Starts the command line and leaves it running. */
  galvanode(...args: readonly string[]): Running;
  writeConfig(path: string, config: object): Promise<void>;
  simulator(options: SimulatorOptions): Promise<Simulator>;
  daemon(config: object): Promise<DaemonProcess>;
  /** Starts symmetric cycling without wetting and conditioning on cycler `sim`, as soon as the link is up. */
  startRun(settings: Readonly<Record<string, string>>, channel?: number): Promise<StartedRun>;
  /** Whoever inherited this bench's environment and still lives. */
  processes(): readonly SeenProcess[];
  noProcessLeft(): Promise<void>;
  end(): void;
}

export interface SeenProcess {
  readonly pid: number;
  readonly command: string;
}

export function createRig(): Rig {
  const folder = mkdtempSync(join(tmpdir(), 'gv-'));
  const data = join(folder, 'd');
  const marker = `GV_RIG=${folder}`;
  for (const name of ['config', 'state', 'runtime']) mkdirSync(join(folder, name), { mode: 0o700 });
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    GV_RIG: folder,
    GALVANODE_DATA: data,
    GALVANODE_CONFIG: '',
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_RUNTIME_DIR: join(folder, 'runtime'),
    NODE_OPTIONS: '',
  };
  const processes = (): readonly SeenProcess[] => seen(marker);
  const launch = (command: string, args: readonly string[]): Running => start(command, args, env, folder);
  const cli = async (...args: readonly string[]): Promise<Finished> => {
    const running = launch(process.execPath, [entry, ...args]);
    const ending = await running.ended;
    return { ...ending, stdout: running.stdout(), stderr: running.stderr() };
  };
  const json = async <T>(...args: readonly string[]): Promise<T> => {
    const { code, stdout, stderr } = await cli(...args);
    if (code !== 0) throw new Error(`galvanode ${args.join(' ')} ended with ${code}:\n${stderr}`);
    return JSON.parse(stdout) as T;
  };
  return {
    folder,
    data,
    env,
    file: (name) => join(folder, name),
    launch,
    cli,
    json,
    processes,
    galvanode: (...args) => launch(...commandLine(...args)),
    // YAML is a superset of JSON.
    writeConfig: async (path, config) => writeFile(path, JSON.stringify(config)),
    simulator: async (options) => startSimulator(launch, options),
    daemon: async (config) => {
      const path = join(folder, 'bench.yaml');
      await writeFile(path, JSON.stringify(config));
      const running = launch(process.execPath, [entry, '--config', path, 'daemon', '--port', '0']);
      return { ...running, url: await running.says(/http:\/\/127\.0\.0\.1:\d+\//) };
    },
    startRun: async (settings, channel = 1) => startRun(cli, settings, channel),
    noProcessLeft: async () => {
      await until(
        'the last process to end',
        () => (processes().length === 0 ? true : undefined),
        () => processes().map(({ pid, command }) => `${pid} ${command}`),
      );
    },
    end: () => {
      // Twice: one may just be starting another.
      for (let pass = 0; pass < 2; pass += 1) {
        for (const { pid } of processes()) killIfThere(pid, 'SIGKILL');
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Polls, since what it waits for is in another process; `shown` goes into the message of a failure. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  shown: () => unknown = () => '',
): Promise<T> {
  for (const endMs = Date.now() + PATIENCE_MS; Date.now() < endMs; await sleep(50)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`waited in vain for ${what}: ${JSON.stringify(shown())}`);
}

export function commandLine(...args: readonly string[]): [string, readonly string[]] {
  return [process.execPath, [entry, ...args]];
}

export function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
}

function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Running {
  const child: ChildProcess = spawn(command, args, {
    cwd: command === 'npm' ? root : cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  let ending: Ending | null = null;
  const ended = new Promise<Ending>((settle, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => settle((ending = { code, signal })));
  });
  // Whoever awaits it is told; nobody has to.
  ended.catch(() => undefined);
  const pid = child.pid ?? 0;
  return {
    pid,
    ended,
    stdout: () => out,
    stderr: () => err,
    says: async (pattern) =>
      until(
        `${String(pattern)} from ${args.join(' ')}`,
        () => {
          const [found] = pattern.exec(out) ?? pattern.exec(err) ?? [];
          if (found === undefined && ending !== null)
            throw new Error(`${args.join(' ')} ended with ${JSON.stringify(ending)}:\n${out}${err}`);
          return found;
        },
        () => out + err,
      ),
    kill: (signal) => killIfThere(pid, signal),
    killGroup: (signal) => killIfThere(-pid, signal),
  };
}

async function startSimulator(launch: Rig['launch'], options: SimulatorOptions): Promise<Simulator> {
  const { speed, seed = 1, channels = 1, instrument = 'bench', pty, tcpPort = 0, cellLog } = options;
  const where = pty === undefined ? ['--tcp', String(tcpPort)] : ['--pty', pty];
  const log = cellLog === undefined ? [] : ['--cell-log', cellLog];
  const numbers = ['--speed', String(speed), '--seed', String(seed), '--channels', String(channels)];
  const running = launch(...commandLine('sim', ...where, ...numbers, '--instrument', instrument, ...log));
  const line = await running.says(/^\{.*\}$/m);
  return { ...running, port: (JSON.parse(line) as { port: string }).port };
}

async function startRun(
  cli: Rig['cli'],
  settings: Readonly<Record<string, string>>,
  channel: number,
): Promise<StartedRun> {
  const sets = settingArguments(settings);
  const where = ['--cycler', 'sim', '--channel', String(channel), '--area', '1.13cm2'];
  return until('the run to start', async () => {
    const answer = await cli('run', 'start', 'symmetric-cycling', ...where, ...sets, '--json');
    if (answer.code === 0) return JSON.parse(answer.stdout) as StartedRun;
    // The link takes a moment to come up; anything else is a failure.
    if (answer.code !== 4) throw new Error(`run start ended with ${answer.code}:\n${answer.stderr}`);
    return undefined;
  });
}

/** `--set` for each setting; wetting and conditioning off unless asked for. */
export function settingArguments(settings: Readonly<Record<string, string>>): readonly string[] {
  const all = { wetting: '0s', conditioning_cycles: '0', ...settings };
  return Object.entries(all).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
}

function seen(marker: string): readonly SeenProcess[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(marker)) return [];
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return command === '' ? [] : [{ pid: Number(pid), command }];
    } catch {
      // It has just ended.
      return [];
    }
  });
}
