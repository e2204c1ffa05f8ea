// A process of the swarm that lives through one seed after another as it is told, and answers each with what
// came of it. From a copy of the tree it does so with that copy's code. Ends with its parent.
import { messageOf } from '../../src/base/errors.ts';
import { drawStoryOf, type StoryKind } from './draw-orders.ts';
import { runTrial, type TrialResult } from './trial.ts';

export interface SeedWish {
  readonly seed: number;
  readonly kind: StoryKind;
}

export type SeedAnswer =
  | { readonly seed: number; readonly ok: true; readonly result: TrialResult }
  /** The trial itself threw. */
  | { readonly seed: number; readonly ok: false; readonly problem: string };

process.on('message', (wish: SeedWish) => {
  process.send?.(answerTo(wish));
});
process.on('disconnect', () => process.exit(0));

function answerTo({ seed, kind }: SeedWish): SeedAnswer {
  try {
    return { seed, ok: true, result: runTrial(drawStoryOf(seed, kind)) };
  } catch (thrown) {
    return { seed, ok: false, problem: messageOf(thrown) };
  }
}
