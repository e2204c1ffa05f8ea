// The content hash of a run: SHA-256 over the digests of the tables of the experiment, without wall times and
// identifiers. Equal for equal experiments.
import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { digestedTables, digestTable, finish, type TableDigest } from './table-digest.ts';

const CONTENT_TABLES = ['sample', 'step_log', 'half_cycle', 'event'] as const;
/** Counts only where it has rows, so that a run without such steps has the hash it always had. */
const STEP_MODES = 'step_mode';

/** SHA-256 over one line `table rows sha256` for each table of the experiment. */
export function contentHash(db: Database.Database): string {
  const modes = digestedTables(db).filter((table) => table === STEP_MODES);
  return contentHashOfDigests([...CONTENT_TABLES, ...modes].map((table) => finish(digestTable(db, table))));
}

/** The same from digests at hand, e.g. the rows of `seal`. Throws where a table is missing. */
export function contentHashOfDigests(digests: readonly TableDigest[]): string {
  const hash = createHash('sha256');
  const modes = digests.filter(({ table, rows }) => table === STEP_MODES && rows > 0);
  for (const table of CONTENT_TABLES) {
    const digest = digests.find((candidate) => candidate.table === table);
    if (digest === undefined) throw new RangeError(`digest of ${table} is missing`);
    hash.update(lineOf(digest));
  }
  for (const digest of modes) hash.update(lineOf(digest));
  return hash.digest('hex');
}

function lineOf({ table, rows, sha256 }: TableDigest): string {
  return `${table} ${rows} ${sha256}\n`;
}
