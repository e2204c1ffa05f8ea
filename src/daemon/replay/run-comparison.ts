// Holds the run that a replay writes against the recorded one, row by row, as it grows. Opens both files for
// a moment each time: either may be in use by its writer.
import type Database from 'better-sqlite3';
import { openReadOnly } from '../../store/open-database.ts';
import { COMPARED_TABLES, type ComparedTable, type Part } from './compared-tables.ts';
import { type Difference, differenceOf, type Row } from './difference.ts';

export interface RunComparisonOptions {
  readonly recordedPath: string;
  readonly todayPath: string;
  /** Of a record that is not complete, today's code may know more. */
  readonly isComplete: boolean;
}

interface Cursor {
  readonly table: ComparedTable;
  recordedAfter: number;
  todayAfter: number;
  rows: number;
  /** The record has no more. */
  isOver: boolean;
}

const PAGE = 2000;

export class RunComparison {
  readonly #options: RunComparisonOptions;
  readonly #cursors: readonly Cursor[];
  #first: Difference | null = null;

  constructor(options: RunComparisonOptions) {
    this.#options = options;
    this.#cursors = COMPARED_TABLES.map((table) => {
      return { table, recordedAfter: -1, todayAfter: -1, rows: 0, isOver: false };
    });
  }

  /** Rows that are the same so far. */
  counts(): Readonly<Record<Part, number>> {
    const counts = { command: 0, event: 0, began: 0, ended: 0, 'half-cycle': 0 };
    const all: Record<Part, number> = { ...counts, sample: 0, gap: 0, impedance: 0, aux: 0 };
    for (const { table, rows } of this.#cursors) all[table.part] = rows;
    return all;
  }

  /** What today's code has written since the last time; the first difference there is, once there is one. */
  compare(): Difference | null {
    this.#first ??= this.#look((cursor, files) => this.#grown(cursor, files));
    return this.#first;
  }

  /** The replay is over: what was recorded must all be there. */
  finish(): Difference | null {
    const first = this.compare();
    if (first !== null) return first;
    this.#first = this.#look((cursor, { recorded }) => {
      const [missing] = rowsAfter(recorded, cursor.table, cursor.recordedAfter, 1);
      return differenceOf(cursor.table, missing, undefined);
    });
    return this.#first;
  }

  #look(differenceIn: (cursor: Cursor, files: Files) => Difference | null): Difference | null {
    const { recordedPath, todayPath } = this.#options;
    const recorded = openReadOnly(recordedPath);
    try {
      const today = openReadOnly(todayPath);
      try {
        const found = this.#cursors.flatMap((cursor) => differenceIn(cursor, { recorded, today }) ?? []);
        return firstOf(found.map((difference) => withStep(recorded, difference)));
      } finally {
        today.close();
      }
    } finally {
      recorded.close();
    }
  }

  #grown(cursor: Cursor, { recorded, today }: Files): Difference | null {
    const { table } = cursor;
    while (!cursor.isOver) {
      const now = rowsAfter(today, table, cursor.todayAfter, PAGE);
      if (now.length === 0) return null;
      const before = rowsAfter(recorded, table, cursor.recordedAfter, now.length);
      for (const [index, row] of now.entries()) {
        const known = before[index];
        cursor.isOver = known === undefined && !this.#options.isComplete;
        if (cursor.isOver) break;
        const difference = differenceOf(table, known, row);
        if (difference !== null) return difference;
        cursor.rows += 1;
        cursor.todayAfter = Number(row['k']);
        cursor.recordedAfter = Number(known?.['k']);
      }
    }
    return null;
  }
}

interface Files {
  readonly recorded: Database.Database;
  readonly today: Database.Database;
}

function rowsAfter(db: Database.Database, { sql }: ComparedTable, after: number, limit: number): Row[] {
  return db.prepare<[number, number], Row>(`${sql} LIMIT ?`).all(after, limit);
}

/** An event belongs to the step that ran at its time. */
function withStep(db: Database.Database, difference: Difference): Difference {
  if (difference.part !== 'event' || difference.step !== null) return difference;
  const sql = `SELECT max(step) FROM step_log
    WHERE start_us <= coalesce((SELECT max(t_us) FROM event WHERE id <= ?), 0)`;
  const found: unknown = db.prepare<[number]>(sql).pluck().get(difference.number);
  return { ...difference, step: typeof found === 'number' ? found : null };
}

/** By step, then in the order in which parts follow from one another. */
function firstOf(found: readonly Difference[]): Difference | null {
  const last = Number.MAX_SAFE_INTEGER;
  const [first] = [...found].sort((a, b) => (a.step ?? last) - (b.step ?? last));
  return first ?? null;
}
