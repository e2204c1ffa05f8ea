// Goal: an efficiency run plates to its charge, strips to its cut-off without a pause in between, and ends
// as its method says, with a record that gives the efficiency of the cell. Method: whole runs against the
// emulator with a cell whose figures are found by hand.

import { describe, expect, it } from 'vitest';
import type { CellModel } from '../../../firmware-sim/cell/cell-model.ts';
import { ResistiveCell } from '../../../firmware-sim/cell/resistive-cell.ts';
import { coulombicEfficiency as protocol } from '../../../protocols/coulombic-efficiency.ts';
import { coulombicEfficiency } from '../../../src/analysis/coulombic-efficiency.ts';
import { measurementOf } from '../../../src/analysis/measurement.ts';
import { type Rig, type RigOptions, rig } from '../../support/rig.ts';
import { expectContiguous, isCellOpen, largestCurrentPa, type RunRecord } from '../../support/run-checks.ts';
import { SubstrateCell, type SubstrateCellOptions } from '../../support/substrate-cell.ts';

/** Half-cycles of 360 s at 11.3 mA: 4.068 C. */
const PARAMETERS = {
  current_density: '10 mA/cm2',
  areal_capacity: '1 mAh/cm2',
  wetting: '1 min',
  cycles: 4,
} as const;
const CHARGE_C = 4.068;
const CURRENT_A = 0.0113;

function runOn(cell: SubstrateCellOptions | CellModel, options: RigOptions = {}): Rig {
  const run = rig({
    protocol,
    parameters: PARAMETERS,
    cell: 'switchTo' in cell ? cell : new SubstrateCell(cell),
    manner: 'simulate',
    instrument: 'ideal',
    ...options,
  });
  run.runToEnd(100 * 3_600_000);
  return run;
}

function ratiosOf({ halfCycles }: RunRecord): number[] {
  const strips = halfCycles.filter(({ half }) => half === 'strip');
  return strips.map(({ chargeNc, cycle }) => {
    const plate = halfCycles.find((row) => row.cycle === cycle && row.half === 'plate');
    return chargeNc / (plate?.chargeNc ?? Number.NaN);
  });
}

describe('an efficiency run', () => {
  it('plates to its charge and strips to its cut-off, the tick it comes, cycle after cycle', () => {
    const run = runOn({ efficiency: 0.99 });
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    const { halfCycles, steps } = expectContiguous(run.reader());
    expect(halfCycles.map(({ half, reason }) => `${half} ${reason}`)).toEqual(
      Array.from({ length: 4 }, () => ['plate step-charge', 'strip voltage-max']).flat(),
    );
    const tickNc = CURRENT_A * 1e6;
    for (const { half, chargeNc } of halfCycles) {
      if (half === 'plate') expect(Math.abs(chargeNc - CHARGE_C * 1e9)).toBeLessThanOrEqual(tickNc);
    }
    for (const step of steps.filter(({ half }) => half === 'strip')) {
      expect(step.endVoltageNv).toBeGreaterThanOrEqual(500_000_000);
      // 1 mV a tick: 11.3 mA into 11.3 mF.
      expect(step.endVoltageNv).toBeLessThanOrEqual(501_500_000);
    }
    expect(isCellOpen(run.cellLog)).toBe(true);
  });

  it('never pauses between half-cycles: the device goes on by itself', () => {
    const { steps } = expectContiguous(runOn({ efficiency: 0.99 }).reader());
    const cycling = steps.filter(({ phase }) => phase === 'cycling');
    expect(cycling).toHaveLength(8);
    for (const [index, step] of cycling.entries()) {
      if (index > 0) expect(step.startUs).toBe(cycling[index - 1]?.endUs);
    }
  });

  it('finds the efficiency of the cell within the uncertainty that it gives', () => {
    const run = runOn({ efficiency: 0.99 });
    const record = expectContiguous(run.reader());
    const found = coulombicEfficiency(record.halfCycles, measurementOf(run.reader().meta()), {
      firstCycle: 2,
      lastCycle: 4,
    });
    expect(found).toMatchObject({ cycles: 3, interrupted: 0, unfinished: 0, aboveUnity: 0 });
    expect(Math.abs((found?.sum ?? 0) - 0.99)).toBeLessThanOrEqual(found?.uncertainty ?? 0);
    // By hand: the surface goes to the cut-off less overpotential and ohmic drop, and back to zinc: charge
    // that the counter sees in both directions and that is not lost.
    const tailC = 0.0113 * (0.5 - 0.03 - 0.226);
    const expected = (0.99 * (CHARGE_C - tailC) + tailC) / CHARGE_C;
    for (const ratio of ratiosOf(record).slice(1)) expect(ratio).toBeCloseTo(expected, 5);
  });

  it('rests while wetting at the voltage of the fresh substrate, which no limit of a step minds', () => {
    const run = runOn({ openCircuitV: 1.1, efficiency: 0.99 });
    const { steps } = expectContiguous(run.reader());
    expect(steps.find(({ phase }) => phase === 'wetting')).toMatchObject({ reason: 'duration' });
    expect(run.reader().state()).toMatchObject({ verdict: 'completed' });
  });

  it('ends at the strip guard where a leak feeds the strip: short-asymmetric', () => {
    // 20 ohm at 11.3 mA: 0.226 V, so the cut-off never comes.
    const run = runOn({ short: { afterPlateC: 2 * CHARGE_C, resistanceOhm: 20 } });
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'short-asymmetric' });
    expect(run.reader().state().reason).toBe(
      'strip guard: 120.0 % of the plated charge and still at +0.226 V, not +0.500 V, in cycle 2: a short',
    );
    const { halfCycles } = expectContiguous(run.reader());
    expect(halfCycles.at(-1)).toMatchObject({ half: 'strip', cycle: 2, reason: 'last-step-charge' });
    expect((halfCycles.at(-1)?.chargeNc ?? 0) / (CHARGE_C * 1e9)).toBeCloseTo(1.2, 5);
  });

  it('ends after a strip of less than half the charge, and cuts off the plating already begun', () => {
    const run = runOn({ efficiency: 0.4 }, { manner: 'bench' });
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'low-ce' });
    expect(run.reader().state().reason).toMatch(
      /^low efficiency: stripping gave back 4\d\.\d % of the plated charge in cycle 1: dead zinc/,
    );
    const { halfCycles, steps } = expectContiguous(run.reader());
    expect(halfCycles.map(({ half, cycle, isInterrupted }) => [half, cycle, isInterrupted])).toEqual([
      ['plate', 1, false],
      ['strip', 1, false],
      ['plate', 2, true],
    ]);
    expect(steps.at(-1)).toMatchObject({ reason: 'off', programStep: 'cycling-plating' });
    expect((steps.at(-1)?.endUs ?? 0) - (steps.at(-1)?.startUs ?? 0)).toBeLessThan(500_000);
    expect(isCellOpen(run.cellLog)).toBe(true);
    expect(run.reader().isSealed()).toBe(true);
  });

  it('ends after such a strip also when the link was away, and the device has plated on meanwhile', () => {
    const run = rig({
      protocol,
      parameters: PARAMETERS,
      cell: new SubstrateCell({ efficiency: 0.4 }),
      instrument: 'ideal',
    });
    // The strip ends 143.9 s after its start.
    run.runToHalfCycle(1, 143_000);
    run.line.cut();
    run.clock.advance(1500);
    run.line.plugIn();
    run.runToEnd(60_000);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'low-ce' });
    const { halfCycles, steps } = expectContiguous(run.reader());
    expect(halfCycles.map(({ half, cycle }) => `${half} ${cycle}`)).toEqual([
      'plate 1',
      'strip 1',
      'plate 2',
    ]);
    expect(steps.at(-1)).toMatchObject({ reason: 'off', programStep: 'cycling-plating' });
    expect(isCellOpen(run.cellLog)).toBe(true);
  });

  it('goes on after such a strip where told to', () => {
    const parameters = { ...PARAMETERS, low_ce_stops: 'continue' };
    const run = runOn({ efficiency: 0.4 }, { parameters });
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    const ratios = ratiosOf(expectContiguous(run.reader()));
    expect(ratios).toHaveLength(4);
    for (const ratio of ratios) expect(ratio).toBeLessThan(0.5);
  });

  it('ends at the voltage limit of a cell that polarises while plating, and names the step', () => {
    // 11.3 mA through 50 ohm, and the overpotential: -0.595 V; the contact check at a tenth passes it.
    const run = runOn({ resistanceOhm: 50 });
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'voltage-limit' });
    expect(run.reader().state().reason).toBe('voltage limit: plating reached -0.595 V in cycle 1');
  });
});

describe('the pre-flight of an efficiency run', () => {
  it('plates a pulse, opens the cell, and judges what vanishes: nothing is stripped', () => {
    const run = runOn({ efficiency: 0.99 });
    const { steps } = expectContiguous(run.reader());
    expect(steps.slice(0, 4).map(({ programStep, reason }) => `${programStep} ${reason}`)).toEqual([
      'ocv duration',
      'contact-plating duration',
      'contact-rest duration',
      'wetting duration',
    ]);
    expect(steps[1]?.chargeNc).toBeLessThan(0);
    expect(Math.abs(steps[1]?.chargeNc ?? 0)).toBeCloseTo((CURRENT_A / 10) * 2 * 1e9, -5);
  });

  it.each([
    ['copper', 0.0113],
    ['titanium', 0.00113],
    ['a surface that plates within the pulse', 0.0005],
  ])('passes %s, whose capacitor the pulse discharges by its own amount', (_, capacitanceF) => {
    const run = runOn({ capacitanceF, openCircuitV: 0.5, efficiency: 0.99 });
    expect(run.reader().state()).toMatchObject({ verdict: 'completed' });
  });

  it.each<[string, SubstrateCellOptions | CellModel, string, RegExp]>([
    ['a cell that was plated before', { openCircuitV: 0.01 }, 'fault', /0.01 V is outside 0.2 V … 1.2 V/],
    ['a cell the wrong way round', { openCircuitV: -0.8 }, 'fault', /-0.8 V .*the leads are reversed/],
    ['a poor contact', { resistanceOhm: 600 }, 'open-circuit', /708 ohm cm2 .*poor contact or a dry cell/],
    [
      'a lead that is off',
      new ResistiveCell({ openCircuitV: 0.8, resistanceOhm: 1e9 }),
      'open-circuit',
      /a lead is off/,
    ],
  ])('refuses %s, before any real current', (_, cell, verdict, reason) => {
    const run = runOn(cell);
    expect(run.reader().state()).toMatchObject({ state: 'failed', verdict });
    expect(run.reader().state().reason).toMatch(reason);
    expect(largestCurrentPa(run.cellLog)).toBeLessThanOrEqual((CURRENT_A / 10) * 1e12);
    expect(isCellOpen(run.cellLog)).toBe(true);
  });
});
