// Values as they may be printed: with their uncertainty, and with no digit beyond it. Pure.
import { assert } from '../base/assert.ts';

export interface RoundedValue {
  readonly valueText: string;
  readonly uncertaintyText: string;
}

/**
 * The uncertainty to one significant digit, rounded up; the value to the same place: 99.6234 with 0.0566 is
 * `99.62` and `0.06`. Both in the same unit; the uncertainty is above zero.
 */
export function roundToUncertainty(value: number, uncertainty: number): RoundedValue {
  assert(Number.isFinite(value), 'a value with an uncertainty is finite');
  assert(uncertainty > 0 && Number.isFinite(uncertainty), 'an uncertainty is above zero and finite');
  // Rounding up may carry into the next place: 0.096 is 0.1, and the value then has one digit less. The ten
  // digits take out what binary fractions add: 3e-5 / 1e-5 is above 3.
  const place = Math.floor(Math.log10(uncertainty));
  const leading = Math.ceil(Number((uncertainty / 10 ** place).toPrecision(10)));
  const lastPlace = leading === 10 ? place + 1 : place;
  const decimals = Math.max(0, -lastPlace);
  const atPlace = (figure: number): string => {
    const rounded = lastPlace > 0 ? Math.round(figure / 10 ** lastPlace) * 10 ** lastPlace : figure;
    // A small negative value rounds to nothing, not to `-0`.
    return rounded.toFixed(decimals).replace(/^-(?=[0.]*$)/, '');
  };
  return { valueText: atPlace(value), uncertaintyText: atPlace(leading * 10 ** place) };
}
