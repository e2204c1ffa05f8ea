// Goal: an instrument without a step engine looks like one that has it: numbers, charge, ends, limits,
// leases. Method: a hosted channel over an ideal instrument in virtual time; what is asserted is what it
// reports and what the instrument was told.

import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { ChannelStatus, DeviceReport, DeviceResult, StepEndReport } from '../../../src/device/cycler.ts';
import { HostedChannel } from '../../../src/device/hosted/hosted-channel.ts';
import { NO_LIMITS, type LookAheadTree, type StepLimits } from '../../../src/steps/step.ts';
import { FakeActuator, type FakeActuatorOptions } from '../../support/fake-actuator.ts';
import { halfCycle, node, PLATE, REST, STRIP, TWO_HALF_CYCLES } from '../../support/trees.ts';

const LIMITS = {
  voltageMaxNv: 2_000_000_000,
  voltageMinNv: -2_000_000_000,
  currentMaxPa: 5_000_000_000,
  netChargeMaxNc: 40_000_000_000,
};

interface Bench {
  readonly clock: VirtualClock;
  readonly channel: HostedChannel;
  readonly actuator: FakeActuator;
  readonly reports: DeviceReport[];
  readonly status: () => ChannelStatus;
  readonly load: (tree: LookAheadTree) => DeviceResult<null> | null;
}

function bench(
  options: Partial<FakeActuatorOptions> & { readonly enforces?: boolean; readonly lease?: 'none' } = {},
): Bench {
  const clock = new VirtualClock();
  const made: { actuator: FakeActuator | null } = { actuator: null };
  const isEnforced = options.enforces ?? true;
  const channel = new HostedChannel({
    clock,
    enforces: { voltageLimits: isEnforced, shortFloor: isEnforced, currentMin: isEnforced },
    createActuator: (listener) => {
      made.actuator = new FakeActuator({ ...options, clock, listener });
      return made.actuator;
    },
  });
  const { actuator } = made;
  if (actuator === null) throw new Error('the channel makes its actuator at once');
  const reports: DeviceReport[] = [];
  channel.onReport((report) => reports.push(report));
  channel.open({ run: 'A', rangeIndex: 1, limits: LIMITS }, () => undefined);
  if (options.lease !== 'none') channel.renewLease('waived', () => undefined);
  return {
    clock,
    channel,
    actuator,
    reports,
    status: () => {
      const found: ChannelStatus[] = [];
      channel.status((result) => {
        if (result.ok) found.push(result.value);
      });
      const [status] = found;
      if (status === undefined) throw new Error('no status');
      return status;
    },
    load: (tree) => {
      const answers: DeviceResult<null>[] = [];
      channel.load(tree, (result) => answers.push(result));
      clock.runUntil(() => answers.length > 0 || clock.nowMs() > 1000);
      return answers[0] ?? null;
    },
  };
}

function ends(reports: readonly DeviceReport[]): StepEndReport[] {
  return reports.filter((report) => report.type === 'stepEnded');
}

function samples(reports: readonly DeviceReport[]) {
  return reports.filter((report) => report.type === 'samples');
}

describe('a hosted channel', () => {
  it('runs the two half-cycles of a tree and counts them to the charge that was asked for', () => {
    const { clock, actuator, load, reports } = bench();
    expect(load(TWO_HALF_CYCLES)).toEqual({ ok: true, value: null });
    clock.advance(7_300_000);
    const [plate, strip] = ends(reports);
    expect(plate).toMatchObject({ stepNumber: 1, reason: 'net-charge', nextNodeId: 2 });
    expect(plate?.endNetChargeNc).toBe(-4_068_000_000);
    expect(strip).toMatchObject({ stepNumber: 2, reason: 'net-charge', nextNodeId: 0 });
    expect(Math.abs(strip?.endNetChargeNc ?? 1)).toBeLessThanOrEqual(1);
    // A cycle is given as one plan, and where it does not go on by itself the rest of it again.
    expect(actuator.told).toEqual(['prepare range 1', 'begin 1+2', 'begin 2']);
  });

  it('numbers samples without a hole, by the record rule, first and last of a step among them', () => {
    const { clock, load, reports } = bench();
    load(TWO_HALF_CYCLES);
    clock.advance(7_300_000);
    const recorded = samples(reports);
    expect(recorded.map(({ firstN }) => firstN)).toEqual(recorded.map((_, index) => index));
    const plating = recorded.filter(({ stepNumber }) => stepNumber === 1);
    // One at 1 s, then every 10 s, and the end.
    expect(plating.length).toBe(361);
    expect(plating[0]).toMatchObject({ flags: [1], stepStartUs: 0, timeUs: [1_000_000] });
    expect(plating.at(-1)).toMatchObject({ flags: [2], timeUs: [3_600_000_000] });
  });

  it('plans by the current that flows, so the charge is right from the second cycle on', () => {
    const { channel, clock, load, reports } = bench({ ratio: 0.998 });
    load(TWO_HALF_CYCLES);
    clock.advance(7_300_000);
    const again = {
      nodes: [node(3, 3, PLATE, { 'net-charge': 4 }), node(4, 4, STRIP)],
    } as const satisfies LookAheadTree;
    channel.renewLease('waived', () => undefined);
    load(again);
    clock.advance(7_300_000);
    const charges = ends(reports).map(({ endNetChargeNc }) => endNetChargeNc);
    // The first is short by 0.2 %; the strip goes back to where the counter stood.
    expect(charges[0]).toBe(Math.round(-4_068_000_000 * 0.998));
    expect(Math.abs((charges[2] ?? 0) + 4_068_000_000)).toBeLessThan(5_000);
    expect(Math.abs(charges[3] ?? 1)).toBeLessThan(5_000);
  });

  it('books a step that the instrument went on with by itself under the number of its child', () => {
    const { clock, actuator, load, reports } = bench({ goesOn: true });
    load(TWO_HALF_CYCLES);
    clock.advance(7_300_000);
    expect(ends(reports).map(({ stepNumber, nextNodeId }) => [stepNumber, nextNodeId])).toEqual([
      [1, 2],
      [2, 0],
    ]);
    expect(actuator.told).toEqual(['prepare range 1', 'begin 1+2']);
  });

  it('takes no reading whose time contradicts its neighbours, and goes on', () => {
    const { channel, clock, load, reports } = bench();
    load({ nodes: [node(1, 1, PLATE)] });
    clock.advance(20_500);
    const before = samples(reports).length;
    for (const timeUs of [0, 5_000_000, 20_000_000]) {
      channel.reading({ timeUs, voltageNv: 9e9, currentPa: 9e12, flags: 0 });
    }
    expect(samples(reports).length).toBe(before);
    clock.advance(3_600_000);
    expect(ends(reports)[0]).toMatchObject({ reason: 'net-charge', endNetChargeNc: -4_068_000_000 });
  });

  it('begins no step before the end of the one before it', () => {
    const { channel, clock, load, reports } = bench();
    load({ nodes: [node(1, 1, REST)] });
    clock.advance(30_500);
    // The end was told with a time that is before the last reading.
    channel.ended({ reason: 'duration', endUs: 1_000_000, hasGoneOn: false });
    expect(ends(reports)[0]).toMatchObject({ startUs: 0, endUs: 30_000_000 });
    channel.renewLease('waived', () => undefined);
    load({ nodes: [node(2, 2, PLATE)] });
    channel.began(2, 29_000_000);
    channel.reading({ timeUs: 31_000_000, voltageNv: 0, currentPa: -1e9, flags: 0 });
    expect(samples(reports).at(-1)).toMatchObject({ stepNumber: 2, stepStartUs: 30_000_000 });
  });

  it('takes a new future for the running step, and no other', () => {
    const { clock, load, status } = bench();
    load({ nodes: [node(1, 1, PLATE)] });
    clock.advance(1000);
    expect(status()).toMatchObject({ state: 'step', nodeId: 1, stepNumber: 1 });
    expect(load(TWO_HALF_CYCLES)).toEqual({ ok: true, value: null });
    expect(load({ nodes: [node(9, 2, STRIP)] })).toMatchObject({ ok: false, reason: 'stale' });
    clock.advance(3_600_000);
    expect(status()).toMatchObject({ state: 'step', nodeId: 2, stepNumber: 2, endedStepNumber: 1 });
  });
});

describe('limits that the host judges', () => {
  const limited = halfCycle({
    limits: {
      ...NO_LIMITS,
      netChargeNc: -4_068_000_000,
      voltageMinNv: -500_000_000,
      voltageDebounceUs: 2_000_000,
    },
  });
  const tree: LookAheadTree = { nodes: [node(1, 1, limited, { 'voltage-min': 2 }), node(2, 2, STRIP)] };
  const collapse = (planned: { readonly stepNumber: number }, sinceUs: number): number =>
    planned.stepNumber === 1 && sinceUs >= 100_000_000 ? -600_000_000 : -40_000_000;

  it('go over to the next step without opening the cell, once they have held for their time', () => {
    const { clock, actuator, load, reports } = bench({ enforces: false, voltageNv: collapse });
    load(tree);
    clock.advance(104_000);
    const [end] = ends(reports);
    expect(end).toMatchObject({
      reason: 'voltage-min',
      endUs: 102_000_000,
      nextNodeId: 2,
      voltageNv: -600_000_000,
    });
    expect(actuator.told).toEqual(['prepare range 1', 'begin 1', 'begin 2']);
  });

  it('end the step that they cut off when the next one begins, and count its current until then', () => {
    const { clock, load, reports } = bench({ enforces: false, voltageNv: collapse, startMs: 3000 });
    load(tree);
    clock.advance(112_000);
    const [end] = ends(reports);
    expect(end).toMatchObject({ reason: 'voltage-min', nextNodeId: 2, endUs: 108_000_000 });
    // From 3 s to 108 s at 1.13 mA.
    expect(end?.endNetChargeNc).toBe(-118_650_000);
  });

  it('leave no step to begin where the lease runs out in between', () => {
    const rig = bench({ enforces: false, voltageNv: collapse, startMs: 3000, lease: 'none' });
    rig.channel.renewLease({ durationMs: 106_000, policy: 'off' }, () => undefined);
    rig.load(tree);
    rig.clock.advance(120_000);
    expect(rig.actuator.isCellOn).toBe(false);
    expect(rig.status()).toMatchObject({ fault: 'wdg', state: 'fault', isCellOn: false });
    expect(ends(rig.reports).map(({ stepNumber }) => stepNumber)).toEqual([1]);
  });

  it('open the cell where nothing follows', () => {
    const { clock, actuator, load, reports } = bench({ enforces: false, voltageNv: collapse });
    load({ nodes: [node(1, 1, limited)] });
    clock.advance(104_000);
    expect(ends(reports)[0]).toMatchObject({ reason: 'voltage-min', nextNodeId: 0 });
    expect(actuator.told.at(-1)).toBe('off');
    expect(actuator.isCellOn).toBe(false);
  });

  it('take over with grace where the instrument should have ended the step and has not', () => {
    const { clock, actuator, load, reports } = bench({ enforces: true, voltageNv: collapse });
    load(tree);
    clock.advance(108_000);
    expect(ends(reports)).toEqual([]);
    clock.advance(4000);
    expect(ends(reports)[0]).toMatchObject({ reason: 'voltage-min', nextNodeId: 0 });
    expect(actuator.told.at(-1)).toBe('off');
  });

  it('end a step that the instrument does not end: cell open, and a fault with its name', () => {
    const { clock, actuator, load, reports, status } = bench();
    actuator.isStuck = true;
    load({ nodes: [node(1, 1, halfCycle({ durationMaxUs: 10_000_000 }))] });
    clock.advance(30_000);
    expect(ends(reports)[0]).toMatchObject({ reason: 'fault', stepNumber: 1 });
    expect(status()).toMatchObject({ state: 'fault', fault: 'overrun', isCellOn: false });
  });

  it('see a short below the floor, never while the cell rests', () => {
    const floor = { ...NO_LIMITS, shortFloorNv: 5_000_000, shortFloorDebounceUs: 1_000_000 };
    const shorted = { enforces: false, voltageNv: () => 1_000_000 };
    const driven = bench(shorted);
    driven.load({ nodes: [node(1, 1, halfCycle({ limits: floor }))] });
    driven.clock.advance(5000);
    expect(ends(driven.reports)[0]).toMatchObject({ reason: 'short-floor' });
    const resting = bench(shorted);
    resting.load({ nodes: [node(1, 1, { ...REST, limits: floor })] });
    resting.clock.advance(61_000);
    expect(ends(resting.reports)[0]).toMatchObject({ reason: 'duration' });
  });
});

describe('a held voltage', () => {
  /** 1 mA that falls to 1/e of it in 100 s. */
  const decay = (sinceUs: number): number => -1_000_000_000 * Math.exp(-sinceUs / 1e8);
  const hold = (limits: Partial<StepLimits>): LookAheadTree => ({
    nodes: [
      node(
        1,
        1,
        halfCycle({
          half: null,
          mode: { kind: 'cv', voltageNv: 40_000_000 },
          durationMaxUs: 600_000_000,
          limits: { ...NO_LIMITS, ...limits },
        }),
      ),
    ],
  });

  it('ends at the first reading below its smallest current, by size, and not at the very first', () => {
    const { clock, load, reports } = bench({ enforces: false, heldPa: decay });
    load(hold({ currentMinPa: 100_000_000 }));
    clock.advance(700_000);
    // ln 10 of 100 s.
    expect(ends(reports)[0]).toMatchObject({ reason: 'current-min', endUs: 231_000_000 });
    const small = bench({ enforces: false, heldPa: () => 5 });
    small.load(hold({ currentMinPa: 100_000_000 }));
    small.clock.advance(700_000);
    expect(ends(small.reports)[0]).toMatchObject({ reason: 'current-min', endUs: 2_000_000 });
  });

  it('is left to an instrument that ends it, and ended from here where that does not', () => {
    const { clock, load, reports } = bench({ heldPa: decay });
    load(hold({ currentMinPa: 100_000_000 }));
    clock.advance(700_000);
    // Three readings and 5 s later.
    expect(ends(reports)[0]).toMatchObject({ reason: 'current-min', endUs: 239_000_000 });
  });

  it('ends by the charge that the host counts, and else by its time', () => {
    const byCharge = bench({ heldPa: decay });
    byCharge.load(hold({ stepChargeNc: 50_000_000 }));
    byCharge.clock.advance(700_000);
    const [end] = ends(byCharge.reports);
    expect(end).toMatchObject({ reason: 'step-charge' });
    expect(end?.endNetChargeNc).toBeLessThanOrEqual(-50_000_000);
    expect(end?.endNetChargeNc).toBeGreaterThan(-50_600_000);
    const byTime = bench({ heldPa: decay });
    byTime.load(hold({}));
    byTime.clock.advance(700_000);
    expect(ends(byTime.reports)[0]).toMatchObject({ reason: 'duration', endUs: 600_000_000 });
  });
});

describe('a burst', () => {
  it('is recorded on its own grid for its time, then the record rule holds from its last sample', () => {
    const { clock, load, reports } = bench();
    const record = { ...PLATE.record, burst: { everyUs: 200_000, forUs: 2_000_000 } };
    load({ nodes: [node(1, 1, halfCycle({ record, durationMaxUs: 25_000_000, limits: NO_LIMITS }))] });
    clock.advance(30_000);
    const timesMs = samples(reports).map(({ timeUs }) => (timeUs[0] ?? 0) / 1000);
    const burst = [200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000];
    expect(timesMs).toEqual([...burst, 12_000, 22_000, 25_000]);
  });

  it('that is no faster than readings come is not asked of the instrument', () => {
    const { actuator, load } = bench();
    const record = { ...PLATE.record, burst: { everyUs: 2_000_000, forUs: 60_000_000 } };
    load({ nodes: [node(1, 1, halfCycle({ record }))] });
    expect(actuator.plans[0]?.steps[0]).not.toHaveProperty('burst');
  });
});

describe('what forces an end upon a hosted step', () => {
  it('off: the cell opens, the step ends by that name at the time of opening', () => {
    const { channel, clock, load, reports, status } = bench();
    load(TWO_HALF_CYCLES);
    clock.advance(10_500);
    channel.off(() => undefined);
    expect(ends(reports)[0]).toMatchObject({ reason: 'off', endUs: 10_500_000, nextNodeId: 0 });
    expect(status()).toMatchObject({ state: 'idle', isCellOn: false, endedStepNumber: 1 });
  });

  it('a lease that runs out: cell open, step ended as lease, fault wdg until it is cleared', () => {
    const { channel, clock, load, reports, status } = bench();
    channel.renewLease({ durationMs: 5000, policy: 'off' }, () => undefined);
    load(TWO_HALF_CYCLES);
    clock.advance(6000);
    expect(ends(reports)[0]).toMatchObject({ reason: 'lease' });
    expect(status()).toMatchObject({ fault: 'wdg', isCellOn: false });
    expect(load(TWO_HALF_CYCLES)).toMatchObject({ ok: false, reason: 'fault' });
    channel.clearFault('wdg', () => undefined);
    expect(load({ nodes: [node(3, 2, STRIP)] })).toMatchObject({ ok: false, reason: 'no-lease' });
  });

  it('a lost link: nothing is reported meanwhile, the step has ended as link-lost once it is back', () => {
    const { channel, actuator, clock, load, reports, status } = bench();
    load(TWO_HALF_CYCLES);
    clock.advance(25_500);
    const told = reports.length;
    channel.linkLost();
    actuator.vanish();
    expect(load(TWO_HALF_CYCLES)).toMatchObject({ ok: false, reason: 'closed' });
    clock.advance(60_000);
    channel.linkRestored();
    expect(reports.length).toBe(told);
    expect(status()).toMatchObject({ state: 'idle', endedStepNumber: 1, nextN: 4 });
    channel.replaySamples({ from: told, to: 99 }, () => undefined);
    channel.replayStepEnds(1, () => undefined);
    const [sample, end] = reports.slice(told);
    // The last reading that came before the link went.
    expect(sample).toMatchObject({ timeUs: [25_000_000], isReplay: true });
    expect(end).toMatchObject({ reason: 'link-lost', endUs: 25_000_000, isReplay: true });
  });

  it('a refusal of the instrument: named fault, cell open, nothing pretended to have run', () => {
    const { actuator, load, reports, status } = bench();
    actuator.refusal = 'parameter out of range';
    expect(load(TWO_HALF_CYCLES)).toMatchObject({ ok: false, detail: 'parameter out of range' });
    expect(ends(reports)[0]).toMatchObject({ reason: 'fault', startNetChargeNc: 0, endNetChargeNc: 0 });
    expect(status().fault).toBe('refused: parameter out of range');
  });

  it('a run that lets go while it hears of an end: what follows is not begun', () => {
    const { channel, actuator, clock, load } = bench();
    channel.onReport((report) => {
      if (report.type === 'stepEnded' && report.stepNumber === 1) channel.off(() => undefined);
    });
    load(TWO_HALF_CYCLES);
    clock.advance(3_700_000);
    expect(actuator.told).not.toContain('begin 2');
    expect(actuator.told.at(-1)).toBe('off');
    expect(actuator.isCellOn).toBe(false);
  });
});

describe('a hosted channel without permission', () => {
  it('starts nothing: no lease, no run, a number that does not follow', () => {
    const unleased = bench({ lease: 'none' });
    expect(unleased.load(TWO_HALF_CYCLES)).toMatchObject({ ok: false, reason: 'no-lease' });
    const { channel, load } = bench();
    load({ nodes: [node(1, 1, REST)] });
    channel.off(() => undefined);
    expect(load({ nodes: [node(5, 3, STRIP)] })).toMatchObject({
      ok: false,
      detail: 'step 3 does not follow step 1',
    });
    channel.release('A', () => undefined);
    expect(load({ nodes: [node(5, 2, STRIP)] })).toMatchObject({ ok: false, detail: 'no run is open' });
  });
});
