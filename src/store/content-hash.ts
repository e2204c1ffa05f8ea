// The content hash of a run: SHA-256 over the digests of the tables of the experiment, without wall times and
// identifiers. Equal for equal experiments.
import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { digestTable, finish, type TableDigest } from './table-digest.ts';

const CONTENT_TABLES = ['sample', 'step_log', 'half_cycle', 'event'] as const;

/** SHA-256 over one line `table rows sha256` for each table of the experiment. */
export function contentHash(db: Database.Database): string {
  return contentHashOfDigests(CONTENT_TABLES.map((table) => finish(digestTable(db, table))));
}

/** The same from digests at hand, e.g. the rows of `seal`. Throws where a table is missing. */
export function contentHashOfDigests(digests: readonly TableDigest[]): string {
  const hash = createHash('sha256');
  for (const table of CONTENT_TABLES) {
    const digest = digests.find((candidate) => candidate.table === table);
    if (digest === undefined) throw new RangeError(`digest of ${table} is missing`);
    hash.update(`${table} ${digest.rows} ${digest.sha256}\n`);
  }
  return hash.digest('hex');
}
