// Columns of numbers that belong together: a batch of samples is one array per quantity, all of one length.
import { assert } from './assert.ts';

/** One value of a column; fails an assertion behind its end: the columns of a batch have equal length. */
export function valueAt(column: readonly number[], index: number): number {
  const value = column[index];
  assert(value !== undefined, 'columns of a batch have equal length');
  return value;
}
