// Goal: a cell of the library does what its line and its sources say. Method: traces straight from the
// model, at the current and charge that the source names, against the published figure with a margin for
// what the model leaves out.
import { describe, expect, it } from 'vitest';
import { cellOf, type CellTrace, cycle } from '../../support/cell-plots/cell-trace.ts';

/** |V| in the middle of the last half-cycle, mV. */
function plateauMv(trace: CellTrace, halfH: number): number {
  const startH = trace.halfCycles.at(-1)?.startH ?? 0;
  const point = trace.voltage.find(({ x }) => x >= startH + halfH / 2);
  return Math.abs(point?.y ?? Number.NaN) * 1000;
}

function endH(cell: string, chargeMAhPerCm2 = 1): number {
  const plan = { cell, densityMAPerCm2: 1, chargeMAhPerCm2, halfCycles: 800, limitV: 0.5 };
  return cycle(plan).voltage.at(-1)?.x ?? Number.NaN;
}

describe('a cell of the library', () => {
  it('zn-host-3d shows 65 mV at 20 mA/cm2 once it is conditioned (c073)', () => {
    const trace = cycle({ cell: 'zn-host-3d', densityMAPerCm2: 20, chargeMAhPerCm2: 1, halfCycles: 121 });
    expect(plateauMv(trace, 1 / 20)).toBeGreaterThan(62);
    expect(plateauMv(trace, 1 / 20)).toBeLessThan(68);
  });

  it('zn-fibre-host shows 154 mV (c070) at 1 mA/cm2 once it is conditioned', () => {
    const trace = cycle({ cell: 'zn-fibre-host', densityMAPerCm2: 1, chargeMAhPerCm2: 1, halfCycles: 121 });
    expect(plateauMv(trace, 1)).toBeGreaterThan(149);
    expect(plateauMv(trace, 1)).toBeLessThan(159);
  });

  it('zn-powder fails by polarisation after 33 h at 1/1 (c063)', () => {
    expect(Math.abs(endH('zn-powder') - 33)).toBeLessThanOrEqual(1);
  });

  it('polarising reaches 0.5 V after 200 h at 1/1', () => {
    expect(Math.abs(endH('polarising') - 200)).toBeLessThanOrEqual(2);
  });

  it('thin-foil-10um runs away at the end of a step, when dead zinc has used up the rest', () => {
    // 5.855 - 4 mAh/cm2 spare; 4 x (0.3 % dead + hydrogen) lost a cycle.
    const lifeH = endH('thin-foil-10um', 4);
    expect(lifeH).toBeGreaterThan(500);
    expect(lifeH).toBeLessThan((1.855 / (4 * 0.003)) * 8);
    // Whole half-cycles of 4 h, or a last piece of one.
    expect(lifeH % 4 > 3.9 || lifeH % 4 < 0.01).toBe(true);
  });

  it('hard-shorting collapses at 120.6 h to a voltage that is proportional to the current', () => {
    const trace = cycle({ cell: 'hard-shorting', densityMAPerCm2: 1, chargeMAhPerCm2: 1, halfCycles: 124 });
    const atV = (hour: number): number => Math.abs(trace.voltage.find(({ x }) => x >= hour)?.y ?? Number.NaN);
    expect(atV(120.58)).toBeGreaterThan(0.03);
    expect(atV(120.65)).toBeLessThan(0.001);
    const model = cellOf('hard-shorting');
    for (let half = 0; half < 122; half += 1)
      model.switchTo(half === 0 ? 0 : 3600, {
        kind: 'current',
        currentA: half % 2 === 0 ? -1.13e-3 : 1.13e-3,
      });
    model.switchTo(3600, { kind: 'current', currentA: -1.13e-3 });
    const onceV = model.voltageV(1800);
    model.switchTo(3600, { kind: 'current', currentA: -5.65e-3 });
    expect(model.voltageV(1800) / onceV).toBeCloseTo(5, 1);
  });

  it('soft-shorting drops within half-cycles, recovers at reversals, and ends in a hard short', () => {
    const trace = cycle({ cell: 'soft-shorting', densityMAPerCm2: 1, chargeMAhPerCm2: 1, halfCycles: 240 });
    const rises = trace.conductance.filter(({ y }, index, all) => y > 1 && (all[index - 1]?.y ?? 0) <= 0);
    expect(rises.length).toBeGreaterThanOrEqual(10);
    expect(rises[0]?.x).toBeGreaterThan(60);
    expect(trace.conductance.at(-1)?.y).toBeGreaterThan(500);
  });

  it('zn-cu has a Coulombic efficiency of (1 - f_H)(1 - phi): about 99.4 %', () => {
    const plan = {
      cell: 'zn-cu',
      densityMAPerCm2: 1,
      chargeMAhPerCm2: 1,
      halfCycles: 200,
      stripCutoffV: 0.5,
    };
    const { halfCycles } = cycle(plan);
    const sum = (wanted: string): number =>
      halfCycles.filter(({ half }) => half === wanted).reduce((total, row) => total + row.chargeMAhPerCm2, 0);
    expect((sum('strip') / sum('plate')) * 100).toBeCloseTo(99.4, 1);
  });
});
