// The surface of one zinc electrode over the charge of a stretch: how active it is, what its nuclei cost, and
// when nothing of it changes any more. Pure laws of electrode states; must never advance one.
import type { DepositParameters } from '../zinc-parameters.ts';
import type { ElectrodeMode, ElectrodeNature, ElectrodeState } from './electrode.ts';

/** C/cm2: less is a bare surface. A layer of single atoms would be 1e8 times as much. */
const LEAST_ZINC_C = 1e-12;
/** exp(-40) is below the grain of a double beside 1. */
const GONE = 40;
/** Keeps rounding from calling an instant quiet that is not. */
const MARGIN = 1e-9;
/** Growth per decade below which 10^(1/s) would overflow; it stands for no growth at all. */
const LEAST_PER_DECADE = 1 / 300;

/** Whether zinc sets the potential of this electrode, and can be stripped. */
export function hasZinc(state: ElectrodeState): boolean {
  return state.zincC > LEAST_ZINC_C;
}

/** What multiplies j0: the activity of the zinc times the active share of the area. */
export function activity(
  state: ElectrodeState,
  nature: ElectrodeNature,
  mode: ElectrodeMode,
  chargeC: number,
): number {
  return zincActivity(state, nature, mode, chargeC) * activeArea(state, nature, mode, chargeC);
}

/** a_r of fresh zinc against bulk. Monotone in time. */
export function zincActivity(
  state: ElectrodeState,
  { deposit }: ElectrodeNature,
  mode: ElectrodeMode,
  chargeC: number,
): number {
  if (mode === 'plating') return freshFactor(state, deposit, state.freshC + chargeC * goodShare(state));
  return mode === 'stripping' ? freshFactor(state, deposit, state.freshC - chargeC) : 1;
}

/** theta: of the area, what is zinc or can become it. Monotone in time. */
export function activeArea(
  state: ElectrodeState,
  { deposit }: ElectrodeNature,
  mode: ElectrodeMode,
  chargeC: number,
): number {
  switch (mode) {
    case 'plating':
      return state.isForeign ? coverage(deposit, state.platedC + chargeC) : 1;
    case 'stripping': {
      const zincC = state.zincC - chargeC;
      return zincC >= deposit.islandCPerCm2 ? 1 : islands(deposit, zincC);
    }
    case 'charging':
    case 'discharging':
    case 'side':
      return deposit.initialCoverage;
    case 'resting':
      return hasZinc(state) ? 1 : deposit.initialCoverage;
  }
}

/** Part of the plating charge that becomes zinc which can be stripped. */
function goodShare({ hydrogenShare, deadShare }: ElectrodeState): number {
  return (1 - hydrogenShare) * (1 - deadShare);
}

/**
 * Between these charges of a stretch nothing of the surface changes: no nucleation, no growing coverage, no
 * change from fresh to bulk zinc, no shrinking islands. `from >= until` where there is no such time.
 */
export function quietCharges(
  state: ElectrodeState,
  { deposit }: ElectrodeNature,
  mode: ElectrodeMode,
): { readonly fromC: number; readonly untilC: number } {
  switch (mode) {
    case 'plating': {
      const freshAtC = (state.freshWidthC - state.freshC) / goodShare(state);
      const nucleatedC = GONE * deposit.nucleationCPerCm2 - state.platedC;
      const coveredC = state.isForeign ? GONE * deposit.coverageCPerCm2 - state.platedC : 0;
      const fromC = Math.max(0, freshAtC, nucleatedC, coveredC);
      return { fromC: fromC * (1 + MARGIN), untilC: Number.POSITIVE_INFINITY };
    }
    case 'stripping': {
      const freshUntilC = state.freshC > 0 ? state.freshC - state.freshWidthC : Number.POSITIVE_INFINITY;
      const untilC = Math.min(freshUntilC, state.zincC - deposit.islandCPerCm2);
      return { fromC: 0, untilC: untilC * (1 - MARGIN) };
    }
    case 'charging':
    case 'discharging':
    case 'side':
    case 'resting':
      return { fromC: 0, untilC: Number.POSITIVE_INFINITY };
  }
}

/** a_r = w rho + 1 - w, w a smooth step of the fresh zinc that is left. */
function freshFactor(state: ElectrodeState, deposit: DepositParameters, freshC: number): number {
  const share = freshC / state.freshWidthC;
  // The comparison is also false where nothing was ever plated: 0/0.
  if (!(share > 0)) return 1;
  const step = share >= 1 ? 1 : share * share * (3 - 2 * share);
  return 1 + step * (deposit.freshActivity - 1);
}

/** theta = 1 - (1 - theta_0) exp(-q/q_theta). */
function coverage(deposit: DepositParameters, platedC: number): number {
  const exponent = platedC / deposit.coverageCPerCm2;
  return exponent > GONE ? 1 : 1 - (1 - deposit.initialCoverage) * Math.exp(-exponent);
}

/** theta = (q/q_i)^(2/3): islands that shrink. */
function islands(deposit: DepositParameters, zincC: number): number {
  const share = Math.max(0, zincC) / deposit.islandCPerCm2;
  return Math.max(deposit.initialCoverage, Math.cbrt(share * share));
}

/** exp(-q/q_n) of the nucleation overpotential after `chargeC` more; 0 where nothing nucleates. */
export function nucleationShare(
  state: ElectrodeState,
  { deposit }: ElectrodeNature,
  mode: ElectrodeMode,
  chargeC: number,
): number {
  if (mode !== 'plating') return 0;
  const exponent = (state.platedC + chargeC) / deposit.nucleationCPerCm2;
  return exponent > GONE ? 0 : Math.exp(-exponent);
}

/**
 * Nucleation overpotential at q = 0, as a positive voltage: eta_n0 (1 + s log10(j/j_ref)), the law of the
 * electrochemistry of growing nuclei, made regular at j = 0 by asinh(k x/2) ~ ln(k x), k = 10^(1/s).
 */
export function nucleationV(state: ElectrodeState, nature: ElectrodeNature, magnitude: number): number {
  const { deposit, electrode } = nature;
  const atReferenceV = state.isForeign ? electrode.nucleationV : deposit.agedNucleationV;
  const perDecade = Math.max(LEAST_PER_DECADE, deposit.nucleationPerDecade);
  const ratio = magnitude / deposit.nucleationReferenceAPerCm2;
  return (atReferenceV * perDecade * Math.asinh((10 ** (1 / perDecade) * ratio) / 2)) / Math.LN10;
}
