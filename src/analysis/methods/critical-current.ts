// Critical current density: the level after which a low current no longer finds the plateau that it had. A
// drop that comes back was a soft short that healed; one that stays is the critical current. Pure.
import { meanOf, medianOf } from './arithmetic.ts';
import { type Figure, figure, missing } from './figure.ts';
import { type HalfCycleRow, isNamed, type RunRecord } from './run-record.ts';

/** A plateau this far below that of the return before is a drop (notes 3.5, D2). */
const DROP = 0.3;
const UNIT = 'mA/cm2';

/** A level and the return cycles behind it. */
interface Level {
  readonly densityMA: number;
  /** NaN: no return cycle of it has a plateau. */
  returnV: number;
}

/**
 * j_crit,soft: the first level whose return plateau stands 30 % below the last healthy one and stays there in
 * all returns behind it (Menkin et al., Faraday Discuss. 2023: the irreversible soft short). j_crit,hard: the
 * level after which a return had no plateau at all (notes 1, method 16). Each is known to one increment: the
 * standard uncertainty is that over the square root of 12.
 */
export function criticalFigures(record: RunRecord): readonly Figure[] {
  const levels = levelsOf(record);
  const highest = levels.at(-1);
  if (highest === undefined) return [missing('softCriticalCurrent', UNIT, 'no level was gone through')];
  const increment = (record.parameter('increment', 'currentDensity') ?? 0) / 1e9;
  const none = `no short up to ${Number(highest.densityMA.toPrecision(6))} mA/cm2`;
  const at = { levels: levels.length };
  const options = { uncertainty: increment / Math.sqrt(12), at };
  const soft = irreversibleDrop(levels);
  const isHard = record.verdict === 'hard-short';
  return [
    soft === null
      ? missing('softCriticalCurrent', UNIT, none, at)
      : figure('softCriticalCurrent', [soft.densityMA, UNIT], options),
    isHard
      ? figure('hardCriticalCurrent', [highest.densityMA, UNIT], options)
      : missing('hardCriticalCurrent', UNIT, none, at),
    ...levels.map(({ densityMA, returnV }) => {
      const place = { afterMAPerCm2: Number(densityMA.toPrecision(6)) };
      return Number.isFinite(returnV)
        ? figure('returnPlateau', [returnV * 1e3, 'mV'], { at: place })
        : missing('returnPlateau', 'mV', 'no return cycle came to its middle', place);
    }),
  ];
}

function levelsOf(record: RunRecord): readonly Level[] {
  const steps = new Map(record.steps().map((step) => [step.stepNumber, step]));
  const levels: Level[] = [];
  let returns: HalfCycleRow[] = [];
  for (const row of record.halfCycles()) {
    const step = steps.get(row.stepNumber);
    if (step === undefined) continue;
    const last = levels.at(-1);
    if (isNamed(step, 'level-plating') || isNamed(step, 'level-stripping')) {
      const densityMA = Math.abs(step.setpointPa ?? 0) / 1e9 / record.measurement.areaCm2;
      const isNew = last === undefined || Math.abs(densityMA / last.densityMA - 1) > 1e-6;
      if (isNew) levels.push({ densityMA, returnV: Number.NaN });
      if (isNew) returns = [];
    } else if (last !== undefined) {
      returns.push(row);
      last.returnV = plateauOf(returns);
    }
  }
  return levels;
}

/** Mean of the polarities' medians, V. */
function plateauOf(rows: readonly HalfCycleRow[]): number {
  const halves = (['plate', 'strip'] as const).map((half) =>
    medianOf(
      rows.flatMap((row) => (row.half === half && row.plateauNv !== null ? [row.plateauNv / 1e9] : [])),
    ),
  );
  return meanOf(halves.filter(Number.isFinite));
}

function irreversibleDrop(levels: readonly Level[]): Level | null {
  for (const [index, level] of levels.entries()) {
    const before = levels[index - 1];
    if (before === undefined || !Number.isFinite(before.returnV)) continue;
    const isLow = ({ returnV }: Level): boolean => !(returnV > (1 - DROP) * before.returnV);
    if (levels.slice(index).every(isLow)) return level;
  }
  return null;
}
