// What a run left behind, judged from outside: the run file by better-sqlite3 alone, never through the code
// that wrote it. Counts, so that tests and the reliability report judge alike.
import { existsSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { CellLogEntry } from '../../firmware-sim/cell-log.ts';
import type { TruthEntry, TruthOfSwitch } from '../../firmware-sim/truth-log.ts';

interface SampleRow {
  readonly seq: number;
  readonly t_us: number;
  readonly v_nv: number | null;
  readonly i_pa: number | null;
  readonly q_nc: number | null;
  readonly step: number;
  readonly flags: number;
}

export interface StepRow {
  readonly step: number;
  readonly program_step: string;
  readonly half: 'plate' | 'strip' | null;
  readonly setpoint_pa: number | null;
  readonly start_us: number;
  readonly end_us: number | null;
  readonly charge_nc: number | null;
  readonly reason: string | null;
}

export interface CheckpointRow {
  readonly state: string;
  readonly reason: string;
  readonly next_seq: number;
}

/** Rows of one query; a connection as short as it can be, so that it bars neither checkpoint nor seal. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows its columns.
export function rowsOf<T>(path: string, sql: string): readonly T[] {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: 10_000 });
  try {
    return db.prepare<[], T>(sql).all();
  } finally {
    db.close();
  }
}

export function checkpointOf(path: string): CheckpointRow {
  const [row] = rowsOf<CheckpointRow>(path, 'SELECT state, reason, next_seq FROM checkpoint');
  if (row === undefined) throw new Error(`${path} has no checkpoint`);
  return row;
}

export function stepsOf(path: string): readonly StepRow[] {
  return rowsOf(path, 'SELECT * FROM step_log ORDER BY step');
}

export interface EventRow {
  readonly kind: string;
  /** JSON. */
  readonly detail: string;
}

export function eventsOf(path: string): readonly EventRow[] {
  return rowsOf(path, 'SELECT kind, detail FROM event ORDER BY id');
}

export function isSealed(path: string): boolean {
  return rowsOf(path, 'SELECT 1 FROM seal LIMIT 1').length > 0 && !existsSync(`${path}-wal`);
}

/** What was once seen in the file of a run, and must be there for ever. */
export class Acknowledged {
  readonly #path: string;
  readonly #rows = new Map<number, string>();
  #newestSeq = 0;

  constructor(path: string) {
    this.#path = path;
  }

  get count(): number {
    return this.#rows.size;
  }

  get newestSeq(): number {
    return this.#newestSeq;
  }

  /** Takes in what has been stored since; cheap, so that it can be called right before a kill. */
  look(): void {
    for (const row of samplesBeyond(this.#path, this.#newestSeq)) {
      this.#rows.set(row.seq, textOf(row));
      this.#newestSeq = row.seq;
    }
  }

  /** Samples that have been seen and are not in the file any more, or not as they were. */
  lost(): number {
    const now = new Map(samplesBeyond(this.#path, 0).map((row) => [row.seq, textOf(row)]));
    return [...this.#rows].filter(([seq, text]) => now.get(seq) !== text).length;
  }
}

function samplesBeyond(path: string, seq: number): readonly SampleRow[] {
  return rowsOf(path, `SELECT * FROM sample WHERE seq > ${seq} ORDER BY seq`);
}

function textOf({ t_us, v_nv, i_pa, q_nc, step, flags }: SampleRow): string {
  return `${t_us} ${v_nv} ${i_pa} ${q_nc} ${step} ${flags}`;
}

export interface RecordFigures {
  readonly samples: number;
  readonly duplicated: number;
  readonly unflaggedGaps: number;
  /** Numbers that a recorded gap covers. */
  readonly flaggedGaps: number;
  readonly problems: readonly string[];
}

/** Numbers without a hole, times that rise, steps and half-cycles in turn and once. */
export function judgeRecord(path: string): RecordFigures {
  const samples = samplesBeyond(path, 0);
  const gaps = rowsOf<{ first_seq: number; count: number }>(path, 'SELECT * FROM gap');
  const covered = new Set(
    gaps.flatMap(({ first_seq, count }) => Array.from({ length: count }, (_, index) => first_seq + index)),
  );
  const stored = new Set(samples.map(({ seq }) => seq));
  const newest = samples.at(-1)?.seq ?? 0;
  let unflaggedGaps = 0;
  for (let seq = 1; seq <= newest; seq += 1) if (!stored.has(seq) && !covered.has(seq)) unflaggedGaps += 1;
  // A sample that was stored twice under two numbers has its time twice.
  const repeated = samples.filter(({ t_us }, index) => t_us <= (samples[index - 1]?.t_us ?? -1)).length;
  const turns = rowsOf<{ turn: string }>(
    path,
    "SELECT phase || ' ' || cycle || ' ' || half AS turn FROM half_cycle WHERE phase = 'cycling'",
  );
  const twice = turns.length - new Set(turns.map(({ turn }) => turn)).size;
  return {
    samples: samples.length,
    duplicated: repeated + twice,
    unflaggedGaps,
    flaggedGaps: covered.size,
    problems: [...holeInSteps(path), ...contradictionOf(path)],
  };
}

function holeInSteps(path: string): readonly string[] {
  const wrong = stepsOf(path).findIndex(({ step }, index) => step !== index + 1);
  return wrong === -1 ? [] : [`step ${wrong + 1} is not in the step log`];
}

function contradictionOf(path: string): readonly string[] {
  const strangers = rowsOf<{ seq: number }>(
    path,
    `SELECT seq FROM sample LEFT JOIN step_log ON step_log.step = sample.step
     WHERE step_log.step IS NULL OR seq < first_seq OR seq > coalesce(last_seq, seq)
        OR t_us <= start_us OR t_us > coalesce(end_us, t_us) LIMIT 1`,
  );
  return strangers.map(({ seq }) => `sample ${seq} does not lie in its step`);
}

/** Charge that the steps of the record delivered, nC, both magnitudes. */
export function chargeOf(path: string): { readonly plateNc: number; readonly stripNc: number } {
  const charges = stepsOf(path).map(({ charge_nc }) => charge_nc ?? 0);
  const sum = (isOurs: (nc: number) => boolean): number =>
    charges.filter(isOurs).reduce((total, nc) => total + Math.abs(nc), 0);
  return { plateNc: sum((nc) => nc < 0), stripNc: sum((nc) => nc > 0) };
}

/** Whole lines; the last piece is empty, or a line that is being written. */
function linesOf(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

export function cellLogOf(path: string): readonly CellLogEntry[] {
  return linesOf(path).map((line) => JSON.parse(line) as CellLogEntry);
}

/** The cell's own account at its last switch, nC; null before the first. */
export function truthOf(path: string): { readonly plateNc: number; readonly stripNc: number } | null {
  const entries = linesOf(path).map((line) => JSON.parse(line) as TruthEntry);
  const last = entries.filter((entry): entry is TruthOfSwitch => entry.truth === 'switch').at(-1);
  return last === undefined ? null : { plateNc: last.plate_c * 1e9, stripNc: last.strip_c * 1e9 };
}
