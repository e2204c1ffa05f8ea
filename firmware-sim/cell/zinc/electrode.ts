// One zinc electrode, advanced in closed form under a constant current density: how much zinc there is, how
// much of it is fresh or dead, what the bare substrate holds. `density` is that of this electrode: positive
// strips it. Everything is per cm2. Must never know of the other electrode.
import type { DepositParameters, ElectrodeParameters, LossParameters } from '../zinc-parameters.ts';
import { restEndS, rested } from './resting.ts';
import { hasZinc } from './surface.ts';

export interface ElectrodeState {
  /** Zinc that can be stripped, in C/cm2. */
  readonly zincC: number;
  /** Part of it from the last plating: smoother, more active, stripped first. */
  readonly freshC: number;
  readonly deadC: number;
  readonly corrodedC: number;
  /** Plated since this plating began, whatever became of it. */
  readonly platedC: number;
  /** Charge over which the change from fresh to bulk zinc is spread. */
  readonly freshWidthC: number;
  /** On the bare substrate, once the zinc is gone; 0 where zinc sets the potential. */
  readonly tailC: number;
  /** What water and metal gave when even the substrate was charged up. */
  readonly sideC: number;
  readonly hydrogenC: number;
  /** u = eta/b of the double layer at this instant. */
  readonly reduced: number;
  /** The present plating began on bare substrate. */
  readonly isForeign: boolean;
  /** Shares of the present plating that become dead zinc and hydrogen. */
  readonly deadShare: number;
  readonly hydrogenShare: number;
  readonly platings: number;
}

/** Constants that all electrodes of a cell share, and those of this one. */
export interface ElectrodeNature {
  readonly electrode: ElectrodeParameters;
  readonly deposit: DepositParameters;
  readonly losses: LossParameters;
}

export type ElectrodeMode = 'plating' | 'stripping' | 'charging' | 'discharging' | 'side' | 'resting';

export function freshElectrode({ electrode, deposit }: ElectrodeNature): ElectrodeState {
  const isBare = electrode.zincCPerCm2 === 0;
  return {
    zincC: electrode.zincCPerCm2,
    freshC: 0,
    deadC: 0,
    corrodedC: 0,
    platedC: 0,
    freshWidthC: deposit.coverageCPerCm2,
    tailC: isBare ? electrode.bareV * electrode.tailFPerCm2 : 0,
    sideC: 0,
    hydrogenC: 0,
    reduced: 0,
    isForeign: isBare,
    deadShare: 0,
    hydrogenShare: 0,
    platings: 0,
  };
}

export function modeOf(state: ElectrodeState, nature: ElectrodeNature, density: number): ElectrodeMode {
  if (density < 0) return state.tailC > 0 ? 'discharging' : 'plating';
  if (density === 0) return 'resting';
  if (hasZinc(state)) return 'stripping';
  return state.tailC < sideChargeC(nature) ? 'charging' : 'side';
}

/** When this mode is over by itself, in seconds from now; Infinity when never. */
export function modeEndS(
  state: ElectrodeState,
  nature: ElectrodeNature,
  mode: ElectrodeMode,
  density: number,
): number {
  switch (mode) {
    case 'stripping':
      return state.zincC / density;
    case 'charging':
      return (sideChargeC(nature) - state.tailC) / density;
    case 'discharging':
      return state.tailC / -density;
    case 'resting':
      return restEndS(state, nature.losses);
    case 'plating':
    case 'side':
      return Number.POSITIVE_INFINITY;
  }
}

/** The state `elapsedS` later; `isOver`: the mode ended by itself, so its charge is exactly spent. */
export function advanced(
  state: ElectrodeState,
  nature: ElectrodeNature,
  mode: ElectrodeMode,
  stretch: { readonly density: number; readonly elapsedS: number; readonly isOver: boolean },
): ElectrodeState {
  const { density, elapsedS, isOver } = stretch;
  const chargeC = Math.abs(density) * elapsedS;
  switch (mode) {
    case 'plating': {
      const metalC = chargeC * (1 - state.hydrogenShare);
      const deadC = metalC * state.deadShare;
      return {
        ...state,
        zincC: state.zincC + (metalC - deadC),
        freshC: state.freshC + (metalC - deadC),
        deadC: state.deadC + deadC,
        platedC: state.platedC + chargeC,
        hydrogenC: state.hydrogenC + chargeC * state.hydrogenShare,
      };
    }
    case 'stripping': {
      // Not below zero: an instant just before the end may be rounded to one just after it.
      const zincC = isOver ? 0 : Math.max(0, state.zincC - chargeC);
      return { ...state, zincC, freshC: Math.min(zincC, Math.max(0, state.freshC - chargeC)) };
    }
    case 'charging':
      return { ...state, tailC: isOver ? sideChargeC(nature) : state.tailC + chargeC };
    case 'discharging':
      return { ...state, tailC: isOver ? 0 : Math.max(0, state.tailC - chargeC) };
    case 'side':
      return { ...state, sideC: state.sideC + chargeC };
    case 'resting':
      return rested(state, nature.losses, { elapsedS, isOver });
  }
}

/** The charge at which the bare substrate reaches the potential of the side reactions. */
function sideChargeC({ electrode, losses }: ElectrodeNature): number {
  return electrode.tailFPerCm2 * losses.sideReactionV;
}

/** Potential of the bare substrate against zinc. */
export function tailV(
  state: ElectrodeState,
  nature: ElectrodeNature,
  mode: ElectrodeMode,
  change: { readonly density: number; readonly elapsedS: number },
): number {
  const moves = mode === 'charging' || mode === 'discharging';
  const chargeC = state.tailC + (moves ? change.density * change.elapsedS : 0);
  return chargeC / nature.electrode.tailFPerCm2;
}
