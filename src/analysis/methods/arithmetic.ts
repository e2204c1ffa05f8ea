// Sums, means and lines that several methods need. Pure; of nothing there is no mean.
import { assert } from '../../base/assert.ts';

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** NaN of nothing, so that whatever is made of it is not finite either. */
export function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length;
}

/** NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Of the values among themselves; 0 of fewer than two. */
export function deviationOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return Math.sqrt(sumOf(values.map((value) => (value - mean) ** 2)) / (values.length - 1));
}

export interface Line {
  readonly slope: number;
  readonly intercept: number;
  /** One standard deviation of the slope from the residuals; null of two points, which fit any line. */
  readonly slopeUncertainty: number | null;
}

/** Least squares; null of fewer than two places. Asserts that x and y are equally long. */
export function lineThrough(x: readonly number[], y: readonly number[]): Line | null {
  assert(x.length === y.length, 'a line goes through points');
  const [meanX, meanY] = [meanOf(x), meanOf(y)];
  const sxx = sumOf(x.map((value) => (value - meanX) ** 2));
  if (x.length < 2 || !(sxx > 0)) return null;
  const slope = sumOf(x.map((value, index) => (value - meanX) * ((y[index] ?? 0) - meanY))) / sxx;
  const intercept = meanY - slope * meanX;
  const squares = sumOf(x.map((value, index) => ((y[index] ?? 0) - intercept - slope * value) ** 2));
  const slopeUncertainty = x.length > 2 ? Math.sqrt(squares / (x.length - 2) / sxx) : null;
  return { slope, intercept, slopeUncertainty };
}
