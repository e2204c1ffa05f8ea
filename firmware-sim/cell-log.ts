// The simulator's own record of what each cell saw: one JSON line per change, written before the next thing
// happens. It is the proof in acceptance tests that cells end open, so it must never be buffered and never be
// fed by a dialect.
import { createLineFile, type LineFile } from './line-file.ts';

/** `power`: the relay is open because the device has no power, or had none. */
export type CellOffReason = 'off' | 'lease' | 'stop' | 'end' | 'fault' | 'power';
export type CellOnReason = 'commit' | 'next';

export interface CellLogEntry {
  /** Device clock of the change. */
  readonly t_us: number;
  /** Wall time of the change in ms since 1970: comparable with other processes' logs. */
  readonly real_ms: number;
  readonly ch: number;
  readonly cell: 'on' | 'off';
  /** The set current; 0 when the cell is open. */
  readonly i_pa: number;
  /** The set voltage where one is held; `i_pa` is then what flows at first. */
  readonly v_nv?: number;
  /** The step that switched it: the one that starts for `on`, the one that ends for `off`, 0 when none. */
  readonly step: number;
  readonly why: CellOffReason | CellOnReason;
}

export type CellLog = LineFile<CellLogEntry>;

/** For a simulator nobody watches. */
export const NO_CELL_LOG: CellLog = { write: () => undefined, close: () => undefined };

/** Appends to `path`. */
export function createCellLogFile(path: string): CellLog {
  return createLineFile(path, 'append');
}
