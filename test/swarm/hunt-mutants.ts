// The hunt: each planted bug is tried with rising seeds until a checker speaks up. A seed counts only where
// the sound code passes it, so that no real bug can be taken for a planted one.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { plant } from './mutate.ts';
import { type Mutant, MUTANTS } from './mutants.ts';
import { violationsOf } from './run-seeds.ts';
import { SeedProcess } from './seed-process.ts';

export interface MutantFate {
  readonly mutant: string;
  readonly file: string;
  /** The seed that caught it; null: it has survived. */
  readonly seed: number | null;
  readonly checker: string;
  readonly what: string;
  readonly wallS: number;
}

/** A mutant that survives as many has survived. */
const SEEDS_MAX = 200;
const WORKER = join('test', 'swarm', 'worker.js');

export async function huntMutants(wanted: {
  readonly workers: number;
  readonly say: (text: string) => void;
}): Promise<MutantFate[]> {
  const { say, workers } = wanted;
  const distPath = join(import.meta.dirname, '..', '..');
  const left = [...MUTANTS];
  const fates: MutantFate[] = [];
  const hunt = async (): Promise<void> => {
    const sound = new SeedProcess(join(distPath, WORKER));
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
      const fate = await fateOf(mutant, { distPath, sound });
      fates.push(fate);
      say(lineOf(fate));
    }
    sound.close();
  };
  await Promise.all(Array.from({ length: workers }, hunt));
  return MUTANTS.flatMap(({ name }) => fates.filter(({ mutant }) => mutant === name));
}

async function fateOf(
  mutant: Mutant,
  { distPath, sound }: { readonly distPath: string; readonly sound: SeedProcess },
): Promise<MutantFate> {
  const startMs = performance.now();
  const folder = plant(mutant, distPath);
  const planted = new SeedProcess(join(folder, 'dist', WORKER));
  const fate = (seed: number | null, checker: string, what: string): MutantFate => {
    const wallS = Math.round((performance.now() - startMs) / 100) / 10;
    return { mutant: mutant.name, file: mutant.edits[0]?.file ?? '', seed, checker, what, wallS };
  };
  try {
    for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
      const found = violationsOf(await planted.live(seed));
      if (found.length === 0 || violationsOf(await sound.live(seed)).length > 0) continue;
      const checkers = [...new Set(found.map(({ invariant }) => invariant))].join(' ');
      return fate(seed, checkers, found[0]?.what ?? '');
    }
    return fate(null, '-', `survived ${SEEDS_MAX} seeds`);
  } finally {
    planted.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One line a mutant, aligned. */
export function tableOf(fates: readonly MutantFate[]): string {
  return fates.map(lineOf).join('\n');
}

function lineOf({ checker, file, mutant, seed, wallS }: MutantFate): string {
  const caught = seed === null ? 'SURVIVED' : `seed ${seed}`;
  return [mutant.padEnd(36), file.padEnd(36), caught.padEnd(10), checker.padEnd(12), `${wallS} s`].join(' ');
}
