// The ends of a step: `until`, its limits with what follows, and the rules that need no parameters: one
// limit of a quantity, limits that fit the kind of step, and that every step is bounded in time.
import type { Expression, Place } from './expression.ts';
import { type ItemKind, LIMIT_KEYS, LIMITS_MAX, LONGEST, OUTCOMES, TABLES } from './protocol-keys.ts';
import { VERDICTS } from '../steps/protocol.ts';
import {
  type Fields,
  type Names,
  nothing,
  readExpression,
  readLabel,
  readLine,
  readOptional,
  readTable,
  readWord,
  wordsOfNode,
} from './read-nodes.ts';
import type { LimitQuantity, SourceLimit, SourceOutcome } from './source-tree.ts';
import type { SourceNode } from './yaml-nodes.ts';

export type StepKind = Exclude<ItemKind, 'cycles' | 'repeat' | 'each'>;
type LimitFields = Fields<keyof typeof TABLES.limit>;

const QUANTITIES = Object.keys(LIMIT_KEYS).filter((key): key is LimitQuantity => key in LIMIT_KEYS);
const WITH_CURRENT: readonly LimitQuantity[] = [
  'time',
  'charge',
  'net charge',
  'last charge',
  'voltage above',
  'voltage below',
  'short floor',
];

/** Limits that mean something for a kind of step; a sweep and a spectrum end by themselves. */
export const LIMITS_OF_KIND: Readonly<Record<StepKind, readonly LimitQuantity[]>> = {
  rest: ['time', 'voltage above', 'voltage below', 'short floor'],
  cc: WITH_CURRENT,
  plate: WITH_CURRENT,
  strip: WITH_CURRENT,
  pulse: ['time', 'voltage above', 'voltage below'],
  cv: ['time', 'charge', 'net charge', 'current below'],
  sweep: [],
  eis: [],
};

const DEBOUNCED: readonly LimitQuantity[] = ['voltage above', 'voltage below', 'short floor'];
/** From these and the current follows how long a step can take; not so in a cv step. */
const CHARGES: readonly LimitQuantity[] = ['charge', 'net charge', 'last charge'];

/** Reads `until`; null: left out. */
export function readLimits(node: SourceNode | null, kind: StepKind, names: Names): readonly SourceLimit[] {
  const { report } = names.reading;
  if (node === null) return [];
  if (node.kind !== 'list') {
    const wanted = 'a list of limits is wanted: [{time: 10 s}]';
    report(node.at, `until: found ${wordsOfNode(node)}, ${wanted}`);
    return [];
  }
  if (node.items.length === 0 || node.items.length > LIMITS_MAX)
    report(node.at, `until: ${node.items.length} limits; 1 … ${LIMITS_MAX} are allowed`);
  return node.items
    .slice(0, LIMITS_MAX)
    .map((item) => readLimit(item, kind, names))
    .filter((limit) => limit !== null);
}

function readLimit(node: SourceNode, kind: StepKind, names: Names): SourceLimit | null {
  const { report } = names.reading;
  const fields = readTable(node, { keys: TABLES.limit, what: 'limit' }, names.reading);
  if (fields === null) return null;
  const [quantity, second] = QUANTITIES.filter((known) => fields.has(known));
  if (quantity === undefined) {
    report(node.at, `limit has no quantity; give it one of: ${LIMITS_OF_KIND[kind].join(', ')}`);
    return null;
  }
  const at = fields.placeOf(quantity);
  if (second !== undefined)
    report(fields.placeOf(second), `limit of "${quantity}" and "${second}"; write two limits`);
  if (!LIMITS_OF_KIND[kind].includes(quantity)) {
    const allowed = LIMITS_OF_KIND[kind].join(', ');
    const wanted = allowed === '' ? 'it ends by itself' : `it may have: ${allowed}`;
    report(at, `a limit of "${quantity}" does not fit a ${kind} step; ${wanted}`);
  }
  if (fields.has('for') && !DEBOUNCED.includes(quantity))
    report(fields.placeOf('for'), `"for" beside "${quantity}"; it goes with: ${DEBOUNCED.join(', ')}`);
  const value = fields.get(quantity);
  return {
    at,
    quantity,
    value: value === null ? nothing(at) : readExpression(value, LIMIT_WANTED[quantity], names),
    holdsFor: readOptional(fields.get('for'), 'time', names),
    then: readOutcome(fields, names),
  };
}

/** What each limit is measured in. */
export const LIMIT_WANTED = {
  time: 'time',
  charge: 'charge',
  'net charge': 'charge',
  'last charge': 'ratio',
  'voltage above': 'voltage',
  'voltage below': 'voltage',
  'current below': 'current',
  'short floor': 'voltage',
} as const satisfies Readonly<Record<LimitQuantity, string>>;

function readOutcome(fields: LimitFields, names: Names): SourceOutcome {
  const { reading } = names;
  const node = fields.get('then');
  const word =
    node === null
      ? 'next'
      : node.kind === 'table'
        ? 'go to'
        : readWord(node, { what: 'then', words: OUTCOMES }, reading);
  const reason = fields.has('reason')
    ? readLine(fields.get('reason'), { what: '"reason"', longest: LONGEST.reason }, reading)
    : null;
  const verdict = readWord(fields.get('verdict'), { what: 'verdict', words: VERDICTS }, reading);
  if (fields.has('verdict') && word !== 'end run' && word !== null)
    reading.report(fields.placeOf('verdict'), '"verdict" goes with "then: end run" only');
  if (reason !== null && word !== 'end run' && word !== 'hold' && word !== null)
    reading.report(fields.placeOf('reason'), '"reason" goes with "then: end run" and "then: hold" only');
  switch (word) {
    case 'end run':
      return { kind: 'end run', verdict: verdict ?? 'completed', reason };
    case 'end group':
      return { kind: 'end group' };
    case 'hold':
      if (reason === null)
        reading.report(fields.placeOf('then'), 'a hold has no "reason"; say what the operator is to do');
      return { kind: 'hold', reason: reason ?? '' };
    case 'go to':
      return node === null ? { kind: 'next' } : readJump(node, names);
    case 'next':
    case null:
      return { kind: 'next' };
  }
}

function readJump(node: SourceNode, names: Names): SourceOutcome {
  const fields = readTable(node, { keys: TABLES.jump, what: 'then' }, names.reading);
  if (fields === null) return { kind: 'next' };
  const label = readLabel(fields.get('go to'), 'go to', names.reading);
  const atMost = readOptional(fields.get('at most'), 'count', names);
  return { kind: 'go to', label, atMost: atMost ?? nothing(node.at), at: fields.placeOf('go to') };
}

export interface StepEnds {
  readonly at: Place;
  readonly kind: StepKind;
  readonly limits: readonly SourceLimit[];
  readonly atMost: Expression | null;
}

/** Reports two limits of a quantity, and a step that nothing bounds in time. */
export function checkLimits({ at, kind, limits, atMost }: StepEnds, { reading }: Names): void {
  for (const [index, limit] of limits.entries()) {
    if (limits.slice(0, index).some(({ quantity }) => quantity === limit.quantity))
      reading.report(limit.at, `a second limit of "${limit.quantity}" in this step; leave one out`);
  }
  const has = (quantity: LimitQuantity): boolean => limits.some((limit) => limit.quantity === quantity);
  if (has('time') && atMost !== null)
    reading.report(atMost.at, '"at most" beside a limit of time, which bounds the step; leave one out');
  if (kind === 'pulse' && !has('time'))
    reading.report(at, 'a pulse has no limit of time; add: until: [{time: 10 ms}]');
  if (kind === 'sweep' || kind === 'eis' || kind === 'pulse' || has('time') || atMost !== null) return;
  if (kind !== 'cv' && CHARGES.some(has)) return;
  const charges = kind === 'rest' || kind === 'cv' ? '' : ', or a limit of charge';
  reading.report(
    at,
    `nothing bounds this ${kind} step in time; add "at most: 2 h", a limit of time${charges}`,
  );
}
