// Many live samples to at most three: lowest voltage, highest voltage, newest. Keeps spikes visible at any
// rate. Bounded: holds three rows however long nobody takes them. Never invents a row.
import type { LiveFeed } from './feed.ts';
import { type CoalescedRows, type Row, rowAt } from './wire.ts';

export class Coalescer {
  #lowest: Row | null = null;
  #highest: Row | null = null;
  #newest: Row | null = null;
  #represents = 0;
  #atWallMs = 0;

  get isEmpty(): boolean {
    return this.#newest === null;
  }

  /** Adds the rows of a batch from `skip` on. */
  add(batch: LiveFeed, skip: number): void {
    for (let index = skip; index < batch.timeUs.length; index += 1) {
      const row = rowAt(batch, index);
      if (this.#lowest === null || row.voltageNv < this.#lowest.voltageNv) this.#lowest = row;
      if (this.#highest === null || row.voltageNv > this.#highest.voltageNv) this.#highest = row;
      this.#newest = row;
      this.#represents += 1;
    }
    this.#atWallMs = batch.atWallMs;
  }

  /** What was gathered, in order of `seq`, each row once; starts anew. */
  take(): CoalescedRows {
    const rows = [this.#lowest, this.#highest, this.#newest]
      .filter((row) => row !== null)
      .filter((row, index, all) => all.findIndex((other) => other.seq === row.seq) === index)
      .toSorted((a, b) => a.seq - b.seq);
    const result = { rows, represents: this.#represents, atWallMs: this.#atWallMs };
    this.#lowest = null;
    this.#highest = null;
    this.#newest = null;
    this.#represents = 0;
    return result;
  }
}
