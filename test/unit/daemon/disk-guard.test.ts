// Goal: the operator hears of a filling disk in time and once, no run is started on a full one, and the
// room in reserve is given up when it is needed and taken again when there is plenty.
// Method: the guard in virtual time before a disk and a ballast that do as they are told.

import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { parseConfig } from '../../../src/config/config.ts';
import { DiskGuard, diskLevel, diskSpaceOf, type DiskSpace } from '../../../src/daemon/disk-guard.ts';

const GB = 1e9;
const TOTAL_BYTES = 100 * GB;

interface GuardRig {
  readonly clock: VirtualClock;
  readonly guard: DiskGuard;
  readonly alarms: string[];
  readonly notes: string[];
  freeBytes: number;
  /** How often the disk was asked. */
  asked: number;
  isSilent: boolean;
  ballast: 'absent' | 'there';
  makeProblem: string | null;
}

function guardRig(freeBytes: number, disk: object = {}): GuardRig {
  const clock = new VirtualClock();
  const parsed = parseConfig({ disk });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  const guard = new DiskGuard({
    clock,
    limits: parsed.config.disk,
    readSpace: (done) => {
      rig.asked += 1;
      if (!rig.isSilent) clock.defer(() => done({ freeBytes: rig.freeBytes, totalBytes: TOTAL_BYTES }));
    },
    ballast: {
      bytes: parsed.config.disk.ballast,
      get isWanted() {
        return rig.ballast === 'absent';
      },
      make: (done) => {
        rig.ballast = rig.makeProblem === null ? 'there' : 'absent';
        clock.defer(() => done(rig.makeProblem));
      },
      release: () => {
        const wasThere = rig.ballast === 'there';
        rig.ballast = 'absent';
        return wasThere;
      },
    },
    alarm: (code, message) => void rig.alarms.push(`${code}: ${message}`),
    note: (message) => void rig.notes.push(message),
  });
  const rig: GuardRig = {
    ...{ clock, guard, freeBytes, alarms: [], notes: [] },
    ...{ asked: 0, isSilent: false, ballast: 'absent', makeProblem: null },
  };
  guard.start();
  clock.advance(1);
  return rig;
}

describe('a disk that fills', () => {
  it('is told at 10 %, at 2 GB and at 1 GB, once each, with what is left and what to do', () => {
    const rig = guardRig(50 * GB);
    for (const freeGb of [20, 9.9, 5, 1.9, 1.5, 0.9, 0.8, 0.5]) {
      rig.freeBytes = freeGb * GB;
      rig.clock.advance(10_000);
    }
    expect(rig.alarms).toEqual([
      expect.stringMatching(/^DISK_LOW: 9\.9 GB \(9\.9 %\) are free .*nearly full: make room$/),
      expect.stringMatching(/^DISK_LOW: 1\.9 GB .*refused soon: make room$/),
      expect.stringMatching(/^DISK_LOW: 900 MB .*new runs are refused: make room$/),
    ]);
  });

  it('is told anew only after there was room again', () => {
    const rig = guardRig(9 * GB);
    for (const freeGb of [10.1, 9.9, 10.2, 9, 11, 9]) {
      rig.freeBytes = freeGb * GB;
      rig.clock.advance(10_000);
    }
    expect(rig.alarms).toHaveLength(2);
  });

  it.each<[DiskSpace, string]>([
    [{ freeBytes: 0, totalBytes: GB }, 'refusing'],
    [{ freeBytes: 1e9, totalBytes: 4 * GB }, 'lower'],
    [{ freeBytes: 2e9, totalBytes: 4 * GB }, 'ok'],
    [{ freeBytes: 10 * GB - 1, totalBytes: TOTAL_BYTES }, 'low'],
    [{ freeBytes: 10 * GB, totalBytes: TOTAL_BYTES }, 'ok'],
  ])('%j is %s', (space, level) => {
    const limits = { warn_percent: 10, warn_free: 2 * GB, refuse_free: GB, ballast: 0 };
    expect(diskLevel(space, limits)).toBe(level);
  });
});

describe('a new run', () => {
  it('is refused below 1 GB in one line, with what is free and what to do, until there is room', () => {
    const rig = guardRig(0.7 * GB);
    expect(rig.guard.refusal()).toEqual({
      ok: false,
      code: 'STORE_FULL',
      message:
        'the disk of the data folder has 700 MB free, a new run needs 1.0 GB: ' +
        'make room, or lower disk.refuse_free',
    });
    rig.freeBytes = GB;
    rig.clock.advance(10_000);
    expect(rig.guard.refusal()).toBeNull();
  });

  it('is not refused by a disk that has not been heard of: it will say so itself', () => {
    const rig = guardRig(50 * GB);
    rig.isSilent = true;
    rig.clock.advance(10_000);
    expect(rig.guard.refusal()).toBeNull();
  });

  it('may be started on any disk where the configuration says so', () => {
    expect(guardRig(1e6, { refuse_free: '1 MB', warn_free: '0 MB' }).guard.refusal()).toBeNull();
  });
});

describe('the ballast', () => {
  it('is written some seconds after the start, if there is room', () => {
    const rig = guardRig(50 * GB);
    expect(rig.ballast).toBe('absent');
    rig.clock.advance(10_000);
    expect(rig.ballast).toBe('there');
    expect(rig.notes).toEqual(['the ballast of 64 MB is in place']);
  });

  it('is not written where it would take the room that a new run needs', () => {
    const rig = guardRig(1.06 * GB);
    rig.clock.advance(60_000);
    expect(rig.ballast).toBe('absent');
    rig.freeBytes = 1.07 * GB;
    rig.clock.advance(10_000);
    expect(rig.ballast).toBe('there');
  });

  it('is given up when the disk is full, and told once', () => {
    const rig = guardRig(50 * GB);
    rig.clock.advance(10_000);
    rig.freeBytes = 0;
    rig.guard.full();
    rig.guard.full();
    rig.clock.advance(60_000);
    expect(rig.ballast).toBe('absent');
    expect(rig.alarms.filter((alarm) => alarm.startsWith('BALLAST_RELEASED'))).toEqual([
      expect.stringMatching(/the disk is full: 64 MB kept in reserve are free now.*make room$/),
    ]);
    rig.freeBytes = 50 * GB;
    rig.clock.advance(10_000);
    expect(rig.ballast).toBe('there');
  });

  it('that cannot be written is tried again after an hour, not every ten seconds', () => {
    const rig = guardRig(50 * GB);
    rig.makeProblem = 'ENOSPC';
    rig.clock.advance(600_000);
    expect(rig.notes).toEqual(['the ballast could not be written: ENOSPC']);
    rig.makeProblem = null;
    rig.clock.advance(3_600_000);
    expect(rig.ballast).toBe('there');
  });
});

it('a disk that does not answer is not asked again before it has', () => {
  const rig = guardRig(50 * GB);
  rig.isSilent = true;
  rig.clock.advance(600_000);
  expect(rig.asked).toBe(2);
});

it('a guard that is closed asks nothing more', () => {
  const rig = guardRig(50 * GB);
  rig.guard.close();
  rig.clock.advance(600_000);
  expect(rig.asked).toBe(1);
  expect(rig.clock.isPending).toBe(false);
});

it('the space of a real folder is told; of one that is not there, nothing', async () => {
  const ask = async (path: string): Promise<DiskSpace | null> => new Promise(diskSpaceOf(path));
  const space = await ask('.');
  expect(space?.totalBytes).toBeGreaterThan(space?.freeBytes ?? Number.POSITIVE_INFINITY);
  expect(await ask('/nowhere/at/all')).toBeNull();
});
