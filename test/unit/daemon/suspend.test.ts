// Goal: a computer that was suspended is treated as a host that was gone (pitfalls R11): seen within a
// second of waking up, connections made anew, the dead-man's work found, nothing sent from before, no time
// lost. Method: a bench on a host clock that can be suspended, an emulated cycler that lives on meanwhile.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryPair } from '../../../firmware-sim/attach/memory.ts';
import { INSTRUMENTS } from '../../../firmware-sim/board/instrument.ts';
import type { CellLogEntry } from '../../../firmware-sim/cell-log.ts';
import { createSimulatedCycler } from '../../../firmware-sim/sim.ts';
import { PROTOCOLS } from '../../../protocols/index.ts';
import type { BytePort } from '../../../src/base/byte-port.ts';
import { createLogger } from '../../../src/base/log.ts';
import { createUlid } from '../../../src/base/ulid.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { parseConfig } from '../../../src/config/config.ts';
import { Bench } from '../../../src/daemon/bench.ts';
import { Fences } from '../../../src/daemon/fences.ts';
import { watchHostTime } from '../../../src/daemon/host-time.ts';
import { createGvn1Cycler } from '../../../src/device/drivers/gvn1.ts';
import { InlineStore } from '../../../src/store/inline-store.ts';
import { openRunReader, type RunReader } from '../../../src/store/readers.ts';
import type { RunSummary } from '../../../src/stream/feed.ts';
import { QUICK, SPECIMEN } from '../../support/rig.ts';
import { expectContiguous } from '../../support/run-checks.ts';
import { SuspendableClock } from '../../support/suspendable-clock.ts';

const MINUTE_MS = 60_000;
const LEASE_MS = 5000;
/** How long a frame is on its way to the device: one can fall asleep meanwhile. */
const LATENCY_MS = 4;
/** Half-cycles of 72 s. */
const SLOW = { ...QUICK, areal_capacity: '0.2 mAh/cm2', cycles: 1, record_interval: '1 s' };

interface Laptop {
  readonly world: VirtualClock;
  readonly cellLog: CellLogEntry[];
  readonly seen: { readonly forMs: number; readonly atMs: number }[];
  readonly sent: { readonly atMs: number; readonly text: string }[];
  readonly reader: RunReader;
  readonly run: () => RunSummary;
  readonly sleep: (forMs: number) => void;
}

interface Scene {
  readonly clockWrapUs?: number;
  /** A frame that is sent as the scene begins; without: cycling has begun. */
  readonly until?: RegExp;
}

function laptop(config: object, { clockWrapUs, until }: Scene = {}): Laptop {
  const world = new VirtualClock();
  const host = new SuspendableClock(world);
  const cellLog: CellLogEntry[] = [];
  const instrument = { ...INSTRUMENTS.bench, ...(clockWrapUs === undefined ? {} : { clockWrapUs }) };
  const log = { write: (entry: CellLogEntry) => void cellLog.push(entry), close: () => undefined };
  const device = createSimulatedCycler({ clock: world, seed: 7, channels: 1, instrument, log });
  const sent: Laptop['sent'] = [];
  let isAwake = true;
  const fences = new Fences({ clock: host, log: createLogger('silent') });
  const outside = fences.make('left');
  const openPort = outside.around((done) => {
    const pair = createMemoryPair(world);
    device.attach(pair.device);
    const note = (text: string): void => void sent.push({ atMs: world.nowMs(), text });
    const port = heardAwake(pair.host, { clock: world, isAwake: () => isAwake, note });
    world.defer(() => done({ ok: true, port }));
  });
  const cycler = createGvn1Cycler({ name: 'left', clock: outside.clock, token: 'laptop', openPort });
  const dataPath = mkdtempSync(join(tmpdir(), 'galvanode-suspend-'));
  const store = new InlineStore({ clock: host, durability: 'off', target: { dataPath } });
  const parsed = parseConfig(config);
  if (!parsed.ok) throw new Error(parsed.problems.join());
  const bench = new Bench({
    ...{ config: parsed.config, clock: host, store, protocols: PROTOCOLS, cyclers: [cycler], meta: {} },
    log: createLogger('silent'),
    newRunId: () => createUlid({ wallMs: world.wallMs(), random: new Uint8Array(10).fill(1) }),
    lastCheck: () => null,
    feed: () => undefined,
  });
  const seen: Laptop['seen'] = [];
  const time = watchHostTime({
    ...{
      clock: host,
      read: () => host.readings(),
      onBeat: () => undefined,
      onClockStep: () => expect.fail('nobody set the clock'),
    },
    onSuspend(forMs) {
      seen.push({ forMs, atMs: world.nowMs() });
      fences.dropAll('this computer was suspended');
    },
  });
  onTestFinished(() => {
    time.close();
    cycler.close();
    device.close();
    store.close(() => undefined);
    rmSync(dataPath, { recursive: true, force: true });
  });
  bench.start();
  const order = { protocol: 'symmetric-cycling', cycler: 'left', channel: 1, areaUcm2: 1_130_000 };
  bench.startRun({ ...order, parameters: SLOW, cell: SPECIMEN }, () => undefined);
  const hasBegun = (): boolean =>
    until === undefined
      ? bench.runs()[0]?.position?.phase === 'cycling'
      : until.test(sent.at(-1)?.text ?? '');
  world.runUntil(() => hasBegun() || world.nowMs() > MINUTE_MS);
  const run = (): RunSummary => bench.runs()[0] ?? expect.fail('there is no run');
  return {
    ...{ world, cellLog, seen, sent, run },
    get reader() {
      return openRunReader(run().path);
    },
    sleep(forMs) {
      isAwake = false;
      host.suspend();
      world.advance(forMs);
      isAwake = true;
      host.resume();
    },
  };
}

interface Ears {
  readonly clock: VirtualClock;
  readonly isAwake: () => boolean;
  readonly note: (text: string) => void;
}

/** What comes while nobody is awake is lost, as on a USB port without power. */
function heardAwake(port: BytePort, { clock, isAwake, note }: Ears): BytePort {
  return {
    ...{ name: port.name, isOpen: true, pendingBytes: 0 },
    write(text) {
      note(text);
      clock.after(LATENCY_MS, () => port.write(text));
      return true;
    },
    onBytes: (receive) => port.onBytes((text) => void (isAwake() && receive(text))),
    onClosed: (receive) => port.onClosed(receive),
    close: () => port.close(),
  };
}

describe('a computer that was suspended', () => {
  it('for ten minutes sees it within a second, finds the cell opened by the dead-man, and holds', () => {
    const { cellLog, reader, run, seen, sleep, world } = laptop({ on_outage: 'hold' });
    world.advance(10_300);
    const asleepWallMs = world.wallMs();
    sleep(10 * MINUTE_MS);
    const awakeMs = world.nowMs();
    const off = cellLog.find(({ real_ms, why }) => why === 'lease' && real_ms >= asleepWallMs);
    expect((off?.real_ms ?? Number.NaN) - asleepWallMs).toBeLessThanOrEqual(LEASE_MS);
    world.advance(1000);
    expect(seen).toMatchObject([{ forMs: 10 * MINUTE_MS }]);
    expect((seen[0]?.atMs ?? Number.NaN) - awakeMs).toBeLessThanOrEqual(1000);
    world.advance(2000);
    expect(run()).toMatchObject({ state: 'holding' });
    expect(run().reason).toMatch(/dead-man/);
    expect(cellLog.at(-1)).toMatchObject({ cell: 'off' });
    expectContiguous(reader);
  });

  it('opens its conversation anew: the first thing it says on a connection is hello', () => {
    const { seen, sent, sleep, world } = laptop({ on_outage: 'hold' });
    world.advance(10_000);
    sleep(MINUTE_MS);
    world.advance(5000);
    const after = sent.filter(({ atMs }) => atMs > (seen[0]?.atMs ?? Number.NaN));
    expect(after[0]?.text).toMatch(/hello/);
  });

  it('for less than its lease goes on as if nothing had been', () => {
    const { cellLog, reader, run, sleep, world } = laptop({ on_outage: 'hold' });
    world.advance(10_000);
    sleep(1500);
    world.runUntil(() => run().state === 'done' || world.nowMs() > 60 * MINUTE_MS);
    expect(run()).toMatchObject({ state: 'done', verdict: 'completed' });
    expect(reader.gaps()).toEqual([]);
    expect(expectContiguous(reader).halfCycles.filter(({ isInterrupted }) => isInterrupted)).toEqual([]);
    expect(cellLog.filter(({ why }) => why === 'lease')).toEqual([]);
  });

  it.each([
    ['hold', 'holding'],
    ['stop', 'failed'],
    [{ continue_within: '30 s' }, 'holding'],
    [{ continue_within: '5 min' }, 'done'],
  ] as const)('while a step was being loaded, under %j, is judged: %s', (onOutage, state) => {
    // The second step of the contact check: the device rests before it.
    const { cellLog, reader, run, sent, sleep, world } = laptop({ on_outage: onOutage }, { until: / n=2 / });
    sleep(MINUTE_MS);
    const awake = sent.length;
    world.runUntil(() => run().state === state || world.nowMs() > 60 * MINUTE_MS);
    expect(run().state).toBe(state);
    if (state !== 'done') expect(run().reason).toMatch(/silent for longer than the lease.*\(6\d s\)/);
    // What was on its way is never committed.
    const jobOf = ({ text }: { readonly text: string }): string | undefined => /job=\w+/.exec(text)?.[0];
    const [onItsWay] = sent.slice(0, awake).map(jobOf).slice(-1);
    expect(onItsWay).toBeDefined();
    const commits = sent.slice(awake).filter(({ text }) => / commit /.test(text));
    expect(commits.map(jobOf)).not.toContain(onItsWay);
    if (state !== 'done') expect(commits).toEqual([]);
    const outages = reader.events(1, 1000).filter(({ kind }) => kind === 'outage');
    expect(outages[0]).toMatchObject({ detail: { cause: 'lapsed-lease' } });
    if (state !== 'done') expect(cellLog.at(-1)).toMatchObject({ cell: 'off' });
  });

  it('for most of a wrap of the device clock dates what comes after as the device does', () => {
    const { reader, run, sleep, world } = laptop(
      { on_outage: { continue_within: '2 h' } },
      { clockWrapUs: 60 * MINUTE_MS * 1000 },
    );
    world.advance(10_000);
    const before = expectContiguous(reader).samples.timeUs.at(-1) ?? 0;
    sleep(50 * MINUTE_MS);
    world.advance(10_000);
    expect(run().state).toBe('running');
    const after = expectContiguous(reader).samples.timeUs.at(-1) ?? 0;
    const goneMs = (after - before) / 1000;
    expect(goneMs).toBeGreaterThan(50 * MINUTE_MS);
    expect(goneMs).toBeLessThan(50 * MINUTE_MS + 20_000);
  });
});
