// Goal: a run is open data. The stock sqlite3, read-only, reads volts, amperes and seconds while the run is
// on, and the same rows after it was sealed. Method: the very command of the documentation, on a live bench.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkpointOf, isSealed, reaches, samplesBeyond } from './records.ts';
import { createRig, type Rig } from './rig.ts';

const run = promisify(execFile);
const areaA = 1.13e-3;
let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

interface SiRow {
  readonly seq: number;
  readonly time_s: number;
  readonly voltage_V: number;
  readonly current_A: number;
  readonly charge_Ah: number;
  readonly step: number;
  readonly cycle: number;
}

async function query(path: string, sql: string, ...options: readonly string[]): Promise<string> {
  return (await run('sqlite3', ['-readonly', ...options, path, sql])).stdout;
}

it('reads seconds, volts and amperes by the stock sqlite3 while the run is on, and once sealed', async () => {
  const { port } = await rig.simulator({ speed: 60 });
  await rig.daemon({ cyclers: [{ name: 'sim', dialect: 'gvn1', port }] });
  const { run: id, path } = await rig.startRun({ record_interval: '1s' });
  await samplesBeyond(path, 0, 200);

  const live = await query(path, 'select * from samples limit 5');
  expect(live.trim().split('\n')).toHaveLength(5);
  const rows = JSON.parse(
    await query(path, 'select * from samples where cycle = 1 order by seq limit 100', '-json'),
  ) as SiRow[];
  expect(rows).toHaveLength(100);
  for (const row of rows) {
    // Plating at 1 mA/cm2 on 1.13 cm2, within the percent that a bench instrument may err.
    expect(row.current_A).toBeGreaterThan(-1.01 * areaA);
    expect(row.current_A).toBeLessThan(-0.99 * areaA);
    expect(row.voltage_V).toBeGreaterThan(-0.5);
    expect(row.voltage_V).toBeLessThan(0);
    expect(row.charge_Ah).toBeLessThanOrEqual(0);
  }
  const seconds = rows.map(({ time_s }) => time_s);
  expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
  // Recorded every second of cell time, and whenever the voltage moved.
  expect((seconds.at(-1) ?? 0) - (seconds[0] ?? 0)).toBeLessThanOrEqual(100);
  expect(checkpointOf(path).state).toBe('running');

  await rig.json('run', 'stop', id, '--json');
  await reaches(path, 'stopped');
  expect(isSealed(path)).toBe(true);
  expect(await query(path, 'select * from samples limit 5')).toBe(live);
  expect(await query(path, 'pragma integrity_check')).toBe('ok\n');
});
