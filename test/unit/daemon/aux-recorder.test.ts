// Goal: what an instrument measures beside the cell is recorded at its own time, from the start of the run
// on. Method: a recorder that has seen the first sample of a run, and reports around it.

import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { AuxRecorder } from '../../../src/daemon/aux-recorder.ts';
import { ClockKeeper } from '../../../src/daemon/clock-keeper.ts';
import { CommitTimer } from '../../../src/daemon/commit-timer.ts';
import { Journal } from '../../../src/daemon/journal.ts';
import { Recorder } from '../../../src/daemon/recorder.ts';
import type { AuxReport } from '../../../src/device/cycler.ts';
import type { AuxRow } from '../../../src/store/run-store.ts';
import { PLATING } from '../store/fixtures.ts';

const TICK_US = 1000;
const ORIGIN_US = 5_000_000;

function recorderRig() {
  const clock = new VirtualClock();
  const stored: AuxRow[] = [];
  const journal = new Journal({
    clock,
    store: {
      path: 'run.db',
      nextSeq: 1,
      commit: (commit, done) => {
        stored.push(...commit.aux);
        clock.defer(() => done({ ok: true }));
      },
      seal: (done) => done({ ok: true }),
      close: (done) => done({ ok: true }),
    },
    onStored: () => undefined,
    onTrouble: () => undefined,
  });
  const nothing = (): void => undefined;
  const feed = { live: nothing, stepBegan: nothing, stepEnded: nothing, halfCycle: nothing, gap: nothing };
  const recorder = new Recorder({ journal, feed, originN: 0, tickUs: TICK_US });
  const clockKeeper = new ClockKeeper({
    ...{ clock, journal, timeScale: 1, everyMs: null },
    readClock: (done) =>
      done({
        ok: true,
        value: { deviceUs: ORIGIN_US + 2_000_000, sentMs: clock.nowMs(), receivedMs: clock.nowMs() },
      }),
    runTimeUs: (deviceUs) => recorder.runTimeUs(deviceUs),
  });
  const commitTimer = new CommitTimer({ clock, journal, everyMs: 500 });
  const aux = new AuxRecorder({ journal, recorder, clockKeeper, commitTimer, tickUs: TICK_US });
  const takeFirstSample = (): void => {
    const columns = { voltageNv: [0], currentPa: [0], netChargeNc: [0], flags: [1] };
    const timeUs = [ORIGIN_US + TICK_US];
    recorder.samples({ type: 'samples', firstN: 0, stepNumber: 1, timeUs, ...columns }, PLATING);
  };
  return { clock, aux, stored, clockKeeper, takeFirstSample };
}

function measuredAt(timeUs: number): AuxReport {
  return {
    type: 'aux',
    name: 'instrument',
    timeUs,
    value: { kind: 'temperature', temperatureUk: 300_000_000 },
  };
}

describe('a value of the instrument itself', () => {
  it('is stored at the run time of its measurement, by the next commit', () => {
    const { aux, clock, stored, takeFirstSample } = recorderRig();
    takeFirstSample();
    aux.measured(measuredAt(ORIGIN_US + 1_500_000));
    clock.advance(499);
    expect(stored).toEqual([]);
    clock.advance(1);
    expect(stored).toEqual([
      {
        ...{ timeUs: 1_500_000, errorUs: TICK_US, name: 'instrument' },
        value: { kind: 'temperature', temperatureUk: 300_000_000 },
      },
    ]);
  });

  it('is left out before the run has begun', () => {
    const { aux, clock, stored, takeFirstSample } = recorderRig();
    aux.measured(measuredAt(ORIGIN_US));
    takeFirstSample();
    aux.measured(measuredAt(ORIGIN_US - 1));
    clock.advance(1000);
    expect(stored).toEqual([]);
  });
});

describe('the run time of what is heard', () => {
  it('is counted on from the last reading of the device clock, with 100 ppm of doubt', () => {
    const { clock, clockKeeper, takeFirstSample } = recorderRig();
    expect(clockKeeper.runTimeNow()).toBeNull();
    takeFirstSample();
    clockKeeper.sync();
    expect(clockKeeper.runTimeNow()).toEqual({ timeUs: 2_000_000, errorUs: 0 });
    clock.advance(600_000);
    expect(clockKeeper.runTimeNow()).toEqual({ timeUs: 602_000_000, errorUs: 60_000 });
  });
});
