// Where a program made of a tree can be, and the one function that decides where it goes from there. Pure.
// Never expands a count and never walks through passes one by one: which pass comes next is computed, so that
// one decision costs no more than the tree is large.
import { assert } from '../base/assert.ts';
import type { Outcome } from '../steps/protocol.ts';
import type { ProgramEndReason } from '../steps/step.ts';
import type { EndRule, ResolvedTree, TreeGroup, TreeItem, TreeStep } from './tree.ts';

/** Names of the final states; no step may be called so. */
export const COMPLETED = 'completed';
export const ENDED = 'ended';

/** All that a program remembers. Plain JSON, small whatever the run's length: nothing here grows with it. */
export interface Counters {
  /** Pass of each group around the step, outermost first, from 1; the whole tree is a group of one pass. */
  readonly passes: readonly number[];
  /** How often each `go to` of the tree was taken, in the order of the tree. */
  readonly visits: readonly number[];
  /** Passes of groups that count cycles, begun so far in the run. */
  readonly cycle: number;
  /** Why the run holds before this step; null: it does not. */
  readonly hold: string | null;
  /** How the program ended before its time; null: it has not. */
  readonly outcome: Outcome | null;
}

/** What comes next: a step by its label, or a final state. */
export interface Coming {
  readonly target: string;
  readonly counters: Counters;
}

/** An item of a group; `index` is its position there. */
export interface Position {
  readonly group: PlacedGroup;
  readonly index: number;
}

export interface PlacedGroup {
  readonly count: number;
  readonly countsCycles: boolean;
  readonly items: readonly PlacedItem[];
}

export interface PlacedItem {
  readonly every: number;
  /** False where no pass of the group around it ever has it, or nothing is ever run inside it. */
  readonly isLive: boolean;
  readonly content: { readonly label: string } | PlacedGroup;
}

export interface Place {
  readonly part: TreeStep;
  /** From the whole tree down to the group that holds the step. */
  readonly path: readonly Position[];
  /** Number of the `go to` behind each end that has one. */
  readonly goTos: ReadonlyMap<ProgramEndReason, number>;
}

export interface TreePlaces {
  readonly root: PlacedGroup;
  /** By label, in the order of the tree. */
  readonly places: ReadonlyMap<string, Place>;
  readonly goToCount: number;
}

/** Labels must be unique (`checkTree` says where they are not). */
export function placesOf({ items }: ResolvedTree): TreePlaces {
  const places = new Map<string, Place>();
  let goToCount = 0;
  const placeStep = (part: TreeStep, path: readonly Position[]): void => {
    const goTos = new Map<ProgramEndReason, number>();
    for (const reason of reasonsOf(part)) {
      if (part.ends[reason]?.then !== 'go to') continue;
      goTos.set(reason, goToCount);
      goToCount += 1;
    }
    assert(!places.has(part.label), `two steps have the label "${part.label}"`);
    places.set(part.label, { part, path, goTos });
  };
  const descend = (group: PlacedGroup, parts: readonly TreeItem[], around: readonly Position[]): void => {
    for (const [index, part] of parts.entries()) {
      const path = [...around, { group, index }];
      const content = group.items[index]?.content;
      if (part.kind === 'step') placeStep(part, path);
      else if (content !== undefined && 'items' in content) descend(content, part.items, path);
    }
  };
  const root = placedGroup({ count: 1, countsCycles: false, items });
  descend(root, items, []);
  return { root, places, goToCount };
}

export function reasonsOf({ ends }: TreeStep): ProgramEndReason[] {
  return Object.keys(ends) as ProgramEndReason[];
}

function placedGroup({ count, countsCycles, items }: Pick<TreeGroup, 'count' | 'countsCycles' | 'items'>) {
  const group: PlacedGroup = {
    count,
    countsCycles,
    items: items.map((item): PlacedItem => {
      const content = item.kind === 'step' ? { label: item.label } : placedGroup(item);
      const hasWork = !('items' in content) || content.items.some(({ isLive }) => isLive);
      return { every: item.every, isLive: hasWork && item.every <= count, content };
    }),
  };
  return group;
}

/** Where the program begins; `completed` at once where no step is ever run. */
export function beginning({ root, goToCount }: TreePlaces): Coming {
  const counters: Counters = {
    passes: [],
    visits: Array.from({ length: goToCount }, () => 0),
    cycle: 0,
    hold: null,
    outcome: null,
  };
  const isLive = root.items.some((item) => item.isLive);
  return isLive ? enter(root, [], counters) : { target: COMPLETED, counters };
}

/** What comes after the step called `label` has ended so. Total: what nobody foresaw ends the run. */
export function comesAfter(
  tree: TreePlaces,
  {
    label,
    counters,
    reason,
  }: { readonly label: string; readonly counters: Counters; readonly reason: ProgramEndReason },
): Coming {
  const place = tree.places.get(label);
  const before: Counters = { ...counters, hold: null };
  if (place === undefined) return fault(before, `the program has no step "${label}"`);
  const rule = place.part.ends[reason];
  if (rule === undefined) return fault(before, `step "${label}" ended by ${reason}: no rule says what then`);
  switch (rule.then) {
    case 'next':
      return following(place.path, before);
    case 'end group':
      return following(place.path.slice(0, -1), before);
    case 'end run':
      return {
        target: ENDED,
        counters: { ...before, outcome: { verdict: rule.verdict, reason: rule.reason } },
      };
    case 'hold': {
      const next = following(place.path, before);
      if (next.target === COMPLETED) return next;
      return { ...next, counters: { ...next.counters, hold: rule.reason } };
    }
    case 'go to':
      return jump(tree, { place, reason, rule }, before);
  }
}

interface Jump {
  readonly place: Place;
  readonly reason: ProgramEndReason;
  readonly rule: Extract<EndRule, { then: 'go to' }>;
}

/** The passes of the groups around both stay; those of the groups that are left are forgotten. */
function jump(tree: TreePlaces, { place, reason, rule }: Jump, before: Counters): Coming {
  const { label, atMost } = rule;
  const number = place.goTos.get(reason) ?? -1;
  const taken = before.visits[number];
  const target = tree.places.get(label);
  if (taken === undefined || target === undefined || !isReachableFrom(place, target))
    return fault(before, `step "${place.part.label}" goes to "${label}", which is not in a group around it`);
  if (taken >= atMost) {
    const found = `step "${place.part.label}" would go to "${label}" once more, after ${atMost} times`;
    return fault(before, `${found}: it must not more often`);
  }
  const visits = before.visits.with(number, taken + 1);
  return {
    target: label,
    counters: { ...before, visits, passes: before.passes.slice(0, target.path.length) },
  };
}

/** Whether the target lies in the group of this step or in one around it, not inside another one. */
export function isReachableFrom({ path }: Place, target: Place): boolean {
  const last = target.path.length - 1;
  return path[last]?.group === target.path[last]?.group;
}

function fault(counters: Counters, reason: string): Coming {
  return { target: ENDED, counters: { ...counters, outcome: { verdict: 'fault', reason } } };
}

/** What comes once the item at the end of this path is over. */
function following(path: readonly Position[], counters: Counters): Coming {
  let { cycle } = counters;
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    const position = path[depth];
    const pass = counters.passes[depth];
    assert(position !== undefined && pass !== undefined, 'every group around a step has a pass');
    const { group, index } = position;
    const found = laterInPass(group, index + 1, pass) ?? laterPass(group, pass + 1);
    const nextPass = found?.pass ?? group.count;
    if (group.countsCycles) cycle += nextPass - pass;
    const passes = [...counters.passes.slice(0, depth), nextPass];
    if (found !== null) return arrive(found.item, passes, { ...counters, cycle });
  }
  return { target: COMPLETED, counters: { ...counters, cycle, passes: [] } };
}

interface Due {
  readonly item: PlacedItem;
  readonly pass: number;
}

function laterInPass(group: PlacedGroup, fromIndex: number, pass: number): Due | null {
  for (let index = fromIndex; index < group.items.length; index += 1) {
    const item = group.items[index];
    if (item?.isLive === true && pass % item.every === 0) return { item, pass };
  }
  return null;
}

/** The first item of the first pass, from this one on, that has any. */
function laterPass(group: PlacedGroup, fromPass: number): Due | null {
  const passes = group.items
    .filter(({ isLive }) => isLive)
    .map(({ every }) => Math.ceil(fromPass / every) * every);
  const pass = passes.reduce((first, candidate) => Math.min(first, candidate), Number.POSITIVE_INFINITY);
  return pass > group.count ? null : laterInPass(group, 0, pass);
}

function arrive({ content }: PlacedItem, passes: readonly number[], counters: Counters): Coming {
  if ('items' in content) return enter(content, passes, counters);
  return { target: content.label, counters: { ...counters, passes } };
}

function enter(group: PlacedGroup, around: readonly number[], counters: Counters): Coming {
  const first = laterPass(group, 1);
  assert(first !== null, 'a group is entered only where it has a step to run');
  const cycle = counters.cycle + (group.countsCycles ? first.pass : 0);
  return arrive(first.item, [...around, first.pass], { ...counters, cycle });
}

/**
 * Every target that `comesAfter` may name for this place, whatever the counters are; may hold some that no
 * counters lead to. The number of them is bounded by the tree, not by its counts.
 */
export function candidatesAfter(tree: TreePlaces, place: Place): ReadonlySet<string> {
  const targets = new Set<string>([ENDED]);
  for (const reason of reasonsOf(place.part)) {
    const rule = place.part.ends[reason];
    if (rule?.then === 'next' || rule?.then === 'hold') addFollowing(targets, place.path);
    if (rule?.then === 'end group') addFollowing(targets, place.path.slice(0, -1));
    if (rule?.then === 'go to' && tree.places.has(rule.label)) targets.add(rule.label);
  }
  return targets;
}

function addFollowing(targets: Set<string>, path: readonly Position[]): void {
  for (const { group, index } of path.toReversed()) {
    if (addFirsts(targets, group, index + 1)) return;
    if (group.count > 1) addFirsts(targets, group, 0);
  }
  targets.add(COMPLETED);
}

/** What may come first from this item on; true where one of them is due in every pass. */
function addFirsts(targets: Set<string>, group: PlacedGroup, fromIndex: number): boolean {
  for (let index = fromIndex; index < group.items.length; index += 1) {
    const item = group.items[index];
    if (item?.isLive !== true) continue;
    if ('items' in item.content) addFirsts(targets, item.content, 0);
    else targets.add(item.content.label);
    if (item.every === 1) return true;
  }
  return false;
}
