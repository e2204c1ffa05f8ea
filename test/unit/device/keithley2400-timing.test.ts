// Goal: what flowed and for how long is known from the instrument's own clock, on a line with a latency,
// across the wrap of that clock, and whatever of its answers is damaged. Method: a source meter that notes
// when its current really changed, beside what the driver reports; virtual time.

import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { StepEndReport } from '../../../src/device/cycler.ts';
import { InstrumentClock } from '../../../src/device/drivers/keithley2400/instrument-clock.ts';
import { NO_LIMITS, type LookAheadTree } from '../../../src/steps/step.ts';
import {
  keithley2400RigRunning,
  type Keithley2400Rig,
  type Overrides,
} from '../../support/keithley2400-peer.ts';
import { halfCycle, node } from '../../support/trees.ts';

function halfCycleOf(currentPa: number, chargeNc: number): ReturnType<typeof halfCycle> {
  return halfCycle({
    mode: { kind: 'cc', currentPa },
    half: currentPa < 0 ? 'plate' : 'strip',
    durationMaxUs: 100_000_000,
    limits: { ...NO_LIMITS, netChargeNc: chargeNc },
    record: { everyUs: 1_000_000, voltageDeltaNv: null, currentDeltaPa: null },
  });
}

/** 1 mA for 30 s each way, twice. */
const TWO_CYCLES: LookAheadTree = {
  nodes: [
    node(1, 1, halfCycleOf(-1_000_000_000, -30_000_000), { 'net-charge': 2 }),
    node(2, 2, halfCycleOf(1_000_000_000, 0), { 'net-charge': 3 }),
    node(3, 3, halfCycleOf(-1_000_000_000, -30_000_000), { 'net-charge': 4 }),
    node(4, 4, halfCycleOf(1_000_000_000, 0)),
  ],
};

function endsOf(rig: Keithley2400Rig): readonly StepEndReport[] {
  return rig.reports.filter((report): report is StepEndReport => report.type === 'stepEnded');
}

/** What flowed, nC, by the source's own log. */
function trueChargesNc(rig: Keithley2400Rig): readonly number[] {
  const { flows } = rig.peer(0);
  const charges = flows.map(({ atMs, currentA }, index) => {
    const untilMs = flows[index + 1]?.atMs ?? rig.clock.nowMs();
    return currentA * (untilMs - atMs) * 1e6;
  });
  return charges.filter((chargeNc) => chargeNc !== 0);
}

function runTwoCycles(overrides: Overrides): Keithley2400Rig {
  const rig = keithley2400RigRunning(TWO_CYCLES, overrides);
  rig.clock.runUntil(() => endsOf(rig).length === 4);
  rig.clock.advance(2000);
  return rig;
}

describe('a step that ends by charge', () => {
  it.each([
    ['without latency', { wireMs: 0 }, 100],
    ['at 57600 baud', { wireMs: 10 }, 100],
    ['at 9600 baud', { wireMs: 45 }, 100],
    ['behind a serial server', { wireMs: 150, readingMs: 250 }, 100],
    ['with a clock told to 10 ms', { wireMs: 45, clockS: 20_000 }, 10_000],
    ['across the wrap of the clock', { wireMs: 45, clockS: 99_950 }, 10_000],
  ])('reports the charge that flowed, %s', (_title, overrides, withinUs) => {
    const rig = runTwoCycles(overrides);
    const charges = trueChargesNc(rig);
    expect(endsOf(rig).map(({ reason }) => reason)).toEqual(Array(4).fill('net-charge'));
    for (const [index, { startNetChargeNc, endNetChargeNc }] of endsOf(rig).entries()) {
      const stepNc = endNetChargeNc - startNetChargeNc;
      // 1 mA x 1 us is 1 nC; both edges are told by the clock, in seven digits.
      expect(Math.abs(stepNc - (charges[index] ?? 0))).toBeLessThanOrEqual(withinUs);
    }
  });

  it.each([
    ['at 9600 baud', { wireMs: 45 }],
    ['behind a serial server', { wireMs: 150 }],
  ])('ends within a tick of the time it was given, %s', (_title, overrides) => {
    const rig = runTwoCycles(overrides);
    for (const [index, chargeNc] of trueChargesNc(rig).entries()) {
      expect(Math.abs(Math.abs(chargeNc) - 30_000_000)).toBeLessThan(20_000 * (index < 1 ? 2 : 1));
    }
    expect(Math.abs(endsOf(rig).at(-1)?.endNetChargeNc ?? 1e9)).toBeLessThan(20_000);
  });

  it('has its last sample within a reading of its end, and times that never fall', () => {
    const rig = runTwoCycles({ wireMs: 45, clockS: 99_950 });
    const samples = rig.reports.filter((report) => report.type === 'samples');
    const times = samples.flatMap(({ timeUs }) => timeUs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    for (const { stepNumber, endUs } of endsOf(rig)) {
      const last = samples.filter((report) => report.stepNumber === stepNumber).at(-1)?.timeUs[0] ?? 0;
      expect(endUs - last).toBeLessThan(300_000);
    }
  });

  it('takes no current between two half-cycles', () => {
    const rig = runTwoCycles({ wireMs: 45 });
    const { flows } = rig.peer(0);
    expect(flows.map(({ currentA }) => currentA)).toEqual([-1e-3, 0, 1e-3, 0, -1e-3, 0, 1e-3, 0]);
    expect((flows[2]?.atMs ?? 0) - (flows[1]?.atMs ?? 0)).toBeLessThan(100);
  });
});

describe('a step of hours', () => {
  it('ends on time by a clock that drifts, which is compared again before the end', () => {
    const step = { ...halfCycleOf(-1_000_000_000, -3_600_000_000), durationMaxUs: 4e9 };
    const record = { everyUs: 60_000_000, voltageDeltaNv: null, currentDeltaPa: null };
    // 200 ppm fast: 0.7 s in an hour.
    const reply = (message: string, { levelA }: { levelA: number }): string | undefined => {
      const timeS = 100 + (rig?.clock.nowMs() ?? 0) * 1e-3 * 1.0002;
      if (message === ':SYST:TIME?') return timeS.toExponential(9);
      if (message === ':READ?') return `1E-02,${levelA},${timeS.toExponential(9)},3.8912E+04`;
      return undefined;
    };
    let rig: Keithley2400Rig | null = null;
    rig = keithley2400RigRunning({ nodes: [node(1, 1, { ...step, record })] }, { reply, wireMs: 20 });
    rig.clock.advance(4_000_000);
    const [end] = endsOf(rig);
    expect(Math.abs((end?.endUs ?? 0) - (end?.startUs ?? 0) - 3_600_000_000)).toBeLessThan(20_000);
  });
});

describe('the clock of the instrument', () => {
  it('goes on by the host where a power-up has set it to zero', () => {
    const clock = new VirtualClock();
    const time = new InstrumentClock(clock);
    expect(time.greet(50_000_000_000)).toBe(false);
    clock.advance(10_000);
    expect(time.greet(2_000_000)).toBe(true);
    expect(time.nowUs()).toBe(10_000_000);
    clock.advance(1000);
    expect(time.toldNow(3_010_000)).toBe(11_010_000);
  });

  it('is the same after an absence of whole wraps and a drift', () => {
    const clock = new VirtualClock();
    const time = new InstrumentClock(clock);
    time.greet(99_990_000_000);
    clock.advance(250_000_000);
    expect(time.greet((99_990_000_000 + 250_000_000_000 + 5_000_000) % 100_000_000_000)).toBe(false);
    expect(time.nowUs()).toBe(250_005_000_000);
  });

  it('does not take a time that the host contradicts, and never falls', () => {
    const clock = new VirtualClock();
    const time = new InstrumentClock(clock);
    time.greet(0);
    clock.advance(10_000);
    expect(time.told(90_000_000)).toBeNull();
    expect(time.toldNow(9_990_000)).toBe(9_990_000);
    expect(time.nowUs()).toBe(9_990_000);
    clock.advance(5);
    const nowUs = time.nowUs();
    time.toldNow(9_980_000);
    expect(time.nowUs()).toBe(nowUs);
  });
});
