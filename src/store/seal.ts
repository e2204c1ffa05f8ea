// Closes a run's file for good: counts and hashes in it, one portable file that holds its own digest,
// read-only on disk. Idempotent at every point: a process that dies half-way leaves a file that the next one
// finishes. Never touches a sample.
//
//   open --writeSeal--> marked --convertToSingleFile--> no WAL --stampSeal--> digest in it, read-only
import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { type BlockChain, createBlockTable } from './block-chain.ts';
import { stampFile } from './file-digest.ts';
import { type Durability, openReadOnly } from './open-database.ts';
import type { StoreResult } from './run-store.ts';
import { failureOf, isBusy, type StoreFailure } from './store-failure.ts';
import { digestedTables, digestTable, finish, type TableDigest } from './table-digest.ts';
import { compactWire } from './wire-rows.ts';

/** Rows of `seal` that are no table: see migrations/run/004-block.sql. */
export const HEAD_ROW = '(head)';
export const FILE_ROW = '(file)';

export type SealedResult = { readonly ok: true; readonly head: string | null } | StoreFailure;

export interface SealedFile {
  readonly ok: false;
  readonly code: 'SEALED';
  readonly detail: string;
  /** null: sealed by an earlier galvanode, which made none. */
  readonly head: string | null;
}

const READ_ONLY_MODE = 0o444;

export function isMarkedSealed(db: Database.Database): boolean {
  const tables = db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'").pluck().get();
  return tables === 1 && db.prepare("SELECT 1 FROM meta WHERE key = 'sealed'").get() !== undefined;
}

export interface SealOrder {
  readonly path: string;
  /** As it stands after the last commit. */
  readonly chain: BlockChain;
  readonly nextSeq: number;
}

/** Writes the `seal` rows and the mark. Yields between chunks, for other runs have commits waiting. */
export function* writeSeal(db: Database.Database, order: SealOrder): Generator<undefined, StoreResult> {
  try {
    // Closed: it was sealed, and only the stamp is missing.
    if (!db.open || isMarkedSealed(db)) return { ok: true };
    const blocks = createBlockTable(db);
    let { chain } = order;
    for (;;) {
      const grown = db.transaction(() => chain.grownTo(order.nextSeq, blocks)).immediate();
      if (grown === chain) break;
      chain = grown;
      yield;
    }
    db.transaction(() => compactWire(db)).immediate();
    // What is digested here does not change any more; the rest is small and waits for the transaction.
    const digests: TableDigest[] = [];
    for (const table of digestedTables(db)) {
      const isLast = table === 'sample' || LAST_TABLES.includes(table);
      if (!isLast) digests.push(yield* digestTable(db, table));
    }
    if (!chain.hasDigest) digests.push(yield* digestTable(db, 'sample'));
    db.transaction(() => markSealed(db, chain.ended(blocks), digests)).immediate();
    return { ok: true };
  } catch (thrown) {
    return failureOf(thrown, order.path);
  }
}

/** The last block and the mark are rows of these. */
const LAST_TABLES = ['block', 'meta'];

function markSealed(db: Database.Database, chain: BlockChain, digests: readonly TableDigest[]): void {
  db.prepare("INSERT INTO meta (key, value) VALUES ('sealed', 'true')").run();
  const last = LAST_TABLES.map((table) => finish(digestTable(db, table)));
  const sample = chain.sampleDigest();
  const all = [...digests, ...last, ...(sample === null ? [] : [sample])];
  const head = headOf(all);
  const insert = db.prepare('INSERT INTO seal ("table", n, sha256) VALUES (?, ?, ?)');
  for (const { table, rows, sha256 } of all) insert.run(table, rows, sha256);
  insert.run(HEAD_ROW, all.length, head);
  insert.run(FILE_ROW, 1, blankOf(head));
  db.exec('ANALYZE');
}

/** SHA-256 over one line `table rows sha256` for each table, in order of their names. */
export function headOf(digests: readonly TableDigest[]): string {
  const hash = createHash('sha256');
  const lines = digests.map(({ table, rows, sha256 }) => `${table} ${rows} ${sha256}\n`);
  for (const line of lines.sort()) hash.update(line);
  return hash.digest('hex');
}

/** Stands in the place of the file's digest until that is known; nothing else in the file looks like it. */
function blankOf(head: string): string {
  return createHash('sha256').update(`place of the digest of the file ${head}`).digest('hex');
}

/** Empties the WAL into the file, leaves WAL mode, and closes. `busy`: a reader holds the file. */
export function convertToSingleFile(db: Database.Database, path: string): StoreResult | 'busy' {
  try {
    if (db.open) {
      db.pragma('wal_checkpoint(TRUNCATE)');
      const mode = db.pragma('journal_mode = DELETE', { simple: true });
      if (mode !== 'delete') return 'busy';
      db.close();
    }
    return { ok: true };
  } catch (thrown) {
    return isBusy(thrown) ? 'busy' : failureOf(thrown, path);
  }
}

/** Writes the digest of the file into it and takes the right to write away. Yields between pieces. */
export function* stampSeal(path: string, durability: Durability): Generator<undefined, SealedResult> {
  try {
    const { head, file } = readSealValues(path);
    if (head !== null && file === blankOf(head)) yield* stampFile(path, file, durability);
    chmodSync(path, READ_ONLY_MODE);
    return { ok: true, head };
  } catch (thrown) {
    return failureOf(thrown, path);
  }
}

/**
 * For a file whose mark was set by a process that may have died before it was done. `db`: the file as it is
 * open, in WAL mode; null: it is a single file.
 */
export function finishSeal(
  db: Database.Database | null,
  options: { readonly path: string; readonly durability: Durability },
): SealedFile | StoreFailure {
  const { path, durability } = options;
  const converted = db === null ? { ok: true as const } : convertToSingleFile(db, path);
  if (converted === 'busy') {
    db?.close();
    const detail = `${path}: sealed, but a reader keeps its -wal file in use`;
    return { ok: false, code: 'STORE_FAILED', detail };
  }
  const stamped = converted.ok ? finish(stampSeal(path, durability)) : converted;
  return stamped.ok
    ? { ok: false, code: 'SEALED', detail: `${path} is sealed`, head: stamped.head }
    : stamped;
}

/**
 * Sealed, and made a single file: not to be opened for writing, which would take it back to WAL. `stampSeal`
 * finishes it where the process that sealed it could not.
 */
export function isPortable(path: string): boolean {
  const db = openReadOnly(path);
  try {
    return isMarkedSealed(db) && db.pragma('journal_mode', { simple: true }) === 'delete';
  } finally {
    db.close();
  }
}

/** Null where an earlier galvanode sealed the file, which knew neither. */
function readSealValues(path: string): { readonly head: string | null; readonly file: string | null } {
  const db = openReadOnly(path);
  try {
    const value = db.prepare<[string], string>('SELECT sha256 FROM seal WHERE "table" = ?').pluck();
    return { head: value.get(HEAD_ROW) ?? null, file: value.get(FILE_ROW) ?? null };
  } finally {
    db.close();
  }
}
