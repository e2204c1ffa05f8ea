// The simulator's own records as options of a command: what each cell saw, and what no instrument can tell.
// Whatever is wrong with a path is said before anything is started; a file that holds anything else is never
// written to.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CellLog, createCellLogFile } from '../../firmware-sim/cell-log.ts';
import type { LineFile } from '../../firmware-sim/line-file.ts';
import { createTruthLogFile, type TruthLog } from '../../firmware-sim/truth-log.ts';
import { GalvanodeError, messageOf } from '../base/errors.ts';

/** The description of `--truth`, the same wherever it is taken. */
export const TRUTH_ABOUT = 'write the hidden truth of each cell, one JSON line a switch and an event';

/** Every line of a truth log begins so. */
const TRUTH_BEGINS = '{"truth":"';
/** What SQLite keeps beside a database that is being written. */
const DATABASE_SUFFIXES = ['', '-wal', '-shm', '-journal'];

/** Throws STORE_FAILED where the file cannot be written. */
export function openCellLog(path: string): CellLog {
  return opened('--cell-log', path, () => createCellLogFile(path));
}

/** Throws STORE_FAILED where the file cannot be written or holds anything but a truth log. */
export function openTruthLog(path: string, manner: 'append' | 'replace'): TruthLog {
  return opened('--truth', path, () => {
    const beginning = beginningOf(path, TRUTH_BEGINS.length);
    if (beginning !== '' && beginning !== TRUTH_BEGINS) {
      const advice = 'it is left as it is, name another file';
      throw new GalvanodeError('STORE_FAILED', `"--truth": ${path} exists and is no truth log; ${advice}`);
    }
    return createTruthLogFile(path, manner);
  });
}

/** Throws USAGE where the truth would be written into the run itself, or into what SQLite keeps beside it. */
export function refuseTruthInRun(truthPath: string, runPath: string): void {
  const ofRun = DATABASE_SUFFIXES.map((suffix) => resolve(`${runPath}${suffix}`));
  if (!ofRun.includes(resolve(truthPath))) return;
  throw new GalvanodeError('USAGE', `"--truth": ${truthPath} is where --out writes; name another file`);
}

/** The first bytes of a file; none where there is none, nor of a pipe or a device: they keep nothing. */
function beginningOf(path: string, bytes: number): string {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return '';
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.toString('latin1', 0, readSync(file, buffer, 0, bytes, 0));
  } finally {
    closeSync(file);
  }
}

function opened<Entry>(option: string, path: string, open: () => LineFile<Entry>): LineFile<Entry> {
  const log = orFailed(option, path, open);
  return {
    write: (entry) => orFailed(option, path, () => log.write(entry)),
    close: () => log.close(),
  };
}

function orFailed<Result>(option: string, path: string, act: () => Result): Result {
  try {
    return act();
  } catch (thrown) {
    if (thrown instanceof GalvanodeError) throw thrown;
    const isFull = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC';
    const message = `"${option}": ${path} cannot be written: ${messageOf(thrown)}`;
    throw new GalvanodeError(isFull ? 'STORE_FULL' : 'STORE_FAILED', message);
  }
}
