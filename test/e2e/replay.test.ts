// Goal: an operator checks a version of galvanode against a recorded run, and is told in exit code and words.
// Method: the built command line: simulate --wire, then replay of the run, of a copy in which one thing was
// changed, and of a run without its wire.
import { chmodSync, copyFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from './rig.ts';

let rig: Rig;

const SHORT = ['--set', 'cycles=2', '--set', 'areal_capacity=0.05mAh/cm2', '--set', 'wetting=60s'];

beforeAll(async () => {
  rig = createRig();
  const args = ['simulate', 'symmetric-cycling', ...SHORT, '--out'];
  await rig.json(...args, rig.file('run.db'), '--wire', '--json');
  await rig.json(...args, rig.file('bare.db'), '--json');
});

afterAll(() => {
  rig.end();
});

describe('replay', () => {
  it('exits with 0 where this version decides and reads the same', async () => {
    const told = await rig.json<{ outcome: string; compared: Record<string, number> }>(
      ...['replay', rig.file('run.db'), '--json'],
    );
    expect(told.outcome).toBe('same');
    expect(told.compared['sample']).toBeGreaterThan(100);
  });

  it('exits with 9 at the first difference, and explains it in one line', async () => {
    const copy = rig.file('changed.db');
    copyFileSync(rig.file('run.db'), copy);
    chmodSync(copy, 0o600);
    const db = new Database(copy);
    db.exec('UPDATE sample SET v_nv = v_nv + 1 WHERE seq = 70');
    db.close();
    const { code, stdout } = await rig.cli('replay', copy);
    expect(code).toBe(9);
    expect(stdout).toMatch(
      /DIFFERENT: sample 70 \(step \d+, .*\): v_nv was -?\d+, today it is -?\d+: the same/,
    );
  });

  it('says of a run without its wire how it is recorded', async () => {
    const { code, stderr } = await rig.cli('replay', rig.file('bare.db'));
    expect(code).toBe(5);
    expect(stderr).toMatch(/cannot be replayed: its wire was not recorded; .*--wire/);
  });

  it('leaves the file that it replays as it is, and nothing else behind', async () => {
    await rig.cli('replay', rig.file('run.db'));
    const { code } = await rig.cli('run', 'verify', rig.file('run.db'));
    expect(code).toBe(0);
  });
});
