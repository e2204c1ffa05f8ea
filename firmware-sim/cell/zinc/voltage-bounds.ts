// Bounds of a cell's voltage between two instants. Must never be too narrow: limits are found with them.
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

/** Potentials of bare substrates move evenly, so their ends bound them. */
export function boundsOf(
  working: ElectrodePiece,
  counter: ElectrodePiece,
  { span, lowSum, highSum }: { readonly span: Span; readonly lowSum: number; readonly highSum: number },
): Bounds {
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
export function rootGrain(...densities: readonly number[]): number {
  return 8 * Number.EPSILON * densities.reduce((sum, density) => sum + Math.abs(density), 0);
}
