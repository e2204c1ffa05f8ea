// A bench in virtual time whose runs keep the wire: the daemon's own bench on one emulator, with timers that
// are late as on a busy computer. A test may cut the cable, hold the host up, or end the daemon and start
// another.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createMemoryPair } from '../../firmware-sim/attach/memory.ts';
import { createInstrument } from '../../firmware-sim/create-instrument.ts';
import type { LineEnd } from '../../firmware-sim/simulated-instrument.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import type { BytePort, OpenPort } from '../../src/base/byte-port.ts';
import type { Clock } from '../../src/base/clock.ts';
import { createLogger } from '../../src/base/log.ts';
import { randomKey } from '../../src/base/prng.ts';
import { createUlid } from '../../src/base/ulid.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { parseConfig } from '../../src/config/config.ts';
import type { DialectName } from '../../src/config/dialect-names.ts';
import { Bench } from '../../src/daemon/bench.ts';
import { readCatalogRuns } from '../../src/daemon/left-runs.ts';
import { findDialect } from '../../src/device/dialects.ts';
import { createTappedCycler } from '../../src/device/tapped-cycler.ts';
import { InlineStore } from '../../src/store/inline-store.ts';
import type { FeedMessage, RunSummary } from '../../src/stream/feed.ts';
import { FaultyStore } from './faulty-store.ts';
import { SPECIMEN } from './rig.ts';

export interface RecordedBench {
  readonly clock: VirtualClock;
  readonly bench: Bench;
  readonly store: FaultyStore;
  /** What the page was told, in all lives. */
  readonly feed: readonly FeedMessage[];
  /** Path of the run's file. */
  readonly path: string;
  runFor(ms: number): void;
  runToEnd(): RunSummary;
  /** Nothing of the host runs for so long. */
  holdUp(ms: number): void;
  cut(): void;
  plugIn(): void;
  /** The daemon is gone, without a word; after so long another one starts, whose disk may not give files. */
  restart(afterMs: number, openFaultOf?: FaultyStore['openFaultOf']): void;
}

/** Real timers are late by up to so much. */
const LATE_MAX_MS = 12;
const RUN_MAX_MS = 3_600_000;
const SHORT = { cycles: 2, areal_capacity: '0.01 mAh/cm2', wetting: '5 s', conditioning_cycles: 0 };

export function recordedBench(
  dialect: DialectName,
  seed: number,
  parameters: Readonly<Record<string, unknown>> = {},
): RecordedBench {
  const clock = new VirtualClock();
  const dataPath = mkdtempSync(join(tmpdir(), 'galvanode-recorded-bench-'));
  onTestFinished(() => rmSync(dataPath, { recursive: true, force: true }));
  const device = createInstrument(dialect, { clock, seed, cell: 'bare-zn', errors: 'own' });
  onTestFinished(() => device.close());
  const cable = createCable(clock);
  const feed: FeedMessage[] = [];
  let lives = 0;
  const live = (
    openFaultOf: FaultyStore['openFaultOf'],
  ): { bench: Bench; store: FaultyStore; host: LateClock } => {
    lives += 1;
    const host = new LateClock(clock, seed + lives);
    const inner = new InlineStore({ clock: host, durability: 'off', target: { dataPath } });
    const store = new FaultyStore({ inner, clock: host, onAcknowledged: () => undefined });
    store.openFaultOf = openFaultOf;
    const { dataLine } = device;
    const cycler = createTappedCycler(findDialect(dialect), {
      ...{ name: 'bench', clock: host, token: 'rig', openPort: cable.lineTo(device, host) },
      ...(dataLine === null ? {} : { openDataPort: cable.lineTo(dataLine, host) }),
    });
    const bench = benchOf({ cycler, host, store, seed, lives, feed });
    bench.takeOver(readCatalogRuns(dataPath));
    bench.start();
    return { bench, store, host };
  };
  let now = live(() => null);
  const run = startedRun(now.bench, clock, { ...SHORT, ...parameters });
  const summary = (): RunSummary => {
    const found = now.bench.runs().find((one) => one.run === run.run);
    if (found === undefined) throw new Error('the run must be known');
    return found;
  };
  return {
    clock,
    get bench() {
      return now.bench;
    },
    get store() {
      return now.store;
    },
    feed,
    path: run.path,
    runFor: (ms) => clock.advance(ms),
    runToEnd: () => {
      const endMs = clock.nowMs() + RUN_MAX_MS;
      clock.runUntil(() => ENDED.has(summary().state) || clock.nowMs() > endMs);
      clock.advance(2000);
      return summary();
    },
    holdUp: (ms) => now.host.holdUp(ms),
    cut: () => cable.cut(),
    plugIn: () => cable.plugIn(),
    restart: (afterMs, openFaultOf = () => null) => {
      now.host.end();
      now.store.close(() => undefined);
      cable.cut();
      clock.advance(afterMs);
      cable.plugIn();
      now = live(openFaultOf);
    },
  };
}

const ENDED = new Set(['done', 'stopped', 'failed']);

interface BenchParts {
  readonly cycler: ReturnType<typeof createTappedCycler>;
  readonly host: Clock;
  readonly store: FaultyStore;
  readonly seed: number;
  readonly lives: number;
  readonly feed: FeedMessage[];
}

function benchOf({ cycler, host, store, seed, lives, feed }: BenchParts): Bench {
  const cyclers = [{ name: 'bench', dialect: 'gvn1', port: '/dev/null', accept_no_dead_man: true }];
  const parsed = parseConfig({ cyclers });
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  const random = Uint8Array.from({ length: 10 }, (_, index) => randomKey(seed, 'run', lives, index) & 0xff);
  return new Bench({
    ...{ config: parsed.config, clock: host, log: createLogger('silent'), store, cyclers: [cycler] },
    ...{ protocols: PROTOCOLS, meta: {}, lastCheck: () => null, feed: (told) => void feed.push(told) },
    newRunId: () => createUlid({ wallMs: host.wallMs(), random }),
  });
}

function startedRun(
  bench: Bench,
  clock: VirtualClock,
  parameters: Readonly<Record<string, unknown>>,
): RunSummary {
  const started: { run: RunSummary | null; refusal: string } = { run: null, refusal: 'no answer' };
  clock.advance(3000);
  const order = { protocol: 'symmetric-cycling', cycler: 'bench', channel: 1, areaUcm2: 1_130_000 };
  bench.startRun({ ...order, parameters, cell: SPECIMEN }, (result) => {
    if (result.ok) started.run = result.value;
    else started.refusal = result.message;
  });
  clock.advance(1000);
  if (started.run === null) throw new Error(started.refusal);
  return started.run;
}

/** The clock of one process: its timers are late, stand still while it is held up, and end with it. */
class LateClock implements Clock {
  readonly #inner: VirtualClock;
  readonly #seed: number;
  readonly #bornMs: number;
  #timers = 0;
  #heldUntilMs = 0;
  #isOver = false;

  constructor(inner: VirtualClock, seed: number) {
    this.#inner = inner;
    this.#seed = seed;
    this.#bornMs = inner.nowMs();
  }

  nowMs(): number {
    return this.#inner.nowMs() - this.#bornMs;
  }

  wallMs(): number {
    return this.#inner.wallMs();
  }

  after(delayMs: number, run: () => void) {
    this.#timers += 1;
    const lateMs = ((randomKey(this.#seed, 'late', this.#timers) % 1000) / 1000) * LATE_MAX_MS;
    const state = { isCancelled: false };
    const timer = this.#inner.after(delayMs + lateMs, () =>
      this.soon(() => {
        if (!state.isCancelled) run();
      }),
    );
    return {
      cancel: () => {
        state.isCancelled = true;
        timer.cancel();
      },
    };
  }

  defer(run: () => void): void {
    this.#inner.defer(() => this.soon(run));
  }

  holdUp(ms: number): void {
    this.#heldUntilMs = this.#inner.nowMs() + ms;
  }

  end(): void {
    this.#isOver = true;
  }

  /** Now, or when the process runs again, in order; never after its end. */
  soon(run: () => void): void {
    const waitMs = this.#heldUntilMs - this.#inner.nowMs();
    if (this.#isOver) return;
    if (waitMs > 0) this.#inner.after(waitMs, () => this.soon(run));
    else run();
  }
}

interface Cable {
  lineTo(end: LineEnd, host: LateClock): OpenPort;
  cut(): void;
  plugIn(): void;
}

/** All lines of the instrument go through one cable. */
function createCable(clock: VirtualClock): Cable {
  let isPlugged = true;
  const ends = new Map<LineEnd, BytePort>();
  return {
    lineTo: (end, host) => (done) => {
      if (!isPlugged) {
        host.defer(() => done({ ok: false, reason: 'absent', detail: 'the cable is out' }));
        return;
      }
      const { host: inner, device } = createMemoryPair(clock);
      ends.set(end, device);
      end.attach(device);
      const port: BytePort = {
        name: 'cable',
        get isOpen() {
          return inner.isOpen;
        },
        pendingBytes: 0,
        write: (text) => inner.write(text),
        onBytes: (receive) => inner.onBytes((text) => host.soon(() => receive(text))),
        onClosed: (receive) => inner.onClosed((reason) => host.soon(() => receive(reason))),
        close: () => inner.close(),
      };
      host.defer(() => done({ ok: true, port }));
    },
    cut: () => {
      isPlugged = false;
      for (const port of ends.values()) port.close();
    },
    plugIn: () => {
      isPlugged = true;
    },
  };
}
