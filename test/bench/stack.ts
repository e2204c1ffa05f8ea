// How fast a whole run goes in virtual time: `simulate`, in a process of its own as an operator would start
// it, through protocol, driver, wire, emulator and store. Its wall time runs from the first line of the run
// to the sealed file. Baseline: the rows of that very file into an equal table, by better-sqlite3 alone.
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, openReadOnly } from '../../src/store/open-database.ts';
import { simulateRun } from './simulate-process.ts';
import { median, rounded } from './statistics.ts';

const CYCLES = 500;
const RECORD_EVERY_S = 10;
const REPETITIONS = 3;
const ROWS_PER_TRANSACTION = 1000;
const COLUMNS = 'seq, t_us, v_nv, i_pa, q_nc, step, flags';

type SampleRow = readonly (number | null)[];

interface Repetition {
  readonly samples: number;
  readonly simulateS: number;
  readonly speedFactor: number;
  readonly insertS: number;
  readonly fileBytes: number;
  readonly insertFileBytes: number;
}

/** Simulated runs and raw inserts in turn, so that a noisy minute hits both. Medians. */
export async function measureStack(folder: string, say: (text: string) => void) {
  const startMs = performance.now();
  const measured: Repetition[] = [];
  while (measured.length < REPETITIONS) {
    say(`stack: repetition ${measured.length + 1} of ${REPETITIONS}`);
    // One after the other on purpose: two at once would measure each other.
    // oxlint-disable-next-line no-await-in-loop
    measured.push(await repeat(folder));
  }
  const samplesPerS = median(measured.map((each) => each.samples / each.simulateS));
  const insertRowsPerS = median(measured.map((each) => each.samples / each.insertS));
  const [first] = measured;
  return {
    samplesPerS: rounded(samplesPerS),
    sqliteInsertRowsPerS: rounded(insertRowsPerS),
    ratio: rounded(samplesPerS / insertRowsPerS, 3),
    speedFactor: rounded(median(measured.map((each) => each.speedFactor))),
    bytesPerSample: rounded((first?.fileBytes ?? Number.NaN) / (first?.samples ?? 0), 1),
    // Of the baseline's file, which holds samples and nothing else.
    sqliteBytesPerRow: rounded((first?.insertFileBytes ?? Number.NaN) / (first?.samples ?? 0), 1),
    samples: first?.samples ?? null,
    cycles: CYCLES,
    recordEveryS: RECORD_EVERY_S,
    rowsPerTransaction: ROWS_PER_TRANSACTION,
    repetitions: measured.map(({ simulateS, insertS }) => ({
      simulateS: rounded(simulateS, 3),
      insertS: rounded(insertS, 3),
    })),
    wallS: rounded((performance.now() - startMs) / 1000, 1),
  };
}

async function repeat(folder: string): Promise<Repetition> {
  const runPath = join(folder, 'stack.db');
  const rawPath = join(folder, 'raw.db');
  const { samples, wallS, speedFactor } = await simulateRun({
    outPath: runPath,
    dialect: 'gvn1',
    parameters: { cycles: CYCLES, record_interval: `${RECORD_EVERY_S} s` },
  });
  const rows = readRows(runPath);
  const insertS = insertRows(rawPath, rows);
  const fileBytes = statSync(runPath).size;
  const insertFileBytes = statSync(rawPath).size;
  for (const path of [runPath, rawPath]) rmSync(path, { force: true });
  if (rows.length !== samples) throw new Error(`${rows.length} rows are stored of ${samples} samples`);
  return { samples, simulateS: wallS, speedFactor, insertS, fileBytes, insertFileBytes };
}

function readRows(path: string): SampleRow[] {
  const db = openReadOnly(path);
  const rows = db.prepare<[], SampleRow>(`SELECT ${COLUMNS} FROM sample ORDER BY seq`).raw().all();
  db.close();
  return rows;
}

/**
 * Seconds of inserting: not of opening, nor of the last checkpoint. The file is made by the store's own
 * `openDatabase`, with the durability of `simulate`, so schema and pragmas are the same.
 */
function insertRows(path: string, rows: readonly SampleRow[]): number {
  const opened = openDatabase({ path, schema: 'run', durability: 'off' });
  if (!opened.ok) throw new Error(opened.detail);
  const { db } = opened;
  const insert = db.prepare<[SampleRow]>(`INSERT INTO sample (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const startMs = performance.now();
  for (let from = 0; from < rows.length; from += ROWS_PER_TRANSACTION) {
    begin.run();
    const end = Math.min(rows.length, from + ROWS_PER_TRANSACTION);
    for (let index = from; index < end; index += 1) insert.run(rows[index] ?? []);
    commit.run();
  }
  const endMs = performance.now();
  db.close();
  return (endMs - startMs) / 1000;
}
