// A whole run in virtual time: the daemon's channel, the gvn1 driver, a line, the emulated cycler and a store
// in a temporary folder. Tests break something of it and look at what crossed a boundary: rows, frames, the
// cell's own log.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Instrument, InstrumentName } from '../../firmware-sim/board/instrument.ts';
import type { CellModel } from '../../firmware-sim/cell/cell-model.ts';
import type { CellLogEntry } from '../../firmware-sim/cell-log.ts';
import { createSimulatedCycler, type SimulatedCycler } from '../../firmware-sim/sim.ts';
import { symmetricCycling } from '../../protocols/symmetric-cycling.ts';
import type { ErrorCode } from '../../src/base/errors.ts';
import { createLogger } from '../../src/base/log.ts';
import { randomKey } from '../../src/base/prng.ts';
import { createUlid } from '../../src/base/ulid.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { RunChannel } from '../../src/daemon/channel.ts';
import type { LeasePlan } from '../../src/daemon/lease-keeper.ts';
import { readCatalogRuns, takeOverLeft } from '../../src/daemon/left-runs.ts';
import { type RunSettings, startRun } from '../../src/daemon/start-run.ts';
import type { Cycler, LinkReport } from '../../src/device/cycler.ts';
import { createGvn1Cycler } from '../../src/device/drivers/gvn1.ts';
import type { OutagePolicy } from '../../src/steps/outage.ts';
import type { Protocol } from '../../src/steps/protocol.ts';
import { InlineStore } from '../../src/store/inline-store.ts';
import { openRunReader, type RunReader } from '../../src/store/readers.ts';
import type { Commit, HalfCycle, RunStateRow, SampleGap } from '../../src/store/run-store.ts';
import { FaultyStore } from './faulty-store.ts';
import { Line } from './line.ts';
import { PausableClock } from './pausable-clock.ts';

export interface RigOptions {
  readonly protocol?: Protocol;
  /** What a daemon that follows knows; default: the same one. */
  readonly protocolsLater?: readonly Protocol[];
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** A name of the cell library, or a cell. */
  readonly cell?: string | CellModel;
  readonly instrument?: InstrumentName | Instrument;
  readonly seed?: number;
  /** `bench`: a lease of 5 s, renewed, commits by the clock. `simulate`: per step, as in virtual time. */
  readonly manner?: 'bench' | 'simulate';
  readonly lease?: LeasePlan;
  readonly onOutage?: OutagePolicy;
  readonly acceptsNoDeadMan?: boolean;
  readonly scale?: number;
  readonly ringCapacity?: number;
  readonly slots?: number;
  readonly areaUcm2?: number;
  readonly channel?: number;
  /** What the line does from the very first byte on. */
  readonly line?: Partial<Pick<Line, 'latencyMs' | 'alters'>>;
  /** How long each acknowledgement of the store takes. */
  readonly storeDelayMs?: number;
}

/** What happened at the boundaries, in one order. */
export type Happening =
  | { readonly type: 'sent'; readonly atMs: number; readonly frame: string }
  | { readonly type: 'stored'; readonly atMs: number; readonly commit: Commit }
  | { readonly type: 'cell'; readonly atMs: number; readonly entry: CellLogEntry };

export interface Told {
  readonly states: (RunStateRow & { readonly atMs: number })[];
  readonly halfCycles: HalfCycle[];
  readonly gaps: SampleGap[];
  readonly alarms: { readonly code: string; readonly message: string }[];
  /** Numbers of the samples told live. */
  readonly live: number[];
  storedSeq: number;
  closed: { readonly problem: string | null } | null;
}

export interface Rig {
  readonly clock: VirtualClock;
  readonly device: SimulatedCycler;
  readonly cycler: Cycler;
  readonly line: Line;
  readonly store: FaultyStore;
  readonly told: Told;
  readonly happenings: Happening[];
  readonly cellLog: CellLogEntry[];
  readonly refusal: { readonly code: ErrorCode; readonly message: string } | null;
  /** Throws where the run was refused. */
  readonly channel: RunChannel;
  readonly state: string;
  readonly dataPath: string;
  reader(): RunReader;
  /** Freezes the daemon, as SIGSTOP would; the device goes on. */
  pauseHost(): void;
  resumeHost(): void;
  /** Ends the daemon as SIGKILL would: nothing of it ever runs again, what was not committed is gone. */
  kill(): void;
  /** Another daemon on the same data folder, which takes the run over. */
  restart(): void;
  /** Runs until the run is closed; fails when that takes longer than this. */
  runToEnd(withinMs?: number): void;
  /** Runs until a condition holds; fails when that takes longer than this. */
  runUntil(what: string, isSo: () => boolean, withinMs?: number): void;
  /** Until this many half-cycles are recorded and `intoMs` of the next has gone by. */
  runToHalfCycle(count: number, intoMs?: number): void;
}

/** Half-cycles of 3.6 s at 11.3 mA, without preliminaries. */
export const QUICK = {
  current_density: '10 mA/cm2',
  areal_capacity: '0.01 mAh/cm2',
  wetting: '0 s',
  conditioning_cycles: 0,
  cycles: 4,
  record_interval: '100 ms',
} as const;
export const QUICK_CURRENT_PA = 11_300_000_000;
export const QUICK_CHARGE_NC = 40_680_000;

const HOUR_MS = 3_600_000;
/** Ten years: what a simulator in virtual time grants. */
const LEASE_LONGEST_US = 315_360_000_000_000;
export const SPECIMEN = {
  sampleId: 'A-1',
  workingElectrode: 'Zn',
  counterElectrode: 'Zn',
  electrolyte: '2 M ZnSO4',
  separator: 'glass fibre',
  operator: 'test',
  notes: null,
};

export function settingsOf(options: RigOptions): RunSettings {
  const isBench = options.manner !== 'simulate';
  const renewed: LeasePlan = { kind: 'renewed', durationMs: 5000, policy: 'off' };
  return {
    lease: options.lease ?? (isBench ? renewed : { kind: 'per-step', policy: 'off' }),
    onOutage: options.onOutage ?? 'hold',
    reporting: isBench ? { livePeriodMs: 200, flushMs: 100 } : { livePeriodMs: 0, flushMs: HOUR_MS },
    commitEveryMs: isBench ? 500 : null,
    acceptsNoDeadMan: options.acceptsNoDeadMan ?? false,
    meta: { seed: options.seed ?? 7 },
  };
}

/** One life of the daemon: what is gone when it is killed. */
interface Daemon {
  readonly host: PausableClock;
  readonly inner: InlineStore;
  readonly store: FaultyStore;
  readonly cycler: Cycler;
  link: LinkReport | null;
  channel: RunChannel | null;
}

/** Connects, asks for the run, and waits until it is started or refused. */
export function rig(options: RigOptions = {}): Rig {
  const { seed = 7, manner = 'bench', channel: channelNumber = 1 } = options;
  const clock = new VirtualClock();
  const happenings: Happening[] = [];
  const cellLog: CellLogEntry[] = [];
  const dataPath = mkdtempSync(join(tmpdir(), 'galvanode-rig-'));
  onTestFinished(() => rmSync(dataPath, { recursive: true, force: true }));
  const device = createSimulatedCycler({
    clock,
    seed,
    channels: 1,
    cells: [options.cell ?? 'bare-zn'],
    instrument: options.instrument ?? 'bench',
    scale: options.scale ?? 1,
    ringCapacity: options.ringCapacity ?? 65_536,
    slots: options.slots ?? 16,
    leaseLongestUs: manner === 'bench' ? 30_000_000 : LEASE_LONGEST_US,
    log: {
      write: (entry) => {
        cellLog.push(entry);
        happenings.push({ type: 'cell', atMs: clock.nowMs(), entry });
      },
      close: () => undefined,
    },
  });
  let host = new PausableClock(clock);
  const line = new Line({
    clock,
    host: () => host,
    device,
    onSent: (frame) => happenings.push({ type: 'sent', atMs: clock.nowMs(), frame }),
  });
  Object.assign(line, options.line);
  const boot = (): Daemon => {
    host = new PausableClock(clock);
    const inner = new InlineStore({ clock: host, durability: 'off', target: { dataPath } });
    const store = new FaultyStore({
      clock: host,
      inner,
      onAcknowledged: (commit) => happenings.push({ type: 'stored', atMs: clock.nowMs(), commit }),
    });
    store.delayMs = options.storeDelayMs ?? 0;
    const cycler = createGvn1Cycler({
      name: 'rig',
      clock: host,
      token: 'rig',
      openPort: line.open,
      ...(manner === 'bench' ? {} : { keepAliveMs: null }),
    });
    const started: Daemon = { host, inner, store, cycler, link: null, channel: null };
    cycler.onLink((report) => {
      const before = started.link;
      started.link = report;
      if (started.channel !== null) passOn(started.channel, before, report);
    });
    return started;
  };
  const told: Told = {
    states: [],
    halfCycles: [],
    gaps: [],
    alarms: [],
    live: [],
    storedSeq: 0,
    closed: null,
  };
  const feed = feedOf(told, clock);
  let daemon = boot();
  let refusal: Rig['refusal'] = null;
  let path = '';
  const end = (): void => {
    daemon.cycler.close();
    daemon.inner.close(() => undefined);
  };
  onTestFinished(() => {
    end();
    device.close();
  });
  daemon.cycler.start();
  clock.runUntil(() => daemon.link !== null);
  const up = daemon.link;
  if (up?.type !== 'up') throw new Error('the emulator does not answer');
  const random = Uint8Array.from({ length: 10 }, (_, index) => randomKey(seed, 'run', index) & 0xff);
  startRun(
    {
      run: createUlid({ wallMs: clock.wallMs(), random }),
      request: {
        protocol: options.protocol ?? symmetricCycling,
        parameters: options.parameters ?? QUICK,
        areaUcm2: options.areaUcm2 ?? 1_130_000,
        cell: SPECIMEN,
        channel: channelNumber,
      },
      settings: settingsOf(options),
      cycler: daemon.cycler,
      identity: up.identity,
      capabilities: up.capabilities,
      store: daemon.store,
      clock: daemon.host,
      log: createLogger('silent'),
      feed,
    },
    (result) => {
      if (!result.ok) refusal = { code: result.code, message: result.message };
      else [daemon.channel, path] = [result.channel, result.path];
    },
  );
  const started = (): RunChannel => {
    if (daemon.channel === null) throw new Error(`there is no run: ${refusal?.message ?? 'no answer'}`);
    return daemon.channel;
  };
  const runUntil = (what: string, isSo: () => boolean, withinMs = HOUR_MS): void => {
    const endMs = clock.nowMs() + withinMs;
    const isOver = (): boolean => isSo() || clock.nowMs() > endMs;
    clock.runUntil(isOver);
    if (!isSo())
      throw new Error(`not within ${withinMs} ms: ${what}; the run is ${JSON.stringify(told.states.at(-1))}`);
  };
  runUntil('an answer to the start', () => daemon.channel !== null || refusal !== null);
  const restart = (): void => {
    const again = boot();
    daemon = again;
    const [run] = readCatalogRuns(dataPath);
    if (run === undefined) throw new Error('the catalog has no run');
    takeOverLeft(run, {
      ...{ clock: again.host, log: createLogger('silent'), store: again.store, cycler: again.cycler, feed },
      protocols: options.protocolsLater ?? [options.protocol ?? symmetricCycling],
      settings: settingsOf(options),
      waiting: () => undefined,
      done: (result) => {
        if (!result.ok) refusal = { code: 'RUN_STATE', message: result.detail ?? 'the run is over' };
        else again.channel = result.channel;
        if (again.link?.type === 'up') again.channel?.linkRestored();
      },
    });
    again.cycler.start();
  };
  return {
    clock,
    device,
    line,
    told,
    happenings,
    cellLog,
    dataPath,
    get cycler() {
      return daemon.cycler;
    },
    get store() {
      return daemon.store;
    },
    get refusal() {
      return refusal;
    },
    get channel() {
      return started();
    },
    get state() {
      return started().state;
    },
    reader: () => openRunReader(path),
    pauseHost: () => host.pause(),
    resumeHost: () => {
      host.resume();
      line.deliverWaiting();
    },
    kill: () => {
      // A paused clock that is never resumed is a process that is gone; its port closes with it.
      host.pause();
      daemon.inner.close(() => undefined);
      line.hangUp();
    },
    restart,
    runUntil,
    runToEnd: (withinMs) => runUntil('the end', () => told.closed !== null, withinMs),
    runToHalfCycle: (count, intoMs = 0) => {
      runUntil(`half-cycle ${count}`, () => told.halfCycles.length >= count);
      clock.advance(intoMs);
    },
  };
}

/** As the bench does (src/daemon/bench.ts). */
export function passOn(channel: RunChannel, before: LinkReport | null, report: LinkReport): void {
  const hasRestarted =
    before?.type === 'up' && report.type === 'up' && before.identity.bootId !== report.identity.bootId;
  if (report.type === 'lost') channel.linkLost(report.detail);
  else if (hasRestarted) channel.linkLost('the device restarted');
  if (report.type === 'up') channel.linkRestored();
}

export function feedOf(told: Told, clock: VirtualClock) {
  return {
    live: (report: { readonly timeUs: readonly number[] }, firstSeq: number) => {
      report.timeUs.forEach((_, index) => told.live.push(firstSeq + index));
    },
    stepBegan: () => undefined,
    stepEnded: () => undefined,
    halfCycle: (row: HalfCycle) => void told.halfCycles.push(row),
    gap: (row: SampleGap) => void told.gaps.push(row),
    state: (row: RunStateRow) => void told.states.push({ ...row, atMs: clock.nowMs() }),
    stored: (seq: number) => {
      told.storedSeq = seq;
    },
    alarm: (code: string, message: string) => void told.alarms.push({ code, message }),
    closed: (problem: string | null) => {
      told.closed = { problem };
    },
  };
}
