// CALC3: statistics over the trace buffer (p. 9-5, 18-42). Pure.
import type { Reading } from './reading.ts';
import { isNumber } from './reading.ts';

/** One value for each of voltage, current and resistance that the buffer holds, in this order. */
export function statisticsOf(readings: readonly Reading[], kind: string): readonly number[] {
  const columns = [
    readings.map(({ voltageV }) => voltageV),
    readings.map(({ currentA }) => currentA),
    readings.map(({ resistanceOhm }) => resistanceOhm),
  ];
  return columns.filter((column) => column.every(isNumber)).map((column) => statisticOf(column, kind));
}

function statisticOf(values: readonly number[], kind: string): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  switch (kind) {
    case 'SDEV':
      return deviationOf(values, mean);
    case 'MAX':
      return high;
    case 'MIN':
      return low;
    case 'PKPK':
      return high - low;
    default:
      return mean;
  }
}

/** Of a sample: divided by n - 1 (p. 9-7). */
function deviationOf(values: readonly number[], mean: number): number {
  if (values.length < 2) return 0;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
