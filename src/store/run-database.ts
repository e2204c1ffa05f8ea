// One run's file, open for writing: a commit is one transaction, stored as a whole or not at all.
// Synchronous; lives in the writer process on a bench and inline in `simulate`. Knows nothing of the catalog.
// Never leaves memory ahead of the file: what a commit changes here is adopted after COMMIT has returned.
import { isDeepStrictEqual } from 'node:util';
import type Database from 'better-sqlite3';
import { AssertionFailed, assert } from '../base/assert.ts';
import type { SampleColumns } from '../samples/sample-buffer.ts';
import { type BlockChain, type BlockTable, chainFromDatabase, createBlockTable } from './block-chain.ts';
import { foldLog } from './fold-log.ts';
import { type Durability, openDatabase } from './open-database.ts';
import { type Pyramid, pyramidFromDatabase } from './pyramid.ts';
import { createRowWriters, type RowWriters } from './row-writers.ts';
import { writeMeta } from './run-meta.ts';
import { assertDescribed, readLastTimeUs, readProgress } from './run-progress.ts';
import type { Commit, RunDescription, SampleGap, StoreResult } from './run-store.ts';
import { assertSamples, createSampleWriter, type WriteSamples } from './sample-writer.ts';
import * as sealing from './seal.ts';
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
  readonly blocks: BlockTable;
  readonly begin: Database.Statement;
  readonly commit: Database.Statement;
  readonly rollback: Database.Statement;
}

/** A commit of which nobody knows whether it is stored. */
interface Doubt {
  readonly commit: Commit;
  readonly failure: StoreFailure;
}

export function createRunDatabase(options: RunFileOptions, description: RunDescription): RunDatabaseResult {
  const opened = openDatabase({ ...options, schema: 'run' });
  if (!opened.ok) return opened;
  const { db } = opened;
  try {
    assert(readProgress(db).commits === 0, `${options.path} must be new`);
    db.transaction(() => writeMeta(db, description)).immediate();
    // Whatever becomes of the log later, the file knows whose run it is.
    db.pragma('wal_checkpoint(TRUNCATE)');
    return { ok: true, database: new RunDatabase(options, db) };
  } catch (thrown) {
    db.close();
    return failureOf(thrown, options.path);
  }
}

/** Opens an unsealed file again. SEALED is the one refusal that means the work is done. */
export function openRunDatabase(options: RunFileOptions): RunDatabaseResult | sealing.SealedFile {
  let db: Database.Database | undefined;
  try {
    if (sealing.isPortable(options.path)) return sealing.finishSeal(null, options);
    const opened = openDatabase({ ...options, schema: 'run' });
    if (!opened.ok) return opened;
    ({ db } = opened);
    assertDescribed(db);
    if (sealing.isMarkedSealed(db)) return sealing.finishSeal(db, options);
    return { ok: true, database: new RunDatabase(options, db) };
  } catch (thrown) {
    db?.close();
    // What does not hold in a file found on a disk is the disk's fault, and no reason to fall over.
    if (!(thrown instanceof AssertionFailed)) return failureOf(thrown, options.path);
    return { ok: false, code: 'STORE_FAILED', detail: `${options.path}: ${thrown.message}` };
  }
}

export class RunDatabase {
  readonly path: string;
  readonly #options: RunFileOptions;
  #connection: Connection;
  #pyramid: Pyramid;
  #chain: BlockChain;
  #commits: number;
  #lastTimeUs: number;
  /** What only the file knows, and it cannot be opened; null: all is well. */
  #doubt: Doubt | null = null;

  constructor(options: RunFileOptions, db: Database.Database) {
    this.path = options.path;
    this.#options = options;
    const progress = readProgress(db);
    this.#connection = connect(db);
    this.#commits = progress.commits;
    this.#pyramid = pyramidFromDatabase(db, progress.next_seq);
    this.#chain = chainFromDatabase(db);
    this.#lastTimeUs = readLastTimeUs(db);
  }

  /** Transactions stored so far. */
  get commits(): number {
    return this.#commits;
  }

  get nextSeq(): number {
    return this.#pyramid.nextSeq;
  }

  /** Hash of the last whole block of 4096 samples; zeros before the first. */
  get head(): string {
    return this.#chain.head;
  }

  /**
   * Throws `AssertionFailed`, nothing stored, where the commit contradicts the file. After a failure whose
   * outcome is not known the same commit must be offered again: it is not stored twice.
   */
  commit(commit: Commit): StoreResult {
    const doubt = this.#doubt;
    if (doubt !== null) {
      const settled = this.#settle(doubt);
      const isSame = settled !== 'stored' || isDeepStrictEqual(commit, doubt.commit);
      assert(isSame, `${this.path}: the commit in doubt was stored, and another one was offered`);
      if (settled !== 'absent') return settled === 'stored' ? { ok: true } : settled;
    }
    const { db, begin, commit: commitStatement, rollback } = this.#connection;
    const pyramid = this.#pyramid.copy();
    let chain: BlockChain;
    try {
      begin.run();
      chain = this.#write(commit, pyramid);
      commitStatement.run();
    } catch (thrown) {
      if (db.inTransaction) rollback.run();
      const failure = failureOf(thrown, this.path);
      if (!isInputOutputError(thrown)) return failure;
      this.close();
      this.#doubt = { commit, failure };
      const settled = this.#settle(this.#doubt);
      if (settled === 'stored') return { ok: true };
      return settled === 'absent' ? failure : settled;
    }
    this.#adopt(commit, pyramid, chain);
    foldLog(db, this.path);
    return { ok: true };
  }

  /**
   * Marks the file as complete: counts and hashes. Yields between chunks of work; then call
   * `convertToSingleFile`, then `stampSeal`.
   */
  seal(): Generator<undefined, StoreResult> {
    const { path, nextSeq } = this;
    return sealing.writeSeal(this.#connection.db, { path, nextSeq, chain: this.#chain });
  }

  /** `busy`: a reader holds the file, try again soon. */
  convertToSingleFile(): StoreResult | 'busy' {
    return sealing.convertToSingleFile(this.#connection.db, this.path);
  }

  stampSeal(): Generator<undefined, sealing.SealedResult> {
    return sealing.stampSeal(this.path, this.#options.durability);
  }

  /**
   * Tells the record what was acknowledged and is not in the file any more. Nothing to tell: nothing is
   * written. Not counted as a commit: it is the store's own.
   */
  noteLoss(acknowledged: { readonly commits: number; readonly nextSeq: number }): StoreResult {
    if (acknowledged.commits <= this.#commits) return { ok: true };
    const commits = acknowledged.commits - this.#commits;
    const numbers = Math.max(0, acknowledged.nextSeq - this.nextSeq);
    const detail = { commits, numbers, fromSeq: this.nextSeq };
    try {
      this.#connection.rows.event({ timeUs: null, kind: 'storage-loss', detail });
      return { ok: true };
    } catch (thrown) {
      return failureOf(thrown, this.path);
    }
  }

  close(): StoreResult {
    try {
      this.#connection.db.close();
      return { ok: true };
    } catch (thrown) {
      return failureOf(thrown, this.path);
    }
  }

  #write(commit: Commit, pyramid: Pyramid): BlockChain {
    const { rows, writeSamples, blocks } = this.#connection;
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
    if (commit.wire !== undefined) rows.wire(commit.wire);
    if (commit.checkpoint !== null) rows.checkpoint(commit.checkpoint);
    if (commit.state !== null) rows.state(commit.state);
    rows.progress({ commits: this.#commits + 1, nextSeq: pyramid.nextSeq });
    return this.#chain.grownTo(pyramid.nextSeq, blocks);
  }

  #adopt(commit: Commit, pyramid: Pyramid, chain: BlockChain): void {
    this.#pyramid = pyramid;
    this.#chain = chain;
    this.#commits += 1;
    const { samples } = commit;
    if (samples !== null) this.#lastTimeUs = samples.timeUs[samples.count - 1] ?? this.#lastTimeUs;
  }

  /**
   * After an I/O error nobody knows whether COMMIT reached the disk, and asking the disk again proves
   * nothing (a failed fsync drops what it could not write). Only the file, opened anew, can tell; and what it
   * shows may be in memory alone, so it is written and synced once more before it counts. Where that does not
   * work, each later commit tries again.
   */
  #settle({ commit, failure }: Doubt): 'stored' | 'absent' | Exclude<StoreResult, { ok: true }> {
    const opened = openDatabase({ ...this.#options, schema: 'run' });
    if (!opened.ok) return { ...failure, detail: `${failure.detail}; the file cannot be opened again` };
    const { db } = opened;
    try {
      const { commits, next_seq } = readProgress(db);
      const isStored = commits === this.#commits + 1;
      if (!isStored && commits !== this.#commits) {
        db.close();
        const detail = `${failure.detail}; the file holds ${commits} commits, not ${this.#commits}`;
        return { ...failure, detail, isFinal: true };
      }
      if (isStored && !isFolded(db)) {
        db.close();
        return { ...failure, detail: `${failure.detail}; what the file shows could not be synced yet` };
      }
      this.#connection = connect(db);
      if (isStored) this.#adopt(commit, pyramidFromDatabase(db, next_seq), chainFromDatabase(db));
      this.#doubt = null;
      return isStored ? 'stored' : 'absent';
    } catch (thrown) {
      db.close();
      return failureOf(thrown, this.path);
    }
  }
}

/** Samples and recorded absences in order of their numbers. */
function piecesOf(commit: Commit): readonly (SampleColumns | SampleGap)[] {
  const samples = commit.samples === null ? [] : [commit.samples];
  if (commit.gaps.length === 0) return samples;
  return [...samples, ...commit.gaps].sort((a, b) => a.firstSeq - b.firstSeq);
}

/** Copies the -wal file into the database, syncing both; false: a reader is in the way. */
function isFolded(db: Database.Database): boolean {
  return db.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) === 0;
}

function connect(db: Database.Database): Connection {
  return {
    db,
    writeSamples: createSampleWriter(db),
    rows: createRowWriters(db),
    blocks: createBlockTable(db),
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
  };
}
