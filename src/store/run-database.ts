// One run's file, open for writing: a commit is one transaction, stored as a whole or not at all.
// Synchronous; lives in the writer process on a bench and inline in `simulate`. Knows nothing of the catalog.
// Never leaves memory ahead of the file: what a commit changes here is adopted after COMMIT has returned.
import type Database from 'better-sqlite3';
import { assert } from '../base/assert.ts';
import type { SampleColumns } from '../samples/sample-buffer.ts';
import { type Durability, openDatabase, openReadOnly } from './open-database.ts';
import { type Pyramid, pyramidFromDatabase } from './pyramid.ts';
import { createRowWriters, type RowWriters } from './row-writers.ts';
import { writeMeta } from './run-meta.ts';
import type { Commit, RunDescription, SampleGap, StoreResult } from './run-store.ts';
import { assertSamples, createSampleWriter, type WriteSamples } from './sample-writer.ts';
import { convertToSingleFile, isMarkedSealed, writeSeal } from './seal.ts';
import { failureOf, isInputOutputError, type StoreFailure } from './store-failure.ts';

export interface RunFileOptions {
  readonly path: string;
  readonly durability: Durability;
}

export type RunDatabaseResult =
  | { readonly ok: true; readonly database: RunDatabase }
  | StoreFailure
  | { readonly ok: false; readonly code: 'STORE_NEWER'; readonly detail: string };

/** A connection with its prepared statements. */
interface Connection {
  readonly db: Database.Database;
  readonly writeSamples: WriteSamples;
  readonly rows: RowWriters;
  readonly begin: Database.Statement;
  readonly commit: Database.Statement;
  readonly rollback: Database.Statement;
}

interface Progress {
  readonly commits: number;
  readonly next_seq: number;
}

export function createRunDatabase(options: RunFileOptions, description: RunDescription): RunDatabaseResult {
  const opened = openDatabase({ ...options, schema: 'run' });
  if (!opened.ok) return opened;
  const { db } = opened;
  try {
    assert(readProgress(db).commits === 0, `${options.path} must be new`);
    db.transaction(() => writeMeta(db, description)).immediate();
    return { ok: true, database: new RunDatabase(options, db) };
  } catch (thrown) {
    db.close();
    return failureOf(thrown, options.path);
  }
}

/** Opens an unsealed file again. SEALED is the one refusal that means the work is done. */
export function openRunDatabase(options: RunFileOptions): RunDatabaseResult | SealedFile {
  try {
    if (isPortable(options.path)) return sealed(options.path);
    const opened = openDatabase({ ...options, schema: 'run' });
    if (!opened.ok) return opened;
    return isMarkedSealed(opened.db)
      ? finishSeal(opened.db, options.path)
      : { ok: true, database: new RunDatabase(options, opened.db) };
  } catch (thrown) {
    return failureOf(thrown, options.path);
  }
}

export interface SealedFile {
  readonly ok: false;
  readonly code: 'SEALED';
  readonly detail: string;
}

export class RunDatabase {
  readonly path: string;
  readonly #options: RunFileOptions;
  #connection: Connection;
  #pyramid: Pyramid;
  #commits: number;
  #lastTimeUs: number;
  /** Why nothing can be written any more; null: all is well. */
  #broken: string | null = null;

  constructor(options: RunFileOptions, db: Database.Database) {
    this.path = options.path;
    this.#options = options;
    const progress = readProgress(db);
    this.#connection = connect(db);
    this.#commits = progress.commits;
    this.#pyramid = pyramidFromDatabase(db, progress.next_seq);
    this.#lastTimeUs = readLastTimeUs(db);
  }

  /** Transactions stored so far. */
  get commits(): number {
    return this.#commits;
  }

  get nextSeq(): number {
    return this.#pyramid.nextSeq;
  }

  /** Throws `AssertionFailed`, nothing stored, where the commit contradicts the file. */
  commit(commit: Commit): StoreResult {
    if (this.#broken !== null) return { ok: false, code: 'STORE_FAILED', detail: this.#broken };
    const { db, begin, commit: commitStatement, rollback } = this.#connection;
    const pyramid = this.#pyramid.copy();
    try {
      begin.run();
      this.#write(commit, pyramid);
      commitStatement.run();
    } catch (thrown) {
      if (db.inTransaction) rollback.run();
      if (isInputOutputError(thrown)) return this.#settle(commit, thrown);
      return failureOf(thrown, this.path);
    }
    this.#adopt(commit, pyramid);
    return { ok: true };
  }

  /**
   * Marks the file as complete: counts and hashes. Yields between chunks of work; then call
   * `convertToSingleFile`.
   */
  seal(): Generator<undefined, StoreResult> {
    return writeSeal(this.#connection.db, this.path);
  }

  /** `busy`: a reader holds the file, try again soon. */
  convertToSingleFile(): StoreResult | 'busy' {
    return convertToSingleFile(this.#connection.db, this.path);
  }

  close(): StoreResult {
    try {
      this.#connection.db.close();
      return { ok: true };
    } catch (thrown) {
      return failureOf(thrown, this.path);
    }
  }

  #write(commit: Commit, pyramid: Pyramid): void {
    const { rows, writeSamples } = this.#connection;
    for (const row of commit.stepsBegan) rows.stepBegan(row);
    for (const piece of piecesOf(commit)) {
      const { nextSeq } = pyramid;
      assert(piece.firstSeq === nextSeq, `seq must go on with ${nextSeq}, found ${piece.firstSeq}`);
      if ('timeUs' in piece) {
        assertSamples(piece, this.#lastTimeUs);
        writeSamples(piece);
        pyramid.addSamples(piece, rows.rollup);
      } else {
        rows.gap(piece);
        pyramid.advanceTo(nextSeq + piece.count, rows.rollup);
      }
    }
    for (const row of commit.stepsEnded) rows.stepEnded(row);
    for (const row of commit.halfCycles) rows.halfCycle(row);
    for (const row of commit.events) rows.event(row);
    for (const row of commit.commands) rows.command(row);
    for (const row of commit.clockSyncs) rows.clockSync(row);
    for (const row of commit.aux) rows.aux(row);
    for (const row of commit.impedance) rows.impedance(row);
    if (commit.checkpoint !== null) rows.checkpoint(commit.checkpoint);
    if (commit.state !== null) rows.state(commit.state);
    rows.progress({ commits: this.#commits + 1, nextSeq: pyramid.nextSeq });
  }

  #adopt(commit: Commit, pyramid: Pyramid): void {
    this.#pyramid = pyramid;
    this.#commits += 1;
    const { samples } = commit;
    if (samples !== null) this.#lastTimeUs = samples.timeUs[samples.count - 1] ?? this.#lastTimeUs;
  }

  /**
   * After an I/O error nobody knows whether COMMIT reached the disk, and asking the disk again proves nothing
   * (a failed fsync drops what it could not write). Only the file, opened anew, can tell.
   */
  #settle(commit: Commit, thrown: unknown): StoreResult {
    const failure = failureOf(thrown, this.path);
    this.#broken = `${failure.detail}; the file could not be opened again`;
    this.close();
    const opened = openDatabase({ ...this.#options, schema: 'run' });
    if (!opened.ok) return failure;
    const { db } = opened;
    const { commits, next_seq } = readProgress(db);
    const isStored = commits === this.#commits + 1;
    if (!isStored && commits !== this.#commits) {
      this.#broken = `${failure.detail}; the file holds ${commits} commits, not ${this.#commits}`;
      db.close();
      return failure;
    }
    this.#connection = connect(db);
    this.#broken = null;
    if (isStored) this.#adopt(commit, pyramidFromDatabase(db, next_seq));
    return isStored ? { ok: true } : failure;
  }
}

/** Samples and recorded absences in order of their numbers. */
function piecesOf(commit: Commit): readonly (SampleColumns | SampleGap)[] {
  const samples = commit.samples === null ? [] : [commit.samples];
  if (commit.gaps.length === 0) return samples;
  return [...samples, ...commit.gaps].sort((a, b) => a.firstSeq - b.firstSeq);
}

function connect(db: Database.Database): Connection {
  return {
    db,
    writeSamples: createSampleWriter(db),
    rows: createRowWriters(db),
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
  };
}

function readProgress(db: Database.Database): Progress {
  const row = db.prepare<[], Progress>('SELECT commits, next_seq FROM checkpoint WHERE id = 1').get();
  assert(row !== undefined, 'checkpoint has one row from the first migration on');
  return row;
}

function readLastTimeUs(db: Database.Database): number {
  const row = db.prepare<[], { t_us: number }>('SELECT t_us FROM sample ORDER BY seq DESC LIMIT 1').get();
  return row?.t_us ?? Number.NEGATIVE_INFINITY;
}

/** Sealed, and what a seal makes of a file: not to be opened for writing, which would take it back to WAL. */
function isPortable(path: string): boolean {
  const db = openReadOnly(path);
  try {
    return isMarkedSealed(db) && db.pragma('journal_mode', { simple: true }) === 'delete';
  } finally {
    db.close();
  }
}

/** The process that set the mark died before it was done. */
function finishSeal(db: Database.Database, path: string): SealedFile | StoreFailure {
  const result = convertToSingleFile(db, path);
  if (result !== 'busy') return result.ok ? sealed(path) : result;
  db.close();
  return {
    ok: false,
    code: 'STORE_FAILED',
    detail: `${path}: sealed, but a reader keeps its -wal file in use`,
  };
}

function sealed(path: string): SealedFile {
  return { ok: false, code: 'SEALED', detail: `${path} is sealed` };
}
