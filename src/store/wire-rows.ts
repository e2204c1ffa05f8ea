// The rows of `wire`: lines go in as they come, with the commit they belong to; once there are 64 KiB of them
// they become one compressed row. So a crash loses no line, and no line is compressed twice.
// Knows nothing of what the lines say. Runs inside the commit's transaction; never opens one.
import { deflateSync, inflateSync } from 'node:zlib';
import type Database from 'better-sqlite3';
import { assert } from '../base/assert.ts';

interface WireRow {
  readonly id: number;
  readonly n: number;
  readonly size: number;
  readonly body: Buffer;
}

/** Plain bytes that are worth a row of their own. */
const CHUNK_BYTES = 65_536;
const NEWEST = 'SELECT id, n, size, body FROM wire ORDER BY id DESC';
const INSERT = 'INSERT INTO wire (n, size, body) VALUES (?, ?, ?)';

export function createWireWriter(db: Database.Database): (lines: readonly string[]) => void {
  const insert = db.prepare(INSERT);
  /** After a commit that failed this is too much: a chunk is then a little smaller. */
  let plainBytes = newestPlain(db).reduce((sum, { size }) => sum + size, 0);
  return (lines) => {
    if (lines.length === 0) return;
    const body = Buffer.from(lines.join('\n'));
    plainBytes += body.length;
    if (plainBytes < CHUNK_BYTES) {
      insert.run(lines.length, body.length, body);
      return;
    }
    compactWire(db, lines);
    plainBytes = 0;
  };
}

/** Compresses the newest lines that are not, and those behind them that are in no row yet. */
export function compactWire(db: Database.Database, behind: readonly string[] = []): void {
  const plain = newestPlain(db);
  const [first] = plain;
  if (first !== undefined) db.prepare('DELETE FROM wire WHERE id >= ?').run(first.id);
  const lines = [...plain.flatMap(({ body }) => body.toString().split('\n')), ...behind];
  const insert = db.prepare(INSERT);
  for (const chunk of chunksOf(lines)) {
    const text = Buffer.from(chunk.join('\n'));
    const packed = deflateSync(text);
    insert.run(chunk.length, text.length, packed.length < text.length ? packed : text);
  }
}

export interface WireLines {
  readonly id: number;
  readonly lines: readonly string[];
}

/**
 * The lines of the first row after `afterId`; null: there are none, as in a file from before they were kept.
 */
export function readWireRow(db: Database.Database, afterId: number): WireLines | null {
  const hasTable = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'wire'").get() !== undefined;
  if (!hasTable) return null;
  const row = db
    .prepare<[number], WireRow>('SELECT id, n, size, body FROM wire WHERE id > ? ORDER BY id LIMIT 1')
    .get(afterId);
  if (row === undefined) return null;
  const text = isPlain(row) ? row.body : inflateSync(row.body);
  assert(text.length === row.size, `row ${row.id} of "wire" must hold ${row.size} bytes`);
  return { id: row.id, lines: text.toString().split('\n') };
}

/** Those that are not compressed, in order. */
function newestPlain(db: Database.Database): WireRow[] {
  const found: WireRow[] = [];
  for (const row of db.prepare<[], WireRow>(NEWEST).iterate()) {
    if (!isPlain(row)) break;
    found.unshift(row);
  }
  return found;
}

/** One commit may bring megabytes: rows stay small enough to be read one by one. */
function chunksOf(lines: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const isFull = bytes >= CHUNK_BYTES;
    if (isFull) chunks.push([]);
    bytes = (isFull ? 0 : bytes) + line.length;
    chunks.at(-1)?.push(line);
  }
  return chunks;
}

function isPlain({ size, body }: WireRow): boolean {
  return body.length === size;
}
