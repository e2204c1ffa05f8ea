// Goal: the pyramid never lies: every extreme of the samples is in it, and in every plot drawn from it.
// Method: random cuts, gaps and restarts against plain SQL over the samples.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalAt, randomKey } from '../../../src/base/prng.ts';
import type { SampleColumns } from '../../../src/samples/sample-buffer.ts';
import type { PlotSeries } from '../../../src/store/plot.ts';
import { openRunReader, type RunReader } from '../../../src/store/readers.ts';
import { createRunDatabase, openRunDatabase } from '../../../src/store/run-database.ts';
import { commitOf, descriptionOf, temporaryFolder } from './fixtures.ts';

type Act =
  | { readonly type: 'samples' | 'gap'; readonly count: number }
  | { readonly type: 'restart' | 'failure' };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('samples'), count: fc.integer({ min: 1, max: 1500 }) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('gap'), count: fc.integer({ min: 1, max: 9000 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('restart', 'failure') }) },
);

describe('the pyramid', () => {
  it('equals brute force for any cuts, gaps, failures and restarts', () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 1, maxLength: 25 }), (acts) => {
        const path = storedRun(acts);
        expect(selectAll(path, 'SELECT * FROM rollup ORDER BY level, bucket')).toEqual(bruteForce(path));
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it('reaches its third level', () => {
    const acts: Act[] = Array.from({ length: 300 }, () => ({ type: 'samples', count: 1000 }));
    const path = storedRun(acts);
    expect(selectAll(path, 'SELECT * FROM rollup WHERE level = 3')).toHaveLength(1);
    expect(selectAll(path, 'SELECT * FROM rollup ORDER BY level, bucket')).toEqual(bruteForce(path));
  });
});

describe('a plot', () => {
  const acts: Act[] = Array.from({ length: 60 }, (_, index) => ({
    type: index % 9 === 4 ? 'gap' : 'samples',
    count: 1 + ((index * 7919) % 1500),
  }));

  it('keeps the extremes of any window within its number of points', () => {
    const path = storedRun(acts);
    const reader = openRunReader(path);
    const endUs = (reader.storedSeq() + 10) * 100_000;
    fc.assert(
      fc.property(window(endUs), fc.integer({ min: 16, max: 2000 }), ([fromUs, toUs], points) => {
        const plot = reader.plot({ fromUs, toUs, points });
        expect(plot.startUs.length).toBeLessThanOrEqual(points);
        expect(summaryOf(plot)).toEqual(summaryInSql(path, fromUs, toUs));
        expect(isRising(plot)).toBe(true);
      }),
      { numRuns: 150, seed: 2 },
    );
  });

  it('is the samples themselves where few are asked about', () => {
    const reader = openRunReader(storedRun([{ type: 'samples', count: 500 }]));
    const plot = reader.plot({ fromUs: 1_000_000, toUs: 2_000_000, points: 100 });
    expect(plot.level).toBe(0);
    expect(plot.voltageMinNv).toEqual(reader.samplesFrom(10, 11).voltageNv);
    expect(plot.voltageMaxNv).toEqual(plot.voltageMinNv);
    expect(plot.startUs).toEqual(plot.endUs);
  });

  it.each<readonly [string, number, number]>([
    ['before the run', -10, -1],
    ['after the run', 1e12, 2e12],
    ['the wrong way round', 2_000_000, 1_000_000],
  ])('is empty %s', (_name, fromUs, toUs) => {
    const reader: RunReader = openRunReader(storedRun([{ type: 'samples', count: 500 }]));
    expect(reader.plot({ fromUs, toUs, points: 100 }).startUs).toEqual([]);
  });
});

function window(endUs: number): fc.Arbitrary<readonly [number, number]> {
  const time = fc.integer({ min: 0, max: endUs });
  return fc.tuple(time, time).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
}

function storedRun(acts: readonly Act[]): string {
  const path = join(temporaryFolder(), 'run.db');
  const created = createRunDatabase({ path, durability: 'off' }, descriptionOf());
  if (!created.ok) throw new Error(created.detail);
  let { database } = created;
  for (const step of acts) {
    const firstSeq = database.nextSeq;
    switch (step.type) {
      case 'samples':
        database.commit(commitOf({ samples: noise(firstSeq, step.count) }));
        break;
      case 'gap':
        database.commit(commitOf({ gaps: [{ firstSeq, count: step.count, reason: 'ring' }] }));
        break;
      case 'failure': {
        const stepsEnded = [
          { stepNumber: 9, endUs: 1, endNetChargeNc: 0, lastSeq: 1, voltageNv: 0, currentPa: 0 },
        ].map((row) => ({ ...row, reason: 'off' as const }));
        const commit = commitOf({ samples: noise(firstSeq, 700), stepsEnded });
        assertThrows(() => database.commit(commit));
        break;
      }
      case 'restart': {
        database.close();
        const again = openRunDatabase({ path, durability: 'off' });
        if (!again.ok) throw new Error(again.detail);
        ({ database } = again);
        break;
      }
    }
  }
  database.close();
  return path;
}

function assertThrows(run: () => unknown): void {
  try {
    run();
  } catch {
    return;
  }
  throw new Error('the commit was to fail');
}

/** 10 Hz; now and then nothing was measured, sometimes for more than a bucket. */
function noise(firstSeq: number, count: number): SampleColumns {
  const key = randomKey(3, 'pyramid');
  const column = (value: (seq: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, index) => value(firstSeq + index));
  const isMeasured = (seq: number): boolean => seq % 1000 > 150 || seq % 7 === 0;
  return {
    firstSeq,
    count,
    timeUs: column((seq) => seq * 100_000),
    voltageNv: column((seq) => (isMeasured(seq) ? Math.round(1e6 * normalAt(key, seq)) : Number.NaN)),
    currentPa: column((seq) => (seq % 1000 > 300 ? Math.round(1e6 * normalAt(key, -seq)) : Number.NaN)),
    netChargeNc: column((seq) => seq),
    step: column(() => 1),
    flags: column(() => 0),
  };
}

function bruteForce(path: string): unknown[] {
  const levels = [64, 4096, 262_144].map(
    (size, index) =>
      `SELECT ${index + 1} AS level, (seq - 1) / ${size} AS bucket, count(*) AS n, min(t_us) AS t0,
         max(t_us) AS t1, min(v_nv) AS vmin, max(v_nv) AS vmax, min(i_pa) AS imin, max(i_pa) AS imax
       FROM sample WHERE (seq - 1) / ${size} < (SELECT (next_seq - 1) / ${size} FROM checkpoint)
       GROUP BY (seq - 1) / ${size}`,
  );
  return selectAll(path, `${levels.join(' UNION ALL ')} ORDER BY 1, 2`);
}

function summaryInSql(path: string, fromUs: number, toUs: number): unknown {
  const [row] = selectAll(
    path,
    `SELECT count(*) AS n, min(v_nv) AS vmin, max(v_nv) AS vmax, min(i_pa) AS imin, max(i_pa) AS imax
     FROM sample WHERE t_us >= ${fromUs} AND t_us <= ${toUs}`,
  );
  return row;
}

function summaryOf(plot: PlotSeries): unknown {
  return {
    n: plot.count.reduce((sum, n) => sum + n, 0),
    vmin: extreme(plot.voltageMinNv, Math.min),
    vmax: extreme(plot.voltageMaxNv, Math.max),
    imin: extreme(plot.currentMinPa, Math.min),
    imax: extreme(plot.currentMaxPa, Math.max),
  };
}

function extreme(
  column: readonly (number | null)[],
  choose: (a: number, b: number) => number,
): number | null {
  return column.reduce(
    (best, value) => (best === null ? value : value === null ? best : choose(best, value)),
    null,
  );
}

function isRising(plot: PlotSeries): boolean {
  return plot.startUs.every((startUs, index) => startUs > (plot.endUs[index - 1] ?? -1));
}

function selectAll(path: string, sql: string): unknown[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}
