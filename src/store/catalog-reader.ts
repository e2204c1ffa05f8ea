// Reads the catalog of a bench: which runs there are, and which one an operator means by a RUN argument.
// Opens the file for each call and closes it again. Never writes.
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import type { RunHead } from './catalog.ts';
import { openReadOnly } from './open-database.ts';
import type { CellDescription } from './run-store.ts';

export interface CatalogRun {
  readonly run: string;
  /** Of its run.db. */
  readonly path: string;
  readonly createdWallMs: number;
  readonly protocol: string;
  readonly protocolVersion: number;
  readonly cycler: string;
  readonly channel: number;
  readonly isSimulated: boolean;
  readonly timeScale: number;
  readonly state: string;
  readonly reason: string;
  readonly verdict: string | null;
  readonly sinceWallMs: number;
  readonly isSealed: boolean;
  readonly cell: CellDescription;
}

export type FindRunResult =
  /** `run` is null for a file that is named by its path. */
  | { readonly ok: true; readonly path: string; readonly run: CatalogRun | null }
  | { readonly ok: false; readonly code: 'RUN_UNKNOWN'; readonly detail: string };

export interface NotedHead extends RunHead {
  /** Of its run.db. */
  readonly path: string;
  readonly isSealed: boolean;
}

export interface CatalogReader {
  /** Newest first. */
  runs(limit?: number): CatalogRun[];
  /** A ULID, a unique prefix of one, or the path of a run file. */
  run(name: string): FindRunResult;
  /** What is known of how far the file of a run was acknowledged; null: the run is not known, or nothing. */
  head(run: string): NotedHead | null;
  close(): void;
}

type RawRun = Omit<CatalogRun, 'isSimulated' | 'isSealed' | 'cell'> &
  CellDescription & { readonly isSimulated: number; readonly isSealed: number };

const RUNS_MAXIMUM = 10_000;
const SELECT = `SELECT run, path, created_wall_ms AS createdWallMs, protocol,
  protocol_version AS protocolVersion, cycler, channel,
  is_simulated AS isSimulated, time_scale AS timeScale, state, reason, verdict,
  since_wall_ms AS sinceWallMs, is_sealed AS isSealed, area_cm2 AS areaCm2, sample_id AS sampleId,
  working_electrode AS workingElectrode, counter_electrode AS counterElectrode, electrolyte, separator,
  operator, notes FROM run JOIN cell ON cell.id = run.cell`;

/** A catalog that does not exist yet has no runs. */
export function openCatalogReader(path: string): CatalogReader {
  const folder = dirname(path);
  const read = (where: string, ...values: readonly unknown[]): CatalogRun[] => {
    if (!existsSync(path)) return [];
    const db = openReadOnly(path);
    try {
      return select(db, where, values).map((raw) => parseRun(raw, folder));
    } finally {
      db.close();
    }
  };
  return {
    runs: (limit = RUNS_MAXIMUM) => read('ORDER BY run DESC LIMIT ?', limit),
    run: (name) => {
      if (isFile(name)) return { ok: true, path: name, run: null };
      const prefix = name.toUpperCase();
      const found = read('WHERE substr(run, 1, length(?)) = ? ORDER BY run DESC LIMIT 3', prefix, prefix);
      return chooseRun(name, found);
    },
    head: (run) => (existsSync(path) ? readHead(path, run) : null),
    close: () => undefined,
  };
}

function chooseRun(name: string, found: readonly CatalogRun[]): FindRunResult {
  const [run] = found;
  if (run !== undefined && found.length === 1) return { ok: true, path: run.path, run };
  const examples = found.map((candidate) => candidate.run).join(', ');
  const detail =
    found.length === 0
      ? `no run "${name}"; see galvanode run list`
      : `"${name}" is the beginning of more than one run (${examples}); give more of it`;
  return { ok: false, code: 'RUN_UNKNOWN', detail };
}

/** A catalog that no newer daemon has served yet has no heads. */
function readHead(path: string, run: string): NotedHead | null {
  const db = openReadOnly(path);
  try {
    if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'head'").get() === undefined) return null;
    const sql = `SELECT run.path, is_sealed AS isSealed, commits, next_seq AS nextSeq, sha256
      FROM head JOIN run USING (run) WHERE run = ?`;
    const found = db.prepare<[string], Omit<NotedHead, 'isSealed'> & { isSealed: number }>(sql).get(run);
    if (found === undefined) return null;
    return { ...found, path: join(dirname(path), found.path), isSealed: found.isSealed === 1 };
  } finally {
    db.close();
  }
}

function select(db: Database.Database, where: string, values: readonly unknown[]): RawRun[] {
  return db.prepare<unknown[], RawRun>(`${SELECT} ${where}`).all(...values);
}

function parseRun(raw: RawRun, folder: string): CatalogRun {
  const { areaCm2, sampleId, workingElectrode, counterElectrode, electrolyte, separator, ...rest } = raw;
  const { operator, notes, isSimulated, isSealed, path, ...run } = rest;
  const electrodes = { workingElectrode, counterElectrode };
  return {
    ...run,
    path: join(folder, path),
    isSimulated: isSimulated === 1,
    isSealed: isSealed === 1,
    cell: { areaCm2, sampleId, ...electrodes, electrolyte, separator, operator, notes },
  };
}

function isFile(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isFile() === true;
}
