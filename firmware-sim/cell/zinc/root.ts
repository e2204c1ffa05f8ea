// The one root finder of the simulated cells: a rising function of one variable, bracketed first, then
// narrowed. Deterministic; ends at the grain of a double. Must never be given a function that falls.
import { assert } from '../../../src/base/assert.ts';

const WIDEN_ROUNDS = 400;
const NARROW_ROUNDS = 200;
/** Brackets this narrow, relative to the root or absolutely (A/cm2, V), are a root. */
const RELATIVE_GRAIN = 2 * Number.EPSILON;
const LEAST_GRAIN = 1e-30;

/** The x with f(x) = 0, f rising; `scale` > 0 is a first guess of how far it is from `guess`. */
export function rootOfRising(f: (x: number) => number, guess: number, scale: number): number {
  const at = f(guess);
  return at === 0 ? guess : bracketed(f, { x: guess, at }, scale);
}

/** The same where f is known to rise by `leastSlope` > 0 at least: that says how far from `guess` to look. */
export function rootOfSteep(f: (x: number) => number, guess: number, leastSlope: number): number {
  const at = f(guess);
  return at === 0 ? guess : bracketed(f, { x: guess, at }, Math.abs(at) / leastSlope);
}

interface Point {
  readonly x: number;
  readonly at: number;
}

function bracketed(f: (x: number) => number, start: Point, firstReach: number): number {
  let near = start;
  // Rounding may have left less than a grain to go.
  let reach = Math.max(firstReach, grainAt(start.x)) * (start.at > 0 ? -1 : 1);
  for (let round = 0; round < WIDEN_ROUNDS; round += 1) {
    const x = near.x + reach;
    const far = { x, at: f(x) };
    if (far.at === 0) return x;
    if (far.at > 0 !== near.at > 0) return narrowed(f, near, far);
    near = far;
    reach *= 2;
  }
  assert(false, 'a rising function must have a root to be found');
}

/**
 * Chandrupatla's rule (Adv. Eng. Softw. 1997, 28, 145): inverse quadratic interpolation through the last
 * three points where it can be trusted, else bisection. The first step is a secant.
 */
function narrowed(f: (x: number) => number, near: Point, far: Point): number {
  let [x1, f1, x2, f2] = [far.x, far.at, near.x, near.at];
  let share = f1 / (f1 - f2);
  for (let round = 0; round < NARROW_ROUNDS; round += 1) {
    const best = Math.abs(f1) < Math.abs(f2) ? x1 : x2;
    const grain = grainAt(best) / Math.abs(x2 - x1);
    if (grain > 0.5 || f1 === 0) return best;
    const x = x1 + Math.min(1 - grain, Math.max(grain, share)) * (x2 - x1);
    const at = f(x);
    let [x3, f3] = [x1, f1];
    if (at > 0 !== f1 > 0) [x3, f3, x2, f2] = [x2, f2, x1, f1];
    [x1, f1] = [x, at];
    share = interpolatedShare({ x1, f1, x2, f2, x3, f3 });
  }
  return Math.abs(f1) < Math.abs(f2) ? x1 : x2;
}

function grainAt(x: number): number {
  return RELATIVE_GRAIN * Math.abs(x) + LEAST_GRAIN;
}

interface ThreePoints {
  readonly x1: number;
  readonly f1: number;
  readonly x2: number;
  readonly f2: number;
  readonly x3: number;
  readonly f3: number;
}

/** Where between x1 and x2 to look next. */
function interpolatedShare({ x1, f1, x2, f2, x3, f3 }: ThreePoints): number {
  const xi = (x1 - x2) / (x3 - x2);
  const phi = (f1 - f2) / (f3 - f2);
  const isTrusted = phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi;
  if (!isTrusted) return 0.5;
  const near = (f1 / (f2 - f1)) * (f3 / (f2 - f3));
  const far = ((x3 - x1) / (x2 - x1)) * (f1 / (f3 - f1)) * (f2 / (f3 - f2));
  return near + far;
}
