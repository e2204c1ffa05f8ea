// Goal: the whole cell shows the electrochemistry it is made of: Tafel's line, double layers, diffusion at
// low frequency, and what an electrode without zinc does. Method: cells in which the rest is switched off,
// against published figures and closed forms written here.
import { describe, expect, test } from 'vitest';
import { impedanceOhmCm2 } from '../../../../firmware-sim/cell/physics/impedance.ts';
import type { ZincCell } from '../../../../firmware-sim/cell/zinc-cell.ts';
import { changed, current, PLAIN, zincCell } from './rig.ts';

/** No ohmic drop and no concentration overpotential worth a nanovolt. */
const KINETIC = changed(PLAIN, {
  electrolyte: { resistanceOhmCm2: 1e-9, diffusivityM2PerS: 1e3 },
});
const B_MV = 51.3852;

function settledMv(density: number): number {
  const cell = zincCell(KINETIC);
  cell.switchTo(0, current(density));
  return cell.voltageV(1) * 1000;
}

describe('kinetics in the cell', () => {
  test.each([
    [1e-3, 49.454],
    [5e-3, 169.29],
    [10e-3, 237.65],
  ])('polarise two electrodes at %d A/cm2 by %d mV', (density, expectedMv) => {
    expect(Math.abs(settledMv(density) / expectedMv - 1)).toBeLessThan(5e-5);
    expect(settledMv(-density)).toBeCloseTo(-settledMv(density), 9);
  });

  test('have a slope of 118.319 mV a decade on each electrode far from equilibrium', () => {
    expect((settledMv(10) - settledMv(1)) / 2).toBeCloseTo(118.319, 3);
  });

  test('charge the double layers as solved exactly', () => {
    const cell = zincCell(KINETIC);
    cell.switchTo(0, current(1e-3));
    const electrodeMv = (elapsedS: number): number => (cell.voltageV(elapsedS) / 2) * 1000;
    expect(electrodeMv(0.1e-3)).toBeCloseTo(2.3822, 4);
    expect(electrodeMv(1e-3)).toBeCloseTo(15.9163, 4);
    expect(electrodeMv(5e-3)).toBeCloseTo(24.6094, 4);
    expect(electrodeMv(10)).toBeCloseTo(24.7271, 4);
  });

  test('let the double layers decay at open circuit as solved exactly', () => {
    const cell = zincCell(KINETIC);
    cell.switchTo(0, current(2e-3 * Math.sinh(3)));
    cell.switchTo(10, current(0));
    const electrodeMv = (elapsedS: number): number => (cell.voltageV(elapsedS) / 2) * 1000;
    expect(electrodeMv(0)).toBeCloseTo(3 * B_MV, 3);
    expect(electrodeMv(0.1e-3)).toBeCloseTo(119.271, 3);
    expect(electrodeMv(1e-3)).toBeCloseTo(36.6325, 3);
    expect(electrodeMv(5e-3)).toBeCloseTo(0.717228, 4);
  });

  test('nucleate without growth per decade as well as with it', () => {
    const tipV = (nucleationPerDecade: number): number => {
      const deposit = { agedNucleationV: 0.02, nucleationPerDecade };
      const cell = zincCell(changed(KINETIC, { deposit }));
      cell.switchTo(0, current(-1e-3));
      return -cell.voltageV(0.02);
    };
    // At the reference density the law has no say.
    expect(tipV(0)).toBeCloseTo(tipV(0.3), 5);
  });
});

describe('a small current for a long time', () => {
  const parameters = changed(PLAIN, { film: { initialOhmCm2: 3, conditionedOhmCm2: 3 } });

  function resistanceOf(cell: ZincCell): number {
    const density = 1e-7;
    cell.switchTo(0, current(density));
    return cell.voltageV(2000) / density;
  }

  test('meets the impedance at the lowest frequency: R + 2 R_ct + R_d', () => {
    const expected = impedanceOhmCm2({
      frequencyHz: 1e-9,
      resistanceOhmCm2: 2 + 2 * 3,
      chargeTransferOhmCm2: 25.6926,
      doubleLayerFPerCm2: 40e-6,
      diffusionOhmCm2: 0.20834,
      diffusionS: 41.667,
    });
    const measured = resistanceOf(zincCell(parameters));
    expect(Math.abs(measured / expected.real - 1)).toBeLessThan(1e-5);
    expect(Math.abs(zincCell(parameters).impedanceOhm(0, 1e-9).real / measured - 1)).toBeLessThan(1e-5);
  });

  test('as a square wave of 100 s shows the resistance that the impedance gives there', () => {
    const [densityA, periodS] = [1e-7, 100];
    const cell = zincCell(parameters);
    let elapsedS = 0;
    for (let half = 0; half < 40; half += 1) {
      cell.switchTo(elapsedS, current(half % 2 === 0 ? densityA : -densityA));
      elapsedS = periodS / 2;
    }
    // First harmonic of the answer to the last half-wave, by the rectangle rule; a square wave has 4/pi of
    // it.
    const steps = 50_000;
    let sine = 0;
    for (let step = 0; step < steps; step += 1) {
      const atS = ((step + 0.5) / steps) * (periodS / 2);
      sine += -cell.voltageV(atS) * Math.sin((2 * Math.PI * atS) / periodS) * (2 / steps);
    }
    const { real } = zincCell(parameters).impedanceOhm(0, 1 / periodS);
    expect(Math.abs(sine / ((4 / Math.PI) * densityA) / real - 1)).toBeLessThan(1e-4);
  });
});

describe('an electrode without zinc', () => {
  const [tailF, sideV, density, zincC] = [10e-3, 1.8, 1e-3, 0.5];
  const thin = changed(KINETIC, {
    kinetics: { exchangeCurrentAPerCm2: 1e3, doubleLayerFPerCm2: 1e-9 },
    working: { zincCPerCm2: zincC, tailFPerCm2: tailF },
    losses: { sideReactionV: sideV },
  });
  const exhaustedS = zincC / density;

  test('charges its substrate by j/C and comes to V_c at t_ex + C V_c/j', () => {
    const cell = zincCell(thin);
    cell.switchTo(0, current(density));
    const [event] = cell.events(exhaustedS + 10);
    expect(event?.kind).toBe('exhausted');
    expect(event?.lifeS).toBeCloseTo(exhaustedS, 9);
    for (const cutV of [0.2, 0.5, 1.5])
      expect(cell.voltageV(exhaustedS + (tailF * cutV) / density)).toBeCloseTo(cutV, 6);
  });

  test('stays at the potential of the side reactions, whose charge is told', () => {
    const cell = zincCell(thin);
    cell.switchTo(0, current(density));
    const sideS = exhaustedS + (tailF * sideV) / density;
    expect(cell.voltageV(sideS + 1000)).toBeCloseTo(sideV, 6);
    expect((cell.truth(sideS + 1000).hidden['workingSideMAhPerCm2'] ?? 0) * 3.6).toBeCloseTo(1, 9);
  });

  test('is discharged on the way back before zinc is plated again', () => {
    const cell = zincCell(thin);
    cell.switchTo(0, current(density));
    cell.switchTo(exhaustedS + 8, current(0));
    expect(cell.voltageV(3600)).toBeCloseTo(0.8, 6);
    cell.switchTo(3600, current(-density));
    expect(cell.voltageV(3)).toBeCloseTo(0.5, 6);
    expect(cell.voltageV(9)).toBeCloseTo(0, 6);
    expect((cell.truth(108).hidden['workingZincMAhPerCm2'] ?? 0) * 3.6).toBeCloseTo(0.1, 9);
  });
});
