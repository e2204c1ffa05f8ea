// First look of a verification at a file: its head and size as bytes, then SQLite's own check of every page,
// then what its tables and views are. Never writes, and believes nothing that it reads.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import type { Findings } from './findings.ts';
import { APPLICATION_IDS, newestVersion, readSchema, type SchemaRow, schemaOf } from './migrate.ts';

const MAGIC = 'SQLite format 3\0';
const HEAD_BYTES = 100;
const PAGE_SIZE_AT = 16;
const PAGE_COUNT_AT = 28;
/** What the integrity check may say at most. */
const LINES_MAXIMUM = 50;

/** False where there is no point in asking SQLite. */
export function checkBytes(path: string, findings: Findings): boolean {
  const { size } = statSync(path);
  const tell = (detail: string): void => findings.add({ kind: 'file', where: 'file', detail });
  const head = readHead(path);
  if (size === 0) tell('is empty');
  else if (head.toString('latin1', 0, MAGIC.length) !== MAGIC)
    tell('is no SQLite database: it does not begin with "SQLite format 3"');
  else if (size < HEAD_BYTES) tell(`is cut short: ${size} bytes are less than its head has`);
  else {
    const pageBytes = head.readUInt16BE(PAGE_SIZE_AT) === 1 ? 65_536 : head.readUInt16BE(PAGE_SIZE_AT);
    const pages = head.readUInt32BE(PAGE_COUNT_AT);
    // Beside a log that is not empty the database may be shorter than it will be.
    const hasLog = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
    if (size !== pages * pageBytes && !hasLog)
      tell(`has ${size} bytes; its head says ${pages} pages of ${pageBytes}, ${pages * pageBytes} bytes`);
    return true;
  }
  return false;
}

function readHead(path: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
    return head;
  } finally {
    closeSync(file);
  }
}

/** Every page, index and constraint, as SQLite sees them. */
export function checkPages(db: Database.Database, findings: Findings): void {
  const lines = db.prepare<[], string>(`PRAGMA integrity_check(${LINES_MAXIMUM})`).pluck();
  for (const text of lines.all()) {
    if (text === 'ok') continue;
    // Some are of several lines, under a heading that says nothing.
    for (const line of text.split('\n').filter((part) => !part.startsWith('***')))
      findings.add({ kind: 'corruption', where: placeOf(db, line), detail: line });
  }
}

/** SQLite names a table by the page of its root: `Tree 7 page 12 cell 3: …`. */
function placeOf(db: Database.Database, line: string): string {
  const root = /^Tree (\d+) /.exec(line)?.[1];
  const table = db
    .prepare<[number], string>('SELECT tbl_name FROM sqlite_schema WHERE rootpage = ?')
    .pluck()
    .get(Number(root ?? 0));
  return table === undefined ? 'pages' : `table ${table}`;
}

/** The version of the schema where tables and views are what that version makes; otherwise null. */
export function checkSchema(db: Database.Database, findings: Findings): number | null {
  const tell = (where: string, detail: string): void => findings.add({ kind: 'schema', where, detail });
  const version = Number(db.pragma('user_version', { simple: true }));
  const owner = Number(db.pragma('application_id', { simple: true }));
  if (owner !== APPLICATION_IDS.run) tell('file', `says application ${owner}, which is no galvanode run`);
  const newest = newestVersion('run');
  if (version < 1 || version > newest) {
    tell('file', `says schema ${version}; this galvanode knows 1 to ${newest}: use the one that wrote it`);
    return null;
  }
  const expected = new Map(schemaOf('run', version).map((row) => [row.name, row]));
  const found = readSchema(db);
  let isAsMade = true;
  for (const row of found) {
    const made = expected.get(row.name);
    expected.delete(row.name);
    if (isSame(row, made)) continue;
    isAsMade = false;
    const what = made === undefined ? 'does not make' : 'makes otherwise';
    tell(`${row.type} ${row.name}`, `is one that schema ${version} ${what}`);
  }
  for (const { type, name } of expected.values()) tell(`${type} ${name}`, 'is missing');
  return isAsMade && expected.size === 0 ? version : null;
}

function isSame(a: SchemaRow, b: SchemaRow | undefined): boolean {
  return a.type === b?.type && a.tableName === b.tableName && a.sql === b.sql;
}
