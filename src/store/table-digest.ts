// Canonical bytes of a table and their SHA-256, for the seal and the content hash: a row is the JSON array of
// all its columns in order of the schema (BLOBs as hex), rows in order of the primary key, joined by line
// feeds. SQLite itself writes the text (3 times as fast as fetching rows), in chunks. Any sqlite3 repeats it:
//   sqlite3 -readonly run.db 'select json_array(seq, …) from sample order by seq' | head -c -1 | sha256sum
import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { assert } from '../base/assert.ts';

export interface TableDigest {
  readonly table: string;
  readonly rows: number;
  readonly sha256: string;
}

interface Column {
  readonly name: string;
  readonly type: string;
  /** Place in the primary key, from 1; 0: no part of it. */
  readonly pk: number;
}

/** Rows of whole numbers are short; a text or a BLOB may be tens of kilobytes. */
const ROWS_A_CHUNK = { short: 8192, long: 128 };
const LINE_FEED = 0x0a;

/** Digests one table; yields after each chunk. Throws where the table is none, or cannot be read. */
export function* digestTable(db: Database.Database, table: string): Generator<undefined, TableDigest> {
  const columns = columnsOf(db, table);
  const chunkAfter = chunkReader(db, table, columns);
  const hash = createHash('sha256');
  let rows = 0;
  let key: readonly unknown[] | null = null;
  for (;;) {
    const found = chunkAfter(key);
    if (found.bytes === null) break;
    if (rows > 0) hash.update('\n');
    hash.update(found.bytes);
    rows += found.rows;
    const last = keyOfLastLine(found.bytes, columns);
    // In a damaged file the pages of a table may be in no order, and a chunk may come again and again.
    if (key !== null && !isAfter(last, key)) throw new Error('its rows are in no order');
    key = last;
    yield;
  }
  return { table, rows, sha256: hash.digest('hex') };
}

/** The tables that a seal covers: all but `seal` itself and those of SQLite. */
export function digestedTables(db: Database.Database): string[] {
  const sql = `SELECT name FROM sqlite_schema
    WHERE type = 'table' AND name <> 'seal' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`;
  return db.prepare<[], string>(sql).pluck().all();
}

/** Runs a digest without pausing. */
export function finish<Result>(steps: Generator<undefined, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

interface Chunk {
  readonly rows: number;
  /** null: there are no more rows. */
  readonly bytes: Buffer | null;
}

function chunkReader(
  db: Database.Database,
  table: string,
  columns: readonly Column[],
): (key: readonly unknown[] | null) => Chunk {
  const isShort = columns.every(({ type }) => type === 'INTEGER');
  const limit = isShort ? ROWS_A_CHUNK.short : ROWS_A_CHUNK.long;
  const values = columns.map(({ name, type }) => (type === 'BLOB' ? `hex(${quoted(name)})` : quoted(name)));
  const key = keyOf(columns).map(({ name }) => quoted(name));
  const select = (where: string): string => `SELECT count(*) AS rows,
    CAST(group_concat(line, char(10)) AS BLOB) AS bytes FROM (SELECT json_array(${values.join(', ')}) AS line
      FROM ${quoted(table)} ${where} ORDER BY ${key.join(', ')} LIMIT ${limit})`;
  const first = db.prepare<[], Chunk>(select(''));
  const marks = key.map(() => '?').join(', ');
  const next = db.prepare<unknown[], Chunk>(select(`WHERE (${key.join(', ')}) > (${marks})`));
  return (after) => {
    const found = after === null ? first.get() : next.get(...after);
    assert(found !== undefined, 'an aggregate answers one row');
    return found;
  };
}

function columnsOf(db: Database.Database, table: string): Column[] {
  const sql = 'SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid';
  const columns = db.prepare<[string], Column>(sql).all(table);
  if (keyOf(columns).length === 0) throw new Error(`no table "${table}" with a primary key`);
  return columns;
}

function keyOf(columns: readonly Column[]): Column[] {
  return columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
}

/** A line feed within a text is escaped in JSON, so the last line begins behind the last one. */
function keyOfLastLine(bytes: Buffer, columns: readonly Column[]): unknown[] {
  const line = bytes.subarray(bytes.lastIndexOf(LINE_FEED) + 1).toString('utf8');
  const values = JSON.parse(line) as unknown[];
  return keyOf(columns).map((column) => values[columns.indexOf(column)]);
}

function isAfter(a: readonly unknown[], b: readonly unknown[]): boolean {
  const index = a.findIndex((value, at) => value !== b[at]);
  const [left, right] = [a[index], b[index]];
  if (typeof left === 'number' && typeof right === 'number') return left > right;
  // As SQLite compares texts: by their bytes.
  return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right))) > 0 && index >= 0;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
