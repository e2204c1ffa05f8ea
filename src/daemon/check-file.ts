// The latest check of each channel, one JSON file each in the data folder, so that the runs that follow carry
// it. A file that cannot be read counts as no check: nothing is corrected by it, so nothing is lost.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../base/folders.ts';
import type { InstrumentCheck } from './instrument-check.ts';

const FOLDER = 'checks';

/** Throws the system's error where it cannot be written. */
export function writeCheck(dataPath: string, cycler: string, check: InstrumentCheck): string {
  const path = pathOf(dataPath, cycler, check.channel);
  makeFolders(join(dataPath, FOLDER), 0o700);
  writeFileSync(`${path}.new`, `${JSON.stringify(check, null, 2)}\n`);
  renameSync(`${path}.new`, path);
  return path;
}

/** As it goes into the `meta` of a run; null where there is none. */
export function readCheck(dataPath: string, cycler: string, channel: number): unknown {
  try {
    return JSON.parse(readFileSync(pathOf(dataPath, cycler, channel), 'utf8'));
  } catch {
    return null;
  }
}

function pathOf(dataPath: string, cycler: string, channel: number): string {
  return join(dataPath, FOLDER, `${cycler}-${channel}.json`);
}
