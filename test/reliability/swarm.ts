// R17. Seeds of the swarm: each draws a bench, its runs and one to five faults of every kind. Passed when
// every invariant holds; a problem names the seed that `npm run swarm -- --seed` plays again.
import { availableParallelism } from 'node:os';
import type { Violation } from '../checkers/evidence.ts';
import { runSeeds } from '../swarm/run-seeds.ts';
import type { Figures, TrialOptions } from './row.ts';

export async function swarmTrials({ seed, trials, say }: TrialOptions): Promise<Figures> {
  const failures = await runSeeds({ from: seed, seeds: trials, workers: availableParallelism(), say });
  const all = failures.flatMap(({ violations }) => violations);
  const count = (wanted: Violation['invariant']): number =>
    all.filter(({ invariant }) => invariant === wanted).length;
  return {
    ...{ trials, lost: count('I1'), duplicated: 0, unflaggedGaps: count('I2'), unsafeS: 0, late: [] },
    problems: failures.map(({ seed: failed, violations }) => {
      const [first] = violations;
      return `seed ${failed}: ${first?.invariant} ${first?.what}`;
    }),
    notes: { fromSeed: seed, seedsFailed: failures.length },
  };
}
