// Goal: whatever its disk does, a run loses nothing it measured, drives no cell for longer than it may, and
// ends.
// Method: the seeded trials of the reliability report in small number, and a planted fault that they must
// catch.

import { describe, expect, it } from 'vitest';
import { createDiskRig, type DiskRig } from '../../support/disk-rig.ts';
import { diskFullTrials, stallTrials } from '../../support/disk-trials.ts';
import { QUICK } from '../../support/rig.ts';

const CLEAN = { lost: 0, duplicated: 0, unflaggedGaps: 0, unsafeS: 0, problems: [] };

describe('seeded trials', () => {
  it('of full disks are all clean; some runs go on, others are held', { timeout: 120_000 }, () => {
    const figures = diskFullTrials({ seed: 1, trials: 10 });
    expect(figures).toMatchObject({ trials: 10, ...CLEAN });
    expect(Object.keys(figures.notes)).toEqual(expect.arrayContaining(['running', 'holding']));
  });

  it('of failing and stalled stores are all clean', { timeout: 120_000 }, () => {
    const figures = stallTrials({ seed: 2, trials: 10 });
    expect(figures).toMatchObject({ trials: 10, ...CLEAN });
    expect(Object.keys(figures.notes).length).toBeGreaterThanOrEqual(3);
  });

  it('with equal seeds are equal', () => {
    expect(stallTrials({ seed: 5, trials: 2 })).toEqual(stallTrials({ seed: 5, trials: 2 }));
  });
});

it('a store that acknowledges what it does not store is caught', () => {
  const plant = ({ store }: DiskRig): void => {
    const lying = store.calls + 20;
    store.liesAt = (call) => call === lying;
  };
  const figures = diskFullTrials({ seed: 1, trials: 1, plant });
  expect(figures.lost).toBeGreaterThan(0);
  expect(figures.problems).not.toEqual([]);
});

describe('a full disk with a ballast', () => {
  it('gives it to the runs, which then go on storing until it is used up, and says so', () => {
    const rig = createDiskRig({ seed: 3, parameters: { ...QUICK, cycles: 200 }, ballastBytes: 4e5 });
    rig.fillDisk();
    const fromMs = rig.clock.nowMs();
    rig.clock.advance(120_000);
    const codes = rig.feed.flatMap((message) => (message.type === 'alarm' ? [message.code] : []));
    expect(codes).toEqual(['BALLAST_RELEASED', 'STORE_FULL', 'DISK_LOW', 'STORE_FULL']);
    const last = rig.acknowledged.at(-1)?.atMs ?? 0;
    expect(last - fromMs).toBeGreaterThan(10_000);
    expect(last - fromMs).toBeLessThan(60_000);
    rig.end();
  });

  it('lets a run be ended with a whole record although nobody made room', () => {
    const rig = createDiskRig({ seed: 3, parameters: QUICK, ballastBytes: 4e5 });
    rig.fillDisk();
    rig.clock.advance(2000);
    expect(rig.stopRun()).toMatchObject({ ok: true, value: { state: 'stopped' } });
    rig.end();
  });
});
