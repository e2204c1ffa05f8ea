// Goal: the look-ahead tree is what the program would do, no deeper than the device holds, deep enough to
// need no hurry. Method: trees of many programs, checked against stepping the runner itself; coverage
// computed along every branch.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../../src/base/assert.ts';
import type { PreparedProtocol } from '../../../src/steps/protocol.ts';
import { createRunner, type Runner, type RunnerState } from '../../../src/steps/runner.ts';
import {
  type LookAheadTree,
  PROGRAM_END_REASONS,
  type ProgramEndReason,
  possibleEnds,
  type TreeNode,
} from '../../../src/steps/step.ts';
import { coulombicEfficiency } from '../../../protocols/coulombic-efficiency.ts';
import { afterPreflight, type Parameters, prepared, stepEnded } from '../../support/prepared.ts';

const HORIZON_US = 2_000_000;
const BUDGET = { slots: 16, horizonUs: HORIZON_US, rootId: 1, nextId: 2 };
/** 1 mA/cm2 for 0.2 s. */
const SHORT: Parameters = {
  current_density: '18 mA/cm2',
  areal_capacity: '1 uAh/cm2',
  wetting: '0 s',
  conditioning_cycles: 0,
};
const HOUR: Parameters = { wetting: '0 s', conditioning_cycles: 0 };
const BRANCHING: Parameters = { on_plate_voltage_limit: 'next', on_strip_voltage_limit: 'next' };

function treeOf(protocol: PreparedProtocol, budget = BUDGET): LookAheadTree {
  const { runner, state } = afterPreflight(protocol);
  return runner.lookAhead(state, budget).tree;
}

function childrenOf(tree: LookAheadTree, node: TreeNode): [ProgramEndReason, TreeNode][] {
  return PROGRAM_END_REASONS.flatMap((reason) => {
    const child = tree.nodes.find(({ id }) => id === node.children[reason]);
    return child === undefined ? [] : [[reason, child] as [ProgramEndReason, TreeNode]];
  });
}

/** Expected time below the root on the way to each leaf, the leaf included. */
function coverages(tree: LookAheadTree): { readonly leaf: TreeNode; readonly coveredUs: number }[] {
  const walk = (node: TreeNode, coveredUs: number): { leaf: TreeNode; coveredUs: number }[] => {
    const children = childrenOf(tree, node);
    if (children.length === 0) return [{ leaf: node, coveredUs }];
    return children.flatMap(([, child]) => walk(child, coveredUs + child.step.durationExpectedUs));
  };
  return walk(tree.nodes[0], 0);
}

const programs = fc.record({
  wetting: fc.constantFrom('0 s', '100 ms', '1 h'),
  conditioning_cycles: fc.integer({ min: 0, max: 2 }),
  conditioning_capacity: fc.constantFrom('1 uAh/cm2', '0.5 mAh/cm2'),
  cycles: fc.integer({ min: 1, max: 12 }),
  end_by: fc.constantFrom('charge', 'time'),
  current_density: fc.constantFrom('1 mA/cm2', '18 mA/cm2', '3.6 mA/cm2'),
  areal_capacity: fc.constantFrom('1 uAh/cm2', '1 mAh/cm2'),
  on_plate_voltage_limit: fc.constantFrom('stop', 'next'),
  on_strip_voltage_limit: fc.constantFrom('stop', 'next'),
});
const slots = fc.integer({ min: 1, max: 20 });

/** Walks along a random list of ends; stays where the program has ended. */
function walked(runner: Runner, from: RunnerState, reasons: readonly ProgramEndReason[]): RunnerState {
  return reasons.reduce((at, reason) => {
    const step = runner.desiredStep(at);
    if (step === null) return at;
    const possible = possibleEnds(step);
    const next = runner.advance(at, stepEnded(possible.includes(reason) ? reason : 'duration'));
    return runner.desiredStep(next) === null ? at : next;
  }, from);
}

describe('the look-ahead tree', () => {
  it('is a tree within the slots, ids rising, step numbers one above the parent, from anywhere', () => {
    const walk = fc.array(fc.constantFrom(...PROGRAM_END_REASONS), { maxLength: 12 });
    fc.assert(
      fc.property(programs, slots, walk, (parameters, count, reasons) => {
        const { runner, state } = afterPreflight(prepared(parameters));
        const from = walked(runner, state, reasons);
        const { tree, nextId } = runner.lookAhead(from, { ...BUDGET, slots: count, rootId: 5, nextId: 9 });
        const ids = tree.nodes.map(({ id }) => id);
        expect(tree.nodes.length).toBeLessThanOrEqual(count);
        expect(ids).toEqual([5, ...ids.slice(1).map((_, index) => 9 + index)]);
        expect(nextId).toBe(9 + tree.nodes.length - 1);
        expect(tree.nodes[0].stepNumber).toBe(from.stepNumber);
        const referred = tree.nodes.flatMap((node) => childrenOf(tree, node).map(([, child]) => child.id));
        expect([...referred].sort((a, b) => a - b)).toEqual(ids.slice(1));
        for (const node of tree.nodes) {
          expect(node.step.durationMaxUs).toBeGreaterThan(0);
          for (const [, child] of childrenOf(tree, node)) {
            expect(child.stepNumber).toBe(node.stepNumber + 1);
            expect(child.id).toBeGreaterThan(node.id);
          }
        }
      }),
    );
  });

  it('has as its children exactly what the program would ask for after each end', () => {
    fc.assert(
      fc.property(programs, slots, (parameters, count) => {
        const { runner, state } = afterPreflight(prepared(parameters));
        const { tree } = runner.lookAhead(state, { ...BUDGET, slots: count });
        const compare = (node: TreeNode, at: RunnerState): void => {
          expect(node.step).toEqual(runner.desiredStep(at));
          for (const [reason, child] of childrenOf(tree, node)) {
            expect(possibleEnds(node.step)).toContain(reason);
            compare(child, runner.advance(at, stepEnded(reason)));
          }
        };
        compare(tree.nodes[0], state);
      }),
    );
  });

  it('covers two seconds of work on every branch, or all slots, or the end of the program', () => {
    fc.assert(
      fc.property(programs, slots, (parameters, count) => {
        const { runner, state } = afterPreflight(prepared(parameters));
        const { tree } = runner.lookAhead(state, { ...BUDGET, slots: count });
        if (tree.nodes.length === count) return;
        const isLast = (node: TreeNode): boolean =>
          node.step.cycle === parameters.cycles && node.step.completesCycle;
        for (const { leaf, coveredUs } of coverages(tree)) {
          expect(coveredUs >= HORIZON_US || isLast(leaf)).toBe(true);
        }
      }),
    );
  });

  it('holds ten half-cycles of 0.2 s behind the running one: two seconds', () => {
    const tree = treeOf(prepared(SHORT));
    expect(tree.nodes[0].step.durationExpectedUs).toBe(200_000);
    expect(tree.nodes).toHaveLength(11);
    expect(coverages(tree).map(({ coveredUs }) => coveredUs)).toEqual([HORIZON_US]);
  });

  it('goes one level deep with half-cycles of an hour', () => {
    const tree = treeOf(prepared(HOUR));
    expect(tree.nodes).toHaveLength(2);
    expect(childrenOf(tree, tree.nodes[0]).map(([reason]) => reason)).toEqual(['net-charge']);
  });

  it('has a child for each end that goes on, and none for an end of the run', () => {
    const reasonsOf = (parameters: Parameters): ProgramEndReason[] => {
      const tree = treeOf(prepared({ ...HOUR, ...parameters }));
      return childrenOf(tree, tree.nodes[0]).map(([reason]) => reason);
    };
    expect(reasonsOf({})).toEqual(['net-charge']);
    expect(reasonsOf({ on_plate_voltage_limit: 'next' })).toEqual([
      'voltage-max',
      'voltage-min',
      'net-charge',
    ]);
    expect(reasonsOf({ on_strip_voltage_limit: 'next' })).toEqual(['net-charge']);
    expect(reasonsOf({ end_by: 'time' })).toEqual(['duration']);
  });

  it('keeps its branches about equally deep when the slots run out', () => {
    const tree = treeOf(prepared({ ...SHORT, ...BRANCHING }));
    expect(tree.nodes).toHaveLength(16);
    const depths = coverages(tree).map(({ leaf }) => leaf.stepNumber);
    expect(Math.max(...depths) - Math.min(...depths)).toBeLessThanOrEqual(1);
  });

  it('is the root alone on a device with one slot', () => {
    expect(treeOf(prepared(SHORT), { ...BUDGET, slots: 1 }).nodes).toHaveLength(1);
  });

  it('ends with the program', () => {
    const tree = treeOf(prepared({ ...SHORT, cycles: 2 }));
    expect(tree.nodes.map(({ step }) => [step.cycle, step.half])).toEqual([
      [1, 'plate'],
      [1, 'strip'],
      [2, 'plate'],
      [2, 'strip'],
    ]);
    expect(tree.nodes.at(-1)?.children).toEqual({});
  });

  it('preloads nothing behind a step whose values are judged', () => {
    const runner = createRunner(prepared());
    const { tree, nextId } = runner.lookAhead(runner.start(), BUDGET);
    expect(tree.nodes).toHaveLength(1);
    expect(tree.nodes[0]).toMatchObject({ stepNumber: 1, children: {}, step: { phase: 'ocv' } });
    expect(nextId).toBe(2);
  });
});

describe('the runner', () => {
  it('goes from the pre-flight into the protocol without resetting the step number', () => {
    const { runner, state } = afterPreflight(prepared());
    expect(state).toMatchObject({ stage: 'protocol', stepNumber: 4 });
    expect(runner.desiredStep(state)?.phase).toBe('wetting');
  });

  it('ends as a pre-flight refusal when the cell is refused', () => {
    const runner = createRunner(prepared());
    const state = runner.advance(runner.start(), stepEnded('duration', { voltageNv: 1_400_000_000 }));
    expect(runner.desiredStep(state)).toBeNull();
    expect(runner.outcome(state)).toMatchObject({ isPreflight: true, verdict: 'fault' });
  });

  it('ends as completed after the last half-cycle', () => {
    const { runner, state } = afterPreflight(prepared({ ...HOUR, cycles: 1 }));
    const end = ['net-charge', 'net-charge'].reduce(
      (at) => runner.advance(at, stepEnded('net-charge')),
      state,
    );
    expect(runner.desiredStep(end)).toBeNull();
    expect(runner.outcome(end)).toEqual({
      isPreflight: false,
      verdict: 'completed',
      reason: 'all cycles done',
    });
  });

  it('follows a device that went on before the values of its step were judged', () => {
    const { runner, state } = afterPreflight(prepared({ wetting: '0 s', cycles: 2 }, coulombicEfficiency));
    const stripping = runner.advance(state, stepEnded('step-charge'));
    const judged = runner.advance(stripping, stepEnded('voltage-max', { chargeNc: 1 }));
    expect(runner.desiredStep(judged)).toBeNull();
    expect(runner.outcome(judged).verdict).toBe('low-ce');
    const followed = runner.advanceAsForeseen(stripping, 'voltage-max');
    expect(followed.stepNumber).toBe(judged.stepNumber);
    expect(runner.desiredStep(followed)).toMatchObject({ half: 'plate', cycle: 2 });
    const { tree } = runner.lookAhead(stripping, BUDGET);
    expect(tree.nodes[1]?.step).toEqual(runner.desiredStep(followed));
  });

  it('has no outcome while a step is wanted', () => {
    const { runner, state } = afterPreflight(prepared());
    expect(() => runner.outcome(state)).toThrow(AssertionFailed);
  });

  it('goes on from its checkpoint as if it had never been away', () => {
    const walk = fc.array(fc.constantFrom(...PROGRAM_END_REASONS), { maxLength: 12 });
    fc.assert(
      fc.property(programs, walk, (parameters, reasons) => {
        const { runner, state } = afterPreflight(prepared(parameters));
        const lived = walked(runner, state, reasons);
        const json = JSON.stringify(runner.persist(lived));
        const again = createRunner(prepared(parameters)).restore(JSON.parse(json) as Record<string, unknown>);
        expect(again.stepNumber).toBe(lived.stepNumber);
        expect(runner.lookAhead(again, BUDGET)).toEqual(runner.lookAhead(lived, BUDGET));
      }),
    );
  });

  it.each([
    [{ stage: 'nonsense', stepNumber: 1, snapshot: {} }],
    [{ stage: 'protocol', stepNumber: '4', snapshot: {} }],
    [{ stage: 'protocol', stepNumber: 4, snapshot: null }],
    [{}],
  ])('refuses the foreign checkpoint %j', (persisted) => {
    expect(() => createRunner(prepared()).restore(persisted)).toThrow(AssertionFailed);
  });
});
