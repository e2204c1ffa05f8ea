// One daemon process: the real bench, drivers, channels, journal and store, put together as daemon.ts does it
// and cut off from the world when it dies. What it does after its death reaches nobody.
import type { SimulatedInstrument } from '../../firmware-sim/simulated-instrument.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import type { Clock } from '../../src/base/clock.ts';
import { createLogger } from '../../src/base/log.ts';
import { randomKey } from '../../src/base/prng.ts';
import { createUlid } from '../../src/base/ulid.ts';
import { parseConfig, type Config } from '../../src/config/config.ts';
import { Bench, type RunOrder } from '../../src/daemon/bench.ts';
import { Fences } from '../../src/daemon/fences.ts';
import { watchHostTime } from '../../src/daemon/host-time.ts';
import { readCatalogRuns } from '../../src/daemon/left-runs.ts';
import type { Cycler } from '../../src/device/cycler.ts';
import { findDialect } from '../../src/device/dialects.ts';
import { InlineStore } from '../../src/store/inline-store.ts';
import type { FeedMessage } from '../../src/stream/feed.ts';
import type { Cable, Process } from './cable.ts';
import { HostClock } from './host-clock.ts';
import type { InstrumentStory, KillAct, RunStory, ShutdownPolicy, Story } from './story.ts';
import { type Disk, SwarmStore } from './swarm-store.ts';
import type { Witness } from './witness.ts';

/** An instrument of the world with its cable. */
export interface Placed {
  readonly story: InstrumentStory;
  readonly device: SimulatedInstrument;
  readonly cable: Cable;
}

export interface LifeOptions {
  readonly story: Story;
  readonly life: number;
  readonly base: Clock;
  readonly dataPath: string;
  readonly disk: Disk;
  readonly placed: readonly Placed[];
  readonly witness: Witness;
}

/** A death to come: at the `left`th act of this kind. */
interface Doom {
  readonly act: KillAct;
  readonly when: 'before' | 'after';
  readonly died: () => void;
  left: number;
}

/** Names the daemon to instruments; the same in every life, as the file in the data folder is. */
const TOKEN = 'swarm';
const AREA_UCM2 = 1_130_000;

export class DaemonLife {
  readonly clock: HostClock;
  readonly bench: Bench;
  readonly #options: LifeOptions;
  readonly #store: InlineStore;
  readonly #process: Process;
  readonly #fences: Fences;
  #dooms: Doom[] = [];

  constructor(options: LifeOptions) {
    const { base, dataPath, disk, life, story, witness } = options;
    this.#options = options;
    const clock = new HostClock(base);
    this.clock = clock;
    this.#store = new InlineStore({ clock, durability: 'off', target: { dataPath } });
    this.#process = {
      ...{ life, clock },
      beforeWrite: () => this.#at('write', 'before'),
      afterWrite: () => this.#at('write', 'after'),
    };
    const { stores } = story.store;
    const around = (act: 'commit' | 'answer', when: 'before' | 'after'): void => this.#at(act, when);
    const store = new SwarmStore({ inner: this.#store, clock, life, disk, stores, witness, around });
    const log = createLogger('silent');
    this.#fences = new Fences({ clock, log });
    watchHostTime({
      clock,
      read: () => clock.readings(),
      onBeat: () => undefined,
      onClockStep: () => undefined,
      onSuspend: () => this.#fences.dropAll('this computer was suspended'),
    });
    let runs = 0;
    const newRunId = (): string => {
      runs += 1;
      const random = Uint8Array.from({ length: 10 }, (_, index) => {
        return randomKey(story.seed, 'run', life, runs, index) & 0xff;
      });
      return createUlid({ wallMs: clock.wallMs(), random });
    };
    this.bench = new Bench({
      ...{ clock, log, store, newRunId },
      config: configOf(story),
      protocols: PROTOCOLS,
      cyclers: options.placed.map((placed) => this.#cycler(placed)),
      meta: { seed: story.seed },
      lastCheck: () => null,
      feed: (message) => this.#hear(message),
    });
  }

  get isDead(): boolean {
    return this.clock.isDead;
  }

  start(): void {
    this.bench.takeOver(readCatalogRuns(this.#options.dataPath));
    this.bench.start();
  }

  order(story: InstrumentStory, run: RunStory, done: Parameters<Bench['startRun']>[1]): void {
    this.bench.startRun(orderOf(story, run), done);
  }

  /** SIGKILL: nothing more of it runs, its ports and files are closed by the operating system. */
  kill(): void {
    if (this.isDead) return;
    this.clock.kill();
    this.#options.witness.note(this.#options.life, 'killed');
    for (const { cable } of this.#options.placed) cable.processDied(this.#process);
    this.#store.close(() => undefined);
  }

  killAt(doom: Doom): void {
    this.#dooms.push(doom);
  }

  /** No death that was to come comes. */
  spare(): void {
    this.#dooms = [];
  }

  /** SIGTERM; `done` when the bench has left everything in order. */
  shutdown(policy: ShutdownPolicy, done: () => void): void {
    this.bench.shutdown(policy, done);
  }

  #at(act: KillAct, when: 'before' | 'after'): void {
    if (this.isDead) return;
    for (const doom of this.#dooms) {
      if (doom.act !== act || doom.when !== when) continue;
      doom.left -= 1;
      if (doom.left > 0) continue;
      this.#dooms = this.#dooms.filter((other) => other !== doom);
      this.kill();
      doom.died();
      return;
    }
  }

  #cycler({ story, device, cable }: Placed): Cycler {
    const { dataLine } = device;
    const { around, clock } = this.#fences.make(story.name);
    return findDialect(story.dialect).create({
      name: story.name,
      clock,
      token: TOKEN,
      openPort: around(cable.opener(this.#process, 'text', device)),
      ...(dataLine === null ? {} : { openDataPort: around(cable.opener(this.#process, 'data', dataLine)) }),
    });
  }

  #hear(message: FeedMessage): void {
    if (this.isDead) return;
    const { life, witness } = this.#options;
    if (message.type === 'state') {
      const { run, state, reason } = message;
      witness.state({ life, run, state, reason });
    }
    if (message.type === 'alarm') witness.note(life, `alarm ${message.code}: ${message.message}`);
  }
}

function configOf({ config, instruments }: Story): Config {
  const parsed = parseConfig({
    ...config,
    cyclers: instruments.map(({ dialect, name }) => ({
      ...{ name, dialect, port: 'tcp://127.0.0.1:1', accept_no_dead_man: true },
    })),
  });
  if (!parsed.ok) throw new Error(`the story has no valid configuration: ${parsed.problems.join('; ')}`);
  return parsed.config;
}

function orderOf({ name }: InstrumentStory, { channel, parameters, protocol }: RunStory): RunOrder {
  const cell = {
    ...{ sampleId: `${name}-${channel}`, workingElectrode: 'Zn', counterElectrode: 'Zn' },
    ...{ electrolyte: null, separator: null, operator: null, notes: null },
  };
  return { protocol, cycler: name, channel, areaUcm2: AREA_UCM2, parameters, cell };
}
