// Goal: the daemon may be killed (SIGKILL) at any instant of a run, a hundred times over, and the run goes
// on each time as if nothing had happened; the record and the cell agree in the end. Method: the trials of
// row R1 of the reliability report, at its count in CI: real daemon, real pty, real simulator process.
import { expect, it } from 'vitest';
import { sigkillTrials } from '../reliability/sigkill.ts';

const KILLS = 100;
/** Two seconds each on two idle cores; machines are slow and noisy. */
const LIMIT_MS = 900_000;

it(
  'loses no acknowledged sample, stores none twice and leaves no gap over a hundred kills of the daemon',
  async () => {
    const figures = await sigkillTrials({ seed: 1, trials: KILLS, say: () => undefined });
    expect(figures).toMatchObject({ trials: KILLS, lost: 0, duplicated: 0, unflaggedGaps: 0 });
    expect(figures.problems).toEqual([]);
    // Every kill found a run that went on: far more was stored than before the first one.
    expect(figures.notes['acknowledged']).toBeGreaterThan(10 * KILLS);
  },
  LIMIT_MS,
);
