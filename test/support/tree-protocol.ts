// A protocol of the test's own: a tree of steps on the cell of symmetric cycling, behind its pre-flight.
import { symmetricCycling } from '../../protocols/symmetric-cycling.ts';
import { createTreeProgram } from '../../src/language/tree-program.ts';
import type { TreeItem } from '../../src/language/tree.ts';
import type { Diagnostics, Protocol } from '../../src/steps/protocol.ts';
import { treeOf } from './resolved-trees.ts';

export function treeProtocol(items: readonly TreeItem[], diagnostics: Diagnostics | null = null): Protocol {
  return {
    ...{ name: 'tree', version: 1, title: 'a tree of steps', about: 'for tests', parameters: {} },
    derives: null,
    prepare: (_given, cell) => {
      const result = symmetricCycling.prepare({}, cell);
      if (!result.ok) return result;
      const program = createTreeProgram(treeOf(...items), { id: 'tree' });
      return { ok: true, values: {}, prepared: { ...result.prepared, ...program, diagnostics } };
    },
  };
}
