// Goal: a step that holds a voltage shows the current that the cell takes, ends where the page says, counts
// what it meters, and is cut to the full scale of its range. Method: jobs over a memory line in virtual time
// on a resistor and on a full cell; frames, cell log and hidden truth against Ohm's law, against the cell
// model alone, and against loops over ticks.
import { describe, expect, test } from 'vitest';
import { type Instrument, INSTRUMENTS } from '../../../firmware-sim/board/instrument.ts';
import { createCellModel, describeCell } from '../../../firmware-sim/cell/library/cell-library.ts';
import type { CellModel } from '../../../firmware-sim/cell/cell-model.ts';
import { field, type NodeFields, Rig } from './rig.ts';

const HOLDING: Instrument = { ...INSTRUMENTS.ideal, features: ['burst', 'cv'] };
const LIMITS = 'vhi_nv=3000000000 vlo_nv=-3000000000 ihi_pa=10000000000 qhi_nc=40000000000';
const CHARGE_PA = 1_130_000_000;
const HELD_NV = 1_800_000_000;
const MIN_PA = 113_000_000;

/** Charges to 1.8 V at 1.13 mA, holds it until a tenth of that flows. */
const CC_CV: readonly NodeFields[] = [
  { id: 1, n: 1, i_pa: CHARGE_PA, t_us: 7_200_000_000, rest: `vmax_nv=${HELD_NV}`, on: 'vmax:2' },
  {
    id: 2,
    n: 2,
    mode: 'cv',
    t_us: 7_200_000_000,
    rest: `v_nv=${HELD_NV} imin_pa=${MIN_PA}`,
    rec: '10000000,0,0,1000,20000',
    on: 'imin:3',
  },
  { id: 3, n: 3, t_us: 60_000_000 },
];

const hold = (rest: string, more: Partial<NodeFields> = {}): NodeFields => ({
  id: 1,
  n: 1,
  mode: 'cv',
  t_us: 100_000_000,
  rest,
  ...more,
});

function ended(nodes: readonly NodeFields[], options: ConstructorParameters<typeof Rig>[0] = {}): Rig {
  const rig = new Rig({ instrument: HOLDING, cells: 'dummy-10-ohm', ...options });
  rig.start({ limits: LIMITS });
  expect(rig.load(nodes)).toBe('ack');
  rig.runMs(20_000_000);
  return rig;
}
const ends = (rig: Rig): string[] => rig.frames('e');
const why = (rig: Rig): string[] => ends(rig).map((end) => field(end, 'why'));
const ticks = (end = ''): number => (Number(field(end, 't_us')) - Number(field(end, 't0_us'))) / 1000;
const number = (end: string | undefined, key: string): number => Number(field(end ?? '', key));

describe('a voltage held at ten ohms', () => {
  test('gives V/R, and charge by the tick nearest to its target, in both directions', () => {
    for (const sign of [1, -1]) {
      // 1 mA: 1000 nC a tick.
      const rig = ended([hold(`v_nv=${sign * 10_000_000} qstep_nc=5400`, { rec: '1000,0,0' })]);
      expect(why(rig)).toEqual(['qstep']);
      expect(rig.samples().map(({ vNv }) => vNv)).toEqual(Array(5).fill(sign * 10_000_000));
      expect(rig.samples().map(({ iPa }) => iPa)).toEqual(Array(5).fill(sign * 1_000_000_000));
      expect(rig.samples().map(({ qNc }) => qNc)).toEqual([1, 2, 3, 4, 5].map((k) => sign * k * 1000));
      expect(rig.samples().map(({ flags }) => flags)).toEqual([1, 0, 0, 0, 2]);
    }
    expect(ends(ended([hold('v_nv=10000000 qstep_nc=5600')])).map(ticks)).toEqual([6]);
  });

  test('ends by time, and a current that is too small from the start ends it at the eleventh tick', () => {
    const byTime = ended([hold('v_nv=10000000 imin_pa=1000000000', { t_us: 5_000_000 })]);
    expect([why(byTime), ends(byTime).map(ticks)]).toEqual([['t'], [5000]]);
    const small = ended([hold('v_nv=10000000 imin_pa=1000000001')]);
    expect([why(small), ends(small).map(ticks)]).toEqual([['imin'], [11]]);
    const atOnce = ended([hold('v_nv=10000000 imin_pa=1000000001', { t_us: 11_000 })]);
    expect([why(atOnce), ends(atOnce).map(ticks)]).toEqual([['imin'], [11]]);
  });

  test('is cut to the full scale of the range, flagged as compliance, for as long as that lasts', () => {
    // 200 mV would make 20 mA; the range has 10.
    const rig = ended([hold('v_nv=200000000', { t_us: 3_000_000, rec: '1000000,0,0' })]);
    expect(why(rig)).toEqual(['t']);
    expect(rig.samples().map(({ flags }) => flags)).toEqual([1 | 4, 4, 4, 2 | 4]);
    expect(new Set(rig.samples().map(({ iPa }) => iPa))).toEqual(new Set([10_000_000_000]));
    expect(rig.samples().at(-1)).toMatchObject({ vNv: 100_000_000, qNc: 30_000_000 });
  });

  test('is judged by the hard limits of the run at every tick', () => {
    const faults = ['ihi_pa=900000000', 'qhi_nc=5000'].map((limit) => {
      const rig = new Rig({ instrument: HOLDING, cells: 'dummy-10-ohm' });
      const [key = ''] = limit.split('=');
      rig.start({ limits: LIMITS.replace(new RegExp(`${key}=\\d+`), limit) });
      expect(rig.load([hold('v_nv=10000000')])).toBe('ack');
      rig.runMs(1000);
      expect(rig.stat('cell')).toBe('off');
      return [field(rig.frames('f')[0] ?? '', 'fault'), ...ends(rig).map(ticks)];
    });
    expect(faults).toEqual([
      ['ihard', 1],
      ['qhard', 6],
    ]);
    const beyond = ended([hold('v_nv=3000000001')], { cells: 'open-leads' });
    expect(field(beyond.frames('f')[0] ?? '', 'fault')).toBe('vhard');
  });

  test('is written to the cell log with the voltage, and ends open', () => {
    const rig = ended([
      hold('v_nv=10000000', { t_us: 1_000_000, on: 't:2' }),
      { id: 2, n: 2, t_us: 1_000_000 },
    ]);
    expect(rig.cellLog.slice(1)).toEqual([
      {
        t_us: 1000,
        real_ms: 1_767_225_600_001,
        ch: 1,
        cell: 'on',
        i_pa: 1e9,
        v_nv: 1e7,
        step: 1,
        why: 'commit',
      },
      { t_us: 1_001_000, real_ms: 1_767_225_601_001, ch: 1, cell: 'off', i_pa: 0, step: 1, why: 'end' },
    ]);
  });

  test('goes over to a current and back at the same tick, with the rise of the source', () => {
    const instrument = { ...HOLDING, sourceRiseMs: 2 };
    const rig = ended(
      [
        hold('v_nv=10000000', { t_us: 1_000_000, on: 't:2' }),
        { id: 2, n: 2, i_pa: -1_000_000_000, t_us: 1_000_000, on: 't:3' },
        hold('v_nv=10000000', { id: 3, n: 3, t_us: 1_000_000 }),
      ],
      { instrument },
    );
    // The current rises from 1 mA to -1 mA: 2 mA x 2 ms are withheld. The hold takes no time.
    expect(ends(rig).map((end) => field(end, 'q_nc'))).toEqual(['1000000', '4000', '1004000']);
    expect(Math.abs(rig.simulator.truth(1).netChargeNc - 1_004_000)).toBeLessThan(1e-3);
    expect(rig.cellLog.map(({ cell }) => cell)).toEqual(['off', 'on', 'on', 'on', 'off']);
  });

  test('ends at once by off and by the stop byte, and leaves the cell open', () => {
    for (const [act, reason] of [
      [(rig: Rig) => rig.ask('off ch=1'), 'off'],
      [(rig: Rig) => rig.raw('\u0018'), 'stop'],
    ] as const) {
      const rig = new Rig({ instrument: HOLDING, cells: 'dummy-10-ohm' });
      rig.start({ limits: LIMITS });
      rig.load([hold('v_nv=10000000')]);
      rig.runMs(100);
      act(rig);
      expect([why(rig), rig.stat('cell'), rig.stat('q_nc')]).toEqual([[reason], 'off', '100000']);
      rig.runMs(1000);
      expect(rig.stat('q_nc')).toBe('100000');
    }
  });

  test('does not count as the last step with a set current for a limit relative to that', () => {
    const rig = ended([
      { id: 1, n: 1, i_pa: -1_000_000_000, t_us: 1_000_000, on: 't:2' },
      hold('v_nv=10000000', { id: 2, n: 2, t_us: 5_000_000, on: 't:3' }),
      { id: 3, n: 3, i_pa: 1_000_000_000, rest: 'qlast_ppm=500000' },
    ]);
    expect(ticks(ends(rig)[2])).toBe(500);
  });
});

/** The full cell under the same life as in `CC_CV`, without any device. */
function chargedCell(chargeTicks: number): CellModel {
  const description = describeCell('zn-mno2');
  if (description === null) throw new Error('zn-mno2 must be in the library');
  const model = createCellModel(description, { seed: 7, cell: 0 });
  model.switchTo(0.001, { kind: 'current', currentA: CHARGE_PA * 1e-12 });
  model.switchTo(chargeTicks * 1e-3, { kind: 'voltage', voltageV: HELD_NV * 1e-9 });
  return model;
}

describe('a full cell charged by constant current, then constant voltage', () => {
  const rig = ended(CC_CV, { cells: 'zn-mno2' });
  const [charge, held, rest] = ends(rig);

  test('goes over at the voltage without a gap, decays, and ends at the tick of the smallest current', () => {
    expect(why(rig)).toEqual(['vmax', 'imin', 't']);
    expect(field(held ?? '', 't0_us')).toBe(field(charge ?? '', 't_us'));
    expect(field(rest ?? '', 't0_us')).toBe(field(held ?? '', 't_us'));
    const model = chargedCell(ticks(charge));
    const tick = ticks(held);
    expect(tick).toBeGreaterThan(60_000);
    expect(model.currentA(tick * 1e-3) * 1e12).toBeLessThan(MIN_PA);
    expect(model.currentA((tick - 1) * 1e-3) * 1e12).toBeGreaterThanOrEqual(MIN_PA);
    const samples = rig.samples().filter(({ step }) => step === 2);
    expect(samples.every(({ vNv }) => vNv === HELD_NV)).toBe(true);
    samples.slice(1).forEach(({ iPa }, k) => expect(iPa).toBeLessThanOrEqual(samples[k]?.iPa ?? 0));
    for (const { tUs, iPa } of samples) {
      const elapsedS = (tUs - number(held, 't0_us')) * 1e-6;
      expect(Math.abs(iPa - model.currentA(elapsedS) * 1e12)).toBeLessThan(1);
    }
  });

  test('counts what the cell took, to a nC', () => {
    const { netChargeNc } = rig.simulator.truth(1);
    expect(Math.abs(netChargeNc - number(held, 'q_nc'))).toBeLessThan(1);
    // Against a sum over ticks as the device makes it.
    const model = chargedCell(ticks(charge));
    let sumNc = 0;
    for (let tick = 0; tick < ticks(held); tick += 1) {
      sumNc += ((model.currentA(tick * 1e-3) + model.currentA((tick + 1) * 1e-3)) / 2) * 1e6;
    }
    expect(Math.abs(number(held, 'q_nc') - number(held, 'q0_nc') - sumNc)).toBeLessThan(2);
  });

  test('is recorded closely at first', () => {
    const samples = rig.samples().filter(({ step }) => step === 2);
    const first = samples.slice(0, 22).map(({ tUs }) => (tUs - number(held, 't0_us')) / 1000);
    expect(first).toEqual([...Array.from({ length: 20 }, (_, k) => k + 1), 10_020, 20_020]);
  });
});
