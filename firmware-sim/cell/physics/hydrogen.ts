// Hydrogen evolution on zinc, the side reaction of plating and of rest: a cathodic Tafel line.
// Must never be asked about charge: what share of a half-cycle it takes is the cell's bookkeeping.

/** Standard potential of zinc, V vs SHE. */
export const ZINC_POTENTIAL_V = -0.762;
/** Nernst shift of the hydrogen electrode at room temperature. */
const V_PER_PH = 0.059;

export interface HydrogenEvolution {
  readonly exchangeAPerCm2: number;
  readonly slopeVPerDecade: number;
  readonly pH: number;
  /** Of zinc plating; its size drives hydrogen evolution further. 0 at rest. */
  readonly overpotentialV: number;
  /** Equilibrium potential of zinc in this electrolyte, V vs SHE. */
  readonly zincPotentialV?: number;
}

/** Potential of the hydrogen electrode against zinc in the same electrolyte, V: |E_Zn| - 0.059 pH. */
export function hydrogenVsZincV(pH: number, zincPotentialV: number = ZINC_POTENTIAL_V): number {
  return Math.abs(zincPotentialV) - V_PER_PH * pH;
}

/** j_0H 10^((|E_Zn| - 0.059 pH + |eta|)/b_H) in A/cm2, always positive. */
export function hydrogenCurrentAPerCm2(options: HydrogenEvolution): number {
  const drivingV = hydrogenVsZincV(options.pH, options.zincPotentialV) + Math.abs(options.overpotentialV);
  return options.exchangeAPerCm2 * 10 ** (drivingV / options.slopeVPerDecade);
}
