// Goal: what fails or runs away at the analogue side is told as it is: failed conversions, a source at its
// compliance, samples that are taken early or late.
// Method: ideal instruments with one flaw each, and a cell whose voltage runs away; frames that come back.
import { describe, expect, test } from 'vitest';
import { type Instrument, INSTRUMENTS } from '../../../firmware-sim/board/instrument.ts';
import {
  type CellEvent,
  type CellModel,
  type CellTruth,
  ChargeLedger,
  type CurrentRange,
  type Drive,
  type VoltageRange,
} from '../../../firmware-sim/cell/cell-model.ts';
import { field, Rig } from './rig.ts';

const I_PA = 1_130_000_000;

/** Ten ohms that climb by `slopeVPerS` from `brokenAfterS` of a segment with current on. */
class RunawayCell implements CellModel {
  readonly #ledger = new ChargeLedger();
  readonly #slopeVPerS: number;
  readonly #brokenAfterS: number;

  constructor({ slopeVPerS, brokenAfterS }: { slopeVPerS: number; brokenAfterS: number }) {
    this.#slopeVPerS = slopeVPerS;
    this.#brokenAfterS = brokenAfterS;
  }

  switchTo(elapsedS: number, drive: Drive): void {
    this.#ledger.switchTo(elapsedS, drive.kind === 'current' ? drive.currentA : drive.voltageV / 10);
  }

  voltageV(elapsedS: number): number {
    const { currentA } = this.#ledger;
    const brokenS = Math.max(0, elapsedS - this.#brokenAfterS);
    return currentA * 10 + Math.sign(currentA) * this.#slopeVPerS * brokenS;
  }

  voltageRangeV(fromS: number, untilS: number): VoltageRange {
    const [fromV, untilV] = [this.voltageV(fromS), this.voltageV(untilS)];
    return { lowV: Math.min(fromV, untilV), highV: Math.max(fromV, untilV) };
  }

  currentA(): number {
    return this.#ledger.currentA;
  }

  currentRangeA(): CurrentRange {
    const currentA = this.currentA();
    return { lowA: currentA, highA: currentA };
  }

  steadyVoltageV(currentA: number): number {
    return currentA * 10;
  }

  currentAtVoltageA(voltageV: number): number {
    return voltageV / 10;
  }

  truth(elapsedS: number): CellTruth {
    return { ...this.#ledger.charge(elapsedS), hidden: {} };
  }

  events(): readonly CellEvent[] {
    return [];
  }
}

describe('a cell that runs away in the middle of a step', () => {
  const lived = (slopeVPerS: number): Rig => {
    const cell = new RunawayCell({ slopeVPerS, brokenAfterS: 5 });
    const rig = new Rig({ instrument: 'ideal', cells: [cell] });
    rig.start();
    expect(rig.load([{ id: 1, n: 1, i_pa: I_PA, t_us: 20_000_000 }])).toBe('ack');
    rig.runMs(30_000);
    return rig;
  };

  test('saturates the reading at the compliance, is flagged, and ends the step at that very tick', () => {
    const rig = lived(1e6);
    const end = rig.frames('e')[0] ?? '';
    expect(field(end, 'why')).toBe('fault');
    expect(field(end, 't_us')).toBe('5002000');
    expect(rig.samples().at(-1)).toMatchObject({ vNv: 6_000_000_000, flags: 2 | 4 });
    expect(rig.stat('fault')).toBe('vhard');
    expect(rig.stat('cell')).toBe('off');
  });

  test('leaves the counter wrong by one tick of current at most', () => {
    const rig = lived(1e6);
    // From 5 s on no current could flow: 5.000 s of 1.13 mA.
    const q = Number(field(rig.frames('e')[0] ?? '', 'q_nc'));
    expect(Math.abs(q - 5_650_000)).toBeLessThanOrEqual(1130);
  });

  test('that stays inside the compliance is stopped by the hard limit, unflagged', () => {
    // 2 V less 11.3 mV at 2.5 V/s: 0.7955 s more.
    const rig = lived(2.5);
    expect(field(rig.frames('e')[0] ?? '', 'why')).toBe('fault');
    expect(field(rig.frames('e')[0] ?? '', 't_us')).toBe('5797000');
    expect(rig.samples().at(-1)?.flags).toBe(2);
  });
});

describe('failed conversions', () => {
  const failing: Instrument = { ...INSTRUMENTS.ideal, dropOutPpm: 200_000 };
  const lived = (instrument: Instrument, askEveryMs = 100_000): Rig => {
    const rig = new Rig({ instrument, cells: 'dummy-10-ohm' });
    rig.start();
    const nodes = [
      { id: 1, n: 1, i_pa: I_PA, t_us: 40_000_000, rec: '100000,0,0', on: 't:2' },
      { id: 2, n: 2, i_pa: -I_PA, t_us: 40_000_000, rec: '100000,0,0' },
    ];
    expect(rig.load(nodes)).toBe('ack');
    for (let ms = 0; ms < 100_000; ms += askEveryMs) {
      rig.runMs(askEveryMs);
      rig.ask('clock');
    }
    return rig;
  };

  test('use up no number: numbers follow each other, and the next sample is flagged', () => {
    const samples = lived(failing).samples();
    expect(samples.map(({ n }) => n)).toEqual(samples.map((_, index) => index));
    const missed = samples.filter(({ flags }) => (flags & 8) !== 0);
    expect(missed.length).toBeGreaterThan(50);
    for (const [index, sample] of samples.entries()) {
      const before = samples[index - 1];
      if (before === undefined || before.step !== sample.step || (sample.flags & 2) !== 0) continue;
      const isLate = sample.tUs - before.tUs > 100_000;
      expect((sample.flags & 8) !== 0, `sample ${index}`).toBe(isLate);
    }
  });

  test('are as many as the data say, within three standard deviations', () => {
    const due = lived(INSTRUMENTS.ideal).samples().length;
    const lost = due - lived(failing).samples().length;
    expect(Math.abs(lost - 0.2 * due)).toBeLessThan(3 * Math.sqrt(due * 0.2 * 0.8));
  });

  test('never take the first or the last sample of a step, nor any charge', () => {
    const always: Instrument = { ...INSTRUMENTS.ideal, dropOutPpm: 1_000_000 };
    const rig = lived(always);
    expect(rig.samples().map(({ flags }) => flags)).toEqual([1, 2 | 8, 1, 2 | 8]);
    const withoutVoltage = (end: string): string => end.replace(/last=\d+/, '');
    expect(rig.frames('e').map(withoutVoltage)).toEqual(
      lived(INSTRUMENTS.ideal).frames('e').map(withoutVoltage),
    );
  });

  test('are the same whenever anybody looks', () => {
    expect(lived(failing, 700).samples()).toEqual(lived(failing).samples());
  });
});

test('a converter that is early or late reads a voltage of another instant, but tells its tick', () => {
  const cells = [new RunawayCell({ slopeVPerS: 0.01, brokenAfterS: 0 })];
  const jittery: Instrument = { ...INSTRUMENTS.ideal, samplingJitterUs: 300 };
  const rig = new Rig({ instrument: jittery, cells });
  rig.start();
  expect(rig.load([{ id: 1, n: 1, i_pa: I_PA, t_us: 20_000_000, rec: '10000,0,0' }])).toBe('ack');
  rig.runMs(30_000);
  const offsetsUs = rig.samples().map(({ tUs, vNv }) => (vNv - 11_300_000) / 10 - (tUs - 1000));
  for (const offsetUs of offsetsUs) expect(Math.abs(offsetUs)).toBeLessThanOrEqual(300.1);
  const sd = Math.sqrt(offsetsUs.reduce((sum, us) => sum + us * us, 0) / offsetsUs.length);
  expect(Math.abs(sd - 300 / Math.sqrt(3))).toBeLessThan(10);
  expect(rig.samples().every(({ tUs }) => tUs % 1000 === 0)).toBe(true);
});
