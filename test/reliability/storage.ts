// R2, R8, R9. What a disk does to the record: the log of a run file torn by a power cut, a disk that is
// full for a while, one that fails or stalls. The trials stand in test/support, where the tests of the
// store use them too; here they become rows.
import { type DiskFigures, diskFullTrials, stallTrials } from '../support/disk-trials.ts';
import { tornWalTrials } from '../support/torn-wal.ts';
import type { Figures, TrialOptions } from './row.ts';

export async function tornLogTrials({ seed, trials }: TrialOptions): Promise<Figures> {
  const { notPrefix, corrupt, first, lost, duplicated, unflaggedGaps, ...rest } = tornWalTrials({
    seed,
    trials,
  });
  return Promise.resolve({
    ...{ trials: rest.trials, lost, duplicated, unflaggedGaps, unsafeS: 0, late: [] },
    problems: [
      ...(notPrefix === 0 ? [] : [`${notPrefix} files are in the state of no commit`]),
      ...(corrupt === 0 ? [] : [`${corrupt} files are damaged`]),
      ...(first === null ? [] : [first]),
    ],
    notes: { notPrefix, corrupt, reported: rest.reported, whole: rest.whole },
  });
}

export async function fullDiskTrials({ seed, trials }: TrialOptions): Promise<Figures> {
  return Promise.resolve(figuresFrom(diskFullTrials({ seed, trials })));
}

export async function stalledDiskTrials({ seed, trials }: TrialOptions): Promise<Figures> {
  return Promise.resolve(figuresFrom(stallTrials({ seed, trials })));
}

function figuresFrom(figures: DiskFigures): Figures {
  return { ...figures, late: [] };
}
