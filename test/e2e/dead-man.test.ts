// Goal: a daemon that falls silent for longer than the lease leaves no driven cell behind: the device opens
// it in time, and the run that wakes up says so. Method: trials of row R7 of the reliability report, fewer
// of them: the real daemon is stopped (SIGSTOP), judged by the simulator's own cell log.
import { expect, it } from 'vitest';
import { deadManTrials } from '../reliability/dead-man.ts';

const STOPS = 5;

it('has the cell opened by its lease, within the lease and one tick, each time it is stopped', async () => {
  const figures = await deadManTrials({ seed: 2, trials: STOPS, say: () => undefined });
  expect(figures).toMatchObject({ trials: STOPS, lost: 0, duplicated: 0, unflaggedGaps: 0, unsafeS: 0 });
  expect(figures.problems).toEqual([]);
  // Opened by the lease and not at once: it had been renewed up to a third of it before.
  expect(figures.notes['openP50Ms']).toBeGreaterThan(500);
});
