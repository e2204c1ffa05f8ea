// I1, for what is stored together with samples: each complete bucket of the min/max pyramid is in the file
// and says what its samples say. A pyramid that is committed apart from them is a step behind after a kill.
import type { RollupRow, RunRecord, Trial, Violation } from './evidence.ts';

/** Numbers in a bucket of the first level. */
const BUCKET = 64;

export function checkPyramid({ runs }: Trial): Violation[] {
  return runs.flatMap((record) =>
    wrongBuckets(record)
      .slice(0, 3)
      .map((what) => ({ invariant: 'I1', what: `run ${record.run}: ${what}` })),
  );
}

function wrongBuckets({ gaps, rollups, samples }: RunRecord): string[] {
  const inGaps = gaps.map(({ count, firstSeq }) => firstSeq + count - 1);
  const lastSeq = Math.max(0, samples.seq.at(-1) ?? 0, ...inGaps);
  const stored = new Map(rollups.filter(({ level }) => level === 1).map((row) => [row.bucket, row]));
  const found = bucketsOf(samples);
  return Array.from({ length: Math.floor(lastSeq / BUCKET) }, (_, bucket) => bucket).flatMap((bucket) => {
    const [row, wanted] = [stored.get(bucket), found.get(bucket)];
    if (wanted === undefined || textOf(wanted) === (row === undefined ? '' : textOf(row))) return [];
    return [
      `bucket ${bucket} is ${row === undefined ? 'not stored' : textOf(row)}, its samples: ${textOf(wanted)}`,
    ];
  });
}

type Extremes = Omit<RollupRow, 'level' | 'bucket'>;

function bucketsOf({ currentPa, seq, timeUs, voltageNv }: RunRecord['samples']): Map<number, Extremes> {
  const buckets = new Map<number, Extremes>();
  seq.forEach((number, index) => {
    const bucket = Math.floor((number - 1) / BUCKET);
    const [v, i, t] = [voltageNv[index] ?? 0, currentPa[index] ?? 0, timeUs[index] ?? 0];
    const before = buckets.get(bucket);
    buckets.set(bucket, {
      n: (before?.n ?? 0) + 1,
      t0: before?.t0 ?? t,
      t1: t,
      vmin: Math.min(before?.vmin ?? v, v),
      vmax: Math.max(before?.vmax ?? v, v),
      imin: Math.min(before?.imin ?? i, i),
      imax: Math.max(before?.imax ?? i, i),
    });
  });
  return buckets;
}

function textOf({ n, t0, t1, vmin, vmax, imin, imax }: Extremes): string {
  return [n, t0, t1, vmin, vmax, imin, imax].join(' ');
}
