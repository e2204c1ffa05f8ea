// Goal: a seal says what any sqlite3 and sha256sum say, is the same however the run came to its end, and can
// be finished by the next process wherever the first one died. Method: the hashes computed by hand; a process
// that is left at every step of the seal.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openCatalogReader } from '../../../src/store/catalog-reader.ts';
import { openRunReader } from '../../../src/store/readers.ts';
import { openRunDatabase, type RunDatabase } from '../../../src/store/run-database.ts';
import { finish } from '../../../src/store/table-digest.ts';
import { verifyRun } from '../../../src/store/verify-run.ts';
import { commitOf, RUN, samplesOf, StoreRig, wholeStep } from './fixtures.ts';

interface BlockRow {
  readonly seq0: number;
  readonly n: number;
  readonly sha256: string;
  readonly prev_sha256: string;
}

describe('a block', () => {
  it('is cut at multiples of 4096 numbers, however the commits were cut', () => {
    const cuts = [[4095, 1, 1], [4096, 1], [1, 4096], [4097], [1000, 3097]];
    const chains = cuts.map((counts) => {
      const rig = new StoreRig();
      let seq = 1;
      for (const count of counts) {
        rig.commit(commitOf({ samples: samplesOf(seq, count) }));
        seq += count;
      }
      rig.seal();
      return blocks(rig.run.path);
    });
    for (const chain of chains) expect(chain).toEqual(chains[0]);
    expect(chains[0]?.map(({ seq0, n }) => [seq0, n])).toEqual([
      [1, 4096],
      [4097, 1],
    ]);
  });

  it('has the hash of its number, its count, the block before, and its samples', () => {
    const rig = new StoreRig();
    rig.commit(commitOf({ samples: samplesOf(1, 10_000) }));
    let before = '0'.repeat(64);
    for (const row of blocks(rig.run.path)) {
      const lines = select<string>(
        rig.run.path,
        `SELECT json_array(seq, t_us, v_nv, i_pa, q_nc, step, flags) FROM sample
         WHERE seq BETWEEN ${row.seq0} AND ${row.seq0 + 4095} ORDER BY seq`,
      );
      expect(row.prev_sha256).toBe(before);
      expect(row.sha256).toBe(sha256([JSON.stringify([row.seq0, row.n, before]), ...lines].join('\n')));
      before = row.sha256;
    }
    expect(blocks(rig.run.path)).toHaveLength(2);
  });

  it('is stored with the commit that completes it, and not before', () => {
    const rig = new StoreRig();
    rig.commit(commitOf({ samples: samplesOf(1, 4095) }));
    expect(blocks(rig.run.path)).toEqual([]);
    rig.commit(commitOf({ samples: samplesOf(4096, 1) }));
    expect(blocks(rig.run.path)).toHaveLength(1);
  });

  it('leaves missing numbers out, and is none where all of them are missing', () => {
    const rig = new StoreRig();
    rig.commit(
      commitOf({ samples: samplesOf(1, 10), gaps: [{ firstSeq: 11, count: 20_000, reason: 'ring' }] }),
    );
    rig.commit(commitOf({ samples: samplesOf(20_011, 5000) }));
    expect(blocks(rig.run.path).map(({ seq0, n }) => [seq0, n])).toEqual([
      [1, 10],
      [16_385, 470],
      [20_481, 4096],
    ]);
    rig.seal();
    expect(differences(rig.run.path)).toEqual([]);
  });

  it('is made up for in a file that an earlier galvanode began, a few with each commit', () => {
    const rig = new StoreRig();
    rig.commit(commitOf({ samples: samplesOf(1, 100_000) }));
    rig.commit(commitOf({ samples: samplesOf(100_001, 1) }));
    const path = rig.run.path;
    const whole = blocks(path);
    rig.close();
    const db = new Database(path);
    db.exec('DELETE FROM block');
    db.close();
    const database = opened(path);
    expect(database.commit(commitOf({ samples: samplesOf(100_002, 1) }))).toEqual({ ok: true });
    expect(blocks(path)).toHaveLength(16);
    finish(database.seal());
    expect(blocks(path).slice(0, whole.length)).toEqual(whole);
    database.close();
  });
});

describe('a seal', () => {
  it('has a row for every table, a head over them, and the digest of the file', () => {
    const rig = new StoreRig();
    rig.commit(wholeStep(1));
    rig.seal();
    const { path } = rig.run;
    const rows = select<string>(path, `SELECT "table" || ' ' || n || ' ' || sha256 FROM seal ORDER BY 1`);
    const tables = rows.filter((row) => !row.startsWith('('));
    const all = `SELECT name FROM sqlite_schema
      WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'seal'`;
    expect(tables.map((row) => row.split(' ')[0])).toEqual(select<string>(path, `${all} ORDER BY name`));
    expect(rows).toContain(`(head) ${tables.length} ${sha256(tables.map((row) => `${row}\n`).join(''))}`);
    const digest = rows.find((row) => row.startsWith('(file)'))?.split(' ')[2] ?? '';
    const zeroed = readFileSync(path, 'latin1').replace(digest, '0'.repeat(64));
    expect(digest).toBe(createHash('sha256').update(zeroed, 'latin1').digest('hex'));
  });

  it('is the same where the run was opened again in between', () => {
    const [once, twice] = [new StoreRig(), new StoreRig()];
    for (let step = 1; step <= 24; step += 1) {
      once.commit(wholeStep(step));
      twice.commit(wholeStep(step));
      if (step % 7 === 0) twice.reopen();
    }
    once.seal();
    twice.seal();
    expect(openRunReader(twice.run.path).sealRows()).toEqual(openRunReader(once.run.path).sealRows());
  });
});

describe('a seal whose process died', () => {
  const deaths: Readonly<Record<string, (database: RunDatabase) => void>> = {
    'when some tables were digested': (database) => {
      const steps = database.seal();
      for (let count = 0; count < 5; count += 1) steps.next();
    },
    'when the mark was set': (database) => {
      finish(database.seal());
    },
    'when the file was single': (database) => {
      finish(database.seal());
      database.convertToSingleFile();
    },
    'while the file was being digested': (database) => {
      finish(database.seal());
      database.convertToSingleFile();
      database.stampSeal().next();
    },
    'when all was done but the note in the catalog': (database) => {
      finish(database.seal());
      database.convertToSingleFile();
      finish(database.stampSeal());
    },
  };

  it.each(Object.entries(deaths))('is finished by the next one: %s', (_when, die) => {
    const rig = new StoreRig();
    for (let step = 1; step <= 24; step += 1) rig.commit(wholeStep(step));
    rig.close();
    const database = opened(rig.run.path);
    die(database);
    database.close();
    const again = rig.openAgain();
    if (again.ok) {
      rig.reopen();
      rig.seal();
    }
    expect(differences(rig.run.path)).toEqual([]);
    expect(statSync(rig.run.path).mode & 0o777).toBe(0o444);
    const [head] = select<string>(rig.run.path, `SELECT sha256 FROM seal WHERE "table" = '(head)'`);
    const noted = openCatalogReader(join(rig.dataPath, 'catalog.db')).head(RUN);
    expect(noted).toMatchObject({ isSealed: true, sha256: head });
  });
});

function opened(path: string): RunDatabase {
  const result = openRunDatabase({ path, durability: 'off' });
  if (!result.ok) throw new Error(result.detail);
  return result.database;
}

function differences(path: string): readonly unknown[] {
  const found = verifyRun({ path, noted: () => null, onProgress: () => undefined });
  expect(found.extent).toBe('sealed');
  return found.differences;
}

function blocks(path: string): BlockRow[] {
  const db = new Database(path, { readonly: true });
  const rows = db.prepare<[], BlockRow>('SELECT * FROM block ORDER BY seq0').all();
  db.close();
  return rows;
}

function select<Value>(path: string, sql: string): Value[] {
  const db = new Database(path, { readonly: true });
  const values = db.prepare<[], Value>(sql).pluck().all();
  db.close();
  return values;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
