// Goal: critical current, depth and resistances that are derived from a run are those of the cell. Method:
// whole runs of the library's protocols on cells whose shorts are scripted and whose foils are known; the
// truth log and the cell itself, driven without an instrument, say what is true.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZINC_DEFAULTS, type ZincCellParameters } from '../../../firmware-sim/cell/zinc-parameters.ts';
import { ZincCell } from '../../../firmware-sim/cell/zinc-cell.ts';
import { AREA_CM2, NO_LOSSES, runDerived, zincCell } from '../../support/derived-run.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvanode-depth-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const FLAT: Partial<ZincCellParameters> = {
  film: { ...ZINC_DEFAULTS.film, initialOhmCm2: 2.5, conditionedOhmCm2: 2.5 },
  losses: NO_LOSSES,
};
/** Fresh zinc that is no more active than old: what went before leaves no trace in the polarisation. */
const PLAIN: Partial<ZincCellParameters> = {
  ...FLAT,
  deposit: { ...ZINC_DEFAULTS.deposit, freshActivity: 1, agedNucleationV: 0 },
};
const C_PER_MAH = 3.6;

describe('the critical current', () => {
  const PARAMETERS = {
    ...{ wetting: '1 min', areal_capacity: '0.1 mAh/cm2', level_cycles: 1, return_cycles: 1 },
    ...{ highest: '4 mA/cm2' },
  };
  /** A level and its return plate 0.2 mAh/cm2: this is in the plating of level 3. */
  const AT_LEVEL_3 = 0.45 * C_PER_MAH;
  const softShort = { kind: 'soft-short', atPlatedCPerCm2: AT_LEVEL_3, onsetS: 1 } as const;

  it('is the level at which a soft short began that stayed', async () => {
    const script = [{ ...softShort, conductanceSPerCm2: 0.05, lastsPlatedCPerCm2: Number.POSITIVE_INFINITY }];
    const cell = zincCell({ ...FLAT, script });
    const run = await runDerived({ protocol: 'critical-current', parameters: PARAMETERS, cell, folder });
    const began = run.truth.find((entry) => entry.truth === 'event' && entry.kind === 'soft-short-began');
    expect(began).toBeDefined();
    // Levels rise by 1 mA/cm2: known to that, and no better.
    expect(run.value('softCriticalCurrent')).toBeCloseTo(3, 6);
    expect(run.figure('softCriticalCurrent').uncertainty).toBeCloseTo(1 / Math.sqrt(12), 9);
    expect(run.figure('hardCriticalCurrent').note).toMatch(/no short up to 4 mA\/cm2/);
  });

  it('is none for a soft short that healed', async () => {
    const script = [{ ...softShort, conductanceSPerCm2: 0.05, lastsPlatedCPerCm2: 0.25 * C_PER_MAH }];
    const cell = zincCell({ ...FLAT, script });
    const run = await runDerived({ protocol: 'critical-current', parameters: PARAMETERS, cell, folder });
    expect(run.truth.some((entry) => entry.truth === 'event' && entry.kind === 'soft-short-ended')).toBe(
      true,
    );
    expect(run.figure('softCriticalCurrent').value).toBeNull();
  });

  it('is the level of a hard short, where the return finds no plateau', async () => {
    const script = [
      { kind: 'hard-short', atPlatedCPerCm2: AT_LEVEL_3, conductanceSPerCm2: 5, onsetS: 1 } as const,
    ];
    const cell = zincCell({ ...FLAT, script });
    const run = await runDerived({ protocol: 'critical-current', parameters: PARAMETERS, cell, folder });
    expect(run.result.verdict).toBe('hard-short');
    expect(run.value('hardCriticalCurrent')).toBeCloseTo(3, 6);
  });
});

describe('the depth of discharge', () => {
  it('is the share of the foil, and names the electrode that ran out', async () => {
    const foil = { ...ZINC_DEFAULTS.working, zincCPerCm2: 5.855 * C_PER_MAH };
    const losses = { ...NO_LOSSES, deadFraction: 0.03 };
    const cell = zincCell({ ...FLAT, working: foil, counter: foil, losses });
    const parameters = { wetting: '1 min', depth: '80 %', current_density: '4 mA/cm2', cycles: 50 };
    const run = await runDerived({ protocol: 'high-dod', parameters, cell, folder });
    expect(run.result.verdict).not.toBe('completed');
    // The ideal instrument ends a half-cycle within a tick: 1 ms in 70 min.
    expect(run.value('depthOfDischarge')).toBeCloseTo(80, 3);
    const last = run.truth.findLast((entry) => entry.truth === 'switch');
    const [working = 9, counter = 9] = ['working', 'counter'].map(
      (electrode) => last?.hidden[`${electrode}ZincMAhPerCm2`],
    );
    expect(run.value('exhaustedElectrode')).toBe(working < counter ? 1 : 2);
    expect(Math.min(working, counter)).toBeLessThan(0.05);
    expect(run.value('cyclesAtDepth')).toBeGreaterThan(2);
  });
});

describe('the pulse resistance', () => {
  /** R(dt) of a rested cell at 1 mA/cm2, without an instrument. */
  function trueOhmCm2(afterS: number): number {
    const cell = new ZincCell({ parameters: { ...ZINC_DEFAULTS, ...PLAIN }, seed: 1, cell: 1 });
    cell.switchTo(60, { kind: 'current', currentA: 1e-3 * AREA_CM2 });
    return cell.voltageV(afterS) / 1e-3;
  }

  it.each(['reference', 'bench'] as const)('is that of the cell on a %s instrument', async (instrument) => {
    const parameters = { wetting: '1 min', rounds: 1 };
    const cell = zincCell(PLAIN);
    const run = await runDerived({ protocol: 'pulse-resistance', parameters, cell, folder, instrument });
    for (const [index, afterS] of [0.01, 0.1, 1, 10].entries()) {
      expect(run.figure('resistance', index).at).toEqual({ afterS, pulses: 2 });
      const error = run.value('resistance', index) / trueOhmCm2(afterS) - 1;
      // Noise of 50 uV in 50 mV is 0.1 %; gains are 0.02 %, the offset of the source 0.01 % of 10 mA in
      // 1.13 mA is 0.1 %; what is left of diffusion after a minute of rest is less.
      expect(Math.abs(error)).toBeLessThan(instrument === 'bench' ? 0.004 : 0.001);
    }
  });

  it('is found by interruption too', async () => {
    const parameters = { wetting: '1 min', interruptions: 2, flowing: '2 min' };
    const cell = zincCell(PLAIN);
    const run = await runDerived({ protocol: 'current-interrupt', parameters, cell, folder });
    const own = run.derivation?.figures.map(({ at }) => at['afterS']);
    expect(own).toEqual([0.01, 0.1, 1, 10]);
    const [early, late] = [run.value('resistance', 0), run.value('resistance', 3)];
    expect(late).toBeGreaterThan(early);
    // All of the polarisation has gone after 10 s but for the tail of diffusion, 0.2 of some 55 ohm cm2.
    const parametersOf = { ...ZINC_DEFAULTS, ...PLAIN };
    const cellItself = new ZincCell({ parameters: parametersOf, seed: 1, cell: 1 });
    cellItself.switchTo(60, { kind: 'current', currentA: -1e-3 * AREA_CM2 });
    const flowing = -cellItself.voltageV(120) / 1e-3;
    expect(Math.abs(late / flowing - 1)).toBeLessThan(0.005);
  });
});

describe('the conductance of a leak', () => {
  it('is that of the bridge which came between two rounds', async () => {
    // Between the first round (1.2 x 10 s x 4.2 mA/cm2 in all) and the second.
    const leak = { atPlatedCPerCm2: 0.045, conductanceSPerCm2: 0.005, onsetS: 0.1 };
    const lastsPlatedCPerCm2 = Number.POSITIVE_INFINITY;
    const cell = zincCell({ ...PLAIN, script: [{ kind: 'soft-short', ...leak, lastsPlatedCPerCm2 }] });
    const parameters = { wetting: '1 min', rounds: 2 };
    const run = await runDerived({ protocol: 'conductance-probe', parameters, cell, folder });
    const last = run.truth.findLast((entry) => entry.truth === 'switch');
    const bridge = last?.hidden['shortConductanceMsPerCm2'] ?? Number.NaN;
    expect(bridge).toBeGreaterThan(3);
    // Diffusion has not settled in 10 s, and the bridge dissolves a little meanwhile: within a tenth.
    expect(Math.abs(run.value('conductance', 1) / bridge - 1)).toBeLessThan(0.1);
  });
});
