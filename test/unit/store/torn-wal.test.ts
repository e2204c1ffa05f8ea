// Goal: whatever a lying disk leaves of the log of a run, what opens is a prefix of its commits, and the
// record tells what was acknowledged beyond it. Method: seeded damage to copies of a run that goes on.
import { expect, it } from 'vitest';
import { tornWalTrials } from '../../support/torn-wal.ts';

it('opens as a prefix of the commits, and tells what is missing', { timeout: 120_000 }, () => {
  const { reported, whole, ...figures } = tornWalTrials({ seed: 1, trials: 300 });
  expect(figures).toEqual({
    ...{ trials: 300, lost: 0, duplicated: 0, unflaggedGaps: 0, notPrefix: 0, corrupt: 0, first: null },
  });
  expect(reported + whole).toBe(300);
  // The damage must have done something, and not always everything.
  expect(reported).toBeGreaterThan(150);
  expect(whole).toBeGreaterThan(20);
});
