// One writer process a data folder. The lock is SQLite's own on an empty database, so it goes with the
// process that had it, however that ended. Never touches a run file.
import { join } from 'node:path';
import Database from 'better-sqlite3';

const WAIT_MS = 30_000;

/**
 * Waits for the writer before this one to end; throws where it does not. Closing the handle gives the lock
 * back.
 */
export function lockDataFolder(dataPath: string): { close(): void } {
  const db = new Database(join(dataPath, 'writer.lock'), { timeout: WAIT_MS });
  // A journal file would need room, and the writer must start on a full disk too.
  db.pragma('journal_mode = MEMORY');
  db.exec('BEGIN EXCLUSIVE');
  return db;
}
