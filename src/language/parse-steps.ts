// The tree of steps and groups. Each node is read once, whatever its counts: nothing is expanded, so a group
// of 1e9 passes costs what one of 2 does. Bounded in parts and in depth.
import { areSameDimensions, numberOf, PURE } from './dimensions.ts';
import { integerOf, mismatch } from './evaluate.ts';
import type { Dimensions, Expression, Place } from './expression.ts';
import type { Scope } from './infer-dimensions.ts';
import type { LabelBook, GroupPath } from './label-book.ts';
import { checkLimits, readLimits, type StepKind } from './parse-limits.ts';
import { readMode, readRecord, readRestTime } from './parse-modes.ts';
import { COUNT_MAX, EACH_MAX, GROUP_DEPTH_MAX, ITEM_KEYS, PARTS_MAX, PHASES } from './protocol-keys.ts';
import {
  type Fields,
  keyName,
  type Names,
  readCondition,
  readExpression,
  readLabel,
  readMeasured,
  readNames,
  type Reading,
  readOptional,
  readTable,
  readWord,
  wordsOfNode,
} from './read-nodes.ts';
import type { SourceGroup, SourceItem, SourceStep } from './source-tree.ts';
import type { SourceNode, TableNode } from './yaml-nodes.ts';

/** Where in the tree a part stands. */
interface Around extends Names {
  readonly labels: LabelBook;
  /** Groups around it, outermost first; empty at the top. */
  readonly path: GroupPath;
  readonly isInCycles: boolean;
}

const STEP_KINDS: readonly StepKind[] = ['rest', 'cc', 'plate', 'strip', 'pulse', 'cv', 'sweep', 'eis'];
/** In this order: `each` is the first key only where no count is given. */
const GROUP_KINDS = ['cycles', 'repeat', 'each'] as const;
type GroupKind = (typeof GROUP_KINDS)[number];

/** Reads `steps` of the document. */
export function readSteps(
  node: SourceNode | null,
  {
    reading,
    scope,
    labels,
  }: { readonly reading: Reading; readonly scope: Scope; readonly labels: LabelBook },
): readonly SourceItem[] {
  return readItems(node, { reading, scope, labels, path: [], isInCycles: false });
}

function readItems(node: SourceNode | null, around: Around): readonly SourceItem[] {
  if (node === null) return [];
  const { report, isFull } = around.reading;
  if (node.kind !== 'list' || node.items.length === 0) {
    const found = node.kind === 'list' ? 'an empty list' : wordsOfNode(node);
    report(node.at, `steps: found ${found}, a list of steps is wanted: - rest: 1 h`);
    return [];
  }
  const items: SourceItem[] = [];
  for (const item of node.items) {
    if (isFull()) break;
    const parts = around.labels.countPart();
    if (parts > PARTS_MAX) {
      if (parts === PARTS_MAX + 1)
        report(item.at, `more than ${PARTS_MAX} steps and groups; let a group repeat what is alike`);
      break;
    }
    const read = readItem(item, around);
    if (read !== null) items.push(read);
  }
  return items;
}

function readItem(node: SourceNode, around: Around): SourceItem | null {
  const { report } = around.reading;
  const kinds = [...STEP_KINDS, ...GROUP_KINDS];
  if (node.kind !== 'table') {
    report(node.at, `found ${wordsOfNode(node)}, a step or a group is wanted: ${kinds.join(', ')}`);
    return null;
  }
  const keys = new Set(node.entries.map(({ key }) => keyName(key)));
  const steps = STEP_KINDS.filter((kind) => keys.has(kind));
  const group = GROUP_KINDS.find((kind) => keys.has(kind));
  const [step, second] = steps;
  const other = second ?? (step === undefined ? undefined : group);
  if (step !== undefined && other !== undefined) {
    report(node.at, `a part with "${step}" and "${other}"; write two, each behind its own "-"`);
    return null;
  }
  if (step !== undefined) return readStep(node, step, around);
  if (group !== undefined) return readGroup(node, group, around);
  if (keys.has('steps')) report(node.at, 'a group has no count; add "repeat: 3", "cycles: 3" or "each"');
  else {
    const found = node.entries.map(({ key }) => keyName(key)).slice(0, 5);
    report(
      node.at,
      `found a part with ${found.join(', ') || 'nothing'}; it needs one of: ${kinds.join(', ')}`,
    );
  }
  return null;
}

type PartKey = 'label' | 'when' | 'every';

function readPart(fields: Fields<PartKey>, around: Around): Pick<SourceStep, 'label' | 'when' | 'every'> {
  const every = fields.get('every');
  if (every !== null && around.path.length === 0)
    around.reading.report(
      fields.placeOf('every'),
      '"every" counts the passes of a group; here is none around it',
    );
  const label = fields.has('label') ? readLabel(fields.get('label'), 'label', around.reading) : null;
  return {
    label: label === '' ? null : label,
    when: readCondition(fields.get('when'), around),
    every: readOptional(every, 'count', around),
  };
}

function readStep(node: TableNode, kind: StepKind, around: Around): SourceStep | null {
  const options = { keys: ITEM_KEYS[kind], what: `${kind} step` };
  const fields = readTable<StepKey>(node, options, around.reading);
  const value = fields?.get(kind) ?? null;
  if (fields === null || value === null) return null;
  const at = fields.placeOf(kind);
  const part = readPart(fields, around);
  const mode = readMode(value, kind, around);
  const rest = kind === 'rest' ? readRestTime(value, at, around) : null;
  const until = readLimits(fields.get('until'), kind, around);
  const limits = rest === null ? until : [rest, ...until];
  const atMost = readOptional(fields.get('at most'), 'time', around);
  checkLimits({ at, kind, limits, atMost }, around);
  noteLabels({ at, kind, label: part.label, limits }, around);
  return {
    kind: 'step',
    at,
    ...part,
    mode,
    phase: readWord(fields.get('phase'), { what: 'phase', words: PHASES }, around.reading),
    limits,
    atMost,
    record: readRecord(fields.get('record'), around),
  };
}

type GroupKey = PartKey | 'steps' | GroupKind;
type StepKey = PartKey | 'phase' | 'record' | 'until' | 'at most' | StepKind;

/** What parts of the tree refer to: a label, `go to`, and the step before that `last charge` is of. */
function noteLabels(
  { at, kind, label, limits }: Pick<SourceStep, 'at' | 'label' | 'limits'> & { readonly kind: StepKind },
  { labels, path, reading }: Around,
): void {
  if (label !== null) labels.addLabel({ label, at, path, isStep: true });
  for (const limit of limits) {
    if (limit.then.kind === 'go to' && limit.then.label !== '')
      labels.addJump({ label: limit.then.label, at: limit.then.at, path });
    if (limit.quantity === 'last charge' && !labels.hasCurrentStep())
      reading.report(limit.at, '"last charge" in a step with no step with current before it');
  }
  if (kind === 'cc' || kind === 'plate' || kind === 'strip' || kind === 'pulse') labels.noteCurrentStep();
}

function readGroup(node: TableNode, kind: GroupKind, around: Around): SourceGroup | null {
  const { reading, labels } = around;
  const options = { keys: ITEM_KEYS[kind], what: 'group' };
  const fields = readTable<GroupKey>(node, options, reading);
  if (fields === null) return null;
  const at = fields.placeOf(kind);
  if (around.path.length >= GROUP_DEPTH_MAX) {
    reading.report(at, `more than ${GROUP_DEPTH_MAX} groups inside each other`);
    return null;
  }
  const countsCycles = kind === 'cycles';
  if (countsCycles && around.isInCycles)
    reading.report(at, '"cycles" inside "cycles"; the inner group is a "repeat"');
  const part = readPart(fields, around);
  const path = [...around.path, labels.newGroup()];
  if (part.label !== null) labels.addLabel({ label: part.label, at, path: around.path, isStep: false });
  const count = readCount(kind === 'each' ? null : fields.get(kind), at, around);
  const { each, scope } = readEach(fields.get('each'), around);
  const inside = { ...around, scope, path, isInCycles: around.isInCycles || countsCycles };
  const items = readItems(fields.get('steps'), inside);
  return { kind: 'group', at, ...part, count, countsCycles, each, items };
}

/** A count; what stands there as a number is checked at once. null: once. */
function readCount(node: SourceNode | null, at: Place, around: Around): Expression {
  if (node === null) return { kind: 'literal', at, text: '1', value: numberOf(1n) };
  const count = readExpression(node, 'count', around);
  if (count.kind !== 'literal') return count;
  const whole = integerOf({ ...count.value, dimensions: PURE }, 'count', count.at);
  if (!whole.ok) around.reading.report(whole.problem, whole.problem.message);
  else if (whole.value > COUNT_MAX)
    around.reading.report(count.at, `${whole.value} times; at most ${COUNT_MAX} are allowed`);
  return count;
}

/** `each: {j: [1 mA/cm2, 2 mA/cm2]}`, and the scope in which its name has a meaning. */
function readEach(
  node: SourceNode | null,
  around: Around,
): { readonly each: SourceGroup['each']; readonly scope: Scope } {
  const { reading, scope } = around;
  if (node === null) return { each: null, scope };
  const options = { what: 'each', most: 1, isTaken: (name: string) => scope.has(name) };
  const [entry] = readNames(node, options, reading);
  if (entry === undefined) {
    if (node.kind === 'table' && node.entries.length === 0)
      reading.report(node.at, 'each has no name; write it like {j: [1 mA/cm2, 2 mA/cm2]}');
    return { each: null, scope };
  }
  const { key: name, value: list } = entry;
  if (list.kind !== 'list' || list.items.length === 0 || list.items.length > EACH_MAX) {
    const found = list.kind === 'list' ? `${list.items.length} values` : wordsOfNode(list);
    reading.report(list.at, `each: found ${found}, a list of 1 … ${EACH_MAX} values is wanted`);
    return { each: null, scope: scopeWith(scope, name, null) };
  }
  let dimensions: Dimensions | null = null;
  const of = list.items.map((item) => {
    const measured = readMeasured(item, 'any', around);
    const found = measured.dimensions;
    if (dimensions !== null && found !== null && !areSameDimensions(found, dimensions))
      reading.report(item.at, mismatch('each', { dimensions }, { dimensions: found }));
    dimensions ??= found;
    return measured.expression;
  });
  return { each: { name, of }, scope: scopeWith(scope, name, dimensions) };
}

function scopeWith(scope: Scope, name: string, dimensions: Dimensions | null): Scope {
  return new Map([...scope, [name, { kind: 'quantity', dimensions }]]);
}
