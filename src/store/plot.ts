// A run's curve between two times in a bounded number of points, from the pyramid: extremes are never lost.
// The middle comes from the coarsest level that is still finer than asked for, grouped to size; the edges,
// which no bucket covers exactly, come from the finer levels. Reads some 64 rows a point at most, whatever
// the run's length.
//
//   from |  raw  | level 1 |   groups of level 2 buckets   | level 1 |  raw  | to
import type Database from 'better-sqlite3';
import { assert } from '../base/assert.ts';
import { PYRAMID_FACTOR, PYRAMID_SIZES } from './pyramid.ts';
import { FIRST_SEQ } from './run-store.ts';

export interface PlotRequest {
  readonly fromUs: number;
  readonly toUs: number;
  /** At most so many points, within [16, 10000]. */
  readonly points: number;
}

/** Columns; each point stands for all samples from `startUs` to `endUs`. null: nothing was measured there. */
export interface PlotSeries {
  /** Level of the middle; 0: made of samples. */
  readonly level: number;
  readonly startUs: readonly number[];
  readonly endUs: readonly number[];
  readonly voltageMinNv: readonly (number | null)[];
  readonly voltageMaxNv: readonly (number | null)[];
  readonly currentMinPa: readonly (number | null)[];
  readonly currentMaxPa: readonly (number | null)[];
  /** Samples behind each point; 1: the point is a sample. */
  readonly count: readonly number[];
}

interface Point {
  readonly n: number;
  readonly t0: number;
  readonly t1: number;
  readonly vmin: number | null;
  readonly vmax: number | null;
  readonly imin: number | null;
  readonly imax: number | null;
}

/** Numbers `from` to `to` - 1, counted from 0, of which `group` make a point; level 0: of samples. */
interface Span {
  readonly level: number;
  readonly from: number;
  readonly to: number;
  readonly group: number;
}

const EDGE_POINTS = 2 * PYRAMID_SIZES.length;
const POINTS_MINIMUM = 16;
const POINTS_MAXIMUM = 10_000;

export function readPlot(db: Database.Database, request: PlotRequest, storedSeq: number): PlotSeries {
  const { fromUs, toUs, points } = request;
  const isInRange = Number.isSafeInteger(points) && points >= POINTS_MINIMUM && points <= POINTS_MAXIMUM;
  assert(isInRange, `a plot has ${POINTS_MINIMUM} to ${POINTS_MAXIMUM} points, found ${points}`);
  const first = createTimeSearch(db, storedSeq);
  // Counted from 0, half open.
  const from = first((timeUs) => timeUs >= fromUs) - FIRST_SEQ;
  const to = first((timeUs) => timeUs > toUs) - FIRST_SEQ;
  const level = levelFor(to - from, points);
  const found = spansOf({ from, to, level, points }).flatMap((span) => readSpan(db, span));
  return {
    level,
    startUs: found.map((point) => point.t0),
    endUs: found.map((point) => point.t1),
    voltageMinNv: found.map((point) => point.vmin),
    voltageMaxNv: found.map((point) => point.vmax),
    currentMinPa: found.map((point) => point.imin),
    currentMaxPa: found.map((point) => point.imax),
    count: found.map((point) => point.n),
  };
}

/** Time never goes back, so the first number whose time fulfils a claim is found by halving. */
function createTimeSearch(
  db: Database.Database,
  storedSeq: number,
): (claim: (timeUs: number) => boolean) => number {
  const next = db.prepare<[number], { seq: number; t_us: number }>(
    'SELECT seq, t_us FROM sample WHERE seq >= ? ORDER BY seq LIMIT 1',
  );
  return (claim) => {
    let low = FIRST_SEQ;
    let high = storedSeq + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const found = next.get(middle);
      if (found === undefined || claim(found.t_us)) high = middle;
      else low = found.seq + 1;
    }
    return low;
  };
}

/** The coarsest level of which the range has more buckets than points are asked for. */
function levelFor(count: number, points: number): number {
  return PYRAMID_SIZES.filter((size) => count / size >= points).length;
}

function sizeOf(level: number): number {
  return PYRAMID_FACTOR ** level;
}

/** Cuts the range into whole buckets of `level` and, around them, of ever finer ones. */
function spansOf(range: { from: number; to: number; level: number; points: number }): Span[] {
  const { from, to, level, points } = range;
  const head: Span[] = [];
  const tail: Span[] = [];
  let start = from;
  let end = to;
  for (let finer = 0; finer < level; finer += 1) {
    const size = sizeOf(finer);
    const coarse = sizeOf(finer + 1);
    const nextStart = Math.ceil(start / coarse) * coarse;
    const nextEnd = Math.floor(end / coarse) * coarse;
    assert(nextStart <= nextEnd, 'a level with more buckets than points has whole ones');
    head.push({ level: finer, from: start / size, to: nextStart / size, group: PYRAMID_FACTOR });
    tail.unshift({ level: finer, from: nextEnd / size, to: end / size, group: PYRAMID_FACTOR });
    start = nextStart;
    end = nextEnd;
  }
  const size = sizeOf(level);
  const group = Math.max(1, Math.ceil((end - start) / size / (level === 0 ? points : points - EDGE_POINTS)));
  return [...head, { level, from: start / size, to: end / size, group }, ...tail];
}

function readSpan(db: Database.Database, span: Span): Point[] {
  if (span.from >= span.to) return [];
  const { from, to, group, level } = span;
  if (level === 0) {
    const sql = `SELECT count(*) AS n, min(t_us) AS t0, max(t_us) AS t1, min(v_nv) AS vmin, max(v_nv) AS vmax,
      min(i_pa) AS imin, max(i_pa) AS imax FROM sample WHERE seq >= ? AND seq < ?
      GROUP BY CAST(seq - ? AS INTEGER) / CAST(? AS INTEGER) ORDER BY seq`;
    const first = from + FIRST_SEQ;
    return db.prepare<number[], Point>(sql).all(first, to + FIRST_SEQ, first, group);
  }
  const sql = `SELECT sum(n) AS n, min(t0) AS t0, max(t1) AS t1, min(vmin) AS vmin, max(vmax) AS vmax,
    min(imin) AS imin, max(imax) AS imax FROM rollup WHERE level = ? AND bucket >= ? AND bucket < ?
    GROUP BY CAST(bucket - ? AS INTEGER) / CAST(? AS INTEGER) ORDER BY bucket`;
  return db.prepare<number[], Point>(sql).all(level, from, to, from, group);
}
