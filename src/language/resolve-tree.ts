// A protocol for one cell: values worked out, conditions decided, `each` unrolled, every step bounded and
// named. Counts are never expanded; what is wrong is told with its place, and then there is no tree at all.
import { assert } from '../base/assert.ts';
import type { AnyParameterValues } from '../steps/parameters.ts';
import type { Foreseen } from './resolve-limits.ts';
import { namedTree, type DraftGroup, type DraftItem } from './resolve-names.ts';
import { resolveStep } from './resolve-step.ts';
import { complain, createSheet, holds, type Sheet, sheetWith, wholeOf, worthOf } from './resolve-values.ts';
import type { Expression } from './expression.ts';
import type { SourceGroup, SourceItem, SourceProblem, SourceProtocol } from './source-tree.ts';
import type { ResolvedTree } from './tree.ts';

export interface ResolveOptions {
  /** Of the protocol's parameters, all of them, in base units; choices as words. */
  readonly values: AnyParameterValues;
  /** 1e-6 cm2. */
  readonly areaUcm2: number;
}

export type ResolveResult =
  | { readonly ok: true; readonly tree: ResolvedTree; readonly sheet: Sheet }
  | { readonly ok: false; readonly problems: readonly SourceProblem[] };

const COUNT_MOST = 1_000_000_000;
/** Of the counts along a path; far below 2^53, so that totals stay exact. */
const PASSES_MOST = 1e15;
/** Steps and groups after `each` is unrolled. */
const PARTS_MOST = 2000;

interface Walk {
  readonly source: SourceProtocol;
  readonly foreseen: Foreseen;
  parts: number;
}

/** Where in the tree an item stands. */
interface Surroundings {
  readonly suffix: string;
  readonly isInCycles: boolean;
  /** How often the group around it runs; null at the top. */
  readonly count: number | null;
  /** Product of the counts on the way here. */
  readonly passes: number;
}

const TOP: Surroundings = { suffix: '', isInCycles: false, count: null, passes: 1 };

/** `sheet` of the result knows every name, for what else the protocol says in expressions. */
export function resolveTree(source: SourceProtocol, options: ResolveOptions): ResolveResult {
  const sheet = createSheet(source, options);
  if (sheet.problems.length === 0) checkRequirements(sheet, source);
  if (sheet.problems.length > 0) return { ok: false, problems: sheet.problems };
  const walk: Walk = { source, foreseen: { netNc: 0, lastChargeNc: null }, parts: 0 };
  const items = resolveItems(sheet, source.steps, { walk, around: TOP });
  if (items.length === 0 && sheet.problems.length === 0) {
    const [first] = source.steps;
    complain(
      sheet,
      first?.at ?? { line: 1, column: 1 },
      'with these parameters no step is left; change a "when"',
    );
  }
  const tree = sheet.problems.length === 0 ? namedTree(sheet, items) : null;
  if (tree === null) return { ok: false, problems: sheet.problems };
  assert(tree.items.length > 0, 'a resolved tree has something to do');
  return { ok: true, tree, sheet };
}

function checkRequirements(sheet: Sheet, { require }: SourceProtocol): void {
  for (const { at, that, reason } of require) {
    if (holds(sheet, that) === false) complain(sheet, at, reason);
  }
}

interface ItemContext {
  readonly walk: Walk;
  readonly around: Surroundings;
}

function resolveItems(sheet: Sheet, items: readonly SourceItem[], context: ItemContext): DraftItem[] {
  return items.flatMap((item) => resolveItem(sheet, item, context));
}

function resolveItem(sheet: Sheet, item: SourceItem, { walk, around }: ItemContext): DraftItem[] {
  // Once too many, it is said once, and the walk is over at once.
  if (walk.parts > PARTS_MOST) return [];
  walk.parts += 1;
  if (walk.parts > PARTS_MOST) {
    complain(
      sheet,
      item.at,
      `this protocol has more than ${PARTS_MOST} steps and groups; use "repeat" with a count`,
    );
    return [];
  }
  if (item.when !== null && holds(sheet, item.when) !== true) return [];
  const every = everyOf(sheet, item, around);
  // An item of each n-th pass in a group with fewer passes never has its turn.
  if (every === null || every > (around.count ?? 1)) return [];
  if (item.kind === 'group') return resolveGroup(sheet, item, { walk, around, every });
  const { suffix, isInCycles } = around;
  const { foreseen, source } = walk;
  const step = resolveStep(sheet, item, { cellKind: source.cell.kind, isInCycles, suffix, every, foreseen });
  return step === null ? [] : [step];
}

function everyOf(sheet: Sheet, { every }: SourceItem, { count }: Surroundings): number | null {
  if (every === null) return 1;
  const found = wholeOf(sheet, every, 'count');
  if (found === null) return null;
  assert(count !== null, '"every" stands inside a group');
  if (found >= 1) return found;
  complain(sheet, every.at, `"every" is 1 or more; found ${found}`);
  return null;
}

function resolveGroup(
  sheet: Sheet,
  group: SourceGroup,
  { walk, around, every }: ItemContext & { readonly every: number },
): DraftItem[] {
  const { each } = group;
  if (each === null) return onePass(sheet, group, { walk, around, every });
  return each.of.flatMap((expression, index) => {
    if (walk.parts > PARTS_MOST) return [];
    const worth = worthOf(sheet, expression);
    if (worth === null) return [];
    const named = sheetWith(sheet, each.name, worth);
    const suffix = `${around.suffix}-${index + 1}`;
    return onePass(named, group, { walk, around: { ...around, suffix }, every });
  });
}

/** The group itself, or one value of its `each`. */
function onePass(
  sheet: Sheet,
  group: SourceGroup,
  { walk, around, every }: ItemContext & { readonly every: number },
): DraftGroup[] {
  const { countsCycles, label } = group;
  const count = countOf(sheet, group.count, around);
  if (count === null || count === 0) return [];
  assert(!(countsCycles && around.isInCycles), 'a run counts cycles once');
  const isInCycles = around.isInCycles || countsCycles;
  const inside = { ...around, isInCycles, count, passes: around.passes * count };
  const items = resolveItems(sheet, group.items, { walk, around: inside });
  if (items.length === 0) return [];
  return [
    {
      kind: 'group',
      label: label === null ? null : label + around.suffix,
      count,
      countsCycles,
      every,
      items,
    },
  ];
}

function countOf(sheet: Sheet, expression: Expression, { passes }: Surroundings): number | null {
  const count = wholeOf(sheet, expression, 'count');
  if (count === null) return null;
  if (count < 0 || count > COUNT_MOST) {
    complain(sheet, expression.at, `a group runs 0 to ${COUNT_MOST} times; found ${count}`);
    return null;
  }
  if (count * passes <= PASSES_MOST) return count;
  complain(sheet, expression.at, 'the counts of groups in each other multiply to more than 1e15; lower one');
  return null;
}
