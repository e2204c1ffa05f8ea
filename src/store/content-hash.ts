// Canonical bytes of the tables of a run and their SHA-256, for the seal and the content hash. A row is the
// JSON array of its columns, rows are joined by line feeds; SQLite itself writes the text (3 times as fast as
// fetching rows), in chunks, and the caller may pause between them. Any sqlite3 repeats it:
//   sqlite3 -readonly run.db 'select json_array(seq, …) from sample order by seq' | head -c -1 | sha256sum
import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';

/** Columns that are hashed, in order; the first is a number that orders the rows and is never NULL. */
export const CANONICAL_COLUMNS = {
  sample: ['seq', 't_us', 'v_nv', 'i_pa', 'q_nc', 'step', 'flags'],
  step_log: [
    ...['step', 'program_step', 'phase', 'cycle', 'half', 'completes_cycle', 'mode', 'setpoint_pa'],
    ...['duration_max_us', 'limits', 'record', 'allows_look_ahead', 'start_us', 'start_q_nc', 'first_seq'],
    ...['end_us', 'end_q_nc', 'charge_nc', 'last_seq', 'reason', 'end_v_nv', 'end_i_pa'],
  ],
  half_cycle: [
    ...['number', 'cycle', 'phase', 'half', 'step', 'start_us', 'end_us', 'charge_nc', 'end_q_nc', 'reason'],
    ...['plateau_nv', 'tip_nv', 'end_nv', 'is_interrupted'],
  ],
  event: ['id', 't_us', 'kind', 'detail'],
  command: ['number', 'command', 'tree', 'result'],
  clock_sync: ['id', 't_us', 'wall_ms', 'source', 'error_us'],
  gap: ['first_seq', 'count', 'reason'],
  impedance: ['id', 'step', 't_us', 'f_mhz', 're_uohm', 'im_uohm'],
  aux: ['id', 't_us', 'error_us', 'name', 'kind', 'temperature_uk', 'text'],
} as const;

export type DigestedTable = keyof typeof CANONICAL_COLUMNS;

export interface TableDigest {
  readonly table: DigestedTable;
  readonly rows: number;
  readonly sha256: string;
}

/** What the content hash covers: the experiment, without wall times and identifiers. */
const CONTENT_TABLES: readonly DigestedTable[] = ['sample', 'step_log', 'half_cycle', 'event'];
const ROWS_A_CHUNK = 8192;

/** Digests one table; yields after each chunk. */
export function* digestTable(db: Database.Database, table: DigestedTable): Generator<undefined, TableDigest> {
  const columns: readonly string[] = CANONICAL_COLUMNS[table];
  const [key] = columns;
  const chunk = db.prepare<[number, number], Chunk>(
    `SELECT count(*) AS rows, max(key) AS last, CAST(group_concat(line, char(10)) AS BLOB) AS bytes FROM
       (SELECT ${key} AS key, json_array(${columns.join(', ')}) AS line FROM ${table}
        WHERE ${key} > ? ORDER BY ${key} LIMIT ?)`,
  );
  const hash = createHash('sha256');
  let rows = 0;
  let last = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const found = chunk.get(last, ROWS_A_CHUNK);
    if (found === undefined || found.last === null || found.bytes === null) break;
    if (rows > 0) hash.update('\n');
    hash.update(found.bytes);
    rows += found.rows;
    last = found.last;
    yield;
  }
  return { table, rows, sha256: hash.digest('hex') };
}

interface Chunk {
  readonly rows: number;
  readonly last: number | null;
  readonly bytes: Buffer | null;
}

/** Digests every table that is sealed; yields after each chunk. */
export function* digestTables(db: Database.Database): Generator<undefined, TableDigest[]> {
  const digests: TableDigest[] = [];
  for (const table of digestedTables()) digests.push(yield* digestTable(db, table));
  return digests;
}

export function digestedTables(): DigestedTable[] {
  return Object.keys(CANONICAL_COLUMNS).filter(isDigestedTable);
}

export function isDigestedTable(name: string): name is DigestedTable {
  return name in CANONICAL_COLUMNS;
}

/** Runs a digest without pausing. */
export function finish<Result>(steps: Generator<undefined, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * SHA-256 over one line `table rows sha256` for each table of the experiment. Equal for equal experiments.
 */
export function contentHash(db: Database.Database): string {
  return contentHashOfDigests(CONTENT_TABLES.map((table) => finish(digestTable(db, table))));
}

/** The same from digests at hand, e.g. the rows of `seal`. Undefined where a table is missing. */
export function contentHashOfDigests(digests: readonly TableDigest[]): string {
  const hash = createHash('sha256');
  for (const table of CONTENT_TABLES) {
    const digest = digests.find((candidate) => candidate.table === table);
    if (digest === undefined) throw new RangeError(`digest of ${table} is missing`);
    hash.update(`${table} ${digest.rows} ${digest.sha256}\n`);
  }
  return hash.digest('hex');
}
