// Goal: a commit is stored whole or not at all, in the file and in memory, whatever goes wrong.
// Method: commit real rows into real files; then full disks, damaged ends, I/O errors, contradictions.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../../src/base/assert.ts';
import { openDatabase } from '../../../src/store/open-database.ts';
import { openRunReader } from '../../../src/store/readers.ts';
import { createRunDatabase, openRunDatabase, RunDatabase } from '../../../src/store/run-database.ts';
import {
  beganOf,
  commitOf,
  descriptionOf,
  endedOf,
  samplesOf,
  temporaryFolder,
  wholeStep,
} from './fixtures.ts';

const OK = { ok: true };

describe('a run database', () => {
  it('reads in volts, amperes, seconds and ampere-hours', () => {
    const { database, path } = created();
    expect(database.commit(wholeStep(1))).toEqual(OK);
    const samples = samplesOf(1, 1);
    expect(selectAll(path, 'SELECT * FROM samples LIMIT 1')).toEqual([
      {
        seq: 1,
        time_s: 10,
        voltage_V: (samples.voltageNv[0] ?? 0) / 1e9,
        current_A: (samples.currentPa[0] ?? 0) / 1e12,
        charge_Ah: 11_300 / 3.6e12,
        step: 1,
        cycle: 1,
      },
    ]);
  });

  it('explains itself in meta', () => {
    const { path } = created();
    expect(openRunReader(path).meta()).toMatchObject({
      is_simulated: true,
      protocol: { name: 'symmetric-cycling', version: 1 },
      cell: { areaCm2: 1.13, sampleId: 'Zn-42' },
      units: { v_nv: 'nanovolt, working electrode against the other' },
      sign_convention: expect.stringContaining('current > 0 oxidises'),
      seed: 7,
    });
  });

  it('stores whole numbers as whole numbers and what was not measured as NULL', () => {
    const { database, path } = created();
    const samples = samplesOf(1, 40);
    samples.voltageNv[35] = Number.NaN;
    expect(database.commit(commitOf({ samples }))).toEqual(OK);
    const types =
      'SELECT DISTINCT typeof(seq) || typeof(t_us) || typeof(v_nv) || typeof(flags) t FROM sample';
    expect(selectAll(path, types)).toEqual([
      { t: 'integerintegerintegerinteger' },
      { t: 'integerintegernullinteger' },
    ]);
  });

  it('takes columns that are longer than what is in them', () => {
    const { database, path } = created();
    expect(database.commit(commitOf({ samples: { ...samplesOf(1, 1000), count: 7 } }))).toEqual(OK);
    expect(database.nextSeq).toBe(8);
    expect(selectAll(path, 'SELECT count(*) AS n, max(seq) AS last FROM sample')).toEqual([
      { n: 7, last: 7 },
    ]);
  });

  it('goes on after a restart where it was', () => {
    const { database, path } = created();
    database.commit(wholeStep(1));
    database.close();
    const again = opened(path);
    expect([again.nextSeq, again.commits]).toEqual([361, 1]);
    expect(again.commit(wholeStep(2))).toEqual(OK);
    expect(openRunReader(path).storedSeq()).toBe(720);
  });

  it('fills recorded absences, and nothing else, with nothing', () => {
    const { database, path } = created();
    database.commit(commitOf({ samples: samplesOf(1, 10) }));
    expect(database.commit(commitOf({ gaps: [{ firstSeq: 11, count: 5, reason: 'ring' }] }))).toEqual(OK);
    expect(database.commit(commitOf({ samples: samplesOf(16, 10) }))).toEqual(OK);
    const reader = openRunReader(path);
    expect(reader.gaps()).toEqual([{ firstSeq: 11, count: 5, reason: 'ring' }]);
    expect(reader.samplesFrom(9, 4).seq).toEqual([9, 10, 16, 17]);
  });

  it('takes gaps and samples of one commit in order of their numbers', () => {
    const { database } = created();
    const gaps = [
      { firstSeq: 8, count: 2, reason: 'after' },
      { firstSeq: 1, count: 4, reason: 'before' },
    ];
    expect(database.commit(commitOf({ samples: samplesOf(5, 3), gaps }))).toEqual(OK);
    expect(database.nextSeq).toBe(10);
  });
});

describe('a commit that contradicts the file', () => {
  const contradictions = {
    'leaves a hole in seq': commitOf({ samples: samplesOf(12, 5) }),
    'repeats a seq': commitOf({ samples: samplesOf(10, 5) }),
    'leaves a hole before a gap': commitOf({ gaps: [{ firstSeq: 12, count: 5, reason: 'ring' }] }),
    'turns time back': commitOf({ samples: { ...samplesOf(11, 5), timeUs: new Float64Array(5) } }),
    'has columns of unlike length': commitOf({
      samples: { ...samplesOf(11, 5), flags: new Float64Array(4) },
    }),
    'holds a fraction of a nanovolt': commitOf({
      samples: { ...samplesOf(11, 5), voltageNv: new Float64Array(5).fill(0.5) },
    }),
    'ends a step that never began': commitOf({ stepsEnded: [endedOf(9)] }),
    'begins a step twice': commitOf({ stepsBegan: [beganOf(1), beganOf(1)] }),
    'has a result without an intent': commitOf({ commands: [{ type: 'result', number: 4, result: 'ok' }] }),
  };

  it.each(Object.entries(contradictions))('is an assertion and leaves no trace: %s', (_name, commit) => {
    const { database, path } = created();
    database.commit(commitOf({ samples: samplesOf(1, 10) }));
    const before = openRunReader(path).contentHash();
    const mixed = { ...commit, events: [{ timeUs: 1, kind: 'note', detail: {} }] };
    expect(() => database.commit(mixed)).toThrow(AssertionFailed);
    expect(openRunReader(path).contentHash()).toBe(before);
    expect(database.commit(commitOf({ samples: samplesOf(11, 60) }))).toEqual(OK);
  });
});

describe('a full disk', () => {
  it('refuses the commit as a whole and takes the same commit once there is room', () => {
    const { db, database, path } = createdWithConnection();
    db.pragma('max_page_count = 40');
    let step = 1;
    let result = database.commit(wholeStep(step));
    while (result.ok) {
      step += 1;
      result = database.commit(wholeStep(step));
    }
    expect(result).toMatchObject({ ok: false, code: 'STORE_FULL' });
    const reader = openRunReader(path);
    expect(reader.storedSeq()).toBe((step - 1) * 360);
    expect(reader.steps(1, 100)).toHaveLength(step - 1);
    db.pragma('max_page_count = 100000');
    for (let next = step; next < step + 20; next += 1) expect(database.commit(wholeStep(next))).toEqual(OK);
    expect(rollups(path)).toEqual(bruteForce(path));
  });
});

describe('an I/O error at COMMIT', () => {
  it.each(['before', 'after'] as const)(
    'asks the file whether it holds the commit: %s it was stored',
    (when) => {
      const folder = temporaryFolder();
      const path = join(folder, 'run.db');
      const made = createRunDatabase({ path, durability: 'full' }, descriptionOf());
      if (made.ok) made.database.close();
      const result = openDatabase({ path, schema: 'run', durability: 'full' });
      if (!result.ok) throw new Error(result.detail);
      const database = new RunDatabase({ path, durability: 'full' }, failingAtCommit(result.db, when));
      expect(database.commit(wholeStep(1)).ok).toBe(when === 'after');
      expect(database.nextSeq).toBe(when === 'after' ? 361 : 1);
      const next = when === 'after' ? 2 : 1;
      expect(database.commit(wholeStep(next))).toEqual(OK);
      expect(openRunReader(path).storedSeq()).toBe(next * 360);
    },
  );
});

describe('a crash', () => {
  it('leaves a prefix of the commits, wherever the log was cut', () => {
    const folder = temporaryFolder();
    const { database, path } = created(folder);
    for (let step = 1; step <= 12; step += 1) expect(database.commit(wholeStep(step))).toEqual(OK);
    const wal = readFileSync(`${path}-wal`);
    expect(wal.length).toBeGreaterThan(100_000);
    const seen = new Set<number>();
    for (let trial = 0; trial < 40; trial += 1) {
      const copy = join(folder, `copy-${trial}.db`);
      copyFileSync(path, copy);
      writeFileSync(`${copy}-wal`, wal.subarray(0, Math.round((wal.length * trial) / 39)));
      seen.add(commitsIn(copy));
    }
    expect(seen.size).toBeGreaterThan(8);
    expect(Math.max(...seen)).toBe(12);
  });

  it('leaves a prefix of the commits, wherever a bit of the log was turned', () => {
    const folder = temporaryFolder();
    const { database, path } = created(folder);
    for (let step = 1; step <= 6; step += 1) database.commit(wholeStep(step));
    const wal = readFileSync(`${path}-wal`);
    for (let trial = 0; trial < 30; trial += 1) {
      const copy = join(folder, `copy-${trial}.db`);
      copyFileSync(path, copy);
      const damaged = Buffer.from(wal);
      const place = Math.floor((wal.length * trial) / 30) + 32;
      damaged[place] = (damaged[place] ?? 0) ^ 0x10;
      writeFileSync(`${copy}-wal`, damaged);
      expect(commitsIn(copy)).toBeLessThanOrEqual(6);
    }
  });

  /** Opens what is left, asserts that it is a prefix, and returns how many steps it holds. */
  function commitsIn(path: string): number {
    const db = new Database(path);
    const isBeforeSchema = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
    db.close();
    if (isBeforeSchema || openRunReader(path).meta()['run'] === undefined) return 0;
    const database = opened(path);
    const reader = openRunReader(path);
    const steps = reader.steps(1, 100);
    expect(reader.storedSeq()).toBe(steps.length * 360);
    expect(selectAll(path, 'SELECT count(*) AS n FROM sample')).toEqual([{ n: steps.length * 360 }]);
    expect(reader.halfCycles(1, 100)).toHaveLength(steps.length);
    expect(reader.state().checkpoint?.stepNumber ?? 0).toBe(steps.length);
    expect(rollups(path)).toEqual(bruteForce(path));
    expect(database.commit(wholeStep(steps.length + 1))).toEqual(OK);
    database.close();
    return steps.length;
  }
});

describe('an unfinished file', () => {
  it('is absent rather than half there when creating it fails', () => {
    const path = join(temporaryFolder(), 'absent', 'run.db');
    expect(createRunDatabase({ path, durability: 'full' }, descriptionOf())).toMatchObject({
      code: 'STORE_FAILED',
    });
    expect(existsSync(path)).toBe(false);
  });
});

function created(folder = temporaryFolder()): { database: RunDatabase; path: string } {
  const path = join(folder, 'run.db');
  const result = createRunDatabase({ path, durability: 'full' }, descriptionOf());
  if (!result.ok) throw new Error(result.detail);
  return { database: result.database, path };
}

function createdWithConnection(): { db: Database.Database; database: RunDatabase; path: string } {
  const { database: first, path } = created();
  first.close();
  const result = openDatabase({ path, schema: 'run', durability: 'full' });
  if (!result.ok) throw new Error(result.detail);
  return { db: result.db, database: new RunDatabase({ path, durability: 'full' }, result.db), path };
}

function opened(path: string): RunDatabase {
  const result = openRunDatabase({ path, durability: 'full' });
  if (!result.ok) throw new Error(result.detail);
  return result.database;
}

/** The same connection, whose first COMMIT fails as a disk does: nobody knows what it wrote. */
function failingAtCommit(db: Database.Database, when: 'before' | 'after'): Database.Database {
  return new Proxy(db, {
    get: (target, name) => {
      if (name === 'prepare') return prepare;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

  function prepare(sql: string): unknown {
    const statement = db.prepare(sql);
    if (sql !== 'COMMIT') return statement;
    return {
      run: () => {
        if (when === 'after') statement.run();
        throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
      },
    };
  }
}

function selectAll(path: string, sql: string): unknown[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

function rollups(path: string): unknown[] {
  return selectAll(path, 'SELECT * FROM rollup ORDER BY level, bucket');
}

/** Complete buckets of level 1, from the samples themselves. */
function bruteForce(path: string): unknown[] {
  return selectAll(
    path,
    `SELECT 1 AS level, (seq - 1) / 64 AS bucket, count(*) AS n, min(t_us) AS t0, max(t_us) AS t1,
       min(v_nv) AS vmin, max(v_nv) AS vmax, min(i_pa) AS imin, max(i_pa) AS imax FROM sample
     WHERE (seq - 1) / 64 < (SELECT (next_seq - 1) / 64 FROM checkpoint) GROUP BY bucket
     UNION ALL
     SELECT 2, (seq - 1) / 4096, count(*), min(t_us), max(t_us), min(v_nv), max(v_nv), min(i_pa), max(i_pa)
     FROM sample WHERE (seq - 1) / 4096 < (SELECT (next_seq - 1) / 4096 FROM checkpoint)
     GROUP BY (seq - 1) / 4096`,
  );
}
