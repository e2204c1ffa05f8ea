// A process of the swarm that lives through one seed after another as it is told, and answers each with what
// came of it. From a copy of the tree it does so with that copy's code. Ends with its parent.
import { messageOf } from '../../src/base/errors.ts';
import { drawStory } from './draw-story.ts';
import { runTrial, type TrialResult } from './trial.ts';

export type SeedAnswer =
  | { readonly seed: number; readonly ok: true; readonly result: TrialResult }
  /** The trial itself threw. */
  | { readonly seed: number; readonly ok: false; readonly problem: string };

process.on('message', (seed: number) => {
  process.send?.(answerTo(seed));
});
process.on('disconnect', () => process.exit(0));

function answerTo(seed: number): SeedAnswer {
  try {
    return { seed, ok: true, result: runTrial(drawStory(seed)) };
  } catch (thrown) {
    return { seed, ok: false, problem: messageOf(thrown) };
  }
}
