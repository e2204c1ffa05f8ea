// Goal: the loss at rest that is derived from a run is the zinc that corroded and lost contact in the cell.
// Method: whole runs of the library's protocols; the truth log says what each rest took.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeCell } from '../../../firmware-sim/cell/library/cell-library.ts';
import { BARE_METAL, type DerivedRun, NO_LOSSES, runDerived, zincCell } from '../../support/derived-run.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvanode-calendar-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const CORROSION_UA = 8;
const LOSSES = {
  ...NO_LOSSES,
  ...{ deadFraction: 0.005, corrosionAPerCm2: CORROSION_UA * 1e-6, restDeadPerDay: 0.02 },
};
const PARAMETERS = {
  ...{ wetting: '1 min', areal_capacity: '0.5 mAh/cm2', between: 3 },
  ...{ rest_1: '3 h', rest_2: '12 h', rest_3: '0 s' },
};

/** mAh/cm2 that each rest with plated zinc took: hidden zinc before it less that behind it. */
function trueLosses({ truth }: DerivedRun): number[] {
  const switches = truth.filter((entry) => entry.truth === 'switch');
  return switches.flatMap((entry, index) => {
    const before = switches[index - 1];
    const rested = before !== undefined && entry.life_s - before.life_s > 3 * 3600 - 1;
    const zinc = (hidden: Readonly<Record<string, number>>): number => hidden['workingZincMAhPerCm2'] ?? 0;
    return rested && zinc(before.hidden) > 0.1 ? [zinc(before.hidden) - zinc(entry.hidden)] : [];
  });
}

describe('the loss at rest', () => {
  it('is what corroded and lost contact, for each rest', async () => {
    const cell = zincCell({ working: BARE_METAL, losses: LOSSES });
    const run = await runDerived({ protocol: 'calendar-ageing', parameters: PARAMETERS, cell, folder });
    expect(run.result.verdict).toBe('completed');
    const losses = trueLosses(run);
    expect(losses.length).toBe(2);
    for (const [index, loss] of losses.entries()) {
      const hours = [3, 12][index] ?? 0;
      // The ideal instrument errs by a tick; 1 mF/cm2 relaxes a little while it rests, 1e-4 of the charge.
      expect(Math.abs(run.value('calendarLoss', index) - (100 * loss) / 0.5 / 0.995)).toBeLessThan(0.02);
      const current = (1000 * loss) / hours;
      expect(Math.abs(run.value('calendarCurrent', index) / current - 1)).toBeLessThan(0.02);
      expect(current).toBeGreaterThan(CORROSION_UA);
      expect(run.figure('calendarLoss', index).at).toMatchObject({ restHours: hours });
    }
  });

  it('lies within its uncertainty on a bench instrument whose cell scatters', async () => {
    const losses = { ...LOSSES, deadSpread: 0.3 };
    const cell = zincCell({ working: BARE_METAL, losses });
    const options = { protocol: 'calendar-ageing', parameters: PARAMETERS, cell, folder };
    const run = await runDerived({ ...options, instrument: 'bench' });
    const [, long] = trueLosses(run);
    const { uncertainty } = run.figure('calendarLoss', 1);
    // Two standard uncertainties of a scatter that was estimated from a few cycles, doubled once more.
    const error = run.value('calendarLoss', 1) - (100 * (long ?? 0)) / 0.5 / 0.995;
    expect(Math.abs(error)).toBeLessThan(4 * (uncertainty ?? 0));
    expect(uncertainty).toBeLessThan(1);
  });

  it('is nothing in a full cell that does not discharge itself', async () => {
    const cell = describeCell('zn-mno2');
    if (cell === null) throw new Error('the library lacks zn-mno2');
    const parameters = { wetting: '1 min', cycles: 2, shelf: '1 d', rate: '1 1/h' };
    const run = await runDerived({ protocol: 'shelving', parameters, cell, folder });
    // The surface relaxes while it rests, so that a little more comes out; nothing is lost.
    expect(Math.abs(run.value('shelfLoss'))).toBeLessThan(2);
    // 2 % of 1 mAh/cm2 in a day.
    expect(Math.abs(run.value('selfDischargeCurrent'))).toBeLessThan(0.9);
    expect(Math.abs(run.value('permanentLoss'))).toBeLessThan(0.1);
  });
});
