// `npm run swarm`: seeds of the swarm on the code as it is, and on copies with a bug planted in each. Data on
// stdout, talk on stderr. A failure is printed with seed and options, and the line that plays it again.
// Exit code 0: all invariants hold and every mutant was caught; 9: not so; 2: usage.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/base/errors.ts';
import { drawStoryOf, type StoryKind } from './draw-orders.ts';
import { huntMutants, type MutantFate, tableOf } from './hunt-mutants.ts';
import { runSeeds, type SeedFailure } from './run-seeds.ts';
import { parseStory } from './story.ts';
import { runTrial } from './trial.ts';

const USAGE = `usage: npm run swarm -- --seeds 200              seeds 1 to 200, on all cores
       npm run swarm -- --seeds 20000 --from 1000   a night
       npm run swarm -- --seed 7 [--options JSON]   one again; fields of JSON replace those of its story
       npm run swarm -- --seeds 200 --mutants       the planted bugs too: each must be caught
       --orders: the operator pauses, skips, sets and finishes too; not for mutants
       --json: one object on stdout · --workers N: processes (default: one a core)
`;
const EXIT_USAGE = 2;
const EXIT_DIFFERENCES = 9;

interface Wanted {
  readonly seeds: number;
  readonly from: number;
  readonly seed: number | null;
  readonly kind: StoryKind;
  readonly options: string;
  readonly mutants: boolean;
  readonly json: boolean;
  readonly workers: number;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

try {
  process.exitCode = await run(parseWanted());
} catch (thrown) {
  say(`swarm: ${messageOf(thrown)}\n${USAGE}`);
  process.exitCode = EXIT_USAGE;
}

async function run(wanted: Wanted): Promise<number> {
  if (wanted.seed !== null) return playAgain(wanted.seed, wanted);
  const { from, json, kind, seeds, workers } = wanted;
  const startMs = performance.now();
  const failures = await runSeeds({ from, kind, seeds, workers, say });
  const seedsS = Math.round((performance.now() - startMs) / 100) / 10;
  const fates = wanted.mutants ? await huntMutants({ workers, say }) : [];
  const wallS = Math.round((performance.now() - startMs) / 100) / 10;
  const survivors = fates.filter(({ seed }) => seed === null);
  const report = { seeds, from, failures, mutants: fates, seedsS, wallS, pass: isClean(failures, survivors) };
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : summaryOf(report));
  return report.pass ? 0 : EXIT_DIFFERENCES;
}

function isClean(failures: readonly SeedFailure[], survivors: readonly MutantFate[]): boolean {
  return failures.length === 0 && survivors.length === 0;
}

function playAgain(seed: number, { json, kind, options }: Wanted): number {
  const story = parseStory(options, drawStoryOf(seed, kind));
  const result = runTrial(story);
  if (json) process.stdout.write(`${JSON.stringify({ story, ...result })}\n`);
  else {
    const found = result.violations.map(({ invariant, what }) => `${invariant} ${what}`);
    const lines = [
      JSON.stringify(story),
      ...found,
      `digest ${result.digest}`,
      JSON.stringify(result.figures),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  return result.violations.length === 0 ? 0 : EXIT_DIFFERENCES;
}

function summaryOf(report: {
  readonly seeds: number;
  readonly failures: readonly SeedFailure[];
  readonly mutants: readonly MutantFate[];
  readonly wallS: number;
}): string {
  const { failures, mutants, seeds, wallS } = report;
  const caught = mutants.filter(({ seed }) => seed !== null).length;
  const hunted = mutants.length === 0 ? '' : `; ${caught} of ${mutants.length} mutants caught`;
  const table = mutants.length === 0 ? '' : `${tableOf(mutants)}\n`;
  return `${table}${seeds - failures.length} of ${seeds} seeds hold all invariants${hunted}; ${wallS} s\n`;
}

function parseWanted(): Wanted {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '200' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      options: { type: 'string', default: '{}' },
      mutants: { type: 'boolean', default: false },
      orders: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      workers: { type: 'string', default: String(availableParallelism()) },
    },
  });
  const { json, mutants, options, orders } = values;
  return {
    ...{ json, mutants, options, kind: orders ? 'faults-and-orders' : 'faults' },
    seeds: count('--seeds', values.seeds),
    from: count('--from', values.from),
    seed: values.seed === undefined ? null : count('--seed', values.seed),
    workers: count('--workers', values.workers),
  };
}

function count(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`${name}: "${text}" is not a whole number from 1 on`);
}
