// Goal: a source that rises slowly withholds the same charge from the cell and from the counter, its steps
// end on the tick nearest to their charge, and its limits act at the tick a loop would find. Method: an ideal
// instrument but for its rise; frames and hidden truth against sums over ticks and against the closed form I
// T.
import { describe, expect, test } from 'vitest';
import { ChargeCounter } from '../../../firmware-sim/board/charge-counter.ts';
import { firstHeldTick } from '../../../firmware-sim/board/crossing.ts';
import { DeviceClock } from '../../../firmware-sim/board/device-clock.ts';
import { HeldCell } from '../../../firmware-sim/board/held-cell.ts';
import { type Instrument, INSTRUMENTS } from '../../../firmware-sim/board/instrument.ts';
import { RelaxingRamp } from '../../../firmware-sim/board/relaxing-ramp.ts';
import { createCellModel, describeCell } from '../../../firmware-sim/cell/library/cell-library.ts';
import { ResistiveCell } from '../../../firmware-sim/cell/resistive-cell.ts';
import { uniformAt } from '../../../src/base/prng.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { field, Rig } from './rig.ts';

const I_PA = 1_130_000_000;
const RISE_MS = 20;
const RISING: Instrument = { ...INSTRUMENTS.ideal, sourceRiseMs: RISE_MS };
/** I T of one change from 0 to 1.13 mA, in nC. */
const WITHHELD_NC = 1130 * RISE_MS;

function ended(nodes: Parameters<Rig['load']>[0], instrument: Instrument = RISING): Rig {
  const rig = new Rig({ instrument, cells: 'dummy-10-ohm' });
  rig.start();
  expect(rig.load(nodes)).toBe('ack');
  rig.runMs(20_000_000);
  return rig;
}

describe('a ramp with a relaxing part', () => {
  test('encloses itself between any two ticks, turn included, and exactly at one', () => {
    for (let round = 0; round < 500; round += 1) {
      const draw = (index: number): number => 2 * uniformAt(round, index) - 1;
      const ramp = new RelaxingRamp({
        startTick: 7,
        atStart: 100 * draw(1),
        perTick: 3 * draw(2),
        relaxing: 200 * draw(3),
        timeTicks: 1 + 30 * uniformAt(round, 4),
      });
      const from = 7 + Math.floor(100 * uniformAt(round, 5));
      const until = from + Math.floor(100 * uniformAt(round, 6));
      const values = Array.from({ length: until - from + 1 }, (_, k) => ramp.at(from + k));
      const { low, high } = ramp.rangeBetween(from, until);
      expect(low).toBeLessThanOrEqual(Math.min(...values));
      expect(high).toBeGreaterThanOrEqual(Math.max(...values));
      // No looser than the turn between two ticks makes it.
      const step = Math.max(0, ...values.slice(1).map((value, k) => Math.abs(value - (values[k] ?? 0))));
      expect(high - low).toBeLessThanOrEqual(Math.max(...values) - Math.min(...values) + 2 * step);
      expect(ramp.rangeBetween(from, from)).toEqual({ low: ramp.at(from), high: ramp.at(from) });
    }
  });
});

describe('the charge counter', () => {
  test('integrates the rise exactly: a sum over slices of a microsecond agrees to 1e-6', () => {
    const counter = new ChargeCounter();
    counter.run({ startTick: 100, startPa: -I_PA, settledPa: I_PA, riseTicks: 5 });
    let sumNc = 0;
    for (let slice = 0; slice < 50_000; slice += 1) {
      const ticks = (slice + 0.5) / 1000;
      sumNc += I_PA * (1 - 2 * Math.exp(-ticks / 5)) * 1e-6 * 1e-3;
    }
    expect(Math.abs(counter.atTick(150) / sumNc - 1)).toBeLessThan(1e-6);
  });

  test('is current times time to 1e-12 over a million steps', () => {
    const counter = new ChargeCounter();
    let tick = 0;
    for (let step = 0; step < 1_000_000; step += 1) {
      counter.run({ startTick: tick, startPa: 1.3e9, settledPa: 1.3e9, riseTicks: 0 });
      tick += 1234 + (step % 3);
    }
    // Ticks are whole: their number is exact, and 1.3e9 pA are 1300 nC a tick.
    expect(Math.abs(counter.atTick(tick) / (tick * 1300) - 1)).toBeLessThan(1e-12);
  });

  test('loses no charge over a million reversals with a rise, to 0.01 nC', () => {
    const counter = new ChargeCounter();
    let tick = 0;
    for (let step = 0; step < 1_000_000; step += 1) {
      const settledPa = step % 2 === 0 ? -1.13e9 : 1.13e9;
      counter.run({ startTick: tick, startPa: step === 0 ? 0 : -settledPa, settledPa, riseTicks: 5 });
      tick += 3_600_000;
    }
    // Every reversal lacks 2 I T and they cancel; the very first step rose from 0 and lacked I T only.
    expect(Math.abs(counter.atTick(tick) + 1130 * 5)).toBeLessThan(0.01);
  });
});

describe('a source that rises', () => {
  test('shows the exponential, and counts I T less than I t', () => {
    const rig = ended([{ id: 1, n: 1, i_pa: I_PA, t_us: 1_000_000, rec: '1000,0,0' }]);
    const samples = rig.samples();
    for (const { tUs, iPa, qNc } of samples) {
      const ms = (tUs - 1000) / 1000;
      expect(Math.abs(iPa - I_PA * (1 - Math.exp(-ms / RISE_MS)))).toBeLessThanOrEqual(0.501);
      const chargeNc = 1130 * (ms - RISE_MS * (1 - Math.exp(-ms / RISE_MS)));
      expect(Math.abs(qNc - chargeNc)).toBeLessThanOrEqual(0.501);
    }
    expect(samples.at(-1)?.qNc).toBe(1_130_000 - WITHHELD_NC);
  });

  test('shows what was before when it is looked at in the tick in which a step was committed', () => {
    const rig = new Rig({ instrument: { ...RISING, sourceRiseMs: 0.1 }, cells: 'dummy-10-ohm' });
    rig.start();
    rig.runMs(0.5);
    rig.ask('live ch=1 p_us=100000');
    // Committed at 100.2 ms, looked at at 100.5 ms, started at 101 ms.
    rig.runMs(99.7);
    rig.load([{ id: 1, n: 1, i_pa: I_PA, t_us: 1_000_000 }]);
    expect(rig.stat('q_nc')).toBe('0');
    rig.runMs(0.4);
    const [shown = ''] = rig.frames('l');
    expect(field(shown, 'v_nv')).toBe('0');
    expect(field(shown, 'i_pa')).toBe('0');
  });

  test('withholds the same charge from the cell and from the counter, at every change', () => {
    const rig = ended([
      { id: 1, n: 1, i_pa: -I_PA, t_us: 3_000_000, on: 't:2' },
      { id: 2, n: 2, i_pa: I_PA, t_us: 2_000_000, on: 't:3' },
      { id: 3, n: 3, i_pa: 2 * I_PA, t_us: 1_000_000, on: 't:4' },
      { id: 4, n: 4, t_us: 1_000_000, on: 't:5' },
      { id: 5, n: 5, i_pa: -I_PA, t_us: 1_000_000 },
    ]);
    const ends = rig.frames('e').map((end) => Number(field(end, 'q_nc')));
    const afterPlateNc = -3_390_000 + WITHHELD_NC;
    const afterStripNc = afterPlateNc + 2_260_000 - 2 * WITHHELD_NC;
    const afterMoreNc = afterStripNc + 2_260_000 - WITHHELD_NC;
    expect(ends).toEqual([
      afterPlateNc,
      afterStripNc,
      afterMoreNc,
      afterMoreNc,
      afterMoreNc - 1_130_000 + WITHHELD_NC,
    ]);
    const { netChargeNc } = rig.simulator.truth(1);
    expect(Math.abs(netChargeNc - (ends.at(-1) ?? 0))).toBeLessThan(1e-3);
  });

  test.each([500, 1130, 30_000, 113_000, 5_000_000])(
    'ends at the tick nearest to %d nC, as a sum over ticks finds, from rest and after a reversal',
    (targetNc) => {
      const rig = ended([
        { id: 1, n: 1, i_pa: I_PA, rest: `qstep_nc=${targetNc}`, on: 'qstep:2' },
        { id: 2, n: 2, i_pa: -I_PA, rest: `qstep_nc=${targetNc}` },
      ]);
      const [up = '', down = ''] = rig.frames('e');
      let flowPa = 0;
      for (const [end, setPa] of [
        [up, I_PA],
        [down, -I_PA],
      ] as const) {
        const chargeNc = (ticks: number): number => {
          const lackNc = ((setPa - flowPa) / 1e6) * RISE_MS * (1 - Math.exp(-ticks / RISE_MS));
          return ((setPa / 1e6) * ticks - lackNc) * Math.sign(setPa);
        };
        const halfTickNc = (ticks: number): number =>
          ((setPa - (setPa - flowPa) * Math.exp(-ticks / RISE_MS)) / 2e6) * Math.sign(setPa);
        let ticks = 1;
        while (targetNc - chargeNc(ticks) >= halfTickNc(ticks)) ticks += 1;
        expect(Number(field(end, 't_us')) - Number(field(end, 't0_us'))).toBe(ticks * 1000);
        flowPa = setPa - (setPa - flowPa) * Math.exp(-ticks / RISE_MS);
      }
    },
  );

  test('whose relay opens in the middle of the rise leaves cell and counter apart by I T/e at most', () => {
    for (const ms of [1, 5, 10, 20, 21, 40, 100, 400]) {
      const rig = ended([{ id: 1, n: 1, i_pa: I_PA, t_us: ms * 1000 }]);
      const countedNc = Number(field(rig.frames('e')[0] ?? '', 'q_nc'));
      const apartNc = countedNc - rig.simulator.truth(1).netChargeNc;
      const seenMs = Math.max(0, ms - RISE_MS);
      const flowedMs = ms - RISE_MS * (1 - Math.exp(-ms / RISE_MS));
      expect(Math.abs(apartNc - 1130 * (flowedMs - seenMs))).toBeLessThan(0.51);
      expect(apartNc).toBeLessThanOrEqual(WITHHELD_NC / Math.E + 0.51);
    }
  });

  test('counts a hundred cycles to within a tick of zero, and the cell saw the same', () => {
    const rig = new Rig({ instrument: RISING });
    rig.start();
    rig.ask('flush ch=1 p_us=1000000000000');
    for (let k = 0; k < 100; k += 1) {
      const nodes = [
        { id: 2 * k + 1, n: 2 * k + 1, i_pa: -I_PA, rest: 'qnet_nc=-4068000000', on: `qnet:${2 * k + 2}` },
        { id: 2 * k + 2, n: 2 * k + 2, i_pa: I_PA, rest: 'qnet_nc=0' },
      ];
      expect(rig.load(nodes)).toBe('ack');
      rig.clock.runUntil(() => rig.frames('e').length === 2 * k + 2);
    }
    const last = Number(field(rig.frames('e').at(-1) ?? '', 'q_nc'));
    expect(Math.abs(last)).toBeLessThanOrEqual(1130 / 2 + 1);
    expect(Math.abs(rig.simulator.truth(1).netChargeNc - last)).toBeLessThan(1);
  });

  test('records a move of the current, each one as large as was asked for', () => {
    const samples = ended([
      { id: 1, n: 1, i_pa: I_PA, t_us: 9_000_000, rec: '5000000,0,200000000' },
    ]).samples();
    const moves = samples.slice(1, -2).map(({ iPa }, k) => iPa - (samples[k]?.iPa ?? 0));
    expect(moves.length).toBe(5);
    for (const movePa of moves) {
      expect(movePa).toBeGreaterThanOrEqual(200_000_000);
      expect(movePa).toBeLessThan(200_000_000 + I_PA / RISE_MS);
    }
  });

  test('lets the ohmic voltage follow the current, so that a voltage limit acts as it is passed', () => {
    // 11.3 mV across 10 ohm; 8 mV are passed at T ln(1/(1 - 8/11.3)).
    const rig = ended([{ id: 1, n: 1, i_pa: I_PA, rest: 'vmax_nv=8000000' }]);
    const end = rig.frames('e')[0] ?? '';
    const ms = Math.ceil(-RISE_MS * Math.log(1 - 8 / 11.3));
    expect(Number(field(end, 't_us')) - Number(field(end, 't0_us'))).toBe(ms * 1000);
  });
});

describe('the voltage behind a rise', () => {
  test.each([0.1, 5, 20])(
    'is enclosed by its bounds at every switch of a zinc cell, T %d ms',
    (riseTicks) => {
      const clock = new DeviceClock({ clock: new VirtualClock(), scale: 1, driftPpm: 30 });
      const description = describeCell('bare-zn');
      if (description === null) throw new Error('bare-zn must be in the library');
      const cell = createCellModel(description, { seed: 3, cell: 0 });
      const held = new HeldCell({ channel: 1, cell, clock, complianceV: 6, truth: null });
      const curve = {
        rangeBetween: (from: number, until: number) => {
          const { lowV, highV } = held.voltageRangeV(from, until);
          return { low: lowV, high: highV };
        },
      };
      let tick = 0;
      for (let step = 0; step < 60; step += 1) {
        const beforeV = held.voltageV(tick);
        const currentA = (uniformAt(step, 1) - 0.5) * 0.01;
        held.switchTo(tick, { kind: 'current', currentA }, riseTicks);
        // A current that has not begun to rise moves nothing.
        expect(held.voltageV(tick)).toBeCloseTo(beforeV, 9);
        const length = 1 + Math.floor(uniformAt(step, 2) * 200);
        const volts = Array.from({ length }, (_, k) => held.voltageV(tick + 1 + k));
        const { lowV, highV } = held.voltageRangeV(tick + 1, tick + length);
        expect(lowV).toBeLessThanOrEqual(Math.min(...volts));
        expect(highV).toBeGreaterThanOrEqual(Math.max(...volts));
        const limitV = volts[Math.floor(uniformAt(step, 3) * length)] ?? 0;
        const looped = volts.findIndex((voltageV) => voltageV >= limitV);
        const band = { low: limitV, high: Number.POSITIVE_INFINITY };
        const span = { fromTick: tick + 1, untilTick: tick + length };
        expect(firstHeldTick(curve, band, span, 0)).toBe(tick + 1 + looped);
        tick += length;
      }
    },
  );

  test('does not outlast the relay: open leads show the cell at once', () => {
    const clock = new DeviceClock({ clock: new VirtualClock(), scale: 1, driftPpm: 0 });
    const cell = new ResistiveCell({ openCircuitV: 0.5, resistanceOhm: 10 });
    const held = new HeldCell({ channel: 1, cell, clock, complianceV: 6, truth: null });
    held.switchTo(10, { kind: 'current', currentA: 0.1 }, 20);
    expect(held.voltageV(11)).toBeCloseTo(0.5 + 1 - Math.exp(-1 / 20), 12);
    held.switchTo(11, { kind: 'current', currentA: 0 }, 0);
    expect(held.voltageV(11)).toBe(0.5);
  });
});
