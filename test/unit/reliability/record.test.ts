// Goal: the judge of the reliability report finds what it is there for. Method: a whole run file, and then
// the same with one thing wrong in it, put there by SQLite itself.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Acknowledged, chargeOf, judgeRecord } from '../../reliability/record.ts';
import { QUICK, QUICK_CHARGE_NC, rig } from '../../support/rig.ts';

function finishedRun(): string {
  const run = rig({ parameters: { ...QUICK, cycles: 1 }, manner: 'simulate' });
  run.runToEnd();
  return run.reader().path;
}

/** A copy of a whole run, with these statements carried out on it. */
function damaged(...statements: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'galvanode-record-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'run.db');
  copyFileSync(finishedRun(), path);
  const db = new Database(path);
  for (const statement of statements) db.exec(statement);
  db.close();
  return path;
}

const CLEAN = { duplicated: 0, unflaggedGaps: 0, flaggedGaps: 0, problems: [] };

describe('the judge of a record', () => {
  it('finds nothing wrong with a whole one, and its charge', () => {
    const path = damaged();
    expect(judgeRecord(path)).toMatchObject(CLEAN);
    // The contact check plates and strips a little besides.
    expect(chargeOf(path).plateNc).toBeGreaterThan(QUICK_CHARGE_NC);
  });

  it('counts a sample that is nowhere, unless a gap says so', () => {
    const path = damaged('DELETE FROM sample WHERE seq IN (20, 21)');
    expect(judgeRecord(path)).toMatchObject({ ...CLEAN, unflaggedGaps: 2 });
    const flagged = damaged(
      'DELETE FROM sample WHERE seq IN (20, 21)',
      "INSERT INTO gap (first_seq, count, reason) VALUES (20, 2, 'test')",
    );
    expect(judgeRecord(flagged)).toMatchObject({ ...CLEAN, flaggedGaps: 2 });
  });

  it('counts a sample that is there twice, and a half-cycle that is', () => {
    const sample = damaged(
      'UPDATE sample SET t_us = (SELECT t_us FROM sample WHERE seq = 20) WHERE seq = 21',
    );
    expect(judgeRecord(sample)).toMatchObject({ duplicated: 1 });
    const half = damaged("UPDATE half_cycle SET half = 'plate'");
    expect(judgeRecord(half)).toMatchObject({ duplicated: 1 });
  });

  it('tells of a step that is missing, and of a sample outside its step', () => {
    expect(judgeRecord(damaged('DELETE FROM step_log WHERE step = 2')).problems).toContain(
      'step 2 is not in the step log',
    );
    expect(
      judgeRecord(damaged('UPDATE step_log SET last_seq = last_seq - 1 WHERE step = 2')).problems,
    ).toMatchObject([expect.stringMatching(/does not lie in its step/)]);
  });
});

describe('what was acknowledged', () => {
  it('is lost when its row is gone, or is another one', () => {
    const path = damaged();
    const acknowledged = new Acknowledged(path);
    acknowledged.look();
    expect(acknowledged.lost()).toBe(0);
    const db = new Database(path);
    db.exec('DELETE FROM sample WHERE seq = 7; UPDATE sample SET v_nv = v_nv + 1 WHERE seq = 9');
    db.close();
    expect(acknowledged.lost()).toBe(2);
  });
});
