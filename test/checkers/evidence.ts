// What a world of the swarm wrote down while a story ran: everything that crossed a boundary, in one order.
// The checkers read this and the run files, and nothing else; no one of them looks into the daemon.
import type { CellLogEntry } from '../../firmware-sim/cell-log.ts';
import type { TruthOfSwitch } from '../../firmware-sim/truth-log.ts';
import type { DialectName } from '../../src/config/dialect-names.ts';
import type { EventRow, GapRow, HalfCycleRow, StepRow } from '../../src/store/row-readers.ts';
import type { SampleRows } from '../../src/store/readers.ts';
import type { Commit } from '../../src/store/run-store.ts';

/** `order` rises with every entry of any kind; `atMs` is the time of the world, not of a daemon. */
export interface Moment {
  readonly order: number;
  readonly atMs: number;
}

export interface LineBytes extends Moment {
  readonly instrument: string;
  /** Which daemon process had the port, counted from 1. */
  readonly life: number;
  readonly connection: number;
  readonly line: 'text' | 'data';
  readonly text: string;
}

export interface CellSwitch extends Moment {
  readonly instrument: string;
  readonly entry: CellLogEntry;
}

export interface HiddenCharge extends Moment {
  readonly instrument: string;
  readonly entry: TruthOfSwitch;
}

export interface StoredCommit extends Moment {
  readonly life: number;
  readonly run: string;
  readonly commit: Commit;
}

export interface ToldState extends Moment {
  readonly life: number;
  readonly run: string;
  readonly state: string;
  readonly reason: string;
}

/** Something that the world did, or that became of a daemon. */
export interface WorldNote extends Moment {
  readonly life: number;
  readonly what: string;
}

export interface Evidence {
  /** As the daemon wrote it, before anything happened to it. */
  readonly sent: readonly LineBytes[];
  /** As it came to the instrument. */
  readonly heard: readonly LineBytes[];
  /** As the instrument wrote it, before anything happened to it. */
  readonly said: readonly LineBytes[];
  readonly cells: readonly CellSwitch[];
  readonly hidden: readonly HiddenCharge[];
  /** Told to a living daemon as stored. */
  readonly acknowledged: readonly StoredCommit[];
  readonly states: readonly ToldState[];
  readonly notes: readonly WorldNote[];
}

/** An instrument, as far as checkers must know it. */
export interface Specimen {
  readonly name: string;
  readonly dialect: DialectName;
  readonly tickUs: number;
  readonly deadMan: 'device' | 'step-bound' | 'nobody';
  /** Its memory of samples is short, or was cleared by a reset: it may have lost what nobody heard. */
  readonly mayForget: boolean;
}

/** Extremes of `64 ** level` numbers. */
export interface RollupRow {
  readonly level: number;
  readonly bucket: number;
  readonly n: number;
  readonly t0: number;
  readonly t1: number;
  readonly vmin: number | null;
  readonly vmax: number | null;
  readonly imin: number | null;
  readonly imax: number | null;
}

/** One run, read from its file at the very end. */
export interface RunRecord {
  readonly run: string;
  readonly instrument: Specimen;
  readonly channel: number;
  readonly protocol: string;
  readonly state: string;
  readonly reason: string;
  readonly verdict: string | null;
  readonly isSealed: boolean;
  /** Main cycles that were asked for last; NaN: no more than there were. */
  readonly cycles: number;
  /** What the bench said of its end; null: nothing was wrong. */
  readonly problem: string | null;
  readonly steps: readonly StepRow[];
  readonly halfCycles: readonly HalfCycleRow[];
  readonly samples: SampleRows;
  readonly gaps: readonly GapRow[];
  readonly rollups: readonly RollupRow[];
  readonly events: readonly EventRow[];
}

/** The whole of a trial, for the checkers. */
export interface Trial {
  readonly evidence: Evidence;
  readonly runs: readonly RunRecord[];
  readonly instruments: readonly Specimen[];
  /** Time in which faults kept daemon and instruments apart, all together. */
  readonly absentMs: number;
  /** All faults were gone by then. */
  readonly healedAtMs: number;
}

export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6';
  /** One line: what was found, and what should have been. */
  readonly what: string;
}
