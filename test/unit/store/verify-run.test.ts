// Goal: what is altered in the file of a run is found, and named. Method: real files of the inline store,
// then altered as somebody with sqlite3 would, or as a disk would; garbage of every sort.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { randomKey, uniformAt } from '../../../src/base/prng.ts';
import { openCatalogReader } from '../../../src/store/catalog-reader.ts';
import { openRunDatabase } from '../../../src/store/run-database.ts';
import type { Commit } from '../../../src/store/run-store.ts';
import { digestTable, finish } from '../../../src/store/table-digest.ts';
import { type Verification, verifyRun } from '../../../src/store/verify-run.ts';
import { commitOf, RUN, StoreRig, temporaryFolder, wholeStep } from './fixtures.ts';

/** A row of every table that a commit can write. */
const FULL: Commit = commitOf({
  events: [{ timeUs: 1, kind: 'note', detail: { a: 1 } }],
  commands: [{ type: 'intent', number: 1, command: 'off', tree: null }],
  clockSyncs: [{ timeUs: 1, wallMs: 2, source: 'host', errorUs: 3 }],
  aux: [{ timeUs: 1, errorUs: 1, name: 'box', value: { kind: 'marker', text: 'opened\nclosed' } }],
  impedance: [{ stepNumber: 1, timeUs: 1, frequencyMilliHz: 1, realMicroOhm: 1, imaginaryMicroOhm: -1 }],
  gaps: [{ firstSeq: 8641, count: 10, reason: 'ring' }],
  state: { state: 'done', reason: 'all cycles done', verdict: 'completed' },
});

describe('a sealed file that nobody touched', () => {
  it('is whole, and says how much of it there is', () => {
    const { path } = sealedRun();
    expect(verified(path)).toMatchObject({
      ...{ run: RUN, extent: 'sealed', differences: [], notes: [NOT_IN_CATALOG] },
      ...{ samples: 8640, samplesInBlocks: 8640, blocks: 3 },
    });
  });

  it('has the head that the catalog has', () => {
    const { path, dataPath } = sealedRun();
    const found = verified(path, dataPath);
    expect(found).toMatchObject({ differences: [], notes: [] });
    expect(openCatalogReader(join(dataPath, 'catalog.db')).head(RUN)).toMatchObject({
      ...{ isSealed: true, sha256: found.head },
    });
  });
});

describe('an altered row of a sealed file', () => {
  const alterations: Readonly<Record<string, readonly [sql: string, where: RegExp]>> = {
    'a sample': [
      'UPDATE sample SET v_nv = v_nv + 1 WHERE seq = 5000',
      /^block 1 \(samples 4097 to 8192, 11\.381 h to 22\.756 h\)$/,
    ],
    'a sample in the last block': ['UPDATE sample SET i_pa = 0 WHERE seq = 8640', /^block 2 /],
    'a sample that is gone': ['DELETE FROM sample WHERE seq = 1', /^block 0 /],
    'a sample too many': [
      'INSERT INTO sample SELECT 8645, t_us, 1, 1, 1, step, 0 FROM sample LIMIT 1',
      /^block 2 /,
    ],
    'a block that is gone': ['DELETE FROM block WHERE seq0 = 4097', /^block 1 /],
    'the hash of a block': [
      "UPDATE block SET sha256 = replace(sha256, 'a', 'b') WHERE seq0 = 1",
      /^block 0 /,
    ],
    'the chain': [`UPDATE block SET prev_sha256 = '${'0'.repeat(64)}' WHERE seq0 = 4097`, /^block 1 /],
    'a word of meta': [`UPDATE meta SET value = '"me"' WHERE key = 'cycler'`, /^table meta$/],
    'a step': ["UPDATE step_log SET reason = 'time' WHERE step = 2", /^table step_log$/],
    'a half-cycle': ['UPDATE half_cycle SET charge_nc = 1 WHERE number = 3', /^table half_cycle$/],
    'an event': ["UPDATE event SET detail = '{}'", /^table event$/],
    'a command': ["UPDATE command SET command = 'open'", /^table command$/],
    'a checkpoint': ['UPDATE checkpoint SET commits = 1', /^table checkpoint$/],
    'a clock reading': ['UPDATE clock_sync SET wall_ms = 1', /^table clock_sync$/],
    'an extreme': ['UPDATE rollup SET vmax = 0 WHERE level = 1 AND bucket = 1', /^table rollup$/],
    'a gap': ["UPDATE gap SET reason = 'none'", /^table gap$/],
    'a gap that is gone': ['DELETE FROM gap', /^table gap$/],
    'a marker': ["UPDATE aux SET text = ''", /^table aux$/],
    'a point of a spectrum': ['UPDATE impedance SET re_uohm = 2', /^table impedance$/],
    'a row of the seal': [`UPDATE seal SET n = n + 1 WHERE "table" = 'event'`, /^table event$/],
    'the head': [`UPDATE seal SET sha256 = 'x' WHERE "table" = '(head)'`, /^seal$/],
    'a view': ['DROP VIEW samples', /^view samples$/],
    'a table more': ['CREATE TABLE more (a INTEGER PRIMARY KEY)', /^table more$/],
    'statistics of SQLite': ['DELETE FROM sqlite_stat1', /^file$/],
    'the version': ['PRAGMA user_version = 1000', /^file$/],
  };

  it.each(Object.entries(alterations))('is found: %s', (_name, [sql, where]) => {
    const { path } = sealedRun();
    alter(path, sql);
    const { differences } = verified(path);
    expect(differences.map((difference) => difference.where)).toContainEqual(expect.stringMatching(where));
    expect(differences.map(({ kind }) => kind)).toContain('file');
  });

  it('is found where the rows of the seal are gone, or its mark', () => {
    for (const sql of ['DELETE FROM seal', "DELETE FROM meta WHERE key = 'sealed'"]) {
      const { path } = sealedRun();
      alter(path, sql);
      expect(verified(path).differences).toContainEqual(expect.objectContaining({ kind: 'seal' }));
    }
  });

  it('is found by the catalog, where the whole seal was made anew', () => {
    const { path, dataPath } = sealedRun();
    alter(path, "UPDATE event SET detail = '{}'; DELETE FROM block WHERE seq0 = 8193");
    alter(path, "DELETE FROM seal; DELETE FROM meta WHERE key = 'sealed'");
    const opened = openRunDatabase({ path, durability: 'off' });
    if (!opened.ok) throw new Error(opened.detail);
    finish(opened.database.seal());
    opened.database.convertToSingleFile();
    finish(opened.database.stampSeal());
    expect(verified(path).differences).toEqual([]);
    expect(verified(path, dataPath).differences).toMatchObject([{ kind: 'catalog' }]);
  });

  it('is found where the catalog knows the run as sealed, and the file is an older one', () => {
    const { dataPath } = sealedRun();
    const { run } = openRun();
    expect(verified(run.path, dataPath).differences).toMatchObject([{ kind: 'catalog' }]);
  });

  function alter(path: string, sql: string): void {
    chmodSync(path, 0o644);
    const db = new Database(path);
    db.exec(sql);
    db.close();
  }
});

describe('an open run', () => {
  it('is whole as far as it goes, while it goes on', () => {
    const rig = openRun();
    expect(verified(rig.run.path, rig.dataPath)).toMatchObject({
      ...{ extent: 'open', differences: [], notes: ['samples 8193 to 8640 are in no block yet'] },
      ...{ samples: 8640, samplesInBlocks: 8192, blocks: 2 },
    });
    expect(rig.commit(FULL)).toEqual({ ok: true });
  });

  it.each([
    ['a sample of a block', 'UPDATE sample SET v_nv = 0 WHERE seq = 4096', 'block'],
    ['a hole', 'DELETE FROM sample WHERE seq = 8500', 'sequence'],
    ['a block between others', 'DELETE FROM block WHERE seq0 = 1', 'chain'],
    ['a charge', 'UPDATE step_log SET charge_nc = charge_nc + 1 WHERE step = 7', 'steps'],
    ['time that goes back', 'UPDATE step_log SET start_us = 0 WHERE step = 7', 'steps'],
  ])('shows %s', (_name, sql, kind) => {
    const { run } = openRun();
    const db = new Database(run.path);
    db.exec(sql);
    db.close();
    expect(verified(run.path).differences).toMatchObject([{ kind }]);
  });

  it('shows that something was lost which had been acknowledged', () => {
    const rig = openRun();
    const before = readFileSync(rig.run.path);
    const log = readFileSync(`${rig.run.path}-wal`);
    rig.commit(FULL);
    rig.close();
    writeFileSync(rig.run.path, before);
    writeFileSync(`${rig.run.path}-wal`, log);
    expect(verified(rig.run.path, rig.dataPath).differences).toMatchObject([
      {
        kind: 'catalog',
        detail: expect.stringContaining('25 transactions as stored, the file holds 24') as string,
      },
    ]);
  });
});

describe('a file of an earlier galvanode', () => {
  it('is verified by the hashes that it has, and says what they do not cover', () => {
    const { path } = sealedBefore();
    const { differences, notes } = verified(path);
    expect(differences).toEqual([]);
    expect(notes).toContainEqual(expect.stringContaining('no hash covers the file itself, nor checkpoint'));
  });

  it('may have been finished by a later one, which brought its schema up to date', () => {
    const { path } = sealedBefore();
    new Database(path).exec('PRAGMA journal_mode = WAL').close();
    expect(openRunDatabase({ path, durability: 'off' })).toMatchObject({ code: 'SEALED', head: null });
    expect(verified(path)).toMatchObject({ extent: 'sealed', differences: [], head: null });
  });
});

describe('a file that is no run', () => {
  const damages: Readonly<Record<string, (path: string) => void>> = {
    'has nothing in it': (path) => writeFileSync(path, ''),
    'is all zeros': (path) => writeFileSync(path, Buffer.alloc(100_000)),
    'is a text': (path) => writeFileSync(path, 'not a database '.repeat(1000)),
    'is noise': (path) => writeFileSync(path, noise(50_000)),
    'begins like a database and goes on as noise': (path) =>
      writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, 4096), noise(50_000)])),
    'is a database of something else': (path) => {
      writeFileSync(path, '');
      new Database(path).exec('CREATE TABLE precious (a)').close();
    },
    'is a database of nothing': (path) => {
      writeFileSync(path, '');
      new Database(path).exec('PRAGMA user_version = 4; VACUUM').close();
    },
    'was appended to': (path) => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(7)])),
    'was cut in its head': (path) => truncateSync(path, 50),
    'was cut in its middle': (path) => truncateSync(path, 100_000),
    'lost its last byte': (path) => truncateSync(path, readFileSync(path).length - 1),
    'lost its last page': (path) => truncateSync(path, readFileSync(path).length - 4096),
  };

  it.each(Object.entries(damages))('differs, and nothing falls over: it %s', (_name, damage) => {
    const { path } = sealedRun();
    chmodSync(path, 0o644);
    damage(path);
    expect(verified(path).differences).not.toEqual([]);
  });

  function noise(bytes: number): Buffer {
    return Buffer.from(Array.from({ length: bytes }, (_, at) => uniformAt(randomKey(1, 'noise'), at) * 256));
  }
});

const NOT_IN_CATALOG = 'the catalog of this data folder does not know the run';

function openRun() {
  const rig = new StoreRig();
  for (let step = 1; step <= 24; step += 1) rig.commit(wholeStep(step));
  return rig;
}

/** Made once; each test has a copy. */
let made: { readonly path: string; readonly catalog: Buffer; readonly run: Buffer } | null = null;

function sealedRun(): { readonly path: string; readonly dataPath: string } {
  if (made === null) {
    const rig = openRun();
    rig.commit(FULL);
    rig.seal();
    rig.close();
    const catalog = readFileSync(join(rig.dataPath, 'catalog.db'));
    made = { path: rig.run.path, catalog, run: readFileSync(rig.run.path) };
  }
  const dataPath = temporaryFolder();
  const folder = join(dataPath, 'runs', RUN);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(dataPath, 'catalog.db'), made.catalog);
  writeFileSync(join(folder, 'run.db'), made.run);
  return { path: join(folder, 'run.db'), dataPath };
}

/** As schema 3 left a sealed file. */
function sealedBefore(): { readonly path: string } {
  const rig = openRun();
  rig.commit(FULL);
  rig.close();
  const path = join(temporaryFolder(), 'before.db');
  copyFileSync(rig.run.path, path);
  const db = new Database(path);
  const tables = [
    'sample',
    'step_log',
    'half_cycle',
    'event',
    'command',
    'clock_sync',
    'gap',
    'impedance',
    'aux',
  ];
  db.exec(
    `DROP TABLE block; DROP TABLE wire; DROP TABLE step_mode;
     INSERT INTO meta VALUES ('sealed', 'true'); PRAGMA user_version = 3`,
  );
  for (const table of tables) {
    const { rows, sha256 } = finish(digestTable(db, table));
    db.prepare('INSERT INTO seal VALUES (?, ?, ?)').run(table, rows, sha256);
  }
  db.pragma('journal_mode = DELETE');
  db.close();
  return { path };
}

function verified(path: string, dataPath: string | null = null): Verification {
  const catalog = dataPath === null ? null : openCatalogReader(join(dataPath, 'catalog.db'));
  return verifyRun({ path, noted: (run) => catalog?.head(run) ?? null, onProgress: () => undefined });
}
