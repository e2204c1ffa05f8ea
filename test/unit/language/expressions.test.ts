// Goal: a line of arithmetic becomes exactly the integer that a person with a pencil gets, or one line that
// says where it is wrong and what to write. Method: tables of texts; properties against integer arithmetic;
// hostile texts under a bound of time.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberOf, quantityOf, wordsOfDimensions } from '../../../src/language/dimensions.ts';
import {
  type Environment,
  evaluateCondition,
  evaluateExpression,
  evaluateInteger,
  quantityOfParameter,
  type Wanted,
} from '../../../src/language/evaluate.ts';
import type { ExactQuantity } from '../../../src/language/expression.ts';
import { alongLine, parseCondition, parseExpression } from '../../../src/language/parse-expression.ts';

const NAMES: Environment = new Map<string, ExactQuantity | string>([
  ['j', quantityOf('currentDensity', 1_000_000_000n)],
  ['area', quantityOf('area', 1_130_000n)],
  ['capacity', quantityOf('charge', 3_600_000_000n)],
  ['mass', quantityOf('mass', 12_500n)],
  ['h', numberOf(7n)],
  ['cycles', quantityOfParameter(5, null)],
  ['fixed', 'charge'],
]);
const at = alongLine({ line: 3, column: 10 });

/** The integer, or `column: message`. */
function integer(text: string, wanted: Wanted): number | string {
  const parsed = parseExpression(text, at);
  if (!parsed.ok) return `${parsed.problem.column}: ${parsed.problem.message}`;
  const result = evaluateInteger(parsed.value, wanted, NAMES);
  return result.ok ? result.value : `${result.problem.column}: ${result.problem.message}`;
}

function holds(text: string): boolean | string {
  const parsed = parseCondition(text, at, (name) => name === 'fixed');
  if (!parsed.ok) return `${parsed.problem.column}: ${parsed.problem.message}`;
  const result = evaluateCondition(parsed.value, NAMES);
  return result.ok ? result.value : `${result.problem.column}: ${result.problem.message}`;
}

describe('an expression', () => {
  it.each<[string, Wanted, number]>([
    ['j * area', 'current', 1_130_000_000],
    ['-0.5 V', 'voltage', -500_000_000],
    ['0.1 V + 0.2 V - 0.3 V', 'voltage', 0],
    ['2 + 3 * 4', 'number', 14],
    ['(2 + 3) * 4', 'number', 20],
    ['20 / 2 / 5', 'number', 2],
    ['10 - 3 - 2', 'number', 5],
    ['--3', 'count', 3],
    ['2 * -3', 'number', -6],
    ['2 h', 'time', 7_200_000_000],
    ['2 * h', 'number', 14],
    ['2h', 'time', 7_200_000_000],
    ['0.5 1/h * capacity', 'current', 500_000_000],
    ['10 um * 1 cm2 * 5855 mAh/cm3', 'charge', 21_078_000_000],
    ['mass * 200 mAh/g', 'charge', 9_000_000_000],
    ['5 mg/cm2 * area * 100 mA/g', 'current', 565_000_000],
    ['capacity / (j * area)', 'time', 3_185_840_708],
    ['80 % * capacity', 'charge', 2_880_000_000],
    ['80 %', 'ratio', 800_000],
    ['1.2', 'ratio', 1_200_000],
    ['1 mV/s', 'scanRate', 1_000_000],
    ['100 kHz', 'frequency', 100_000_000],
    ['1 V / 1 mA', 'resistance', 1_000_000],
    ['5 mA/area', 'currentDensity', 4_424_778_761],
    ['5 mA cm⁻²', 'currentDensity', 5_000_000_000],
    ['5 µA/cm²', 'currentDensity', 5_000_000],
    ['min(3, 1, 2)', 'number', 1],
    ['max(1 mA, j * area)', 'current', 1_130_000_000],
    ['abs(-2 mV)', 'voltage', 2_000_000],
    ['1e-3 A', 'current', 1_000_000_000],
    ['1.5 us', 'time', 2],
    ['-1.5 us', 'time', -2],
    ['1.4999 us', 'time', 1],
    ['5 / 2', 'number', 3],
    ['2 × 3 − 1', 'number', 5],
  ])('%s as %s is %s', (text, wanted, expected) => {
    expect(integer(text, wanted)).toBe(expected);
  });

  it.each<[string, Wanted, string | RegExp]>([
    ['j * aera', 'current', /^14: unknown name "aera"; did you mean "area"\?$/],
    ['j + area', 'current', /^12: "\+" of a current density and an area; both must be of the same kind$/],
    ['j * area', 'voltage', /^12: found a current, a voltage is wanted; write it like "0.5 V"$/],
    ['1 mA * 1 mA', 'current', /found charge\^2\/time\^2, a current is wanted/],
    ['0', 'voltage', /found a pure number, a voltage is wanted; write it like "0.5 V"/],
    ['2.5', 'count', '10: 5/2 is not a whole number'],
    ['1 / 0', 'number', '12: divides by 0'],
    ['fixed', 'number', /"fixed" is a choice, not a quantity/],
    ['min(1 V, 1 A)', 'voltage', /^19: min\(\) of a voltage and a current/],
    ['1 mah', 'charge', /^12: unknown unit "mah"; did you mean "mAh"\?/],
    ['1 mA/cm3', 'current', /^15: unknown name "cm3"/],
    ['2 j', 'number', /unknown unit "j"/],
    ['2 (3)', 'number', /^12: found "\(", the expression is complete before it/],
    ['j area', 'current', /^12: found "area", an operator is wanted before it/],
    ['(1 + 2', 'number', /^16: found the end, "\)" or an operator is wanted/],
    ['1 +', 'number', /^13: found the end, a number, a name or "\(" is wanted/],
    ['', 'number', /^10: found the end/],
    ['sqrt(2)', 'number', /unknown function "sqrt"; there are min, max, abs/],
    ['abs(1, 2)', 'number', /abs\(\) of 2 values; it takes 1/],
    ['min(1)', 'number', /min\(\) of 1 values; it takes 2 … 16/],
    ['.5 V', 'voltage', /write a number like 0.5/],
    ['2 ^ 3', 'number', /^12: found "\^"; allowed: numbers with units/],
    ['1e20 h', 'time', /too large for a time/],
    ['1e31', 'number', /more than 30 digits/],
    ['constructor', 'number', /unknown name "constructor"/],
    ['__proto__ + 1', 'number', /unknown name "__proto__"/],
  ])('"%s" as %s is refused: %s', (text, wanted, message) => {
    expect(integer(text, wanted)).toMatch(message);
  });

  it('of integers is what integers give, however it is put together', () => {
    const leaf = fc.integer({ min: -1000, max: 1000 }).map((value) => ({ text: `(${value})`, value }));
    const tree = fc.letrec<{ node: { text: string; value: number } }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc
          .tuple(tie('node'), fc.constantFrom('+' as const, '-' as const, '*' as const), tie('node'))
          .map(([left, operator, right]) => {
            const text = `(${left.text} ${operator} ${right.text})`;
            if (operator === '+') return { text, value: left.value + right.value };
            if (operator === '-') return { text, value: left.value - right.value };
            return { text, value: left.value * right.value };
          }),
      ),
    }));
    fc.assert(
      fc.property(tree.node, ({ text, value }) => {
        fc.pre(text.length <= 400 && Number.isSafeInteger(value));
        expect(integer(text, 'number')).toBe(value + 0);
      }),
    );
  });

  it('never throws on any text', () => {
    const piece = fc.constantFrom(
      '1',
      '2.5 ',
      'mA',
      ' / ',
      '*',
      '(',
      ')',
      '-',
      'min(',
      ',',
      '%',
      'j',
      '1/h',
      'é',
    );
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (any) => {
        const results = [integer(any, 'number'), holds(any)];
        expect(results.every((result) => !String(result).includes('\n') || any.includes('\n'))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a hostile expression', () => {
  it.each<[string, string]>([
    ['a million characters', '1+'.repeat(500_000)],
    ['parentheses without end', '('.repeat(1_000_000)],
    ['many parentheses within the length', `${'('.repeat(190)}1${')'.repeat(190)}`],
    ['many signs within the length', `${'-'.repeat(390)}1`],
    ['many calls within the length', `${'abs('.repeat(80)}1${')'.repeat(70)}`],
    ['a number of many digits', '9'.repeat(300)],
  ])('of %s is refused at once', (_what, text) => {
    const start = performance.now();
    const result = parseExpression(text, at);
    expect(result.ok).toBe(false);
    expect(performance.now() - start).toBeLessThan(200);
  });

  it('that multiplies itself up over many names is refused before it takes time', () => {
    const environment = new Map(NAMES);
    let last = '1e30';
    let refusal = '';
    for (let index = 0; index < 50 && refusal === ''; index += 1) {
      const parsed = parseExpression(Array.from({ length: 30 }, () => last).join(' * '), at);
      if (!parsed.ok) throw new Error(parsed.problem.message);
      const result = evaluateExpression(parsed.value, environment);
      if (result.ok) environment.set(`x${index}`, result.value);
      else refusal = result.problem.message;
      last = `x${index}`;
    }
    expect(refusal).toMatch(/beyond all measure/);
  });
});

describe('a condition', () => {
  it.each<[string, boolean]>([
    ['cycles > 0', true],
    ['cycles <= 4', false],
    ['0.1 V + 0.2 V == 0.3 V', true],
    ['j * area != 1.13 mA', false],
    ['fixed == charge', true],
    ['fixed != charge', false],
    ['fixed == time', false],
    ['2 * cycles >= 10', true],
    ['cycles < 6', true],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  it.each<[string, RegExp]>([
    ['cycles', /found the end, a comparison is wanted: < <= > >= == !=/],
    ['cycles = 5', /^17: found "=", a comparison is wanted.*equal is ==/],
    ['cycles > 1 mA', /^17: ">" of a pure number and a current/],
    ['1 < 2 < 3', /found "<", the expression is complete before it/],
  ])('%s is refused', (text, message) => {
    expect(holds(text)).toMatch(message);
  });
});

describe('a dimension in a message', () => {
  it('has its usual name, or its exponents', () => {
    expect(wordsOfDimensions(quantityOf('arealMass', 1n).dimensions)).toBe('an areal mass');
    expect(wordsOfDimensions(numberOf(1n).dimensions)).toBe('a pure number');
    const odd = { time: -2, charge: 1, voltage: 0, length: 0, mass: -1 };
    expect(wordsOfDimensions(odd)).toBe('charge/mass/time^2');
  });
});
