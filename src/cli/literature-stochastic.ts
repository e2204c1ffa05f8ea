// `literature replay --stochastic`: a row's hours as the median of a Weibull law of shorts, a population of
// cells drawn from it, and what their recovered lives say about that median. Rows that are bounds have no
// median and are left out; so are efficiency tests.
import { symmetricScenario } from '../../firmware-sim/cell/scenarios/symmetric-scenario.ts';
import type { Literature } from '../analysis/literature/literature.ts';
import { assert } from '../base/assert.ts';
import { randomKey } from '../base/prng.ts';
import { COMMON_PLAN_HOURS } from './literature-choices.ts';
import {
  expectedWork,
  type ExpectedWork,
  fullCondition,
  type FullCondition,
  halfCycleHoursOf,
  loadOf,
  type ReplaySettings,
  symmetricTask,
} from './literature-plan.ts';
import type { ReplayTask } from './literature-task.ts';

export const POPULATION = 20;
/**
 * The 4th and the 17th of 20 lives enclose the true median with 99.7 % (order statistics: the number of lives
 * below the median is binomial, 20 draws of 1/2; whatever the law).
 */
const MEDIAN_ENCLOSED_BY = { lowest: 4, highest: 17 } as const;
/** The rest, 0.26 %: a replay of many rows may miss one of them without any fault. */
export const MISSED_BY_CHANCE_ONE_IN = 388;

export interface StochasticSystem {
  readonly id: string;
  readonly refs: readonly number[];
  readonly table: 1 | 2;
  readonly material: string;
  readonly medianHours: number;
  readonly condition: FullCondition;
  /** One a seed. */
  readonly tasks: readonly ReplayTask[];
  /** Of each of them. */
  readonly expected: ExpectedWork;
}

/** Every row of the tables whose hours are printed with `=`, in their order. */
export function planPopulations({ rows }: Literature, settings: ReplaySettings): readonly StochasticSystem[] {
  return rows.flatMap(({ table, ref, material, life }) => {
    const condition = life === null ? null : fullCondition(life);
    if (life === null || condition === null || life.qualifier !== '=') return [];
    const { hours } = life;
    const cell = symmetricScenario(loadOf(condition), { kind: 'weibull-short', hours });
    const cycles = Math.ceil(COMMON_PLAN_HOURS / (2 * halfCycleHoursOf(condition)));
    const tasks = Array.from({ length: POPULATION }, (_, index) => {
      const seed = randomKey(settings.seed, 'literature-population', table, ref, index);
      return symmetricTask(condition, { cycles, cell, settings: { ...settings, seed } });
    });
    const expected = expectedWork(condition, hours, settings);
    const named = { id: `${table}/${ref}`, refs: [ref], table, material };
    return [{ ...named, medianHours: hours, condition, tasks, expected }];
  });
}

export interface PopulationFigures {
  readonly medianHours: number;
  /** 5 % and 95 % of the lives. */
  readonly intervalHours: readonly [number, number];
  /** Encloses the true median with 99.7 %. */
  readonly medianIntervalHours: readonly [number, number];
}

/** Of the recovered lives of one system, one a seed. */
export function populationFigures(livesHours: readonly number[]): PopulationFigures {
  assert(
    livesHours.length === POPULATION,
    `a population has ${POPULATION} lives, found ${livesHours.length}`,
  );
  const sorted = [...livesHours].sort((a, b) => a - b);
  const { lowest, highest } = MEDIAN_ENCLOSED_BY;
  return {
    medianHours: quantile(sorted, 0.5),
    intervalHours: [quantile(sorted, 0.05), quantile(sorted, 0.95)],
    medianIntervalHours: [sorted[lowest - 1] ?? 0, sorted[highest - 1] ?? 0],
  };
}

/** Linear between order statistics (Hyndman & Fan 1996, type 7). */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? 0;
  return below + (above - below) * (place - Math.floor(place));
}
