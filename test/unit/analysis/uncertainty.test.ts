// Goal: no digit is printed beyond the uncertainty. Method: a table worked out by hand, and a property.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundToUncertainty } from '../../../src/analysis/uncertainty.ts';

describe('a value with its uncertainty', () => {
  it.each([
    [99.6234, 0.0566, '99.62', '0.06'],
    [99.6234, 0.05, '99.62', '0.05'],
    [99.6234, 0.000_03, '99.62340', '0.00003'],
    [99.6234, 0.096, '99.6', '0.1'],
    [99.6234, 0.61, '99.6', '0.7'],
    [99.6234, 1, '100', '1'],
    [99.6234, 12, '100', '20'],
    [99.96, 0.1, '100.0', '0.1'],
    [-0.004, 0.01, '0.00', '0.01'],
    [-0.4, 0.01, '-0.40', '0.01'],
    [1234.5, 100, '1200', '100'],
  ])('%f with %f is %s +- %s', (value, uncertainty, valueText, uncertaintyText) => {
    expect(roundToUncertainty(value, uncertainty)).toEqual({ valueText, uncertaintyText });
  });

  it('never tells the uncertainty smaller than it is, nor moves the value by more than it', () => {
    const values = fc.double({ min: -1000, max: 1000, noNaN: true });
    const uncertainties = fc.double({ min: 1e-6, max: 100, noNaN: true });
    fc.assert(
      fc.property(values, uncertainties, (value, uncertainty) => {
        const { valueText, uncertaintyText } = roundToUncertainty(value, uncertainty);
        expect(Number(uncertaintyText)).toBeGreaterThanOrEqual(uncertainty * (1 - 1e-9));
        expect(Number(uncertaintyText)).toBeLessThanOrEqual(uncertainty * 2.0001);
        expect(Math.abs(Number(valueText) - value)).toBeLessThanOrEqual(Number(uncertaintyText));
        expect(/[.](\d+)$/.exec(valueText)?.[1]?.length).toBe(/[.](\d+)$/.exec(uncertaintyText)?.[1]?.length);
      }),
    );
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses an uncertainty of %d', (uncertainty) => {
    expect(() => roundToUncertainty(1, uncertainty)).toThrow(/uncertainty/);
  });
});
