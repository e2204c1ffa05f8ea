// Goal: constants and charge transfer have the values of the literature. Method: published figures (Faraday's
// law, Tafel slope, charge-transfer resistance, Arrhenius factors), and the inverse put back into the law.
import { describe, expect, test } from 'vitest';
import * as constants from '../../../../firmware-sim/cell/physics/constants.ts';
import {
  arrhenius,
  chargeTransferResistanceOhmCm2,
  overpotentialV,
  steadyReduced,
} from '../../../../firmware-sim/cell/physics/kinetics.ts';

const ROOM_K = 298.15;
const SLOPE_V = constants.thermalSlopeV(ROOM_K);
const symmetric = { exchange: 1e-3, temperatureK: ROOM_K, anodicTransfer: 0.5, cathodicTransfer: 0.5 };
const polarisationMv = (ratio: number): number => 2000 * SLOPE_V * steadyReduced(ratio * 1e-3, 1e-3);

function densityAt(etaV: number, law: Omit<Parameters<typeof overpotentialV>[0], 'density'>): number {
  const reduced = (2 * etaV) / constants.thermalSlopeV(law.temperatureK);
  const forward = Math.expm1(law.anodicTransfer * reduced);
  return law.exchange * (forward - Math.expm1(-law.cathodicTransfer * reduced));
}

describe('constants', () => {
  test('a gram of zinc holds 819.87 mAh, a cubic centimetre 5853.9 mAh', () => {
    expect(constants.specificCapacityMAhPerG()).toBeCloseTo(819.87, 2);
    expect(constants.volumetricCapacityMAhPerCm3()).toBeCloseTo(5853.9, 1);
  });

  test('1 mAh/cm2 is 1.708 um of zinc', () => {
    expect(constants.thicknessUmFromMAhPerCm2(1)).toBeCloseTo(1.708, 3);
  });
});

describe('symmetric kinetics', () => {
  test('two electrodes show 49.454, 169.29 and 237.65 mV at 1, 5 and 10 times the exchange current', () => {
    expect(polarisationMv(1)).toBeCloseTo(49.454, 3);
    expect(polarisationMv(5)).toBeCloseTo(169.29, 2);
    expect(polarisationMv(10)).toBeCloseTo(237.65, 2);
  });

  test('two electrodes show 238, 132, 49.5, 17.1 and 5.1 mV at 1 mA/cm2 for j0 from 0.1 to 10 mA/cm2', () => {
    const shown = [0.1, 0.3, 1, 3, 10].map((exchange) => 2000 * SLOPE_V * steadyReduced(1, exchange));
    const published = [238, 132, 49.5, 17.1, 5.1];
    const decimals = [0, 0, 1, 1, 1];
    for (const [n, mv] of published.entries()) expect(shown[n]).toBeCloseTo(mv, decimals[n]);
  });

  test('the Tafel slope is 118.319 mV a decade', () => {
    const slopeMv = 1000 * SLOPE_V * (steadyReduced(100, 1e-3) - steadyReduced(10, 1e-3));
    expect(slopeMv).toBeCloseTo(118.319, 3);
  });

  test('the charge-transfer resistance is 257, 85.6, 25.7, 8.56 and 2.57 ohm cm2 for j0 0.1 to 10', () => {
    const found = [0.1, 0.3, 1, 3, 10].map((mA) => chargeTransferResistanceOhmCm2(mA / 1000, ROOM_K));
    const published = [257, 85.6, 25.7, 8.56, 2.57];
    const decimals = [0, 1, 1, 2, 2];
    for (const [n, ohmCm2] of published.entries()) expect(found[n]).toBeCloseTo(ohmCm2, decimals[n]);
  });

  test('the charge-transfer resistance is the slope of the overpotential at low current', () => {
    const slope = (SLOPE_V * steadyReduced(1e-9, 1e-3)) / 1e-9;
    expect(slope / chargeTransferResistanceOhmCm2(1e-3, ROOM_K)).toBeCloseTo(1, 11);
  });
});

describe('kinetics of any transfer coefficients', () => {
  const densities = [-1e3, -0.2, -1e-3, -1e-9, 0, 1e-15, 1e-7, 1e-3, 3e-2, 5, 1e6];

  test('equals the asinh form to 1e-12 V where both coefficients are 1/2', () => {
    for (const density of densities) {
      const etaV = overpotentialV({ ...symmetric, density });
      expect(Math.abs(etaV - SLOPE_V * steadyReduced(density, 1e-3))).toBeLessThan(1e-12);
    }
  });

  test('put back into the Butler-Volmer law it gives the density again, relative to 1e-12', () => {
    const pairs = [0.3, 0.5, 1, 1.5].flatMap((anodic) =>
      [0.3, 0.5, 0.9].map((cathodic) => ({ anodic, cathodic })),
    );
    for (const { anodic, cathodic } of pairs) {
      for (const temperatureK of [223.15, 333.15]) {
        const law = { exchange: 1e-3, temperatureK, anodicTransfer: anodic, cathodicTransfer: cathodic };
        for (const density of densities) {
          const back = densityAt(overpotentialV({ ...law, density }), law);
          expect(Math.abs(back - density)).toBeLessThanOrEqual(1e-12 * Math.abs(density));
        }
      }
    }
  });

  test('alkaline zincate shows 40 mV a decade anodic and 120 mV cathodic', () => {
    const thermalDecadeMv = (1000 * SLOPE_V * Math.LN10) / 2;
    const law = {
      ...symmetric,
      anodicTransfer: thermalDecadeMv / 40,
      cathodicTransfer: thermalDecadeMv / 120,
    };
    const etaMv = (density: number): number => 1000 * overpotentialV({ ...law, density });
    expect(etaMv(100) - etaMv(10)).toBeCloseTo(40, 2);
    expect(etaMv(-10) - etaMv(-100)).toBeCloseTo(120, 2);
  });
});

describe('temperature', () => {
  test('38.3 kJ/mol makes j0 3.3044 times at 50 C, 5.557e-3 times at -50 C, 1.6510 times for 10 K', () => {
    expect(arrhenius(38_300, 323.15)).toBeCloseTo(3.3044, 4);
    expect(arrhenius(38_300, 223.15) * 1000).toBeCloseTo(5.557, 3);
    expect(arrhenius(38_300, 308.15)).toBeCloseTo(1.651, 4);
    expect(arrhenius(38_300, 298.15)).toBe(1);
  });
});
