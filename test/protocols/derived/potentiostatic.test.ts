// Goal: what is derived from held voltages, sweeps and spectra is what the cell is made of. Method: whole
// runs of the library's protocols on an emulated potentiostat without errors of its own; parameters and the
// cell itself say what is true.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeCell } from '../../../firmware-sim/cell/library/cell-library.ts';
import { hydrogenVsZincV } from '../../../firmware-sim/cell/physics/hydrogen.ts';
import { chargeTransferResistanceOhmCm2 } from '../../../firmware-sim/cell/physics/kinetics.ts';
import { ZINC_DEFAULTS } from '../../../firmware-sim/cell/zinc-parameters.ts';
import { NO_LOSSES, runDerived, zincCell } from '../../support/derived-run.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvanode-potentiostatic-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const PLAIN = zincCell({
  film: { ...ZINC_DEFAULTS.film, initialOhmCm2: 2.5, conditionedOhmCm2: 2.5 },
  deposit: { ...ZINC_DEFAULTS.deposit, freshActivity: 1, agedNucleationV: 0 },
  losses: NO_LOSSES,
});
const DIALECT = { dialect: 'methodscript', profile: 'es4_hr' } as const;
const TRANSFER = chargeTransferResistanceOhmCm2(1e-3, 298.15);

describe('potentiostatic methods', () => {
  it('find ohmic resistance and charge transfer in a spectrum', async () => {
    const run = await runDerived({ ...DIALECT, folder, protocol: 'impedance', parameters: {}, cell: PLAIN });
    const { resistanceOhmCm2 } = ZINC_DEFAULTS.electrolyte;
    // Films are in the ohmic part or in the arc, 2 x 2.5 ohm cm2; two electrodes share the arc.
    const whole = run.value('ohmicResistance') + run.value('arcResistance');
    expect(Math.abs(whole / (resistanceOhmCm2 + 5 + 2 * TRANSFER) - 1)).toBeLessThan(0.03);
    expect(run.value('ohmicResistance')).toBeGreaterThanOrEqual(resistanceOhmCm2 * 0.99);
    expect(Math.abs(run.value('arcResistance') / (2 * TRANSFER) - 1)).toBeLessThan(0.15);
  });

  it('find the polarisation resistance of two zinc electrodes by a slow sweep', async () => {
    const parameters = { equilibrate: '1 min' };
    const run = await runDerived({ ...DIALECT, folder, protocol: 'tafel', parameters, cell: PLAIN });
    expect(Math.abs(run.value('restVoltage'))).toBeLessThan(0.002);
    const expected = ZINC_DEFAULTS.electrolyte.resistanceOhmCm2 + 5 + 2 * TRANSFER;
    expect(Math.abs(run.value('polarisationResistance') / expected - 1)).toBeLessThan(0.05);
  });

  it('find the steady current of a held voltage', async () => {
    const parameters = { wetting: '1 min', hold: '-100 mV' };
    const run = await runDerived({
      ...DIALECT,
      folder,
      protocol: 'chronoamperometry',
      parameters,
      cell: PLAIN,
    });
    const [last] = run.truth.flatMap((entry) =>
      entry.truth === 'switch' && entry.life_s > 350 ? [entry.hidden] : [],
    );
    const ionic = last?.['ionicCurrentMAPerCm2'] ?? Number.NaN;
    expect(Math.abs(run.value('steadyCurrent') / ionic - 1)).toBeLessThan(0.01);
  });

  it('find the share of the ohmic resistance in all that is left at the steady state', async () => {
    const parameters = { wetting: '1 min' };
    const run = await runDerived({ ...DIALECT, folder, protocol: 'bruce-vincent', parameters, cell: PLAIN });
    // Beside both charge transfers, which the formula takes out: electrolyte 2, films 2 x 2.5, and the
    // diffusion of the slab, 0.20834 ohm cm2 (notes 4.11, 7). In so thin a cell that says little of the ion.
    expect(Math.abs(run.value('transferenceNumber') - 7 / 7.20834)).toBeLessThan(0.002);
  });

  it('find the hydrogen wave of a linear sweep', async () => {
    const cell = describeCell('hydrogen-only');
    if (cell === null) throw new Error('the library lacks hydrogen-only');
    const sweep = { sweep_from: '0.3 V', sweep_to: '-0.26 V', scan_rate: '5 mV/s', current_limit: '40 mA' };
    const parameters = { equilibrate: '1 min', ...sweep };
    const run = await runDerived({ ...DIALECT, folder, protocol: 'linear-sweep', parameters, cell });
    // The Tafel line of 120 mV a decade from 1e-8 A/cm2, six decades below the hydrogen electrode, and 2 ohm.
    const expected = hydrogenVsZincV(4.2) - 6 * 0.12 - 0.01 * 2;
    // A stair is 1 mV or 5 mV wide, and the current lags a stair behind.
    expect(Math.abs(run.value('waveVoltage') - expected)).toBeLessThan(0.01);
  });
});
