// Goal: no charge is made or lost: what went through the leads is current times time, and the zinc, the
// losses, the substrates and the bridge account for it. Method: a million switches of exact currents and
// times; random lives of failing cells, balanced electrode by electrode from the hidden truth.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CellTruth } from '../../../../firmware-sim/cell/cell-model.ts';
import { changed, current, failing, PLAIN, stretches, zincCell } from './rig.ts';

const C_PER_MAH = 3.6;

/** Everything an electrode holds or has given, as plated charge in C/cm2. */
function plated(truth: CellTruth, which: 'working' | 'counter'): number {
  const of = (what: string): number => (truth.hidden[`${which}${what}MAhPerCm2`] ?? Number.NaN) * C_PER_MAH;
  return of('Zinc') + of('Dead') + of('Corroded') + of('Hydrogen') - of('Tail') - of('Side');
}

describe('the charge through the leads', () => {
  test('is current times time to 1e-12 over a million switches', () => {
    const cell = zincCell(changed(PLAIN, { working: { zincCPerCm2: 1e5 } }));
    // Powers of two, so that every product and the expected sums are exact.
    const currentA = 2 ** -10;
    let elapsedS = 0;
    let platedTicks = 0;
    let strippedTicks = 0;
    for (let count = 0; count < 1_000_000; count += 1) {
      const sign = count % 2 === 0 ? -1 : 1;
      cell.switchTo(elapsedS, current(sign * currentA));
      const ticks = 1 + ((count * 7919) % 4096);
      elapsedS = ticks / 1024;
      if (sign < 0) platedTicks += ticks;
      else strippedTicks += ticks;
    }
    const { plateChargeC, stripChargeC } = cell.truth(elapsedS);
    expect(Math.abs(plateChargeC / ((platedTicks / 1024) * currentA) - 1)).toBeLessThan(1e-12);
    expect(Math.abs(stripChargeC / ((strippedTicks / 1024) * currentA) - 1)).toBeLessThan(1e-12);
  }, 60_000);

  test('is accounted for by zinc, losses, substrates and the bridge, at every switch of any life', () => {
    fc.assert(
      fc.property(failing, stretches({ holds: true }), fc.nat(), (parameters, life, seed) => {
        const cell = zincCell(parameters, seed);
        const first = cell.truth(0);
        let elapsedS = 0;
        for (const { drive, durationS } of life) {
          cell.switchTo(elapsedS, drive);
          elapsedS = durationS;
          const truth = cell.truth(durationS);
          const bridgedC = (truth.hidden['shortedNetMAhPerCm2'] ?? Number.NaN) * C_PER_MAH;
          const throughC = truth.plateChargeC - truth.stripChargeC + bridgedC;
          const workingC = plated(truth, 'working') - plated(first, 'working');
          const counterC = plated(truth, 'counter') - plated(first, 'counter');
          const scaleC = truth.plateChargeC + truth.stripChargeC + Math.abs(bridgedC) + 300;
          expect(Math.abs(workingC - throughC) / scaleC).toBeLessThan(1e-14);
          expect(Math.abs(counterC + throughC) / scaleC).toBeLessThan(1e-14);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('is the integral of the current where a voltage is held', () => {
    for (const voltageV of [-0.05, 0.05, 0.3]) {
      const cell = zincCell(PLAIN);
      cell.switchTo(0, { kind: 'voltage', voltageV });
      const booked = cell.truth(1000);
      const bookedC = booked.stripChargeC - booked.plateChargeC;
      // Simpson's rule over equal steps of ln t: the current starts like a decay without a time of its own.
      const steps = 20_000;
      const [firstS, lastS] = [1e-7, 1000];
      const ratio = Math.log(lastS / firstS) / steps;
      let integralC = cell.currentA(0) * firstS;
      for (let step = 0; step <= steps; step += 1) {
        const weight = step === 0 || step === steps ? 1 : 2 + 2 * (step % 2);
        const atS = firstS * Math.exp(step * ratio);
        integralC += (weight * cell.currentA(atS) * atS * ratio) / 3;
      }
      expect(Math.abs(bookedC / integralC - 1)).toBeLessThan(1e-3);
    }
  });
});

describe('zinc at rest', () => {
  const plating = changed(PLAIN, {
    working: { zincCPerCm2: 0, tailFPerCm2: 1e-6 },
    losses: { corrosionAPerCm2: 5e-6, restDeadPerDay: 0.2 },
  });

  test('is lost alike in one rest and in many short ones', () => {
    const zincAfter = (parts: number): number => {
      const cell = zincCell(plating);
      cell.switchTo(0, current(-1e-3));
      cell.switchTo(3600, current(0));
      for (let part = 1; part < parts; part += 1) cell.switchTo(86_400 / parts, current(0));
      return cell.truth(86_400 / parts).hidden['workingZincMAhPerCm2'] ?? Number.NaN;
    };
    expect(zincAfter(24)).toBeCloseTo(zincAfter(1), 12);
    // df/dt = -c - k f from 1 mAh: the solution of the linear equation, in mAh and days.
    const [corrosion, perDay] = [5e-3 * 24, 0.2];
    const expected = (1 + corrosion / perDay) * Math.exp(-perDay) - corrosion / perDay;
    expect(zincAfter(1)).toBeCloseTo(expected, 5);
  });

  test('loses contact only as far as it is fresh: a foil corrodes and nothing else', () => {
    const cell = zincCell(changed(plating, { losses: { corrosionAPerCm2: 1e-9 } }));
    cell.switchTo(0, current(-1e-3));
    cell.switchTo(3600, current(0));
    const { hidden } = cell.truth(1e8);
    expect(hidden['workingZincMAhPerCm2']).toBe(0);
    expect(hidden['counterDeadMAhPerCm2']).toBe(0);
    expect(hidden['counterCorrodedMAhPerCm2']).toBeCloseTo(0.1 / C_PER_MAH, 9);
    expect(cell.events(1e8).map(({ kind }) => kind)).toEqual(['exhausted']);
  });
});
