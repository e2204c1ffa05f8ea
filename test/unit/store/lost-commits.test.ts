// Goal: what a disk has lost or broken is said, and never takes the writer with it. Method: files put back to
// an earlier state, or damaged, between two openings by the inline store; a log that grows.
import { copyFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openRunReader } from '../../../src/store/readers.ts';
import { commitOf, samplesOf, StoreRig, wholeStep } from './fixtures.ts';

const OK = { ok: true };

describe('a run that holds less than was acknowledged', () => {
  it('says how much is missing, once, and goes on from what there is', () => {
    const rig = lossyRig();
    const { path } = rig.run;
    expect(rig.run.nextSeq).toBe(361);
    const told = { kind: 'storage-loss', detail: { commits: 2, numbers: 720, fromSeq: 361 } };
    expect(openRunReader(path).events(1, 10)).toMatchObject([told]);
    expect(rig.commit(wholeStep(2))).toEqual(OK);
    rig.reopen();
    expect(openRunReader(path).events(1, 10)).toHaveLength(1);
    expect(openRunReader(path).storedSeq()).toBe(720);
  });

  it('is none where all is there', () => {
    const rig = new StoreRig();
    for (let step = 1; step <= 3; step += 1) {
      rig.commit(wholeStep(step));
      rig.reopen();
    }
    expect(openRunReader(rig.run.path).events(1, 10)).toEqual([]);
  });

  /** Three commits acknowledged, one left in the file. */
  function lossyRig(): StoreRig {
    const rig = new StoreRig();
    const { path } = rig.run;
    rig.commit(wholeStep(1));
    const log = readFileSync(`${path}-wal`);
    copyFileSync(path, `${path}-kept`);
    rig.commit(wholeStep(2));
    rig.commit(wholeStep(3));
    rig.close();
    copyFileSync(`${path}-kept`, path);
    writeFileSync(`${path}-wal`, log);
    rig.reopen();
    return rig;
  }
});

describe('a broken file', () => {
  const damages: Readonly<Record<string, (path: string) => void>> = {
    'is empty': (path) => writeFileSync(path, ''),
    'is missing': (path) => rmSync(path),
    'is no database': (path) => writeFileSync(path, 'x'.repeat(50_000)),
    'was cut': (path) => truncateSync(path, 20_000),
    'has a first page of zeros': (path) => overwrite(path, 100, Buffer.alloc(3996)),
    'has no pages that make sense but the first': (path) => overwrite(path, 4096, Buffer.alloc(300_000, 7)),
    'has lost its checkpoint': (path) => change(path, 'DELETE FROM checkpoint'),
    'has lost samples at its end': (path) => change(path, 'DELETE FROM sample WHERE seq > 700'),
    'does not say whose it is': (path) => change(path, 'DELETE FROM meta'),
    'says it is older than it is': (path) => change(path, 'PRAGMA user_version = 1'),
  };

  it.each(Object.entries(damages))('is refused in one line: it %s', (_name, damage) => {
    const rig = new StoreRig();
    const { path } = rig.run;
    for (let step = 1; step <= 3; step += 1) rig.commit(wholeStep(step));
    rig.close();
    damage(path);
    const opened = rig.openAgain();
    expect(opened).toMatchObject({ ok: false, code: 'STORE_FAILED' });
    if (opened.ok) return;
    expect(opened.detail.startsWith(`${path}: `)).toBe(true);
    expect(opened.detail).not.toContain('\n');
  });

  function overwrite(path: string, at: number, bytes: Buffer): void {
    const all = readFileSync(path);
    bytes.copy(all, at);
    writeFileSync(path, all);
  }

  function change(path: string, sql: string): void {
    const db = new Database(path);
    db.exec(sql);
    db.close();
  }
});

describe('the log of a run', () => {
  it('is emptied as soon as it has been moved into the file, so that no old page can come back', () => {
    const rig = new StoreRig();
    let emptied = 0;
    for (let seq = 1; seq < 200_000; seq += 4000) {
      expect(rig.commit(commitOf({ samples: samplesOf(seq, 4000) }))).toEqual(OK);
      const bytes = logBytes(rig);
      expect(bytes).toBeLessThan(1000 * 4096);
      if (bytes === 0) emptied += 1;
    }
    expect(emptied).toBeGreaterThan(0);
  });

  it('goes on beside a reader that holds it, and is emptied when the reader has gone', () => {
    const rig = new StoreRig();
    rig.commit(commitOf({ samples: samplesOf(1, 10) }));
    const reader = new Database(rig.run.path, { readonly: true });
    const held = reader.prepare('SELECT * FROM sample').iterate();
    held.next();
    for (let commit = 0; commit < 4; commit += 1)
      expect(rig.commit(commitOf({ samples: samplesOf(rig.run.nextSeq, 50_000) }))).toEqual(OK);
    expect(logBytes(rig)).toBeGreaterThan(4_000_000);
    held.return?.();
    reader.close();
    expect(rig.commit(commitOf({ samples: samplesOf(rig.run.nextSeq, 1) }))).toEqual(OK);
    expect(logBytes(rig)).toBe(0);
  });

  function logBytes(rig: StoreRig): number {
    return statSync(`${rig.run.path}-wal`).size;
  }
});
