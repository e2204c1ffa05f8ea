// What a run file says about itself in `meta`: units, signs, protocol, parameters, cell, instrument,
// versions. Whoever finds the file in ten years has nothing else. Values are JSON; never changed after the
// run was created.
import type Database from 'better-sqlite3';
import { assert } from '../base/assert.ts';
import { CANONICAL_COLUMNS } from './content-hash.ts';
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
    seal_columns: CANONICAL_COLUMNS,
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
