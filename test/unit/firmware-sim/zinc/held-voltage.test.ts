// Goal: a cell at a held voltage draws the current that its electrochemistry allows. Method: Cottrell's
// decay with infinitely fast kinetics, bounds of the current, and the two compliance functions against each
// other.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changed, current, failing, held, PLAIN, stretches, zincCell } from './rig.ts';

describe('a held voltage', () => {
  test('that empties the surface draws the current of Cottrell: zF c0 (D/(pi t))^1/2/(1 - t+)', () => {
    const [concentration, diffusivity, transference] = [100, 4.5e-10, 0.35];
    const parameters = changed(PLAIN, {
      kinetics: { exchangeCurrentAPerCm2: 1e3 },
      electrolyte: {
        concentrationMolPerM3: concentration,
        diffusivityM2PerS: diffusivity,
        porosity: 1,
        tortuosity: 1,
        resistanceOhmCm2: 0.01,
      },
    });
    const cell = zincCell(parameters);
    cell.switchTo(0, held(-0.5));
    for (const atS of [0.2, 0.5, 1, 2, 3]) {
      const fluxRoot = Math.sqrt(diffusivity / (Math.PI * atS));
      const cottrell = (2 * 96_485.332 * concentration * fluxRoot) / (1 - transference) / 1e4;
      expect(Math.abs(-cell.currentA(atS) / cottrell - 1)).toBeLessThan(0.02);
    }
  });

  test('is held exactly, and its current never is more than the ohmic resistance lets through', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), fc.nat(1000), (voltageV, atS) => {
        const cell = zincCell(PLAIN);
        cell.switchTo(0, held(voltageV));
        expect(cell.voltageV(atS)).toBe(voltageV);
        expect(cell.voltageRangeV(0, atS)).toEqual({ lowV: voltageV, highV: voltageV });
        const along = cell.currentA(atS) * Math.sign(voltageV);
        expect(along).toBeLessThanOrEqual(Math.abs(voltageV) / 2 + 1e-15);
        expect(along).toBeGreaterThanOrEqual(-1e-15);
      }),
      { numRuns: 100 },
    );
  });

  test('starts with what the resistance alone allows, and charges the double layers through it', () => {
    const cell = zincCell(PLAIN);
    cell.switchTo(0, held(1e-3));
    const settledA = cell.currentA(1);
    expect(cell.currentA(0)).toBeCloseTo(1e-3 / 2, 5);
    expect(settledA).toBeCloseTo(1e-3 / (2 + 2 * 25.69), 6);
    // Time constant of two double layers, in series, through 2 ohm cm2 and beside 2 R_ct.
    const timeS = 20e-6 / (1 / 2 + 1 / (2 * 25.69));
    const expectedA = settledA + (cell.currentA(0) - settledA) * Math.exp(-1);
    expect(Math.abs(cell.currentA(timeS) / expectedA - 1)).toBeLessThan(0.05);
  });

  test('goes on where the current before has left the double layers', () => {
    const cell = zincCell(PLAIN);
    cell.switchTo(0, current(1e-3));
    const beforeV = cell.voltageV(500);
    cell.switchTo(500, held(beforeV));
    for (const atS of [0, 1e-5, 1e-3, 1, 100]) expect(cell.currentA(atS)).toBeCloseTo(1e-3, 6);
    cell.switchTo(100, current(1e-3));
    for (const atS of [0, 1e-5, 1e-3, 1, 100]) expect(cell.voltageV(atS)).toBeCloseTo(beforeV, 5);
  });
});

describe('the compliance functions', () => {
  test('are inverse to each other in any state', () => {
    const amps = fc.double({ min: -50e-3, max: 50e-3, noNaN: true });
    fc.assert(
      fc.property(failing, stretches({ holds: true }), amps, (parameters, life, currentA) => {
        const cell = zincCell(parameters);
        let elapsedS = 0;
        for (const { drive, durationS } of life) {
          cell.switchTo(elapsedS, drive);
          elapsedS = durationS;
          const voltageV = cell.steadyVoltageV(currentA);
          expect(Number.isFinite(voltageV)).toBe(true);
          // A nanoampere, or what the last bit of the voltage stands for.
          const grainA = 1e-9 + 1e-9 * Math.abs(currentA);
          const span = [currentA - grainA, currentA + grainA].map((amp) => cell.steadyVoltageV(amp));
          expect(span[0]).toBeLessThanOrEqual(voltageV);
          expect(span[1]).toBeGreaterThanOrEqual(voltageV);
          expect(Math.abs(cell.currentAtVoltageA(voltageV) - currentA)).toBeLessThan(grainA);
        }
      }),
      { numRuns: 100 },
    );
  });
});
