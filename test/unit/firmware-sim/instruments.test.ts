// Goal: every unit of every instrument class stays within what `hello` declares of it, and its converters do
// what their data say. Method: units of many seeds at many currents and voltages against the declared bounds;
// noise and quantiser by statistics.
import { describe, expect, test } from 'vitest';
import { CurrentSource } from '../../../firmware-sim/board/current-source.ts';
import {
  errorBounds,
  type Instrument,
  INSTRUMENT_NAMES,
  INSTRUMENTS,
} from '../../../firmware-sim/board/instrument.ts';
import { Meter } from '../../../firmware-sim/board/meter.ts';
import { ResistiveCell } from '../../../firmware-sim/cell/resistive-cell.ts';
import { field, Rig } from './rig.ts';

const SEEDS = 400;
const FRACTIONS = [-1, -0.9, -0.5, -0.226, -0.1, -0.01, 0.01, 0.1, 0.226, 0.5, 0.9, 1];
const dummy = (): ResistiveCell => new ResistiveCell({ openCircuitV: 0, resistanceOhm: 1e-3 });

/** What flows when `currentPa` is set, and what the meter says of it, on one unit. */
function setAndRead(
  instrument: Instrument,
  unit: { readonly seed: number; readonly rangeIndex: number; readonly currentPa: number },
): { readonly truePa: number; readonly readPa: number } {
  const place = { seed: unit.seed, channel: 1 + (unit.seed % 8) };
  const meter = new Meter(instrument, place);
  meter.selectRange(unit.rangeIndex);
  const { currentA } = new CurrentSource(instrument, place).outputFor(unit, dummy());
  return { truePa: currentA * 1e12, readPa: meter.meanCurrentPa(currentA) };
}

describe.each(INSTRUMENT_NAMES)('a unit of the class %s', (name) => {
  const instrument: Instrument = INSTRUMENTS[name];
  const bounds = errorBounds(instrument);

  test('sets and reads currents within its declared bounds, whatever its seed, range and direction', () => {
    let worst = 0;
    for (let seed = 0; seed < SEEDS; seed += 1) {
      for (const [rangeIndex, fullScalePa] of instrument.rangesPa.entries()) {
        for (const fraction of FRACTIONS) {
          const setPa = Math.round(fraction * fullScalePa);
          const { truePa, readPa } = setAndRead(instrument, { seed, rangeIndex, currentPa: setPa });
          const boundPa =
            bounds.currentGainPpm * 1e-6 * Math.abs(setPa) +
            bounds.currentOffsetPpmOfRange * 1e-6 * fullScalePa;
          const errorPa = Math.max(
            Math.abs(readPa - setPa),
            Math.abs(truePa - setPa),
            Math.abs(readPa - truePa),
          );
          worst = Math.max(worst, boundPa === 0 ? errorPa : errorPa / boundPa);
        }
      }
    }
    expect(worst).toBeLessThanOrEqual(name === 'ideal' ? 1e-3 : 1);
    // A bound that no unit comes near would be as dishonest as one that is broken.
    if (name !== 'ideal') expect(worst).toBeGreaterThan(0.5);
  });

  test('reads voltages within its declared bounds over the whole span', () => {
    let worst = 0;
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const meter = new Meter(instrument, { seed, channel: 1 + (seed % 8) });
      for (const fraction of FRACTIONS) {
        const trueNv = fraction * instrument.voltageSpanNv;
        const boundNv = bounds.voltageGainPpm * 1e-6 * Math.abs(trueNv) + bounds.voltageOffsetNv;
        const errorNv = Math.abs(meter.meanVoltageNv(trueNv * 1e-9) - trueNv);
        worst = Math.max(worst, boundNv === 0 ? errorNv : errorNv / boundNv);
      }
    }
    expect(worst).toBeLessThanOrEqual(name === 'ideal' ? 1e-3 : 1);
  });

  test('reads a voltage that rises as one that rises, so that limits can be found from bounds', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const meter = new Meter(instrument, { seed, channel: 1 });
      let beforeNv = Number.NEGATIVE_INFINITY;
      for (let step = -200; step <= 200; step += 1) {
        const nv = meter.meanVoltageNv((step / 200) * instrument.complianceNv * 1e-9);
        expect(nv).toBeGreaterThan(beforeNv);
        beforeNv = nv;
      }
    }
  });

  test('has gains of the two directions that differ by no more than its match, and not by nothing', () => {
    const match = instrument.meterGainMatchPpm;
    const differences = Array.from({ length: SEEDS }, (_, seed) => {
      const meter = new Meter({ ...instrument, nonLinearityPpmOfSpan: 0 }, { seed, channel: 1 });
      const [zero, up, down] = [0, 1e-4, -1e-4].map((currentA) => meter.meanCurrentPa(currentA));
      return (((up ?? 0) + (down ?? 0) - 2 * (zero ?? 0)) / 1e8) * 1e6;
    });
    const largest = Math.max(...differences.map(Math.abs));
    expect(largest).toBeLessThanOrEqual(match + 1e-5);
    expect(largest).toBeGreaterThanOrEqual(0.9 * match);
  });

  test('lets every voltage that may be a limit be read below its compliance', () => {
    const worstNv = instrument.voltageSpanNv * (1 + bounds.voltageGainPpm * 1e-6) + bounds.voltageOffsetNv;
    const leastNv = instrument.complianceNv * (1 - bounds.voltageGainPpm * 1e-6) - bounds.voltageOffsetNv;
    expect(worstNv).toBeLessThan(leastNv);
  });

  test('says of itself in hello what its bounds are', () => {
    const rig = new Rig({ instrument: name });
    const hello = rig.ask('hello v=1 token=rig');
    expect(field(hello, 'iacc_ppm')).toBe(String(bounds.currentGainPpm));
    expect(field(hello, 'iofs_ppm')).toBe(String(bounds.currentOffsetPpmOfRange));
    expect(field(hello, 'vacc_ppm')).toBe(String(bounds.voltageGainPpm));
    expect(field(hello, 'vofs_nv')).toBe(String(bounds.voltageOffsetNv));
    expect(field(hello, 'ranges')).toBe(instrument.rangesPa.join(','));
    expect(instrument.rangesPa.toSorted((a, b) => a - b)).toEqual(instrument.rangesPa);
  });
});

describe('the classes as they are sold', () => {
  test('reference: offset to 1 ppm of the range, directions matched to 2 ppm, 24 bit, clock to 1 ppm', () => {
    const { reference } = INSTRUMENTS;
    expect(errorBounds(reference).currentOffsetPpmOfRange).toBeLessThanOrEqual(1);
    expect(reference.meterGainMatchPpm).toBeLessThanOrEqual(2);
    expect(reference.voltageLsbNv).toBe(1e10 / 2 ** 24);
    expect(reference.clockDriftPpm).toBe(1);
  });

  test('coin-cycler: 0.05 % of the range, 16 bit, 10 to 90 % within 20 ms, a 5 mA range', () => {
    const cycler = INSTRUMENTS['coin-cycler'];
    expect(cycler.meterOffsetPpmOfSpan).toBe(500);
    expect(cycler.voltageLsbNv).toBe(1e10 / 2 ** 16);
    expect(Math.log(9) * cycler.sourceRiseMs).toBeCloseTo(20, 0);
    expect(Math.log(9) * cycler.sourceRiseMs).toBeLessThan(20);
    expect(cycler.rangesPa).toContain(5e9);
  });
});

describe('a converter', () => {
  const noiseless: Instrument = {
    ...INSTRUMENTS['coin-cycler'],
    voltageNoiseNv: 0,
    currentNoisePpmOfRange: 0,
  };

  test('is off by half a step at most, and by every part of it alike', () => {
    const meter = new Meter(noiseless, { seed: 5, channel: 1 });
    meter.selectRange(1);
    const lsb = { nv: noiseless.voltageLsbNv, pa: noiseless.currentLsbPpmOfRange * 1e-6 * 5e9 };
    const errors = Array.from({ length: 10_000 }, (_, index) => {
      const mean = -4e9 + index * 812_345.678;
      const nv = meter.voltageNv(mean, 'sample', index) - mean;
      const pa = meter.currentPa(mean, 'sample', index) - mean;
      return { nv: nv / lsb.nv, pa: pa / lsb.pa };
    });
    for (const { nv, pa } of errors) {
      // Half a nV or pA more: what is told is whole.
      expect(Math.abs(nv)).toBeLessThanOrEqual(0.5 + 0.5 / lsb.nv + 1e-9);
      expect(Math.abs(pa)).toBeLessThanOrEqual(0.5 + 0.5 / lsb.pa + 1e-9);
    }
    const sd = Math.sqrt(errors.reduce((sum, { nv }) => sum + nv * nv, 0) / errors.length);
    expect(Math.abs(sd - 1 / Math.sqrt(12))).toBeLessThan(3 / Math.sqrt(24 * errors.length) + 0.005);
  });

  test.each(INSTRUMENT_NAMES.filter((name) => name !== 'ideal'))(
    'of the class %s has the noise of its data within 3 sd / sqrt(2 N), for voltage and current',
    (name) => {
      // Its quantiser would add a noise of its own.
      const instrument = { ...INSTRUMENTS[name], voltageLsbNv: 1, currentLsbPpmOfRange: 0 };
      const meter = new Meter(instrument, { seed: 11, channel: 1 });
      const range = instrument.rangesPa.length - 1;
      meter.selectRange(range);
      const count = 20_000;
      const sdOf = (read: (index: number) => number): number => {
        const values = Array.from({ length: count }, (_, index) => read(index));
        const mean = values.reduce((sum, value) => sum + value, 0) / count;
        return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1));
      };
      const voltageSd = sdOf((index) => meter.voltageNv(1e6, 'sample', index));
      const currentSd = sdOf((index) => meter.currentPa(1e6, 'live', index));
      const tolerance = 3 / Math.sqrt(2 * count);
      const currentNoisePa = instrument.currentNoisePpmOfRange * 1e-6 * (instrument.rangesPa[range] ?? 0);
      expect(Math.abs(voltageSd / instrument.voltageNoiseNv - 1)).toBeLessThan(tolerance);
      expect(Math.abs(currentSd / currentNoisePa - 1)).toBeLessThan(tolerance);
    },
  );

  test('bends by no more than its bound, smoothly, and the same way every time', () => {
    const bent: Instrument = { ...INSTRUMENTS.ideal, nonLinearityPpmOfSpan: 100 };
    const largest = Array.from({ length: 50 }, (_, seed) => {
      const meter = new Meter(bent, { seed, channel: 1 });
      const errors = Array.from({ length: 1201 }, (_each, k) => {
        const trueNv = (k - 600) * 1e7;
        return meter.meanVoltageNv(trueNv * 1e-9) - trueNv;
      });
      const again = new Meter(bent, { seed, channel: 1 }).meanVoltageNv(1.5) - 1.5e9;
      expect(again).toBe(errors[750]);
      for (const [k, error] of errors.slice(1).entries()) {
        expect(Math.abs(error - (errors[k] ?? 0))).toBeLessThan(500_000 * 0.02);
      }
      return Math.max(...errors.map(Math.abs));
    });
    expect(Math.max(...largest)).toBeLessThanOrEqual(100 * 1e-6 * 5e9 + 1e-3);
    expect(Math.min(...largest)).toBeGreaterThan(100_000);
  });
});

test('a range that was just selected reads wrong for a while, the cell being open, and then settles', () => {
  const glitchy: Instrument = { ...INSTRUMENTS.ideal, rangeGlitchPpmOfRange: 1000, rangeGlitchMs: 20 };
  const rig = new Rig({ instrument: glitchy, cells: 'dummy-10-ohm' });
  rig.start();
  expect(rig.load([{ id: 1, n: 1, t_us: 500_000, rec: '1000,0,0' }])).toBe('ack');
  rig.runMs(1000);
  const readPa = rig.samples().map(({ iPa }) => iPa);
  const first = readPa[0] ?? 0;
  expect(Math.abs(first)).toBeGreaterThan(1000);
  expect(Math.abs(first)).toBeLessThanOrEqual(10_000_000);
  expect(Math.abs((readPa[20] ?? 0) / first - Math.exp(-1))).toBeLessThan(1e-3);
  expect(readPa.at(-1)).toBe(0);
  expect(rig.stat('q_nc')).toBe('0');
});
