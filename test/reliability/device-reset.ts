// R6. The instrument loses its power for an instant in the middle of a run: the cell opens, its memory is
// gone, its clock begins anew, the line stays. Virtual time; mostly gvn1, each fourth trial another
// dialect. Passed when the daemon tells so within a second (gvn1), the run never goes on as if nothing had
// been, and charge is counted once: no half-cycle gets more than its target, by the cell's own hidden
// account (gvn1).
import { DIALECT_NAMES } from '../../src/config/dialect-names.ts';
import { randomKey, uniformAt } from '../../src/base/prng.ts';
import { quantile, rounded } from '../bench/statistics.ts';
import type { Story } from '../swarm/story.ts';
import type { Figures, TrialOptions } from './row.ts';
import { figuresOf, GVN1, type Lived, live, quietStory, SLOWER } from './stories.ts';

const LASTS_MS = 60_000;
/** From the start of pre-flight to the end of the last half-cycle. */
const FIRST_MS = 2000;
const LAST_MS = 38_000;
const SEEN_MAX_MS = 1000;
export async function deviceResetTrials({ seed, trials, say }: TrialOptions): Promise<Figures> {
  const key = randomKey(seed, 'device-reset');
  const lived: Lived[] = [];
  const seenMs: number[] = [];
  const problems: string[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    const atMs = Math.round(FIRST_MS + uniformAt(key, trial) * (LAST_MS - FIRST_MS));
    const story = storyOf(seed * 1000 + trial, trial, atMs);
    const one = live(story);
    lived.push(one);
    const isOwn = story.instruments[0]?.dialect === 'gvn1';
    const afterMs = toldAfterMs(one, atMs);
    if (afterMs === null) problems.push(...goneOnSilently(one, { atMs, seed: story.seed }));
    else if (isOwn) seenMs.push(afterMs);
    if (trial % 10 === 9) say(`R6: ${trial + 1} resets`);
  }
  const latestMs = quantile(seenMs, 1);
  if (latestMs > SEEN_MAX_MS) problems.push(`a reset was seen after ${rounded(latestMs)} ms`);
  const notes = { seenP50Ms: rounded(quantile(seenMs, 0.5), 1), seenMaxMs: rounded(latestMs, 1) };
  return Promise.resolve(figuresOf(lived, { problems, notes }));
}

function storyOf(seed: number, trial: number, atMs: number): Story {
  const dialect = trial % 4 === 3 ? (DIALECT_NAMES[1 + ((trial >> 2) % 3)] ?? 'gvn1') : 'gvn1';
  const runs = GVN1.runs.map((run) => ({ ...run, parameters: SLOWER }));
  const instrument = dialect === 'gvn1' ? GVN1 : { ...GVN1, dialect, runs };
  const faults = [{ what: 'reset', atMs, instrument: instrument.name }] as const;
  return { ...quietStory(seed, LASTS_MS, instrument), faults };
}

/** When the daemon first said that something had happened; null: it never did. */
function toldAfterMs({ trial }: Lived, atMs: number): number | null {
  const told = trial.evidence.states.find((state) => state.atMs >= atMs && !isPlain(state.state));
  return told === undefined ? null : told.atMs - atMs;
}

function isPlain(state: string): boolean {
  return ['idle', 'running', 'resting', 'finishing', 'done'].includes(state);
}

/** Where the cell was on, a reset must be told; a run that was over by then has nothing to tell. */
function goneOnSilently(
  { trial }: Lived,
  { atMs, seed }: { readonly atMs: number; readonly seed: number },
): readonly string[] {
  const before = trial.evidence.states.findLast((state) => state.atMs < atMs);
  const wasOver = before === undefined || ['finishing', 'done', 'failed'].includes(before.state);
  return wasOver ? [] : [`seed ${seed}: nobody was told of the reset at ${atMs} ms`];
}
