// What names mean while a protocol is worked out (parameters, values, `area`, the value of an `each`), and
// the list of what is wrong. A thin layer over `evaluate.ts`: a failure is noted here once, and the caller
// goes on without a value, so that one look tells everything.
import { areSameDimensions, dimensionsOf, quantityOf } from './dimensions.ts';
import {
  type Environment,
  type Evaluated,
  evaluateCondition,
  evaluateExpression,
  evaluateInteger,
  quantityOfParameter,
  type Wanted,
} from './evaluate.ts';
import type { Condition, ExactQuantity, Expression, Place } from './expression.ts';
import type { AnyParameterValues } from '../steps/parameters.ts';
import type { SourceProblem, SourceProtocol } from './source-tree.ts';

/** What is known, and what is wrong so far; one list of problems for all sheets of a protocol. */
export interface Sheet {
  readonly names: Environment;
  readonly problems: SourceProblem[];
}

const PROBLEMS_MOST = 20;

/** Of parameters in base units; works out the `values` of the protocol in their order. */
export function createSheet(
  source: SourceProtocol,
  { values, areaUcm2 }: { readonly values: AnyParameterValues; readonly areaUcm2: number },
): Sheet {
  const names = new Map<string, ExactQuantity | string>([['area', quantityOf('area', BigInt(areaUcm2))]]);
  for (const [name, spec] of Object.entries(source.parameters)) {
    const value = values[name] ?? spec.default;
    if (typeof value === 'string') names.set(name, value);
    else names.set(name, quantityOfParameter(value, spec.kind === 'quantity' ? spec.dimension : null));
  }
  const sheet: Sheet = { names, problems: [] };
  for (const { name, expression } of source.values) {
    const worth = worthOf(sheet, expression);
    if (worth !== null) names.set(name, worth);
  }
  return sheet;
}

/** The same with one more name: the value of an `each`. */
export function sheetWith(sheet: Sheet, name: string, worth: ExactQuantity): Sheet {
  return { names: new Map([...sheet.names, [name, worth]]), problems: sheet.problems };
}

/** Notes what is wrong, once, and no more than an operator reads. */
export function complain({ problems }: Sheet, { line, column }: Place, message: string): void {
  const isKnown = problems.some(
    (problem) => problem.line === line && problem.column === column && problem.message === message,
  );
  if (!isKnown && problems.length < PROBLEMS_MOST) problems.push({ line, column, message });
}

/** The exact value; null where there is none. */
export function worthOf(sheet: Sheet, expression: Expression): ExactQuantity | null {
  return noted(sheet, evaluateExpression(expression, sheet.names));
}

/** The integer of the wanted unit (see `Wanted`); null where there is none. */
export function wholeOf(sheet: Sheet, expression: Expression, wanted: Wanted): number | null {
  return noted(sheet, evaluateInteger(expression, wanted, sheet.names));
}

/** null: it cannot be said. */
export function holds(sheet: Sheet, condition: Condition): boolean | null {
  return noted(sheet, evaluateCondition(condition, sheet.names));
}

/** Whether an expression is of this dimension; false also where it has no value. */
export function isOfDimension(
  { names }: Sheet,
  expression: Expression,
  dimension: Parameters<typeof dimensionsOf>[0],
): boolean {
  const result = evaluateExpression(expression, names);
  return result.ok && areSameDimensions(result.value.dimensions, dimensionsOf(dimension));
}

function noted<Value>(sheet: Sheet, result: Evaluated<Value>): Value | null {
  if (result.ok) return result.value;
  complain(sheet, result.problem, result.problem.message);
  return null;
}
