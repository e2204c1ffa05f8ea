// What a run left behind, read from outside: the run file by better-sqlite3 alone, the simulator's own cell
// log line by line.

import { existsSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { until } from './rig.ts';

export interface HalfCycleRow {
  readonly number: number;
  readonly cycle: number;
  readonly phase: string;
  readonly half: 'plate' | 'strip';
  readonly step: number;
  readonly charge_nc: number;
  readonly end_q_nc: number;
  readonly reason: string;
  readonly is_interrupted: number;
}

export interface SampleRow {
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
  readonly cycle: number;
  readonly half: 'plate' | 'strip' | null;
  readonly start_us: number;
  readonly end_us: number | null;
  readonly first_seq: number;
  readonly last_seq: number | null;
  readonly charge_nc: number | null;
  readonly reason: string | null;
}

interface Checkpoint {
  readonly state: string;
  readonly reason: string;
  readonly verdict: string | null;
  readonly next_seq: number;
}

export interface CellLogEntry {
  readonly t_us: number;
  readonly real_ms: number;
  readonly ch: number;
  readonly cell: 'on' | 'off';
  readonly i_pa: number;
  readonly step: number;
  readonly why: string;
}

/** Rows of one query. A short-lived connection, so that it never bars the seal. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows its columns.
export function rowsOf<T>(path: string, sql: string): readonly T[] {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: 10_000 });
  try {
    return db.prepare<[], T>(sql).all();
  } finally {
    db.close();
  }
}

export const halfCyclesOf = (path: string): readonly HalfCycleRow[] =>
  rowsOf(path, 'select * from half_cycle order by number');
export const samplesOf = (path: string): readonly SampleRow[] =>
  rowsOf(path, 'select * from sample order by seq');
export const stepsOf = (path: string): readonly StepRow[] =>
  rowsOf(path, 'select * from step_log order by step');

export function checkpointOf(path: string): Checkpoint {
  const [row] = rowsOf<Checkpoint>(path, 'select * from checkpoint');
  if (row === undefined) throw new Error(`${path} has no checkpoint`);
  return row;
}

export function isSealed(path: string): boolean {
  return rowsOf(path, 'select * from seal').length > 0 && !existsSync(`${path}-wal`);
}

/** Waits until the file says that its run has come to this state. */
export async function reaches(path: string, state: string): Promise<Checkpoint> {
  return until(
    `state ${state} of ${path}`,
    () => {
      const checkpoint = checkpointOf(path);
      return checkpoint.state === state ? checkpoint : undefined;
    },
    () => checkpointOf(path),
  );
}

/** Waits for `count` more samples than `after`; resolves with the number of the newest. */
export async function samplesBeyond(path: string, after: number, count = 1): Promise<number> {
  return until(
    `${count} samples beyond ${after}`,
    () => {
      const newest = newestSeq(path);
      return newest >= after + count ? newest : undefined;
    },
    () => checkpointOf(path),
  );
}

export function newestSeq(path: string): number {
  return rowsOf<{ seq: number }>(path, 'select coalesce(max(seq), 0) as seq from sample')[0]?.seq ?? 0;
}

/**
 * Each number from 1 on once, no gap written, times that never go back, steps in order: nothing lost, nothing
 * twice.
 */
export function expectWholeRecord(path: string): void {
  const samples = samplesOf(path);
  expect(rowsOf(path, 'select * from gap'), 'gaps').toEqual([]);
  const numbers = samples.map(({ seq }) => seq);
  const firstWrong = numbers.findIndex((seq, index) => seq !== index + 1);
  expect(firstWrong, `seq at row ${firstWrong} is ${numbers[firstWrong]}`).toBe(-1);
  expect(checkpointOf(path).next_seq).toBe(samples.length + 1);
  const backwards = samples.findIndex(({ t_us, step }, index) => {
    const before = samples[index - 1];
    return before !== undefined && (t_us < before.t_us || step < before.step);
  });
  expect(backwards, `row ${backwards} goes back`).toBe(-1);
  const steps = stepsOf(path);
  expect(steps.map(({ step }) => step)).toEqual(steps.map((_, index) => index + 1));
  for (const { step, first_seq, last_seq } of steps) {
    if (last_seq === null) continue;
    const own = samples.filter((sample) => sample.step === step).map(({ seq }) => seq);
    expect([own[0], own.at(-1)], `samples of step ${step}`).toEqual([first_seq, last_seq]);
  }
}

/** Plate and strip in turn, cycle by cycle, each counted once. */
export function expectHalfCyclesInTurn(path: string): void {
  const rows = halfCyclesOf(path).map(({ number, cycle, half }) => ({ number, cycle, half }));
  const due = rows.map((_, index) => ({
    number: index + 1,
    cycle: Math.floor(index / 2) + 1,
    half: index % 2 === 0 ? 'plate' : 'strip',
  }));
  expect(rows).toEqual(due);
}

export function cellLogOf(path: string): readonly CellLogEntry[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  // The last piece is empty, or a line that is being written.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as CellLogEntry);
}

export function lastOfChannel(path: string, channel = 1): CellLogEntry {
  const last = cellLogOf(path)
    .filter(({ ch }) => ch === channel)
    .at(-1);
  if (last === undefined) throw new Error(`${path} says nothing of channel ${channel}`);
  return last;
}

/**
 * Waits until the simulator's own log says that current flows in this channel, in the step `atStep` or later.
 */
export async function cellDriven(path: string, channel = 1, atStep = 4): Promise<CellLogEntry> {
  return until(`current in channel ${channel}`, () => {
    if (!existsSync(path)) return undefined;
    const last = cellLogOf(path)
      .filter(({ ch }) => ch === channel)
      .at(-1);
    return last?.cell === 'on' && last.step >= atStep ? last : undefined;
  });
}

export async function cellOpened(path: string, channel = 1): Promise<CellLogEntry> {
  return until(`channel ${channel} to be opened`, () => {
    const last = lastOfChannel(path, channel);
    return last.cell === 'off' ? last : undefined;
  });
}
