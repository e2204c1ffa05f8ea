// Goal: what a potentiostat does to a cell is exact at every microsecond, compliance included.
// Method: ideal instruments on resistors and zinc cells in virtual time; readings, charges, logs against what
// physics says.

import { describe, expect, it } from 'vitest';
import { DeviceClock } from '../../../firmware-sim/board/device-clock.ts';
import { INSTRUMENTS, type Instrument } from '../../../firmware-sim/board/instrument.ts';
import { SourceMeter } from '../../../firmware-sim/board/source-meter.ts';
import type { CellModel } from '../../../firmware-sim/cell/cell-model.ts';
import { chosenCell } from '../../../firmware-sim/cell/library/chosen-cell.ts';
import { ResistiveCell } from '../../../firmware-sim/cell/resistive-cell.ts';
import { FaultyCell } from '../../../firmware-sim/faults/faulty-cell.ts';
import type { CellLogEntry } from '../../../firmware-sim/cell-log.ts';
import type { TruthEntry } from '../../../firmware-sim/truth-log.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';

interface Bench {
  readonly meter: SourceMeter;
  readonly log: readonly CellLogEntry[];
  readonly truth: readonly TruthEntry[];
}

function bench(cell: CellModel, instrument: Instrument = INSTRUMENTS.ideal): Bench {
  const log: CellLogEntry[] = [];
  const truth: TruthEntry[] = [];
  const clock = new DeviceClock({ clock: new VirtualClock(), scale: 1, driftPpm: 0 });
  const close = (): void => undefined;
  const meter = new SourceMeter({
    channel: 1,
    seed: 7,
    clock,
    instrument,
    cell,
    log: { write: (entry) => log.push(entry), close },
    truth: { write: (entry) => truth.push(entry), close },
  });
  return { meter, log, truth };
}

const resistor = (ohm: number, openCircuitV = 0): CellModel =>
  new ResistiveCell({ openCircuitV, resistanceOhm: ohm });
const current = (currentPa: number, complianceNv = 5e9) =>
  ({ kind: 'current', currentPa, complianceNv }) as const;
const voltage = (voltageNv: number, complianceCurrentPa: number | null = null) =>
  ({ kind: 'voltage', voltageNv, complianceCurrentPa }) as const;

describe('a source meter', () => {
  it('drives a current and reads what the resistor makes of it', () => {
    const { meter } = bench(resistor(100));
    meter.set(1000, current(1e9));
    expect(meter.reading(2000)).toEqual({ voltageNv: 1e8, currentPa: 1e9, isAtCompliance: false });
    expect(meter.chargeNc(3_601_000)).toBeCloseTo(3_600_000, 3);
  });

  it('gives a current up where the leads would need more than the compliance', () => {
    const { meter } = bench(resistor(1000));
    meter.set(0, current(-1e10, 2e9));
    expect(meter.reading(1000)).toEqual({ voltageNv: -2e9, currentPa: -2e9, isAtCompliance: true });
  });

  it('holds a voltage, and gives it up where the cell would take more than the compliance', () => {
    const { meter } = bench(resistor(100, 0.5));
    meter.set(0, voltage(1e9));
    expect(meter.reading(1)).toEqual({ voltageNv: 1e9, currentPa: 5e9, isAtCompliance: false });
    meter.set(2, voltage(1e9, 1e9));
    expect(meter.reading(3)).toEqual({ voltageNv: 6e8, currentPa: 1e9, isAtCompliance: true });
  });

  it('takes hold of a cell that shorts while a voltage is held, when it is looked at', () => {
    const inner = new ResistiveCell({ openCircuitV: 0, resistanceOhm: 1000 });
    const cell = new FaultyCell({
      inner,
      fault: { kind: 'hard-short', resistanceOhm: 1 },
      atS: 10,
      areaCm2: 1,
    });
    const { meter } = bench(cell);
    meter.set(0, voltage(1e8, 1e9));
    expect(meter.reading(9_000_000)).toEqual({ voltageNv: 1e8, currentPa: 1e8, isAtCompliance: false });
    const held = meter.reading(11_000_000);
    expect(held).toMatchObject({ currentPa: 1e9, isAtCompliance: true });
    // 1 mA through 1 ohm beside 1000.
    expect(held.voltageNv).toBeCloseTo(1e9 / 1001, -3);
    // What had flowed until then, and from then on the compliance.
    expect(meter.chargeNc(12_000_000)).toBeCloseTo(meter.truthAt(12_000_000).stripChargeC * 1e9, 3);
  });

  it('reads the open-circuit voltage with the relay open, and counts nothing', () => {
    const { meter } = bench(resistor(100, 0.5));
    expect(meter.reading(1000)).toMatchObject({ voltageNv: 5e8, currentPa: 0 });
    expect(meter.chargeNc(5_000_000)).toBe(0);
  });

  it('takes hold of a cell that runs away at the microsecond at which it meets the compliance', () => {
    // Long enough for the foil: it is exhausted in the middle of the step.
    const { model } = chosenCell('thin-foil-10um', { seed: 1, cell: 0 });
    const { meter } = bench(model);
    meter.set(0, current(1e10, 1e9));
    const atUs = meter.firstVoltageBeyondUs(1e12, { lowNv: -1e9, highNv: 1e9 });
    expect(Number.isFinite(atUs)).toBe(true);
    expect(meter.mean(atUs - 1).isAtCompliance).toBe(false);
    expect(meter.mean(atUs)).toMatchObject({ isAtCompliance: true });
    expect(meter.mean(atUs + 60_000_000).voltageNv).toBeCloseTo(1e9, -4);
    // From there on less than the set current flows.
    expect(Math.abs(meter.mean(atUs + 60_000_000).currentPa)).toBeLessThan(1e10);
  });

  it('counts what really flowed while compliance held the voltage', () => {
    const { meter } = bench(resistor(1000));
    meter.set(0, current(1e10, 2e9));
    // 2 mA instead of 10.
    expect(meter.chargeNc(10_000_000)).toBeCloseTo(20_000_000, 3);
    expect(meter.truthAt(10_000_000).stripChargeC).toBeCloseTo(0.02, 9);
  });

  it('writes each change of the relay to the cell log and each switch to the truth log', () => {
    const { meter, log, truth } = bench(resistor(100));
    meter.powerUp();
    meter.set(1000, current(1e9));
    meter.set(2000, current(-1e9));
    meter.open(3000, 'end');
    meter.open(4000);
    expect(log.map(({ t_us, cell, i_pa, why }) => [t_us, cell, i_pa, why])).toEqual([
      [0, 'off', 0, 'power'],
      [1000, 'on', 1e9, 'commit'],
      [2000, 'on', -1e9, 'commit'],
      [3000, 'off', 0, 'end'],
    ]);
    expect(truth.map(({ t_us }) => t_us)).toEqual([1000, 2000, 3000]);
  });

  it('loses its counter and its clock with the power, and the cell goes on', () => {
    const { meter, log } = bench(resistor(100));
    meter.set(0, current(1e9));
    meter.powerDown(1_000_000);
    meter.powerUp();
    expect(meter.isOn).toBe(false);
    expect(meter.chargeNc(500)).toBe(0);
    expect(meter.truthAt(500).stripChargeC).toBeCloseTo(1e-3, 12);
    expect(log.slice(-2).map(({ why }) => why)).toEqual(['power', 'power']);
  });

  it('has the impedance of its cell, and that of a resistor where the cell knows none', () => {
    expect(bench(resistor(47)).meter.impedanceOhm(0, 1000).real).toBeCloseTo(47, 6);
    const zinc = chosenCell('bare-zn', { seed: 1, cell: 0 });
    const high = bench(zinc.model).meter.impedanceOhm(0, 1e6);
    const low = bench(chosenCell('bare-zn', { seed: 1, cell: 0 }).model).meter.impedanceOhm(0, 0.01);
    expect(low.real).toBeGreaterThan(2 * high.real);
  });

  it('stays within the data sheet on real instruments', () => {
    for (const name of ['bench', 'coin-cycler', 'research-potentiostat', 'open-potentiostat'] as const) {
      const instrument = INSTRUMENTS[name];
      const { meter } = bench(resistor(100), instrument);
      const rangeIndex = instrument.rangesPa.findIndex((pa) => pa >= 1e9);
      meter.selectRange(0, rangeIndex);
      meter.set(1, current(5e8));
      const { currentPa } = meter.mean(1_000_000);
      expect(Math.abs(currentPa / 5e8 - 1)).toBeLessThan(0.02);
    }
  });

  it('refuses to go back in time', () => {
    const { meter } = bench(resistor(100));
    meter.reading(1000);
    expect(() => meter.reading(999)).toThrow('time goes back');
  });
});
