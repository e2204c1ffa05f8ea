// Goal: a device that ran ahead of its paused host is followed by step number: no half-cycle twice, none left
// out. Method: the core is stopped (SIGSTOP) while half-cycles are short enough for the device to pass
// preloaded edges meanwhile, for less than the lease; then it goes on. Judged by the run file against the
// simulator's own log.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type CellLogEntry,
  cellDriven,
  cellLogOf,
  expectHalfCyclesInTurn,
  expectWholeRecord,
  halfCyclesOf,
  reaches,
  stepsOf,
} from './records.ts';
import { createRig, type Rig } from './rig.ts';

let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

interface Pause {
  readonly title: string;
  /** 0.1 mAh/cm2 takes six seconds here. */
  readonly capacity: string;
  readonly cycles: number;
  /**
   * From the begin of the second half-cycle: later than this its successor has been loaded, earlier it has
   * not.
   */
  readonly afterEdgeMs: number;
  readonly pauseMs: number;
  readonly edgesMin: number;
}

const pauses: readonly Pause[] = [
  {
    title: 'went through a preloaded edge',
    ...{ capacity: '0.1mAh/cm2', cycles: 2, afterEdgeMs: 2000, pauseMs: 7000, edgesMin: 1 },
  },
  {
    title: 'went through short half-cycles to the end of what was preloaded',
    ...{ capacity: '0.01mAh/cm2', cycles: 8, afterEdgeMs: 0, pauseMs: 5000, edgesMin: 2 },
  },
  {
    title: 'rests, since the host was paused before it could load a successor',
    ...{ capacity: '0.05mAh/cm2', cycles: 2, afterEdgeMs: 0, pauseMs: 5000, edgesMin: 0 },
  },
];

it.each(pauses.map((pause) => [pause.title, pause] as const))(
  'follows a device that %s',
  async (_, pause) => {
    const { capacity, cycles } = pause;
    const cellLog = rig.file('cells.jsonl');
    const { port } = await rig.simulator({ speed: 60, cellLog });
    const daemon = await rig.daemon({ cyclers: [{ name: 'sim', dialect: 'gvn1', port }], lease: '30 s' });
    const settings = { areal_capacity: capacity, cycles: String(cycles), record_interval: '2s' };
    const { path } = await rig.startRun(settings);
    await cellDriven(cellLog, 1, 5);
    await sleep(pause.afterEdgeMs);

    daemon.kill('SIGSTOP');
    const pausedMs = Date.now();
    await sleep(pause.pauseMs);
    const resumedMs = Date.now();
    daemon.kill('SIGCONT');

    await reaches(path, 'done');
    const meanwhile = (entry: CellLogEntry): boolean => entry.real_ms > pausedMs && entry.real_ms < resumedMs;
    const passed = cellLogOf(cellLog).filter((entry) => meanwhile(entry) && entry.why === 'next');
    expect(passed.length, 'edges passed without the host').toBeGreaterThanOrEqual(pause.edgesMin);

    expectWholeRecord(path);
    expectHalfCyclesInTurn(path);
    expect(halfCyclesOf(path)).toHaveLength(2 * cycles);
    expect(halfCyclesOf(path).map(({ reason }) => reason)).toEqual(Array(2 * cycles).fill('net-charge'));
    // Each step that the run file knows was driven exactly once, and no other.
    const driven = cellLogOf(cellLog).filter(({ cell }) => cell === 'on');
    const recorded = stepsOf(path).filter(({ program_step }) => program_step !== 'ocv');
    expect(driven.map(({ step }) => step)).toEqual(recorded.map(({ step }) => step));
  },
);
