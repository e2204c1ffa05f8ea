// Goal: a run from creation to seal through the Store interface, read while it is written and after it was
// sealed. Method: the inline store in virtual time, with readers beside it; content hashes of equal and
// unequal runs.
import { createHash } from 'node:crypto';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { openCatalogReader } from '../../../src/store/catalog-reader.ts';
import { contentHashOfDigests } from '../../../src/store/content-hash.ts';
import { InlineStore, type InlineOpenResult } from '../../../src/store/inline-store.ts';
import { openRunReader } from '../../../src/store/readers.ts';
import type { Commit, RunDescription, RunStore, StoreResult } from '../../../src/store/run-store.ts';
import { commitOf, descriptionOf, RUN, samplesOf, temporaryFolder, wholeStep } from './fixtures.ts';

const OK = { ok: true };

describe('the inline store', () => {
  it('tells results later, never from within the call', () => {
    const { clock, run } = rig();
    let isTold = false;
    run.commit(wholeStep(1), () => (isTold = true));
    expect(isTold).toBe(false);
    expect(clock.runUntil(() => isTold)).toBe(true);
  });

  it('stores nothing behind a commit whose failure has not been told', () => {
    const { clock, run } = rig();
    const results: StoreResult[] = [];
    const contradiction = commitOf({ samples: samplesOf(5, 1) });
    expect(() => run.commit(contradiction, () => undefined)).toThrow('seq must go on with 1');
    run.commit(commitOf({ samples: samplesOf(1, 1) }), (result) => results.push(result));
    clock.advance(0);
    expect(results).toEqual([OK]);
  });

  it('keeps the state of the run in the catalog', () => {
    const { clock, run, dataPath } = rig();
    clock.advance(5000);
    const state = { state: 'running', reason: 'started', verdict: null };
    committed(clock, run, commitOf({ state }));
    const catalog = openCatalogReader(join(dataPath, 'catalog.db'));
    const sinceWallMs = clock.wallMs();
    expect(catalog.runs()).toMatchObject([{ ...state, run: RUN, sinceWallMs, cell: { sampleId: 'Zn-42' } }]);
    expect(openRunReader(run.path).state()).toMatchObject(state);
  });

  it('opens an unsealed run again and refuses a sealed one', () => {
    const { clock, store, run } = rig();
    committed(clock, run, wholeStep(1));
    ended(clock, (done) => run.close(done));
    const again = reopened(clock, store);
    if (!again.ok) throw new Error(again.detail);
    expect(again.store.nextSeq).toBe(361);
    ended(clock, (done) => again.store.seal(done));
    expect(reopened(clock, store)).toMatchObject({ ok: false, isSealed: true });
  });

  it('replaces a simulated run at the path it was given, and nothing else', () => {
    const outPath = join(temporaryFolder(), 'a.db');
    const hashes = [7, 7, 8].map((seed) => simulate(outPath, seed));
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
    const measured = join(temporaryFolder(), 'measured.db');
    simulate(measured, 7, { isSimulated: false });
    expect(() => simulate(measured, 7)).toThrow(/is not a simulated run/);
    const note = join(temporaryFolder(), 'notes.txt');
    writeFileSync(note, 'do not lose me');
    expect(() => simulate(note, 7)).toThrow('not a database');
    expect(statSync(note).size).toBe(14);
  });
});

describe('a sealed run', () => {
  it('is one read-only file that says what it holds', () => {
    const { clock, run } = rig();
    committed(clock, run, wholeStep(1));
    expect(ended(clock, (done) => run.seal(done))).toEqual(OK);
    expect(existsSync(`${run.path}-wal`)).toBe(false);
    expect(statSync(run.path).mode & 0o777).toBe(0o444);
    const reader = openRunReader(run.path);
    expect(reader.isSealed()).toBe(true);
    expect(reader.sealRows()).toContainEqual({ table: 'sample', rows: 360, sha256: sampleHash(run.path) });
    expect(contentHashOfDigests(reader.sealRows())).toBe(reader.contentHash());
    expect(reader.samplesFrom(360, 10).seq).toEqual([360]);
  });

  it('may be sealed again, and takes no commit any more', () => {
    const { clock, run, dataPath } = rig();
    committed(clock, run, wholeStep(1));
    for (let turn = 0; turn < 2; turn += 1) expect(ended(clock, (done) => run.seal(done))).toEqual(OK);
    expect(committed(clock, run, wholeStep(2))).toMatchObject({ ok: false, code: 'STORE_FAILED' });
    expect(openCatalogReader(join(dataPath, 'catalog.db')).runs()).toMatchObject([{ isSealed: true }]);
  });

  it('waits for a reader that holds the file, and says so when it does not let go', () => {
    const { clock, run } = rig();
    committed(clock, run, wholeStep(1));
    const holder = new Database(run.path, { readonly: true });
    holder.prepare('SELECT * FROM sample').get();
    const results: StoreResult[] = [];
    run.seal((result) => results.push(result));
    clock.advance(5000);
    expect(results).toEqual([]);
    clock.advance(60_000);
    expect(results).toMatchObject([{ ok: false, detail: expect.stringContaining('a reader keeps') }]);
    holder.close();
    expect(ended(clock, (done) => run.seal(done))).toEqual(OK);
  });

  it('is finished by the next process when the first died between mark and end', () => {
    const { clock, store, run } = rig();
    committed(clock, run, wholeStep(1));
    const holder = new Database(run.path, { readonly: true });
    holder.prepare('SELECT * FROM sample').get();
    run.seal(() => undefined);
    clock.advance(1000);
    ended(clock, (done) => store.close(() => done(OK as StoreResult)));
    holder.close();
    expect(reopened(clock, store)).toMatchObject({ ok: false, isSealed: true });
    expect(existsSync(`${run.path}-wal`)).toBe(false);
    expect(statSync(run.path).mode & 0o777).toBe(0o444);
  });
});

describe('a reader', () => {
  it('sees each commit as soon as it is acknowledged, and never bars the writer', () => {
    const { clock, run } = rig();
    const reader = openRunReader(run.path);
    expect([reader.storedSeq(), reader.isSealed()]).toEqual([0, false]);
    for (let step = 1; step <= 5; step += 1) {
      committed(clock, run, wholeStep(step));
      expect(reader.storedSeq()).toBe(step * 360);
      expect(reader.samplesFrom(1, 10_000).seq).toHaveLength(step * 360);
      expect(reader.halfCycles(step, 10)).toMatchObject([{ number: step, isInterrupted: false }]);
    }
    expect(reader.steps(2, 2)).toMatchObject([
      {
        stepNumber: 2,
        completesCycle: false,
        limits: { stepChargeNc: 4_068_000_000 },
        reason: 'step-charge',
      },
      { stepNumber: 3 },
    ]);
    expect(ended(clock, (done) => run.seal(done))).toEqual(OK);
    expect(reader.storedSeq()).toBe(1800);
  });

  it('finds a run by its name, the beginning of it, or its path', () => {
    const { clock, store, run, dataPath } = rig();
    const other = '01KDVDNR00000000000000000B';
    store.createRun(descriptionOf({ run: other }), () => undefined);
    clock.advance(0);
    const catalog = openCatalogReader(join(dataPath, 'catalog.db'));
    expect(catalog.run(RUN)).toMatchObject({ ok: true, path: run.path });
    expect(catalog.run(other.toLowerCase())).toMatchObject({ ok: true, run: { run: other } });
    expect(catalog.run(run.path)).toEqual({ ok: true, path: run.path, run: null });
    expect(catalog.run('01KD')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('more than one'),
    });
    expect(catalog.run('zz')).toMatchObject({ ok: false, code: 'RUN_UNKNOWN' });
    expect(catalog.runs().map((found) => found.run)).toEqual([other, RUN]);
    expect(openCatalogReader(join(dataPath, 'none.db')).runs()).toEqual([]);
  });

  it('throws where there is no run file', () => {
    expect(() => openRunReader(join(temporaryFolder(), 'none.db'))).toThrow('unable to open');
  });
});

describe('the content hash', () => {
  const changes: Readonly<Record<string, (commit: Commit) => Commit>> = {
    'a sample': (commit) => {
      commit.samples?.voltageNv.set([1], 200);
      return commit;
    },
    'an event': (commit) => ({ ...commit, events: [{ timeUs: 1, kind: 'note', detail: {} }] }),
    'a half-cycle': (commit) => ({ ...commit, halfCycles: [] }),
    'the end of a step': (commit) => ({ ...commit, stepsEnded: [] }),
  };

  it.each(Object.entries(changes))('tells %s apart', (_name, change) => {
    expect(hashOf(change(wholeStep(1)))).not.toBe(hashOf(wholeStep(1)));
  });

  it('does not depend on names, wall times, or how the commits were cut', () => {
    const whole = wholeStep(1);
    const { samples, ...rest } = whole;
    const clockSyncs = [{ timeUs: 0, wallMs: 1_800_000_000_000, source: 'host', errorUs: 10 }];
    const named = { run: '01KDVDNR00000000000000000Z', createdWallMs: 1_800_000_000_000 };
    const { clock, run } = rig(named);
    committed(clock, run, commitOf({ samples: samplesOf(1, 100), clockSyncs }));
    committed(clock, run, commitOf({ ...rest, samples: samplesOf(101, 260) }));
    expect(samples?.count).toBe(360);
    expect(openRunReader(run.path).contentHash()).toBe(hashOf(whole));
  });

  it('is the same over more rows than one chunk', () => {
    const hashes = [17, 1000].map((size) => {
      const { clock, run } = rig();
      for (let from = 1; from <= 20_000; from += size) {
        committed(clock, run, commitOf({ samples: samplesOf(from, Math.min(size, 20_001 - from)) }));
      }
      return openRunReader(run.path).contentHash();
    });
    expect(hashes[0]).toBe(hashes[1]);
  });

  function hashOf(content: Commit): string {
    const { clock, run } = rig();
    committed(clock, run, content);
    return openRunReader(run.path).contentHash();
  }
});

interface Rig {
  readonly clock: VirtualClock;
  readonly store: InlineStore;
  readonly run: RunStore;
  readonly dataPath: string;
}

function rig(changes: Partial<RunDescription> = {}): Rig {
  const clock = new VirtualClock();
  const dataPath = temporaryFolder();
  const store = new InlineStore({ clock, durability: 'off', target: { dataPath } });
  const results: InlineOpenResult[] = [];
  store.createRun(descriptionOf(changes), (result) => results.push(result));
  clock.advance(0);
  const [result] = results;
  if (result?.ok !== true) throw new Error(result?.detail);
  return { clock, store, run: result.store, dataPath };
}

function simulate(outPath: string, seed: number, changes: Partial<RunDescription> = {}): string {
  const clock = new VirtualClock();
  const store = new InlineStore({ clock, durability: 'off', target: { outPath } });
  const results: InlineOpenResult[] = [];
  store.createRun(descriptionOf(changes), (result) => results.push(result));
  clock.advance(0);
  const [result] = results;
  if (result?.ok !== true) throw new Error(result?.detail);
  committed(clock, result.store, wholeStep(1, seed));
  ended(clock, (done) => result.store.seal(done));
  return openRunReader(outPath).contentHash();
}

function committed(clock: VirtualClock, run: RunStore, content: Commit): StoreResult {
  return ended(clock, (done) => run.commit(content, done));
}

function ended(clock: VirtualClock, start: (done: (result: StoreResult) => void) => void): StoreResult {
  const results: StoreResult[] = [];
  start((result) => results.push(result));
  clock.runUntil(() => results.length > 0);
  const [result] = results;
  if (result === undefined) throw new Error('it was never told');
  return result;
}

function reopened(clock: VirtualClock, store: InlineStore): InlineOpenResult {
  const results: InlineOpenResult[] = [];
  store.openRun(RUN, (result) => results.push(result));
  clock.advance(0);
  const [result] = results;
  if (result === undefined) throw new Error('it was never told');
  return result;
}

/** As any sqlite3 would compute it. */
function sampleHash(path: string): string {
  const db = new Database(path, { readonly: true });
  const sql = 'SELECT json_array(seq, t_us, v_nv, i_pa, q_nc, step, flags) FROM sample ORDER BY seq';
  const lines = db.prepare<[], string>(sql).pluck().all();
  db.close();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
