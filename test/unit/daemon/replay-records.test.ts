// Goal: what galvanode decided when these runs were recorded it decides today, on every dialect.
// Method: the recorded wire of one run of each, replayed; `npm run wire` records them anew. Must fail when a
// decision changes: that it does is shown in replay-differences.test.ts.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES } from '../../../src/config/dialect-names.ts';
import { RECORDS, replayed, unpacked } from '../../support/recorded-run.ts';

/**
 * By charge to the net counter, and by voltage with a guard: between them every end that a device decides.
 */
const RECORDED = ['symmetric-cycling', 'coulombic-efficiency'];
const NAMES = RECORDED.flatMap((name) => DIALECT_NAMES.map((dialect) => `${name}-${dialect}`));

describe('recorded runs', () => {
  it.each(NAMES)('%s: the same steps, events and rows', async (name) => {
    const result = await replayed(unpacked(name));
    expect(result.detail).toBe('the whole run');
    expect(result.outcome).toBe('same');
    expect(result.compared['command']).toBeGreaterThan(8);
    expect(result.compared['half-cycle']).toBeGreaterThanOrEqual(4);
    expect(result.compared['sample']).toBeGreaterThan(150);
    expect(result.pollsMadeUp).toBe(0);
  });

  it('are there for every dialect, and small', () => {
    expect(readdirSync(RECORDS).sort()).toEqual(NAMES.map((name) => `${name}.db.gz`).sort());
    for (const name of NAMES) {
      expect(statSync(join(RECORDS, `${name}.db.gz`)).size).toBeLessThanOrEqual(100_000);
    }
  });
});
