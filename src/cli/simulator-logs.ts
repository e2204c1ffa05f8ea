// The simulator's own records as options of a command: what each cell saw, and what no instrument can tell.
// Whatever is wrong with a path is said before anything is started.
import { type CellLog, createCellLogFile } from '../../firmware-sim/cell-log.ts';
import { createTruthLogFile, type TruthLog } from '../../firmware-sim/truth-log.ts';
import { GalvanodeError, messageOf } from '../base/errors.ts';

/** The description of `--truth`, the same wherever it is taken. */
export const TRUTH_ABOUT = 'write the hidden truth of each cell, one JSON line a switch and an event';

/** Throws STORE_FAILED where the file cannot be written. */
export function openCellLog(path: string): CellLog {
  return opened('--cell-log', path, () => createCellLogFile(path));
}

/** Throws STORE_FAILED where the file cannot be written. */
export function openTruthLog(path: string, manner: 'append' | 'replace'): TruthLog {
  return opened('--truth', path, () => createTruthLogFile(path, manner));
}

function opened<Log>(option: string, path: string, open: () => Log): Log {
  try {
    return open();
  } catch (thrown) {
    throw new GalvanodeError('STORE_FAILED', `"${option}": ${path} cannot be written: ${messageOf(thrown)}`);
  }
}
