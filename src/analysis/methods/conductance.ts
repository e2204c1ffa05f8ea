// Conductance of a leak across the cell, from short currents in both directions. A leak is linear and a
// healthy zinc cell is not: the first round teaches the cell's own curve, later rounds are held against it.
import { lineThrough, meanOf } from './arithmetic.ts';
import { type Figure, figure, missing } from './figure.ts';
import { type CurvePoint, densityAt, fitCurve } from './polarisation-curve.ts';
import { type EndedStep, isNamed, type RunRecord } from './run-record.ts';

const UNIT = 'mS/cm2';

/**
 * For each round: exponent n = d ln v/d ln I (1: linear, as a leak is), and G = (j - f^-1(v))/v by least
 * squares over the three currents (notes 3.2), f the curve of the first round. The first round itself has no
 * G: a leak that was there from the start is part of what is taken for healthy.
 */
export function conductanceFigures(record: RunRecord): readonly Figure[] {
  const rounds = roundsOf(record);
  const [first] = rounds;
  if (first === undefined) return [missing('exponent', '1', 'no round of the probe is whole')];
  const curve = fitCurve(first);
  return rounds.flatMap((points, index) => {
    const at = { round: index + 1 };
    const line = lineThrough(
      points.map(({ density }) => Math.log(density)),
      points.map(({ polarisationV: v }) => Math.log(v)),
    );
    const exponent =
      line === null
        ? missing('exponent', '1', 'it takes two currents', at)
        : figure('exponent', [line.slope, '1'], { uncertainty: line.slopeUncertainty, at });
    if (index === 0) {
      const why = 'the first round is the healthy curve; make rounds at least 2';
      return [exponent, missing('conductance', UNIT, why, at)];
    }
    if (curve === null) return [exponent, missing('conductance', UNIT, 'the first round has no curve', at)];
    const leak = leakOf(points, (v) => densityAt(curve, v));
    const uncertainty = uncertaintyOf(points, record, (v) => densityAt(curve, v));
    const conductance = figure('conductance', [leak * 1e3, UNIT], { uncertainty, at });
    return [exponent, conductance];
  });
}

/** S/cm2. */
function leakOf(points: readonly CurvePoint[], ionic: (v: number) => number): number {
  const over = points.reduce((sum, { density, polarisationV: v }) => sum + (density - ionic(v)) * v, 0);
  return over / points.reduce((sum, { polarisationV: v }) => sum + v ** 2, 0);
}

/** mS/cm2: what the bounds of the voltage make of G, in the curve and in the round alike. */
function uncertaintyOf(
  points: readonly CurvePoint[],
  { voltage }: RunRecord,
  ionic: (v: number) => number,
): number | null {
  if (voltage === null) return null;
  const moved = points.map(({ density, polarisationV: v }) => ({
    density,
    polarisationV: v + voltage.offsetV,
  }));
  return Math.abs(leakOf(moved, ionic) - leakOf(points, ionic)) * Math.SQRT2 * 1e3;
}

/** Points of each round; v is half the difference of the two directions, so that an offset cancels. */
function roundsOf(record: RunRecord): readonly (readonly CurvePoint[])[] {
  const probes = record.steps().filter((step) => isProbe(step, 'strip') || isProbe(step, 'plate'));
  const points: CurvePoint[] = [];
  for (let index = 0; index + 1 < probes.length; index += 2) {
    const pair = probes.slice(index, index + 2);
    const density = meanOf(pair.map(({ setpointPa }) => Math.abs(setpointPa ?? 0) / 1e12));
    const v = meanOf(
      pair.map(({ endVoltageNv, setpointPa }) => ((endVoltageNv ?? 0) / 1e9) * Math.sign(setpointPa ?? 0)),
    );
    if (pair.some(({ reason }) => reason !== 'duration') || v <= 0) return rounded(points);
    points.push({ density: density / record.measurement.areaCm2, polarisationV: v });
  }
  return rounded(points);
}

/** Three currents make a round. */
function rounded(points: readonly CurvePoint[]): readonly (readonly CurvePoint[])[] {
  const rounds = Math.floor(points.length / 3);
  return Array.from({ length: rounds }, (_, index) => points.slice(3 * index, 3 * index + 3));
}

function isProbe(step: EndedStep, half: 'strip' | 'plate'): boolean {
  return isNamed(step, `probe-${half}`);
}
