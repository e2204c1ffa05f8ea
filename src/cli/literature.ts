// `galvanode literature replay`: the published cycling figures through protocol, driver, wire, emulator,
// store and analysis. Figures are inputs of scripted cells; what the run recovers is compared with them. A
// test of the pipeline at scale, never evidence about materials.
import type { Command } from 'commander';
import { INSTRUMENT_NAMES } from '../../firmware-sim/board/instrument.ts';
import { readLiterature } from '../analysis/literature/literature.ts';
import {
  describe,
  exitCodeOf,
  outPathFrom,
  type ReplayOptions,
  settingsFrom,
  workersFrom,
} from './literature-options.ts';
import { replayPopulations } from './literature-populations.ts';
import { type PlannedRun, type PlannedSystem, planReplay } from './literature-plan.ts';
import { forkWorker } from './literature-pool.ts';
import {
  COLUMNS,
  legendOf,
  linesOf,
  remarksOf,
  reportSystem,
  summarise,
  type SystemReport,
  WHAT_THIS_IS,
} from './literature-report.ts';
import { type ReplayItem, runItems } from './literature-run.ts';
import { selectSystems } from './literature-selection.ts';
import { printJson, printLine, printTable } from './output.ts';

export function addLiteratureCommand(program: Command): void {
  const literature = program
    .command('literature')
    .description('published cycling figures as scenarios')
    .addHelpText('before', 'Examples:\n  galvanode literature replay --ref 146\n');
  literature
    .command('replay')
    .description('run the published tests through the whole pipeline and compare what is recovered')
    .option('--table <number>', 'rows of this table only: 1 or 2; without it, also claims of the text')
    .option('--ref <number>', 'only what bears this reference number of the review')
    .option('--workers <number>', 'worker processes; default: one a core')
    .option(
      '--record <time>',
      'longest interval between two samples; all rows at 10 s: about 6 min on two cores',
      '10 s',
    )
    .option('--instrument <name>', `errors of the instrument: ${INSTRUMENT_NAMES.join(', ')}`, 'reference')
    .option('--seed <number>', 'equal seeds give equal runs', '1')
    .option('--out <folder>', 'keep the run files here; otherwise each is deleted once it was read')
    .option(
      '--stochastic',
      'hours as the median of a Weibull law of shorts, 20 cells a row: 20 times the work',
    )
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      `Examples:
  galvanode literature replay --record 60s
  galvanode literature replay --ref 146 --out ./runs
  galvanode literature replay --table 2 --instrument coin-cycler --json
  galvanode literature replay --ref 235 --stochastic
`,
    )
    .addHelpText('after', `\nExit code 9 where a figure is not recovered.\n${WHAT_THIS_IS}`)
    .action(replay);
}

async function replay(options: ReplayOptions): Promise<void> {
  const settings = settingsFrom(options);
  const workers = workersFrom(options);
  if (options.stochastic === true) return replayPopulations(options, { settings, workers });
  const systems = selectSystems(planReplay(readLiterature(), settings), options);
  const planned = systems.flatMap((system) => itemsOf(system));
  const items = planned.map(({ item }) => item);
  const outPath = outPathFrom(options);
  const { outcomes, wallS, signal } = await runItems({ items, workers, outPath, startWorker: forkWorker });
  const byRun = new Map(planned.map(({ run }, index) => [run, outcomes[index] ?? null]));
  const reports = systems.map((system) => reportSystem(system, (run) => byRun.get(run) ?? null));
  const summary = summarise(reports, wallS);
  if (options.json === true)
    printJson({
      ...{ ...describe(settings, workers), systems: reports, summary },
      ...{ legend: legendOf(reports), note: WHAT_THIS_IS },
    });
  else print(reports, summary);
  process.exitCode = exitCodeOf({ signal, hasFailed: summary.failed > 0, hasMissed: summary.missed > 0 });
}

function itemsOf({ id, life, efficiency }: PlannedSystem): { run: PlannedRun; item: ReplayItem }[] {
  const name = id.includes('/') ? `table${id.replace('/', '-ref')}` : id;
  return [
    ...(life?.type === 'planned' ? [{ run: life, item: { ...life, name: `${name}-symmetric` } }] : []),
    ...(efficiency?.type === 'planned'
      ? [{ run: efficiency, item: { ...efficiency, name: `${name}-asymmetric` } }]
      : []),
  ];
}

function print(systems: readonly SystemReport[], summary: ReturnType<typeof summarise>): void {
  printTable(COLUMNS, linesOf(systems));
  printLine('');
  for (const line of legendOf(systems)) printLine(line);
  for (const remark of remarksOf(systems)) printLine(remark);
  printLine('');
  const { recovered, missed, refused, failed, undone } = summary;
  const left = undone === 0 ? '' : `, ${undone} not run`;
  printLine(
    `${summary.systems} systems, ${summary.runs} runs: ${recovered} recovered, ${missed} missed, ` +
      `${refused} refused, ${failed} failed${left}`,
  );
  const { onsetErrorHalfCycles: onset, efficiencyErrorUncertainties: efficiency } = summary;
  const furthest = [
    ...(onset === null ? [] : [`an onset by ${onset} half-cycles`]),
    ...(efficiency === null ? [] : [`an efficiency by ${efficiency} of its uncertainty`]),
  ];
  if (furthest.length > 0) printLine(`furthest from the script: ${furthest.join(', ')}`);
  const { symmetricHours, asymmetricHours, samples, samplesPerS, bytesPerSample, speedFactor } = summary;
  printLine(
    `${symmetricHours} h symmetric and ${asymmetricHours} h of efficiency tests, ${samples} samples in ` +
      `${summary.wallS} s: ${samplesPerS} samples/s, ${bytesPerSample ?? '-'} bytes/sample, ` +
      `${speedFactor} x real time`,
  );
  printLine(WHAT_THIS_IS);
}
