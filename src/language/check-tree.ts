// What is wrong with a tree before a machine is made of it, in words. Reads each part once: counts do not
// make it longer, and nothing is expanded. That every path ends needs no walk: a pass is left forward only,
// passes are counted, each `go to` is taken so often at most; what is left to ask is whether the numbers say
// so.
import { possibleEnds, type Step } from '../steps/step.ts';
import {
  beginning,
  candidatesAfter,
  COMPLETED,
  ENDED,
  isReachableFrom,
  placesOf,
  type Place,
  reasonsOf,
  type TreePlaces,
} from './tree-places.ts';
import type { EndRule, ResolvedTree, TreeItem, TreeStep } from './tree.ts';

export const TREE_LIMITS = {
  parts: 2000,
  depth: 12,
  count: 1_000_000_000,
  /** Of `count` multiplied along a path. */
  product: 1_000_000_000_000_000,
  /** Each is a number in every checkpoint. */
  goTos: 64,
  /** Ways from a step to the next, in the whole tree: `every` on many steps in a row makes them many. */
  transitions: 20_000,
  durationUs: 90 * 86_400_000_000,
} as const;

const LABEL = /^[a-z0-9]+([-.][a-z0-9]+)*$/;

/** Problems in the order of the tree; empty: `createTreeProgram` makes a program of it that always ends. */
export function checkTree(tree: ResolvedTree): readonly string[] {
  const shape = shapeProblems(tree);
  if (shape.length > 0) return shape;
  const places = placesOf(tree);
  const ways = wayProblems(places);
  return ways.length > 0 ? ways : reachProblems(places);
}

interface Walked {
  readonly problems: string[];
  readonly labels: Set<string>;
  parts: number;
}

interface Around {
  readonly depth: number;
  readonly product: number;
  readonly countsCycles: boolean;
}

/** Numbers and names, each part by itself. */
function shapeProblems({ items }: ResolvedTree): readonly string[] {
  const walked: Walked = { problems: [], labels: new Set([COMPLETED, ENDED]), parts: 0 };
  walk(items, { depth: 0, product: 1, countsCycles: false }, walked);
  if (walked.parts > TREE_LIMITS.parts)
    walked.problems.push(`the tree has ${walked.parts} parts; at most ${TREE_LIMITS.parts} are allowed`);
  return walked.problems;
}

function walk(items: readonly TreeItem[], around: Around, walked: Walked): void {
  const { problems } = walked;
  for (const item of items) {
    walked.parts += 1;
    const name = `${item.kind} "${item.label ?? 'without a label'}"`;
    if (!isCount(item.every)) problems.push(`${name} runs every ${item.every} passes; give 1 … 1e9`);
    if (item.kind === 'step') {
      problems.push(...labelProblems(item, walked.labels), ...stepProblems(item));
      continue;
    }
    if (!isCount(item.count)) problems.push(`${name} runs ${item.count} times; give 1 … 1e9`);
    if (item.items.length === 0) problems.push(`${name} is empty; give it a step`);
    if (item.countsCycles && around.countsCycles)
      problems.push(`${name} counts cycles inside a group that counts them; make one of them "repeat"`);
    const inside: Around = {
      depth: around.depth + 1,
      product: around.product * item.count,
      countsCycles: around.countsCycles || item.countsCycles,
    };
    if (inside.product > TREE_LIMITS.product)
      problems.push(`${name} comes to ${inside.product} passes in all; at most 1e15 are allowed`);
    if (inside.depth > TREE_LIMITS.depth)
      problems.push(`${name} lies ${inside.depth} groups deep; at most ${TREE_LIMITS.depth} are allowed`);
    else walk(item.items, inside, walked);
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1 && value <= TREE_LIMITS.count;
}

function labelProblems({ label }: TreeStep, labels: Set<string>): readonly string[] {
  if (label === COMPLETED || label === ENDED)
    return [`no step may be called "${label}"; choose another label`];
  if (labels.has(label)) return [`two steps have the label "${label}"; give one of them another`];
  labels.add(label);
  if (LABEL.test(label)) return [];
  return [`the label "${label}" is not of lower case words and digits, joined by "-"`];
}

function stepProblems({ label, step, ends }: TreeStep): readonly string[] {
  const missing = possibleEnds(step).filter((reason) => ends[reason] === undefined);
  return [
    ...missing.map((reason) => `step "${label}" may end by ${reason}, and nothing says what comes then`),
    ...Object.values(ends).flatMap((rule) => ruleProblems(label, rule)),
    ...boundProblems(label, step),
  ];
}

function ruleProblems(label: string, rule: EndRule): readonly string[] {
  if (rule.then === 'go to' && !isCount(rule.atMost))
    return [`step "${label}" goes to "${rule.label}" at most ${rule.atMost} times; give 1 … 1e9`];
  if ((rule.then === 'hold' || rule.then === 'end run') && rule.reason.trim() === '')
    return [`step "${label}" may ${rule.then} without a reason; give one`];
  return [];
}

function boundProblems(label: string, { durationExpectedUs, durationMaxUs }: Step): readonly string[] {
  const isBounded =
    Number.isSafeInteger(durationMaxUs) && durationMaxUs >= 1 && durationMaxUs <= TREE_LIMITS.durationUs;
  if (!isBounded) return [`step "${label}" has no maximum duration within 90 d; give it a "time" limit`];
  const isExpected = durationExpectedUs > 0 && durationExpectedUs <= durationMaxUs;
  return isExpected ? [] : [`step "${label}" is expected to take ${durationExpectedUs} us, beyond its bound`];
}

/** Where ends lead. */
function wayProblems(places: TreePlaces): readonly string[] {
  const problems = [...places.places.values()].flatMap((place) => goToProblems(places, place));
  if (places.goToCount > TREE_LIMITS.goTos)
    problems.push(`there are ${places.goToCount} "go to"; at most ${TREE_LIMITS.goTos} are allowed`);
  let transitions = 0;
  for (const place of places.places.values()) {
    transitions += candidatesAfter(places, place).size;
    if (transitions <= TREE_LIMITS.transitions) continue;
    problems.push('too many steps with "every" follow each other; put those of the same pass into a group');
    break;
  }
  return problems;
}

function goToProblems({ places }: TreePlaces, place: Place): readonly string[] {
  return reasonsOf(place.part).flatMap((reason) => {
    const rule = place.part.ends[reason];
    if (rule?.then !== 'go to') return [];
    const target = places.get(rule.label);
    const found = `step "${place.part.label}" goes to "${rule.label}"`;
    if (target === undefined) return [`${found}, and no step has that label`];
    return isReachableFrom(place, target) ? [] : [`${found}, which lies inside another group`];
  });
}

/**
 * Steps that no way leads to. One that a large `every` leaves out is none of them: that may be a matter of
 * the count that was chosen today.
 */
function reachProblems(tree: TreePlaces): readonly string[] {
  const start = beginning(tree).target;
  if (start === COMPLETED) return ['there is no step that ever runs'];
  const reached = new Set([start]);
  // A set hands out what is added while it is walked.
  for (const label of reached) {
    const place = tree.places.get(label);
    if (place === undefined) continue;
    for (const target of candidatesAfter(tree, place)) reached.add(target);
  }
  return [...tree.places]
    .filter(([label, { path }]) => !reached.has(label) && path.every(isLiveAt))
    .map(([label]) => `step "${label}" is never reached: every end before it leads elsewhere`);
}

function isLiveAt({ group, index }: Place['path'][number]): boolean {
  return group.items[index]?.isLive === true;
}
