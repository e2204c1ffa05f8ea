// Goal: a disk that fails or hangs under a running bench costs no acknowledged sample, and no cell notices
// for half a minute; after that the cell is opened. Method: the real writer process over a library that
// breaks its syncs (disk-shim.ts); judged by the run file and by the simulator's own cell log.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compileDiskShim, type DiskShim } from './disk-shim.ts';
import {
  cellDriven,
  cellLogOf,
  checkpointOf,
  expectWholeRecord,
  newestSeq,
  reaches,
  samplesBeyond,
  samplesOf,
} from './records.ts';
import { commandLine, createRig, type Rig, type Running, type StartedRun, until } from './rig.ts';

/** What a cell must not notice, and by when the run is held (a silent store is looked at every 5 s). */
const UNNOTICED_MS = 30_000;
const HELD_MS = 40_000;

let rig: Rig;
let shim: DiskShim;
let daemon: Running;
let cellLog: string;
let started: StartedRun;

beforeEach(async () => {
  rig = createRig();
  shim = compileDiskShim(rig.file('shim'));
  cellLog = rig.file('cells.jsonl');
  const { port } = await rig.simulator({ speed: 20, cellLog });
  const config = rig.file('bench.json');
  await rig.writeConfig(config, {
    cyclers: [{ name: 'sim', dialect: 'gvn1', port }],
    disk: { ballast: '0 MB' },
  });
  const [node, words] = commandLine('--config', config, 'daemon', '--port', '0');
  daemon = rig.launch('env', [...shim.variables, node, ...words]);
  await daemon.says(/link up/);
  // Half-cycles of three minutes of the real clock.
  started = await rig.startRun({ record_interval: '1s' });
  await cellDriven(cellLog);
  await samplesBeyond(started.path, 0, 20);
});

afterEach(() => {
  rig.end();
});

function openings(): readonly string[] {
  return cellLogOf(cellLog).flatMap(({ cell, why }) => (cell === 'off' ? [why] : []));
}

async function expectWholeAfterStop(acknowledged: readonly unknown[]): Promise<void> {
  await rig.json('run', 'stop', started.run, '--json');
  await reaches(started.path, 'stopped');
  expect(samplesOf(started.path).slice(0, acknowledged.length)).toEqual(acknowledged);
  expectWholeRecord(started.path);
}

it('syncs that fail for some seconds lose nothing and are not noticed by the cell', async () => {
  const acknowledged = samplesOf(started.path);
  const before = openings();
  shim.breakDisk('eio');
  await daemon.says(/disk I\/O error/);
  await sleep(8000);
  const stored = newestSeq(started.path);
  shim.mendDisk();
  await samplesBeyond(started.path, stored, 200);
  expect(openings()).toEqual(before);
  expect(checkpointOf(started.path).state).toBe('running');
  await expectWholeAfterStop(acknowledged);
});

it('a disk that hangs is not noticed for thirty seconds; then the run opens the cell', async () => {
  const acknowledged = samplesOf(started.path);
  const before = openings();
  shim.breakDisk('hang');
  await sleep(UNNOTICED_MS);
  expect(openings()).toEqual(before);
  shim.mendDisk();
  await samplesBeyond(started.path, newestSeq(started.path), 600);
  expect(checkpointOf(started.path).state).toBe('running');

  shim.breakDisk('hang');
  const brokenMs = Date.now();
  await until('the cell to open', () => (openings().length > before.length ? true : undefined));
  const off = cellLogOf(cellLog).at(-1);
  expect(off?.why).not.toBe('lease');
  expect((off?.real_ms ?? 0) - brokenMs).toBeGreaterThan(UNNOTICED_MS);
  expect((off?.real_ms ?? 0) - brokenMs).toBeLessThan(HELD_MS);
  shim.mendDisk();
  expect((await reaches(started.path, 'holding')).reason).toMatch(/nothing could be stored for 3\d s/);
  await expectWholeAfterStop(acknowledged);
});
