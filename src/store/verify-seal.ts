// Third look of a verification, at a sealed file: every table against its row in the seal, the head over
// those, and the digest of the file over everything that is no row. Never writes.
import type Database from 'better-sqlite3';
import { digestFile } from './file-digest.ts';
import type { Findings } from './findings.ts';
import { FILE_ROW, HEAD_ROW, headOf } from './seal.ts';
import { digestedTables, digestTable, finish, type TableDigest } from './table-digest.ts';

export interface SealOptions {
  readonly db: Database.Database;
  readonly findings: Findings;
  /** Of the table `sample`, if it is known already. */
  readonly sample: TableDigest | null;
  readonly onProgress: (table: string) => void;
}

export interface SealFound {
  readonly tables: number;
  /** null: an earlier galvanode sealed it, which made none; or it cannot be read. */
  readonly head: string | null;
  /** Digest of the file as it says itself. */
  readonly file: string | null;
}

export function checkSeal(options: SealOptions): SealFound {
  const { db, findings } = options;
  const tell = (detail: string): void => findings.add({ kind: 'seal', where: 'seal', detail });
  const sql = 'SELECT "table", n AS rows, sha256 FROM seal ORDER BY "table"';
  const rows = findings.guard('table seal', [], () => db.prepare<[], TableDigest>(sql).all());
  const [head, file] = [HEAD_ROW, FILE_ROW].map((name) => rows.find(({ table }) => table === name) ?? null);
  const sealed = rows.filter((row) => row !== head && row !== file);
  const mode = findings.guard('file', null, () => db.pragma('journal_mode', { simple: true }));
  if (mode !== 'delete') tell(`the file is in journal mode ${String(mode)}, as no sealed file is`);
  checkTables(options, sealed, head !== null);
  if (head !== null && headOf(sealed) !== head?.sha256) tell('its head is not the hash of its other rows');
  if (head !== null && head?.rows !== sealed.length) tell(`its head covers ${head?.rows} tables, not these`);
  if ((head === null) !== (file === null)) tell(`has no row ${head === null ? HEAD_ROW : FILE_ROW}`);
  return { tables: sealed.length, head: head?.sha256 ?? null, file: file?.sha256 ?? null };
}

function checkTables(options: SealOptions, sealed: readonly TableDigest[], coversAll: boolean): void {
  const { db, findings, onProgress } = options;
  const left = new Set(findings.guard('schema', [], () => digestedTables(db)));
  for (const row of sealed) {
    const where = `table ${row.table}`;
    const tell = (detail: string): void => findings.add({ kind: 'table', where, detail });
    onProgress(row.table);
    left.delete(row.table);
    const known = row.table === 'sample' ? options.sample : null;
    const found = known ?? findings.guard(where, null, () => finish(digestTable(db, row.table)));
    if (found === null) continue;
    if (found.rows !== row.rows) tell(`has ${found.rows} rows, ${row.rows} were sealed`);
    else if (found.sha256 !== row.sha256) tell('its rows and the hash that was sealed differ');
  }
  const names = [...left].join(', ');
  if (left.size > 0 && coversAll)
    findings.add({ kind: 'seal', where: 'seal', detail: `says nothing of ${names}` });
  else if (left.size > 0)
    findings.notes.push(`sealed by an earlier galvanode: no hash covers the file itself, nor ${names}`);
}

/** The whole file against the digest in it: `file` of the seal. */
export function checkFile(path: string, file: string, findings: Findings): void {
  const tell = (detail: string): void => findings.add({ kind: 'file', where: 'file', detail });
  const found = findings.guard('file', null, () => finish(digestFile(path, file)));
  if (found === null || (found.places.length === 1 && found.sha256 === file)) return;
  const isElsewhere = findings.count > 0;
  const rest = isElsewhere
    ? ''
    : '; every table, block and page is as it was sealed, so what was altered lies in no row: a header, ' +
      'free space, what SQLite keeps for itself, or the digest';
  tell(`its bytes are not the ones that were sealed${rest}`);
}
