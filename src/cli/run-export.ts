// `galvanode run export`: the samples of a run in SI units, to stdout or a file.
import { createWriteStream } from 'node:fs';
import { GalvanodeError, messageOf } from '../base/errors.ts';
import { exportCsv } from '../export/csv.ts';
import type { RunReader } from '../store/readers.ts';
import type { CommonOptions } from './context.ts';
import { say } from './output.ts';
import { findRun, openRun } from './run-files.ts';

export interface ExportOptions {
  readonly format: string;
  readonly out?: string;
}

export async function exportRun(name: string, options: ExportOptions, common: CommonOptions): Promise<void> {
  if (options.format !== 'csv')
    throw new GalvanodeError('USAGE', `"--format": no "${options.format}"; known: csv`);
  const path = findRun(name, common);
  const reader = openRun(path);
  if (options.out === undefined) {
    await exportCsv(reader, process.stdout);
  } else {
    say(`${options.out}: ${await exportToFile(reader, options.out)} samples`);
  }
  reader.close();
}

async function exportToFile(reader: RunReader, path: string): Promise<number> {
  const file = createWriteStream(path);
  try {
    const failed = new Promise<never>((_resolve, reject) => file.once('error', reject));
    const rows = await Promise.race([exportCsv(reader, file), failed]);
    const ended = new Promise<void>((resolve) => file.end(resolve));
    await Promise.race([ended, failed]);
    return rows;
  } catch (thrown) {
    const detail = messageOf(thrown);
    throw new GalvanodeError(
      detail.includes('ENOSPC') ? 'STORE_FULL' : 'STORE_FAILED',
      `${path} cannot be written: ${detail}`,
    );
  }
}
