// Goal: the driver and the emulator, written from one page with no code in common, understand each other.
// Method: both on a memory pair in virtual time: two half-cycles, a replaced future, replays, an off.

import { describe, expect, it } from 'vitest';
import { createSimulatedCycler, type SimulatedCycler } from '../../../firmware-sim/sim.ts';
import type { BytePort, OpenPort } from '../../../src/base/byte-port.ts';
import { randomKey, uniformAt } from '../../../src/base/prng.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { createMemoryPortPair } from '../../support/memory-port.ts';
import type {
  ChannelStatus,
  Cycler,
  CyclerChannel,
  DeviceReport,
  DeviceResult,
  Done,
  LinkReport,
  SamplesReport,
  StepEndReport,
} from '../../../src/device/cycler.ts';
import { createGvn1Cycler } from '../../../src/device/drivers/gvn1.ts';
import { node, PLATE, REST, STRIP, TWO_HALF_CYCLES } from '../../support/trees.ts';

const LIMITS = {
  voltageMaxNv: 2_000_000_000,
  voltageMinNv: -2_000_000_000,
  currentMaxPa: 5_000_000_000,
  netChargeMaxNc: 40_000_000_000,
};

interface Bench {
  readonly clock: VirtualClock;
  readonly device: SimulatedCycler;
  readonly cycler: Cycler;
  readonly channel: CyclerChannel;
  readonly links: LinkReport[];
  readonly reports: DeviceReport[];
  readonly cut: () => void;
}

/** Carries chunks from one port to the other; one in ten is lost, doubled, cut or damaged, by the seed. */
function carryBadly(from: BytePort, to: BytePort, key: number): void {
  let count = 0;
  from.onBytes((text) => {
    count += 1;
    const draw = uniformAt(key, count);
    if (draw < 0.03) return;
    if (draw < 0.05) to.write(text);
    if (draw < 0.08) to.write(text.slice(0, Math.floor(text.length * draw * 10)));
    else if (draw < 0.1) to.write(`${text.slice(0, 3)}~${text.slice(4)}`);
    else to.write(text);
  });
  from.onClosed(() => to.close());
}

function bench(badLineSeed: number | null = null): Bench {
  const clock = new VirtualClock();
  const device = createSimulatedCycler({ clock, seed: 7, channels: 2 });
  let cut = (): void => undefined;
  let connections = 0;
  const openPort: OpenPort = (done) => {
    const [host, line] = createMemoryPortPair(clock);
    cut = () => line.close();
    if (badLineSeed === null) {
      device.attach(line);
    } else {
      connections += 1;
      const [far, deviceLine] = createMemoryPortPair(clock);
      carryBadly(line, far, randomKey(badLineSeed, 'down', connections));
      carryBadly(far, line, randomKey(badLineSeed, 'up', connections));
      device.attach(deviceLine);
    }
    done({ ok: true, port: host });
  };
  const cycler = createGvn1Cycler({ name: 'bench', clock, openPort, token: 'bench1', keepAliveMs: null });
  const channel = cycler.channel(1);
  const links: LinkReport[] = [];
  const reports: DeviceReport[] = [];
  cycler.onLink((report) => links.push(report));
  channel.onReport((report) => reports.push(report));
  cycler.start();
  clock.runUntil(() => links.length > 0);
  return { clock, device, cycler, channel, links, reports, cut: () => cut() };
}

/** Steps virtual time until the command is decided. */
function settle<T>(clock: VirtualClock, ask: (done: Done<T>) => void): T {
  const results: DeviceResult<T>[] = [];
  ask((result) => results.push(result));
  clock.runUntil(() => results.length > 0);
  const [result] = results;
  if (result?.ok !== true) throw new Error(JSON.stringify(result));
  return result.value;
}

/** As often as the line needs. */
function insist<T>(rig: Bench, ask: (done: Done<T>) => void): T {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const results: DeviceResult<T>[] = [];
    ask((result) => results.push(result));
    rig.clock.runUntil(() => results.length > 0);
    const [result] = results;
    if (result?.ok === true) return result.value;
    const links = rig.links.length;
    if (result?.reason !== 'timeout')
      rig.clock.runUntil(() => rig.links.length > links || rig.clock.nowMs() > 1e7);
  }
  throw new Error('the line is too bad');
}

function begin({ clock, channel }: Bench): void {
  settle<null>(clock, (done) => channel.open({ run: '01JA', rangeIndex: 1, limits: LIMITS }, done));
  settle<null>(clock, (done) => channel.renewLease('waived', done));
}

function ends(reports: readonly DeviceReport[], isReplay = false): StepEndReport[] {
  return reports.filter((report) => report.type === 'stepEnded').filter((end) => end.isReplay === isReplay);
}

function numbers(reports: readonly DeviceReport[], isReplay = false): number[] {
  return reports
    .filter((report): report is SamplesReport => report.type === 'samples' && report.isReplay === isReplay)
    .flatMap((report) => report.timeUs.map((_, index) => report.firstN + index));
}

describe('the driver and the emulator', () => {
  it('identify each other', () => {
    const { links } = bench();
    expect(links).toMatchObject([
      { type: 'up', identity: { dialect: 'gvn1' }, capabilities: { channels: 2 } },
    ]);
  });

  it('run two half-cycles that end on their charge, every sample numbered once', () => {
    const rig = bench();
    begin(rig);
    settle<null>(rig.clock, (done) => rig.channel.load(TWO_HALF_CYCLES, done));
    rig.clock.runUntil(() => ends(rig.reports).length === 2);
    expect(ends(rig.reports)).toMatchObject([
      { stepNumber: 1, nodeId: 1, reason: 'net-charge', nextNodeId: 2 },
      { stepNumber: 2, nodeId: 2, reason: 'net-charge', nextNodeId: 0 },
    ]);
    const [plate, strip] = ends(rig.reports);
    expect(strip?.startUs).toBe(plate?.endUs);
    // One tick's charge at 1.13 mA is 1130 nC.
    expect(Math.abs((plate?.endNetChargeNc ?? 0) + 4_068_000_000)).toBeLessThanOrEqual(1130);
    expect(Math.abs(strip?.endNetChargeNc ?? 1e9)).toBeLessThanOrEqual(1130);
    const heard = numbers(rig.reports);
    expect(heard).toEqual(heard.map((_, index) => index));
    expect(heard.at(-1)).toBe(strip?.lastN);
    expect(rig.cycler.counters).toEqual({ linesDropped: 0, framesLost: 0, retries: 0 });
  });

  it('replace the future of a running step, and refuse one that is stale', () => {
    const rig = bench();
    begin(rig);
    settle<null>(rig.clock, (done) => rig.channel.load(TWO_HALF_CYCLES, done));
    rig.clock.advance(60_000);
    const future = {
      nodes: [node(1, 1, PLATE, { 'net-charge': 3 }), node(3, 2, REST, { duration: 4 }), node(4, 3, STRIP)],
    } as const;
    settle<null>(rig.clock, (done) => rig.channel.load(future, done));
    rig.clock.runUntil(() => ends(rig.reports).length === 3);
    expect(ends(rig.reports).map((end) => [end.nodeId, end.stepNumber, end.reason])).toEqual([
      [1, 1, 'net-charge'],
      [3, 2, 'duration'],
      [4, 3, 'net-charge'],
    ]);
    const results: DeviceResult<null>[] = [];
    rig.channel.load(TWO_HALF_CYCLES, (result) => results.push(result));
    rig.clock.runUntil(() => results.length > 0);
    expect(results).toMatchObject([{ ok: false, reason: 'stale' }]);
  });

  it('replay what a broken line has swallowed', () => {
    const rig = bench();
    begin(rig);
    settle<null>(rig.clock, (done) => rig.channel.load(TWO_HALF_CYCLES, done));
    rig.clock.runUntil(() => ends(rig.reports).length === 2);
    const original = numbers(rig.reports);
    rig.cut();
    rig.clock.runUntil(() => rig.links.length === 3);
    expect(rig.links.map((link) => link.type)).toEqual(['up', 'lost', 'up']);
    const everything = { from: 0, to: Number.MAX_SAFE_INTEGER };
    const range = settle(rig.clock, (done) => rig.channel.replaySamples(everything, done));
    expect(range).toEqual({ from: 0, to: original.length - 1 });
    expect(numbers(rig.reports, true)).toEqual(original);
    const endRange = settle(rig.clock, (done) => rig.channel.replayStepEnds(1, done));
    expect(endRange).toEqual({ from: 1, to: 2 });
    expect(ends(rig.reports, true)).toEqual(ends(rig.reports).map((end) => ({ ...end, isReplay: true })));
  });

  it('open the cell by off, which ends the step and forgets the job', () => {
    const rig = bench();
    begin(rig);
    settle<null>(rig.clock, (done) => rig.channel.load(TWO_HALF_CYCLES, done));
    rig.clock.advance(60_000);
    const before = settle<ChannelStatus>(rig.clock, (done) => rig.channel.status(done));
    expect(before).toMatchObject({ state: 'step', stepNumber: 1, isCellOn: true, run: '01JA' });
    settle<null>(rig.clock, (done) => rig.channel.off(done));
    rig.clock.runUntil(() => ends(rig.reports).length === 1);
    expect(ends(rig.reports)).toMatchObject([{ reason: 'off', nextNodeId: 0 }]);
    const after = settle<ChannelStatus>(rig.clock, (done) => rig.channel.status(done));
    expect(after).toMatchObject({ state: 'idle', stepNumber: 0, endedStepNumber: 1, isCellOn: false });
  });

  it('latch the stop byte as a fault that is cleared by its name', () => {
    const rig = bench();
    begin(rig);
    settle<null>(rig.clock, (done) => rig.channel.load(TWO_HALF_CYCLES, done));
    expect(rig.cycler.emergencyStop()).toBe(true);
    rig.clock.runUntil(() => rig.reports.some((report) => report.type === 'fault'));
    expect(rig.reports.at(-1)).toMatchObject({ type: 'fault', fault: 'stop' });
    expect(ends(rig.reports)).toMatchObject([{ reason: 'stop-byte' }]);
    settle<null>(rig.clock, (done) => rig.channel.clearFault('stop', done));
    settle<null>(rig.clock, (done) => rig.channel.release('01JA', done));
    const status = settle<ChannelStatus>(rig.clock, (done) => rig.channel.status(done));
    expect(status).toMatchObject({ state: 'free', run: null, isCellOn: false });
  });

  it('notice a restart behind an open line, by a new boot id', () => {
    const rig = bench();
    begin(rig);
    rig.device.reset('power');
    rig.channel.status(() => undefined);
    rig.clock.runUntil(() => rig.links.length === 3);
    const bootIds = rig.links.map((link) => (link.type === 'up' ? link.identity.bootId : null));
    expect(bootIds[1]).toBeNull();
    expect(bootIds[2]).not.toBe(bootIds[0]);
  });

  it('keep reporting: live while a step runs, samples at once', () => {
    const rig = bench();
    begin(rig);
    settle<null>(rig.clock, (done) => rig.channel.setReporting({ livePeriodMs: 1000, flushMs: 0 }, done));
    settle<null>(rig.clock, (done) => rig.channel.load(TWO_HALF_CYCLES, done));
    rig.clock.advance(30_500);
    expect(numbers(rig.reports).length).toBeGreaterThanOrEqual(4);
    expect(rig.reports.filter((report) => report.type === 'live').length).toBeGreaterThanOrEqual(29);
  });

  it.each([1, 2, 3, 4, 5])(
    'agree on two half-cycles over a line that damages one line in ten: seed %i',
    (seed) => {
      const rig = bench(seed);
      rig.clock.runUntil(() => rig.links.at(-1)?.type === 'up');
      insist<null>(rig, (done) => rig.channel.open({ run: '01JA', rangeIndex: 1, limits: LIMITS }, done));
      insist<null>(rig, (done) => rig.channel.renewLease('waived', done));
      insist<null>(rig, (done) => rig.channel.load(TWO_HALF_CYCLES, done));
      rig.clock.advance(7_300_000);
      insist(rig, (done) => {
        rig.reports.length = 0;
        rig.channel.replayStepEnds(1, done);
      });
      expect(ends(rig.reports, true).map((end) => [end.stepNumber, end.reason])).toEqual([
        [1, 'net-charge'],
        [2, 'net-charge'],
      ]);
      const { linesDropped, framesLost } = rig.cycler.counters;
      expect(linesDropped).toBeGreaterThan(0);
      expect(framesLost).toBeGreaterThan(0);
    },
  );
});
