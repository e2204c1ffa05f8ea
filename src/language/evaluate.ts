// Works out expressions and conditions: exact fractions with dimensions, from names to values, and at the
// very end one rounding to an integer of a base unit. Fails as a value with the place; never through
// floating point, and never into numbers so long that they take time.
import { assert } from '../base/assert.ts';
import { type Dimension, exampleOf, wordsOf } from '../base/quantity.ts';
import { suggestion } from '../base/suggestion.ts';
import {
  areSameDimensions,
  combinedDimensions,
  dimensionsOf,
  magnitude,
  numberOf,
  PURE,
  quantityOf,
  reduced,
  unitsIn,
  wordsOfDimensions,
} from './dimensions.ts';
import type { Condition, ExactQuantity, Expression, Place } from './expression.ts';
import type { SourceProblem } from './source-tree.ts';

/** What names stand for: a quantity, or the word of a choice. */
export type Environment = ReadonlyMap<string, ExactQuantity | string>;

export type Evaluated<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: SourceProblem };

/**
 * What an integer is wanted of: a dimension of base/quantity.ts in its base unit (pA, nV, us, nC, ppm, mHz,
 * nV/s …), `number`: a pure number, rounded; `count`: a pure number that must be whole.
 */
export type Wanted = Dimension | 'number' | 'count';

/** No quantity of an experiment comes near; powers of powers are refused before they take time. */
const MAGNITUDE_MAX = 1n << 512n;

/** The exact value of an expression. Problems: unknown names, dimensions that do not fit, division by 0. */
export function evaluateExpression(
  expression: Expression,
  environment: Environment,
): Evaluated<ExactQuantity> {
  const result = evaluateNode(expression, environment);
  if (!result.ok) return result;
  const { numerator, denominator } = result.value;
  if (magnitude(numerator) <= MAGNITUDE_MAX && denominator <= MAGNITUDE_MAX) return result;
  return refused(expression.at, 'the value is beyond all measure');
}

function evaluateNode(expression: Expression, environment: Environment): Evaluated<ExactQuantity> {
  switch (expression.kind) {
    case 'literal':
      return valued(expression.value);
    case 'name':
      return valueOfName(expression, environment);
    case 'negative': {
      const operand = evaluateExpression(expression.operand, environment);
      if (!operand.ok) return operand;
      return valued({ ...operand.value, numerator: -operand.value.numerator });
    }
    case 'binary':
      return evaluateBinary(expression, environment);
    case 'call':
      return evaluateCall(expression, environment);
  }
}

function valueOfName(
  { name, at }: { readonly name: string; readonly at: Place },
  environment: Environment,
): Evaluated<ExactQuantity> {
  const value = environment.get(name);
  if (value === undefined)
    return refused(at, `unknown name "${name}"; ${suggestion(name, [...environment.keys()])}`);
  if (typeof value !== 'string') return valued(value);
  return refused(at, `"${name}" is a choice, not a quantity; compare it: ${name} == ${value}`);
}

function evaluateBinary(
  expression: Extract<Expression, { kind: 'binary' }>,
  environment: Environment,
): Evaluated<ExactQuantity> {
  const left = evaluateExpression(expression.left, environment);
  if (!left.ok) return left;
  const right = evaluateExpression(expression.right, environment);
  if (!right.ok) return right;
  const [a, b] = [left.value, right.value];
  switch (expression.operator) {
    case '*': {
      const dimensions = combinedDimensions('*', a.dimensions, b.dimensions);
      return valued(reduced(a.numerator * b.numerator, a.denominator * b.denominator, dimensions));
    }
    case '/': {
      if (b.numerator === 0n) return refused(expression.at, 'divides by 0');
      const dimensions = combinedDimensions('/', a.dimensions, b.dimensions);
      return valued(reduced(a.numerator * b.denominator, a.denominator * b.numerator, dimensions));
    }
    case '+':
    case '-': {
      const { operator, at } = expression;
      if (!areSameDimensions(a.dimensions, b.dimensions)) return refused(at, mismatch(`"${operator}"`, a, b));
      const second = (operator === '+' ? b.numerator : -b.numerator) * a.denominator;
      const sum = a.numerator * b.denominator + second;
      return valued(reduced(sum, a.denominator * b.denominator, a.dimensions));
    }
  }
}

function evaluateCall(
  expression: Extract<Expression, { kind: 'call' }>,
  environment: Environment,
): Evaluated<ExactQuantity> {
  let best: ExactQuantity | null = null;
  for (const operand of expression.operands) {
    const result = evaluateExpression(operand, environment);
    if (!result.ok) return result;
    const { value } = result;
    if (expression.function === 'abs') return valued({ ...value, numerator: magnitude(value.numerator) });
    if (best !== null && !areSameDimensions(best.dimensions, value.dimensions))
      return refused(operand.at, mismatch(`${expression.function}()`, best, value));
    if (best === null || (expression.function === 'min') === compare(value, best) < 0) best = value;
  }
  assert(best !== null, 'a call has an operand');
  return valued(best);
}

/** Below 0, 0, above 0, of two quantities of the same dimensions. */
function compare(a: ExactQuantity, b: ExactQuantity): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** Whether a condition holds. Compared exactly: `0.1 V + 0.2 V == 0.3 V`. */
export function evaluateCondition(condition: Condition, environment: Environment): Evaluated<boolean> {
  if (condition.kind === 'choice') {
    const { name, word, operator, at } = condition;
    const value = environment.get(name);
    if (typeof value !== 'string') return refused(at, `"${name}" is no choice among words`);
    return valued((value === word) === (operator === '=='));
  }
  const left = evaluateExpression(condition.left, environment);
  if (!left.ok) return left;
  const right = evaluateExpression(condition.right, environment);
  if (!right.ok) return right;
  if (!areSameDimensions(left.value.dimensions, right.value.dimensions))
    return refused(condition.at, mismatch(`"${condition.operator}"`, left.value, right.value));
  const order = compare(left.value, right.value);
  const holds: Readonly<Record<typeof condition.operator, boolean>> = {
    '<': order < 0,
    '<=': order <= 0,
    '>': order > 0,
    '>=': order >= 0,
    '==': order === 0,
    '!=': order !== 0,
  };
  return valued(holds[condition.operator]);
}

/** Evaluates and rounds in one go; see `integerOf`. */
export function evaluateInteger(
  expression: Expression,
  wanted: Wanted,
  environment: Environment,
): Evaluated<number> {
  const result = evaluateExpression(expression, environment);
  return result.ok ? integerOf(result.value, wanted, expression.at) : result;
}

/**
 * The integer of the wanted base unit, halves away from zero. Problems: another dimension, a count that is
 * not whole, a value beyond 2^53.
 */
export function integerOf(quantity: ExactQuantity, wanted: Wanted, at: Place): Evaluated<number> {
  if (!areSameDimensions(quantity.dimensions, dimensionsWanted(wanted)))
    return refused(at, wrongDimension(quantity, wanted));
  const isPure = wanted === 'number' || wanted === 'count';
  const { numerator, denominator } = isPure ? quantity : unitsIn(quantity, wanted);
  if (wanted === 'count' && denominator !== 1n)
    return refused(at, `${numerator}/${denominator} is not a whole number`);
  const rounded = (2n * magnitude(numerator) + denominator) / (2n * denominator);
  const value = Number(numerator < 0n ? -rounded : rounded);
  if (!Number.isSafeInteger(value)) return refused(at, `the value is too large for ${wordsWanted(wanted)}`);
  return valued(value);
}

/** Exponents that go with what is wanted. */
export function dimensionsWanted(wanted: Wanted): ExactQuantity['dimensions'] {
  return wanted === 'number' || wanted === 'count' ? PURE : dimensionsOf(wanted);
}

/** `found a current, a voltage is wanted; write it like "0.5 V"`. */
export function wrongDimension(found: Pick<ExactQuantity, 'dimensions'>, wanted: Wanted): string {
  const isPure = wanted === 'number' || wanted === 'count';
  const example = isPure ? '3' : exampleOf(wanted);
  const words = wordsOfDimensions(found.dimensions);
  return `found ${words}, ${wordsWanted(wanted)} is wanted; write it like "${example}"`;
}

function wordsWanted(wanted: Wanted): string {
  if (wanted === 'number') return 'a pure number';
  return wanted === 'count' ? 'a whole number' : wordsOf(wanted);
}

/** What is said of two operands that cannot be added or compared. */
export function mismatch(
  operation: string,
  left: Pick<ExactQuantity, 'dimensions'>,
  right: Pick<ExactQuantity, 'dimensions'>,
): string {
  const [first, second] = [wordsOfDimensions(left.dimensions), wordsOfDimensions(right.dimensions)];
  return `${operation} of ${first} and ${second}; both must be of the same kind`;
}

/** A parameter's number (see `ParameterValues`) as a quantity: in base units, or a count where null. */
export function quantityOfParameter(value: number, dimension: Dimension | null): ExactQuantity {
  const whole = BigInt(value);
  return dimension === null ? numberOf(whole) : quantityOf(dimension, whole);
}

function valued<Value>(value: Value): Evaluated<Value> {
  return { ok: true, value };
}

function refused(at: Place, message: string): { readonly ok: false; readonly problem: SourceProblem } {
  return { ok: false, problem: { line: at.line, column: at.column, message } };
}
