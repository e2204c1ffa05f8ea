// The keys of a protocol document: for each table its keys, what they take, and what they mean. The parser
// reads by these tables and the JSON Schema is written from them, so that neither can know a key the other
// does not.
import { VERDICTS } from '../steps/protocol.ts';
import type { StepPhase } from '../steps/step.ts';
import type { Wanted } from './evaluate.ts';
import { DERIVED } from '../steps/derived.ts';
import { CELL_KINDS, type LimitQuantity } from './source-tree.ts';

/** What a key takes. */
export type ValueShape =
  | { readonly kind: 'expression'; readonly wanted: Wanted | 'any' }
  | { readonly kind: 'condition' }
  | { readonly kind: 'line'; readonly longest: number }
  | { readonly kind: 'label' }
  | { readonly kind: 'whole'; readonly least: number; readonly most: number }
  | { readonly kind: 'word'; readonly words: readonly string[] }
  | { readonly kind: 'table'; readonly of: TableName }
  | { readonly kind: 'list'; readonly of: ValueShape; readonly least: number; readonly most: number }
  /** A table whose keys the author chooses. */
  | { readonly kind: 'named'; readonly of: ValueShape; readonly most: number }
  | { readonly kind: 'either'; readonly of: readonly ValueShape[] }
  | { readonly kind: 'empty' }
  | { readonly kind: 'item' };

export interface KeySpec {
  readonly takes: ValueShape;
  readonly about: string;
  readonly required?: true;
}
export type KeyTable<Key extends string = string> = Readonly<Record<Key, KeySpec>>;

export const LANGUAGE = 'protocol/1';
export const LABEL = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
export const LABEL_LENGTH_MAX = 40;
export const NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
export const EACH_MAX = 64;
export const PARTS_MAX = 2000;
export const GROUP_DEPTH_MAX = 12;
export const COUNT_MAX = 1_000_000_000;
export const PARAMETERS_MAX = 64;
export const VALUES_MAX = 200;
export const LIMITS_MAX = 8;
/** Characters of free texts. */
export const LONGEST = { title: 120, about: 1000, value: 60, meaning: 300, reason: 200 } as const;

export const PHASES = [
  'ocv',
  'contact',
  'wetting',
  'conditioning',
  'cycling',
  'rest',
  'diagnostic',
] as const satisfies readonly StepPhase[];
export const CONTACTS = ['both-directions', 'plating-only', 'none'] as const;
export const OUTCOMES = ['next', 'end group', 'end run', 'hold'] as const;

const of = (wanted: Wanted | 'any'): ValueShape => ({ kind: 'expression', wanted });
const line = (longest: number): ValueShape => ({ kind: 'line', longest });
const word = (words: readonly string[]): ValueShape => ({ kind: 'word', words });
const table = (name: TableName): ValueShape => ({ kind: 'table', of: name });
const either = (...shapes: ValueShape[]): ValueShape => ({ kind: 'either', of: shapes });
const listOf = (shape: ValueShape, least: number, most: number): ValueShape => ({
  kind: 'list',
  of: shape,
  least,
  most,
});
const named = (shape: ValueShape, most: number): ValueShape => ({ kind: 'named', of: shape, most });
const key = (takes: ValueShape, about: string): KeySpec => ({ takes, about });
const required = (takes: ValueShape, about: string): KeySpec => ({ takes, about, required: true });

const STEPS = listOf({ kind: 'item' }, 1, PARTS_MAX);
const CONDITION: ValueShape = { kind: 'condition' };

/** Keys that steps and groups share. */
const PART_KEYS = {
  label: key({ kind: 'label' }, 'name of it, for `go to` and in every table of results'),
  when: key(CONDITION, 'left out where this does not hold: `cycles > 0`, `fixed == charge`'),
  every: key(of('count'), 'only in every n-th pass of the group around it'),
} as const;

const STEP_KEYS = {
  ...PART_KEYS,
  phase: key(word(PHASES), 'part of the experiment; decides what analysis makes of it'),
  record: key(either(of('time'), table('record')), 'how often to record; a time alone is `every`'),
} as const;

const BOUNDED_STEP_KEYS = {
  ...STEP_KEYS,
  until: key(listOf(table('limit'), 1, LIMITS_MAX), 'what ends the step, at most one of each quantity'),
  'at most': key(of('time'), 'bound in time where no `time` limit ends the step; beyond it is a fault'),
} as const;

const GROUP_KEYS = {
  ...PART_KEYS,
  each: key(
    named(listOf(of('any'), 1, EACH_MAX), 1),
    'once for each value in this order, under this name: `{j: [1 mA/cm2, 2 mA/cm2]}`',
  ),
  steps: required(STEPS, 'steps and groups of the group'),
} as const;

const CURRENT = 'its current; plate and strip give the sign, cc and pulse take it as it is';

/** The kinds of items by their first key. */
export const ITEM_KEYS = {
  rest: {
    ...BOUNDED_STEP_KEYS,
    rest: required(either(of('time'), { kind: 'empty' }), 'open circuit; a time alone is its `time` limit'),
  },
  cc: { ...BOUNDED_STEP_KEYS, cc: required(of('current'), CURRENT) },
  plate: { ...BOUNDED_STEP_KEYS, plate: required(of('current'), CURRENT) },
  strip: { ...BOUNDED_STEP_KEYS, strip: required(of('current'), CURRENT) },
  pulse: { ...BOUNDED_STEP_KEYS, pulse: required(of('current'), CURRENT) },
  cv: { ...BOUNDED_STEP_KEYS, cv: required(of('voltage'), 'the voltage that is held') },
  sweep: { ...STEP_KEYS, sweep: required(table('sweep'), 'a linear (one vertex) or cyclic sweep') },
  eis: { ...STEP_KEYS, eis: required(table('eis'), 'an impedance spectrum') },
  cycles: { ...GROUP_KEYS, cycles: required(of('count'), 'a group whose passes are the cycles of the run') },
  repeat: { ...GROUP_KEYS, repeat: required(of('count'), 'a group that counts nothing') },
  each: { ...GROUP_KEYS, each: { ...GROUP_KEYS.each, required: true } },
} as const satisfies Readonly<Record<string, KeyTable>>;
export type ItemKind = keyof typeof ITEM_KEYS;

/** The quantities that end a step. */
export const LIMIT_KEYS = {
  time: key(of('time'), 'duration of the step'),
  charge: key(of('charge'), 'magnitude of the charge of the step'),
  'net charge': key(of('charge'), 'net counter of the run; carries overshoot into the next half-cycle'),
  'last charge': key(of('ratio'), 'part of the charge of the last step with current: `120 %`'),
  'voltage above': key(of('voltage'), 'the voltage is above it'),
  'voltage below': key(of('voltage'), 'the voltage is below it'),
  'current below': key(of('current'), 'magnitude of the current is below it (cv)'),
  'short floor': key(of('voltage'), 'magnitude of the voltage is below it: a short'),
} as const satisfies KeyTable<LimitQuantity>;

export const TABLES = {
  document: {
    galvanode: required(word([LANGUAGE]), 'language and its version'),
    name: required({ kind: 'label' }, 'lower case words and digits, joined by "-"'),
    version: required({ kind: 'whole', least: 1, most: COUNT_MAX }, 'raised with every change'),
    title: required(line(LONGEST.title), 'one line'),
    about: required(line(LONGEST.about), 'one or two sentences'),
    cell: required(either(word(CELL_KINDS), table('cell')), 'what is expected on the bench'),
    derives: key(word(DERIVED), 'what is computed from a finished run'),
    parameters: key(named(table('parameter'), PARAMETERS_MAX), 'each becomes a `--set name=value`'),
    values: key(named(of('any'), VALUES_MAX), 'named results, in order; may use parameters and `area`'),
    require: key(listOf(table('requirement'), 1, 64), 'what must hold before anything starts'),
    safety: key(table('safety'), 'hard limits of the cell, apart from the ends of steps'),
    steps: required(STEPS, 'steps and groups, in order'),
  },
  cell: {
    kind: required(word(CELL_KINDS), 'decides pre-flight window and contact check'),
    resting: key(listOf(of('voltage'), 2, 2), 'window of the voltage before any current'),
    contact: key(word(CONTACTS), 'contact check before the start'),
  },
  parameter: {
    default: required(line(LONGEST.value), 'value with its unit, a whole number, or one of the choices'),
    min: key(line(LONGEST.value), 'smallest value'),
    max: key(line(LONGEST.value), 'largest value'),
    choices: key(listOf({ kind: 'label' }, 2, 20), 'the words to choose from'),
    about: required(line(LONGEST.meaning), 'what it means'),
  },
  requirement: {
    that: required(CONDITION, 'condition on parameters and values'),
    reason: required(line(LONGEST.meaning), 'what to say and do where it does not hold'),
  },
  safety: {
    'voltage above': key(of('voltage'), 'the cell is opened above it'),
    'voltage below': key(of('voltage'), 'the cell is opened below it'),
    current: key(of('current'), 'the cell is opened beyond this magnitude'),
    'net charge': key(of('charge'), 'the cell is opened beyond this magnitude'),
  },
  limit: {
    ...LIMIT_KEYS,
    for: key(of('time'), 'how long a voltage must hold; without it: at once'),
    then: key(either(word(OUTCOMES), table('jump')), 'what follows; without it: next'),
    verdict: key(word(VERDICTS), 'of a run that ends here; without it: completed'),
    reason: key(line(LONGEST.reason), 'one line for the operator; required for a hold'),
  },
  jump: {
    'go to': required({ kind: 'label' }, 'label of a step of this group or of one around it'),
    'at most': required(of('count'), 'how often in a run; after that the run ends with a fault'),
  },
  record: {
    every: key(of('time'), 'longest time between two records'),
    voltage: key(of('voltage'), 'also when the voltage has moved so far'),
    current: key(of('current'), 'also when the current has moved so far'),
    burst: key(table('burst'), 'more often at the start of the step'),
  },
  burst: {
    every: required(of('time'), 'time between two records'),
    lasting: required(of('time'), 'how long from the start of the step'),
  },
  sweep: {
    from: required(of('voltage'), 'where it starts'),
    to: required(either(of('voltage'), listOf(of('voltage'), 1, 2)), 'one vertex: linear; two: cyclic'),
    rate: required(of('scanRate'), 'voltage per time'),
    step: required(of('voltage'), 'height of a stair'),
    scans: key(of('count'), 'how often; without it: once'),
  },
  eis: {
    bias: required(of('any'), 'a voltage (EIS) or a current (GEIS)'),
    amplitude: required(of('any'), 'effective, of the same kind as the bias'),
    from: required(of('frequency'), 'first frequency'),
    to: required(of('frequency'), 'last frequency'),
    points: required(of('count'), 'evenly in the logarithm of the frequency'),
  },
} as const satisfies Readonly<Record<string, KeyTable>>;
export type TableName =
  | 'document'
  | 'cell'
  | 'parameter'
  | 'requirement'
  | 'safety'
  | 'limit'
  | 'jump'
  | 'record'
  | 'burst'
  | 'sweep'
  | 'eis';
