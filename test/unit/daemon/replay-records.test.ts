// Goal: what galvanode decided when these runs were recorded it decides today, on every dialect and with
// every protocol. Method: the recorded wire of one run of each, replayed; `npm run wire` records them anew.
// Must fail when a decision changes: that it does is shown in replay-differences.test.ts.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../../protocols/index.ts';
import { DIALECT_NAMES } from '../../../src/config/dialect-names.ts';
import { RECORDED_RUNS, RECORDS, replayed, unpacked } from '../../support/recorded-run.ts';

/** By charge to the net counter, and by voltage with a guard: between them what every dialect decides. */
const EVERYWHERE = ['symmetric-cycling', 'coulombic-efficiency'];
const ON_EVERY_DIALECT = EVERYWHERE.flatMap((name) => DIALECT_NAMES.map((dialect) => `${name}-${dialect}`));
const NAMES = RECORDED_RUNS.map(({ name }) => name);

describe('recorded runs', () => {
  it.each(NAMES)('%s: the same steps, events and rows', async (name) => {
    const result = await replayed(unpacked(name));
    expect(result).toMatchObject({ outcome: 'same', detail: 'the whole run', pollsMadeUp: 0 });
    expect(result.compared['command']).toBeGreaterThan(5);
    expect(result.compared['ended']).toBeGreaterThanOrEqual(3);
    expect(result.compared['sample']).toBeGreaterThan(20);
  });

  it.each(ON_EVERY_DIALECT)('%s: half-cycles too', async (name) => {
    const { compared } = await replayed(unpacked(name));
    expect(compared['half-cycle']).toBeGreaterThanOrEqual(4);
    expect(compared['sample']).toBeGreaterThan(150);
  });

  it('are there for every dialect and every protocol, and small', () => {
    expect(NAMES).toEqual(expect.arrayContaining(ON_EVERY_DIALECT));
    expect(new Set(RECORDED_RUNS.map(({ protocol }) => protocol))).toEqual(
      new Set(PROTOCOLS.map(({ name }) => name)),
    );
    expect(readdirSync(RECORDS).sort()).toEqual(NAMES.map((name) => `${name}.db.gz`).sort());
    for (const name of NAMES) {
      expect(statSync(join(RECORDS, `${name}.db.gz`)).size).toBeLessThanOrEqual(100_000);
    }
  });
});
