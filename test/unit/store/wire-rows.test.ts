// Goal: the lines of the wire come back as they went in, in order, whatever the commits were; rows stay
// small, and any sqlite3 prints them. Method: a run file, lines of known content, the rows looked at.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../src/store/open-database.ts';
import { compactWire, createWireWriter, readWireRow } from '../../../src/store/wire-rows.ts';

function file(): { readonly path: string; readonly db: Database.Database } {
  const folder = mkdtempSync(join(tmpdir(), 'galvanode-wire-rows-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'run.db');
  const opened = openDatabase({ path, schema: 'run', durability: 'off' });
  if (!opened.ok) throw new Error(opened.detail);
  onTestFinished(() => void opened.db.close());
  return { path, db: opened.db };
}

const linesFrom = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `[${first + index},"heard","s 1 ${first + index} µ"]`);

function allLines(db: Database.Database): string[] {
  const lines: string[] = [];
  for (let row = readWireRow(db, 0); row !== null; row = readWireRow(db, row.id)) lines.push(...row.lines);
  return lines;
}

const rowsOf = (db: Database.Database): { n: number; size: number; bytes: number }[] =>
  db
    .prepare<[], { n: number; size: number; bytes: number }>(
      'SELECT n, size, length(body) AS bytes FROM wire ORDER BY id',
    )
    .all();

describe('the rows of the wire', () => {
  it.each([1, 7, 500, 9000])('gives back every line in order, %i lines a commit', (count) => {
    const { db } = file();
    const write = createWireWriter(db);
    for (let first = 0; first < 9000; first += count) write(linesFrom(first, Math.min(count, 9000 - first)));
    expect(allLines(db)).toEqual(linesFrom(0, 9000));
    for (const { size } of rowsOf(db)) expect(size).toBeLessThan(80_000);
    expect(rowsOf(db).length).toBeGreaterThan(3);
  });

  it('stores a small commit plain, and one compressed row for 64 KiB of them', () => {
    const { db } = file();
    const write = createWireWriter(db);
    write(linesFrom(0, 10));
    expect(rowsOf(db)).toEqual([{ n: 10, size: 229, bytes: 229 }]);
    for (let first = 10; first < 3000; first += 10) write(linesFrom(first, 10));
    const [packed, ...plain] = rowsOf(db);
    expect(packed?.bytes).toBeLessThan((packed?.size ?? 0) / 4);
    expect(plain.every(({ size, bytes }) => size === bytes)).toBe(true);
    compactWire(db);
    expect(rowsOf(db)).toHaveLength(2);
    expect(allLines(db)).toEqual(linesFrom(0, 3000));
  });

  it('goes on behind what another process left, and loses nothing with a commit that fails', () => {
    const { db } = file();
    createWireWriter(db)(linesFrom(0, 100));
    const write = createWireWriter(db);
    const failing = db.transaction(() => {
      write(linesFrom(100, 5000));
      throw new Error('the disk is full');
    });
    expect(failing).toThrow('the disk is full');
    write(linesFrom(100, 5000));
    expect(allLines(db)).toEqual(linesFrom(0, 5100));
  });

  it('is printed by any sqlite3 shell, as the schema says', () => {
    const { db, path } = file();
    createWireWriter(db)(linesFrom(0, 3000));
    createWireWriter(db)(linesFrom(3000, 2));
    const sql = 'select sqlar_uncompress(body, size) from wire order by id';
    const printed = execFileSync('sqlite3', ['-readonly', path, sql], { encoding: 'utf8' });
    expect(printed.trimEnd().split('\n')).toEqual(linesFrom(0, 3002));
  });
});
