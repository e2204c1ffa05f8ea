// A whole run on an instrument of any dialect: the daemon's channel, the dialect's driver, lines in memory,
// its emulator and a store in a temporary folder, in virtual time. Tests break something of it and look at
// the run file and at the cell's own log.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createMemoryPair } from '../../firmware-sim/attach/memory.ts';
import type { InstrumentName } from '../../firmware-sim/board/instrument.ts';
import type { CellModel } from '../../firmware-sim/cell/cell-model.ts';
import type { CellLogEntry } from '../../firmware-sim/cell-log.ts';
import { createInstrument } from '../../firmware-sim/create-instrument.ts';
import type { Fault } from '../../firmware-sim/faults/fault.ts';
import type { LineEnd, SimulatedInstrument } from '../../firmware-sim/simulated-instrument.ts';
import { symmetricCycling } from '../../protocols/symmetric-cycling.ts';
import type { BytePort, OpenPort } from '../../src/base/byte-port.ts';
import type { ErrorCode } from '../../src/base/errors.ts';
import { createLogger } from '../../src/base/log.ts';
import { randomKey } from '../../src/base/prng.ts';
import { createUlid } from '../../src/base/ulid.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { DialectName } from '../../src/config/dialect-names.ts';
import type { RunChannel } from '../../src/daemon/channel.ts';
import { startRun } from '../../src/daemon/start-run.ts';
import type { Cycler, LinkReport } from '../../src/device/cycler.ts';
import { findDialect } from '../../src/device/dialects.ts';
import type { Protocol } from '../../src/steps/protocol.ts';
import { InlineStore } from '../../src/store/inline-store.ts';
import { openRunReader, type RunReader } from '../../src/store/readers.ts';
import { feedOf, passOn, settingsOf, SPECIMEN, type Told } from './rig.ts';

export interface DialectRigOptions {
  readonly dialect: DialectName;
  readonly profile?: string;
  readonly protocol?: Protocol;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly cell?: string | CellModel;
  readonly errors?: 'own' | InstrumentName;
  readonly faults?: readonly Fault[];
  readonly seed?: number;
  readonly areaUcm2?: number;
  readonly manner?: 'bench' | 'simulate';
  readonly onOutage?: 'hold' | 'stop';
  /** Default: true, whatever the dialect needs. */
  readonly acceptsNoDeadMan?: boolean;
}

export interface DialectRig {
  readonly clock: VirtualClock;
  readonly device: SimulatedInstrument;
  readonly cycler: Cycler;
  readonly link: Extract<LinkReport, { readonly type: 'up' }>;
  readonly links: readonly LinkReport[];
  readonly told: Told;
  readonly cellLog: readonly CellLogEntry[];
  readonly refusal: { readonly code: ErrorCode; readonly message: string } | null;
  readonly channel: RunChannel;
  reader(): RunReader;
  /** Pulls the cable: both sides are told, and it cannot be opened until it is plugged in. */
  cut(): void;
  plugIn(): void;
  runUntil(what: string, isSo: () => boolean, withinMs?: number): void;
  runToEnd(withinMs?: number): void;
}

const DAY_MS = 86_400_000;
const ANSWER_MS = 120_000;

/** Connects, asks for the run, and waits until it is started or refused. */
export function dialectRig(options: DialectRigOptions): DialectRig {
  const { dialect, seed = 7, manner = 'bench' } = options;
  const clock = new VirtualClock();
  const cellLog: CellLogEntry[] = [];
  const dataPath = mkdtempSync(join(tmpdir(), 'galvanode-dialect-'));
  onTestFinished(() => rmSync(dataPath, { recursive: true, force: true }));
  const device = createInstrument(dialect, {
    clock,
    seed,
    cell: options.cell ?? 'bare-zn',
    errors: options.errors ?? 'own',
    faults: options.faults ?? [],
    log: { write: (entry) => cellLog.push(entry), close: () => undefined },
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(manner === 'bench' ? {} : { leaseLongestUs: 315_360_000_000_000 }),
  });
  const cable = createCable(clock);
  const { dataLine } = device;
  const cycler = findDialect(dialect).create({
    name: 'rig',
    clock,
    token: 'rig',
    openPort: cable.lineTo(device),
    ...(dataLine === null ? {} : { openDataPort: cable.lineTo(dataLine) }),
    ...(manner === 'bench' ? {} : { keepAliveMs: null }),
  });
  const store = new InlineStore({ clock, durability: 'off', target: { dataPath } });
  const told: Told = {
    ...{ states: [], halfCycles: [], gaps: [], alarms: [], live: [] },
    storedSeq: 0,
    closed: null,
  };
  const links: LinkReport[] = [];
  const started: { channel: RunChannel | null; refusal: DialectRig['refusal']; path: string } = {
    channel: null,
    refusal: null,
    path: '',
  };
  cycler.onLink((report) => {
    const before = links.at(-1) ?? null;
    links.push(report);
    if (started.channel !== null) passOn(started.channel, before, report);
  });
  onTestFinished(() => {
    cycler.close();
    device.close();
    store.close(() => undefined);
  });
  cycler.start();
  clock.runUntil(() => links.length > 0 || clock.nowMs() > ANSWER_MS);
  const [link] = links;
  if (link?.type !== 'up') throw new Error(`the emulator does not answer: ${JSON.stringify(link)}`);
  const random = Uint8Array.from({ length: 10 }, (_, index) => randomKey(seed, 'run', index) & 0xff);
  startRun(
    {
      run: createUlid({ wallMs: clock.wallMs(), random }),
      request: {
        protocol: options.protocol ?? symmetricCycling,
        parameters: options.parameters,
        areaUcm2: options.areaUcm2 ?? 1_130_000,
        cell: SPECIMEN,
        channel: 1,
      },
      settings: settingsOf({
        manner,
        seed,
        acceptsNoDeadMan: options.acceptsNoDeadMan ?? true,
        ...(options.onOutage === undefined ? {} : { onOutage: options.onOutage }),
      }),
      cycler,
      identity: link.identity,
      capabilities: link.capabilities,
      store,
      clock,
      log: createLogger('silent'),
      feed: feedOf(told, clock),
    },
    (result) => {
      if (result.ok) [started.channel, started.path] = [result.channel, result.path];
      else started.refusal = { code: result.code, message: result.message };
    },
  );
  const runUntil = (what: string, isSo: () => boolean, withinMs = DAY_MS): void => {
    const endMs = clock.nowMs() + withinMs;
    clock.runUntil(() => isSo() || clock.nowMs() > endMs);
    if (!isSo())
      throw new Error(`not within ${withinMs} ms: ${what}; the run is ${JSON.stringify(told.states.at(-1))}`);
  };
  runUntil('an answer to the start', () => started.channel !== null || started.refusal !== null, ANSWER_MS);
  return {
    ...{ clock, device, cycler, link, links, told, cellLog, runUntil },
    get refusal() {
      return started.refusal;
    },
    get channel() {
      const { channel, refusal } = started;
      if (channel === null) throw new Error(`the run was refused: ${refusal?.message ?? 'no answer'}`);
      return channel;
    },
    reader: () => openRunReader(started.path),
    cut: () => cable.cut(),
    plugIn: () => cable.plugIn(),
    runToEnd: (withinMs) => runUntil('the end', () => told.closed !== null, withinMs),
  };
}

interface Cable {
  lineTo(end: LineEnd): OpenPort;
  cut(): void;
  plugIn(): void;
}

/** All lines of one instrument go through one cable. */
function createCable(clock: VirtualClock): Cable {
  let isPlugged = true;
  const ends = new Map<LineEnd, BytePort>();
  return {
    lineTo: (end) => (done) => {
      if (!isPlugged) {
        clock.defer(() => done({ ok: false, reason: 'absent', detail: 'the cable is out' }));
        return;
      }
      const pair = createMemoryPair(clock);
      ends.set(end, pair.device);
      end.attach(pair.device);
      clock.defer(() => done({ ok: true, port: pair.host }));
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
