// Goal: an instrument that is pulled out and comes back under another device name is found again by its
// link, and hears nothing there that was meant for an earlier connection. Method: trials of row R5 of the
// reliability report, fewer of them: real daemon, real ptys, an emulator that writes down every byte it
// hears.
import { expect, it } from 'vitest';
import { replugTrials } from '../reliability/replug.ts';

const TIMES = 6;

it('goes on with the run each time, beginning every connection with hello and a question', async () => {
  const figures = await replugTrials({ seed: 2, trials: TIMES, say: () => undefined });
  expect(figures).toMatchObject({ trials: TIMES, lost: 0, duplicated: 0, unflaggedGaps: 0 });
  expect(figures.problems).toEqual([]);
  expect(figures.notes['staleCommands']).toBe(0);
});
