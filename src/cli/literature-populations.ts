// `literature replay --stochastic` from plan to print: runs the populations, shows medians and intervals, and
// says where a row's hours lie outside what its population allows.
import { WEIBULL_SHAPE } from '../../firmware-sim/cell/scenarios/symmetric-scenario.ts';
import { readLiterature } from '../analysis/literature/literature.ts';
import { describe, exitCodeOf, outPathFrom, type ReplayOptions } from './literature-options.ts';
import type { ReplaySettings } from './literature-plan.ts';
import { forkWorker, type TaskOutcome } from './literature-pool.ts';
import { END_NOT_STATED, WHAT_THIS_IS } from './literature-report.ts';
import { type ReplayItem, runItems } from './literature-run.ts';
import { selectSystems } from './literature-selection.ts';
import {
  MISSED_BY_CHANCE_ONE_IN,
  planPopulations,
  POPULATION,
  type PopulationFigures,
  populationFigures,
  type StochasticSystem,
} from './literature-stochastic.ts';
import { printJson, printLine, printTable } from './output.ts';

/** Printed, lest a single miss among 66 rows be taken for a fault: one replay in six has one. */
const WHAT_A_MEDIAN_IS =
  `SCRIPTED MEDIAN: ${END_NOT_STATED} Lives are drawn from a Weibull law of shape ${WEIBULL_SHAPE}, our ` +
  `choice too; by chance one population in ${MISSED_BY_CHANCE_ONE_IN} is missed.`;

interface PopulationReport {
  readonly id: string;
  readonly refs: readonly number[];
  readonly material: string;
  readonly scriptedMedianHours: number;
  readonly status: 'recovered' | 'missed' | 'failed' | 'undone';
  readonly figures: PopulationFigures | null;
  readonly livesHours: readonly number[];
  readonly reasons: readonly string[];
}

export async function replayPopulations(
  options: ReplayOptions,
  { settings, workers }: { readonly settings: ReplaySettings; readonly workers: number },
): Promise<void> {
  const systems = selectSystems(planPopulations(readLiterature(), settings), options);
  const items = systems.flatMap(itemsOf);
  const outPath = outPathFrom(options);
  const { outcomes, wallS, signal } = await runItems({ items, workers, outPath, startWorker: forkWorker });
  const reports = systems.map((system, index) =>
    reportPopulation(system, outcomes.slice(index * POPULATION, (index + 1) * POPULATION)),
  );
  if (options.json === true)
    printJson({
      ...{ ...describe(settings, workers), populations: reports, wallS },
      ...{ legend: [WHAT_A_MEDIAN_IS], note: WHAT_THIS_IS },
    });
  else print(reports, wallS);
  const has = (status: PopulationReport['status']): boolean =>
    reports.some((report) => report.status === status);
  process.exitCode = exitCodeOf({ signal, hasFailed: has('failed'), hasMissed: has('missed') });
}

function itemsOf({ table, refs, tasks, expected }: StochasticSystem): ReplayItem[] {
  return tasks.map((task, index) => ({
    task,
    name: `table${table}-ref${refs[0] ?? 0}-cell${index + 1}`,
    expected,
  }));
}

export function reportPopulation(
  { id, refs, material, medianHours }: StochasticSystem,
  outcomes: readonly (TaskOutcome | null)[],
): PopulationReport {
  const common = { id, refs, material, scriptedMedianHours: medianHours };
  const nothing = { ...common, figures: null, livesHours: [] };
  if (outcomes.includes(null)) return { ...nothing, status: 'undone', reasons: ['interrupted'] };
  const lives: number[] = [];
  const reasons: string[] = [];
  outcomes.forEach((outcome, index) => {
    const cell = `cell ${index + 1}`;
    if (outcome?.ok !== true) reasons.push(`${cell}: ${outcome?.reason ?? 'not run'}`);
    else if (outcome.recovered.verdict !== 'hard-short')
      reasons.push(`${cell}: verdict ${outcome.recovered.verdict ?? 'none'} (${outcome.recovered.reason})`);
    else lives.push(outcome.recovered.hours);
  });
  if (reasons.length > 0) return { ...nothing, status: 'failed', reasons };
  const figures = populationFigures(lives);
  const [low, high] = figures.medianIntervalHours;
  const isEnclosed = medianHours >= low && medianHours <= high;
  return { ...common, figures, livesHours: lives, status: isEnclosed ? 'recovered' : 'missed', reasons };
}

const COLUMNS = [
  'SYSTEM',
  'SCRIPTED MEDIAN',
  'MEDIAN',
  '5 … 95 % OF LIVES',
  'MEDIAN WITHIN (99.7 %)',
  'RESULT',
];

function print(reports: readonly PopulationReport[], wallS: number): void {
  const hours = (value: number): string => `${value.toFixed(0)} h`;
  const range = ([low, high]: readonly [number, number]): string => `${low.toFixed(0)} … ${hours(high)}`;
  const rows = reports.map(({ id, scriptedMedianHours, figures, status }) => [
    ...[id, hours(scriptedMedianHours)],
    ...(figures === null
      ? ['-', '-', '-']
      : [hours(figures.medianHours), range(figures.intervalHours), range(figures.medianIntervalHours)]),
    status,
  ]);
  printTable(COLUMNS, rows);
  printLine('');
  printLine(WHAT_A_MEDIAN_IS);
  for (const { id, reasons } of reports) for (const reason of reasons) printLine(`${id}, ${reason}`);
  const missed = reports.filter(({ status }) => status === 'missed').length;
  printLine(
    `${reports.length} populations of ${POPULATION} cells in ${wallS.toFixed(1)} s, ${missed} with the ` +
      'scripted median outside; rows that are bounds have no median and are left out.',
  );
  printLine(WHAT_THIS_IS);
}
