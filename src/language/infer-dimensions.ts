// Checks an expression without knowing any value: names that exist, dimensions that fit. What it passes can
// still divide by 0, but never again meets an unknown name or a sum of a current and a voltage.
import { suggestion } from '../base/suggestion.ts';
import { UNIT_NAMES } from '../base/quantity.ts';
import { areSameDimensions, combinedDimensions } from './dimensions.ts';
import { mismatch } from './evaluate.ts';
import type { Condition, Dimensions, Expression, Place } from './expression.ts';

/** What a name stands for: a quantity of these dimensions (null: reported already), or a choice of words. */
export type NameMeaning =
  | { readonly kind: 'quantity'; readonly dimensions: Dimensions | null }
  | { readonly kind: 'choice'; readonly words: readonly string[] };
export type Scope = ReadonlyMap<string, NameMeaning>;

export type Report = (at: Place, message: string) => void;

/** Dimensions of the result; null where a problem was reported, here or where a name was made. */
export function inferDimensions(expression: Expression, scope: Scope, report: Report): Dimensions | null {
  switch (expression.kind) {
    case 'literal':
      return expression.value.dimensions;
    case 'name':
      return inferName(expression.name, expression.at, { scope, report });
    case 'negative':
      return inferDimensions(expression.operand, scope, report);
    case 'binary': {
      const left = inferDimensions(expression.left, scope, report);
      const right = inferDimensions(expression.right, scope, report);
      if (left === null || right === null) return null;
      const { operator, at } = expression;
      if (operator === '*' || operator === '/') return combinedDimensions(operator, left, right);
      return sameOrNull(`"${operator}"`, [left, right], (message) => report(at, message));
    }
    case 'call': {
      const all = expression.operands.map((operand) => inferDimensions(operand, scope, report));
      const known = all.filter((dimensions) => dimensions !== null);
      if (known.length < all.length) return null;
      return sameOrNull(`${expression.function}()`, known, (message) => report(expression.at, message));
    }
  }
}

/** Reports what is wrong with a condition. */
export function checkCondition(condition: Condition, scope: Scope, report: Report): void {
  if (condition.kind === 'compare') {
    const left = inferDimensions(condition.left, scope, report);
    const right = inferDimensions(condition.right, scope, report);
    if (left === null || right === null) return;
    sameOrNull(`"${condition.operator}"`, [left, right], (message) => report(condition.at, message));
    return;
  }
  const meaning = scope.get(condition.name);
  if (meaning?.kind !== 'choice' || meaning.words.includes(condition.word)) return;
  const found = `"${condition.word}" is no choice of "${condition.name}"`;
  report(condition.at, `${found}; ${suggestion(condition.word, meaning.words)}`);
}

function inferName(
  name: string,
  at: Place,
  { scope, report }: { readonly scope: Scope; readonly report: Report },
): Dimensions | null {
  const meaning = scope.get(name);
  if (meaning?.kind === 'quantity') return meaning.dimensions;
  if (meaning !== undefined)
    report(at, `"${name}" is a choice, not a quantity; use it as: when: ${name} == …`);
  else if (UNIT_NAMES.includes(name)) report(at, `the unit "${name}" stands right after a number only`);
  else report(at, `unknown name "${name}"; ${suggestion(name, [...scope.keys()])}`);
  return null;
}

function sameOrNull(
  operation: string,
  all: readonly Dimensions[],
  report: (message: string) => void,
): Dimensions | null {
  const [first] = all;
  if (first === undefined) return null;
  const other = all.find((dimensions) => !areSameDimensions(dimensions, first));
  if (other === undefined) return first;
  report(mismatch(operation, { dimensions: first }, { dimensions: other }));
  return null;
}
