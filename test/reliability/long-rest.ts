// R12. A rest of sixty days, longer than any timer of Node counts (24.8 d), at its true length in virtual
// time, on gvn1 with a clock that does not drift. In the middle the daemon is killed and another one takes
// the run over a minute later. Passed when the rest ends at sixty days to within a second, and the record
// is the same, sample by sample, as that of a run whose daemon lived.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryPair } from '../../firmware-sim/attach/memory.ts';
import { createSimulatedCycler, type SimulatedCycler } from '../../firmware-sim/sim.ts';
import type { BytePort } from '../../src/base/byte-port.ts';
import { createLogger } from '../../src/base/log.ts';
import { randomKey, uniformAt } from '../../src/base/prng.ts';
import { createUlid } from '../../src/base/ulid.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { RunChannel } from '../../src/daemon/channel.ts';
import type { ChannelFeed } from '../../src/daemon/channel-parts.ts';
import { restoreChannel } from '../../src/daemon/restore-channel.ts';
import { type RunSettings, startRun, type StartRunResult } from '../../src/daemon/start-run.ts';
import type { Cycler, LinkReport } from '../../src/device/cycler.ts';
import { createGvn1Cycler } from '../../src/device/drivers/gvn1.ts';
import type { Protocol } from '../../src/steps/protocol.ts';
import { InlineStore } from '../../src/store/inline-store.ts';
import { openRunReader } from '../../src/store/readers.ts';
import { stepOfMode, stepSequence } from '../support/step-sequence.ts';
import { HostClock } from '../swarm/host-clock.ts';
import { SPECIMEN } from './daemon-process.ts';
import { Acknowledged, judgeRecord, rowsOf, stepsOf } from './record.ts';
import type { Figures, TrialOptions } from './row.ts';

const DAY_MS = 86_400_000;
const REST_DAYS = 60;
const REST_US = REST_DAYS * DAY_MS * 1000;
const NEAR_US = 1_000_000;
const AWAY_MS = 60_000;
const HOUR_US = 3_600_000_000;
const CURRENT_PA = 1_130_000_000;
const TEN_YEARS_US = 315_360_000_000_000;
/**
 * As `simulate` has it, but for the commits: nobody falls silent, and nothing is told that is not
 * recorded.
 */
const SETTINGS: RunSettings = {
  lease: { kind: 'per-step', policy: 'off' },
  onOutage: { continue_within_ms: 600_000 },
  reporting: { livePeriodMs: 0, flushMs: DAY_MS },
  commitEveryMs: DAY_MS,
  acceptsNoDeadMan: false,
  meta: {},
};
export async function longRestTrials({ seed, trials }: TrialOptions): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'galvanode-rest-'));
  try {
    const whole = rested(join(folder, 'whole'), null);
    const key = randomKey(seed, 'long-rest');
    const results = Array.from({ length: trials }, (_, trial) => {
      const killedDay = 5 + Math.floor(uniformAt(key, trial) * (REST_DAYS - 10));
      return judge(whole, rested(join(folder, `trial-${trial}`), killedDay));
    });
    const sum = (pick: (result: (typeof results)[number]) => number): number =>
      results.reduce((total, result) => total + pick(result), 0);
    return await Promise.resolve({
      trials,
      lost: sum(({ lost }) => lost),
      duplicated: sum(({ duplicated }) => duplicated),
      unflaggedGaps: sum(({ unflaggedGaps }) => unflaggedGaps),
      unsafeS: 0,
      problems: results.flatMap(({ problems }) => problems),
      late: [],
      notes: { days: REST_DAYS, errorUs: Math.max(...results.map(({ errorUs }) => errorUs)) },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Rested {
  readonly path: string;
  readonly acknowledged: Acknowledged;
}

function judge(whole: Rested, { path, acknowledged }: Rested) {
  const record = judgeRecord(path);
  const rest = stepsOf(path).find(({ program_step: name }) => name === 'rest');
  const errorUs = Math.abs((rest?.end_us ?? 0) - (rest?.start_us ?? 0) - REST_US);
  const isSame = JSON.stringify(samplesOf(path)) === JSON.stringify(samplesOf(whole.path));
  return {
    lost: acknowledged.lost(),
    duplicated: record.duplicated,
    unflaggedGaps: record.unflaggedGaps,
    errorUs,
    problems: [
      ...record.problems,
      ...(errorUs <= NEAR_US ? [] : [`the rest ended ${errorUs} us away from ${REST_DAYS} days`]),
      ...(isSame ? [] : ['the restart changed the samples']),
    ],
  };
}

function samplesOf(path: string): readonly unknown[] {
  return rowsOf(path, 'SELECT * FROM sample ORDER BY seq');
}

/** A whole run; its daemon dies on that day, or lives. */
function rested(dataPath: string, killedDay: number | null): Rested {
  const world = new VirtualClock();
  const device = createSimulatedCycler({
    ...{ clock: world, seed: 7, channels: 1, instrument: 'ideal', leaseLongestUs: TEN_YEARS_US },
  });
  const step = { ...stepOfMode('rest', { kind: 'rest' }, REST_US), allowsLookAhead: true };
  const record = { everyUs: HOUR_US, voltageDeltaNv: null, currentDeltaPa: null };
  const protocol = stepSequence([{ ...step, record }], CURRENT_PA);
  let life = new Life({ world, device, dataPath, protocol });
  const path = life.begin();
  const acknowledged = new Acknowledged(path);
  if (killedDay !== null) {
    world.advance(killedDay * DAY_MS);
    acknowledged.look();
    life.kill();
    world.advance(AWAY_MS);
    life = new Life({ world, device, dataPath, protocol });
    life.takeOver(path);
  }
  if (!world.runUntil(() => life.isOver)) throw new Error(`the run does not end: it is ${life.state}`);
  device.close();
  return { path, acknowledged };
}

interface Place {
  readonly world: VirtualClock;
  readonly device: SimulatedCycler;
  readonly dataPath: string;
  readonly protocol: Protocol;
}

/** One daemon process, as far as one run needs it. */
class Life {
  readonly #place: Place;
  readonly #clock: HostClock;
  readonly #store: InlineStore;
  readonly #cycler: Cycler;
  #line: BytePort | null = null;
  #link: LinkReport | null = null;
  #channel: RunChannel | null = null;
  isOver = false;

  constructor(place: Place) {
    this.#place = place;
    const { world, device, dataPath } = place;
    const clock = new HostClock(world);
    this.#clock = clock;
    this.#store = new InlineStore({ clock, durability: 'off', target: { dataPath } });
    this.#cycler = createGvn1Cycler({
      ...{ name: 'sim', clock, token: 'rest', keepAliveMs: null },
      openPort: (done) => {
        const pair = createMemoryPair(world);
        this.#line = pair.device;
        device.attach(pair.device);
        clock.defer(() => done({ ok: true, port: pair.host }));
      },
    });
    this.#cycler.onLink((report) => {
      this.#link = report;
      if (report.type === 'up') this.#channel?.linkRestored();
      else this.#channel?.linkLost(report.detail);
    });
  }

  get state(): string {
    return `${this.#channel?.state}: ${this.#channel?.reason}`;
  }

  /** Starts the run; returns its file. */
  begin(): string {
    const { protocol, world } = this.#place;
    const link = this.#connect();
    let result: StartRunResult | null = null;
    startRun(
      {
        run: createUlid({ wallMs: world.wallMs(), random: new Uint8Array(10) }),
        request: { protocol, parameters: {}, areaUcm2: 1_130_000, cell: SPECIMEN, channel: 1 },
        settings: SETTINGS,
        ...{ cycler: this.#cycler, identity: link.identity, capabilities: link.capabilities },
        ...{ store: this.#store, clock: this.#clock, log: createLogger('silent'), feed: this.#feed() },
      },
      (answer) => {
        result = answer;
      },
    );
    world.runUntil(() => result !== null);
    const started = result as StartRunResult | null;
    if (started?.ok !== true) throw new Error(`the run was refused: ${started?.message}`);
    this.#channel = started.channel;
    return started.path;
  }

  takeOver(path: string): void {
    const { protocol } = this.#place;
    const run = /runs\/([^/]+)\//.exec(path)?.[1] ?? '';
    this.#store.openRun(run, (opened) => {
      if (!opened.ok) throw new Error(opened.detail);
      const result = restoreChannel({
        ...{ run, store: opened.store, cycler: this.#cycler, protocols: [protocol], settings: SETTINGS },
        ...{ reader: openRunReader(path), clock: this.#clock, log: createLogger('silent') },
        feed: this.#feed(),
      });
      if (!result.ok) throw new Error(result.detail);
      this.#channel = result.channel;
      this.#connect();
    });
  }

  kill(): void {
    this.#clock.kill();
    this.#line?.close();
    this.#store.close(() => undefined);
  }

  #connect(): Extract<LinkReport, { readonly type: 'up' }> {
    this.#cycler.start();
    this.#place.world.runUntil(() => this.#link !== null);
    if (this.#link?.type !== 'up') throw new Error('the instrument does not answer');
    return this.#link;
  }

  #feed(): ChannelFeed {
    const nothing = (): undefined => undefined;
    return {
      ...{ live: nothing, stepBegan: nothing, stepEnded: nothing, halfCycle: nothing, gap: nothing },
      ...{ state: nothing, stored: nothing, alarm: nothing },
      closed: () => {
        this.isOver = true;
      },
    };
  }
}
