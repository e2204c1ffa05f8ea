// Goal: efficiencies, means and uncertainties are those that one works out by hand, and what is left out is
// said. Method: rows made by hand; each term of the uncertainty alone, against its own arithmetic.

import { describe, expect, it } from 'vitest';
import {
  coulombicEfficiency,
  efficiencySeries,
  efficiencyUncertainty,
} from '../../../src/analysis/coulombic-efficiency.ts';
import type { AnalysedHalfCycle } from '../../../src/analysis/half-cycle-row.ts';
import { type Measurement, measurementOf } from '../../../src/analysis/measurement.ts';
import { CHARGE_NC, halfCycle, HOUR_US } from './rows.ts';

/** No error but the tick of a millisecond. */
const PERFECT: Measurement = {
  areaCm2: 1,
  currentGainPpm: 0,
  currentOffsetPpmOfRange: 0,
  rangeFullScalePa: 10_000_000_000,
  tickUs: 1000,
};
const TICK_TERM = 1000 / HOUR_US;

/** Cycles of these efficiencies; `changes` by half-cycle number. */
function cyclesOf(
  ratios: readonly number[],
  changes: Readonly<Record<number, Partial<AnalysedHalfCycle>>> = {},
): AnalysedHalfCycle[] {
  return ratios.flatMap((ratio, index) => {
    const [plate, strip] = [2 * index + 1, 2 * index + 2];
    return [
      halfCycle(plate, { reason: 'step-charge', ...changes[plate] }),
      halfCycle(strip, {
        reason: 'voltage-max',
        chargeNc: ratio * CHARGE_NC,
        endNv: 500_000_000,
        ...changes[strip],
      }),
    ];
  });
}

describe('the efficiency of a run', () => {
  it('is the sum of the strips by the sum of the plates, and the mean of the cycles', () => {
    const rows = cyclesOf([0.9, 0.99, 0.995], {
      3: { chargeNc: 2 * CHARGE_NC },
      4: { chargeNc: 1.98 * CHARGE_NC },
    });
    const found = coulombicEfficiency(rows, PERFECT);
    expect(found?.sum).toBeCloseTo((0.9 + 1.98 + 0.995) / 4, 12);
    expect(found?.mean).toBeCloseTo((0.9 + 0.99 + 0.995) / 3, 12);
    // sqrt((0.06166² + 0.02833² + 0.03333²)/2)
    expect(found?.standardDeviation).toBeCloseTo(0.053_463, 5);
    expect(found?.first?.ratio).toBeCloseTo(0.9, 12);
  });

  it('is over the window that is asked for, and says so', () => {
    const rows = cyclesOf([0.8, 0.97, 0.98, 0.99]);
    const found = coulombicEfficiency(rows, PERFECT, { firstCycle: 3, lastCycle: 4 });
    expect(found).toMatchObject({ window: { firstCycle: 3, lastCycle: 4 }, cycles: 2 });
    expect(found?.mean).toBeCloseTo(0.985, 12);
    expect(found?.first?.ratio).toBeCloseTo(0.8, 12);
    expect(coulombicEfficiency(rows, PERFECT)?.window).toEqual({ firstCycle: 1, lastCycle: 4 });
  });

  it('leaves out cycles that were interrupted or not finished, and counts them', () => {
    const rows = cyclesOf([0.99, 0.5, 1.2, 0.99, 0.99], {
      3: { isInterrupted: true },
      6: { reason: 'last-step-charge' },
      9: { reason: 'voltage-min' },
    });
    const found = coulombicEfficiency([...rows, halfCycle(11, { reason: 'step-charge' })], PERFECT);
    expect(found).toMatchObject({ cycles: 2, interrupted: 1, unfinished: 3, aboveUnity: 0 });
    expect(found?.mean).toBeCloseTo(0.99, 12);
  });

  it('leaves out cycles whose zinc rested longer than that of the others, and counts them', () => {
    const rows = cyclesOf([0.99, 0.99, 0.9, 0.99]);
    // The second half of cycle 3 and all after it come an hour later, those of cycle 2 five seconds.
    const rested = rows.map((row) => {
      const lateUs = (row.number >= 6 ? HOUR_US : 0) + (row.number >= 4 ? 5_000_000 : 0);
      return { ...row, startUs: row.startUs + lateUs, endUs: row.endUs + lateUs };
    });
    const found = coulombicEfficiency(rested, PERFECT);
    expect(found).toMatchObject({ cycles: 3, rested: 1, unfinished: 0 });
    expect(found?.mean).toBeCloseTo(0.99, 12);
    expect(coulombicEfficiency(rows, PERFECT)).toMatchObject({ cycles: 4, rested: 0 });
  });

  it('takes a half-cycle in two pieces for interrupted, even where the second piece is whole', () => {
    const pieces = [
      halfCycle(1, { reason: 'off', isInterrupted: true, chargeNc: CHARGE_NC / 2 }),
      halfCycle(1, { number: 2, reason: 'step-charge' }),
      halfCycle(2, { number: 3, reason: 'voltage-max' }),
    ];
    expect(efficiencySeries(pieces)).toEqual({ cycles: [], interrupted: 1, unfinished: 0 });
  });

  it('leaves conditioning out', () => {
    const rows = cyclesOf([0.5, 0.99]).map((row) =>
      row.cycle === 1 ? { ...row, phase: 'conditioning', cycle: 0 } : row,
    );
    expect(coulombicEfficiency(rows, PERFECT)).toMatchObject({ cycles: 1, unfinished: 0, first: null });
  });

  it('counts cycles above 100 %, and the first below 90 %', () => {
    const found = coulombicEfficiency(cyclesOf([0.99, 1.004, 0.89, 0.5, 1.001]), PERFECT);
    expect(found).toMatchObject({ aboveUnity: 2, firstBelow90: 3 });
    expect(coulombicEfficiency(cyclesOf([0.9, 0.91]), PERFECT)?.firstBelow90).toBeNull();
  });

  it('has no scatter of a single cycle', () => {
    expect(coulombicEfficiency(cyclesOf([0.99]), PERFECT)?.standardDeviation).toBeNull();
  });

  it.each<[string, AnalysedHalfCycle[]]>([
    ['no cycle at all', []],
    ['half-cycles that end by the net charge, as between two zinc electrodes', [halfCycle(1), halfCycle(2)]],
    ['a plating of no charge', cyclesOf([1], { 1: { chargeNc: 0 } })],
  ])('is null of %s', (_, rows) => {
    expect(coulombicEfficiency(rows, PERFECT)).toBeNull();
  });
});

describe('the uncertainty of an efficiency', () => {
  const uncertaintyOf = (measurement: Partial<Measurement>, ratios = [0, 1, 1], changes = {}): number => {
    const { cycles } = efficiencySeries(cyclesOf(ratios, changes));
    // Without cycle 1, whose tail is a term of its own.
    const later = cycles.filter(({ cycle }) => cycle > 1);
    return efficiencyUncertainty(later, { ...PERFECT, ...measurement });
  };

  it('is a tick of the strip with a perfect instrument', () => {
    expect(uncertaintyOf({})).toBeCloseTo(TICK_TERM, 12);
    expect(uncertaintyOf({ tickUs: 1_000_000 })).toBeCloseTo(1 / 3600, 9);
  });

  it('has the gain twice, once a direction: they are not known to agree', () => {
    expect(uncertaintyOf({ currentGainPpm: 400 })).toBeCloseTo(Math.SQRT2 * 400e-6, 8);
  });

  it('has the offset of the range twice, against the current: 0.05 % of 10 mA is 1 % of 1 mA', () => {
    expect(uncertaintyOf({ currentOffsetPpmOfRange: 500 })).toBeCloseTo(0.01, 7);
    // At full scale 0.1 %.
    const fullScale = { currentOffsetPpmOfRange: 500, rangeFullScalePa: 1_000_000_000 };
    expect(uncertaintyOf(fullScale)).toBeCloseTo(0.001, 7);
  });

  it('has the charge of the tail for the share that is lost: it returns with the rest', () => {
    // 10 mF/cm2 at 0.5 V are 5 mC, 1389 ppm of 3.6 C; of those the loss of 10 %.
    const tail = (0.01 * 0.5) / 3.6;
    expect(uncertaintyOf({}, [0, 0.9, 0.9])).toBeCloseTo(Math.hypot(0.1 * tail, 0.9 * TICK_TERM), 9);
    expect(uncertaintyOf({ areaCm2: 4 }, [0, 0.9, 0.9])).toBeCloseTo(0.4 * tail, 8);
  });

  it('does not vanish with the efficiency: the tail is charge beside that of the zinc', () => {
    expect(uncertaintyOf({ currentGainPpm: 400 }, [0, 1e-6, 1e-6])).toBeCloseTo((0.01 * 0.5) / 3.6, 6);
  });

  it('has the whole tail of a fresh substrate in the first cycle, shared by the cycles of the window', () => {
    const fresh = (0.01 * 1) / 3.6;
    const { cycles } = efficiencySeries(cyclesOf([1, 1, 1, 1]));
    expect(efficiencyUncertainty(cycles.slice(0, 1), PERFECT)).toBeCloseTo(fresh, 7);
    expect(efficiencyUncertainty(cycles, PERFECT)).toBeCloseTo(fresh / 4, 7);
  });

  it('adds its terms in squares, and does not shrink with the number of cycles', () => {
    const both = { currentGainPpm: 300, currentOffsetPpmOfRange: 20 };
    const expected = Math.hypot(Math.SQRT2 * 300e-6, 2 * 200e-6);
    expect(uncertaintyOf(both)).toBeCloseTo(expected, 8);
    expect(uncertaintyOf(both, [0, ...Array<number>(100).fill(1)])).toBeCloseTo(expected, 8);
    // As many as a protocol may ask for a fifth of: more than a call has room for as arguments.
    expect(uncertaintyOf(both, [0, ...Array<number>(200_000).fill(1)])).toBeCloseTo(expected, 8);
  });
});

describe('with what a run was measured', () => {
  const META = {
    cell: { areaCm2: 1.13, sampleId: null },
    instrument: {
      rangeFullScalePa: 10_000_000_000,
      capabilities: {
        tickUs: 1000,
        accuracy: {
          currentGainPpm: 400,
          currentOffsetPpmOfRange: 150,
          voltageGainPpm: 1,
          voltageOffsetNv: 2,
        },
      },
    },
  };

  it('is read from the meta of the run', () => {
    expect(measurementOf(META)).toEqual({
      areaCm2: 1.13,
      currentGainPpm: 400,
      currentOffsetPpmOfRange: 150,
      rangeFullScalePa: 10_000_000_000,
      tickUs: 1000,
    });
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['cell.areaCm2', { ...META, cell: { areaCm2: 0 } }],
    ['instrument.rangeFullScalePa', { ...META, instrument: { ...META.instrument, rangeFullScalePa: null } }],
    ['cell', {}],
  ])('is never guessed: a file without %s is refused', (field, meta) => {
    expect(() => measurementOf(meta)).toThrow(`does not say its ${field}`);
  });
});
