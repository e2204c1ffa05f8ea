// Goal: efficiencies derived from a run are those of the cell, within what the instrument can tell. Method:
// whole runs of the library's protocols on cells whose losses are known: CE = (1 - f_H)(1 - phi), phi a
// parameter and f_H from the hidden hydrogen.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BARE_METAL, type DerivedRun, NO_LOSSES, runDerived, zincCell } from '../../support/derived-run.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvanode-efficiency-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const DEAD_SHARE = 0.004;
const LOSSES = { ...NO_LOSSES, deadFraction: DEAD_SHARE, hydrogenExchangeAPerCm2: 1e-9 };
const CELL = zincCell({ working: BARE_METAL, losses: LOSSES });
const SMALL = { wetting: '1 min', reservoir: '1 mAh/cm2', inner_capacity: '0.2 mAh/cm2', cycles: 9 };

/** (1 - f_H)(1 - phi), in %. */
function trueEfficiency({ truth }: DerivedRun): number {
  const last = truth.findLast((entry) => entry.truth === 'switch');
  const hydrogen = last?.hidden['workingHydrogenMAhPerCm2'] ?? Number.NaN;
  const plated = (last?.plate_c ?? Number.NaN) / 3.6 / 1.13;
  return 100 * (1 - hydrogen / plated) * (1 - DEAD_SHARE);
}

describe('the efficiency of a reservoir', () => {
  it('is that of the cell: (1 - f_H)(1 - phi)', async () => {
    const run = await runDerived({
      ...{ protocol: 'reservoir-efficiency', parameters: SMALL, cell: CELL, folder },
    });
    expect(run.result.verdict).toBe('completed');
    const expected = trueEfficiency(run);
    // The ideal instrument errs by a tick of 1 ms in steps of 24 min and more, below 1 ppm; the tail of
    // 1 mF/cm2 at 0.5 V takes 140 ppm of 1 mAh/cm2, of which the share of the loss alone is not given back.
    expect(Math.abs(run.value('reservoirEfficiency') - expected)).toBeLessThan(0.002);
    expect(run.figure('reservoirEfficiency')).toMatchObject({ at: { innerCycles: 9 }, note: null });
    // (n Qc + Qt)(1 - CE) = 2.8 mAh/cm2 of losses.
    expect(run.value('lostCharge')).toBeCloseTo(2.8 * (1 - expected / 100), 4);
  });

  it('lies within its stated uncertainty on a bench instrument', async () => {
    const run = await runDerived({
      ...{ protocol: 'reservoir-efficiency', parameters: SMALL, cell: CELL, folder, instrument: 'bench' },
    });
    const { uncertainty } = run.figure('reservoirEfficiency');
    const error = Math.abs(run.value('reservoirEfficiency') - trueEfficiency(run));
    expect(uncertainty).toBeGreaterThan(0);
    // Bounds of the data sheet stand for one standard uncertainty: no unit may exceed their sum.
    expect(error).toBeLessThan(2 * (uncertainty ?? 0));
    // 0.02 % gain, 0.01 % of 1 mA at 0.565 mA: some 0.1 %, and not much more.
    expect(uncertainty).toBeLessThan(0.2);
  });

  it('is of the sums, with a note, where an inner strip met the cut-off', async () => {
    const lossy = zincCell({ working: BARE_METAL, losses: { ...NO_LOSSES, deadFraction: 0.2 } });
    const run = await runDerived({
      ...{ protocol: 'reservoir-efficiency', cell: lossy, folder },
      parameters: { ...SMALL, reservoir: '0.25 mAh/cm2' },
    });
    expect(run.result.verdict).toBe('low-ce');
    expect(run.figure('reservoirEfficiency').note).toMatch(/reservoir was used up/);
    expect(Math.abs(run.value('reservoirEfficiency') - 80)).toBeLessThan(0.05);
  });
});

describe('the efficiency of a cycled cell', () => {
  it('is that of the cell', async () => {
    const parameters = { wetting: '1 min', cycles: 4, areal_capacity: '0.2 mAh/cm2' };
    const run = await runDerived({ protocol: 'coulombic-efficiency', parameters, cell: CELL, folder });
    expect(run.derivation?.kind).toBe('efficiency');
    const { uncertainty } = run.figure('efficiency');
    expect(Math.abs(run.value('efficiency') - trueEfficiency(run))).toBeLessThan(2 * (uncertainty ?? 0));
  });
});
