// Reads one run's file, while it is being written or after it was sealed: columns of samples, tables in
// pages. Each call opens the file, reads a page, and closes it: an open reader would starve checkpoints and
// bar the seal. Never writes, never reads without a limit. Synchronous: not for the process that owns the
// serial ports.
import type Database from 'better-sqlite3';
import { assert } from '../base/assert.ts';
import { contentHash } from './content-hash.ts';
import { openReadOnly } from './open-database.ts';
import { type PlotRequest, type PlotSeries, readPlot } from './plot.ts';
import * as rows from './row-readers.ts';
import { FIRST_SEQ } from './run-store.ts';
import { readWireRow, type WireLines } from './wire-rows.ts';
import type { TableDigest } from './table-digest.ts';

/** Columns in `seq` order, equally long; gaps leave numbers out. null: not measured. */
export interface SampleRows {
  readonly seq: readonly number[];
  readonly timeUs: readonly number[];
  readonly voltageNv: readonly (number | null)[];
  readonly currentPa: readonly (number | null)[];
  readonly netChargeNc: readonly (number | null)[];
  readonly step: readonly number[];
  readonly flags: readonly number[];
}

export interface LastSample {
  readonly timeUs: number;
  readonly voltageNv: number;
  readonly currentPa: number;
  readonly netChargeNc: number;
}

export interface RunReader {
  readonly path: string;
  meta(): Readonly<Record<string, unknown>>;
  /** Every number up to here is stored or lies in a gap; 0: none yet. */
  storedSeq(): number;
  /** Up to `limit` samples with numbers of `seq` and above. */
  samplesFrom(seq: number, limit: number): SampleRows;
  plot(request: PlotRequest): PlotSeries;
  /** Steps numbered `fromStep` and above. */
  steps(fromStep: number, limit: number): rows.StepRow[];
  halfCycles(fromNumber: number, limit: number): rows.HalfCycleRow[];
  /** Events with ids of `fromId` and above. */
  events(fromId: number, limit: number): rows.EventRow[];
  /** Recorded absences that begin at `fromSeq` or later. */
  gaps(fromSeq?: number, limit?: number): rows.GapRow[];
  clockSyncs(fromId: number, limit: number): rows.ClockSyncRow[];
  /** The latest row; null: there is none. */
  lastClockSync(): rows.ClockSyncRow | null;
  /** Numbers of journalled commands. */
  commands(): rows.CommandNumbers;
  /** The newest sample; null: there is none. */
  lastSample(): LastSample | null;
  /** Temperatures and markers with ids of `fromId` and above. */
  aux(fromId: number, limit: number): rows.AuxRow[];
  /** Points of spectra with ids of `fromId` and above. */
  impedance(fromId: number, limit: number): rows.ImpedanceRow[];
  /** Lines of the recorded wire: those of the first row after `afterId`; null: there are no more. */
  wire(afterId: number): WireLines | null;
  state(): rows.StateRow;
  /** Cycle of each step, for labelling samples. */
  cyclesOfSteps(fromStep: number, toStep: number): ReadonlyMap<number, number>;
  isSealed(): boolean;
  /** What the seal says; empty while the run is open. */
  sealRows(): TableDigest[];
  /** Computed anew from the rows. */
  contentHash(): string;
  /** Nothing to give back between calls; calls after it are a mistake. */
  close(): void;
}

const PAGE_MAXIMUM = 100_000;

/** Throws where `path` is no readable run file; so do its calls. */
export function openRunReader(path: string): RunReader {
  let isOpen = true;
  const read = <Result>(query: (db: Database.Database) => Result): Result => {
    assert(isOpen, 'the reader was closed');
    const db = openReadOnly(path);
    try {
      return query(db);
    } finally {
      db.close();
    }
  };
  const page = <Row>(query: (db: Database.Database, from: number, limit: number) => Row[]) => {
    return (from: number, limit: number): Row[] => {
      assertPage(from, limit);
      return read((db) => query(db, from, limit));
    };
  };
  const gaps = page(rows.readGaps);
  read((db) => db.prepare('SELECT 1 FROM checkpoint').get());
  return {
    path,
    meta: () => read(readMeta),
    storedSeq: () => read(readStoredSeq),
    samplesFrom: (seq, limit) => read((db) => readSamples(db, seq, limit)),
    plot: (request) => read((db) => db.transaction(() => readPlot(db, request, readStoredSeq(db)))()),
    steps: page(rows.readSteps),
    halfCycles: page(rows.readHalfCycles),
    events: page(rows.readEvents),
    gaps: (fromSeq = FIRST_SEQ, limit = PAGE_MAXIMUM) => gaps(fromSeq, limit),
    clockSyncs: page(rows.readClockSyncs),
    lastClockSync: () => read(rows.readLastClockSync),
    commands: () => read(rows.readCommandNumbers),
    lastSample: () => read(readLastSample),
    aux: page(rows.readAux),
    impedance: page(rows.readImpedance),
    wire: (afterId) => read((db) => readWireRow(db, afterId)),
    state: () => read(rows.readState),
    cyclesOfSteps: (fromStep, toStep) => read((db) => readCycles(db, fromStep, toStep)),
    isSealed: () => read((db) => db.prepare("SELECT 1 FROM meta WHERE key = 'sealed'").get() !== undefined),
    sealRows: () => read(readSeal),
    contentHash: () => read(contentHash),
    close: () => {
      isOpen = false;
    },
  };
}

function readMeta(db: Database.Database): Record<string, unknown> {
  const found = db.prepare<[], { key: string; value: string }>('SELECT key, value FROM meta').all();
  return Object.fromEntries(found.map(({ key, value }) => [key, rows.parseJson(value)]));
}

function readStoredSeq(db: Database.Database): number {
  const row = db.prepare<[], { next_seq: number }>('SELECT next_seq FROM checkpoint').get();
  assert(row !== undefined, 'checkpoint has one row');
  return row.next_seq - 1;
}

function readSamples(db: Database.Database, seq: number, limit: number): SampleRows {
  assertPage(seq, limit);
  const statement = db
    .prepare<[number, number], readonly (number | null)[]>(
      'SELECT seq, t_us, v_nv, i_pa, q_nc, step, flags FROM sample WHERE seq >= ? ORDER BY seq LIMIT ?',
    )
    .raw();
  const found = statement.all(seq, limit);
  const column = (index: number): number[] => found.map((row) => row[index] ?? 0);
  const measured = (index: number): (number | null)[] => found.map((row) => row[index] ?? null);
  return {
    seq: column(0),
    timeUs: column(1),
    voltageNv: measured(2),
    currentPa: measured(3),
    netChargeNc: measured(4),
    step: column(5),
    flags: column(6),
  };
}

function readLastSample(db: Database.Database): LastSample | null {
  const sql = `SELECT t_us AS timeUs, coalesce(v_nv, 0) AS voltageNv, coalesce(i_pa, 0) AS currentPa,
    coalesce(q_nc, 0) AS netChargeNc FROM sample ORDER BY seq DESC LIMIT 1`;
  return db.prepare<[], LastSample>(sql).get() ?? null;
}

function readCycles(db: Database.Database, fromStep: number, toStep: number): Map<number, number> {
  assertPage(fromStep, Math.max(1, toStep - fromStep + 1));
  const statement = db.prepare<[number, number], { step: number; cycle: number }>(
    'SELECT step, cycle FROM step_log WHERE step BETWEEN ? AND ?',
  );
  return new Map(statement.all(fromStep, toStep).map(({ step, cycle }) => [step, cycle]));
}

function readSeal(db: Database.Database): TableDigest[] {
  // What stands in brackets is no table: the head and the file.
  const sql = `SELECT "table", n AS rows, sha256 FROM seal WHERE "table" NOT LIKE '(%' ORDER BY 1`;
  return db.prepare<[], TableDigest>(sql).all();
}

function assertPage(from: number, limit: number): void {
  assert(Number.isSafeInteger(from), `a page begins at a whole number, found ${from}`);
  const isLimit = Number.isSafeInteger(limit) && limit > 0 && limit <= PAGE_MAXIMUM;
  assert(isLimit, `a page has 1 to ${PAGE_MAXIMUM} rows, found ${limit}`);
}
