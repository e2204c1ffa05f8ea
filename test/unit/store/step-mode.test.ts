// Goal: what a step beside rest and constant current was asked for stands in the run file and counts in its
// content hash; a run without such a step has the hash that it had before there was a place for it.
// Method: commits of such steps; the hash made anew from the tables; a file taken back to schema 5.

import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { contentHashOfDigests } from '../../../src/store/content-hash.ts';
import { openRunReader } from '../../../src/store/readers.ts';
import { createRunDatabase, openRunDatabase } from '../../../src/store/run-database.ts';
import { digestedTables, digestTable, finish } from '../../../src/store/table-digest.ts';
import { NO_LIMITS, type Step, type StepMode } from '../../../src/steps/step.ts';
import {
  beganOf,
  commitOf,
  descriptionOf,
  endedOf,
  PLATING,
  temporaryFolder,
  wholeStep,
} from './fixtures.ts';

const HOLD: StepMode = { kind: 'cv', voltageNv: -1_800_000_000 };
const SWEEP: StepMode = {
  kind: 'sweep',
  fromNv: 5,
  verticesNv: [-200_000_000, 1_000_000_000],
  rateNvPerS: 1_000_000,
  stepNv: 1_000_000,
  scans: 3,
};
const SPAN = { kind: 'eis', fromMilliHz: 100_000_000, toMilliHz: 100_000, points: 11 } as const;
const EIS: StepMode = { ...SPAN, bias: { kind: 'voltage', voltageNv: 7, amplitudeNv: 5_000_000 } };
const GEIS: StepMode = { ...SPAN, bias: { kind: 'current', currentPa: 0, amplitudePa: 100_000_000 } };

/** A file of one half-cycle and then a step of each of these modes. */
function runFile(modes: readonly StepMode[], changes: Partial<Step> = {}): string {
  const path = join(temporaryFolder(), 'run.db');
  const created = createRunDatabase({ path, durability: 'off' }, descriptionOf());
  if (!created.ok) throw new Error(created.detail);
  created.database.commit(wholeStep(1));
  for (const [index, mode] of modes.entries()) {
    const began = beganOf(index + 2);
    const step: Step = { ...PLATING, half: null, limits: NO_LIMITS, ...changes, mode };
    const stepsBegan = [{ ...began, step }];
    const whole = { ...wholeStep(index + 2), stepsBegan, stepsEnded: [endedOf(index + 2)], halfCycles: [] };
    expect(created.database.commit(commitOf(whole))).toEqual({ ok: true });
  }
  created.database.close();
  return path;
}

function setpointsOf(path: string): readonly (number | null)[] {
  return openRunReader(path)
    .steps(1, 100)
    .map(({ setpointNv }) => setpointNv);
}

describe('what a step was asked for', () => {
  it('is a voltage, and all of it in JSON, for the modes that step_log has no column for', () => {
    const path = runFile([HOLD, SWEEP, EIS, GEIS]);
    const db = new Database(path, { readonly: true });
    const rows = db.prepare<[], { mode: string }>('SELECT * FROM step_mode ORDER BY step').all();
    db.close();
    expect(rows.map(({ mode, ...row }) => ({ ...row, mode: JSON.parse(mode) as unknown }))).toEqual([
      { step: 2, setpoint_nv: -1_800_000_000, mode: HOLD },
      { step: 3, setpoint_nv: 5, mode: SWEEP },
      { step: 4, setpoint_nv: 7, mode: EIS },
      { step: 5, setpoint_nv: null, mode: GEIS },
    ]);
    expect(setpointsOf(path)).toEqual([null, -1_800_000_000, 5, 7, null]);
  });

  it('shows the smallest current and the burst among limits and record rules, where there are any', () => {
    const record = { ...PLATING.record, burst: { everyUs: 100_000, forUs: 60_000_000 } };
    const [plate, held] = openRunReader(
      runFile([HOLD], { limits: { ...NO_LIMITS, currentMinPa: 56_500_000 }, record }),
    ).steps(1, 2);
    expect(held).toMatchObject({ limits: { currentMinPa: 56_500_000 }, record });
    expect(plate?.limits).not.toHaveProperty('currentMinPa');
    expect(plate?.record).not.toHaveProperty('burst');
  });

  it('counts in the content hash', () => {
    const hashOf = (mode: StepMode): string => openRunReader(runFile([mode])).contentHash();
    expect(hashOf(HOLD)).toBe(hashOf(HOLD));
    expect(hashOf(HOLD)).not.toBe(hashOf({ ...HOLD, voltageNv: -1_800_000_001 }));
  });

  it('leaves the content hash of a run without such steps what it was, from rows and from a seal', () => {
    const path = runFile([]);
    const db = new Database(path, { readonly: true });
    const digests = digestedTables(db).map((table) => finish(digestTable(db, table)));
    db.close();
    const lines = ['sample', 'step_log', 'half_cycle', 'event'].map((name) => {
      const digest = digests.find(({ table }) => table === name);
      return `${name} ${String(digest?.rows)} ${String(digest?.sha256)}\n`;
    });
    const before = createHash('sha256').update(lines.join('')).digest('hex');
    expect(openRunReader(path).contentHash()).toBe(before);
    expect(contentHashOfDigests(digests)).toBe(before);
  });

  it('is not known of a file from before, which reads, hashes and goes on all the same', () => {
    const path = runFile([]);
    const hash = openRunReader(path).contentHash();
    new Database(path).exec('DROP TABLE step_mode; PRAGMA user_version = 5').close();
    chmodSync(path, 0o444);
    expect(setpointsOf(path)).toEqual([null]);
    expect(openRunReader(path).contentHash()).toBe(hash);
    chmodSync(path, 0o644);
    const opened = openRunDatabase({ path, durability: 'off' });
    if (!opened.ok) throw new Error(opened.detail);
    opened.database.close();
    expect(openRunReader(path).contentHash()).toBe(hash);
  });
});
