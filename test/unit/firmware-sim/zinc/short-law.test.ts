// Goal: shorts come by the drawn law. Method: the drawn charge of many seeds against mean and median of a
// Weibull distribution, within three standard errors; a few of them followed through cycling.
import { describe, expect, test } from 'vitest';
import { weibullMean, weibullMedian } from '../../../../firmware-sim/cell/physics/weibull.ts';
import { drawShortLaw } from '../../../../firmware-sim/cell/zinc/ageing.ts';
import { BARE_ZINC_SHORTS } from '../../../../firmware-sim/cell/zinc-parameters.ts';
import { changed, current, PLAIN, zincCell } from './rig.ts';

const SEEDS = 2000;
const { scaleCPerCm2: scale, shape } = BARE_ZINC_SHORTS;

describe('the law of shorts', () => {
  const laws = Array.from({ length: SEEDS }, (_, seed) =>
    drawShortLaw(BARE_ZINC_SHORTS, { seed: seed + 1, cell: 1 }),
  );
  const charges = laws.map(({ hardAtDamage }) => hardAtDamage * scale).sort((a, b) => a - b);

  test('has the mean and the median of a Weibull distribution', () => {
    const mean = charges.reduce((sum, charge) => sum + charge, 0) / SEEDS;
    const variance = charges.reduce((sum, charge) => sum + (charge - mean) ** 2, 0) / (SEEDS - 1);
    expect(Math.abs(mean - weibullMean({ scale, shape }))).toBeLessThan(3 * Math.sqrt(variance / SEEDS));
    const median = weibullMedian({ scale, shape });
    // Density at the median is shape ln 2/(2 median); the error of a sample's median is 1/(2 density sqrt n).
    const medianError = median / (shape * Math.LN2 * Math.sqrt(SEEDS));
    const found = ((charges[SEEDS / 2 - 1] ?? 0) + (charges[SEEDS / 2] ?? 0)) / 2;
    expect(Math.abs(found - median)).toBeLessThan(3 * medianError);
  });

  test('lets soft shorts come before the hard one, as many as asked for on average', () => {
    const { softEvents, softFrom } = BARE_ZINC_SHORTS;
    const counts = laws.map(({ softShorts }) => softShorts.length);
    const mean = counts.reduce((sum, count) => sum + count, 0) / SEEDS;
    expect(Math.abs(mean - softEvents)).toBeLessThan(3 * Math.sqrt(softEvents / SEEDS));
    const misplaced = laws.flatMap(({ softShorts, hardAtDamage }) =>
      softShorts.filter(({ atDamage }) => atDamage < softFrom[0] * hardAtDamage || atDamage > hardAtDamage),
    );
    expect(misplaced).toEqual([]);
  });
});

describe('a cycled cell', () => {
  test.each([1, 2, 3, 4, 5])('shorts at the charge that was drawn for it, seed %d', (seed) => {
    const shorts = { ...BARE_ZINC_SHORTS, scaleCPerCm2: 20, softEvents: 0 };
    const cell = zincCell(changed(PLAIN, { shorts }), seed);
    const { hardAtDamage, hardConductanceS } = drawShortLaw(shorts, { seed, cell: 1 });
    let elapsedS = 0;
    for (let half = 0; half < 20; half += 1) {
      cell.switchTo(elapsedS, current(half % 2 === 0 ? -1e-3 : 1e-3));
      elapsedS = 3600;
    }
    const events = cell.events(elapsedS);
    expect(events.map(({ kind }) => kind)).toEqual(['hard-short']);
    const platedC = (events[0]?.throughputCPerCm2 ?? 0) / 2;
    expect(Math.abs(platedC / (20 * hardAtDamage) - 1)).toBeLessThan(1e-12);
    // Beside the bridge lies the cell itself, with 2 + 2 R_ct and 0.2 ohm cm2 of diffusion.
    const parallelS = hardConductanceS + 1 / (2.208 + 2 * 25.69);
    expect(Math.abs(cell.voltageV(3600)) / (1e-3 / parallelS)).toBeCloseTo(1, 3);
  });

  test('comes to its short sooner at a higher current, as the law says', () => {
    const shorts = { ...BARE_ZINC_SHORTS, scaleCPerCm2: 20, softEvents: 0, chargeExponent: 0 };
    const platedC = [1e-3, 4e-3].map((density) => {
      const cell = zincCell(changed(PLAIN, { shorts }), 3);
      cell.switchTo(0, current(density));
      return (cell.events(200 / density)[0]?.throughputCPerCm2 ?? 0) / 2;
    });
    expect((platedC[0] ?? 0) / (platedC[1] ?? 0)).toBeCloseTo(4, 9);
  });
});
