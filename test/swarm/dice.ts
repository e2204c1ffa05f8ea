// Draws of one seed and one purpose, in turn. The same seed throws the same dice for ever: whatever is drawn
// for one part of a story must not depend on how much another part has drawn.
import { assert } from '../../src/base/assert.ts';
import { randomKey, uniformAt } from '../../src/base/prng.ts';

export class Dice {
  readonly #key: number;
  #draws = 0;

  constructor(seed: number, purpose: string) {
    this.#key = randomKey(seed, purpose);
  }

  /** Uniform in (0, 1). */
  share(): number {
    this.#draws += 1;
    return uniformAt(this.#key, this.#draws);
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.share() * limit);
  }

  /** True in this share of all draws. */
  chance(share: number): boolean {
    return this.share() < share;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    assert(item !== undefined, 'there must be something to pick from');
    return item;
  }

  /** One of the keys, as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries<number>(weights);
    let left = this.share() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    const found = entries.find(([, weight]) => {
      left -= weight;
      return left < 0;
    });
    const name = (Object.keys(weights) as Name[]).find((key) => key === found?.[0]);
    assert(name !== undefined, 'weights must not be empty');
    return name;
  }
}
