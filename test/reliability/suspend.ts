// R11. The computer is suspended for ten minutes in the middle of a half-cycle: it hears nothing, its
// timers stand still, the device lives on. Virtual time, the bench as the daemon puts it together, a lease
// of 5 s. Passed when the cell is opened by its lease, the suspend is seen within a second of waking up and
// treated as a host that was gone, nothing that was meant for before is sent, and the record is whole.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryPair } from '../../firmware-sim/attach/memory.ts';
import type { CellLogEntry } from '../../firmware-sim/cell-log.ts';
import { createSimulatedCycler } from '../../firmware-sim/sim.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { createLogger } from '../../src/base/log.ts';
import { randomKey, uniformAt } from '../../src/base/prng.ts';
import { createUlid } from '../../src/base/ulid.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { type Config, parseConfig } from '../../src/config/config.ts';
import { Bench } from '../../src/daemon/bench.ts';
import { Fences } from '../../src/daemon/fences.ts';
import { watchHostTime } from '../../src/daemon/host-time.ts';
import { createGvn1Cycler } from '../../src/device/drivers/gvn1.ts';
import { InlineStore } from '../../src/store/inline-store.ts';
import { SuspendableClock } from '../support/suspendable-clock.ts';
import { SPECIMEN } from './daemon-process.ts';
import { Acknowledged, checkpointOf, judgeRecord } from './record.ts';
import { beginsWell, frameTypes, overheard } from './overheard-port.ts';
import type { Figures, TrialOptions } from './row.ts';
import { GVN1 } from './stories.ts';

const SLEEP_MS = 600_000;
const LEASE_MS = 5000;
const TICK_MS = 1;
const SEEN_MAX_MS = 1000;
const SETTLE_MS = 15_000;
/** Half-cycles of 36 s: the cell is driven at any time from here on. */
const PARAMETERS = { ...GVN1.runs[0]?.parameters, areal_capacity: '0.1 mAh/cm2', cycles: 1 };
const FIRST_MS = 15_000;
const SPAN_MS = 30_000;

interface Laptop {
  readonly world: VirtualClock;
  readonly host: SuspendableClock;
  readonly bench: Bench;
  readonly cells: CellLogEntry[];
  /** Frames that the device heard, by connection. */
  readonly heard: string[][];
  /** When a suspend was seen. */
  readonly seenAtMs: number[];
  isAsleep: boolean;
  close(): void;
}

interface Trial {
  readonly lost: number;
  readonly duplicated: number;
  readonly unflaggedGaps: number;
  readonly unsafeS: number;
  readonly seenMs: number;
  readonly problems: readonly string[];
}

export async function suspendTrials({ seed, trials }: TrialOptions): Promise<Figures> {
  const key = randomKey(seed, 'suspend');
  const all = Array.from({ length: trials }, (_, trial) =>
    oneTrial(FIRST_MS + uniformAt(key, trial) * SPAN_MS),
  );
  const sum = (pick: (trial: Trial) => number): number =>
    all.reduce((total, trial) => total + pick(trial), 0);
  return Promise.resolve({
    trials,
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated),
    unflaggedGaps: sum(({ unflaggedGaps }) => unflaggedGaps),
    unsafeS: Math.max(...all.map(({ unsafeS }) => unsafeS)),
    problems: all.flatMap(({ problems }) => problems),
    late: [],
    notes: { sleepS: SLEEP_MS / 1000, seenMaxMs: Math.max(...all.map(({ seenMs }) => seenMs)) },
  });
}

function oneTrial(intoMs: number): Trial {
  const dataPath = mkdtempSync(join(tmpdir(), 'galvanode-suspend-'));
  const laptop = createLaptop(dataPath);
  try {
    laptop.world.advance(intoMs);
    const path = laptop.bench.runs()[0]?.path ?? '';
    const acknowledged = new Acknowledged(path);
    acknowledged.look();
    const slept = sleepOnce(laptop, path);
    const record = judgeRecord(path);
    const { duplicated, unflaggedGaps, problems } = record;
    const found = { lost: acknowledged.lost(), duplicated, unflaggedGaps };
    return { ...found, ...slept, problems: [...problems, ...slept.problems] };
  } finally {
    laptop.close();
    rmSync(dataPath, { recursive: true, force: true });
  }
}

/** Sleeps, wakes up, and looks at what the device did meanwhile and the daemon does now. */
function sleepOnce(laptop: Laptop, path: string): Pick<Trial, 'unsafeS' | 'seenMs' | 'problems'> {
  const { cells, heard, host, seenAtMs, world } = laptop;
  const asleepWallMs = world.wallMs();
  const connections = heard.length;
  host.suspend();
  laptop.isAsleep = true;
  world.advance(SLEEP_MS);
  host.resume();
  laptop.isAsleep = false;
  const awakeMs = world.nowMs();
  world.advance(SETTLE_MS);
  const opened = cells.find(({ real_ms: atMs, why }) => atMs >= asleepWallMs && why === 'lease');
  const openMs = (opened?.real_ms ?? Number.POSITIVE_INFINITY) - asleepWallMs;
  const seenMs = (seenAtMs[0] ?? Number.POSITIVE_INFINITY) - awakeMs;
  const { state } = checkpointOf(path);
  const later = heard.slice(connections);
  return {
    unsafeS: Math.max(0, openMs - LEASE_MS - TICK_MS) / 1000,
    seenMs,
    problems: [
      ...(seenMs <= SEEN_MAX_MS ? [] : [`the suspend was seen ${seenMs} ms after waking up`]),
      ...(state === 'holding' ? [] : [`the run is ${state}, ten minutes being beyond its policy`]),
      ...(later.length > 0 ? [] : ['the connection from before was gone on with']),
      ...later.flatMap((types) => (beginsWell(types) ? [] : [`it began with ${types.join(', ')}`])),
    ],
  };
}

function createLaptop(dataPath: string): Laptop {
  const world = new VirtualClock();
  const host = new SuspendableClock(world);
  const cells: CellLogEntry[] = [];
  const heard: string[][] = [];
  const seenAtMs: number[] = [];
  const log = { write: (entry: CellLogEntry) => void cells.push(entry), close: () => undefined };
  const device = createSimulatedCycler({ clock: world, seed: 7, channels: 1, log });
  const fences = new Fences({ clock: host, log: createLogger('silent') });
  const outside = fences.make('laptop');
  const openPort = outside.around((done) => {
    const pair = createMemoryPair(world);
    const types: string[] = [];
    heard.push(types);
    device.attach(overheard(pair.device, (text) => types.push(...frameTypes(text)) > 0));
    // What comes while nobody is awake is lost, as on a USB port without power.
    host.defer(() => done({ ok: true, port: overheard(pair.host, () => !laptop.isAsleep) }));
  });
  const cycler = createGvn1Cycler({ name: 'laptop', clock: outside.clock, token: 'laptop', openPort });
  const store = new InlineStore({ clock: host, durability: 'off', target: { dataPath } });
  const bench = new Bench({
    ...{ config: configOf(), clock: host, store, protocols: PROTOCOLS, cyclers: [cycler], meta: {} },
    ...{ log: createLogger('silent'), lastCheck: () => null, feed: () => undefined },
    newRunId: () => createUlid({ wallMs: world.wallMs(), random: new Uint8Array(10) }),
  });
  const time = watchHostTime({
    ...{ clock: host, read: () => host.readings(), onBeat: () => undefined, onClockStep: () => undefined },
    onSuspend: () => {
      seenAtMs.push(world.nowMs());
      fences.dropAll('this computer was suspended');
    },
  });
  bench.start();
  const place = { protocol: 'symmetric-cycling', cycler: 'laptop', channel: 1, areaUcm2: 1_130_000 };
  bench.startRun({ ...place, parameters: PARAMETERS, cell: SPECIMEN }, (result) => {
    if (!result.ok) throw new Error(result.message);
  });
  const close = (): void => {
    time.close();
    cycler.close();
    device.close();
    store.close(() => undefined);
  };
  const laptop: Laptop = { world, host, bench, cells, heard, seenAtMs, close, isAsleep: false };
  return laptop;
}

function configOf(): Config {
  const cyclers = [{ name: 'laptop', dialect: 'gvn1', port: 'tcp://127.0.0.1:1' }];
  const parsed = parseConfig({ cyclers, lease: `${LEASE_MS} ms`, on_outage: { continue_within: '5 min' } });
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  return parsed.config;
}
