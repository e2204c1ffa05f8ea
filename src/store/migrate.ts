// Brings a database to the newest schema: numbered SQL files, each applied in a transaction of its own, in
// order. Never takes a step back: a file written by a newer galvanode is refused and left as it is.
import { readdirSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { assert } from '../base/assert.ts';

export type Schema = 'run' | 'catalog';

export type MigrateResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'STORE_NEWER' | 'STORE_FAILED'; readonly detail: string };

interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** 'GVNR' and 'GVNC': what `file` and a careful reader recognise. The first migration sets it. */
export const APPLICATION_IDS: Readonly<Record<Schema, number>> = { run: 0x47564e52, catalog: 0x47564e43 };

const loaded = new Map<Schema, readonly Migration[]>();

export function migrate(db: Database.Database, schema: Schema): MigrateResult {
  const migrations = migrationsOf(schema);
  const newest = migrations.length;
  const version = numberOf(db, 'user_version');
  const applicationId = numberOf(db, 'application_id');
  if (version > 0 && applicationId !== APPLICATION_IDS[schema]) {
    return { ok: false, code: 'STORE_FAILED', detail: `is not a galvanode ${schema} database` };
  }
  if (version > newest) {
    const known = `this galvanode knows ${newest}`;
    const detail = `has schema ${version}, ${known}; use the newer galvanode that wrote it`;
    return { ok: false, code: 'STORE_NEWER', detail };
  }
  const hasForeignTables = version === 0 && db.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined;
  if (hasForeignTables) return { ok: false, code: 'STORE_FAILED', detail: 'is a database of something else' };
  for (const migration of migrations) if (migration.version > version) apply(db, migration);
  assert(numberOf(db, 'user_version') === newest, `user_version must be ${newest} after the migrations`);
  assert(
    numberOf(db, 'application_id') === APPLICATION_IDS[schema],
    'the first migration sets application_id',
  );
  return { ok: true };
}

export interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly tableName: string;
  readonly sql: string | null;
}

/** What the tables and views of a database of this version are, as its migrations make them. */
export function schemaOf(schema: Schema, version: number): SchemaRow[] {
  const db = new Database(':memory:');
  for (const migration of migrationsOf(schema)) if (migration.version <= version) apply(db, migration);
  const rows = readSchema(db);
  db.close();
  return rows;
}

/** The tables and views of a database, without those that SQLite makes for itself. */
export function readSchema(db: Database.Database): SchemaRow[] {
  const sql = `SELECT type, name, tbl_name AS tableName, sql FROM sqlite_schema
    WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`;
  return db.prepare<[], SchemaRow>(sql).all();
}

export function newestVersion(schema: Schema): number {
  return migrationsOf(schema).length;
}

function apply(db: Database.Database, migration: Migration): void {
  db.transaction(() => {
    db.exec(migration.sql);
    db.pragma(`user_version = ${migration.version}`);
  }).immediate();
}

/** `001-initial.sql`, `002-….sql` beside this module, in the sources and in dist alike. */
function migrationsOf(schema: Schema): readonly Migration[] {
  const known = loaded.get(schema);
  if (known !== undefined) return known;
  const folder = new URL(`./migrations/${schema}/`, import.meta.url);
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  assert(names.length > 0, `${folder.pathname} must hold migrations`);
  const migrations = names.map((name, index) => {
    assert(Number(name.slice(0, 3)) === index + 1, `${name} must be numbered ${index + 1}`);
    return { version: index + 1, sql: readFileSync(new URL(name, folder), 'utf8') };
  });
  loaded.set(schema, migrations);
  return migrations;
}

function numberOf(db: Database.Database, pragma: string): number {
  return Number(db.pragma(pragma, { simple: true }));
}
