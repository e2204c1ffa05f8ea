// catalog.db of a bench: which runs there are, where, and how they stand. An index; the run files are the
// truth. Written by whoever writes the runs (one process); read by anybody through `openCatalogReader`.
// Never fails a run's commit: a state that could not be noted is noted with the next one.
import { join, relative } from 'node:path';
import type Database from 'better-sqlite3';
import { type Durability, openDatabase } from './open-database.ts';
import type { CellDescription, RunDescription, RunStateRow, StoreResult } from './run-store.ts';
import { failureOf, type StoreFailure } from './store-failure.ts';

export const CATALOG_FILE = 'catalog.db';

export type CatalogResult =
  | { readonly ok: true; readonly catalog: Catalog }
  | StoreFailure
  | { readonly ok: false; readonly code: 'STORE_NEWER'; readonly detail: string };

export interface RunStateChange extends RunStateRow {
  readonly sinceWallMs: number;
}

/** How far a run's file has been acknowledged; `sha256`: see migrations/catalog/002-head.sql. */
export interface RunHead {
  readonly commits: number;
  readonly nextSeq: number;
  readonly sha256: string | null;
}

export function openCatalog(dataPath: string, durability: Durability): CatalogResult {
  const opened = openDatabase({ path: join(dataPath, CATALOG_FILE), schema: 'catalog', durability });
  return opened.ok ? { ok: true, catalog: new Catalog(dataPath, opened.db, durability) } : opened;
}

export class Catalog {
  readonly #dataPath: string;
  readonly #db: Database.Database;
  readonly #durability: Durability;
  readonly #headNote: Database.Statement;
  readonly #notNoted = new Map<string, RunStateChange>();

  constructor(dataPath: string, db: Database.Database, durability: Durability) {
    this.#dataPath = dataPath;
    this.#db = db;
    this.#durability = durability;
    this.#headNote = db.prepare(
      'INSERT OR REPLACE INTO head (run, commits, next_seq, sha256) VALUES (?, ?, ?, ?)',
    );
  }

  addRun(description: RunDescription, path: string): StoreResult {
    return this.#try(() => {
      const { run, createdWallMs, protocol, cycler, channel, isSimulated, timeScale } = description;
      const cell = this.#addCell(description.cell);
      const where = relative(this.#dataPath, path);
      this.#db
        .prepare(
          `INSERT INTO run (run, path, created_wall_ms, protocol, protocol_version, cell, cycler, channel,
             is_simulated, time_scale, state, reason, since_wall_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'idle', 'created', ?)`,
        )
        .run(
          ...[run, where, createdWallMs, protocol.name, protocol.version, cell, cycler, channel],
          ...[Number(isSimulated), timeScale, createdWallMs],
        );
      this.#db
        .prepare('INSERT OR REPLACE INTO channel (cycler, channel, run) VALUES (?, ?, ?)')
        .run(cycler, channel, run);
    });
  }

  noteState(run: string, change: RunStateChange): void {
    this.#notNoted.set(run, change);
    const noted = this.#try(() => {
      const update = this.#db.prepare(
        'UPDATE run SET state = ?, reason = ?, verdict = ?, since_wall_ms = ? WHERE run = ?',
      );
      for (const [id, { state, reason, verdict, sinceWallMs }] of this.#notNoted) {
        update.run(state, reason, verdict, sinceWallMs, id);
      }
    });
    if (noted.ok) this.#notNoted.clear();
  }

  /** `head`: null for a file of an earlier galvanode. */
  noteSealed(run: string, head: string | null): StoreResult {
    return this.#try(() => {
      this.#db.prepare('UPDATE run SET is_sealed = 1 WHERE run = ?').run(run);
      this.#db
        .prepare(
          `INSERT INTO head (run, commits, next_seq, sha256) VALUES (?, 0, 1, ?)
           ON CONFLICT (run) DO UPDATE SET sha256 = excluded.sha256`,
        )
        .run(run, head);
    });
  }

  /**
   * Witness of what was acknowledged, for a disk that loses it. Does not wait for the disk: where this is
   * lost too, the file still tells the truth, and nobody knows that it once held more.
   */
  noteHead(run: string, { commits, nextSeq, sha256 }: RunHead): void {
    if (this.#durability === 'full') this.#db.pragma('synchronous = NORMAL');
    this.#try(() => void this.#headNote.run(run, commits, nextSeq, sha256));
    if (this.#durability === 'full') this.#db.pragma('synchronous = FULL');
  }

  headOf(run: string): RunHead | null {
    const sql = 'SELECT commits, next_seq AS nextSeq, sha256 FROM head WHERE run = ?';
    return this.#db.prepare<[string], RunHead>(sql).get(run) ?? null;
  }

  pathOf(run: string): string | null {
    const row = this.#db.prepare<[string], { path: string }>('SELECT path FROM run WHERE run = ?').get(run);
    return row === undefined ? null : join(this.#dataPath, row.path);
  }

  close(): void {
    this.#db.close();
  }

  /** A cell with a name is one row for all its runs, as last described; one without is a row of its own. */
  #addCell(cell: CellDescription): number {
    const { sampleId, areaCm2, workingElectrode, counterElectrode, electrolyte, separator, operator, notes } =
      cell;
    const row = this.#db
      .prepare<unknown[], { id: number }>(
        `INSERT INTO cell (sample_id, area_cm2, working_electrode, counter_electrode, electrolyte, separator,
           operator, notes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (sample_id) DO UPDATE SET area_cm2 = excluded.area_cm2,
           working_electrode = excluded.working_electrode, counter_electrode = excluded.counter_electrode,
           electrolyte = excluded.electrolyte, separator = excluded.separator, operator = excluded.operator,
           notes = excluded.notes
         RETURNING id`,
      )
      .get(sampleId, areaCm2, workingElectrode, counterElectrode, electrolyte, separator, operator, notes);
    if (row === undefined) throw new Error('the cell was not written');
    return row.id;
  }

  #try(run: () => void): StoreResult {
    try {
      this.#db.transaction(run).immediate();
      return { ok: true };
    } catch (thrown) {
      return failureOf(thrown, this.#db.name);
    }
  }
}
