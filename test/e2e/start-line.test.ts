// Goal: the README's start line keeps its word. Method: run `npm start` as a newcomer would, with a home of
// its own, and look from outside: the page over HTTP, the runs through the command line, the samples through
// the stock sqlite3; then press Ctrl-C and count what is left.

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const startWithinMs = 60_000;
const stopWithinMs = 20_000;

interface RunEntry {
  readonly id: string;
  readonly path: string;
  readonly state: string;
}

describe('npm start', () => {
  let home: string;
  let started: ChildProcess;
  let output = '';
  let runs: readonly RunEntry[] = [];

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'galvanode-start-'));
    await Promise.all(Object.values(foldersBelow(home)).map((folder) => mkdir(folder, { mode: 0o700 })));
    // A process group of its own, as a terminal gives it: Ctrl-C reaches npm and everything below it.
    started = spawn('npm', ['start'], { cwd: root, env: environment(home), detached: true });
    started.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    started.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  });

  afterAll(async () => {
    for (const pid of await descendantsOf(home)) process.kill(pid, 'SIGKILL');
    await rm(home, { recursive: true, force: true });
  });

  it('prints an address that serves the page and its script', async () => {
    const address = await until('an address', () => /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0]);
    const page = await fetch(address);
    const html = await page.text();
    expect(page.status, html).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    const script = /<script[^>]*src="([^"]+)"/.exec(html)?.[1] ?? 'no script in the page';
    const asset = await fetch(new URL(script, address));
    expect(asset.status).toBe(200);
  });

  it('records samples of both channels, readable by the stock sqlite3 while the run is on', async () => {
    runs = await until('two runs', async () => {
      const listed = await listRuns(home);
      return listed.length === 2 ? listed : undefined;
    });
    for (const { path } of runs) {
      const query = 'select count(*) from samples where voltage_V is not null and time_s is not null';
      const count = await until(`samples in ${path}`, async () => {
        const { stdout } = await run('sqlite3', ['-readonly', path, query]);
        return Number(stdout) > 0 ? Number(stdout) : undefined;
      });
      expect(count).toBeGreaterThan(0);
    }
  });

  it('ends on Ctrl-C with sealed files and no process left', async () => {
    const ended = once(started, 'exit');
    process.kill(-pidOf(started), 'SIGINT');
    const [code, signal] = (await Promise.race([
      ended,
      sleep(stopWithinMs, ['still running', '']),
    ])) as unknown[];
    expect([0, 130, null], `${String(signal)}\n${output}`).toContain(code);
    await until('the last process to end', async () => {
      return (await descendantsOf(home)).length === 0 ? true : undefined;
    });
    expect(runs).toHaveLength(2);
    for (const { path } of runs) {
      expect(existsSync(`${path}-wal`), `${path} is sealed`).toBe(false);
      expect((await run('sqlite3', ['-readonly', path, 'pragma journal_mode'])).stdout.trim()).toBe('delete');
    }
  });

  /** Polls, since what it waits for is another process; on failure it shows what that process said. */
  async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
    for (const endMs = Date.now() + startWithinMs; Date.now() < endMs; await sleep(100)) {
      const found = await look();
      if (found !== undefined) return found;
    }
    throw new Error(`waited in vain for ${what}; npm start said:\n${output}`);
  }
});

function foldersBelow(home: string) {
  return {
    XDG_DATA_HOME: join(home, 'data'),
    XDG_STATE_HOME: join(home, 'state'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_RUNTIME_DIR: join(home, 'runtime'),
  };
}

function environment(home: string): NodeJS.ProcessEnv {
  return { ...process.env, ...foldersBelow(home), NODE_OPTIONS: '' };
}

async function listRuns(home: string): Promise<readonly RunEntry[]> {
  const args = ['run', '-s', 'galvanode', '--', 'run', 'list', '--json'];
  const { stdout } = await run('npm', args, { cwd: root, env: environment(home) });
  return (JSON.parse(stdout) as { runs: readonly RunEntry[] }).runs;
}

/** Whoever inherited our runtime folder, whatever process group it moved to. */
async function descendantsOf(home: string): Promise<readonly number[]> {
  const marker = `XDG_RUNTIME_DIR=${foldersBelow(home).XDG_RUNTIME_DIR}`;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      // Another user's process, or one that has just ended.
      const variables = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return variables.includes(marker) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('npm did not start');
  return child.pid;
}
