// Goal: what each model is said to do is what its data sheet says, and the voltage limit of last resort
// lies above the limits of the cell and within the range that measures it. Method: the table, and limits
// put to it.

import { describe, expect, it } from 'vitest';
import { complianceFor } from '../../../src/device/drivers/keithley2400/compliance.ts';
import { messagesToward } from '../../../src/device/drivers/keithley2400/level.ts';
import { capabilitiesOf, MODELS, type Model } from '../../../src/device/drivers/keithley2400/models.ts';

function limits(voltageMaxNv: number, voltageMinNv: number): Parameters<typeof complianceFor>[0] {
  return { voltageMaxNv, voltageMinNv, currentMaxPa: 1e9, netChargeMaxNc: 1e12 };
}

function modelOf(name: string): Model {
  const found = MODELS[name];
  if (found === undefined) throw new Error(`no model ${name}`);
  return found;
}

describe('a model', () => {
  it.each(Object.entries(MODELS))('%s has ranges that rise, and no limit of its own', (_name, model) => {
    const { currentRangesPa, limits: enforced, voltageSpanNv } = capabilitiesOf(model);
    expect(currentRangesPa).toEqual([...new Set(currentRangesPa)].toSorted((a, b) => a - b));
    expect(enforced).toEqual({ voltage: 'host', charge: 'host', shortFloor: 'host' });
    expect(voltageSpanNv).toBe(model.voltageRangesNv.at(-1));
  });

  it.each([
    ['2400', 1e6, 1e12],
    ['2401', 1e6, 1e12],
    ['2410', 1e6, 1e12],
    ['2420', 1e7, 3e12],
    ['2440', 1e7, 5e12],
  ])('%s drives from %d pA to %d pA', (name, lowestPa, highestPa) => {
    const { currentRangesPa } = modelOf(name);
    expect([currentRangesPa[0], currentRangesPa.at(-1)]).toEqual([lowestPa, highestPa]);
  });
});

describe('the compliance', () => {
  it.each([
    ['2400', 100_000_000, -100_000_000, 102_000_000, 200_000_000],
    ['2400', 2_000_000_000, -1_000_000_000, 2_040_000_000, 2_000_000_000],
    ['2400', 500_000_000, -2_100_000_000, 2_142_000_000, 20_000_000_000],
    ['2440', 10_000_000_000, -10_000_000_000, 10_200_000_000, 10_000_000_000],
    ['2400', 1_000_000, -1_000_000, 50_000_000, 200_000_000],
  ])(
    'of a %s for %d to %d nV is %d nV in the range of %d nV',
    (name, maxNv, minNv, complianceNv, rangeNv) => {
      expect(complianceFor(limits(maxNv, minNv), modelOf(name))).toEqual({
        ok: true,
        complianceNv,
        voltageRangeNv: rangeNv,
      });
    },
  );

  it('is refused beyond the span', () => {
    expect(complianceFor(limits(21e9, -1e9), modelOf('2400'))).toMatchObject({ ok: false });
  });
});

describe('the way to a level', () => {
  const on = { isOutputOn: true, rangePa: 1e9 };

  it('is one message within a range, through no zero', () => {
    expect(messagesToward({ currentPa: -5e8, rangePa: 1e9 }, on)).toEqual([':SOUR:CURR:LEV -5E-04']);
    expect(messagesToward({ currentPa: 0, rangePa: 1e9 }, on)).toEqual([':SOUR:CURR:LEV 0']);
  });

  it('changes a range at 0 A, and one that is not known too', () => {
    const messages = [':SOUR:CURR:LEV 0', ':SOUR:CURR:RANG 1E-02', ':SOUR:CURR:LEV 5E-03'];
    expect(messagesToward({ currentPa: 5e9, rangePa: 1e10 }, on)).toEqual(messages);
    expect(messagesToward({ currentPa: 5e9, rangePa: 1e10 }, { ...on, rangePa: null })).toEqual(messages);
  });
});
