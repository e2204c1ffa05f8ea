// What no instrument can tell, for whoever scores detectors and analyses: the hidden state of each cell at
// each switch, and what happened inside it. Never read by the host, never fed by a dialect.
import type { CellEventKind } from './cell/cell-model.ts';
import { createLineFile, type LineFile } from './line-file.ts';

/** The hidden state of a cell at the instant its drive was changed, before the change took effect. */
export interface TruthOfSwitch {
  readonly truth: 'switch';
  /** Device clock, never wrapped. */
  readonly t_us: number;
  /** Wall time in ms since 1970. */
  readonly real_ms: number;
  readonly ch: number;
  /** Seconds of the cell's life; a rise of the source puts it some milliseconds after `t_us`. */
  readonly life_s: number;
  readonly plate_c: number;
  readonly strip_c: number;
  readonly hidden: Readonly<Record<string, number>>;
}

/** Something that happened inside a cell, written at the switch after it. */
export interface TruthOfEvent {
  readonly truth: 'event';
  /** Device clock of the event itself, to the fraction of a microsecond; never wrapped. */
  readonly t_us: number;
  readonly real_ms: number;
  readonly ch: number;
  readonly life_s: number;
  readonly kind: CellEventKind;
  readonly throughput_c_per_cm2: number;
  readonly half_cycle: number;
  readonly detail: Readonly<Record<string, number>>;
}

export type TruthEntry = TruthOfSwitch | TruthOfEvent;
export type TruthLog = LineFile<TruthEntry>;

/** Appends to `path` or begins it anew. */
export function createTruthLogFile(path: string, manner: 'append' | 'replace'): TruthLog {
  return createLineFile(path, manner);
}
