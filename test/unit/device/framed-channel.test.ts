// Goal: what a device says and what it is told differ from the run by the shift of its frame, and by
// nothing else. Method: a fake channel that keeps what it is told; every kind of report, command and answer
// under a shift.
import { describe, expect, it } from 'vitest';
import type { ChannelStatus, CyclerChannel, DeviceReport, RunSetup } from '../../../src/device/cycler.ts';
import { DEVICE_FRAME, type Frame, FramedChannel } from '../../../src/device/framed-channel.ts';
import { NO_LIMITS, type LookAheadTree, type Step } from '../../../src/steps/step.ts';

const SHIFT: Frame = { n: 100, timeUs: 5_000, netChargeNc: -70 };
const STEP: Step = {
  programStep: 'cycling-stripping',
  phase: 'cycling',
  cycle: 1,
  half: 'strip',
  completesCycle: true,
  mode: { kind: 'cc', currentPa: 5 },
  durationMaxUs: 1000,
  durationExpectedUs: 900,
  limits: { ...NO_LIMITS, netChargeNc: 30 },
  record: { everyUs: 10, voltageDeltaNv: null, currentDeltaPa: null },
  allowsLookAhead: true,
};
const STATUS: ChannelStatus = {
  ...{ state: 'step', run: 'R', timeUs: 10, nodeId: 3, stepNumber: 2, endedStepNumber: 1 },
  ...{ nextN: 4, oldestN: 1, netChargeNc: 9, fault: null, isCellOn: true },
};

interface Told {
  readonly setups: RunSetup[];
  readonly trees: LookAheadTree[];
  readonly ranges: unknown[];
  readonly reports: DeviceReport[];
  say: (report: DeviceReport) => void;
}

function framed(frame: Frame): { channel: FramedChannel; told: Told } {
  const told: Told = { setups: [], trees: [], ranges: [], reports: [], say: () => undefined };
  const done = { ok: true, value: null } as const;
  const device: CyclerChannel = {
    onReport: (receive) => {
      told.say = receive;
    },
    open: (setup, answer) => {
      told.setups.push(setup);
      answer(done);
    },
    release: (_, answer) => answer(done),
    load: (tree, answer) => {
      told.trees.push(tree);
      answer(done);
    },
    renewLease: (_, answer) => answer(done),
    off: (answer) => answer(done),
    status: (answer) => answer({ ok: true, value: STATUS }),
    clearFault: (_, answer) => answer(done),
    setReporting: (_, answer) => answer(done),
    replaySamples: (range, answer) => {
      told.ranges.push(range);
      answer({ ok: true, value: { from: 2, to: 3 } });
    },
    replayStepEnds: (from, answer) => {
      told.ranges.push(from);
      answer({ ok: true, value: { from: 1, to: 1 } });
    },
  };
  const channel = new FramedChannel(device, frame);
  channel.onReport((report) => told.reports.push(report));
  return { channel, told };
}

describe('a channel in the frame of its run', () => {
  it('without a shift hands on the very objects', () => {
    const { channel, told } = framed(DEVICE_FRAME);
    const live: DeviceReport = {
      ...{ type: 'live', stepNumber: 1, timeUs: 1, voltageNv: 2, currentPa: 3, netChargeNc: 4 },
    };
    told.say(live);
    const tree: LookAheadTree = { nodes: [{ id: 1, stepNumber: 1, step: STEP, children: {} }] };
    channel.load(tree, () => undefined);
    expect(told.reports[0]).toBe(live);
    expect(told.trees[0]).toBe(tree);
  });

  it('shifts numbers, times and charge of samples, and neither voltage nor current', () => {
    const { told } = framed(SHIFT);
    told.say({
      ...{ type: 'samples', firstN: 4, stepNumber: 2, stepStartUs: 6, isReplay: false },
      ...{ timeUs: [7, 8], voltageNv: [1, 2], currentPa: [3, 4], netChargeNc: [5, 6], flags: [1, 0] },
    });
    expect(told.reports).toEqual([
      {
        ...{ type: 'samples', firstN: 104, stepNumber: 2, stepStartUs: 5006, isReplay: false },
        ...{ timeUs: [5007, 5008], voltageNv: [1, 2], currentPa: [3, 4] },
        ...{ netChargeNc: [-65, -64], flags: [1, 0] },
      },
    ]);
  });

  it('shifts a step end and a status', () => {
    const { channel, told } = framed(SHIFT);
    const end = { nodeId: 3, reason: 'net-charge', voltageNv: 1, currentPa: 2, nextNodeId: 0 } as const;
    told.say({
      ...{ ...end, type: 'stepEnded', stepNumber: 2, startUs: 1, endUs: 9, isReplay: true },
      ...{ startNetChargeNc: 0, endNetChargeNc: 100, lastN: 8 },
    });
    expect(told.reports[0]).toMatchObject({
      ...{ ...end, startUs: 5001, endUs: 5009 },
      ...{ startNetChargeNc: -70, endNetChargeNc: 30, lastN: 108 },
    });
    channel.status((result) =>
      expect(result).toEqual({
        ok: true,
        value: { ...STATUS, timeUs: 5010, nextN: 104, oldestN: 101, netChargeNc: -61 },
      }),
    );
  });

  it('gives the device targets and ranges in its own numbers', () => {
    const { channel, told } = framed(SHIFT);
    channel.load({ nodes: [{ id: 1, stepNumber: 1, step: STEP, children: {} }] }, () => undefined);
    expect(told.trees[0]?.nodes[0].step.limits.netChargeNc).toBe(100);
    channel.replaySamples({ from: 103, to: 104 }, (result) =>
      expect(result).toEqual({ ok: true, value: { from: 102, to: 103 } }),
    );
    // What was recorded before its zero, it does not have.
    channel.replaySamples({ from: 50, to: 104 }, () => undefined);
    expect(told.ranges).toEqual([
      { from: 3, to: 4 },
      { from: 0, to: 4 },
    ]);
  });

  it('loosens the charge limit of the device by the shift of its zero: the host judges the true one', () => {
    const { channel, told } = framed(SHIFT);
    const limits = { voltageMaxNv: 1, voltageMinNv: -1, currentMaxPa: 1, netChargeMaxNc: 200 };
    channel.open({ run: 'R', rangeIndex: 0, limits }, () => undefined);
    expect(told.setups[0]?.limits).toEqual({ ...limits, netChargeMaxNc: 270 });
  });
});
