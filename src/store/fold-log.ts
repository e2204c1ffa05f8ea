// Moves a write-ahead log that has grown into its database and empties it in the same breath. SQLite by
// itself leaves the log as it is until the next commit writes over it; damage to it in that time (a disk that
// lies) would mix old pages of the log with new ones of the database. So a damaged log always means a prefix.
import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { codeOf } from './store-failure.ts';

/** Below the 1000 pages at which SQLite would do its part of it by itself. */
const LOG_BYTES = 3_500_000;

/** After a commit. Puts it off while a reader holds the log, or where there is no room: the log goes on. */
export function foldLog(db: Database.Database, path: string): void {
  const bytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes < LOG_BYTES) return;
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
  } catch (thrown) {
    // The commit is in the log, and the log is whole: what could not be moved now is moved later.
    if (!codeOf(thrown).startsWith('SQLITE_')) throw thrown;
  }
}
