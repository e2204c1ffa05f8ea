// The power cut of a disk that lies: database and log of a run that goes on are copied at any moment, the log
// is cut, torn and turned (or the database caught in the middle of a checkpoint), and the copy is opened by
// the store again. What opens must be the state after some earlier commit, and must tell what is missing.
// The catalog beside it is left whole: it is the witness. Seeded; needs nothing but a folder for temporaries.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf } from '../../src/base/errors.ts';
import { randomKey, uniformAt } from '../../src/base/prng.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { SampleColumns } from '../../src/samples/sample-buffer.ts';
import { type InlineOpenResult, InlineStore } from '../../src/store/inline-store.ts';
import { openReadOnly } from '../../src/store/open-database.ts';
import type { Commit, RunDescription, StoreResult } from '../../src/store/run-store.ts';
import { headOf } from '../../src/store/seal.ts';
import { digestedTables, digestTable, finish } from '../../src/store/table-digest.ts';

export interface TornWalFigures {
  readonly trials: number;
  /** Acknowledged numbers that are gone without a word. */
  readonly lost: number;
  readonly duplicated: number;
  /** Numbers that are neither stored nor in a gap. */
  readonly unflaggedGaps: number;
  /** Files that are in the state of no commit. */
  readonly notPrefix: number;
  /** Files that SQLite calls damaged, or that did not open or go on. */
  readonly corrupt: number;
  /** Files that lack something acknowledged, and say so. */
  readonly reported: number;
  /** Files that lack nothing, although their log was damaged. */
  readonly whole: number;
  /** The first trouble of any kind, to begin with. */
  readonly first: string | null;
}

const RUN = '01KDVDNR00000000000000000T';
const COMMITS_A_HISTORY = 100;
const SECTOR_BYTES = 512;

export function tornWalTrials(options: { readonly seed: number; readonly trials: number }): TornWalFigures {
  const figures = { trials: 0, lost: 0, duplicated: 0, unflaggedGaps: 0, notPrefix: 0, corrupt: 0 };
  const all = { ...figures, reported: 0, whole: 0, first: null as string | null };
  for (let history = 0; all.trials < options.trials; history += 1) {
    const folder = mkdtempSync(join(tmpdir(), 'galvanode-torn-'));
    try {
      tearHistory(folder, randomKey(options.seed, 'torn-wal', history), options.trials, all);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return all;
}

type Figures = { -readonly [Key in keyof TornWalFigures]: TornWalFigures[Key] };

/** What a file must be after each commit, by the number of commits in it. */
type States = Map<number, string>;

interface Acknowledged {
  readonly commits: number;
  readonly nextSeq: number;
}

/** One run from its first commit on, with a trial after each. */
function tearHistory(folder: string, key: number, trials: number, figures: Figures): void {
  const bench = openBench(join(folder, 'bench'));
  const run = opened(told(bench, (done) => bench.store.createRun(DESCRIPTION, done)));
  const states: States = new Map([[0, stateOf(run.path)]]);
  for (let number = 1; number <= COMMITS_A_HISTORY && figures.trials < trials; number += 1) {
    const stored = told<StoreResult>(bench, (done) => run.commit(commitAt(key, number, run.nextSeq), done));
    if (!stored.ok) throw new Error(stored.detail);
    states.set(number, stateOf(run.path));
    const copyPath = join(folder, 'copy');
    copyBench(bench.dataPath, copyPath);
    const trial = randomKey(key, 'trial', number);
    const damage = damageFile(join(copyPath, 'runs', RUN, 'run.db'), trial);
    judge(copyPath, { commits: number, nextSeq: run.nextSeq }, states, figures, (what) => {
      figures.first ??= `${what} (key ${key}, commit ${number}, ${damage})`;
    });
    figures.trials += 1;
    rmSync(copyPath, { recursive: true });
  }
  told<undefined>(bench, (done) => bench.store.close(() => done(undefined)));
}

function judge(
  dataPath: string,
  acknowledged: Acknowledged,
  states: States,
  figures: Figures,
  trouble: (what: string) => void,
): void {
  const path = join(dataPath, 'runs', RUN, 'run.db');
  try {
    const found = inspect(path);
    if (found.integrity !== 'ok') throw new Error(found.integrity);
    if (states.get(found.commits) !== found.state) {
      figures.notPrefix += 1;
      trouble('no prefix');
    }
    figures.duplicated += found.duplicated;
    figures.unflaggedGaps += found.unflagged;
    if (found.duplicated + found.unflagged > 0) trouble('doubled or missing numbers');
    const loss = goOn(dataPath, path);
    const missing = acknowledged.nextSeq - found.nextSeq;
    if (acknowledged.commits === found.commits) figures.whole += 1;
    else if (loss?.numbers === missing && loss.commits === acknowledged.commits - found.commits)
      figures.reported += 1;
    else {
      figures.lost += missing;
      trouble('a loss without a word');
    }
  } catch (thrown) {
    figures.corrupt += 1;
    trouble(messageOf(thrown));
  }
}

interface Inspected extends Acknowledged {
  readonly state: string;
  readonly integrity: string;
  readonly duplicated: number;
  readonly unflagged: number;
}

/** As whoever reads the file first finds it, before the store has touched it. */
function inspect(path: string): Inspected {
  const state = stateOf(path);
  const db = openReadOnly(path);
  try {
    const sql = `SELECT commits, next_seq AS nextSeq,
      (SELECT count(*) - count(DISTINCT t_us) FROM sample) AS duplicated,
      next_seq - 1 - (SELECT count(*) FROM sample) - (SELECT ifnull(sum(count), 0) FROM gap) AS unflagged
      FROM checkpoint`;
    const row = db.prepare<[], Omit<Inspected, 'state' | 'integrity'>>(sql).get();
    if (row === undefined) throw new Error('no checkpoint');
    return { ...row, state, integrity: String(db.pragma('integrity_check(1)', { simple: true })) };
  } finally {
    db.close();
  }
}

/** Opens the run as a daemon that starts does, stores one more commit, and says what the record says. */
function goOn(dataPath: string, path: string): { readonly commits: number; readonly numbers: number } | null {
  const bench = openBench(dataPath);
  const run = opened(told(bench, (done) => bench.store.openRun(RUN, done)));
  const stored = told<StoreResult>(bench, (done) => run.commit(commitAt(1, 10_000, run.nextSeq), done));
  told<undefined>(bench, (done) => bench.store.close(() => done(undefined)));
  if (!stored.ok) throw new Error(stored.detail);
  const db = openReadOnly(path);
  const sql = "SELECT detail FROM event WHERE kind = 'storage-loss' ORDER BY id DESC LIMIT 1";
  const detail = db.prepare<[], string>(sql).pluck().get();
  db.close();
  return detail === undefined ? null : (JSON.parse(detail) as { commits: number; numbers: number });
}

/** Every row of every table, in one hash. */
function stateOf(path: string): string {
  const db = openReadOnly(path);
  try {
    return headOf(digestedTables(db).map((table) => finish(digestTable(db, table))));
  } finally {
    db.close();
  }
}

function copyBench(from: string, to: string): void {
  mkdirSync(join(to, 'runs', RUN), { recursive: true });
  for (const name of ['catalog.db', 'catalog.db-wal', `runs/${RUN}/run.db`, `runs/${RUN}/run.db-wal`])
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
}

/** What a disk may leave of a log; says what was done. */
function damageFile(path: string, key: number): string {
  const log = existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : Buffer.alloc(0);
  const draw = (index: number, below: number): number => Math.floor(uniformAt(key, index) * below);
  const at = draw(0, log.length);
  const kinds: readonly (() => string)[] = [
    () => {
      writeFileSync(`${path}-wal`, log.subarray(0, at));
      return `cut at ${at}`;
    },
    () => {
      const count = 1 + draw(1, 3);
      for (let bit = 0; bit < count; bit += 1) {
        const place = draw(2 + bit, log.length);
        log[place] = (log[place] ?? 0) ^ (1 << draw(9 + bit, 8));
      }
      writeFileSync(`${path}-wal`, log);
      return `${count} bits turned`;
    },
    () => {
      // Sectors from some place on that never reached the disk: nothing, or what stood there before.
      const first = Math.floor(at / SECTOR_BYTES) * SECTOR_BYTES;
      for (let sector = first; sector < log.length; sector += SECTOR_BYTES) {
        if (draw(20 + sector, 2) === 0)
          log.subarray(sector, sector + SECTOR_BYTES).fill(draw(21 + sector, 2) * 0x5a);
      }
      writeFileSync(`${path}-wal`, log);
      return `sectors torn from ${first} on`;
    },
    () => {
      writeFileSync(`${path}-wal`, Buffer.concat([log.subarray(0, at), Buffer.alloc(log.length - at)]));
      return `zeros from ${at} on`;
    },
    () => {
      rmSync(`${path}-wal`, { force: true });
      return 'no log';
    },
    () => interruptCheckpoint(path, draw),
  ];
  return log.length === 0 ? 'an empty log' : (kinds[draw(99, kinds.length)]?.() ?? '');
}

/** The log is whole, as SQLite sees to before it begins; some pages of the database are written, or half. */
function interruptCheckpoint(path: string, draw: (index: number, below: number) => number): string {
  const twin = `${path}-twin`;
  for (const suffix of ['', '-wal']) copyFileSync(path + suffix, twin + suffix);
  const db = new Database(twin);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  const after = readFileSync(twin);
  const before = readFileSync(path);
  const mixed = Buffer.alloc(Math.max(before.length, after.length));
  before.copy(mixed);
  for (let sector = 0; sector < after.length; sector += SECTOR_BYTES)
    if (draw(100 + sector, 2) === 0) after.copy(mixed, sector, sector, sector + SECTOR_BYTES);
  writeFileSync(path, mixed);
  rmSync(twin);
  return 'a checkpoint that was interrupted';
}

interface Bench {
  readonly dataPath: string;
  readonly clock: VirtualClock;
  readonly store: InlineStore;
}

function openBench(dataPath: string): Bench {
  mkdirSync(dirname(join(dataPath, 'x')), { recursive: true });
  const clock = new VirtualClock();
  return { dataPath, clock, store: new InlineStore({ clock, durability: 'full', target: { dataPath } }) };
}

function told<Result>({ clock }: Bench, start: (done: (result: Result) => void) => void): Result {
  const results: Result[] = [];
  start((result) => results.push(result));
  clock.runUntil(() => results.length > 0);
  if (results.length === 0) throw new Error('it was never told');
  return results[0] as Result;
}

function opened(result: InlineOpenResult) {
  if (!result.ok) throw new Error(result.detail);
  return result.store;
}

/** Commit number `number` of a history: samples, now and then a gap, and a row of most other tables. */
function commitAt(key: number, number: number, nextSeq: number): Commit {
  const draw = (index: number, below: number): number =>
    Math.floor(uniformAt(randomKey(key, 'commit', number), index) * below);
  const gap = { firstSeq: nextSeq, count: 1 + draw(0, 40), reason: 'ring overrun' };
  const hasGap = draw(1, 12) === 0;
  const firstSeq = hasGap ? gap.firstSeq + gap.count : nextSeq;
  const timeUs = firstSeq * 100_000;
  return {
    samples: samplesFrom(firstSeq, 1 + draw(2, 300)),
    ...{ stepsBegan: [], stepsEnded: [], halfCycles: [], commands: [], impedance: [] },
    events: draw(3, 3) === 0 ? [{ timeUs, kind: 'note', detail: { number } }] : [],
    clockSyncs: [{ timeUs, wallMs: number * 1000, source: 'host', errorUs: 10 }],
    aux: [
      {
        timeUs,
        errorUs: 1,
        name: 'bath',
        value: { kind: 'temperature', temperatureUk: 298_150_000 + number },
      },
    ],
    gaps: hasGap ? [gap] : [],
    checkpoint: { version: 1, stepNumber: number, body: { text: 'x'.repeat(draw(4, 40_000)), number } },
    state: draw(5, 10) === 0 ? { state: 'running', reason: `commit ${number}`, verdict: null } : null,
  };
}

function samplesFrom(firstSeq: number, count: number): SampleColumns {
  const column = (value: (seq: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, index) => value(firstSeq + index));
  return {
    ...{ firstSeq, count },
    timeUs: column((seq) => seq * 100_000),
    voltageNv: column((seq) => ((seq * 7919) % 97_000_000) - 48_000_000),
    currentPa: column((seq) => 1_130_000_000 + (seq % 1000)),
    netChargeNc: column((seq) => seq * 113),
    step: column(() => 1),
    flags: column(() => 0),
  };
}

const DESCRIPTION: RunDescription = {
  ...{
    run: RUN,
    createdWallMs: 1_767_225_600_000,
    cycler: 'sim',
    channel: 1,
    isSimulated: true,
    timeScale: 1,
  },
  protocol: { name: 'symmetric-cycling', version: 1, sourceHash: '-' },
  parameters: {},
  cell: {
    ...{ areaCm2: 1, sampleId: null, workingElectrode: null, counterElectrode: null },
    ...{ electrolyte: null, separator: null, operator: null, notes: null },
  },
  instrument: { voltageErrorNv: 0, currentErrorPa: 0 },
  meta: {},
};
