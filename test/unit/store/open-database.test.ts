// Goal: no database is ever written with weaker settings than promised, and no foreign or newer file is
// touched. Method: open files through the one door, read the settings back, and tamper with version and
// owner.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { newestVersion } from '../../../src/store/migrate.ts';
import { type Durability, openDatabase, openReadOnly } from '../../../src/store/open-database.ts';
import { temporaryFolder } from './fixtures.ts';

const PROMISED = {
  journal_mode: 'wal',
  wal_autocheckpoint: 1000,
  journal_size_limit: 67_108_864,
  foreign_keys: 1,
  temp_store: 2,
  cache_size: -1000,
  mmap_size: 0,
};

describe('a database', () => {
  it.each<Durability>(['full', 'off'])(
    'has every promised pragma on each open, durability %s',
    (durability) => {
      const path = join(temporaryFolder(), 'run.db');
      // better-sqlite3 forgets synchronous=FULL from the second open on.
      for (let turn = 0; turn < 3; turn += 1) {
        const db = open(path, durability);
        const found = Object.fromEntries(Object.keys(PROMISED).map((name) => [name, pragma(db, name)]));
        expect(found).toEqual(PROMISED);
        expect(pragma(db, 'synchronous')).toBe(durability === 'full' ? 2 : 0);
        db.close();
      }
    },
  );

  it('says what it is in its header', () => {
    const path = join(temporaryFolder(), 'run.db');
    const db = open(path);
    expect(pragma(db, 'application_id')).toBe(0x47564e52);
    expect(pragma(db, 'user_version')).toBe(newestVersion('run'));
    db.close();
    expect(readFileSync(path).subarray(68, 72).toString('latin1')).toBe('GVNR');
  });

  it('is left as it is when a newer galvanode wrote it', () => {
    const path = join(temporaryFolder(), 'run.db');
    const known = newestVersion('run');
    const db = open(path);
    db.pragma(`user_version = ${known + 1}`);
    db.close();
    const before = readFileSync(path);
    const result = openDatabase({ path, schema: 'run', durability: 'full' });
    expect(result).toMatchObject({ ok: false, code: 'STORE_NEWER' });
    const told = `has schema ${known + 1}, this galvanode knows ${known}`;
    expect(result).toHaveProperty('detail', expect.stringContaining(told));
    expect(readFileSync(path)).toEqual(before);
  });

  it('is refused when it belongs to something else', () => {
    const folder = temporaryFolder();
    const foreign = new Database(join(folder, 'foreign.db'));
    foreign.exec('CREATE TABLE precious (a)');
    foreign.close();
    writeFileSync(
      join(folder, 'text.db'),
      'not a database at all, but long enough to be taken for one '.repeat(20),
    );
    open(join(folder, 'run.db')).close();
    for (const [name, schema] of [
      ['foreign.db', 'run'],
      ['text.db', 'run'],
      ['run.db', 'catalog'],
    ] as const) {
      const result = openDatabase({ path: join(folder, name), schema, durability: 'full' });
      expect(result).toMatchObject({ ok: false, code: 'STORE_FAILED' });
    }
  });

  it('cannot be written through a reading connection', () => {
    const path = join(temporaryFolder(), 'run.db');
    open(path).close();
    const db = openReadOnly(path);
    expect(() => db.exec('DELETE FROM checkpoint')).toThrow(/readonly/);
    db.close();
  });
});

function open(path: string, durability: Durability = 'full'): Database.Database {
  const result = openDatabase({ path, schema: 'run', durability });
  if (!result.ok) throw new Error(result.detail);
  return result.db;
}

function pragma(db: Database.Database, name: string): unknown {
  return db.pragma(name, { simple: true });
}
