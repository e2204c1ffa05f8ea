// Closes a run's file for good: counts and hashes in it, one portable file, read-only on disk.
// Idempotent at every point: a process that dies half-way leaves a file that the next one finishes.
// Never touches a sample.
import { chmodSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { digestTables } from './content-hash.ts';
import type { StoreResult } from './run-store.ts';
import { failureOf, isBusy } from './store-failure.ts';

const READ_ONLY_MODE = 0o444;

export function isMarkedSealed(db: Database.Database): boolean {
  const tables = db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'").pluck().get();
  return tables === 1 && db.prepare("SELECT 1 FROM meta WHERE key = 'sealed'").get() !== undefined;
}

/** Writes the `seal` rows and the mark. Yields between chunks, for other runs have commits waiting. */
export function* writeSeal(db: Database.Database, path: string): Generator<undefined, StoreResult> {
  try {
    if (isMarkedSealed(db)) return { ok: true };
    const digests = yield* digestTables(db);
    db.transaction(() => {
      const insert = db.prepare('INSERT INTO seal ("table", n, sha256) VALUES (?, ?, ?)');
      for (const digest of digests) insert.run(digest.table, digest.rows, digest.sha256);
      db.prepare("INSERT INTO meta (key, value) VALUES ('sealed', 'true')").run();
      db.exec('ANALYZE');
    }).immediate();
    return { ok: true };
  } catch (thrown) {
    return failureOf(thrown, path);
  }
}

/** Empties the WAL into the file, leaves WAL mode, closes, and takes the right to write away. */
export function convertToSingleFile(db: Database.Database, path: string): StoreResult | 'busy' {
  try {
    if (db.open) {
      db.pragma('wal_checkpoint(TRUNCATE)');
      const mode = db.pragma('journal_mode = DELETE', { simple: true });
      if (mode !== 'delete') return 'busy';
      db.close();
    }
    chmodSync(path, READ_ONLY_MODE);
    return { ok: true };
  } catch (thrown) {
    return isBusy(thrown) ? 'busy' : failureOf(thrown, path);
  }
}
