// The store in the caller's own process: writes at once, tells the result by `clock.defer`, so no caller is
// re-entered. Used by `simulate`, by tests, and inside the writer process, which is this store behind a
// channel. Never more than one of these per data folder on a bench: the catalog and each run have a single
// writer.
import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { makeFolders } from '../base/folders.ts';
import { NO_BLOCK } from './block-chain.ts';
import { type Catalog, type CatalogResult, openCatalog, type RunHead } from './catalog.ts';
import { makeWay } from './out-file.ts';
import type { Durability } from './open-database.ts';
import { createRunDatabase, openRunDatabase, type RunDatabase } from './run-database.ts';
import type { Commit, OpenResult, RunDescription, RunStore, Store, StoreResult } from './run-store.ts';
import { failureOf } from './store-failure.ts';

export interface InlineStoreOptions {
  readonly clock: Clock;
  readonly durability: Durability;
  /** A data folder with a catalog, or one file on its own (`simulate --out a.db`). */
  readonly target: { readonly dataPath: string } | { readonly outPath: string };
}

/** `openRun` of a file that is complete already says so; elsewhere that is just a failure. */
export type InlineOpenResult =
  | { readonly ok: true; readonly store: InlineRunStore }
  | (Exclude<OpenResult, { ok: true }> & { readonly isSealed?: boolean });

/**
 * A reader that pages through the file lets go of it within milliseconds; ten seconds of trying is
 * generous.
 */
const SEAL_ATTEMPTS = 200;
const SEAL_RETRY_MS = 50;

export class InlineStore implements Store {
  readonly #options: InlineStoreOptions;
  readonly #open = new Set<InlineRunStore>();
  #catalog: Catalog | null = null;

  constructor(options: InlineStoreOptions) {
    this.#options = options;
  }

  createRun(description: RunDescription, done: (result: InlineOpenResult) => void): void {
    const result = this.#create(description);
    this.#options.clock.defer(() => done(result));
  }

  openRun(run: string, done: (result: InlineOpenResult) => void): void {
    const result = this.#openAgain(run);
    this.#options.clock.defer(() => done(result));
  }

  close(done: () => void): void {
    for (const run of this.#open) run.closeNow();
    this.#catalog?.close();
    this.#catalog = null;
    this.#options.clock.defer(done);
  }

  #create(description: RunDescription): InlineOpenResult {
    const { target, durability } = this.#options;
    if ('outPath' in target) {
      const isFree = makeWay(target.outPath);
      return isFree.ok ? this.#createFile(description, target.outPath, null) : isFree;
    }
    const path = join(target.dataPath, 'runs', description.run, 'run.db');
    try {
      makeFolder(dirname(path), durability);
    } catch (thrown) {
      return failureOf(thrown, path);
    }
    const opened = this.#openCatalog(target.dataPath);
    const created = opened.ok ? this.#createFile(description, path, opened.catalog) : opened;
    // The folder carries the run's own new ULID: nothing but this attempt can be in it.
    if (!created.ok) rmSync(dirname(path), { recursive: true, force: true });
    return created;
  }

  #createFile(description: RunDescription, path: string, catalog: Catalog | null): InlineOpenResult {
    const created = createRunDatabase({ path, durability: this.#options.durability }, description);
    if (!created.ok) return created;
    const added = catalog?.addRun(description, path) ?? { ok: true };
    if (added.ok) return this.#track(description.run, created.database, catalog);
    created.database.close();
    return added;
  }

  #openAgain(run: string): InlineOpenResult {
    const { target, durability } = this.#options;
    const catalog = 'dataPath' in target ? this.#openCatalog(target.dataPath) : null;
    if (catalog?.ok === false) return catalog;
    const path = 'outPath' in target ? target.outPath : (catalog?.catalog.pathOf(run) ?? null);
    if (path === null) return { ok: false, code: 'STORE_FAILED', detail: `run ${run} is not in the catalog` };
    const opened = openRunDatabase({ path, durability });
    if (opened.ok) return this.#trackAgain(run, opened.database, catalog?.catalog ?? null);
    if (opened.code !== 'SEALED') return opened;
    // The last process may have died between the seal and its note.
    catalog?.catalog.noteSealed(run, opened.head);
    return { ok: false, code: 'STORE_FAILED', detail: opened.detail, isSealed: true };
  }

  /** Where the disk has lost what it had acknowledged, the record says so before anything else. */
  #trackAgain(run: string, database: RunDatabase, catalog: Catalog | null): InlineOpenResult {
    const noted = catalog?.headOf(run) ?? null;
    const told = noted === null ? ({ ok: true } as const) : database.noteLoss(noted);
    if (told.ok) return this.#track(run, database, catalog);
    database.close();
    return told;
  }

  #openCatalog(dataPath: string): CatalogResult {
    if (this.#catalog !== null) return { ok: true, catalog: this.#catalog };
    const opened = openCatalog(dataPath, this.#options.durability);
    if (opened.ok) this.#catalog = opened.catalog;
    return opened;
  }

  #track(run: string, database: RunDatabase, catalog: Catalog | null): InlineOpenResult {
    const { clock } = this.#options;
    const onClosed = (): void => void this.#open.delete(store);
    const store = new InlineRunStore({ run, database, catalog, clock, onClosed });
    catalog?.noteHead(run, headOf(database));
    this.#open.add(store);
    return { ok: true, store };
  }
}

interface RunParts {
  readonly run: string;
  readonly database: RunDatabase;
  readonly catalog: Catalog | null;
  readonly clock: Clock;
  readonly onClosed: () => void;
}

export class InlineRunStore implements RunStore {
  readonly run: string;
  readonly path: string;
  readonly #parts: RunParts;
  #state: 'open' | 'sealing' | 'sealed' | 'closed' = 'open';
  /** Failures not told yet: what was handed over behind them must not be stored without them. */
  #untoldFailures = 0;

  constructor(parts: RunParts) {
    this.run = parts.run;
    this.path = parts.database.path;
    this.#parts = parts;
  }

  get nextSeq(): number {
    return this.#parts.database.nextSeq;
  }

  get commits(): number {
    return this.#parts.database.commits;
  }

  commit(commit: Commit, done: (result: StoreResult) => void): void {
    const result = this.#commit(commit);
    if (!result.ok) this.#untoldFailures += 1;
    this.#parts.clock.defer(() => {
      if (!result.ok) this.#untoldFailures -= 1;
      done(result);
    });
  }

  seal(done: (result: StoreResult) => void): void {
    const { clock, database } = this.#parts;
    if (this.#state === 'sealed') {
      clock.defer(() => done({ ok: true }));
      return;
    }
    if (this.#state !== 'open') {
      clock.defer(() => done(this.#refusal()));
      return;
    }
    this.#state = 'sealing';
    const steps = database.seal();
    const work = (): void => {
      const step = steps.next();
      if (step.done !== true) clock.defer(work);
      else if (step.value.ok) this.#convert(SEAL_ATTEMPTS, done);
      else this.#endSeal(step.value, done);
    };
    clock.defer(work);
  }

  close(done: (result: StoreResult) => void): void {
    const result = this.closeNow();
    this.#parts.clock.defer(() => done(result));
  }

  closeNow(): StoreResult {
    if (this.#state === 'closed' || this.#state === 'sealed') return { ok: true };
    this.#state = 'closed';
    this.#parts.onClosed();
    return this.#parts.database.close();
  }

  #commit(commit: Commit): StoreResult {
    if (this.#state !== 'open') return this.#refusal();
    if (this.#untoldFailures > 0) {
      return { ok: false, code: 'STORE_FAILED', detail: `${this.path}: a commit before this one failed` };
    }
    const { database, catalog, clock, run } = this.#parts;
    const result = database.commit(commit);
    if (result.ok) catalog?.noteHead(run, headOf(database));
    if (result.ok && commit.state !== null) {
      catalog?.noteState(run, { ...commit.state, sinceWallMs: Math.floor(clock.wallMs()) });
    }
    return result;
  }

  #convert(attemptsLeft: number, done: (result: StoreResult) => void): void {
    const { clock, database } = this.#parts;
    // The process was told to end meanwhile. The mark is in the file; the next one finishes.
    if (this.#state !== 'sealing') return done(this.#refusal());
    const result = database.convertToSingleFile();
    if (result !== 'busy') {
      if (result.ok) this.#stamp(done);
      else this.#endSeal(result, done);
    } else if (attemptsLeft > 0) {
      clock.after(SEAL_RETRY_MS, () => this.#convert(attemptsLeft - 1, done));
    } else {
      const detail = `${this.path}: sealed, but a reader keeps its -wal file in use; close it and seal again`;
      this.#endSeal({ ok: false, code: 'STORE_FAILED', detail }, done);
    }
  }

  #stamp(done: (result: StoreResult) => void): void {
    const { clock, database, catalog, run } = this.#parts;
    const steps = database.stampSeal();
    const work = (): void => {
      const step = steps.next();
      if (step.done !== true) clock.defer(work);
      else if (!step.value.ok) this.#endSeal(step.value, done);
      else this.#endSeal(catalog?.noteSealed(run, step.value.head) ?? { ok: true }, done);
    };
    work();
  }

  #endSeal(result: StoreResult, done: (result: StoreResult) => void): void {
    if (this.#state === 'sealing') this.#state = result.ok ? 'sealed' : 'open';
    if (result.ok) this.#parts.onClosed();
    done(result);
  }

  #refusal(): StoreResult {
    return { ok: false, code: 'STORE_FAILED', detail: `${this.path}: the run is ${this.#state}` };
  }
}

function headOf({ commits, nextSeq, head }: RunDatabase): RunHead {
  return { commits, nextSeq, sha256: head === NO_BLOCK ? null : head };
}

/** A folder that a power cut does not take away again, as far as the platform lets us. */
function makeFolder(path: string, durability: Durability): void {
  const first = makeFolders(path);
  if (first === null || durability === 'off' || process.platform === 'win32') return;
  for (let folder = path; folder.length >= dirname(first).length; folder = dirname(folder)) {
    const handle = openSync(folder, 'r');
    fsyncSync(handle);
    closeSync(handle);
    if (folder === dirname(folder)) break;
  }
}
