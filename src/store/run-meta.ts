// What a run file says about itself in `meta`: units, signs, protocol, parameters, cell, instrument,
// versions. Whoever finds the file in ten years has nothing else. Values are JSON; never changed after the
// run was created.
import type Database from 'better-sqlite3';
import { assert } from '../base/assert.ts';
import type { RunDescription } from './run-store.ts';

const UNITS = {
  t_us: 'microsecond, device time since the start of the run',
  v_nv: 'nanovolt, working electrode against the other',
  i_pa: 'picoampere',
  temperature_uk: 'microkelvin; 273150000 are 0 degC',
  q_nc: 'nanocoulomb, net charge of the run; 3.6e12 nC are 1 Ah',
  view_samples: 's, V, A, Ah',
};

const SIGN_CONVENTION =
  'current > 0 oxidises (strips) the working electrode, current < 0 plates it; ' +
  'charge has the sign of its current; charge_nc of half_cycle is a magnitude';

/** How to repeat them with the stock sqlite3 and sha256sum. */
const HASHES = {
  seal:
    'SHA-256 of: json_array of all columns in order of the schema (BLOBs as hex()), one line a row, ' +
    'in order of the primary key, joined by line feeds',
  block:
    'SHA-256 of: json_array(seq0, n, prev_sha256), then ' +
    'json_array(seq, t_us, v_nv, i_pa, q_nc, step, flags) of samples seq0 to seq0 + 4095, one line each, ' +
    'joined by line feeds',
  head: 'seal (head): SHA-256 of lines "table n sha256" of the other rows, in order, each with its line feed',
  file: 'seal (file): SHA-256 of the whole file with the 64 digits of this value read as zeros',
};

export function writeMeta(db: Database.Database, description: RunDescription): void {
  const insert = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
  for (const [key, value] of Object.entries(metaOf(db, description))) insert.run(key, JSON.stringify(value));
}

function metaOf(db: Database.Database, description: RunDescription): Record<string, unknown> {
  const { meta, run, createdWallMs, protocol, parameters, cell, cycler, channel, instrument } = description;
  const own = {
    format: 'galvanode run, one SQLite database per run',
    units: UNITS,
    sign_convention: SIGN_CONVENTION,
    hashes: HASHES,
    storage: { sqlite: db.prepare('SELECT sqlite_version()').pluck().get(), node: process.versions.node },
    run,
    created_wall_ms: createdWallMs,
    protocol,
    parameters,
    cell,
    cycler,
    channel,
    instrument,
    is_simulated: description.isSimulated,
    time_scale: description.timeScale,
  };
  for (const key of Object.keys(meta))
    assert(!(key in own) && key !== 'sealed', `meta key "${key}" is taken`);
  return { ...own, ...meta };
}
