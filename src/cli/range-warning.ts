// Tells the operator of a run whose current is small for the smallest range that holds it: the offset of a
// range counts in full, however little of it is used.
import { formatQuantity } from '../base/quantity.ts';

interface InstrumentMeta {
  readonly isRangePoorlyUsed: boolean;
  readonly rangeFullScalePa: number;
  readonly currentMaxPa: number;
  readonly currentErrorPa: number;
}

/** One line, from the `instrument` of a run's meta; null where there is nothing to tell. */
export function rangeWarning(meta: Readonly<Record<string, unknown>>): string | null {
  const instrument = meta['instrument'] as Partial<InstrumentMeta> | undefined;
  const { isRangePoorlyUsed, rangeFullScalePa, currentMaxPa, currentErrorPa } = instrument ?? {};
  const isKnown =
    rangeFullScalePa !== undefined && currentMaxPa !== undefined && currentErrorPa !== undefined;
  if (isRangePoorlyUsed !== true || !isKnown) return null;
  const used = ((100 * currentMaxPa) / rangeFullScalePa).toPrecision(2);
  const offset = ((100 * currentErrorPa) / currentMaxPa).toPrecision(2);
  const range = formatQuantity(rangeFullScalePa, 'current');
  const found = `warning: the largest current is ${used} % of its range (${range})`;
  return `${found}, whose offset may be ${offset} % of it`;
}
