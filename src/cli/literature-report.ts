// What `literature replay` says at its end: one line a system, scripted beside recovered, and a summary that
// says what this is a test of. Pure: turns plans and outcomes into data and text.
import { roundToUncertainty } from '../analysis/uncertainty.ts';
import { efficiencyError, type Judgement, judgeRun, onsetErrorHalfCycles } from './literature-judge.ts';
import type { PlannedRun, PlannedSystem, RefusedRun, Scripted, ScriptedLife } from './literature-plan.ts';
import type { TaskOutcome } from './literature-pool.ts';
import type { RecoveredRun } from './literature-task.ts';

export const WHAT_THIS_IS =
  'This is a test of the pipeline at scale: hours and efficiencies were inputs. ' +
  'It is no evidence about any material.';
export const END_NOT_STATED =
  'end reason not stated. The review prints a duration, which is no failure time; ' +
  'the failure is our choice.';
const BOUND_MEANS =
  '>: printed as a bound. The run was planned past it: recovered says only that nothing ended it sooner.';
const WHAT_A_MISS_IS =
  'A miss is a fault of the pipeline or of the instrument, never of the row: repeat it with --ref N --out ' +
  'FOLDER, then with --instrument ideal; what is still missed there is a fault of the software.';

export type RunReport = { readonly test: 'symmetric' | 'asymmetric' } & (
  | { readonly status: 'refused'; readonly reason: string }
  | { readonly status: 'undone'; readonly scripted: Scripted }
  | { readonly status: 'failed'; readonly scripted: Scripted; readonly reason: string }
  | {
      readonly status: 'recovered' | 'missed';
      readonly scripted: Scripted;
      readonly recovered: RecoveredRun;
      readonly misses: Judgement['misses'];
    }
);

export interface SystemReport {
  readonly id: string;
  readonly refs: readonly number[];
  readonly material: string;
  readonly symmetric: RunReport | null;
  /** null: the review has no figure. */
  readonly asymmetric: RunReport | null;
}

/** `outcomeOf` gives what became of a planned run. */
export function reportSystem(
  system: PlannedSystem,
  outcomeOf: (run: PlannedRun) => TaskOutcome | null,
): SystemReport {
  const { id, refs, material, life, efficiency } = system;
  return {
    ...{ id, refs, material },
    symmetric: life && { test: 'symmetric', ...reportRun(life, outcomeOf) },
    asymmetric: efficiency && { test: 'asymmetric', ...reportRun(efficiency, outcomeOf) },
  };
}

function reportRun(run: PlannedRun | RefusedRun, outcomeOf: (run: PlannedRun) => TaskOutcome | null) {
  if (run.type === 'refused') return { status: 'refused', reason: run.reason } as const;
  const { scripted } = run;
  const outcome = outcomeOf(run);
  if (outcome === null) return { status: 'undone', scripted } as const;
  if (!outcome.ok) return { status: 'failed', scripted, reason: outcome.reason } as const;
  const { recovered } = outcome;
  const { isRecovered, misses } = judgeRun(scripted, recovered);
  return { status: isRecovered ? 'recovered' : 'missed', scripted, recovered, misses } as const;
}

export function runsOf(systems: readonly SystemReport[]): readonly RunReport[] {
  return systems.flatMap(({ symmetric, asymmetric }) =>
    [symmetric, asymmetric].filter((run): run is RunReport => run !== null),
  );
}

/** Figures of the whole replay. Speeds are over the wall time of the whole, all workers together. */
export function summarise(systems: readonly SystemReport[], wallS: number) {
  const runs = runsOf(systems);
  const count = (status: RunReport['status']): number => runs.filter((run) => run.status === status).length;
  const ran = runs.flatMap((run) => ('recovered' in run ? [run] : []));
  const sum = (figure: (run: RecoveredRun) => number, test?: RunReport['test']): number =>
    ran
      .filter((run) => test === undefined || run.test === test)
      .reduce((total, { recovered }) => total + figure(recovered), 0);
  const samples = sum((run) => run.samples);
  const hours = sum((run) => run.simulatedHours);
  return {
    systems: systems.length,
    runs: runs.length,
    recovered: count('recovered'),
    missed: count('missed'),
    refused: count('refused'),
    failed: count('failed'),
    undone: count('undone'),
    symmetricHours: Math.round(sum((run) => run.hours, 'symmetric')),
    asymmetricHours: Math.round(sum((run) => run.hours, 'asymmetric')),
    /** Largest distances from the script: of onsets in half-cycles, of efficiencies in uncertainties. */
    onsetErrorHalfCycles: largest(
      ran.flatMap(({ scripted, recovered }) => {
        const hasOnset = scripted.kind === 'life' && scripted.failure !== null;
        return hasOnset ? [onsetErrorHalfCycles(scripted, recovered)] : [];
      }),
    ),
    efficiencyErrorUncertainties: largest(
      ran.flatMap(({ scripted, recovered }) => {
        const error = scripted.kind === 'efficiency' ? efficiencyError(scripted, recovered) : null;
        return error === null ? [] : [error];
      }),
    ),
    halfCycles: sum((run) => run.halfCycles),
    samples,
    bytesPerSample: samples === 0 ? null : Number((sum((run) => run.bytes) / samples).toFixed(2)),
    wallS: Number(wallS.toFixed(1)),
    samplesPerS: Math.round(samples / wallS),
    speedFactor: Math.round((hours * 3600) / wallS),
  };
}

/** null: there was none to be off. */
function largest(errors: readonly number[]): number | null {
  if (errors.length === 0) return null;
  return Number(errors.reduce((most, error) => Math.max(most, Math.abs(error)), 0).toFixed(2));
}

export const COLUMNS = [
  ...['SYSTEM', 'MATERIAL', 'SCRIPTED h', 'RECOVERED h', 'CE SCRIPTED', 'CE RECOVERED %'],
  ...['SAMPLES', 'x REAL', 'RESULT'],
] as const;
const MATERIAL_COLUMN = 1;
const MATERIAL_WIDTH = { min: 8, max: 24 } as const;
const LINE_WIDTH = 120;
const COLUMN_GAP = 2;

/** Lines of the table: names of materials are cut to what the figures leave of 120 columns. */
export function linesOf(systems: readonly SystemReport[]): readonly (readonly string[])[] {
  const lines = systems.map(lineOf);
  const widths = COLUMNS.map((heading, column) =>
    column === MATERIAL_COLUMN
      ? COLUMN_GAP
      : COLUMN_GAP + Math.max(heading.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const left = LINE_WIDTH + COLUMN_GAP - widths.reduce((sum, width) => sum + width, 0);
  const width = Math.min(MATERIAL_WIDTH.max, Math.max(MATERIAL_WIDTH.min, left));
  return lines.map((line) =>
    line.map((cell, column) => (column === MATERIAL_COLUMN ? cut(cell, width) : cell)),
  );
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** One line of the table, uncut. */
export function lineOf(system: SystemReport): readonly string[] {
  const { id, material, symmetric, asymmetric } = system;
  const runs = [symmetric, asymmetric].flatMap((run) => (run !== null && 'recovered' in run ? [run] : []));
  const samples = runs.reduce((total, { recovered }) => total + recovered.samples, 0);
  const hours = runs.reduce((total, { recovered }) => total + recovered.simulatedHours, 0);
  const wallS = runs.reduce((total, { recovered }) => total + recovered.wallS, 0);
  return [
    id,
    material,
    scriptedText(symmetric),
    recoveredText(symmetric),
    scriptedText(asymmetric),
    recoveredText(asymmetric),
    samples === 0 ? '-' : String(samples),
    wallS === 0 ? '-' : `${((hours * 3600) / wallS / 1e6).toFixed(2)}e6`,
    resultOf(system),
  ];
}

const WORST_FIRST = ['failed', 'missed', 'undone', 'recovered', 'refused'] as const;

/** The worst of both runs; a refusal beside a run that was recovered stands in its own column. */
function resultOf({ symmetric, asymmetric }: SystemReport): string {
  return WORST_FIRST.find((status) => symmetric?.status === status || asymmetric?.status === status) ?? '-';
}

/** What the marks of the table mean, as far as it has any, and what to do about a miss. */
export function legendOf(systems: readonly SystemReport[]): readonly string[] {
  const runs = runsOf(systems);
  const scripted = runs.flatMap((run) => (run.status === 'refused' ? [] : [run.scripted]));
  const lives = scripted.flatMap((script) => (script.kind === 'life' ? [script] : []));
  return [
    ...(lives.some(isEndNotStated) ? [`*: ${END_NOT_STATED}`] : []),
    ...(scripted.some(({ qualifier }) => qualifier === '>') ? [BOUND_MEANS] : []),
    ...(runs.some(({ status }) => status === 'missed') ? [WHAT_A_MISS_IS] : []),
  ];
}

function isEndNotStated({ failure, isFailureStated }: ScriptedLife): boolean {
  return failure !== null && !isFailureStated;
}

/** `2000 hard-short*`, `>2000`, `~100% x160`: as printed, with what we added marked. */
function scriptedText(run: RunReport | null): string {
  if (run === null || run.status === 'refused') return '-';
  const { scripted } = run;
  if (scripted.kind === 'life') {
    const { hours, qualifier, failure } = scripted;
    if (failure === null) return `${qualifier}${hours}`;
    // The review's own words for it are "voltage fluctuations"; the full class is too wide for a column.
    const shown = failure === 'fluctuating-shorts' ? 'fluctuations' : failure;
    return `${hours} ${shown}${isEndNotStated(scripted) ? '*' : ''}`;
  }
  const { percent, decimals, qualifier, cycles, cyclesQualifier } = scripted;
  const sign = (printed: string): string => (printed === '=' ? '' : printed);
  return `${sign(qualifier)}${percent.toFixed(decimals)}% x${sign(cyclesQualifier)}${cycles}`;
}

function recoveredText(run: RunReport | null): string {
  if (run === null) return '-';
  if (!('recovered' in run)) return run.status;
  const { hours, isBound, verdict, efficiency } = run.recovered;
  if (run.scripted.kind === 'life')
    return `${isBound ? '>' : ''}${hours.toFixed(2)} ${verdict ?? 'no verdict'}`;
  if (efficiency === null) return verdict ?? 'no verdict';
  const { percent, uncertaintyPercent } = efficiency;
  const { valueText, uncertaintyText } = roundToUncertainty(percent, uncertaintyPercent);
  return `${valueText} ± ${uncertaintyText}`;
}

/** Everything that needs more than a cell of the table: choices, refusals, misses, failures. */
export function remarksOf(systems: readonly SystemReport[]): readonly string[] {
  return systems.flatMap(({ id, symmetric, asymmetric }) =>
    [symmetric, asymmetric].flatMap((run) => {
      if (run === null) return [];
      const about = `${id} ${run.test}`;
      if (run.status === 'refused') return [`${about} refused: ${run.reason}`];
      const choices = choicesOf(run.scripted).map((choice) => `${about}: ${choice}`);
      if (run.status === 'failed') return [...choices, `${about} failed: ${run.reason}`];
      if (run.status === 'undone') return [...choices, `${about}: interrupted`];
      return [...choices, ...run.misses.map((miss) => `${about} missed: ${miss}`)];
    }),
  );
}

/**
 * Conditions that are ours (a failure class that is ours is marked in the table), and figures that are no
 * number.
 */
function choicesOf(scripted: Scripted): string[] {
  if (scripted.kind === 'life')
    return scripted.ourCondition === null ? [] : [`our choice: ${scripted.ourCondition}`];
  const { qualifier, percent } = scripted;
  if (qualifier === '=') return [];
  const printed = qualifier === '~' ? 'printed as approximate' : 'printed as a bound';
  return [`${printed}, run at ${percent} %`];
}
