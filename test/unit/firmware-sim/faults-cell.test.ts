// Goal: a faulty cell is the cell inside to the last bit until the fault strikes, and after it what leads,
// resistor and cell together come to, whoever looks and however often. Method: a resistor as the cell where
// figures are found by hand, a zinc cell where time matters; a twin without the fault beside it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CellModel } from '../../../firmware-sim/cell/cell-model.ts';
import { ResistiveCell } from '../../../firmware-sim/cell/resistive-cell.ts';
import { ZINC_DEFAULTS } from '../../../firmware-sim/cell/zinc-parameters.ts';
import { TrueTimeCell } from '../../../firmware-sim/faults/drifting-clock.ts';
import { type CellFault, FaultyCell } from '../../../firmware-sim/faults/faulty-cell.ts';
import { changed, current, held, zincCell } from './zinc/rig.ts';

const HARD: CellFault = { kind: 'hard-short', resistanceOhm: 0.01 };
const SOFT: CellFault = { kind: 'soft-short-began', resistanceOhm: 10 };
const OPEN: CellFault = { kind: 'open-circuit' };
const FAULTS = [HARD, SOFT, OPEN] as const;

const tenOhm = (openCircuitV = 0): CellModel => new ResistiveCell({ openCircuitV, resistanceOhm: 10 });
const zinc = (): CellModel => zincCell(changed(ZINC_DEFAULTS, { areaCm2: 1, shorts: null }));
const faulty = (inner: CellModel, fault: CellFault, atS: number): FaultyCell =>
  new FaultyCell({ inner, fault, atS, areaCm2: 1 });

/** Everything that can be asked of a cell at one instant. */
function everythingOf(cell: CellModel, elapsedS: number): unknown {
  const { plateChargeC, stripChargeC } = cell.truth(elapsedS);
  return {
    voltageV: cell.voltageV(elapsedS),
    currentA: cell.currentA(elapsedS),
    range: cell.voltageRangeV(0, elapsedS),
    steadyV: cell.steadyVoltageV(1e-3),
    heldA: cell.currentAtVoltageA(0.05),
    charge: { plateChargeC, stripChargeC },
    events: cell.events(elapsedS),
    impedance: cell.impedanceOhm?.(elapsedS, 100),
  };
}

describe('before the fault', () => {
  it.each(FAULTS)('is the cell inside in everything that can be asked ($kind)', (fault) => {
    const [twin, cell] = [zinc(), faulty(zinc(), fault, 1000)];
    for (const drive of [current(-1e-3), current(1e-3), held(0.02), current(0)]) {
      for (const each of [twin, cell]) each.switchTo(200, drive);
      expect(everythingOf(cell, 150)).toEqual(everythingOf(twin, 150));
    }
  });
});

describe('a short', () => {
  it('strikes within a segment, at its instant', () => {
    const cell = faulty(tenOhm(), HARD, 100);
    cell.switchTo(40, current(1e-3));
    expect(cell.voltageV(59.999)).toBeCloseTo(10e-3, 12);
    // 10 mohm beside 10 ohm.
    expect(cell.voltageV(60)).toBeCloseTo(1e-3 / (100 + 0.1), 12);
    expect(cell.currentA(60)).toBe(1e-3);
  });

  it('shares a held current with the cell, and the leads carry all of it', () => {
    const inner = tenOhm();
    const cell = faulty(inner, SOFT, 0);
    cell.switchTo(0, current(-2e-3));
    expect(cell.voltageV(5)).toBeCloseTo(-10e-3, 12);
    expect(cell.truth(100).plateChargeC).toBeCloseTo(0.2, 12);
    expect(inner.truth(100).plateChargeC).toBeCloseTo(0.1, 12);
  });

  it('adds its own current to that of the cell under a held voltage', () => {
    const cell = faulty(tenOhm(), SOFT, 50);
    cell.switchTo(0, held(0.1));
    expect(cell.currentA(49)).toBeCloseTo(0.01, 12);
    expect(cell.currentA(50)).toBeCloseTo(0.02, 12);
    expect(cell.truth(100).stripChargeC).toBeCloseTo(0.5 + 1, 12);
    expect(cell.voltageV(80)).toBe(0.1);
  });

  it('draws current from a battery at rest', () => {
    const inner = tenOhm(1.4);
    const cell = faulty(inner, SOFT, 0);
    cell.switchTo(0, current(0));
    expect(cell.voltageV(1)).toBeCloseTo(0.7, 12);
    expect(cell.truth(10).plateChargeC).toBe(0);
    expect(inner.truth(10).plateChargeC).toBeCloseTo(0.7, 12);
  });

  it('leaves the charge before it to the cell and gives the rest its share, across the strike', () => {
    const inner = tenOhm();
    const cell = faulty(inner, SOFT, 100);
    cell.switchTo(0, current(1e-3));
    cell.switchTo(300, current(0));
    expect(cell.truth(0).stripChargeC).toBeCloseTo(0.3, 12);
    expect(inner.truth(0).stripChargeC).toBeCloseTo(0.1 + 0.1, 12);
  });

  it('lowers the impedance to that of both side by side', () => {
    const cell = faulty(tenOhm(), SOFT, 0);
    expect(cell.impedanceOhm(0, 100).real).toBeCloseTo(5, 9);
    const [alone, shorted] = [zinc(), faulty(zinc(), SOFT, 0)];
    const { real, imaginary } = alone.impedanceOhm?.(0, 100) ?? { real: 0, imaginary: 0 };
    const square = (10 + real) ** 2 + imaginary ** 2;
    const found = shorted.impedanceOhm(0, 100);
    expect(found.real).toBeCloseTo((10 * (real * (10 + real) + imaginary ** 2)) / square, 9);
    expect(found.imaginary).toBeCloseTo((100 * imaginary) / square, 9);
  });

  it('makes a zinc cell read next to nothing, in both directions', () => {
    const cell = faulty(zinc(), HARD, 0);
    for (const currentA of [-1e-3, 1e-3]) {
      cell.switchTo(3600, current(currentA));
      expect(Math.abs(cell.voltageV(1800))).toBeLessThan(1.1e-5);
      expect(Math.sign(cell.voltageV(1800))).toBe(Math.sign(currentA));
    }
  });

  it('tells of itself in the truth, in its place among what else happens inside', () => {
    const parameters = changed(ZINC_DEFAULTS, {
      areaCm2: 1,
      shorts: null,
      script: [
        { kind: 'contact', atPlatedCPerCm2: 0.05, changeOhmCm2: 7 },
        { kind: 'contact', atPlatedCPerCm2: 0.2, changeOhmCm2: 7 },
      ],
    });
    const cell = faulty(zincCell(parameters), { ...SOFT, resistanceOhm: 1e6 }, 200);
    cell.switchTo(0, current(-1e-3));
    const early = cell.events(150);
    cell.switchTo(300, current(1e-3));
    cell.switchTo(300, current(-1e-3));
    expect(cell.events(60).map(({ kind }) => kind)).toEqual([
      'contact-changed',
      'soft-short-began',
      'contact-changed',
    ]);
    expect(cell.events(60).slice(0, 1)).toEqual(early);
    expect(cell.events(60)[1]).toEqual({
      kind: 'soft-short-began',
      lifeS: 200,
      throughputCPerCm2: 0.2,
      halfCycle: 1,
      detail: { resistanceOhm: 1e6 },
    });
    expect(cell.truth(0).hidden['faultConductanceS']).toBeCloseTo(1e-6, 18);
  });
});

describe('open leads', () => {
  it('need more than any source has, and leave the cell at rest', () => {
    const inner = tenOhm();
    const cell = faulty(inner, OPEN, 100);
    cell.switchTo(0, current(1e-3));
    expect(cell.voltageV(99)).toBeCloseTo(10e-3, 12);
    expect(cell.voltageV(100)).toBe(1e6);
    cell.switchTo(200, held(1));
    expect(cell.currentA(0)).toBe(1e-9);
    cell.switchTo(1000, current(0));
    expect(cell.voltageV(0)).toBe(0);
    expect(inner.truth(0).stripChargeC).toBeCloseTo(0.1, 12);
    expect(cell.truth(0).hidden['faultOpenLeads']).toBe(1);
  });
});

describe('any faulty cell', () => {
  const drives = fc.oneof(
    fc.double({ min: -2e-3, max: 2e-3, noNaN: true }).map(current),
    fc.double({ min: -0.1, max: 0.1, noNaN: true }).map(held),
  );
  const lives = fc.record({
    fault: fc.constantFrom(...FAULTS),
    atS: fc.double({ min: 0, max: 600, noNaN: true }),
    segments: fc.array(fc.record({ drive: drives, lastsS: fc.double({ min: 0, max: 300, noNaN: true }) }), {
      minLength: 1,
      maxLength: 6,
    }),
  });

  it('does not depend on who looks, or when', () => {
    fc.assert(
      fc.property(lives, ({ fault, atS, segments }) => {
        const [quiet, watched] = [faulty(zinc(), fault, atS), faulty(zinc(), fault, atS)];
        for (const { drive, lastsS } of segments) {
          for (const cell of [quiet, watched]) cell.switchTo(0, drive);
          // Ahead of what will happen, too.
          for (const share of [0.2, 3, 0.7]) everythingOf(watched, share * lastsS);
          for (const cell of [quiet, watched]) cell.switchTo(lastsS, drive);
        }
        expect(everythingOf(watched, 1)).toEqual(everythingOf(quiet, 1));
      }),
      { numRuns: 25 },
    );
  });

  it('encloses its voltage, and counts what its current comes to', () => {
    fc.assert(
      fc.property(lives, ({ fault, atS, segments }) => {
        const cell = faulty(tenOhm(), fault, atS);
        let netC = 0;
        for (const { drive, lastsS } of segments) {
          cell.switchTo(0, drive);
          const { lowV, highV } = cell.voltageRangeV(0, lastsS);
          const before = cell.truth(0);
          const steps = 400;
          for (let step = 0; step <= steps; step += 1) {
            const voltageV = cell.voltageV((lastsS * step) / steps);
            expect(voltageV).toBeGreaterThanOrEqual(lowV - 1e-12);
            expect(voltageV).toBeLessThanOrEqual(highV + 1e-12);
          }
          for (let step = 0; step < steps; step += 1)
            netC += (cell.currentA((lastsS * (step + 0.5)) / steps) * lastsS) / steps;
          const { plateChargeC, stripChargeC } = cell.truth(lastsS);
          expect(plateChargeC).toBeGreaterThanOrEqual(before.plateChargeC - 1e-15);
          // The step in which the fault strikes is cut in the middle: an ampere of the hard short for it.
          expect(Math.abs(stripChargeC - plateChargeC - netC)).toBeLessThan(12 * (300 / steps));
          netC = stripChargeC - plateChargeC;
          cell.switchTo(lastsS, current(0));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a cell behind a clock that runs fast', () => {
  it('lives through true seconds, and its events are told in those of the instrument', () => {
    const inner = tenOhm();
    const cell = new TrueTimeCell(faulty(inner, SOFT, 100), 1.25);
    cell.switchTo(0, current(1e-3));
    expect(cell.truth(100).stripChargeC).toBeCloseTo(0.08, 12);
    expect(cell.voltageV(124)).toBeCloseTo(10e-3, 12);
    expect(cell.voltageV(126)).toBeCloseTo(5e-3, 12);
    expect(cell.events(130)[0]?.lifeS).toBe(125);
  });
});
