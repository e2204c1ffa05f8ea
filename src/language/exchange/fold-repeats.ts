// A list in which loops were written out, as a list with groups: blocks that follow each other unchanged
// become one with a count. The order of what runs stays the same. Bounded in work: blocks are not longer
// than a cycle with its diagnostics may be.
import { type ExchangeItem, groupOf } from './exchange-tree.ts';

/** Steps in a block at most. */
const BLOCK_MAX = 64;

export function foldRepeats(items: readonly ExchangeItem[]): readonly ExchangeItem[] {
  const keys = items.map((item) => keyOf(item));
  const folded: ExchangeItem[] = [];
  let at = 0;
  while (at < items.length) {
    const { length, count } = longestRun(keys, at);
    const block = items.slice(at, at + length);
    folded.push(...groupOf(count, count === 1 ? block : foldRepeats(block)));
    at += length * count;
  }
  return folded;
}

/** What the item does, whatever it is called. */
function keyOf(item: ExchangeItem): string {
  if (item.kind === 'step') return JSON.stringify({ ...item, name: '' });
  return `${item.count}[${item.items.map(keyOf).join()}]`;
}

/** The block that covers most from here on; the shortest of these. */
function longestRun(
  keys: readonly string[],
  at: number,
): { readonly length: number; readonly count: number } {
  let best = { length: 1, count: 1 };
  for (let length = 1; length <= BLOCK_MAX && at + 2 * length <= keys.length; length += 1) {
    let end = at + length;
    while (end < keys.length && keys[end] === keys[end - length]) end += 1;
    const count = Math.floor((end - at) / length);
    if (count > 1 && count * length > best.count * best.length) best = { length, count };
  }
  return best;
}
