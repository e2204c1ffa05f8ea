// One instrument for the measurement of stops: emulator, loopback TCP, driver and the daemon's channel in
// this process, in real time, with the settings of a bench. Whether the cell is open, its own log tells.
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { attachAt, type Whereabouts } from '../../firmware-sim/attach/place.ts';
import { createInstrument } from '../../firmware-sim/create-instrument.ts';
import { symmetricCycling } from '../../protocols/symmetric-cycling.ts';
import { SystemClock } from '../../src/base/clock.ts';
import { createLogger } from '../../src/base/log.ts';
import { randomKey } from '../../src/base/prng.ts';
import { createUlid } from '../../src/base/ulid.ts';
import { type Config, parseConfig } from '../../src/config/config.ts';
import type { DialectName } from '../../src/config/dialect-names.ts';
import { benchSettings } from '../../src/daemon/bench-settings.ts';
import type { RunChannel } from '../../src/daemon/channel.ts';
import type { ChannelFeed } from '../../src/daemon/channel-parts.ts';
import { prepareCyclers } from '../../src/daemon/create-cyclers.ts';
import { startRun } from '../../src/daemon/start-run.ts';
import type { Cycler, LinkReport } from '../../src/device/cycler.ts';
import { InlineStore } from '../../src/store/inline-store.ts';

export interface StopTrial {
  /** From `RunChannel.stop` to the opening of the cell; 0 where it was open already, between two steps. */
  readonly openMs: number;
  readonly wasOpen: boolean;
}

export interface StopInstrument {
  /** Starts a run, stops it `intoMs` after its first half-cycle has begun, and waits for its file. */
  stopOnce(intoMs: number): Promise<StopTrial>;
  close(): Promise<void>;
}

export interface StopPlace {
  readonly dialect: DialectName;
  /** Numbers the instruments of this process: seed of the emulator, part of file names. */
  readonly number: number;
  readonly folder: string;
}

/** Half-cycles of 3.6 s, recorded as a user would have it: readings come once a second. */
const PARAMETERS = {
  current_density: '5 mA/cm2',
  areal_capacity: '0.005 mAh/cm2',
  wetting: '0 s',
  conditioning_cycles: 0,
  cycles: 10,
  record_interval: '10 s',
};
export const HALF_CYCLE_MS = 3600;
const LIMIT_MS = 60_000;
const SPECIMEN = {
  sampleId: 'bench',
  workingElectrode: null,
  counterElectrode: null,
  electrolyte: null,
  separator: null,
  operator: null,
  notes: null,
};

type Up = Extract<LinkReport, { readonly type: 'up' }>;

interface CellState {
  isOn: boolean;
  openedMs: number;
}

interface Parts {
  readonly place: StopPlace;
  readonly clock: SystemClock;
  readonly config: Config;
  readonly cycler: Cycler;
  readonly link: Up;
  readonly cell: CellState;
}

/** Resolves when the instrument answers. */
export async function createStopInstrument(place: StopPlace): Promise<StopInstrument> {
  const { dialect, number } = place;
  const clock = new SystemClock();
  const cell: CellState = { isOn: false, openedMs: Number.NEGATIVE_INFINITY };
  const write = (entry: { readonly cell: 'on' | 'off' }): void => {
    cell.isOn = entry.cell === 'on';
    if (!cell.isOn) cell.openedMs = performance.now();
  };
  const device = createInstrument(dialect, { clock, seed: number, log: { write, close: () => undefined } });
  const attachment = await attachAt(device, { kind: 'tcp', host: '127.0.0.1', port: 0 }, clock);
  const config = configFor(dialect, attachment.whereabouts);
  const [makeCycler] = prepareCyclers(config.cyclers);
  if (makeCycler === undefined) throw new Error('the configuration holds one cycler');
  const cycler = makeCycler({ clock, token: `stop-${number}` });
  const link = await within(`${dialect} to answer`, connected(cycler));
  const parts: Parts = { place, clock, config, cycler, link, cell };
  let trials = 0;
  return {
    stopOnce: async (intoMs) => {
      trials += 1;
      return stopOnce(parts, { trial: trials, intoMs });
    },
    close: async () => {
      cycler.close();
      device.close();
      await attachment.close();
    },
  };
}

function configFor(dialect: DialectName, { port, dataPort }: Whereabouts): Config {
  const lines = { port, ...(dataPort === undefined ? {} : { data_port: dataPort }) };
  const parsed = parseConfig({ cyclers: [{ name: dialect, dialect, ...lines, accept_no_dead_man: true }] });
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  return parsed.config;
}

async function connected(cycler: Cycler): Promise<Up> {
  return new Promise((resolve) => {
    cycler.onLink((report) => {
      if (report.type === 'up') resolve(report);
    });
    cycler.start();
  });
}

async function stopOnce(
  parts: Parts,
  { trial, intoMs }: { readonly trial: number; readonly intoMs: number },
): Promise<StopTrial> {
  const { clock, cell, place } = parts;
  const { dialect } = place;
  const heard = createHeard(dialect);
  const channel = await within(`${dialect} to start a run`, start(parts, trial, heard.feed));
  await within(`${dialect} to cycle`, heard.cycling);
  await new Promise<void>((resolve) => void clock.after(intoMs, resolve));
  const wasOpen = !cell.isOn;
  const stoppedMs = performance.now();
  channel.stop('measured');
  const problem = await within(`${dialect} to end its run`, heard.closed);
  if (problem !== null) throw new Error(`${dialect}: the run ended with ${problem}`);
  if (cell.isOn) throw new Error(`${dialect}: the cell is on after the run has ended`);
  return { openMs: Math.max(0, cell.openedMs - stoppedMs), wasOpen };
}

async function start(parts: Parts, trial: number, feed: ChannelFeed): Promise<RunChannel> {
  const { place, clock, config, cycler, link } = parts;
  const { dialect, number, folder } = place;
  const random = Uint8Array.from({ length: 10 }, (_byte, index) => {
    return randomKey(number, 'bench-stop-run', trial, index) & 0xff;
  });
  const outPath = join(folder, `stop-${number}-${trial}.db`);
  const options = {
    run: createUlid({ wallMs: clock.wallMs(), random }),
    request: {
      protocol: symmetricCycling,
      parameters: PARAMETERS,
      areaUcm2: 1_130_000,
      cell: SPECIMEN,
      channel: 1,
    },
    settings: benchSettings(config, {}, dialect),
    cycler,
    identity: link.identity,
    capabilities: link.capabilities,
    store: new InlineStore({ clock, durability: 'off', target: { outPath } }),
    clock,
    log: createLogger('silent'),
    feed,
  };
  return new Promise((resolve, reject) => {
    startRun(options, (result) => {
      if (result.ok) resolve(result.channel);
      else reject(new Error(`${dialect}: ${result.message}`));
    });
  });
}

interface Heard {
  readonly feed: ChannelFeed;
  /** Rejects where the run ends before. */
  readonly cycling: Promise<void>;
  /** With what is wrong with its file, or null. */
  readonly closed: Promise<string | null>;
}

/** What of a run matters here: that it cycles, and that it has ended. */
function createHeard(dialect: DialectName): Heard {
  const ignore = (): void => undefined;
  const events = new EventEmitter();
  let reason = '';
  const feed: ChannelFeed = {
    live: ignore,
    stepBegan: ({ step }) => void (step.phase === 'cycling' && events.emit('cycling')),
    stepEnded: ignore,
    halfCycle: ignore,
    gap: ignore,
    state: (row) => {
      reason = `${row.state}: ${row.reason}`;
    },
    stored: ignore,
    alarm: ignore,
    closed: (problem) => void events.emit('closed', problem),
  };
  const closed = new Promise<string | null>((resolve) => void events.once('closed', resolve));
  const cycling = new Promise<void>((resolve, reject) => {
    events.once('cycling', resolve);
    events.once('closed', () => reject(new Error(`${dialect}: the run ended before it cycled, ${reason}`)));
  });
  return { feed, cycling, closed };
}

/** Fails when it takes a minute. */
async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    limit = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), LIMIT_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(limit));
}
