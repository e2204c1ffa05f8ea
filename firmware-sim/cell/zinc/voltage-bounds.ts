// Bounds of a cell's voltage between two instants. Must never be too narrow: limits are found with them.
import type { DiffusionModes } from '../physics/diffusion.ts';
import type { ElectrodePiece, Span } from './electrode-piece.ts';

/** Of the terms that do not depend on the current: potentials of bare substrates, and the surface sum S. */
export interface Bounds {
  readonly lowV: number;
  readonly highV: number;
  readonly lowSum: number;
  readonly highSum: number;
}

/** Rounding of a sum of a few terms, and of a root. */
const ROUNDING = 1e-13;

/** Bounds the electrodes too. Potentials of bare substrates move evenly, so their ends bound them. */
export function boundsOf(
  working: ElectrodePiece,
  counter: ElectrodePiece,
  diffusion: DiffusionModes,
  span: Span,
): Bounds {
  diffusion.sumRange(span.fromS, span.untilS);
  const { lowSum, highSum } = diffusion;
  working.bound(span);
  counter.bound(span);
  const workingFromV = working.tailV(span.fromS);
  const workingUntilV = working.tailV(span.untilS);
  const counterFromV = counter.tailV(span.fromS);
  const counterUntilV = counter.tailV(span.untilS);
  return {
    lowV: Math.min(workingFromV, workingUntilV) - Math.max(counterFromV, counterUntilV),
    highV: Math.max(workingFromV, workingUntilV) - Math.min(counterFromV, counterUntilV),
    lowSum,
    highSum,
  };
}

/** Two bounds, made wider by what their terms may have been rounded. */
export function widened(
  lowV: number,
  highV: number,
  ohmicV: number,
): { readonly lowV: number; readonly highV: number } {
  const margin = ROUNDING * (ohmicV + Math.abs(lowV) + Math.abs(highV) + 1);
  return { lowV: lowV - margin, highV: highV + margin };
}

/**
 * The last bits of a root among these densities: where the curve is steep they are more than those of a
 * voltage.
 */
function rootGrain(...densities: readonly number[]): number {
  return 8 * Number.EPSILON * densities.reduce((sum, density) => sum + Math.abs(density), 0);
}

/** The lowest and the highest voltage by the ionic density; both rise with it. */
export interface BoundCurves {
  readonly low: (ionic: number) => number;
  readonly high: (ionic: number) => number;
}

/** Encloses the voltage at which electrolyte and bridge carry the density `terminal` together. */
export function sharedRangeV(circuit: {
  readonly curves: BoundCurves;
  /** Of the bridge at either end of the stretch. */
  readonly conductances: readonly number[];
  /** The ionic density at which a curve and a conductance share what flows. */
  readonly solved: (voltageV: (ionic: number) => number, conductance: number) => number;
  readonly terminal: number;
  readonly resistance: number;
}): { readonly lowV: number; readonly highV: number } {
  const { conductances, solved, terminal, resistance } = circuit;
  const { low, high } = circuit.curves;
  // At any conductance the voltage rises with the curve V(j); more conductance brings it nearer to zero,
  // and never beyond: its sign is that of the curve where all of the current is ionic.
  const [least, most] = [Math.min(...conductances), Math.max(...conductances)];
  const lowIonic = solved(low, low(terminal) > 0 ? most : least);
  const highIonic = solved(high, high(terminal) > 0 ? least : most);
  const grain = rootGrain(lowIonic, highIonic, terminal);
  return widened(low(lowIonic - grain), high(highIonic + grain), Math.abs(terminal * resistance));
}

/** Encloses the density at which a voltage is held, with what a bridge takes at either end of the stretch. */
export function heldRange(
  curves: BoundCurves,
  solved: (voltageV: (ionic: number) => number) => number,
  bridge: readonly number[],
): { readonly low: number; readonly high: number } {
  // Where the voltage is at its highest, the least current makes up the one that is held.
  const [lowIonic, highIonic] = [solved(curves.high), solved(curves.low)];
  const grain = rootGrain(lowIonic, highIonic);
  return { low: lowIonic - grain + Math.min(...bridge), high: highIonic + grain + Math.max(...bridge) };
}
