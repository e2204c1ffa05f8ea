// Goal: the machine of a tree does what the tree says, step for step, and stays small and bounded whatever
// the counts are. Method: random trees with every kind of end; the machine's walk beside that of a naive
// recursive interpreter; then single trees for each word of the language.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  persistMachine,
  restoreMachine,
  startMachine,
  stepMachine,
  type MachineSnapshot,
} from '../../../src/steps/machine.ts';
import type { Program } from '../../../src/steps/protocol.ts';
import { possibleEnds, type ProgramEndReason, type Step } from '../../../src/steps/step.ts';
import { checkTree } from '../../../src/language/check-tree.ts';
import type { ResolvedTree, TreeItem } from '../../../src/language/tree.ts';
import { createTreeProgram } from '../../../src/language/tree-program.ts';
import { stepEnded } from '../../support/prepared.ts';
import {
  group,
  half,
  randomTrees,
  rest,
  treeOf,
  type Visit,
  walkNaively,
} from '../../support/resolved-trees.ts';

const LARGE = { counts: [1, 2, 3, 7, 1000, 1_000_000_000], depth: 5, width: 4 };
const SMALL = { counts: [1, 2, 3, 4], depth: 4, width: 4 };
const picks = fc.array(fc.nat(100), { minLength: 1, maxLength: 200 });
const LONGEST_US = 90 * 86_400_000_000;
const CHECKPOINT_MAX = 4096;

function program(...items: readonly TreeItem[]): Program {
  const tree = treeOf(...items);
  expect(checkTree(tree)).toEqual([]);
  return createTreeProgram(tree, { id: 'test' });
}

/** The end that the n-th number picks. */
function chooser(numbers: readonly number[]): (step: Step, count: number) => ProgramEndReason {
  return (step, count) => {
    const possible = possibleEnds(step);
    return possible[(numbers[count % numbers.length] ?? 0) % possible.length] ?? 'duration';
  };
}

function after(of: Program, snapshot: MachineSnapshot, reason: ProgramEndReason): MachineSnapshot {
  return stepMachine(of.machine, snapshot, stepEnded(reason));
}

/** The first so many steps, and the snapshot behind them. */
function walk(of: Program, choose: (step: Step, count: number) => ProgramEndReason, stepsMax: number) {
  let snapshot = startMachine(of.machine);
  const visits: Visit[] = [];
  for (
    let step = of.stepOf(snapshot);
    step !== null && visits.length < stepsMax;
    step = of.stepOf(snapshot)
  ) {
    expect(step.programStep).toBe(snapshot.value);
    visits.push({ label: step.programStep, cycle: step.cycle, hold: step.holdReason ?? null });
    snapshot = after(of, snapshot, choose(step, visits.length - 1));
  }
  return { visits, snapshot };
}

/** Labels of the first steps, each ended by the last of its possible ends: its time. */
function labels(of: Program, stepsMax = 100): string[] {
  return walk(of, () => 'duration', stepsMax).visits.map(({ label }) => label);
}

function capped(items: readonly TreeItem[]): TreeItem[] {
  return items.map((item): TreeItem => {
    const every = Math.min(item.every, 2);
    if (item.kind === 'group')
      return { ...item, every, count: Math.min(item.count, 2), items: capped(item.items) };
    const ends = Object.entries(item.ends).map(([reason, rule]) => [
      reason,
      rule.then === 'go to' ? { ...rule, atMost: 1 } : rule,
    ]);
    return { ...item, every, ends: Object.fromEntries(ends) };
  });
}

/** Throws on a cycle; null: more states than are looked at. */
function longestWalk(of: Program, statesMax: number): number | null {
  const known = new Map<string, number>();
  const open = new Set<string>();
  const visit = (snapshot: MachineSnapshot): number => {
    const key = JSON.stringify([snapshot.value, snapshot.context]);
    const length = known.get(key);
    if (length !== undefined) return length;
    if (open.has(key)) throw new Error(`a cycle through ${key}`);
    if (open.size + known.size > statesMax) return 0;
    open.add(key);
    const step = of.stepOf(snapshot);
    const next = step === null ? [] : possibleEnds(step).map((reason) => visit(after(of, snapshot, reason)));
    open.delete(key);
    known.set(key, Math.max(0, ...next.map((steps) => steps + 1)));
    return known.get(key) ?? 0;
  };
  const longest = visit(startMachine(of.machine));
  return open.size + known.size > statesMax ? null : longest;
}

function machineOf(tree: ResolvedTree): Program {
  return createTreeProgram(tree, { id: 'random' });
}

describe('the machine of any tree', () => {
  it('takes the steps that a naive walk through the tree takes, and ends as that does', () => {
    let ended = 0;
    fc.assert(
      fc.property(randomTrees(SMALL), picks, (tree, numbers) => {
        const choose = chooser(numbers);
        const naive = walkNaively(tree, choose, 200);
        const of = machineOf(tree);
        const { visits, snapshot } = walk(of, choose, 200);
        expect(visits).toEqual(naive.visits);
        if (naive.end === null) return;
        ended += 1;
        expect(snapshot.status).toBe('done');
        expect(of.outcomeOf(snapshot).verdict).toBe(naive.end.verdict);
      }),
      { numRuns: 500 },
    );
    expect(ended).toBeGreaterThan(100);
  });

  it('names a bounded step everywhere, however large its counts are', () => {
    fc.assert(
      fc.property(randomTrees(LARGE), picks, (tree, numbers) => {
        const of = machineOf(tree);
        const bounded = (step: Step): boolean => step.durationMaxUs >= 1 && step.durationMaxUs <= LONGEST_US;
        walk(
          of,
          (step, count) => {
            expect(bounded(step)).toBe(true);
            return chooser(numbers)(step, count);
          },
          100,
        );
      }),
    );
  });

  it('has a snapshot below 4 KiB that goes on, once restored, as if nothing had happened', () => {
    fc.assert(
      fc.property(randomTrees(LARGE), picks, fc.nat(60), (tree, numbers, stop) => {
        const choose = chooser(numbers);
        const of = machineOf(tree);
        const { snapshot } = walk(of, choose, stop);
        const text = JSON.stringify(persistMachine(of.machine, snapshot));
        expect(text.length).toBeLessThan(CHECKPOINT_MAX);
        const again = machineOf(tree);
        let [kept, restored] = [snapshot, restoreMachine(again.machine, JSON.parse(text))];
        for (let count = stop; count < stop + 50; count += 1) {
          const step = of.stepOf(kept);
          expect(again.stepOf(restored)).toEqual(step);
          if (step === null) break;
          const reason = choose(step, count);
          [kept, restored] = [after(of, kept, reason), after(again, restored, reason)];
        }
      }),
    );
  });

  it('always ends with counts capped at two, whatever ends its steps come to', () => {
    let walked = 0;
    fc.assert(
      fc.property(randomTrees({ ...LARGE, width: 3 }), (tree) => {
        if (longestWalk(machineOf({ items: capped(tree.items) }), 2000) !== null) walked += 1;
      }),
    );
    expect(walked).toBeGreaterThan(50);
  });
});

describe('a group', () => {
  it('runs its items in each pass, and counts the cycles of the run over all groups that count', () => {
    const of = program(
      rest('wetting'),
      group(2, [rest('a')], { countsCycles: true }),
      group(2, [rest('b')], { countsCycles: true }),
    );
    const { visits } = walk(of, () => 'duration', 10);
    expect(visits.map(({ label, cycle }) => `${label} ${cycle}`)).toEqual([
      'wetting 0',
      'a 1',
      'a 2',
      'b 3',
      'b 4',
    ]);
  });

  it('runs an item of every n passes in passes n, 2n and so on', () => {
    expect(labels(program(group(5, [rest('a'), rest('b', { every: 2 })])))).toEqual([
      'a',
      'a',
      'b',
      'a',
      'a',
      'b',
      'a',
    ]);
  });

  it('comes to the one pass in a thousand million that has something, in no time', () => {
    const of = program(group(1_000_000_000, [rest('rare', { every: 1_000_000_000 })]), rest('last'));
    expect(labels(of)).toEqual(['rare', 'last']);
  });

  it('in which nothing ever runs is passed over, and so is the group around it', () => {
    const barren = group(1_000_000_000, [group(3, [rest('never', { every: 4 })])]);
    expect(labels(program(rest('a'), barren, rest('b')))).toEqual(['a', 'b']);
  });

  it('at the top level knows one pass only', () => {
    expect(labels(program(rest('a'), rest('never', { every: 2 })))).toEqual(['a']);
  });
});

describe('an end', () => {
  it('that ends the group leaves all of its passes, at the top the program', () => {
    const leave = { duration: { then: 'end group' } } as const;
    expect(labels(program(group(9, [rest('a'), rest('b', { ends: leave })]), rest('c')))).toEqual([
      'a',
      'b',
      'c',
    ]);
    const of = createTreeProgram(treeOf(rest('a', { ends: leave }), rest('b')), { id: 'test' });
    const { snapshot, visits } = walk(of, () => 'duration', 9);
    expect(visits).toHaveLength(1);
    expect(of.outcomeOf(snapshot)).toEqual({ verdict: 'completed', reason: 'all steps done' });
  });

  it('that ends the run gives it its verdict and reason', () => {
    const end = { then: 'end run', verdict: 'voltage-limit', reason: 'too high' } as const;
    const of = program(half('a', 'plate', { ends: { 'voltage-max': end } }));
    const { snapshot } = walk(of, () => 'voltage-max', 9);
    expect(of.outcomeOf(snapshot)).toEqual({ verdict: 'voltage-limit', reason: 'too high' });
  });

  it('that holds puts its reason on the next step alone, and is nothing at the end of the program', () => {
    const hold = { duration: { then: 'hold', reason: 'take the picture' } } as const;
    const of = program(rest('a', { ends: hold }), rest('b'), rest('c', { ends: hold }));
    const { visits, snapshot } = walk(of, () => 'duration', 9);
    expect(visits.map(({ hold: reason }) => reason)).toEqual([null, 'take the picture', null]);
    expect(of.outcomeOf(snapshot).verdict).toBe('completed');
  });

  it('that goes back does so as often as it may, then the run ends and says where', () => {
    const again = { duration: { then: 'go to', label: 'a', atMost: 2 } } as const;
    const of = program(group(3, [rest('a'), rest('b', { ends: again })]));
    const { visits, snapshot } = walk(of, () => 'duration', 99);
    expect(visits.map(({ label }) => label).join('')).toBe('ababab');
    const { verdict, reason } = of.outcomeOf(snapshot);
    expect(verdict).toBe('fault');
    expect(reason).toMatch(/"a".* 2 times/);
  });

  it('that goes out of a group forgets its passes: the group begins anew', () => {
    const out = { 'voltage-max': { then: 'go to', label: 'a', atMost: 1 } } as const;
    const of = program(rest('a'), group(2, [half('b', 'plate', { ends: out })]), rest('c'));
    const reasons: ProgramEndReason[] = ['duration', 'duration', 'voltage-max'];
    const { visits } = walk(of, (_, count) => reasons[count] ?? 'duration', 99);
    expect(visits.map(({ label }) => label).join('')).toBe('abbabbc');
  });

  it('that no rule speaks of ends the run as a fault', () => {
    const of = program(rest('a'), rest('b'));
    const snapshot = after(of, startMachine(of.machine), 'voltage-max');
    expect(snapshot.status).toBe('done');
    expect(of.outcomeOf(snapshot)).toMatchObject({
      verdict: 'fault',
      reason: expect.stringMatching(/"a" ended by voltage-max/),
    });
  });
});

describe('the machine', () => {
  it('takes labels with a dot as one name', () => {
    const of = program(group(2, [rest('pulse-0.5ms'), rest('b')]));
    expect(labels(of)).toEqual(['pulse-0.5ms', 'b', 'pulse-0.5ms', 'b']);
  });

  it('is another one, to whoever hashes it, when a step has changed', () => {
    const [one, same, other] = [60_000_000, 60_000_000, 61_000_000].map((durationUs) =>
      JSON.stringify(program(rest('a', { durationUs })).machine.definition),
    );
    expect(one).toBe(same);
    expect(one).not.toBe(other);
  });

  it('keeps 12 000 cycles in less than 4 KiB', () => {
    const cycle = [half('plate', 'plate'), half('strip', 'strip', { completesCycle: true })];
    const of = program(group(12_000, cycle, { countsCycles: true }));
    const { snapshot, visits } = walk(of, () => 'step-charge', 23_999);
    expect(visits.at(-1)).toMatchObject({ label: 'plate', cycle: 12_000 });
    expect(JSON.stringify(persistMachine(of.machine, snapshot)).length).toBeLessThan(400);
    expect(after(of, snapshot, 'step-charge').value).toBe('completed');
  });

  it('completes at once where no step ever runs', () => {
    const of = createTreeProgram(treeOf(rest('never', { every: 2 })), { id: 'test' });
    const snapshot = startMachine(of.machine);
    expect(of.stepOf(snapshot)).toBeNull();
    expect(of.outcomeOf(snapshot).verdict).toBe('completed');
  });
});
