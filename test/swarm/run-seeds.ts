// Seeds of the swarm, spread over worker processes. Each failure is told as soon as it is known, with all
// that it takes to play it again.
import { join } from 'node:path';
import type { Violation } from '../checkers/evidence.ts';
import { drawStoryOf, type StoryKind } from './draw-orders.ts';
import { SeedProcess } from './seed-process.ts';
import type { Story } from './story.ts';
import type { SeedAnswer } from './worker.ts';

export interface SeedFailure {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly options: Story;
}

const PROGRESS_EVERY = 50;

export async function runSeeds(wanted: {
  readonly from: number;
  readonly seeds: number;
  /** Default: faults alone. */
  readonly kind?: StoryKind;
  readonly workers: number;
  readonly say: (text: string) => void;
}): Promise<SeedFailure[]> {
  const { from, kind = 'faults', say, seeds, workers } = wanted;
  const failures: SeedFailure[] = [];
  const endSeed = from + seeds;
  let [next, done] = [from, 0];
  const work = async (): Promise<void> => {
    const worker = new SeedProcess(join(import.meta.dirname, 'worker.js'));
    for (let seed = next; seed < endSeed; seed = next) {
      next += 1;
      const violations = violationsOf(await worker.live(seed, kind));
      done += 1;
      if (done % PROGRESS_EVERY === 0) say(`${done} of ${seeds} seeds, ${failures.length} failed`);
      if (violations.length === 0) continue;
      const failure = { seed, violations, options: drawStoryOf(seed, kind) };
      failures.push(failure);
      say(textOf(failure, kind));
    }
    worker.close();
  };
  await Promise.all(Array.from({ length: workers }, work));
  return failures.sort((a, b) => a.seed - b.seed);
}

/** A trial that threw has broken what every other invariant rests on. */
export function violationsOf(answer: SeedAnswer): readonly Violation[] {
  if (answer.ok) return answer.result.violations;
  return [{ invariant: 'I6', what: `the trial itself ended: ${answer.problem}` }];
}

function textOf({ seed, options, violations }: SeedFailure, kind: StoryKind): string {
  const found = violations.map(({ invariant, what }) => `  ${invariant} ${what}`);
  const again = `  again: npm run swarm -- --seed ${seed}${kind === 'faults' ? '' : ' --orders'}`;
  return [`seed ${seed} fails`, ...found, `  options: ${JSON.stringify(options)}`, again].join('\n');
}
