// Goal: what an operator writes becomes exactly that integer, or one line that says what to write instead.
// Method: tables of good and bad texts; properties over random decimals against integer arithmetic.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Dimension,
  formatQuantity,
  multiplyDivide,
  parseQuantity,
  perArea,
} from '../../../src/base/quantity.ts';

const DIMENSIONS: readonly Dimension[] = [
  'time',
  'voltage',
  'current',
  'charge',
  'area',
  'currentDensity',
  'arealCharge',
  'ratio',
  'length',
  'mass',
  'arealMass',
  'specificCapacity',
  'specificCurrent',
  'volumetricCapacity',
  'rate',
  'frequency',
  'scanRate',
];

function valueOf(text: string, dimension: Dimension): number {
  const parsed = parseQuantity(text, dimension);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
}

describe('parsing a quantity', () => {
  it.each<[string, Dimension, number]>([
    ['1 us', 'time', 1],
    ['250ms', 'time', 250_000],
    ['10 s', 'time', 10_000_000],
    ['6 h', 'time', 21_600_000_000],
    ['60 d', 'time', 5_184_000_000_000],
    ['0.5 V', 'voltage', 500_000_000],
    ['-2 mV', 'voltage', -2_000_000],
    ['+3.3V', 'voltage', 3_300_000_000],
    ['1.13 mA', 'current', 1_130_000_000],
    ['17 nA', 'current', 17_000],
    ['1 mAh', 'charge', 3_600_000_000],
    ['3.6 C', 'charge', 3_600_000_000],
    ['1.13 cm2', 'area', 1_130_000],
    ['113 mm2', 'area', 1_130_000],
    ['1 mA/cm2', 'currentDensity', 1_000_000_000],
    ['1mA/cm2', 'currentDensity', 1_000_000_000],
    ['1 mA/cm²', 'currentDensity', 1_000_000_000],
    ['1 mA cm-2', 'currentDensity', 1_000_000_000],
    ['1 mA cm^-2', 'currentDensity', 1_000_000_000],
    ['1 mA cm⁻²', 'currentDensity', 1_000_000_000],
    ['1 mA·cm⁻²', 'currentDensity', 1_000_000_000],
    ['5 µA/cm2', 'currentDensity', 5_000_000],
    ['5 μA/cm2', 'currentDensity', 5_000_000],
    ['1 mAh/cm2', 'arealCharge', 3_600_000_000],
    ['5 %', 'ratio', 50_000],
    ['20 ppm', 'ratio', 20],
    ['10 um', 'length', 10_000],
    ['0.03 mm', 'length', 30_000],
    ['12.5 mg', 'mass', 12_500],
    ['5 mg/cm2', 'arealMass', 5_000],
    ['5 mg cm⁻²', 'arealMass', 5_000],
    ['200 mAh/g', 'specificCapacity', 720_000_000_000],
    ['200 mAh g-1', 'specificCapacity', 720_000_000_000],
    ['0.3 A g⁻¹', 'specificCurrent', 300_000_000_000],
    ['5855 mAh/cm3', 'volumetricCapacity', 21_078_000_000_000],
    ['0.5 1/h', 'rate', 500_000],
    ['0.5 h-1', 'rate', 500_000],
    ['100 kHz', 'frequency', 100_000_000],
    ['1 mV/s', 'scanRate', 1_000_000],
    ['1 mV s-1', 'scanRate', 1_000_000],
    ['1e-3 A', 'current', 1_000_000_000],
    ['1.5E3 us', 'time', 1500],
    ['  0.10  V ', 'voltage', 100_000_000],
    ['0 V', 'voltage', 0],
  ])('reads "%s" as %s in base units', (text, dimension, expected) => {
    expect(parseQuantity(text, dimension)).toEqual({ ok: true, value: expected });
  });

  it.each<[string, Dimension, RegExp]>([
    ['1 mA/cm3', 'currentDensity', /unknown unit "mA\/cm3"[;,] did you mean "mA\/cm2"\?/],
    ['1 ma/cm2', 'currentDensity', /unknown unit "ma\/cm2"[;,] did you mean "mA\/cm2"\?/],
    ['10 sec', 'time', /unknown unit "sec"[;,] did you mean "s"\?/],
    ['1 mah', 'charge', /did you mean "mAh"\?/],
    ['10 fortnights', 'time', /unknown unit "fortnights".*: us, ms, s, min, h, d/],
    ['1 Hz', 'rate', /is a frequency, expected a rate; write it like "0.5 1\/h"/],
    ['1 mA/G', 'specificCurrent', /did you mean "mA\/g"\?/],
    ['1', 'currentDensity', /"1" has no unit; write it like "1 mA\/cm2"/],
    ['5 m', 'time', /unknown unit "m"/],
    ['1 mA', 'voltage', /is a current, expected a voltage; write it like "0.5 V"/],
    ['1 mA', 'currentDensity', /is a current, expected a current density/],
    ['1 mAh', 'arealCharge', /is a charge, expected an areal charge/],
    ['1 cm2', 'time', /is an area, expected a time/],
    ['', 'time', /is not a number with a unit; write it like "10 s"/],
    ['ten s', 'time', /"ten s" is not a number with a unit/],
    ['.5 V', 'voltage', /is not a number with a unit/],
    ['0x10 V', 'voltage', /unknown unit "x10V"/],
    ['1,13 cm2', 'area', /unknown unit ",13cm2"/],
    ['1 2 V', 'voltage', /unknown unit "2V"/],
    ['NaN V', 'voltage', /is not a number with a unit/],
    ['Infinity s', 'time', /is not a number with a unit/],
    ['1e30 V', 'voltage', /"1e30 V" is too large/],
    ['9007199254740993 us', 'time', /is too large/],
  ])('refuses "%s" and says why and what to write', (text, dimension, message) => {
    const parsed = parseQuantity(text, dimension);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? '' : parsed.message).toMatch(message);
    expect(parsed.ok ? '' : parsed.message).not.toContain('\n');
  });

  it('rounds what is finer than a base unit to the halves away from zero', () => {
    expect(valueOf('1.4 us', 'time')).toBe(1);
    expect(valueOf('1.5 us', 'time')).toBe(2);
    expect(valueOf('-1.5 us', 'time')).toBe(-2);
    expect(Object.is(valueOf('-0.1 us', 'time'), 0)).toBe(true);
  });

  it('is exact where floating point is not', () => {
    // 0.1 + 0.2, 1.005 * 1000 and 4.35 * 100 are the classics; 1.13 * 1e9 and 8.41 * 1e9 ours.
    expect(valueOf('0.3 V', 'voltage')).toBe(valueOf('0.1 V', 'voltage') + valueOf('0.2 V', 'voltage'));
    expect(valueOf('1.005 V', 'voltage')).toBe(1_005_000_000);
    expect(valueOf('8.41 mA', 'current')).toBe(8_410_000_000);
  });

  it('reads any decimal of up to nine places as the integer it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9e15, max: 9e15 }), (nanovolts) => {
        const digits = String(Math.abs(nanovolts)).padStart(10, '0');
        const text = `${nanovolts < 0 ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)} V`;
        expect(valueOf(text, 'voltage')).toBe(nanovolts);
      }),
    );
  });
});

describe('formatting a quantity', () => {
  it('and parsing it again is the identity in every dimension', () => {
    const integer = fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 });
    const value = fc.oneof(integer, fc.integer({ min: -10_000, max: 10_000 }));
    fc.assert(
      fc.property(value, fc.constantFrom(...DIMENSIONS), (original, dimension) => {
        const text = formatQuantity(original, dimension);
        expect(valueOf(text, dimension)).toBe(original);
        expect(formatQuantity(valueOf(text, dimension), dimension)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[number, Dimension, string]>([
    [1_130_000_000, 'current', '1.13 mA'],
    [4_068_000_000, 'charge', '1.13 mAh'],
    [-50_000_000, 'voltage', '-0.05 V'],
    [0, 'time', '0 s'],
    [1, 'time', '0.000001 s'],
    [1_130_000, 'area', '1.13 cm2'],
    [50_000, 'ratio', '5 %'],
  ])('writes %s as an operator would', (value, dimension, text) => {
    expect(formatQuantity(value, dimension)).toBe(text);
  });
});

describe('arithmetic of quantities', () => {
  it('makes 4 068 000 000 nC of 1 mAh/cm2 on 1.13 cm2, exactly', () => {
    const chargeNc = perArea(valueOf('1 mAh/cm2', 'arealCharge'), valueOf('1.13 cm2', 'area'));
    expect(chargeNc).toBe(4_068_000_000);
    expect(perArea(valueOf('1 mA/cm2', 'currentDensity'), valueOf('1.13 cm2', 'area'))).toBe(1_130_000_000);
  });

  it('multiplies and divides without an intermediate rounding, also beyond 2^53', () => {
    const whole = fc.integer({ min: -(10 ** 12), max: 10 ** 12 });
    const divisor = fc.integer({ min: 1, max: 10 ** 12 });
    fc.assert(
      fc.property(whole, fc.integer({ min: 0, max: 1000 }), divisor, (value, factor, by) => {
        const result = BigInt(multiplyDivide(value, factor, by));
        const remainder = BigInt(value) * BigInt(factor) - result * BigInt(by);
        expect(2n * (remainder < 0n ? -remainder : remainder) <= BigInt(by)).toBe(true);
      }),
    );
    expect(multiplyDivide(9_007_199_254_740_991, 1_000_000, 1_000_000)).toBe(9_007_199_254_740_991);
    expect(multiplyDivide(-3, 1, 2)).toBe(-2);
  });
});
