// Goal: one protocol on one cell is the same run on every dialect: charges within each instrument's
// resolution, verdicts and counts identical, records whole. Method: whole runs in virtual time, each driver
// against its emulator; what is compared is in the run files and in the cell's own account of its charge.

import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES, type DialectName } from '../../../src/config/dialect-names.ts';
import type { DialectRig, DialectRigOptions } from '../../support/dialect-rig.ts';
import {
  CHARGE_NC,
  CONTACT_NC,
  CURRENT_PA,
  finishedRun,
  resolutionNc,
  SCENARIOS,
  SHORT,
} from '../../support/dialect-scenarios.ts';
import { expectContiguous, expectedTurns, isCellOpen, turnsOf } from '../../support/run-checks.ts';

function finished(options: Omit<DialectRigOptions, 'parameters'> & Partial<DialectRigOptions>): DialectRig {
  const run = finishedRun(options);
  expect(run.told.closed).toEqual({ problem: null });
  return run;
}

describe.each(DIALECT_NAMES)('a symmetric run on %s', (dialect) => {
  it('completes its cycles: every half-cycle within the resolution, the record whole, the cell open', () => {
    const run = finished({ dialect, errors: 'ideal' });
    const record = expectContiguous(run.reader());
    expect(turnsOf(record)).toEqual(expectedTurns(SHORT.cycles));
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    expect(run.reader().isSealed()).toBe(true);
    expect(isCellOpen(run.cellLog)).toBe(true);
    for (const { chargeNc, isInterrupted, reason } of record.halfCycles) {
      expect(isInterrupted).toBe(false);
      expect(reason).toBe('net-charge');
      expect(Math.abs(chargeNc - CHARGE_NC)).toBeLessThanOrEqual(2 * resolutionNc(run));
    }
  });

  it('agrees with what the cell saw, within what its data sheet leaves open', () => {
    const run = finished({ dialect });
    const { accuracy, currentRangesPa } = run.link.capabilities;
    const { halfCycles } = expectContiguous(run.reader());
    const stored = halfCycles.reduce(
      (sum, { half, chargeNc }) => ({ ...sum, [half]: sum[half] + chargeNc }),
      { plate: 0, strip: 0 },
    );
    const truth = run.device.truth(1);
    const fullScalePa = currentRangesPa.find((pa) => pa >= 1.05 * CURRENT_PA) ?? 0;
    const errorPa =
      (accuracy.currentGainPpm * CURRENT_PA + accuracy.currentOffsetPpmOfRange * fullScalePa) / 1e6;
    const boundNc = (errorPa / CURRENT_PA) * SHORT.cycles * CHARGE_NC + 6 * resolutionNc(run);
    expect(Math.abs(truth.plateChargeNc - CONTACT_NC - stored.plate)).toBeLessThan(boundNc);
    expect(Math.abs(truth.stripChargeNc - CONTACT_NC - stored.strip)).toBeLessThan(boundNc);
  });

  it('is the same run again for the same seed', () => {
    const parameters = { ...SHORT, cycles: 1 };
    const [first, second] = [1, 2].map(() => finished({ dialect, parameters }).reader().contentHash());
    expect(first).toBe(second);
  });
});

describe.each(SCENARIOS)('$name', ({ options, verdict }) => {
  it('ends with the same verdict after the same number of cycles on every dialect', () => {
    const outcomes = DIALECT_NAMES.map((dialect: DialectName) => {
      const run = finished({ ...options, dialect, errors: 'ideal' });
      expect(isCellOpen(run.cellLog)).toBe(true);
      return { verdict: run.reader().state().verdict, halfCycles: run.told.halfCycles.length };
    });
    const [first] = outcomes;
    expect(first?.verdict).toBe(verdict);
    for (const outcome of outcomes) expect(outcome).toEqual(first);
  });
});
