// R10. Somebody sets the clock of the computer while a run goes on: by a second to a year, both ways, or back
// to 1970. Virtual time; each trial is compared with the same run on a clock that nobody touched. Passed when
// samples and steps are the same to the microsecond, and the record has one row more for the jump.
import { randomKey, uniformAt } from '../../src/base/prng.ts';
import type { RunRecord } from '../checkers/evidence.ts';
import type { Figures, TrialOptions } from './row.ts';
import { figuresOf, type Lived, live, quietStory } from './stories.ts';

const LASTS_MS = 60_000;
const FIRST_MS = 14_000;
const LAST_MS = 30_000;
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
/** Virtual time zero is 2026. */
const TO_1970_MS = -56 * YEAR_MS;
const STEPS_MS = [
  ...[SECOND_MS, -SECOND_MS, 10 * SECOND_MS, -10 * SECOND_MS, HOUR_MS, -HOUR_MS, 2 * HOUR_MS, -2 * HOUR_MS],
  ...[DAY_MS, -DAY_MS, 30 * DAY_MS, -30 * DAY_MS, YEAR_MS, -YEAR_MS, TO_1970_MS],
];

export async function clockStepTrials({ seed, trials }: TrialOptions): Promise<Figures> {
  const key = randomKey(seed, 'clock-steps');
  const quiet = live(quietStory(seed, LASTS_MS));
  const lived: Lived[] = [];
  const problems: string[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    const byMs = STEPS_MS[trial % STEPS_MS.length] ?? SECOND_MS;
    const atMs = Math.round(FIRST_MS + uniformAt(key, trial) * (LAST_MS - FIRST_MS));
    const one = live({ ...quietStory(seed, LASTS_MS), faults: [{ what: 'wall', atMs, byMs }] });
    lived.push(one);
    const difference = differenceOf(quiet.trial.runs[0], one.trial.runs[0]);
    if (difference !== null) problems.push(`wall time by ${byMs} ms at ${atMs} ms: ${difference}`);
    const rows = clockRowsOf(one) - clockRowsOf(quiet);
    if (rows !== 1) problems.push(`wall time by ${byMs} ms at ${atMs} ms: ${rows} rows for the jump`);
  }
  return Promise.resolve(figuresOf(lived, { problems, notes: { stepsMs: STEPS_MS.length } }));
}

function differenceOf(quiet: RunRecord | undefined, found: RunRecord | undefined): string | null {
  if (quiet === undefined || found === undefined) return 'there is no run';
  if (JSON.stringify(found.samples) !== JSON.stringify(quiet.samples)) return 'the samples differ';
  return JSON.stringify(found.steps) === JSON.stringify(quiet.steps) ? null : 'the steps differ';
}

/** Rows of `clock_sync` that were stored. */
function clockRowsOf({ trial }: Lived): number {
  const commits = trial.evidence.acknowledged.map(({ commit }) => commit);
  return commits.reduce((sum, { clockSyncs }) => sum + clockSyncs.length, 0);
}
