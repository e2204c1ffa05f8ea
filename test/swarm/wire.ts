// One direction of one line: bytes leave in order, each after the latency of the line, through its noise, or
// wait while it is stalled. Must never let one byte overtake another.
import type { Clock } from '../../src/base/clock.ts';
import { noisy, NO_NOISE, piecesOf } from './byte-noise.ts';
import type { Dice } from './dice.ts';
import type { NoiseShares } from './story.ts';

/** Between the two parts of a chunk that was cut; how long one is held back for the next. */
const GAP_MS = 5;
const HELD_MS = 15;

export class Wire {
  readonly #clock: Clock;
  readonly #latencyMs: number;
  readonly #dice: Dice;
  readonly #deliver: (text: string) => void;
  noise: NoiseShares = NO_NOISE;
  /** Bytes vanish. */
  isSilent = false;
  #isStalled = false;
  #waiting = '';
  #held = '';
  /** When the last piece that is on its way arrives. */
  #lastMs = 0;
  #isCut = false;

  constructor(options: {
    readonly clock: Clock;
    readonly latencyMs: number;
    readonly dice: Dice;
    readonly deliver: (text: string) => void;
  }) {
    this.#clock = options.clock;
    this.#latencyMs = options.latencyMs;
    this.#dice = options.dice;
    this.#deliver = options.deliver;
  }

  send(text: string): void {
    if (this.isSilent || this.#isCut) return;
    if (this.#isStalled) {
      this.#waiting += text;
      return;
    }
    const joined = this.#held + noisy(text, this.noise, this.#dice);
    this.#held = '';
    if (this.noise.merge > 0 && this.#dice.chance(this.noise.merge)) return this.#hold(joined);
    for (const piece of piecesOf(joined, this.noise, this.#dice)) this.#depart(piece);
  }

  stall(): void {
    this.#isStalled = true;
  }

  /** What waited comes in one burst. */
  flow(): void {
    this.#isStalled = false;
    const waiting = this.#waiting;
    this.#waiting = '';
    if (waiting !== '') this.send(waiting);
  }

  /** Nothing that is on its way arrives. */
  cut(): void {
    this.#isCut = true;
  }

  /** Runs when everything that was sent before has arrived. */
  whenEmpty(run: () => void): void {
    this.#clock.after(Math.max(this.#latencyMs, this.#lastMs - this.#clock.nowMs()), run);
  }

  #hold(text: string): void {
    this.#held = text;
    this.#clock.after(HELD_MS, () => {
      const held = this.#held;
      this.#held = '';
      if (held !== '') this.#depart(held);
    });
  }

  #depart(text: string): void {
    if (text === '') return;
    const nowMs = this.#clock.nowMs();
    const isBehind = this.#lastMs > nowMs + this.#latencyMs;
    this.#lastMs = isBehind ? this.#lastMs + GAP_MS : nowMs + this.#latencyMs;
    this.#clock.after(this.#lastMs - nowMs, () => {
      if (!this.#isCut) this.#deliver(text);
    });
  }
}
