// Makes way for `simulate --out a.db`: a file of an earlier simulation is replaced, anything else is refused.
// Never removes a measured run: experiments cannot be repeated, simulations can.
import { existsSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { APPLICATION_IDS } from './migrate.ts';
import { openReadOnly } from './open-database.ts';
import type { StoreResult } from './run-store.ts';
import { failureOf } from './store-failure.ts';

export function makeWay(path: string): StoreResult {
  const folder = dirname(path);
  if (!existsSync(folder))
    return refused(`${path}: there is no folder ${folder}; make it, or name another file`);
  if (!existsSync(path)) return { ok: true };
  if (statSync(path).isDirectory()) return refused(`${path} is a folder; name a file in it`);
  try {
    if (!isSimulatedRun(path)) {
      return refused(`${path} exists and is not a simulated run; it is left as it is, name another file`);
    }
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
    return { ok: true };
  } catch (thrown) {
    return failureOf(thrown, path);
  }
}

function refused(detail: string): StoreResult {
  return { ok: false, code: 'STORE_FAILED', detail };
}

function isSimulatedRun(path: string): boolean {
  const db = openReadOnly(path);
  try {
    if (db.pragma('application_id', { simple: true }) !== APPLICATION_IDS.run) return false;
    return db.prepare("SELECT value FROM meta WHERE key = 'is_simulated'").pluck().get() === 'true';
  } finally {
    db.close();
  }
}
