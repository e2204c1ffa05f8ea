// A world of one story: virtual time, simulated instruments that outlive the daemon, cables, a disk, and one
// daemon process after another. Faults first, then all of them gone; then whoever still runs is let run to
// its end, and what is held is stopped as an operator would.
import { messageOf } from '../../src/base/errors.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { readCatalogRuns } from '../../src/daemon/left-runs.ts';
import { buildInstrument } from './build-instrument.ts';
import { Cable } from './cable.ts';
import { DaemonLife, type Placed } from './daemon-life.ts';
import { carryOut } from './fault-acts.ts';
import { Operator } from './operator.ts';
import type { Story } from './story.ts';
import type { Disk } from './swarm-store.ts';
import { Witness } from './witness.ts';

/** Back to a named state within this, once all faults are gone (I6). */
const CALM_WITHIN_MS = 120_000;
/** What was not noticed by now will not be. */
const SETTLE_MS = 15_000;
const END_WITHIN_MS = 900_000;
/** After that the operator gives up and stops it. */
const RESUMES_MAX = 3;
/** A world that goes round in circles at one instant; a story takes some hundred thousand. */
const STEPS_MAX = 5_000_000;
const RESTART_AFTER_CRASH_MS = 1000;
const CALM_STATES = new Set(['running', 'resting', 'paused', 'holding', 'done', 'stopped', 'failed']);
const DRIVEN_STATES = new Set(['running', 'resting']);
const FINAL_STATES = new Set(['done', 'stopped', 'failed']);

export class World {
  readonly clock = new VirtualClock();
  readonly story: Story;
  readonly witness: Witness;
  readonly disk: Disk;
  readonly placed: readonly Placed[];
  readonly #dataPath: string;
  readonly #operator: Operator;
  #life: DaemonLife;
  #lives = 0;
  #steps = 0;
  #healedAtMs: number | null = null;

  constructor(story: Story, dataPath: string) {
    this.story = story;
    this.#dataPath = dataPath;
    this.witness = new Witness(this.clock, dataPath);
    this.disk = { trouble: null, answerMs: story.store.answerMs, waiting: [] };
    this.placed = story.instruments.map((instrument, index) => this.#place(instrument, index));
    this.clock.advance(story.ageMs);
    this.#life = this.#nextLife();
    this.#operator = new Operator(this);
  }

  /** The daemon that lives now, or died last. */
  get life(): DaemonLife {
    return this.#life;
  }

  get healedAtMs(): number {
    return this.#healedAtMs ?? Number.POSITIVE_INFINITY;
  }

  /** The whole story. What could not be reached in time is in the notes. */
  run(): void {
    const { faults, faultsUntilMs, orders } = this.story;
    this.#operator.start();
    for (const fault of faults) this.clock.after(fault.atMs, () => carryOut(this, fault));
    for (const order of orders) this.clock.after(order.atMs, () => this.#operator.order(order));
    this.#advance(faultsUntilMs);
    this.#heal();
    this.#advance(SETTLE_MS);
    this.#reach('a named state', CALM_WITHIN_MS - SETTLE_MS, (state) => CALM_STATES.has(state));
    this.#reach('an end or a hold', END_WITHIN_MS, (state) => !DRIVEN_STATES.has(state));
    for (let turn = 0; turn < RESUMES_MAX && this.story.whenHeld === 'resume'; turn += 1) {
      if (!this.#operator.resumeWhatIsHeld()) break;
      this.#reach('an end or a hold', END_WITHIN_MS, (state) => !DRIVEN_STATES.has(state));
    }
    this.#operator.stopWhatIsHeld();
    this.#reach('an end after a stop', CALM_WITHIN_MS, (state) => FINAL_STATES.has(state));
    this.#advance(SETTLE_MS);
    this.witness.note(this.#lives, 'over');
    this.#life.kill();
    for (const { device } of this.placed) device.close();
  }

  /** The dead daemon is followed by a new one, unless one lives already. */
  restart(): void {
    if (!this.#life.isDead) return;
    this.#life = this.#nextLife();
  }

  /** The operator stops the run of a channel, should there be one. */
  stop(instrument: string, channel: number): void {
    this.#operator.stop(instrument, channel);
  }

  /** Opens the catalog as the command line does. */
  catalog() {
    return readCatalogRuns(this.#dataPath);
  }

  #place(story: Story['instruments'][number], index: number): Placed {
    const { clock, witness } = this;
    const seed = this.story.seed * 8 + index;
    const { name } = story;
    const device = buildInstrument(story, seed, {
      clock,
      log: { write: (entry) => witness.cell(name, entry), close: () => undefined },
      truth: {
        write: (entry) => {
          if (entry.truth === 'switch') witness.hidden(name, entry);
        },
        close: () => undefined,
      },
    });
    const { latencyMs } = this.story;
    return { story, device, cable: new Cable({ clock, witness, instrument: name, seed, latencyMs }) };
  }

  #nextLife(): DaemonLife {
    this.#lives += 1;
    const { clock: base, disk, placed, story, witness } = this;
    witness.note(this.#lives, 'started');
    const life = new DaemonLife({
      ...{ story, base, disk, placed, witness },
      life: this.#lives,
      dataPath: this.#dataPath,
    });
    life.start();
    return life;
  }

  #heal(): void {
    for (const { cable } of this.placed) cable.heal();
    this.disk.answerMs = this.story.store.answerMs;
    this.diskGoesOn();
    this.#life.spare();
    this.#life.clock.resume('stopped');
    this.restart();
    this.#healedAtMs = this.clock.nowMs();
    this.witness.note(this.#lives, 'healed');
  }

  /** The disk takes data again; what waited for it comes first. */
  diskGoesOn(): void {
    this.disk.trouble = null;
    for (const act of this.disk.waiting.splice(0)) act();
  }

  #advance(durationMs: number): void {
    const endMs = this.clock.nowMs() + durationMs;
    this.#runUntil(() => this.clock.nowMs() >= endMs, endMs);
  }

  #reach(what: string, withinMs: number, isThere: (state: string) => boolean): void {
    const endMs = this.clock.nowMs() + withinMs;
    const isSo = (): boolean => this.#operator.isContent() && this.#states().every(isThere);
    if (this.#runUntil(isSo, endMs)) return;
    const found = this.#life.bench.runs().map(({ run, state, reason }) => `${run} is ${state} (${reason})`);
    this.witness.note(this.#lives, `not reached within ${withinMs} ms: ${what}; ${found.join('; ')}`);
  }

  #states(): string[] {
    return this.#life.bench.runs().map(({ state }) => state);
  }

  #runUntil(isDone: () => boolean, endMs: number): boolean {
    while (!isDone()) {
      if (this.clock.nowMs() > endMs) return false;
      this.#steps += 1;
      if (this.#steps > STEPS_MAX) throw new Error(`no end after ${STEPS_MAX} steps of the clock`);
      try {
        this.clock.step();
      } catch (thrown) {
        this.#crash(thrown);
      }
    }
    return true;
  }

  /** What nobody caught ends a process; its supervisor starts another. */
  #crash(thrown: unknown): void {
    const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
    this.witness.note(
      this.#lives,
      `uncaught: ${messageOf(thrown)} ${stack.split('\n').slice(1, 4).join(' ')}`,
    );
    this.#life.kill();
    this.clock.after(RESTART_AFTER_CRASH_MS, () => this.restart());
  }
}
