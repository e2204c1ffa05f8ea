// Goal: the temperature that an instrument measures itself is in the record of a run, once a step, and a run
// on an instrument that tells none has no such rows. Method: whole runs in virtual time, each driver against
// its emulator; what is looked at is in the run files.

import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES, type DialectName } from '../../../src/config/dialect-names.ts';
import type { RunReader } from '../../../src/store/readers.ts';
import { dialectRig } from '../../support/dialect-rig.ts';
import { expectContiguous } from '../../support/run-checks.ts';

const SHORT = {
  current_density: '1 mA/cm2',
  areal_capacity: '0.02 mAh/cm2',
  wetting: '10 s',
  conditioning_cycles: 0,
  cycles: 2,
  record_interval: '1 s',
};

function recordOf(dialect: DialectName): RunReader {
  const run = dialectRig({ dialect, parameters: SHORT, manner: 'simulate' });
  expect(run.refusal).toBeNull();
  run.runToEnd();
  expect(run.told.closed).toEqual({ problem: null });
  const reader = run.reader();
  expect(reader.state()).toMatchObject({ state: 'done', verdict: 'completed' });
  return reader;
}

describe('a run on a zahner', () => {
  it('has its temperature at the start of every step, and is sealed', () => {
    const reader = recordOf('zahner');
    const { steps } = expectContiguous(reader);
    const rows = reader.aux(1, 1000);
    expect(rows.map(({ timeUs }) => timeUs)).toEqual(steps.map(({ startUs }) => startUs));
    expect(rows[0]?.timeUs).toBe(0);
    for (const row of rows) {
      expect(row).toMatchObject({ errorUs: 1_000_000, name: 'instrument', temperatureUk: 298_150_000 });
    }
    expect(reader.isSealed()).toBe(true);
  });
});

it.each(DIALECT_NAMES.filter((name) => name !== 'zahner'))('a run on %s has no such rows', (dialect) => {
  expect(recordOf(dialect).aux(1, 1000)).toEqual([]);
});
