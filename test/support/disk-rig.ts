// A bench of one emulated two-channel cycler on a disk that can be filled, emptied, broken and stalled,
// with its guard and its ballast, in virtual time. Needs no test runner: the reliability report uses it
// too. Judges nothing; disk-trials.ts does.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryPair } from '../../firmware-sim/attach/memory.ts';
import type { CellLogEntry } from '../../firmware-sim/cell-log.ts';
import { createSimulatedCycler } from '../../firmware-sim/sim.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { createLogger } from '../../src/base/log.ts';
import type { Result } from '../../src/base/result.ts';
import { createUlid } from '../../src/base/ulid.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { parseConfig } from '../../src/config/config.ts';
import { Bench } from '../../src/daemon/bench.ts';
import { DiskGuard } from '../../src/daemon/disk-guard.ts';
import { createGvn1Cycler } from '../../src/device/drivers/gvn1.ts';
import { InlineStore } from '../../src/store/inline-store.ts';
import type { Commit } from '../../src/store/run-store.ts';
import type { FeedMessage, RunSummary } from '../../src/stream/feed.ts';
import { DISK_FULL, FaultyStore } from './faulty-store.ts';

export interface DiskRigOptions {
  readonly seed: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly ballastBytes?: number;
}

export interface Acknowledged {
  readonly atMs: number;
  readonly commit: Commit;
}

export interface DiskRig {
  readonly clock: VirtualClock;
  readonly store: FaultyStore;
  readonly acknowledged: Acknowledged[];
  readonly cell: { readonly atMs: number; readonly entry: CellLogEntry }[];
  readonly feed: FeedMessage[];
  /** Of the run on channel 1. */
  readonly run: RunSummary;
  /** What is known of it now. */
  summary(): RunSummary;
  /** Nothing fits any more, the ballast aside. */
  fillDisk(): void;
  emptyDisk(): void;
  startAnother(): Result<RunSummary>;
  stopRun(): Result<RunSummary>;
  end(): void;
}

const PLENTY_BYTES = 50e9;
const AREA_UCM2 = 1_130_000;

/** Starts a run on channel 1; throws where that is refused. */
export function createDiskRig(options: DiskRigOptions): DiskRig {
  const clock = new VirtualClock();
  const dataPath = mkdtempSync(join(tmpdir(), 'galvanode-disk-'));
  const cell: DiskRig['cell'][number][] = [];
  const feed: FeedMessage[] = [];
  const acknowledged: Acknowledged[] = [];
  const log = {
    write: (entry: CellLogEntry) => void cell.push({ atMs: clock.nowMs(), entry }),
    close: () => undefined,
  };
  const device = createSimulatedCycler({ clock, seed: options.seed, channels: 2, log });
  const cycler = createGvn1Cycler({
    ...{ name: 'sim', clock, token: 'disk' },
    openPort(done) {
      const pair = createMemoryPair(clock);
      device.attach(pair.device);
      clock.defer(() => done({ ok: true, port: pair.host }));
    },
  });
  const inner = new InlineStore({ clock, durability: 'off', target: { dataPath } });
  const store = new FaultyStore({
    ...{ inner, clock },
    onAcknowledged: (commit) => void acknowledged.push({ atMs: clock.nowMs(), commit }),
  });
  const disk = { freeBytes: PLENTY_BYTES, ballastBytes: options.ballastBytes ?? 0 };
  const guard = guardOf(disk, clock, feed);
  store.faultAt = (_call, commit) => {
    const neededBytes = 4096 + 48 * (commit.samples?.count ?? 0);
    if (neededBytes <= disk.freeBytes) {
      disk.freeBytes -= neededBytes;
      return null;
    }
    // As the store over a writer process does.
    clock.defer(() => guard.full());
    return DISK_FULL;
  };
  let runs = 0;
  const bench = new Bench({
    ...{
      config: configOf(),
      clock,
      log: createLogger('silent'),
      store,
      protocols: PROTOCOLS,
      cyclers: [cycler],
    },
    newRunId: () => createUlid({ wallMs: clock.wallMs(), random: new Uint8Array(10).fill(++runs) }),
    lastCheck: () => null,
    meta: {},
    feed: (message) => void feed.push(message),
    refusesRuns: () => guard.refusal(),
  });
  bench.start();
  guard.start();
  // The ballast is written some seconds later.
  clock.advance(15_000);
  const told = <Value>(ask: (done: (value: Value) => void) => void): Value => {
    const values: Value[] = [];
    ask((value) => void values.push(value));
    clock.runUntil(() => values.length > 0);
    const [value] = values;
    if (value === undefined) throw new Error('it was never answered');
    return value;
  };
  const start = (channel: number): Result<RunSummary> =>
    told((done) => bench.startRun({ ...orderOf(options.parameters), channel }, done));
  const started = start(1);
  if (!started.ok) throw new Error(started.message);
  const run = started.value;
  return {
    ...{ clock, store, acknowledged, cell, feed, run },
    summary: () => bench.runs().find((summary) => summary.run === run.run) ?? run,
    fillDisk: () => void (disk.freeBytes = 0),
    emptyDisk: () => void (disk.freeBytes = PLENTY_BYTES),
    startAnother: () => start(2),
    stopRun: () => told((done) => bench.stopRun(run.run, 'the trial is over', done)),
    end() {
      guard.close();
      cycler.close();
      device.close();
      store.close(() => undefined);
      clock.step();
      rmSync(dataPath, { recursive: true, force: true });
    },
  };
}

function guardOf(
  disk: { freeBytes: number; ballastBytes: number },
  clock: VirtualClock,
  feed: FeedMessage[],
): DiskGuard {
  let isThere = false;
  return new DiskGuard({
    clock,
    limits: { warn_percent: 10, warn_free: 2e9, refuse_free: 1e9, ballast: disk.ballastBytes },
    readSpace: (done) => clock.defer(() => done({ freeBytes: disk.freeBytes, totalBytes: 2 * PLENTY_BYTES })),
    ballast: {
      bytes: disk.ballastBytes,
      get isWanted() {
        return disk.ballastBytes > 0 && !isThere;
      },
      make(done) {
        isThere = true;
        disk.freeBytes -= disk.ballastBytes;
        clock.defer(() => done(null));
      },
      release() {
        if (!isThere) return false;
        isThere = false;
        disk.freeBytes += disk.ballastBytes;
        return true;
      },
    },
    alarm: (code, message) =>
      void feed.push({ type: 'alarm', run: null, code, message, atWallMs: clock.wallMs() }),
    note: () => undefined,
  });
}

function configOf() {
  const parsed = parseConfig({ disk: { ballast: '0 MB' } });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  return parsed.config;
}

function orderOf(parameters: Readonly<Record<string, unknown>>) {
  const nothing = { workingElectrode: null, counterElectrode: null, electrolyte: null, separator: null };
  const cell = { sampleId: 'disk', ...nothing, operator: null, notes: null };
  return { protocol: 'symmetric-cycling', cycler: 'sim', areaUcm2: AREA_UCM2, parameters, cell };
}
