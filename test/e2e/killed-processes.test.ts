// Goal: any process of the bench may die at any time (SIGKILL), and neither the cell nor the record suffers.
// Method: one process after the other is killed on a live bench; judged by the run file and the simulator's
// own log.

import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  cellDriven,
  cellLogOf,
  cellOpened,
  checkpointOf,
  expectHalfCyclesInTurn,
  expectWholeRecord,
  isSealed,
  newestSeq,
  reaches,
  samplesBeyond,
  samplesOf,
} from './records.ts';
import { createRig, type DaemonProcess, killIfThere, type Rig, type Simulator, until } from './rig.ts';

let rig: Rig;
let simulator: Simulator;
let daemon: DaemonProcess;
let cellLog: string;

beforeEach(() => {
  rig = createRig();
  cellLog = rig.file('cells.jsonl');
});

afterEach(() => {
  rig.end();
});

/** Half-cycles of a second, a sample every 16 ms. */
const lively = { areal_capacity: '0.0166667mAh/cm2', record_interval: '1s' };
const leaseMs = 4000;

async function startBench(config: object = {}): Promise<void> {
  simulator = await rig.simulator({ speed: 60, cellLog });
  daemon = await rig.daemon({
    cyclers: [{ name: 'sim', dialect: 'gvn1', port: simulator.port }],
    lease: `${leaseMs / 1000} s`,
    ...config,
  });
}

function pidOf(name: string): number | undefined {
  return rig.processes().find(({ command }) => command.includes(name))?.pid;
}

async function killed(name: string): Promise<number> {
  const pid = await until(`the ${name}`, () => pidOf(name));
  killIfThere(pid, 'SIGKILL');
  return pid;
}

async function replaced(name: string, pid: number): Promise<number> {
  return until(`another ${name}`, () => {
    const found = pidOf(name);
    return found === pid ? undefined : found;
  });
}

it('records on while its web process is killed, and serves the page again at the same address', async () => {
  await startBench();
  const { run, path } = await rig.startRun(lively);
  const before = await samplesBeyond(path, 0, 100);
  const pid = await killed('web-process');
  await samplesBeyond(path, before, 100);
  await replaced('web-process', pid);
  await until('the page', async () =>
    fetch(daemon.url).then(
      (answer) => answer.ok || undefined,
      () => undefined,
    ),
  );
  await samplesBeyond(path, newestSeq(path), 100);
  await rig.json('run', 'stop', run, '--json');
  await reaches(path, 'stopped');
  expectWholeRecord(path);
  expectHalfCyclesInTurn(path);
});

it('loses nothing acknowledged and stores nothing twice when its writer process is killed', async () => {
  await startBench();
  const { run, path } = await rig.startRun(lively);
  await samplesBeyond(path, 0, 100);
  for (let round = 0; round < 3; round += 1) {
    const acknowledged = samplesOf(path);
    const pid = await killed('writer-process');
    await replaced('writer-process', pid);
    await samplesBeyond(path, acknowledged.length, 100);
    expect(samplesOf(path).slice(0, acknowledged.length)).toEqual(acknowledged);
  }
  await rig.json('run', 'stop', run, '--json');
  await reaches(path, 'stopped');
  expect(isSealed(path)).toBe(true);
  expectWholeRecord(path);
  expectHalfCyclesInTurn(path);
});

it('holds the run when its simulator is killed, and the restarted one begins with the cell off', async () => {
  await startBench({ on_outage: 'hold' });
  const { run, path } = await rig.startRun({ record_interval: '1s' });
  await cellDriven(cellLog);
  await samplesBeyond(path, newestSeq(path), 100);
  simulator.kill('SIGKILL');
  expect((await reaches(path, 'link-lost')).reason).not.toBe('');
  const stored = newestSeq(path);
  const linesBefore = cellLogOf(cellLog).length;

  const port = Number(/\d+$/.exec(simulator.port)?.[0]);
  await rig.simulator({ speed: 60, cellLog, tcpPort: port });
  expect((await reaches(path, 'holding')).reason).toContain('restarted');
  const since = cellLogOf(cellLog).slice(linesBefore);
  expect(since[0]).toMatchObject({ cell: 'off', i_pa: 0, why: 'power' });
  expect(since.filter(({ cell }) => cell === 'on')).toEqual([]);
  await rig.json('run', 'stop', run, '--json');
  expect(await reaches(path, 'stopped')).toMatchObject({ verdict: 'stopped' });
  expect(isSealed(path)).toBe(true);
  expect(newestSeq(path)).toBeGreaterThanOrEqual(stored);
  expectWholeRecord(path);
});

it('leaves no orphan and no driven cell when the core is killed; the next goes on', async () => {
  // Of cell time, which runs at sixty times the real one.
  await startBench({ on_outage: { continue_within: '1 d' } });
  const { run, path } = await rig.startRun({ record_interval: '1s' });
  await cellDriven(cellLog);
  await samplesBeyond(path, newestSeq(path), 100);
  const acknowledged = samplesOf(path);
  daemon.kill('SIGKILL');
  const killedMs = Date.now();
  await until(
    "the core's children to end",
    () => rig.processes().every(({ pid }) => pid === simulator.pid) || undefined,
    () => rig.processes(),
  );
  const off = await cellOpened(cellLog);
  expect(off.why).toBe('lease');
  // A slow machine may be late to log; the device is not late to open.
  expect(off.real_ms - killedMs).toBeLessThan(leaseMs + 3000);
  expect(samplesOf(path).slice(0, acknowledged.length)).toEqual(acknowledged);

  await startNextDaemon();
  await samplesBeyond(path, acknowledged.length, 200);
  expect(checkpointOf(path).state).toMatch(/running|resting/);
  await rig.json('run', 'stop', run, '--json');
  await reaches(path, 'stopped');
  expect(isSealed(path)).toBe(true);
  expect(samplesOf(path).slice(0, acknowledged.length)).toEqual(acknowledged);
  expectWholeRecord(path);
  expectHalfCyclesInTurn(path);
});

async function startNextDaemon(): Promise<void> {
  daemon = await rig.daemon({ cyclers: [{ name: 'sim', dialect: 'gvn1', port: simulator.port }] });
}
