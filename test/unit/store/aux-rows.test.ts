// Goal: temperatures and markers are rows of the run file, also of one that an earlier galvanode began; a
// file that it sealed has none and can be read all the same. Method: commits, and a file taken back to
// schema 1.

import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { readSchema, schemaOf } from '../../../src/store/migrate.ts';
import { openRunReader } from '../../../src/store/readers.ts';
import { createRunDatabase, openRunDatabase } from '../../../src/store/run-database.ts';
import type { AuxRow } from '../../../src/store/run-store.ts';
import { commitOf, descriptionOf, temporaryFolder, wholeStep } from './fixtures.ts';

const BATH: AuxRow = {
  ...{ timeUs: 1_500_000, errorUs: 300, name: 'bath' },
  value: { kind: 'temperature', temperatureUk: 298_160_000 },
};
const NOTE: AuxRow = {
  ...{ timeUs: 2_000_000, errorUs: 300, name: 'notes' },
  value: { kind: 'marker', text: 'opened the box' },
};

function runFile() {
  const path = join(temporaryFolder(), 'run.db');
  const created = createRunDatabase({ path, durability: 'off' }, descriptionOf());
  if (!created.ok) throw new Error(created.detail);
  expect(created.database.commit(wholeStep(1))).toEqual({ ok: true });
  return { path, database: created.database };
}

/** As galvanode left files before it knew of anything beside the samples. */
function takeBackToSchema1(path: string): void {
  const db = new Database(path);
  const first = new Set(schemaOf('run', 1).map(({ name }) => name));
  for (const { type, name } of readSchema(db)) if (!first.has(name)) db.exec(`DROP ${type} "${name}"`);
  db.pragma('user_version = 1');
  db.close();
}

describe('auxiliary rows', () => {
  it('come back as they were committed, in order', () => {
    const { path, database } = runFile();
    expect(database.commit(commitOf({ aux: [BATH, NOTE] }))).toEqual({ ok: true });
    database.close();
    expect(openRunReader(path).aux(1, 10)).toEqual([
      {
        ...{ id: 1, timeUs: 1_500_000, errorUs: 300, name: 'bath', kind: 'temperature' },
        ...{ temperatureUk: 298_160_000, text: null },
      },
      {
        ...{ id: 2, timeUs: 2_000_000, errorUs: 300, name: 'notes', kind: 'marker' },
        ...{ temperatureUk: null, text: 'opened the box' },
      },
    ]);
    expect(openRunReader(path).aux(2, 10)).toHaveLength(1);
  });

  it('are shown in degrees Celsius to whoever opens the file with sqlite3', () => {
    const { path, database } = runFile();
    database.commit(commitOf({ aux: [BATH, NOTE] }));
    database.close();
    const db = new Database(path, { readonly: true });
    const rows = db.prepare<[], Record<string, number>>('SELECT * FROM temperatures').all();
    db.close();
    expect(rows).toEqual([
      { id: 1, time_s: 1.5, name: 'bath', temperature_degC: expect.closeTo(25.01, 9) as number },
    ]);
  });

  it('go into a file that an earlier galvanode began', () => {
    const { path, database } = runFile();
    database.close();
    takeBackToSchema1(path);
    const opened = openRunDatabase({ path, durability: 'off' });
    if (!opened.ok) throw new Error(opened.detail);
    expect(opened.database.commit(commitOf({ aux: [BATH] }))).toEqual({ ok: true });
    opened.database.close();
    const reader = openRunReader(path);
    expect(reader.aux(1, 10)).toHaveLength(1);
    expect(reader.samplesFrom(1, 1000).seq).toHaveLength(360);
  });

  it('are none in a file that an earlier galvanode sealed', () => {
    const { path, database } = runFile();
    database.close();
    takeBackToSchema1(path);
    chmodSync(path, 0o444);
    expect(openRunReader(path).aux(1, 10)).toEqual([]);
  });
});
