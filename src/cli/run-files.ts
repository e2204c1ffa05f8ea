// Finding and opening the file of a run by ULID, unique prefix or path; what is none is said in one line.
import { join } from 'node:path';
import { GalvanodeError, messageOf } from '../base/errors.ts';
import { CATALOG_FILE } from '../store/catalog.ts';
import { openCatalogReader } from '../store/catalog-reader.ts';
import { openRunReader, type RunReader } from '../store/readers.ts';
import { type CommonOptions, dataPathFrom } from './context.ts';

export function findRun(name: string, common: CommonOptions): string {
  const found = openCatalogReader(join(dataPathFrom(common).path, CATALOG_FILE)).run(name);
  if (!found.ok) throw new GalvanodeError('RUN_UNKNOWN', found.detail);
  return found.path;
}

/** Reads a run file; what is none is a storage error, not ours. */
export function openRun(path: string): RunReader {
  try {
    return openRunReader(path);
  } catch (thrown) {
    throw new GalvanodeError('STORE_FAILED', `${path} is no readable run file: ${messageOf(thrown)}`);
  }
}
