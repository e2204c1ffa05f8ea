// Charge transfer at one electrode: Butler-Volmer kinetics, its inverse, its limit at low current, and the
// Arrhenius law. Exchange current densities are per geometric area and electrode, in the one-electron form.
// Called for every sample: must never allocate, nor return NaN for finite arguments.
import { FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K } from './constants.ts';

/** Where Arrhenius factors are 1. */
export const REFERENCE_TEMPERATURE_K = 298.15;

/** Newton's steps rise by then to the last bit: the slope varies by (alpha_a + alpha_c)/alpha_a at most. */
const NEWTON_ROUNDS = 100;

/** What `overpotentialV` inverts. Densities in A/cm2, `density` signed, `exchange` > 0; alphas > 0. */
export interface ButlerVolmerPoint {
  readonly density: number;
  readonly exchange: number;
  readonly temperatureK: number;
  readonly anodicTransfer: number;
  readonly cathodicTransfer: number;
}

/** exp(-E_a/R (1/T - 1/298.15 K)): by how much a rate differs from its value at 298.15 K. */
export function arrhenius(activationEnergyJPerMol: number, temperatureK: number): number {
  const inversePerK = 1 / temperatureK - 1 / REFERENCE_TEMPERATURE_K;
  return Math.exp((-activationEnergyJPerMol / GAS_CONSTANT_J_PER_MOL_K) * inversePerK);
}

/** u = eta/b = asinh(j/(2 j0)): steady overpotential in units of b = 2RT/F where both alphas are 1/2. */
export function steadyReduced(density: number, exchange: number): number {
  return Math.asinh(density / (2 * exchange));
}

/**
 * Overpotential in V that carries `density`: j = j0 (exp(alpha_a F eta/RT) - exp(-alpha_c F eta/RT)), for any
 * alphas (Newman, Electrochemical Systems, 3rd ed., eq. 8.23).
 *
 * With x = F|eta|/RT, r = |j|/j0, p the alpha of the branch that carries the current and q the other one, the
 * root of h(x) = p x - ln(r + exp(-q x)) is sought. It lies between ln(r)/p and ln(1 + r)/p. h rises and is
 * concave, so Newton's steps from below rise to the root and never pass it; the bracket holds the rounding.
 */
export function overpotentialV(point: ButlerVolmerPoint): number {
  const thermalV = (GAS_CONSTANT_J_PER_MOL_K * point.temperatureK) / FARADAY_C_PER_MOL;
  if (point.density >= 0) {
    return (
      thermalV * rootOfBranch(point.density / point.exchange, point.anodicTransfer, point.cathodicTransfer)
    );
  }
  return (
    -thermalV * rootOfBranch(-point.density / point.exchange, point.cathodicTransfer, point.anodicTransfer)
  );
}

/** R_ct = RT/(F j0) in ohm cm2: slope of the overpotential of one electrode at low current, alphas 1/2. */
export function chargeTransferResistanceOhmCm2(exchange: number, temperatureK: number): number {
  return (GAS_CONSTANT_J_PER_MOL_K * temperatureK) / (FARADAY_C_PER_MOL * exchange);
}

function rootOfBranch(ratio: number, own: number, other: number): number {
  const highest = Math.log1p(ratio) / own;
  let root = ratio > 1 ? Math.log(ratio) / own : 0;
  for (let round = 0; round < NEWTON_ROUNDS; round += 1) {
    // r + exp(-q x) - 1 without its subtraction, so that 1e-12 of the exchange current comes out right too.
    const opposing = Math.expm1(-other * root);
    const miss = own * root - Math.log1p(ratio + opposing);
    const slope = own + (other * (1 + opposing)) / (ratio + opposing + 1);
    const next = Math.min(highest, root - miss / slope);
    if (next <= root) return root;
    root = next;
  }
  return root;
}
