// A whole run in virtual time: protocol, driver, wire, emulator, store and analysis in one process, as fast
// as it goes. The same channel code as on a bench; what differs (clock, durability, lease) is written into
// the run's `meta`.
import { type InstrumentName } from '../../firmware-sim/board/instrument.ts';
import { cellFileOf } from '../../firmware-sim/cell/library/cell-file.ts';
import type { CellDescription } from '../../firmware-sim/cell/library/cell-description.ts';
import type { ChannelTruth } from '../../firmware-sim/simulated-instrument.ts';
import type { TruthLog } from '../../firmware-sim/truth-log.ts';
import { assert } from '../base/assert.ts';
import { SystemClock } from '../base/clock.ts';
import { GalvanodeError } from '../base/errors.ts';
import { createLogger, type LogLevel } from '../base/log.ts';
import type { DialectName } from '../config/dialect-names.ts';
import { randomKey } from '../base/prng.ts';
import { createUlid } from '../base/ulid.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { RunChannel } from '../daemon/channel.ts';
import type { ChannelFeed } from '../daemon/channel-parts.ts';
import { type RunRequest, type RunSettings, startRun } from '../daemon/start-run.ts';
import { InlineStore } from '../store/inline-store.ts';
import type { HalfCycle } from '../store/run-store.ts';
import { simulatedLink } from './simulated-link.ts';
import { versions } from './versions.ts';

export interface SimulationOptions {
  readonly request: RunRequest;
  readonly seed: number;
  readonly cellModel: CellDescription;
  readonly dialect: DialectName;
  /** A model of the dialect's family; default: its first. */
  readonly profile?: string;
  /** Errors of the instrument; `own`: those of its data sheet. */
  readonly instrument: InstrumentName | 'own';
  readonly outPath: string;
  readonly isDurable: boolean;
  /** For `galvanode replay`. */
  readonly isWireRecorded?: boolean;
  /** Gets the hidden truth of the cell; the run itself never sees it. */
  readonly truth?: TruthLog | null;
  readonly logLevel: LogLevel;
  /** Told now and then, for a progress line; asked whether to stop. */
  readonly onProgress: (progress: {
    readonly halfCycles: number;
    readonly simulatedS: number;
  }) => 'go on' | 'stop';
}

export interface SimulationResult {
  readonly run: string;
  readonly path: string;
  readonly state: string;
  readonly reason: string;
  readonly verdict: string | null;
  readonly samples: number;
  readonly halfCycles: readonly HalfCycle[];
  readonly simulatedS: number;
  readonly wallS: number;
  readonly truth: ChannelTruth;
}

/** A sample may wait this long for company in its frame; frames then hold as many as fit. */
const FLUSH_MS = 3_600_000;
/** A protocol that holds for its operator is resumed after that long. */
const HELD_MS = 60_000;
/** Events between two looks at the real world. */
const EVENTS_PER_TURN = 5000;

/** Runs to the end. Throws GalvanodeError where the run is refused. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { request, seed, outPath } = options;
  const real = new SystemClock();
  const startMs = real.nowMs();
  const clock = new VirtualClock();
  const link = simulatedLink({ ...options, clock, channels: request.channel });
  const { cycler, device } = link;
  const { identity, capabilities } = link.up;
  const durability = options.isDurable ? 'full' : 'off';
  const store = new InlineStore({ clock, durability, target: { outPath } });
  const random = Uint8Array.from({ length: 10 }, (_, index) => randomKey(seed, 'run-id', index) & 0xff);
  const run = createUlid({ wallMs: clock.wallMs(), random });
  const watch = createWatch();
  const log = createLogger(options.logLevel);
  const settings = settingsOf(options);
  const started: { channel: RunChannel | null; refusal: GalvanodeError | null } = {
    channel: null,
    refusal: null,
  };
  const common = { run, request, settings, identity, capabilities, store, clock, log };
  const goOn = (): void =>
    void started.channel?.orders.give({ order: 'resume', reason: 'simulated: nobody is there to do it' });
  const state: ChannelFeed['state'] = (row) => {
    watch.feed.state(row);
    if (row.state === 'holding') clock.after(HELD_MS, goOn);
  };
  startRun({ ...common, cycler, feed: { ...watch.feed, state } }, (result) => {
    if (result.ok) started.channel = result.channel;
    else started.refusal = new GalvanodeError(result.code, result.message);
  });
  const isOver = (): boolean => started.refusal !== null || watch.isClosed() || watch.storeTrouble() !== null;
  const stop = (): void => started.channel?.stop('interrupted by the operator');
  await drive({ clock, real, watch, options, isOver, stop });
  if (started.refusal !== null) throw started.refusal;
  const trouble = watch.storeTrouble();
  if (trouble !== null) {
    const code = trouble.code === 'STORE_FULL' ? 'STORE_FULL' : 'STORE_FAILED';
    throw new GalvanodeError(code, `${trouble.message}; what was stored until then is kept`);
  }
  const problem = watch.problem();
  if (problem !== null) throw new GalvanodeError('STORE_FAILED', `${outPath}: ${problem}`);
  const truth = device.truth(request.channel);
  const simulatedS = clock.nowMs() / 1000;
  link.close();
  store.close(() => undefined);
  clock.step();
  return { run, path: outPath, ...watch.result(), simulatedS, wallS: (real.nowMs() - startMs) / 1000, truth };
}

function settingsOf(options: SimulationOptions): RunSettings {
  return {
    lease: { kind: 'per-step', policy: 'off' },
    onOutage: 'stop',
    reporting: { livePeriodMs: 0, flushMs: FLUSH_MS },
    commitEveryMs: null,
    // No cell is there to be protected, and nobody can fall silent in virtual time.
    acceptsNoDeadMan: true,
    meta: {
      ...versions(),
      simulation: {
        seed: options.seed,
        cellModel: cellFileOf(options.cellModel),
        dialect: options.dialect,
        profile: options.profile ?? null,
        instrument: options.instrument,
      },
      differsFromBench: [
        'virtual time',
        'the lease covers the maximum duration of the loaded steps',
        'a protocol that holds for its operator is resumed after a minute',
        'commits at step ends and every 1000 samples, never by the clock',
        options.isDurable ? 'synchronous=FULL, as on a bench' : 'synchronous=OFF',
        ...(options.isWireRecorded === true ? [] : ['the wire is not recorded']),
      ],
    },
  };
}

interface Watch {
  readonly feed: ChannelFeed;
  isClosed(): boolean;
  problem(): string | null;
  /** The file does not take the data: nothing would change while virtual time waits for it. */
  storeTrouble(): { readonly code: string; readonly message: string } | null;
  halfCycleCount(): number;
  result(): Pick<SimulationResult, 'state' | 'reason' | 'verdict' | 'samples' | 'halfCycles'>;
}

/** Listens to the run as the live feed would. */
function createWatch(): Watch {
  let closed: { readonly problem: string | null } | null = null;
  let trouble: { readonly code: string; readonly message: string } | null = null;
  let last: { readonly state: string; readonly reason: string; readonly verdict: string | null } = {
    state: 'idle',
    reason: '',
    verdict: null,
  };
  let samples = 0;
  const halfCycles: HalfCycle[] = [];
  const ignore = (): void => undefined;
  return {
    feed: {
      live: (report) => {
        samples += report.timeUs.length;
      },
      halfCycle: (row) => {
        halfCycles.push(row);
      },
      state: (row) => {
        last = row;
      },
      closed: (problem) => {
        closed = { problem };
      },
      stepBegan: ignore,
      stepEnded: ignore,
      gap: ignore,
      stored: ignore,
      alarm: (code, message) => {
        if (code.startsWith('STORE')) trouble ??= { code, message };
      },
    },
    isClosed: () => closed !== null,
    problem: () => closed?.problem ?? null,
    storeTrouble: () => trouble,
    halfCycleCount: () => halfCycles.length,
    result: () => ({ ...last, samples, halfCycles }),
  };
}

interface Drive {
  readonly clock: VirtualClock;
  readonly real: SystemClock;
  readonly watch: Watch;
  readonly options: SimulationOptions;
  readonly isOver: () => boolean;
  readonly stop: () => void;
}

/** Steps virtual time to the end, and lets signals in now and then. */
async function drive({ clock, real, watch, options, isOver, stop }: Drive): Promise<void> {
  let isStopping = false;
  while (!isOver()) {
    for (let event = 0; event < EVENTS_PER_TURN && !isOver(); event += 1) {
      assert(clock.step(), 'the simulation stalled: nothing is left to happen and the run has not ended');
    }
    await new Promise<void>((resolve) => real.defer(resolve));
    const wish = options.onProgress({ halfCycles: watch.halfCycleCount(), simulatedS: clock.nowMs() / 1000 });
    if (wish === 'stop' && !isStopping) {
      isStopping = true;
      stop();
    }
  }
}
