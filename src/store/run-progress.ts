// How far a run's file is, by its own account, and whether its tables bear that out: cheap enough for every
// open. What a file that contradicts itself holds is for `run verify` to say. Never writes.
import type Database from 'better-sqlite3';
import { FIRST_SEQ } from './run-store.ts';

export interface Progress {
  readonly commits: number;
  readonly next_seq: number;
}

/** Throws where the row is missing, or the last sample or gap is not the one that it names. */
export function readProgress(db: Database.Database): Progress {
  const row = db.prepare<[], Progress>('SELECT commits, next_seq FROM checkpoint WHERE id = 1').get();
  if (row === undefined) throw new Error('the file contradicts itself: its checkpoint is missing');
  const last = db
    .prepare<[], number>(
      `SELECT max(ifnull((SELECT max(seq) FROM sample), 0),
         ifnull((SELECT first_seq + count - 1 FROM gap ORDER BY first_seq DESC LIMIT 1), 0))`,
    )
    .pluck()
    .get();
  if (Math.max(last ?? 0, FIRST_SEQ - 1) !== row.next_seq - 1) {
    const found = `its checkpoint says samples up to ${row.next_seq - 1}, found up to ${String(last)}`;
    throw new Error(`the file contradicts itself: ${found}; galvanode run verify says more`);
  }
  return row;
}

/** Throws where the file does not say whose run it is: it was begun, and its beginning was lost. */
export function assertDescribed(db: Database.Database): void {
  if (db.prepare("SELECT 1 FROM meta WHERE key = 'run'").get() === undefined)
    throw new Error('the file says of no run that it is its own');
}

/** Device time of the last sample, us; minus infinity before the first. */
export function readLastTimeUs(db: Database.Database): number {
  const row = db.prepare<[], { t_us: number }>('SELECT t_us FROM sample ORDER BY seq DESC LIMIT 1').get();
  return row?.t_us ?? Number.NEGATIVE_INFINITY;
}
