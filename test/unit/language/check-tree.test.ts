// Goal: a tree that no machine may be made of is refused with what to do; a sound one is not. Method: one
// tree for each thing that can be wrong, random sound ones, and the largest that is allowed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTree, TREE_LIMITS } from '../../../src/language/check-tree.ts';
import { createTreeProgram } from '../../../src/language/tree-program.ts';
import type { TreeItem } from '../../../src/language/tree.ts';
import { startMachine } from '../../../src/steps/machine.ts';
import { type Ends, group, half, randomTrees, rest, treeOf } from '../../support/resolved-trees.ts';

const goTo = (label: string, atMost = 1): Ends => ({ duration: { then: 'go to', label, atMost } });

function nested(depth: number, count = 1): TreeItem {
  return depth === 0 ? rest('deep') : group(count, [nested(depth - 1, count)]);
}

const { ends: _ends, ...endless } = half('a', 'plate');
const bare = rest('a');

const wrong: [string, TreeItem[], RegExp][] = [
  ['two steps of one label', [rest('a'), group(2, [rest('a')])], /two steps have the label "a"/],
  ['the name of a final state', [rest('completed')], /no step may be called "completed"/],
  ['a label in capitals', [rest('Rest 1')], /label "Rest 1"/],
  ['a label that JavaScript knows', [rest('__proto__')], /label "__proto__"/],
  ['no step at all', [], /no step that ever runs/],
  ['only steps that never run', [rest('a', { every: 2 })], /no step that ever runs/],
  ['an empty group', [group(2, []), rest('a')], /is empty/],
  ['a group of no passes', [group(0, [rest('a')])], /runs 0 times/],
  ['a group of half a pass', [group(1.5, [rest('a')])], /runs 1\.5 times/],
  ['a step of every 0 passes', [rest('a', { every: 0 })], /every 0 passes/],
  ['an end without a rule', [{ ...endless, ends: {} }], /may end by voltage-max, and nothing says/],
  ['a step without a bound', [{ ...bare, step: { ...bare.step, durationMaxUs: Infinity } }], /within 90 d/],
  ['a go to nowhere', [rest('a', { ends: goTo('b') })], /no step has that label/],
  ['a go to into another group', [rest('a', { ends: goTo('b') }), group(2, [rest('b')])], /another group/],
  ['a go to without a bound', [rest('a', { ends: goTo('a', Infinity) })], /at most Infinity times/],
  [
    'a hold without a reason',
    [rest('a', { ends: { duration: { then: 'hold', reason: ' ' } } })],
    /without a/,
  ],
  ['a step that nothing leads to', [rest('a', { ends: goTo('c') }), rest('b'), rest('c')], /"b" is never/],
  [
    'cycles inside cycles',
    [group(2, [group(2, [rest('a')], { countsCycles: true })], { countsCycles: true })],
    /counts cycles inside/,
  ],
  ['groups too deep', [nested(13)], /13 groups deep/],
  ['more passes than anyone lives', [nested(2, 1e9)], /1000000000000000000 passes/],
  ['too many parts', Array.from({ length: 2001 }, (_, index) => rest(`r-${index}`)), /2001 parts/],
  [
    'too many go to',
    Array.from({ length: 65 }, (_, index) => rest(`r-${index}`, { ends: goTo(`r-${index + 1}`) })),
    /65 "go to"|no step has that label/,
  ],
  [
    'too many ways',
    [
      group(
        9,
        Array.from({ length: 1000 }, (_, index) => rest(`r-${index}`, { every: 2 })),
      ),
    ],
    /too many steps with "every"/,
  ],
];

describe('the check of a tree', () => {
  it.each(wrong)('refuses %s', (_, items, problem) => {
    expect(checkTree(treeOf(...items)).join('\n')).toMatch(problem);
  });

  it('finds nothing in a sound tree, also where a count of today leaves a step out', () => {
    const cycle = [half('plate', 'plate'), half('strip', 'strip'), rest('look', { every: 10 })];
    expect(checkTree(treeOf(rest('wetting'), group(5, cycle, { countsCycles: true })))).toEqual([]);
  });

  it('finds at most steps that nothing leads to in random trees whose parts are sound', () => {
    let sound = 0;
    fc.assert(
      fc.property(randomTrees({ counts: [1, 2, 1000], depth: 4, width: 4 }), (tree) => {
        const problems = checkTree(tree).filter((problem) => !/never reached|ever runs/.test(problem));
        expect(problems).toEqual([]);
        if (checkTree(tree).length === 0) sound += 1;
      }),
    );
    expect(sound).toBeGreaterThan(10);
  });

  it('passes the largest tree that it allows, and a machine is made of it', () => {
    const steps = Array.from({ length: TREE_LIMITS.parts - 1 }, (_, index) => rest(`r-${index}`));
    const tree = treeOf(group(1e9, steps));
    expect(checkTree(tree)).toEqual([]);
    expect(startMachine(createTreeProgram(tree, { id: 'large' }).machine).value).toBe('r-0');
  });
});
