// Goal: the impedance is that of the same cell in the frequency domain. Method: a published figure at 0.01
// Hz, both limits, a frequency where hyperbolic functions would overflow, the modes' answer to a slow sine.
import { describe, expect, test } from 'vitest';
import { DiffusionModes } from '../../../../firmware-sim/cell/physics/diffusion.ts';
import { impedanceOhmCm2 } from '../../../../firmware-sim/cell/physics/impedance.ts';

const SEPARATOR_M = 250e-6;
const DIFFUSIVITY_M2_PER_S = 4.5e-10;
const TORTUOSITY = 1.2;
const diffusionS = (SEPARATOR_M ** 2 * TORTUOSITY) / (4 * DIFFUSIVITY_M2_PER_S);
const CELL = {
  resistanceOhmCm2: 2,
  chargeTransferOhmCm2: 25.7,
  doubleLayerFPerCm2: 40e-6,
  diffusionOhmCm2: 0.20834,
  diffusionS,
};
const diffusionOnly = { ...CELL, resistanceOhmCm2: 0, chargeTransferOhmCm2: 0 };

describe('impedance', () => {
  test('diffusion has 41.667 s and adds 0.11864 - 0.08689i ohm cm2 at 0.01 Hz', () => {
    expect(diffusionS).toBeCloseTo(41.667, 3);
    const found = impedanceOhmCm2({ ...diffusionOnly, frequencyHz: 0.01 });
    expect(found.real).toBeCloseTo(0.11864, 5);
    expect(found.imaginary).toBeCloseTo(-0.08689, 5);
  });

  test('is the sum of all resistances at zero frequency and the ohmic one at the highest', () => {
    const lowest = impedanceOhmCm2({ ...CELL, frequencyHz: 0 });
    expect(lowest.real).toBeCloseTo(2 + 2 * 25.7 + 0.20834, 12);
    expect(lowest.imaginary).toBe(0);
    expect(impedanceOhmCm2({ ...CELL, frequencyHz: 1e-9 }).real).toBeCloseTo(lowest.real, 9);
    const highest = impedanceOhmCm2({ ...CELL, frequencyHz: 1e15 });
    expect(highest.real).toBeCloseTo(2, 6);
    expect(highest.imaginary).toBeCloseTo(0, 6);
  });

  test('the semicircle peaks at half of both charge-transfer resistances where w R C = 1', () => {
    const frequencyHz = 1 / (2 * Math.PI * 25.7 * 40e-6);
    const found = impedanceOhmCm2({ ...CELL, diffusionOhmCm2: 0, frequencyHz });
    expect(found.real).toBeCloseTo(2 + 25.7, 9);
    expect(found.imaginary).toBeCloseTo(-25.7, 9);
  });

  test('diffusion has equal real and imaginary parts where its layer is thin', () => {
    const found = impedanceOhmCm2({ ...diffusionOnly, frequencyHz: 10 });
    expect(found.imaginary / found.real).toBeCloseTo(-1, 9);
    expect(found.real).toBeCloseTo(0.20834 / Math.sqrt(2 * 2 * Math.PI * 10 * diffusionS), 9);
  });

  test('a sine of 0.01 Hz in small stairs through the diffusion modes shows the same impedance', () => {
    const modes = new DiffusionModes({
      diffusivityM2PerS: DIFFUSIVITY_M2_PER_S,
      separatorM: SEPARATOR_M,
      porosity: 0.9,
      tortuosity: TORTUOSITY,
      cationTransference: 0.35,
      chargeNumber: 2,
      concentrationMolPerM3: 2000,
    });
    const amplitude = 1e-4;
    const stairs = 2000;
    const stairS = 100 / stairs;
    let real = 0;
    let imaginary = 0;
    for (let n = 0; n < 8 * stairs; n += 1) {
      const phase = (2 * Math.PI * (n + 0.5)) / stairs;
      modes.begin(n === 0 ? 0 : stairS, amplitude * Math.sin(phase));
      if (n < 7 * stairs) continue;
      const voltageV = modes.potentialV(stairS / 2, 298.15, 1);
      real += (2 * voltageV * Math.sin(phase)) / (amplitude * stairs);
      imaginary += (2 * voltageV * Math.cos(phase)) / (amplitude * stairs);
    }
    expect(real).toBeCloseTo(0.11864, 4);
    expect(imaginary).toBeCloseTo(-0.08689, 4);
  });
});
