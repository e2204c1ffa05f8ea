// The min/max pyramid over a run's samples: 64, 4096 and 262 144 numbers a bucket, so that any plot reads
// few rows. Closed buckets are written in the transaction of the samples that closed them; the open one of
// each level lives here. Never written to outside a transaction, and never half: a failed commit drops the
// copy it worked on.
//
//   samples  | 64 | 64 | 64 | .. open      a bucket that closes is folded
//   level 1  |      4096      | .. open    into the open one above it
//   level 2  |           262144 .. open
import type Database from 'better-sqlite3';
import { assert } from '../base/assert.ts';
import type { SampleColumns } from '../samples/sample-buffer.ts';
import { FIRST_SEQ } from './run-store.ts';

export const PYRAMID_FACTOR = 64;
export const PYRAMID_SIZES = [64, 4096, 262_144] as const;

interface Level {
  readonly level: number;
  readonly size: number;
  n: number;
  t0: number;
  t1: number;
  vmin: number;
  vmax: number;
  imin: number;
  imax: number;
}

/** Values of a `rollup` row, in the order of its columns. */
export type RollupRow = readonly (number | null)[];
export type WriteRollup = (row: RollupRow) => void;

type Extremes = Omit<Level, 'level' | 'size'>;

const EMPTY: Readonly<Extremes> = {
  n: 0,
  t0: Infinity,
  t1: -Infinity,
  vmin: Infinity,
  vmax: -Infinity,
  imin: Infinity,
  imax: -Infinity,
};

export class Pyramid {
  /** The number of the next sample; everything below it is folded in. */
  #nextSeq: number;
  readonly #levels: readonly Level[];

  constructor(nextSeq: number, levels: readonly Level[] = emptyLevels()) {
    this.#nextSeq = nextSeq;
    this.#levels = levels;
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  copy(): Pyramid {
    return new Pyramid(
      this.#nextSeq,
      this.#levels.map((level) => ({ ...level })),
    );
  }

  addSamples(samples: SampleColumns, write: WriteRollup): void {
    assert(samples.firstSeq === this.#nextSeq, `pyramid expects ${this.#nextSeq}, found ${samples.firstSeq}`);
    let done = 0;
    while (done < samples.count) {
      const untilEdge = PYRAMID_FACTOR - ((this.#nextSeq - FIRST_SEQ) % PYRAMID_FACTOR);
      const end = Math.min(samples.count, done + untilEdge);
      this.#fold(samples, done, end);
      this.advanceTo(this.#nextSeq + end - done, write);
      done = end;
    }
  }

  /** Moves on over numbers that hold nothing more, closing what ends before `nextSeq`. */
  advanceTo(nextSeq: number, write: WriteRollup): void {
    for (const [index, level] of this.#levels.entries()) {
      const bucket = bucketOf(this.#nextSeq, level.size);
      if (bucket === bucketOf(nextSeq, level.size)) continue;
      if (level.n > 0) {
        write(rowOf(level, bucket));
        const above = this.#levels[index + 1];
        if (above !== undefined) merge(above, level);
      }
      Object.assign(level, EMPTY);
    }
    this.#nextSeq = nextSeq;
  }

  #fold(samples: SampleColumns, from: number, to: number): void {
    const level = this.#levels[0];
    assert(level !== undefined, 'the pyramid has a first level');
    let { vmin, vmax, imin, imax } = level;
    // NaN (not measured) compares false and leaves no trace.
    for (let index = from; index < to; index += 1) {
      const voltageNv = samples.voltageNv[index] ?? Number.NaN;
      const currentPa = samples.currentPa[index] ?? Number.NaN;
      if (voltageNv < vmin) vmin = voltageNv;
      if (voltageNv > vmax) vmax = voltageNv;
      if (currentPa < imin) imin = currentPa;
      if (currentPa > imax) imax = currentPa;
    }
    const t0 = samples.timeUs[from] ?? Number.NaN;
    const t1 = samples.timeUs[to - 1] ?? Number.NaN;
    merge(level, { n: to - from, t0, t1, vmin, vmax, imin, imax });
  }
}

/** The pyramid as it stood when `nextSeq` was stored; reads at most 64 rows a level. */
export function pyramidFromDatabase(db: Database.Database, nextSeq: number): Pyramid {
  const levels = emptyLevels();
  const raw = db.prepare<[number], Extremes>(
    `SELECT count(*) AS n, min(t_us) AS t0, max(t_us) AS t1, min(v_nv) AS vmin, max(v_nv) AS vmax,
            min(i_pa) AS imin, max(i_pa) AS imax FROM sample WHERE seq >= ?`,
  );
  const below = db.prepare<[number, number], Extremes>(
    `SELECT ifnull(sum(n), 0) AS n, min(t0) AS t0, max(t1) AS t1, min(vmin) AS vmin, max(vmax) AS vmax,
            min(imin) AS imin, max(imax) AS imax FROM rollup WHERE level = ? AND bucket >= ?`,
  );
  for (const level of levels) {
    const start = bucketOf(nextSeq, level.size) * level.size;
    const found =
      level.level === 1
        ? raw.get(FIRST_SEQ + start)
        : below.get(level.level - 1, (start / level.size) * PYRAMID_FACTOR);
    if (found !== undefined && found.n > 0) merge(level, withoutNulls(found));
  }
  return new Pyramid(nextSeq, levels);
}

export function bucketOf(seq: number, size: number): number {
  return Math.floor((seq - FIRST_SEQ) / size);
}

function emptyLevels(): Level[] {
  return PYRAMID_SIZES.map((size, index) => ({ level: index + 1, size, ...EMPTY }));
}

function merge(into: Level, from: Extremes): void {
  into.n += from.n;
  into.t0 = Math.min(into.t0, from.t0);
  into.t1 = Math.max(into.t1, from.t1);
  into.vmin = Math.min(into.vmin, from.vmin);
  into.vmax = Math.max(into.vmax, from.vmax);
  into.imin = Math.min(into.imin, from.imin);
  into.imax = Math.max(into.imax, from.imax);
}

function rowOf(level: Level, bucket: number): RollupRow {
  const { n, t0, t1, vmin, vmax, imin, imax } = level;
  return [level.level, bucket, n, t0, t1, ...[vmin, vmax, imin, imax].map(nullIfInfinite)];
}

function nullIfInfinite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** SQL answers NULL for the extremes of nothing. */
function withoutNulls(found: { readonly [Key in keyof Extremes]: number | null }): Extremes {
  const { n, t0, t1, vmin, vmax, imin, imax } = found;
  return {
    n: n ?? EMPTY.n,
    t0: t0 ?? EMPTY.t0,
    t1: t1 ?? EMPTY.t1,
    vmin: vmin ?? EMPTY.vmin,
    vmax: vmax ?? EMPTY.vmax,
    imin: imin ?? EMPTY.imin,
    imax: imax ?? EMPTY.imax,
  };
}
