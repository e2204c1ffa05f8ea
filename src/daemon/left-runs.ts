// Runs that an earlier daemon left open, by the catalog; and the sealing of those that nobody will go on
// with. The files themselves are read when the writer has opened them, never before: the old one may still be
// at work.
import { join } from 'node:path';
import { CATALOG_FILE } from '../store/catalog.ts';
import { type CatalogRun, openCatalogReader } from '../store/catalog-reader.ts';
import { openRunReader, type RunReader } from '../store/readers.ts';
import {
  EMPTY_COMMIT,
  type OpenResult,
  type RunStateRow,
  type RunStore,
  type Store,
  type StoreResult,
} from '../store/run-store.ts';
import type { RunSummary } from '../stream/feed.ts';
import type { RunChannel } from './channel.ts';
import { type RestoreOptions, type RestoreResult, restoreChannel } from './restore-channel.ts';
import { summaryFromFile } from './run-summary.ts';
import { sealRun } from './seal-run.ts';
import type { StoreTrouble } from './store-trouble.ts';

const FINAL_STATES: ReadonlySet<string> = new Set(['done', 'stopped', 'failed']);
const RUNS_MAX = 10_000;

/** All runs of a bench as its catalog has them, newest first. */
export function readCatalogRuns(dataPath: string): CatalogRun[] {
  const reader = openCatalogReader(join(dataPath, CATALOG_FILE));
  const runs = reader.runs(RUNS_MAX);
  reader.close();
  return runs;
}

/** The run has ended, whatever became of its file. */
export function isOver({ state }: Pick<CatalogRun, 'state'>): boolean {
  return FINAL_STATES.has(state);
}

/** `summary`: what its file knows beyond the catalog, and where the run stands now. */
export type TakeOverResult = { readonly summary: Partial<RunSummary> } & (
  | { readonly ok: true; readonly channel: RunChannel }
  /** In words for the operator: why this daemon does not go on with it; null: it was over. */
  | { readonly ok: false; readonly detail: string | null }
);

export interface TakeOverOptions extends Omit<RestoreOptions, 'run' | 'reader' | 'store' | 'cycler'> {
  readonly store: Store;
  /** null: it is not in the configuration. */
  readonly cycler: RestoreOptions['cycler'] | null;
  /** Its file cannot be opened yet. */
  readonly waiting: (detail: string) => void;
  readonly done: (result: TakeOverResult) => void;
}

const AGAIN_MS = 2000;

/**
 * Opens a run's file again; then makes its channel, which waits for a link, or seals what is over. A disk
 * that does not give the file is asked again without end: the cell is in the hands of the device until
 * then.
 */
export function takeOverLeft(run: CatalogRun, options: TakeOverOptions): void {
  options.store.openRun(run.run, (opened) => {
    if (opened.ok) return taken(run, opened, options);
    const { code, detail, isSealed } = opened;
    if (isSealed === true) {
      const reader = openRunReader(run.path);
      return options.done({
        ok: false,
        detail: null,
        summary: { ...summaryFromFile(reader), ...endOf(reader) },
      });
    }
    if (code === 'STORE_NEWER') return options.done({ ok: false, detail, summary: {} });
    // What is over stays what it became: only its seal waits.
    if (!isOver(run)) options.waiting(detail);
    options.clock.after(AGAIN_MS, () => takeOverLeft(run, options));
  });
}

function taken(run: CatalogRun, opened: Opened, options: TakeOverOptions): void {
  if (isOver(run)) return seal(run, opened, options);
  const reader = openRunReader(run.path);
  const summary = summaryFromFile(reader);
  const result = restore(run, { ...opened, reader }, options);
  if (result.ok) {
    // One that holds, or is being ended, does not tell its state again; `waiting` has told another.
    const { state, reason } = result.channel;
    return options.done({ ...result, summary: { ...summary, state, reason } });
  }
  if (result.isOver === true) {
    const ended = { state: 'failed', reason: result.detail, verdict: 'fault' };
    return endLeft(opened.store, ended, () =>
      options.done({ ok: false, detail: null, summary: { ...summary, ...ended } }),
    );
  }
  // The record says what the lists say; its checkpoint stays, for the program that can go on with it.
  const state = { state: 'holding', reason: `not gone on with: ${result.detail}`, verdict: null };
  const events = [{ timeUs: null, kind: 'state', detail: state }];
  opened.store.commit({ ...EMPTY_COMMIT, events, state }, () => opened.store.close(() => undefined));
  options.done({ ...result, summary: { ...summary, ...state } });
}

/** The catalog may not have been told. */
function endOf(reader: RunReader): Pick<RunSummary, 'state' | 'reason' | 'verdict'> {
  const { state, reason, verdict } = reader.state();
  return { state, reason, verdict };
}

type Opened = Extract<OpenResult, { ok: true }>;

function restore(
  run: CatalogRun,
  { store, reader }: Opened & { readonly reader: RunReader },
  options: TakeOverOptions,
): RestoreResult {
  const { cycler } = options;
  if (cycler !== null) return restoreChannel({ ...options, run: run.run, store, cycler, reader });
  const detail = `cycler "${run.cycler}" is not in the configuration; add it and start the daemon again`;
  return { ok: false, detail };
}

/** Only the seal is missing. */
function seal({ run }: CatalogRun, { store }: Opened, { clock, log, done }: TakeOverOptions): void {
  const onTrouble = (trouble: StoreTrouble): void =>
    log.error({ run, ...trouble }, 'the store does not take the seal of a left run');
  sealRun({ store, clock, onTrouble }, (result) => {
    if (!result.ok) log.error({ run, detail: result.detail }, 'a left run is not sealed');
    done({ ok: false, detail: null, summary: {} });
  });
}

/** Ends a run that nobody goes on with: what it recorded is kept and sealed. */
export function stopLeft(
  { run }: CatalogRun,
  { store, reason }: { readonly store: Store; readonly reason: string },
  done: (
    result: Exclude<StoreResult, { ok: true }> | { readonly ok: true; readonly state: RunStateRow },
  ) => void,
): void {
  store.openRun(run, (opened) => {
    if (!opened.ok) return done({ ok: false, code: 'STORE_FAILED', detail: opened.detail });
    const state = { state: 'stopped', reason, verdict: 'stopped' };
    endLeft(opened.store, state, (result) => done(result.ok ? { ok: true, state } : result));
  });
}

function endLeft(store: RunStore, state: RunStateRow, done: (result: StoreResult) => void): void {
  const events = [{ timeUs: null, kind: 'state', detail: { ...state } }];
  store.commit({ ...EMPTY_COMMIT, events, state }, (result) => (result.ok ? store.seal(done) : done(result)));
}
