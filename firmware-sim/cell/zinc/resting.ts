// A zinc electrode at rest, in closed form: bulk and fresh zinc corrode, fresh zinc loses its contact. A
// rest in two parts must come to the same as a whole one.
import type { LossParameters } from '../zinc-parameters.ts';
import type { ElectrodeState } from './electrode.ts';
import { hasZinc } from './surface.ts';

const SECONDS_PER_DAY = 86_400;

/**
 * c is what corrodes in a second, k f the fresh zinc f that loses contact: df/dt = -(c + k f) while f > 0.
 * Corrosion takes fresh zinc first, the bulk once that is gone.
 */
interface Rates {
  readonly corrosion: number;
  readonly perS: number;
}

/** When an electrode has no zinc left by resting alone; Infinity when never. */
export function restEndS(state: ElectrodeState, losses: LossParameters): number {
  if (!hasZinc(state)) return Number.POSITIVE_INFINITY;
  const rates = ratesOf(losses);
  const { corrosion } = rates;
  const bulkC = state.zincC - state.freshC;
  const freshEndS = freshGoneS(state.freshC, rates);
  if (bulkC <= 0) return freshEndS;
  return corrosion > 0 ? freshEndS + bulkC / corrosion : Number.POSITIVE_INFINITY;
}

/** The state `elapsedS` later; `isOver`: no zinc is left, exactly. */
export function rested(
  state: ElectrodeState,
  losses: LossParameters,
  stretch: { readonly elapsedS: number; readonly isOver: boolean },
): ElectrodeState {
  if (!hasZinc(state)) return state;
  const { elapsedS, isOver } = stretch;
  const rates = ratesOf(losses);
  const freshEndS = freshGoneS(state.freshC, rates);
  const fadingS = Math.min(elapsedS, freshEndS);
  const lostFreshC = elapsedS >= freshEndS ? state.freshC : freshLossC(state.freshC, rates, fadingS);
  const deadC = Math.max(0, lostFreshC - rates.corrosion * fadingS);
  const lostC = isOver ? state.zincC : Math.min(state.zincC, deadC + rates.corrosion * elapsedS);
  const zincC = state.zincC - lostC;
  return {
    ...state,
    zincC,
    freshC: Math.min(zincC, state.freshC - lostFreshC),
    deadC: state.deadC + deadC,
    corrodedC: state.corrodedC + (lostC - deadC),
  };
}

function ratesOf(losses: LossParameters): Rates {
  return { corrosion: losses.corrosionAPerCm2, perS: losses.restDeadPerDay / SECONDS_PER_DAY };
}

/** f(t) = 0 at t = ln(1 + k f0/c)/k; f0/c where nothing loses contact. */
function freshGoneS(freshC: number, { corrosion, perS }: Rates): number {
  if (freshC === 0) return 0;
  if (corrosion === 0) return Number.POSITIVE_INFINITY;
  return perS === 0 ? freshC / corrosion : Math.log1p((perS * freshC) / corrosion) / perS;
}

/** f0 - f(t) = (f0 + c/k)(1 - exp(-k t)); c t where nothing loses contact. */
function freshLossC(freshC: number, { corrosion, perS }: Rates, elapsedS: number): number {
  const lostC =
    perS === 0 ? corrosion * elapsedS : (freshC + corrosion / perS) * -Math.expm1(-perS * elapsedS);
  return Math.min(freshC, lostC);
}
