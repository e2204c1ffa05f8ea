// The operator of a world: asks for one run on every channel until it is there, and stops what is held in the
// end. Knows only what a person at a bench knows: the list of runs and the answers to what was asked.
import type { Result } from '../../src/base/result.ts';
import type { RunSummary } from '../../src/stream/feed.ts';
import type { Placed } from './daemon-life.ts';
import type { OrderStory, RunStory } from './story.ts';
import type { World } from './world.ts';

const LOOK_EVERY_MS = 500;
/** Refused for now: the link or the disk is not there yet. */
const PASSING = [
  ...['PORT_ABSENT', 'PORT_FAILED', 'LINK_TIMEOUT', 'LINK_CLOSED', 'DEVICE_NONSENSE', 'DEVICE_REFUSED'],
  ...['STORE_FULL', 'STORE_FAILED', 'RUN_STATE', 'CHANNEL_LOCKED'],
];

interface Wish {
  readonly placed: Placed;
  readonly run: RunStory;
  /** The daemon that was asked and has not answered; 0: none. */
  askedLife: unknown;
  isRefused: boolean;
}

export class Operator {
  readonly #world: World;
  readonly #wishes: readonly Wish[];

  constructor(world: World) {
    this.#world = world;
    this.#wishes = world.placed.flatMap((placed) =>
      placed.story.runs.map((run) => ({ placed, run, askedLife: null, isRefused: false })),
    );
  }

  start(): void {
    this.#look();
  }

  /** Every run that was asked for is there, or was refused for good. */
  isContent(): boolean {
    return this.#wishes.every((wish) => wish.isRefused || this.#runOf(wish) !== undefined);
  }

  /** False: nothing is held. */
  resumeWhatIsHeld(): boolean {
    const { life, witness } = this.#world;
    const held = life.bench.runs().filter(({ state }) => state === 'holding' || state === 'paused');
    for (const { run } of held) {
      const result = life.bench.orderRun(run, { order: 'resume', reason: 'by the operator' });
      if (!result.ok) witness.note(0, `resume of ${run} answered ${result.code}: ${result.message}`);
    }
    return held.length > 0;
  }

  stopWhatIsHeld(): void {
    const { life, witness } = this.#world;
    for (const { run, state } of life.bench.runs()) {
      if (['done', 'stopped', 'failed'].includes(state)) continue;
      life.bench.stopRun(run, 'by the operator', (result) => {
        if (!result.ok) witness.note(0, `stop of ${run} answered ${result.code}: ${result.message}`);
      });
    }
  }

  stop(instrument: string, channel: number): void {
    const run = this.#runOn(instrument, channel);
    if (run !== null) this.#world.life.bench.stopRun(run, 'by the operator', () => undefined);
  }

  /** Asks, and writes down the answer: what is refused need not be possible, but must say so. */
  order(asked: OrderStory): void {
    const { life, witness } = this.#world;
    const run = life.clock.isPaused ? null : this.#runOn(asked.instrument, asked.channel);
    if (run === null) return;
    const result = life.bench.orderRun(run, { ...asked, reason: 'as in the story' });
    const answer = result.ok ? result.value.told : `${result.code}: ${result.message}`;
    witness.note(0, `${asked.order} of ${run}: ${answer}`);
  }

  /** Null: there is none, or nobody to ask. */
  #runOn(instrument: string, channel: number): string | null {
    const { bench, isDead } = this.#world.life;
    if (isDead) return null;
    const isThere = (known: RunSummary): boolean => known.cycler === instrument && known.channel === channel;
    return bench.runs().find(isThere)?.run ?? null;
  }

  #look(): void {
    const { clock, life } = this.#world;
    clock.after(LOOK_EVERY_MS, () => this.#look());
    if (life.isDead || life.clock.isPaused) return;
    for (const wish of this.#wishes) {
      const isAsked = wish.askedLife === life;
      if (isAsked || wish.isRefused || this.#runOf(wish) !== undefined) continue;
      wish.askedLife = life;
      life.order(wish.placed.story, wish.run, (result) => this.#answered(wish, result));
    }
  }

  #answered(wish: Wish, result: Result<RunSummary>): void {
    if (result.ok) return;
    if (PASSING.includes(result.code)) {
      wish.askedLife = null;
      return;
    }
    wish.isRefused = true;
    this.#world.witness.note(0, `refused for good: ${result.code}: ${result.message}`);
  }

  #runOf({ placed, run }: Wish): RunSummary | undefined {
    const runs = this.#world.life.bench.runs();
    return runs.find(({ cycler, channel }) => cycler === placed.story.name && channel === run.channel);
  }
}
