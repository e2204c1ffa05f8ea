// Goal: after an I/O error at COMMIT only the file decides what is stored, also where it cannot be opened
// for a while. Method: a real file behind a connection whose COMMIT fails; a folder in its place until it
// is back.
import { mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { AssertionFailed } from '../../../src/base/assert.ts';
import { openDatabase } from '../../../src/store/open-database.ts';
import { openRunReader } from '../../../src/store/readers.ts';
import { createRunDatabase, RunDatabase } from '../../../src/store/run-database.ts';
import { commitOf, descriptionOf, temporaryFolder, wholeStep } from './fixtures.ts';

const OK = { ok: true };

interface Doubted {
  readonly path: string;
  readonly database: RunDatabase;
  /** Until then the file cannot be opened. */
  readonly comeBack: () => void;
}

/** The first COMMIT fails, before or after it has stored; the file is gone in that moment. */
function doubted(when: 'before' | 'after'): Doubted {
  const path = join(temporaryFolder(), 'run.db');
  const made = createRunDatabase({ path, durability: 'full' }, descriptionOf());
  if (made.ok) made.database.close();
  const result = openDatabase({ path, schema: 'run', durability: 'full' });
  if (!result.ok) throw new Error(result.detail);
  const files = ['', '-wal', '-shm'].map((suffix) => `${path}${suffix}`);
  const move = (from: string, to: string): void => {
    for (const file of files) {
      try {
        renameSync(`${file}${from}`, `${file}${to}`);
      } catch {
        // SQLite removes the two files beside it as it likes.
      }
    }
  };
  const goAway = (): void => {
    move('', '.away');
    mkdirSync(path);
  };
  const comeBack = (): void => {
    rmdirSync(path);
    move('.away', '');
  };
  const database = new RunDatabase({ path, durability: 'full' }, failingAtCommit(result.db, when, goAway));
  return { path, database, comeBack };
}

it.each(['before', 'after'] as const)(
  'a file that cannot be opened again is tried with each commit, and then has it once (%s it was stored)',
  (when) => {
    const { path, database, comeBack } = doubted(when);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(database.commit(wholeStep(1))).toMatchObject({
        ok: false,
        code: 'STORE_FAILED',
        detail: expect.stringMatching(/SQLITE_IOERR_FSYNC.*cannot be opened again/),
      });
    }
    comeBack();
    expect(database.commit(wholeStep(1))).toEqual(OK);
    expect(database.commit(wholeStep(2))).toEqual(OK);
    expect(openRunReader(path).storedSeq()).toBe(720);
    expect(openRunReader(path).steps(1, 10)).toHaveLength(2);
  },
);

it('what a reader keeps from being synced counts when the reader has gone', () => {
  const { path, database, comeBack } = doubted('after');
  database.commit(wholeStep(1));
  comeBack();
  const reader = new Database(path, { readonly: true });
  const page = reader.prepare('SELECT count(*) FROM sample').pluck();
  reader.exec('BEGIN');
  expect(page.get()).toBe(360);
  const failure = { ok: false, detail: expect.stringMatching(/could not be synced yet/) };
  expect(database.commit(wholeStep(1))).toMatchObject(failure);
  reader.close();
  expect(database.commit(wholeStep(1))).toEqual(OK);
  expect(openRunReader(path).storedSeq()).toBe(360);
});

it('another commit than the one in doubt contradicts the file, if that one was stored', () => {
  const { database, comeBack } = doubted('after');
  database.commit(wholeStep(1));
  comeBack();
  const other = commitOf({ events: [{ timeUs: 1, kind: 'note', detail: {} }] });
  expect(() => database.commit(other)).toThrow(AssertionFailed);
  expect(database.commit(wholeStep(2))).toEqual(OK);
});

it('a file that holds less than was acknowledged is the end of its run: no retry helps', () => {
  const { path, database, comeBack } = doubted('before');
  database.commit(wholeStep(1));
  comeBack();
  const restored = new Database(path);
  restored.exec('UPDATE checkpoint SET commits = 7');
  restored.close();
  expect(database.commit(wholeStep(1))).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/the file holds 7 commits, not 0/),
    isFinal: true,
  });
});

/** The same connection, whose first COMMIT fails as a disk does: nobody knows what it wrote. */
function failingAtCommit(
  db: Database.Database,
  when: 'before' | 'after',
  failed: () => void,
): Database.Database {
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
        failed();
        throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
      },
    };
  }
}
