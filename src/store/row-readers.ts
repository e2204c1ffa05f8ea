// Rows of a run file as the rest of the program reads them, in pages: from a number on, so many at most.
// Values keep the units they are stored in; types trust what galvanode itself wrote under CHECK constraints.
// Never opens or closes the file.
import type Database from 'better-sqlite3';
import { assert } from '../base/assert.ts';
import type { EndReason, StepPhase } from '../steps/step.ts';

export interface StepRow {
  readonly stepNumber: number;
  readonly programStep: string;
  readonly phase: StepPhase;
  readonly cycle: number;
  readonly half: 'plate' | 'strip' | null;
  readonly completesCycle: boolean;
  readonly mode: string;
  readonly setpointPa: number | null;
  /** Voltage asked for; null where the mode sets none, and in a file from before it was kept. */
  readonly setpointNv: number | null;
  readonly durationMaxUs: number;
  readonly limits: unknown;
  readonly record: unknown;
  readonly startUs: number;
  readonly startNetChargeNc: number;
  readonly firstSeq: number;
  /** null while the step runs, and so the rest. */
  readonly endUs: number | null;
  readonly endNetChargeNc: number | null;
  readonly chargeNc: number | null;
  readonly lastSeq: number | null;
  readonly reason: EndReason | null;
  readonly endVoltageNv: number | null;
  readonly endCurrentPa: number | null;
}

type RawStep = Omit<StepRow, 'limits' | 'record' | 'completesCycle'> & {
  readonly limits: string;
  readonly record: string;
  readonly completesCycle: number;
};

const SETPOINT_NV_SQL = '(SELECT setpoint_nv FROM step_mode WHERE step_mode.step = step_log.step)';

const stepSql = (setpointNv: string): string => `SELECT step AS stepNumber, program_step AS programStep,
  phase, cycle, half, completes_cycle AS completesCycle, mode, setpoint_pa AS setpointPa,
  ${setpointNv} AS setpointNv, duration_max_us AS durationMaxUs, limits, record, start_us AS startUs,
  start_q_nc AS startNetChargeNc, first_seq AS firstSeq, end_us AS endUs, end_q_nc AS endNetChargeNc,
  charge_nc AS chargeNc, last_seq AS lastSeq, reason, end_v_nv AS endVoltageNv, end_i_pa AS endCurrentPa
  FROM step_log WHERE step >= ? ORDER BY step LIMIT ?`;

export function readSteps(db: Database.Database, from: number, limit: number): StepRow[] {
  const sql = stepSql(hasTable(db, 'step_mode') ? SETPOINT_NV_SQL : 'NULL');
  const rows = db.prepare<[number, number], RawStep>(sql).all(from, limit);
  return rows.map(parseStep);
}

function parseStep(raw: RawStep): StepRow {
  const limits = parseJson(raw.limits);
  const record = parseJson(raw.record);
  return { ...raw, completesCycle: raw.completesCycle === 1, limits, record };
}

export interface HalfCycleRow {
  readonly number: number;
  readonly cycle: number;
  readonly phase: string;
  readonly half: 'plate' | 'strip';
  readonly stepNumber: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly chargeNc: number;
  readonly endNetChargeNc: number;
  readonly reason: EndReason;
  readonly plateauNv: number | null;
  readonly tipNv: number | null;
  readonly endNv: number | null;
  readonly isInterrupted: boolean;
}

type RawHalfCycle = Omit<HalfCycleRow, 'isInterrupted'> & { readonly isInterrupted: number };

const HALF_CYCLE_SQL = `SELECT number, cycle, phase, half, step AS stepNumber, start_us AS startUs,
  end_us AS endUs, charge_nc AS chargeNc, end_q_nc AS endNetChargeNc, reason, plateau_nv AS plateauNv,
  tip_nv AS tipNv, end_nv AS endNv, is_interrupted AS isInterrupted
  FROM half_cycle WHERE number >= ? ORDER BY number LIMIT ?`;

export function readHalfCycles(db: Database.Database, from: number, limit: number): HalfCycleRow[] {
  const rows = db.prepare<[number, number], RawHalfCycle>(HALF_CYCLE_SQL).all(from, limit);
  return rows.map(parseHalfCycle);
}

function parseHalfCycle(raw: RawHalfCycle): HalfCycleRow {
  return { ...raw, isInterrupted: raw.isInterrupted === 1 };
}

export interface EventRow {
  readonly id: number;
  readonly timeUs: number | null;
  readonly kind: string;
  readonly detail: unknown;
}

type RawEvent = Omit<EventRow, 'detail'> & { readonly detail: string };

const EVENT_SQL = `SELECT id, t_us AS timeUs, kind, detail FROM event WHERE id >= ? ORDER BY id LIMIT ?`;

export function readEvents(db: Database.Database, from: number, limit: number): EventRow[] {
  const rows = db.prepare<[number, number], RawEvent>(EVENT_SQL).all(from, limit);
  return rows.map(parseEvent);
}

function parseEvent(raw: RawEvent): EventRow {
  return { ...raw, detail: parseJson(raw.detail) };
}

export interface GapRow {
  readonly firstSeq: number;
  readonly count: number;
  readonly reason: string;
}

const GAP_SQL = `SELECT first_seq AS firstSeq, count, reason FROM gap
  WHERE first_seq >= ? ORDER BY first_seq LIMIT ?`;

export function readGaps(db: Database.Database, from: number, limit: number): GapRow[] {
  const rows = db.prepare<[number, number], GapRow>(GAP_SQL).all(from, limit);
  return rows;
}

export interface ClockSyncRow {
  readonly id: number;
  readonly timeUs: number;
  readonly wallMs: number;
  readonly source: string;
  readonly errorUs: number;
}

const CLOCK_SYNC_SQL = `SELECT id, t_us AS timeUs, wall_ms AS wallMs, source, error_us AS errorUs
  FROM clock_sync WHERE id >= ? ORDER BY id LIMIT ?`;

export function readClockSyncs(db: Database.Database, from: number, limit: number): ClockSyncRow[] {
  const rows = db.prepare<[number, number], ClockSyncRow>(CLOCK_SYNC_SQL).all(from, limit);
  return rows;
}

/** The latest; null: there is none. */
export function readLastClockSync(db: Database.Database): ClockSyncRow | null {
  const sql = 'SELECT id, t_us AS timeUs, wall_ms AS wallMs, source, error_us AS errorUs FROM clock_sync';
  return db.prepare<[], ClockSyncRow>(`${sql} ORDER BY id DESC LIMIT 1`).get() ?? null;
}

export interface CommandNumbers {
  /** 0: none. */
  readonly latest: number;
  /** Without a result: nobody knows what became of them. */
  readonly open: readonly number[];
}

export function readCommandNumbers(db: Database.Database): CommandNumbers {
  const latest = db.prepare<[], number>('SELECT coalesce(max(number), 0) FROM command').pluck().get();
  const open = db.prepare<[], number>('SELECT number FROM command WHERE result IS NULL ORDER BY 1').pluck();
  return { latest: latest ?? 0, open: open.all() };
}

export interface AuxRow {
  readonly id: number;
  readonly timeUs: number;
  readonly errorUs: number;
  readonly name: string;
  readonly kind: 'temperature' | 'marker';
  /** null for a marker. */
  readonly temperatureUk: number | null;
  /** null for a temperature. */
  readonly text: string | null;
}

const AUX_SQL = `SELECT id, t_us AS timeUs, error_us AS errorUs, name, kind, temperature_uk AS temperatureUk,
  text FROM aux WHERE id >= ? ORDER BY id LIMIT ?`;

/** None in a file that was sealed before there were any. */
export function readAux(db: Database.Database, from: number, limit: number): AuxRow[] {
  return hasTable(db, 'aux') ? db.prepare<[number, number], AuxRow>(AUX_SQL).all(from, limit) : [];
}

export interface ImpedanceRow {
  readonly id: number;
  readonly stepNumber: number;
  readonly timeUs: number;
  readonly frequencyMilliHz: number;
  readonly realMicroOhm: number;
  readonly imaginaryMicroOhm: number;
}

const IMPEDANCE_SQL = `SELECT id, step AS stepNumber, t_us AS timeUs, f_mhz AS frequencyMilliHz,
  re_uohm AS realMicroOhm, im_uohm AS imaginaryMicroOhm FROM impedance WHERE id >= ? ORDER BY id LIMIT ?`;

/** None in a file that was sealed before there were any. */
export function readImpedance(db: Database.Database, from: number, limit: number): ImpedanceRow[] {
  return hasTable(db, 'impedance')
    ? db.prepare<[number, number], ImpedanceRow>(IMPEDANCE_SQL).all(from, limit)
    : [];
}

export interface StateRow {
  readonly state: string;
  readonly reason: string;
  readonly verdict: string | null;
  /** Transactions stored so far. */
  readonly commits: number;
  readonly checkpoint: {
    readonly version: number;
    readonly stepNumber: number;
    readonly body: unknown;
  } | null;
}

interface RawState {
  readonly state: string;
  readonly reason: string;
  readonly verdict: string | null;
  readonly commits: number;
  readonly version: number | null;
  readonly step: number | null;
  readonly body: string | null;
}

const STATE_SQL = 'SELECT state, reason, verdict, commits, version, step, body FROM checkpoint';

export function readState(db: Database.Database): StateRow {
  const row = db.prepare<[], RawState>(STATE_SQL).get();
  assert(row !== undefined, 'checkpoint has one row');
  const { state, reason, verdict, commits, version, step, body } = row;
  const isEmpty = version === null || step === null || body === null;
  const checkpoint = isEmpty ? null : { version, stepNumber: step, body: parseJson(body) };
  return { state, reason, verdict, commits, checkpoint };
}

function hasTable(db: Database.Database, name: string): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined;
}

export function parseJson(text: string): unknown {
  return JSON.parse(text) as unknown;
}
