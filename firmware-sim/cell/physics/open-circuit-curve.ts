// Open-circuit voltage over the share of charge: a rising table, and the straight steep walls that stand for
// an electrode driven beyond empty or full. Must never fall, nor jump.
import { assert } from '../../../src/base/assert.ts';

export interface OpenCircuitPoint {
  /** 0 empty, 1 full. */
  readonly share: number;
  readonly voltageV: number;
}

/** A tenth of the capacity too much moves the voltage by 2 V: past any limit, yet finite. */
const BEYOND_V_PER_SHARE = 20;

/**
 * Zn||MnO2 with a mildly acid electrolyte. Illustrative numbers: the two steps of a proton and zinc
 * coinsertion (the shape of Sun et al., J. Am. Chem. Soc. 2017, 139, 9775), not a measurement.
 */
export const ZINC_MANGANESE_CURVE: readonly OpenCircuitPoint[] = [
  { share: 0, voltageV: 0.8 },
  { share: 0.03, voltageV: 1.12 },
  { share: 0.1, voltageV: 1.22 },
  { share: 0.3, voltageV: 1.27 },
  { share: 0.5, voltageV: 1.31 },
  { share: 0.6, voltageV: 1.36 },
  { share: 0.8, voltageV: 1.42 },
  { share: 0.95, voltageV: 1.5 },
  { share: 1, voltageV: 1.65 },
];

/** Asserts that a table goes from 0 to 1 and rises at every point. */
export function assertRising(curve: readonly OpenCircuitPoint[]): void {
  assert(curve.length >= 2, 'an open-circuit curve must have two points at least');
  assert(
    curve[0]?.share === 0 && curve.at(-1)?.share === 1,
    'an open-circuit curve must go from share 0 to 1',
  );
  for (const [n, point] of curve.entries()) {
    const before = curve[n - 1];
    const isRising = before === undefined || (point.share > before.share && point.voltageV > before.voltageV);
    assert(
      isRising && Number.isFinite(point.voltageV),
      `an open-circuit curve must rise, point ${n} does not`,
    );
  }
}

/** Voltage in V at `share`, between points by straight lines; any finite share, also beyond 0 and 1. */
export function openCircuitV(curve: readonly OpenCircuitPoint[], share: number): number {
  let left = curve[0];
  for (const right of curve) {
    if (left !== undefined && share < right.share) return voltageOnLine(left, right, share);
    left = right;
  }
  return (left?.voltageV ?? 0) + BEYOND_V_PER_SHARE * (share - (left?.share ?? 0));
}

function voltageOnLine(left: OpenCircuitPoint, right: OpenCircuitPoint, share: number): number {
  // Before the first point both are that point.
  if (left === right) return left.voltageV + BEYOND_V_PER_SHARE * (share - left.share);
  const slope = (right.voltageV - left.voltageV) / (right.share - left.share);
  return left.voltageV + slope * (share - left.share);
}
