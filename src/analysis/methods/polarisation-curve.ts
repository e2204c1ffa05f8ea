// The polarisation of two equal electrodes: v = j R + 2 b asinh(j/(2 j0)), b = 2RT/F, alpha 1/2; its fit to
// measured points and its inverse. Units: A/cm2, V, ohm cm2. Pure; never extrapolates what it cannot tell.
import { assert } from '../../base/assert.ts';
import { sumOf } from './arithmetic.ts';

const FARADAY_C_PER_MOL = 96_485.332_12;
const GAS_CONSTANT_J_PER_MOL_K = 8.314_462_618;
export const ROOM_TEMPERATURE_K = 298.15;

export interface CurvePoint {
  readonly density: number;
  readonly polarisationV: number;
}

export interface PolarisationCurve {
  /** Everything that is linear: electrolyte, films, diffusion, contacts. */
  readonly resistanceOhmCm2: number;
  /** Of one electrode. */
  readonly exchangeAPerCm2: number;
  readonly temperatureK: number;
}

/** R_ct = RT/(F j0) of one electrode, ohm cm2: its slope at low current. */
export function chargeTransferOhmCm2({ exchangeAPerCm2, temperatureK }: PolarisationCurve): number {
  return (GAS_CONSTANT_J_PER_MOL_K * temperatureK) / (FARADAY_C_PER_MOL * exchangeAPerCm2);
}

export function polarisationV(curve: PolarisationCurve, density: number): number {
  return density * curve.resistanceOhmCm2 + kineticV(density, curve.exchangeAPerCm2, curve.temperatureK);
}

function kineticV(density: number, exchange: number, temperatureK: number): number {
  const slopeV = (2 * GAS_CONSTANT_J_PER_MOL_K * temperatureK) / FARADAY_C_PER_MOL;
  return 2 * slopeV * Math.asinh(density / (2 * exchange));
}

/** Between these the exchange current is sought, A/cm2: four decades beyond what zinc was seen to have. */
const [LOWEST_LOG, HIGHEST_LOG] = [Math.log(1e-8), Math.log(10)];

/**
 * Least squares of the relative misfit over R >= 0 and j0; null of fewer than three different currents. R
 * follows for each j0 in closed form; j0 by golden section between what a grid encloses.
 */
export function fitCurve(
  points: readonly CurvePoint[],
  temperatureK = ROOM_TEMPERATURE_K,
): PolarisationCurve | null {
  if (new Set(points.map(({ density }) => density.toPrecision(6))).size < 3) return null;
  if (points.some(({ density, polarisationV: v }) => density <= 0 || v <= 0)) return null;
  const misfit = (log: number): number => fitAt(points, Math.exp(log), temperatureK).misfit;
  const grid = Array.from({ length: 101 }, (_, at) => LOWEST_LOG + ((HIGHEST_LOG - LOWEST_LOG) * at) / 100);
  const best = grid.reduce((least, log) => (misfit(log) < misfit(least) ? log : least));
  const width = (HIGHEST_LOG - LOWEST_LOG) / 100;
  const exchangeAPerCm2 = Math.exp(lowest(misfit, best - width, best + width));
  return {
    exchangeAPerCm2,
    resistanceOhmCm2: fitAt(points, exchangeAPerCm2, temperatureK).resistanceOhmCm2,
    temperatureK,
  };
}

function fitAt(points: readonly CurvePoint[], exchange: number, temperatureK: number) {
  const rest = points.map(({ density, polarisationV: v }) => v - kineticV(density, exchange, temperatureK));
  const weight = points.map(({ polarisationV: v }) => 1 / v ** 2);
  const over = sumOf(points.map(({ density }, index) => density * (rest[index] ?? 0) * (weight[index] ?? 0)));
  const under = sumOf(points.map(({ density }, index) => density ** 2 * (weight[index] ?? 0)));
  const resistanceOhmCm2 = Math.max(0, over / under);
  const misfit = sumOf(
    points.map(
      ({ density }, index) => ((rest[index] ?? 0) - density * resistanceOhmCm2) ** 2 * (weight[index] ?? 0),
    ),
  );
  return { resistanceOhmCm2, misfit };
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

function lowest(of: (x: number) => number, from: number, until: number): number {
  let [low, high] = [from, until];
  for (let round = 0; round < 60; round += 1) {
    const [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (of(left) < of(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}

/** The density at which the curve stands at `v`: by bisection, for it rises. Asserts v >= 0. */
export function densityAt(curve: PolarisationCurve, v: number): number {
  assert(v >= 0, 'a polarisation is not negative');
  let [low, high] = [0, 1];
  while (polarisationV(curve, high) < v) high *= 2;
  for (let round = 0; round < 100; round += 1) {
    const middle = (low + high) / 2;
    if (polarisationV(curve, middle) < v) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
