// Goal: the tree of a machine tells the steps that the machine comes to, in their order and number, whether
// it was written by hand or made of a tree; and it is found without running through the cycles. Method: trees
// read back from programs; machines of the registry, walked; the steps that are asked for are counted.
import { describe, expect, it } from 'vitest';
import { coulombicEfficiency } from '../../../protocols/coulombic-efficiency.ts';
import { treeFromProgram } from '../../../src/language/tree-from-program.ts';
import { createTreeProgram } from '../../../src/language/tree-program.ts';
import { totalsOf } from '../../../src/language/tree-totals.ts';
import type { ResolvedTree, TreeItem } from '../../../src/language/tree.ts';
import type { Program } from '../../../src/steps/protocol.ts';
import { prepared } from '../../support/prepared.ts';
import { group, half, rest, treeOf } from '../../support/resolved-trees.ts';

function treeOfMachine(program: Program, cycles: number): ResolvedTree {
  const tree = treeFromProgram(program, cycles);
  if (tree === null) throw new Error('no tree was found');
  return tree;
}

/** `wetting`, `3 x (plate strip)`. */
function told(items: readonly TreeItem[]): string {
  const part = (item: TreeItem): string =>
    item.kind === 'step' ? item.label : `${item.count} x (${told(item.items)})`;
  return items.map(part).join(' ');
}

function cyclesOf(count: number): TreeItem {
  const items = [half('plate', 'plate'), half('strip', 'strip', { completesCycle: true })];
  return group(count, items, { countsCycles: true });
}

describe('the tree of a machine', () => {
  it('tells steps before the cycles, then one group with the count of what is left', () => {
    const settings = { wetting: '1 h', conditioning_cycles: 2, cycles: 1000 };
    const { items } = treeOfMachine(prepared(settings), 1000);
    expect(told(items)).toMatch(/^wetting( conditioning-plating\S* conditioning-stripping\S*){2} 1000 x \(/);
    expect(items.at(-1)).toMatchObject({ kind: 'group', countsCycles: true, count: 1000 });
  });

  it.each([3, 10, 1000])('adds up to the plan of the protocol, with %d cycles', (cycles) => {
    for (const protocol of [prepared({ cycles }), prepared({ cycles }, coulombicEfficiency)]) {
      const totals = totalsOf(treeOfMachine(protocol, cycles));
      expect(totals.cycles).toBe(cycles);
      expect(totals.steps).toBe(protocol.plan.steps);
      expect(totals.durationExpectedUs).toBe(protocol.plan.durationUs);
    }
  });

  it('of one or two cycles is those steps, as they come', () => {
    const { items } = treeOfMachine(prepared({ wetting: '0 s', conditioning_cycles: 0, cycles: 1 }), 1);
    expect(told(items)).toBe('cycling-plating cycling-stripping');
  });

  it('is the tree that a program was made of', () => {
    const tree = treeOf(rest('wetting'), cyclesOf(50));
    const found = treeOfMachine(createTreeProgram(tree, { id: 'made' }), 50);
    expect(told(found.items)).toBe('wetting 50 x (plate strip)');
    expect(totalsOf(found)).toEqual(totalsOf(tree));
  });

  it('keeps labels unique, and says which ends end the run', () => {
    const { items } = treeOfMachine(prepared({ conditioning_cycles: 2, cycles: 9 }), 9);
    const labels = items.flatMap((item) => (item.kind === 'step' ? [item.label] : []));
    expect(new Set(labels).size).toBe(labels.length);
    const plating = items.find((item) => item.kind === 'step' && item.label === 'conditioning-plating');
    expect(plating).toMatchObject({
      ends: {
        'net-charge': { then: 'next' },
        'voltage-min': { then: 'end run', verdict: 'voltage-limit' },
        duration: { then: 'end run', verdict: 'fault' },
      },
    });
  });

  it('is found with the same work however many cycles there are', () => {
    const askedFor = (cycles: number): number => {
      let asked = 0;
      const protocol = prepared({ cycles });
      const stepOf: Program['stepOf'] = (snapshot) => {
        asked += 1;
        return protocol.stepOf(snapshot);
      };
      treeOfMachine({ ...protocol, stepOf }, cycles);
      return asked;
    };
    expect(askedFor(1_000_000)).toBe(askedFor(10));
  });

  it('is none where no cycle repeats for long', () => {
    const program = createTreeProgram(treeOf(group(5000, [rest('again')])), { id: 'long' });
    expect(treeFromProgram(program, 0)).toBeNull();
  });
});
