// Goal: whatever ends the daemon, the cells end open, or bounded as `on_shutdown` says, the files whole, and
// no process left over. Method: real signals to real processes; the proof is the simulator's own log of what
// its cells saw.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cellDriven,
  cellLogOf,
  cellOpened,
  expectWholeRecord,
  isSealed,
  lastOfChannel,
  newestSeq,
  checkpointOf,
} from './records.ts';
import {
  commandLine,
  createRig,
  type DaemonProcess,
  killIfThere,
  type Rig,
  type Running,
  until,
} from './rig.ts';

let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

interface ListedRun {
  readonly id: string;
  readonly path: string;
  readonly state: string;
  readonly verdict: string | null;
}

async function listRuns(): Promise<readonly ListedRun[]> {
  return (await rig.json<{ runs: readonly ListedRun[] }>('run', 'list', '--json')).runs;
}

const demo = ['demo', '--port', '0', '--speed', '60'];

/** Both runs of the demo under way, with current in both cells, be it that of the contact check. */
async function demoUnderWay(start: Running): Promise<readonly ListedRun[]> {
  await start.says(/http:\/\/127\.0\.0\.1:\d+\//);
  const runs = await until('two runs with samples', async () => {
    const listed = (await rig.cli('run', 'list', '--json')).stdout;
    if (listed === '') return undefined;
    const { runs: found } = JSON.parse(listed) as { runs: readonly ListedRun[] };
    return found.length === 2 && found.every(({ path }) => newestSeq(path) > 0) ? found : undefined;
  });
  return runs;
}

async function expectStoppedDemo(runs: readonly ListedRun[]): Promise<void> {
  await rig.noProcessLeft();
  for (const { path } of runs) {
    expect(checkpointOf(path)).toMatchObject({ state: 'stopped', verdict: 'stopped' });
    expect(isSealed(path)).toBe(true);
    expectWholeRecord(path);
  }
  for (const channel of [1, 2]) {
    expect(lastOfChannel(join(rig.data, 'sim-cells.jsonl'), channel)).toMatchObject({ cell: 'off', i_pa: 0 });
  }
  expect((await listRuns()).map(({ state }) => state)).toEqual(['stopped', 'stopped']);
}

describe('the demo', () => {
  it.each([
    ['SIGINT', 'its own pid', 130],
    ['SIGINT', 'its process group', 130],
    ['SIGTERM', 'its own pid', 143],
    ['SIGTERM', 'its process group', 143],
  ] as const)('stops both runs and seals them on %s to %s', async (signal, target, code) => {
    const started = rig.launch(...commandLine(...demo));
    const runs = await demoUnderWay(started);
    if (target === 'its own pid') started.kill(signal);
    else started.killGroup(signal);
    expect(await started.ended, started.stderr()).toEqual({ code, signal: null });
    await expectStoppedDemo(runs);
  });

  it.each([
    ['SIGINT', 'npm alone'],
    ['SIGINT', 'the process group'],
    ['SIGTERM', 'npm alone'],
    ['SIGTERM', 'the process group'],
  ] as const)('started by npm stops both runs and seals them on %s to %s', async (signal, target) => {
    const started = rig.launch('npm', ['start', '--', '--port', '0']);
    const runs = await demoUnderWay(started);
    if (target === 'npm alone') started.kill(signal);
    else started.killGroup(signal);
    // What npm makes of the exit code is npm's; that nothing is left over is ours.
    await expectStoppedDemo(runs);
    await started.ended;
  });

  it('ends at once on a second signal, and its cells are opened all the same', async () => {
    const started = rig.launch(...commandLine(...demo));
    await demoUnderWay(started);
    await endTwice(started, 'SIGINT');
    expect(await started.ended).toEqual({ code: 130, signal: null });
    await rig.noProcessLeft();
    for (const channel of [1, 2]) {
      expect(lastOfChannel(join(rig.data, 'sim-cells.jsonl'), channel)).toMatchObject({ cell: 'off' });
    }
  });
});

/** The orderly end waits for a writer that does not answer; a person who means "now" says it once more. */
async function endTwice(running: Running, signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
  const writer = rig.processes().find(({ command }) => command.includes('writer-process'));
  if (writer === undefined) throw new Error('there is no writer process');
  killIfThere(writer.pid, 'SIGSTOP');
  running.kill(signal);
  // Within half a second it would be npm and the terminal saying the same thing.
  await sleep(1500);
  expect(rig.processes().some(({ pid }) => pid === running.pid)).toBe(true);
  running.kill(signal);
  await until('the end of the core', () => {
    return rig.processes().every(({ pid }) => pid !== running.pid) || undefined;
  });
  killIfThere(writer.pid, 'SIGCONT');
}

interface BenchUnderWay {
  readonly daemon: DaemonProcess;
  readonly path: string;
  readonly cellLog: string;
}

/** A daemon and a simulator of its own, with current in channel 1: the first half-cycle has begun. */
async function benchUnderWay(
  config: object,
  settings: Readonly<Record<string, string>>,
): Promise<BenchUnderWay> {
  const cellLog = rig.file('cells.jsonl');
  const { port } = await rig.simulator({ speed: 60, cellLog });
  const daemon = await rig.daemon({ cyclers: [{ name: 'sim', dialect: 'gvn1', port }], ...config });
  const { path } = await rig.startRun({ record_interval: '1s', ...settings });
  await cellDriven(cellLog);
  return { daemon, path, cellLog };
}

async function onlySimulatorLeft(): Promise<void> {
  await until(
    "the daemon's processes to end",
    () => rig.processes().every(({ command }) => command.includes(' sim --tcp')) || undefined,
    () => rig.processes(),
  );
}

describe('the daemon', () => {
  it.each([
    ['SIGINT', 'its own pid', 130],
    ['SIGINT', 'its process group', 130],
    ['SIGTERM', 'its own pid', 143],
    ['SIGTERM', 'its process group', 143],
  ] as const)(
    'opens the cell at once on %s to %s, as on_shutdown: hold says',
    async (signal, target, code) => {
      const { daemon, path, cellLog } = await benchUnderWay({}, {});
      if (target === 'its own pid') daemon.kill(signal);
      else daemon.killGroup(signal);
      expect(await daemon.ended, daemon.stderr()).toEqual({ code, signal: null });
      // By the daemon's own end: neither lease nor step bound had to do it.
      expect(lastOfChannel(cellLog)).toMatchObject({ cell: 'off', step: 4, why: 'off' });
      await onlySimulatorLeft();
      expect(checkpointOf(path).state).toBe('holding');
      expectWholeRecord(path);
    },
  );

  it('ends at once on a second signal, with the cell open', async () => {
    const { daemon, cellLog } = await benchUnderWay({ lease: '2 s' }, {});
    await endTwice(daemon, 'SIGTERM');
    expect(await daemon.ended).toEqual({ code: 143, signal: null });
    expect(await cellOpened(cellLog)).toMatchObject({ step: 4, why: 'off' });
    await onlySimulatorLeft();
  });

  it('lets the step end by itself and starts no other, as on_shutdown: finish_step says', async () => {
    const { daemon, path, cellLog } = await benchUnderWay(
      { lease: '2 s', on_shutdown: 'finish_step' },
      // Twelve seconds a half-cycle: well beyond the lease.
      { areal_capacity: '0.2mAh/cm2' },
    );
    const begun = lastOfChannel(cellLog);
    await sleep(1000);
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 143, signal: null });
    expect(lastOfChannel(cellLog), 'the step goes on without the daemon').toMatchObject({
      cell: 'on',
      step: 4,
    });
    await onlySimulatorLeft();
    const off = await cellOpened(cellLog);
    // The dead-man opens the cell, under this policy at the step's own end: 0.2 h of cell time.
    expect(off).toMatchObject({ step: 4, why: 'lease' });
    expect((off.t_us - begun.t_us) / 1e6 / 720).toBeCloseTo(1, 2);
    await expectStaysOpen(cellLog);
    expectWholeRecord(path);
  });

  it('leaves the cell to the lease, as on_shutdown: keep says', async () => {
    const { daemon, path, cellLog } = await benchUnderWay({ lease: '2 s', on_shutdown: 'keep' }, {});
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 143, signal: null });
    const endedMs = Date.now();
    expect(lastOfChannel(cellLog)).toMatchObject({ cell: 'on', step: 4 });
    await onlySimulatorLeft();
    const off = await cellOpened(cellLog);
    expect(off).toMatchObject({ step: 4, why: 'lease' });
    // It leaves with the longest lease that this device grants (`lease_us` of its hello). The margin is for a
    // slow machine that is late to log, never for the device.
    expect(off.real_ms).toBeLessThan(endedMs + 30_000 + 3000);
    await expectStaysOpen(cellLog);
    expectWholeRecord(path);
  });

  it('stops and seals its runs, as on_shutdown: stop says', async () => {
    const { daemon, path, cellLog } = await benchUnderWay({ on_shutdown: 'stop' }, {});
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 143, signal: null });
    expect(lastOfChannel(cellLog)).toMatchObject({ cell: 'off', step: 4, why: 'off' });
    expect(checkpointOf(path)).toMatchObject({ state: 'stopped', verdict: 'stopped' });
    expect(isSealed(path)).toBe(true);
    await onlySimulatorLeft();
    expectWholeRecord(path);
  });
});

/** Longer than any lease and look-ahead of these tests. */
async function expectStaysOpen(cellLog: string): Promise<void> {
  const before = cellLogOf(cellLog).length;
  await sleep(3000);
  expect(cellLogOf(cellLog).slice(before)).toEqual([]);
}
