// A protocol with each of its counts at two: every loop is gone round once and left once, so that checks and
// drawings come to every state without running through ten years of cycles.
import type { ParameterTable } from '../steps/parameters.ts';
import type { PreparedProtocol, Program } from '../steps/protocol.ts';
import { createTreeProgram } from './tree-program.ts';
import { type TreeItem, treeOf } from './tree.ts';

export const COUNT_CAPPED = 2;

/** Each count of a table at two, or as near to it as its bounds allow: for a hand-written machine. */
export function cappedCounts(table: ParameterTable): Record<string, number> {
  const counts = Object.entries(table).flatMap(([name, spec]) =>
    spec.kind === 'count' ? [[name, Math.min(spec.max, Math.max(spec.min, COUNT_CAPPED))] as const] : [],
  );
  return Object.fromEntries(counts);
}

/** Of a protocol of the language the groups are capped; a hand-written machine is returned as it is. */
export function cappedProgram(prepared: PreparedProtocol): Program {
  const tree = treeOf(prepared);
  return tree === null ? prepared : createTreeProgram({ items: tree.items.map(capped) }, { id: 'capped' });
}

function capped(item: TreeItem): TreeItem {
  const every = Math.min(item.every, COUNT_CAPPED);
  if (item.kind === 'step') return { ...item, every };
  return { ...item, every, count: Math.min(item.count, COUNT_CAPPED), items: item.items.map(capped) };
}
