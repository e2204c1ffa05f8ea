// Opens a database file for writing, or for reading only: the pragmas, each set and read back, and the
// migrations. Every open goes through here. better-sqlite3 falls back to synchronous=NORMAL on all opens
// but a file's first, so no pragma may be left to a default.
import Database from 'better-sqlite3';
import { assert } from '../base/assert.ts';
import { migrate, type Schema } from './migrate.ts';
import { failureOf, type StoreFailure } from './store-failure.ts';

export interface OpenOptions {
  readonly path: string;
  readonly schema: Schema;
  /** `off` only in `simulate`: a power cut may then cost the whole file. */
  readonly durability: Durability;
}

export type Durability = 'full' | 'off';

export type OpenDatabaseResult =
  | { readonly ok: true; readonly db: Database.Database }
  | StoreFailure
  | { readonly ok: false; readonly code: 'STORE_NEWER'; readonly detail: string };

/** 3.51.2 and older lose acknowledged commits when two connections write and checkpoint at once. */
const SQLITE_MINIMUM = [3, 51, 3] as const;
const READ_TIMEOUT_MS = 5000;
/** A run has one writer: nobody to wait for, and waiting would hold up every other run of the process. */
const WRITE_TIMEOUT_MS: Readonly<Record<Schema, number>> = { run: 0, catalog: 2000 };

const SYNCHRONOUS: Readonly<Record<Durability, number>> = { full: 2, off: 0 };
const TEMP_STORE_MEMORY = 2;
const PRAGMAS: readonly (readonly [name: string, value: string | number])[] = [
  ['journal_mode', 'wal'],
  ['wal_autocheckpoint', 1000],
  ['journal_size_limit', 67_108_864],
  ['foreign_keys', 1],
  ['temp_store', TEMP_STORE_MEMORY],
  // KiB. 256 runs may be open at once.
  ['cache_size', -1000],
  // A mapped file can turn a race into damage.
  ['mmap_size', 0],
];

/** Opens or creates `path` and brings it to the newest schema. */
export function openDatabase(options: OpenOptions): OpenDatabaseResult {
  let db: Database.Database | undefined;
  try {
    db = new Database(options.path, { timeout: WRITE_TIMEOUT_MS[options.schema] });
    assertVersion(db);
    for (const [name, value] of PRAGMAS) setPragma(db, name, value);
    setPragma(db, 'synchronous', SYNCHRONOUS[options.durability]);
    const migrated = migrate(db, options.schema);
    if (migrated.ok) return { ok: true, db };
    db.close();
    return { ok: false, code: migrated.code, detail: `${options.path}: ${migrated.detail}` };
  } catch (thrown) {
    db?.close();
    return failureOf(thrown, options.path);
  }
}

/**
 * Opens an existing file for reading only; throws where it cannot. Close it soon: it keeps a run from being
 * sealed.
 */
export function openReadOnly(path: string): Database.Database {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: READ_TIMEOUT_MS });
  try {
    setPragma(db, 'cache_size', -1000);
    setPragma(db, 'mmap_size', 0);
    setPragma(db, 'temp_store', TEMP_STORE_MEMORY);
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

function setPragma(db: Database.Database, name: string, value: string | number): void {
  db.pragma(`${name} = ${value}`);
  const found = db.pragma(name, { simple: true });
  // Where SQLite is built without mmap the pragma answers nothing at all.
  const isUnsupported = name === 'mmap_size' && found === undefined;
  assert(found === value || isUnsupported, `PRAGMA ${name} must be ${value}, found ${String(found)}`);
}

function assertVersion(db: Database.Database): void {
  const found = String(db.prepare('SELECT sqlite_version()').pluck().get());
  const parts = found.split('.').map(Number);
  const difference = SQLITE_MINIMUM.map((wanted, index) => (parts[index] ?? 0) - wanted).find(
    (by) => by !== 0,
  );
  assert((difference ?? 0) >= 0, `SQLite must be ${SQLITE_MINIMUM.join('.')} or newer, found ${found}`);
}
