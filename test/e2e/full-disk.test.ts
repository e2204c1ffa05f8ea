// Goal: a full disk is said in one line, with exit code 5, and loses nothing that was stored. Method: a
// small tmpfs in a mount namespace of the process's own (unshare), so that nothing stays mounted; looked
// at through /proc/<pid>/root.

import { copyFileSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkpointOf, expectWholeRecord } from './records.ts';
import {
  commandLine,
  createRig,
  type Finished,
  type Rig,
  type Running,
  type StartedRun,
  until,
} from './rig.ts';

let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

/** Runs the command line where `folder` is a disk of this size. */
function onSmallDisk(folder: string, size: string, ...args: readonly string[]): Running {
  const script = 'mkdir -p "$1" && mount -t tmpfs -o size="$2" none "$1" && shift 2 && exec "$@"';
  const [node, words] = commandLine(...args);
  return rig.launch('unshare', [
    '--map-root-user',
    '--mount',
    'sh',
    '-c',
    script,
    'sh',
    folder,
    size,
    node,
    ...words,
  ]);
}

/** The path of a process's own mounts, for us outside. */
function inside({ pid }: Running, path: string): string {
  return join(`/proc/${pid}/root`, path);
}

function fill(running: Running, folder: string): string {
  const path = inside(running, join(folder, 'filler'));
  for (const size of [1 << 20, 1 << 16, 1 << 12]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOSPC') throw thrown;
    }
  }
  return path;
}

it('simulate ends with exit code 5 and one line when the disk is full', async () => {
  const folder = rig.file('small');
  const args = ['symmetric-cycling', '--set', 'cycles=2000', '--out', join(folder, 'run.db'), '--json'];
  const running = onSmallDisk(folder, '2m', 'simulate', ...args);
  const { code } = await running.ended;
  expect(code, running.stderr()).toBe(5);
  expect(running.stderr()).toMatch(/^galvanode: .*run\.db.*full.*\[STORE_FULL\]\n$/);
  expect(running.stdout()).toBe('');
});

/** Neither warned of nor kept in reserve. */
const unguarded = { warn_percent: 0, warn_free: '0 MB', refuse_free: '0 MB', ballast: '0 MB' };

async function smallBench(size: string, disk: object): Promise<Running> {
  const { port } = await rig.simulator({ speed: 60 });
  const config = rig.file('bench.json');
  await rig.writeConfig(config, { cyclers: [{ name: 'sim', dialect: 'gvn1', port }], disk });
  const daemon = onSmallDisk(rig.data, size, '--config', config, 'daemon', '--port', '0');
  await daemon.says(/link up/);
  return daemon;
}

/** Runs a command among the mounts of another process: SQLite resolves links, as /proc/<pid>/root is one. */
async function among({ pid }: Running, command: string, ...args: readonly string[]): Promise<Finished> {
  const enter = ['--target', String(pid), '--user', '--preserve-credentials', '--mount'];
  const running = rig.launch('nsenter', [...enter, command, ...args]);
  const ending = await running.ended;
  return { ...ending, stdout: running.stdout(), stderr: running.stderr() };
}

async function startRun(daemon: Running): Promise<Finished> {
  const where = ['--cycler', 'sim', '--channel', '1', '--area', '1.13cm2', '--set', 'wetting=0s'];
  const order = ['run', 'start', 'symmetric-cycling', ...where, '--set', 'record_interval=1s', '--json'];
  const [node, words] = commandLine(...order);
  return among(daemon, node, ...words);
}

async function storedSeq(daemon: Running, path: string): Promise<number> {
  const query = 'select coalesce(max(seq), 0) from sample';
  const { stdout, stderr } = await among(daemon, 'sqlite3', '-readonly', path, query);
  expect(stderr).toBe('');
  return Number(stdout);
}

async function storedBeyond(daemon: Running, path: string, seq: number): Promise<number> {
  return until(`sample ${seq}`, async () => {
    const stored = await storedSeq(daemon, path);
    return stored > seq ? stored : undefined;
  });
}

it('a run that is refused on a full disk says so in one line and leaves nothing behind', async () => {
  const daemon = await smallBench('8m', unguarded);
  fill(daemon, rig.data);
  const refused = await startRun(daemon);
  expect(refused.code, refused.stderr).toBe(5);
  expect(refused.stderr).toMatch(/^galvanode: .*full.*\[STORE_FULL\]\n$/);
  expect(await readdir(inside(daemon, join(rig.data, 'runs')))).toEqual([]);
});

it('a run whose disk is full for a while stores what it measured as soon as there is room', async () => {
  const daemon = await smallBench('8m', unguarded);
  const started = await startRun(daemon);
  const { run, path } = JSON.parse(started.stdout) as StartedRun;
  const before = await storedBeyond(daemon, path, 50);
  const again = fill(daemon, rig.data);
  await daemon.says(/the store does not take the data/);
  expect(await storedSeq(daemon, path)).toBeGreaterThanOrEqual(before);
  rmSync(again);
  await storedBeyond(daemon, path, 100 + (await storedSeq(daemon, path)));
  const [node, words] = commandLine('run', 'stop', run, '--json');
  expect(await among(daemon, node, ...words)).toMatchObject({ code: 0 });
  const sealed = rig.file('sealed.db');
  copyFileSync(inside(daemon, path), sealed);
  expect(checkpointOf(sealed)).toMatchObject({ state: 'stopped', verdict: 'stopped' });
  expectWholeRecord(sealed);
});

it('no run is started on a disk that is nearly full, and the line says how much room it needs', async () => {
  const daemon = await smallBench('8m', {});
  await daemon.says(/are free on the disk of the data folder/);
  const refused = await startRun(daemon);
  expect(refused.code, refused.stderr).toBe(5);
  expect(refused.stderr).toMatch(/^galvanode: .* \d MB free, a new run needs 1\.0 GB: .*\[STORE_FULL\]\n$/);
  expect(await readdir(inside(daemon, join(rig.data, 'runs')))).toEqual([]);
});

it('a run goes on from the ballast when its disk is full, and is sealed without more room', async () => {
  const daemon = await smallBench('16m', { ...unguarded, ballast: '4 MB' });
  const ballast = inside(daemon, join(rig.data, 'ballast'));
  await daemon.says(/the ballast of 4 MB is in place/);
  expect(statSync(ballast).size).toBe(4_000_000);
  const started = await startRun(daemon);
  const { run, path } = JSON.parse(started.stdout) as StartedRun;
  await storedBeyond(daemon, path, 50);
  fill(daemon, rig.data);
  await daemon.says(/the disk is full: 4 MB kept in reserve are free now/);
  expect(existsSync(ballast)).toBe(false);
  await storedBeyond(daemon, path, 100 + (await storedSeq(daemon, path)));
  const [node, words] = commandLine('run', 'stop', run, '--json');
  expect(await among(daemon, node, ...words)).toMatchObject({ code: 0 });
  const sealed = rig.file('sealed.db');
  copyFileSync(inside(daemon, path), sealed);
  expect(checkpointOf(sealed)).toMatchObject({ state: 'stopped', verdict: 'stopped' });
  expectWholeRecord(sealed);
});
