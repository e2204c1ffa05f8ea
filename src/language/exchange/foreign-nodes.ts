// Reads the JSON of other programs by nodes that know their places: exact keys, numbers with the unit that
// the format gives them, and what is too large or too deep refused before a tree is made. Never throws.
import { type Dimension, parseQuantity } from '../../base/quantity.ts';
import { suggestion } from '../../base/suggestion.ts';
import { TREE_LIMITS } from '../check-tree.ts';
import type { Place } from '../expression.ts';
import { COUNT_MAX, GROUP_DEPTH_MAX, PARTS_MAX } from '../protocol-keys.ts';
import { createReading, quoted, type Reading, wordsOfNode } from '../read-nodes.ts';
import type { SourceProblem } from '../source-tree.ts';
import { nodesOf, type SourceNode } from '../yaml-nodes.ts';
import type { ExchangeItem, ExchangeSafety, Imported } from './exchange-tree.ts';

/** A reading with what it had to leave out or assume. */
export interface ForeignReading extends Reading {
  readonly dropped: string[];
}

/** Values of an object by key; a null of JSON is left out. */
export type ForeignFields<Key extends string> = Readonly<Partial<Record<Key, SourceNode>>> & {
  readonly at: Place;
};

export function createForeignReading(): ForeignReading {
  return { ...createReading(), dropped: [] };
}

type Read = (root: SourceNode, reading: ForeignReading) => readonly ExchangeItem[];

/** The whole text by `read`, which also fills in the limits of the cell. */
export function importJson(
  text: string,
  read: Read,
  safetyOf: (root: SourceNode, reading: ForeignReading) => ExchangeSafety,
): Imported {
  const nodes = nodesOf(text);
  if (!nodes.ok) return nodes;
  const reading = createForeignReading();
  const items = read(nodes.root, reading);
  const safety = safetyOf(nodes.root, reading);
  return importedFrom({ items, safety }, reading);
}

/** The tree, where nothing was wrong and it is not too large. */
export function importedFrom(
  exchange: { readonly items: readonly ExchangeItem[]; readonly safety: ExchangeSafety },
  { problems, dropped }: Pick<ForeignReading, 'problems' | 'dropped'>,
): Imported {
  const found = problems.length > 0 ? problems : sizeProblems(exchange.items);
  return found.length > 0 ? { ok: false, problems: found } : { ok: true, exchange, dropped };
}

const START: Place = { line: 1, column: 1 };

function sizeProblems(items: readonly ExchangeItem[]): readonly SourceProblem[] {
  let parts = 0;
  let [depthMost, passesMost] = [0, 1];
  let longestUs = 0;
  const walk = (inside: readonly ExchangeItem[], depth: number, passes: number): void => {
    depthMost = Math.max(depthMost, depth);
    passesMost = Math.max(passesMost, passes);
    for (const item of inside) {
      parts += 1;
      if (item.kind === 'group') walk(item.items, depth + 1, passes * item.count);
      else longestUs = Math.max(longestUs, item.timeUs ?? 0, item.atMostUs ?? 0);
    }
  };
  walk(items, 0, 1);
  const messages = [
    ...(parts === 0 ? ['there is no step in it'] : []),
    ...(parts > PARTS_MAX ? [`more than ${PARTS_MAX} steps and groups`] : []),
    ...(depthMost > GROUP_DEPTH_MAX ? [`more than ${GROUP_DEPTH_MAX} groups inside each other`] : []),
    ...(passesMost > TREE_LIMITS.product
      ? ['the counts of groups in each other multiply to more than 1e15']
      : []),
    ...(longestUs > TREE_LIMITS.durationUs ? ['a step of more than 90 days; give it a shorter time'] : []),
  ];
  return messages.map((message) => ({ ...START, message }));
}

/** An object with these keys and no others; null: it is none, which was reported. */
export function fieldsOf<Key extends string>(
  node: SourceNode,
  keys: readonly Key[],
  { path, reading }: { readonly path: string; readonly reading: Reading },
): ForeignFields<Key> | null {
  if (node.kind !== 'table') {
    reading.report(node.at, `${path}: found ${wordsOfNode(node)}, an object is wanted`);
    return null;
  }
  const found = new Map<string, SourceNode>();
  const seen = new Set<string>();
  for (const { key, at, value } of node.entries) {
    const known = keys.find((candidate) => candidate === key);
    if (known === undefined)
      reading.report(at, `${path}: unknown key ${quoted(key)}; ${suggestion(key.slice(0, 40), keys)}`);
    else if (seen.has(key)) reading.report(at, `${path}: the key "${key}" stands twice; leave one out`);
    else if (!isNull(value)) found.set(key, value);
    seen.add(key);
  }
  const fields: Partial<Record<Key, SourceNode>> = {};
  for (const key of keys) {
    const value = found.get(key);
    if (value !== undefined) fields[key] = value;
  }
  return { ...fields, at: node.at };
}

function isNull(node: SourceNode): boolean {
  return node.kind === 'text' && (node.text === 'null' || node.text.trim() === '');
}

export function textOf(node: SourceNode, path: string, reading: Reading): string | null {
  if (node.kind === 'text') return node.text;
  reading.report(node.at, `${path}: found ${wordsOfNode(node)}, a text is wanted`);
  return null;
}

export function itemsOf(
  node: SourceNode | undefined,
  path: string,
  { report }: Reading,
): readonly SourceNode[] {
  if (node === undefined) return [];
  if (node.kind === 'list' && node.items.length <= PARTS_MAX * 2) return node.items;
  const found = node.kind === 'list' ? `${node.items.length} entries` : wordsOfNode(node);
  report(node.at, `${path}: found ${found}, a list of at most ${PARTS_MAX * 2} is wanted`);
  return [];
}

const NUMBER = /^[+-]?\d{1,30}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,2})?$/;

/** A number of the unit as an integer of base units; null: there is none, or it was reported. */
export function numberOf(
  node: SourceNode | undefined,
  unit: { readonly name: string; readonly dimension: Dimension },
  { path, reading }: { readonly path: string; readonly reading: Reading },
): number | null {
  if (node === undefined) return null;
  const text = textOf(node, path, reading);
  if (text === null) return null;
  if (!NUMBER.test(text.trim())) {
    reading.report(node.at, `${path}: found ${quoted(text)}, a number in ${unit.name} is wanted`);
    return null;
  }
  const parsed = parseQuantity(`${text.trim()} ${unit.name}`, unit.dimension);
  if (parsed.ok) return parsed.value;
  reading.report(node.at, `${path}: ${parsed.message}`);
  return null;
}

/** A count of passes, 1 … 1e9; null: reported. */
export function countOf(node: SourceNode, path: string, reading: Reading): number | null {
  const text = textOf(node, path, reading);
  if (text === null) return null;
  const count = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= COUNT_MAX) return count;
  reading.report(node.at, `${path}: found ${quoted(text)}; a whole number 1 … ${COUNT_MAX} is wanted`);
  return null;
}
