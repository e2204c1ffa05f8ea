// Goal: steps that bring no sample at all have their row, and numbers stay whole. Method: the recorder alone,
// with a journal that writes down what it is given.

import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { Journal } from '../../../src/daemon/journal.ts';
import { Recorder } from '../../../src/daemon/recorder.ts';
import type { StepEndReport } from '../../../src/device/cycler.ts';
import type { StepBegan, StepEnded } from '../../../src/store/run-store.ts';
import { PLATE } from '../../support/trees.ts';

function recorder() {
  const began: StepBegan[] = [];
  const ended: StepEnded[] = [];
  const ignore = (): void => undefined;
  const store = { commit: ignore, seal: ignore, close: ignore, path: '', nextSeq: 1 };
  const clock = new VirtualClock();
  const journal = new Journal({ store, clock, onStored: ignore, onTrouble: ignore });
  const feed = {
    live: ignore,
    stepBegan: (row: StepBegan) => void began.push(row),
    stepEnded: (row: StepEnded) => void ended.push(row),
    halfCycle: ignore,
    gap: ignore,
  };
  return { began, ended, recorder: new Recorder({ journal, feed, originN: 40, tickUs: 1000 }) };
}

function end(stepNumber: number, overrides: Partial<StepEndReport> = {}): StepEndReport {
  return {
    ...{ type: 'stepEnded', stepNumber, nodeId: stepNumber, reason: 'fault', startUs: 5_000, endUs: 5_000 },
    ...{ startNetChargeNc: 0, endNetChargeNc: 0, voltageNv: 0, currentPa: 0, lastN: 39, nextNodeId: 0 },
    isReplay: false,
    ...overrides,
  };
}

function sample(firstN: number, stepNumber: number, atUs: number) {
  const columns = { timeUs: [atUs], voltageNv: [0], currentPa: [0], netChargeNc: [0], flags: [1] };
  return { type: 'samples', firstN, stepNumber, stepStartUs: 5_000, ...columns } as const;
}

describe('a step without samples', () => {
  it('has a row that holds none of the samples around it', () => {
    const run = recorder();
    run.recorder.samples(sample(40, 1, 6_000), PLATE);
    run.recorder.stepEnded(end(1, { reason: 'duration', endUs: 7_000, lastN: 40 }), PLATE);
    run.recorder.stepEnded(end(2, { startUs: 8_000, endUs: 8_000, lastN: 40 }), PLATE);
    run.recorder.samples({ ...sample(41, 3, 10_000), stepStartUs: 9_000 }, PLATE);
    expect(run.began.map(({ stepNumber, firstSeq }) => [stepNumber, firstSeq])).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
    ]);
    expect(run.ended.map(({ stepNumber, lastSeq }) => [stepNumber, lastSeq])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  it('may be the first of a run', () => {
    const run = recorder();
    run.recorder.stepEnded(end(1), PLATE);
    expect(run.began).toMatchObject([{ stepNumber: 1, firstSeq: 1, startUs: 0 }]);
    expect(run.ended).toMatchObject([{ stepNumber: 1, lastSeq: 0, endUs: 0 }]);
  });
});

describe('how far the record reaches', () => {
  it('is nowhere before the first step', () => {
    expect(recorder().recorder.reached).toBeNull();
  });

  it('is the end of a step that brought no sample: a device that is reset then goes on behind it', () => {
    const run = recorder();
    run.recorder.stepEnded(end(1, { endUs: 85_000, endNetChargeNc: 12 }), PLATE);
    expect(run.recorder.reached).toEqual({ timeUs: 80_000, netChargeNc: 12 });
  });

  it('is the later one of the newest sample and the newest end', () => {
    const run = recorder();
    run.recorder.samples(sample(40, 1, 6_000), PLATE);
    expect(run.recorder.reached).toMatchObject({ timeUs: 1_000 });
    run.recorder.stepEnded(end(1, { reason: 'duration', endUs: 7_000, lastN: 40 }), PLATE);
    expect(run.recorder.reached).toMatchObject({ timeUs: 2_000 });
    run.recorder.samples({ ...sample(41, 2, 10_000), stepStartUs: 9_000 }, PLATE);
    expect(run.recorder.reached).toMatchObject({ timeUs: 5_000 });
  });
});
