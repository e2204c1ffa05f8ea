// Where published rows and cell models meet, joined by (table, ref): each row becomes up to two runs, a
// symmetric and an asymmetric one. A run is two things that are kept apart: the task, which is all that a
// worker gets, and what was scripted, which stays here to be compared with. Must never hand a figure of a row
// to a task.
import type { InstrumentName } from '../../firmware-sim/board/instrument.ts';
import { efficiencyScenario } from '../../firmware-sim/cell/scenarios/efficiency-scenario.ts';
import type { CyclingLoad } from '../../firmware-sim/cell/scenarios/sound-cell.ts';
import { type ScriptedEnd, symmetricScenario } from '../../firmware-sim/cell/scenarios/symmetric-scenario.ts';
import type { ZincCellParameters } from '../../firmware-sim/cell/zinc-parameters.ts';
import type {
  Condition,
  Literature,
  PublishedEfficiency,
  PublishedFailure,
  PublishedLife,
  PublishedRow,
  Qualifier,
} from '../analysis/literature/literature.ts';
import { assert } from '../base/assert.ts';
import { randomKey } from '../base/prng.ts';
import {
  AREA_UCM2,
  CHOSEN_CONDITIONS,
  chosenFailure,
  COMMON_PLAN_HOURS,
  type FailureClass,
  statedFailure,
  STRIP_CUTOFF_V,
  VOLTAGE_LIMIT_V,
} from './literature-choices.ts';
import type { ReplayTask } from './literature-task.ts';

export interface ReplaySettings {
  readonly seed: number;
  readonly instrument: InstrumentName;
  /** Longest interval between two samples; short half-cycles are sampled more often. */
  readonly recordUs: number;
}

/** A condition that a run can be made of. */
export interface FullCondition {
  readonly currentDensityMAPerCm2: number;
  readonly arealCapacityMAhPerCm2: number;
}

export interface ScriptedLife {
  readonly kind: 'life';
  readonly hours: number;
  readonly qualifier: '=' | '>';
  readonly condition: FullCondition;
  /** null: it goes past its bound and ends as planned. */
  readonly failure: FailureClass | null;
  /** False: the review prints a duration, and the failure is our choice. */
  readonly isFailureStated: boolean;
  /** What of the condition is our choice, in words; null: nothing. */
  readonly ourCondition: string | null;
}

export interface ScriptedEfficiency {
  readonly kind: 'efficiency';
  readonly percent: number;
  readonly decimals: number;
  readonly qualifier: Qualifier;
  readonly cycles: number;
  readonly cyclesQualifier: '=' | '>';
  readonly condition: FullCondition;
}

export type Scripted = ScriptedLife | ScriptedEfficiency;

export interface PlannedRun<Kind extends Scripted = Scripted> {
  readonly type: 'planned';
  readonly scripted: Kind;
  readonly task: ReplayTask;
  readonly expected: ExpectedWork;
}

/** As far as the script knows: for progress and for the order of work. */
export interface ExpectedWork {
  readonly hours: number;
  /** Rough seconds on one core. */
  readonly weight: number;
}

/** A run that the review does not print enough for; the reason is the row's own note. */
export interface RefusedRun {
  readonly type: 'refused';
  readonly reason: string;
}

export interface PlannedSystem {
  /** `1/146`, or the number of a claim. */
  readonly id: string;
  readonly refs: readonly number[];
  readonly table: 1 | 2 | null;
  readonly material: string;
  readonly life: PlannedRun<ScriptedLife> | RefusedRun | null;
  /** null: the review has no figure. */
  readonly efficiency: PlannedRun<ScriptedEfficiency> | RefusedRun | null;
}

/** Every system of the review that can be run or must be refused, in the order of tables and text. */
export function planReplay(literature: Literature, settings: ReplaySettings): readonly PlannedSystem[] {
  return [
    ...literature.rows.map((row) => planRow(row, settings)),
    ...literature.failures.map((claim) => planClaim(claim, settings)),
  ];
}

function planRow(row: PublishedRow, settings: ReplaySettings): PlannedSystem {
  const { table, ref, material, life, efficiency } = row;
  const keyOf = (test: number): number => randomKey(settings.seed, 'literature-replay', table, ref, test);
  return {
    ...{ id: `${table}/${ref}`, refs: [ref], table, material },
    life: life && planRowLife(row, life, { ...settings, seed: keyOf(1) }),
    efficiency: efficiency && planEfficiency(row, efficiency, { ...settings, seed: keyOf(2) }),
  };
}

function planRowLife(
  row: PublishedRow,
  life: PublishedLife,
  settings: ReplaySettings,
): PlannedRun<ScriptedLife> | RefusedRun {
  const condition = fullCondition(life);
  if (condition === null) return { type: 'refused', reason: reasonFrom(row) };
  const failure = life.qualifier === '>' ? null : chosenFailure(row);
  const open = { isFailureStated: false, ourCondition: null };
  return planLife({ ...life, condition, failure, ...open }, settings);
}

function planClaim(claim: PublishedFailure, settings: ReplaySettings): PlannedSystem {
  const { id, refs, system, hours } = claim;
  const chosen = CHOSEN_CONDITIONS[id];
  const condition = fullCondition({
    currentDensityMAPerCm2: claim.currentDensityMAPerCm2 ?? chosen?.currentDensityMAPerCm2 ?? null,
    arealCapacityMAhPerCm2: claim.arealCapacityMAhPerCm2 ?? chosen?.arealCapacityMAhPerCm2 ?? null,
  });
  assert(condition !== null, `claim ${id} lacks a condition that nobody chose`);
  const failure = statedFailure(claim);
  const stated = { isFailureStated: true, ourCondition: chosen?.because ?? null };
  const seed = randomKey(settings.seed, `literature-${id}`);
  const life = planLife({ hours, qualifier: '=', condition, failure, ...stated }, { ...settings, seed });
  return { id, refs, table: null, material: system, life, efficiency: null };
}

/** Conditions, hours and failure of one symmetric run; whatever else the published object holds is left. */
function planLife(published: Omit<ScriptedLife, 'kind'>, settings: ReplaySettings): PlannedRun<ScriptedLife> {
  const { hours, qualifier, condition, failure, isFailureStated, ourCondition } = published;
  const open = { isFailureStated, ourCondition };
  const scripted: ScriptedLife = { kind: 'life', hours, qualifier, condition, failure, ...open };
  const cyclesPerHour = 1 / (2 * halfCycleHoursOf(condition));
  // Past a bound by the first whole cycle and two more; else a plan that says nothing about the end.
  const cycles =
    failure === null ? Math.floor(hours * cyclesPerHour) + 3 : Math.ceil(COMMON_PLAN_HOURS * cyclesPerHour);
  const plannedHours = cycles / cyclesPerHour;
  const end: ScriptedEnd = failure === null ? { kind: 'none', hours: plannedHours } : endOf(failure, hours);
  const task = symmetricTask(condition, {
    cycles,
    cell: symmetricScenario(loadOf(condition), end),
    settings,
  });
  const expected = expectedWork(condition, failure === null ? plannedHours : hours, settings);
  return { type: 'planned', scripted, task, expected };
}

function endOf(failure: FailureClass, hours: number): ScriptedEnd {
  return failure === 'polarisation'
    ? { kind: failure, hours, voltageLimitV: VOLTAGE_LIMIT_V }
    : { kind: failure, hours };
}

function planEfficiency(
  row: PublishedRow,
  efficiency: PublishedEfficiency,
  settings: ReplaySettings,
): PlannedRun<ScriptedEfficiency> | RefusedRun {
  const condition = fullCondition(efficiency);
  if (condition === null) return { type: 'refused', reason: reasonFrom(row) };
  const { percent, decimals, qualifier, cycles, cyclesQualifier } = efficiency;
  const target = { efficiency: percent / 100, cycles, stripCutoffV: STRIP_CUTOFF_V };
  const cell = efficiencyScenario(loadOf(condition), target);
  return {
    type: 'planned',
    scripted: { kind: 'efficiency', percent, decimals, qualifier, cycles, cyclesQualifier, condition },
    task: {
      ...commonTask(cell, settings),
      protocol: 'coulombic-efficiency',
      parameters: {
        ...commonParameters(condition, { cycles, settings }),
        strip_cut_off: `${STRIP_CUTOFF_V} V`,
      },
    },
    expected: expectedWork(condition, 2 * cycles * halfCycleHoursOf(condition), settings),
  };
}

/** A symmetric run of at most `cycles` on this cell, under the printed condition. */
export function symmetricTask(
  condition: FullCondition,
  options: {
    readonly cycles: number;
    readonly cell: ZincCellParameters;
    readonly settings: ReplaySettings;
  },
): ReplayTask {
  return {
    ...commonTask(options.cell, options.settings),
    protocol: 'symmetric-cycling',
    parameters: {
      ...commonParameters(condition, options),
      // So that hours of life are hours of the run.
      conditioning_cycles: '0',
      strip_voltage_limit: `${VOLTAGE_LIMIT_V} V`,
    },
  };
}

function commonTask(cell: ZincCellParameters, settings: ReplaySettings) {
  return { areaUcm2: AREA_UCM2, cell, instrument: settings.instrument, seed: settings.seed };
}

function commonParameters(
  condition: FullCondition,
  { cycles, settings }: { readonly cycles: number; readonly settings: ReplaySettings },
) {
  const { currentDensityMAPerCm2: density, arealCapacityMAhPerCm2: charge } = condition;
  const recordUs = recordIntervalUs(condition, settings);
  return {
    current_density: `${density} mA/cm2`,
    areal_capacity: `${charge} mAh/cm2`,
    cycles: String(cycles),
    wetting: '0 s',
    plate_voltage_limit: `${VOLTAGE_LIMIT_V} V`,
    record_interval: `${recordUs} us`,
    record_voltage_delta: '0 V',
  };
}

/** Ten samples to a half-cycle at least: its plateau is the median of those in the middle fifth. */
function recordIntervalUs(condition: FullCondition, { recordUs }: ReplaySettings): number {
  return Math.min(recordUs, Math.floor(halfCycleHoursOf(condition) * 360_000) * 1000);
}

export function halfCycleHoursOf(condition: FullCondition): number {
  return condition.arealCapacityMAhPerCm2 / condition.currentDensityMAPerCm2;
}

/** Seconds of work for a half-cycle and for a sample, measured once; only their ratio matters. */
const HALF_CYCLE_S = 7e-4;
const SAMPLE_S = 2.6e-6;

export function expectedWork(
  condition: FullCondition,
  hours: number,
  settings: ReplaySettings,
): ExpectedWork {
  const samples = (hours * 3.6e9) / recordIntervalUs(condition, settings);
  return { hours, weight: (HALF_CYCLE_S * hours) / halfCycleHoursOf(condition) + SAMPLE_S * samples };
}

export function loadOf(condition: FullCondition): CyclingLoad {
  return {
    areaCm2: AREA_UCM2 / 1e6,
    currentAPerCm2: condition.currentDensityMAPerCm2 / 1000,
    chargeCPerCm2: condition.arealCapacityMAhPerCm2 * 3.6,
  };
}

export function fullCondition(printed: Condition): FullCondition | null {
  const { currentDensityMAPerCm2, arealCapacityMAhPerCm2 } = printed;
  if (currentDensityMAPerCm2 === null || arealCapacityMAhPerCm2 === null) return null;
  return { currentDensityMAPerCm2, arealCapacityMAhPerCm2 };
}

/** What the row itself says about the missing condition. */
function reasonFrom({ table, ref, notes }: PublishedRow): string {
  const note = notes.find((text) => text.includes('printed as'));
  assert(note !== undefined, `row ${table}/${ref} lacks a condition, and no note says so`);
  return note;
}
