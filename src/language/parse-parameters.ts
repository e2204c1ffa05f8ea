// The part of a protocol that gives names a meaning: parameters with default and bounds, then named values.
// Makes the same `ParameterTable` that a protocol in code has, so that nobody downstream can tell.
import { type Dimension, findUnit, parseQuantity } from '../base/quantity.ts';
import { type ParameterSpec, type ParameterTable, parseParameters } from '../steps/parameters.ts';
import { dimensionsOf, PURE } from './dimensions.ts';
import type { NameMeaning, Scope } from './infer-dimensions.ts';
import { LONGEST, PARAMETERS_MAX, TABLES, VALUES_MAX } from './protocol-keys.ts';
import {
  type Fields,
  quoted,
  readLabel,
  readLine,
  readMeasured,
  readNames,
  type Reading,
  readTable,
  unitHint,
} from './read-nodes.ts';
import type { SourceProtocol } from './source-tree.ts';
import type { SourceNode } from './yaml-nodes.ts';

type ParameterFields = Fields<keyof typeof TABLES.parameter>;

/** Nine digits, as `parseParameters` reads them. */
const COUNT = /^\d{1,9}$/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?\s*(.*)$/;

/** The table of parameters, and what their names and `area` mean in expressions. */
export function readParameters(
  node: SourceNode | null,
  reading: Reading,
): { readonly parameters: ParameterTable; readonly scope: Scope } {
  const parameters: Record<string, ParameterSpec> = {};
  const scope = new Map<string, NameMeaning>([
    ['area', { kind: 'quantity', dimensions: dimensionsOf('area') }],
  ]);
  if (node === null) return { parameters, scope };
  const options = { what: 'parameters', most: PARAMETERS_MAX, isTaken: () => false };
  for (const { key, value } of readNames(node, options, reading)) {
    const spec = readParameter(key, value, reading);
    if (spec !== null) parameters[key] = spec;
    scope.set(key, meaningOf(spec));
  }
  return { parameters, scope };
}

/** A parameter that could not be read has a name all the same: what uses it is not wrong, too. */
function meaningOf(spec: ParameterSpec | null): NameMeaning {
  switch (spec?.kind) {
    case undefined:
      return { kind: 'quantity', dimensions: null };
    case 'choice':
      return { kind: 'choice', words: spec.choices };
    case 'count':
      return { kind: 'quantity', dimensions: PURE };
    case 'quantity':
      return { kind: 'quantity', dimensions: dimensionsOf(spec.dimension) };
  }
}

/** Named values in order; the scope that is returned has them too. */
export function readValues(
  node: SourceNode | null,
  { reading, scope }: { readonly reading: Reading; readonly scope: Scope },
): { readonly values: SourceProtocol['values']; readonly scope: Scope } {
  const all = new Map(scope);
  if (node === null) return { values: [], scope: all };
  const options = { what: 'values', most: VALUES_MAX, isTaken: (name: string) => scope.has(name) };
  const values = readNames(node, options, reading).map(({ key, at, value }) => {
    const { expression, dimensions } = readMeasured(value, 'any', { reading, scope: all });
    all.set(key, { kind: 'quantity', dimensions });
    return { name: key, at, expression };
  });
  return { values, scope: all };
}

function readParameter(name: string, node: SourceNode, reading: Reading): ParameterSpec | null {
  const what = `parameter "${name}"`;
  const fields = readTable(node, { keys: TABLES.parameter, what }, reading);
  const initial = fields?.get('default') ?? null;
  if (fields === null || initial === null) return null;
  const about = readLine(
    fields.get('about'),
    { what: `${what}: "about"`, longest: LONGEST.meaning },
    reading,
  );
  const start = reading.problems.length;
  const text = readLine(initial, { what: `${what}: "default"`, longest: LONGEST.value }, reading);
  const spec = fields.has('choices')
    ? readChoice(fields, { what, text, about }, reading)
    : readBounded(fields, { what, text, about }, reading);
  if (spec === null || reading.problems.length > start) return spec;
  const checked = parseParameters({ [name]: spec }, {});
  if (!checked.ok)
    for (const problem of checked.problems) reading.report(initial.at, `default of ${problem}`);
  return spec;
}

interface Read {
  readonly what: string;
  readonly text: string;
  readonly about: string;
}

function readChoice(
  fields: ParameterFields,
  { what, text, about }: Read,
  reading: Reading,
): ParameterSpec | null {
  const node = fields.get('choices');
  if (node?.kind !== 'list' || node.items.length < 2 || node.items.length > 20) {
    reading.report(fields.placeOf('choices'), `${what}: "choices" is a list of 2 … 20 words: [charge, time]`);
    return null;
  }
  for (const bound of ['min', 'max'] as const)
    if (fields.has(bound)) reading.report(fields.placeOf(bound), `${what}: a choice has no "${bound}"`);
  const choices = node.items.map((item) => readLabel(item, `${what}: choice`, reading));
  if (new Set(choices).size < choices.length) reading.report(node.at, `${what}: a choice stands twice`);
  return { kind: 'choice', default: text, choices, about };
}

function readBounded(
  fields: ParameterFields,
  { what, text, about }: Read,
  reading: Reading,
): ParameterSpec | null {
  const bound = (key: 'min' | 'max'): string => {
    if (!fields.has(key)) reading.report(fields.at, `${what} has no "${key}"; give it bounds (or "choices")`);
    return readLine(fields.get(key), { what: `${what}: "${key}"`, longest: LONGEST.value }, reading);
  };
  const [min, max] = [bound('min'), bound('max')];
  const unit = NUMBER.exec(text)?.[1];
  const place = fields.get('default')?.at ?? fields.at;
  if (unit === undefined) {
    const wanted = 'a number with a unit, or a whole number, is wanted (or words in "choices")';
    if (text !== '') reading.report(place, `${what}: found ${quoted(text)}; ${wanted}`);
    return null;
  }
  if (unit === '') return readCount(fields, { what, texts: [text, min, max], about }, reading);
  const dimension = findUnit(unit)?.dimension;
  if (dimension === undefined) {
    reading.report(place, `${what}: unknown unit ${quoted(unit)}; ${unitHint(unit)}`);
    return null;
  }
  checkBounds(fields, { what, dimension, min, max }, reading);
  return { kind: 'quantity', dimension, default: text, min, max, about };
}

function readCount(
  fields: ParameterFields,
  {
    what,
    texts,
    about,
  }: { readonly what: string; readonly texts: readonly string[]; readonly about: string },
  reading: Reading,
): ParameterSpec {
  const keys = ['default', 'min', 'max'] as const;
  const numbers = keys.map((key, index) => {
    const text = texts[index] ?? '';
    if (COUNT.test(text)) return Number(text);
    const hint =
      'a number without a unit is a count, whole, at most nine digits; a quantity is like "0.5 1/h"';
    if (fields.has(key)) reading.report(fields.placeOf(key), `${what}: "${key}" is ${quoted(text)}; ${hint}`);
    return 0;
  });
  const [initial = 0, min = 0, max = 0] = numbers;
  if (min > max) reading.report(fields.placeOf('min'), `${what}: "min" ${min} is above "max" ${max}`);
  return { kind: 'count', default: initial, min, max, about };
}

function checkBounds(
  fields: ParameterFields,
  {
    what,
    dimension,
    min,
    max,
  }: { readonly what: string; readonly dimension: Dimension; readonly min: string; readonly max: string },
  reading: Reading,
): void {
  const parsed = (['min', 'max'] as const).map((key) => {
    const result = parseQuantity(key === 'min' ? min : max, dimension);
    if (result.ok) return result.value;
    if (fields.has(key)) reading.report(fields.placeOf(key), `${what}: "${key}": ${result.message}`);
    return null;
  });
  const [least = null, most = null] = parsed;
  if (least !== null && most !== null && least > most)
    reading.report(fields.placeOf('min'), `${what}: "min" ${min} is above "max" ${max}`);
}
