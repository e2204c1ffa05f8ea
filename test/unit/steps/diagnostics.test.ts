// Goal: diagnostics run behind every n-th cycle and nowhere else, and the protocol goes on where it was, also
// after a restart in their middle. Method: the runner alone, stepped end by end through symmetric cycling and
// through trees; look-ahead trees compared with that walk.
import { describe, expect, it } from 'vitest';
import { createTreeProgram } from '../../../src/language/tree-program.ts';
import type { TreeItem } from '../../../src/language/tree.ts';
import { AssertionFailed } from '../../../src/base/assert.ts';
import { checkProgram } from '../../../src/steps/check-program.ts';
import type { PreparedProtocol } from '../../../src/steps/protocol.ts';
import { createRunner, type Runner, type RunnerState } from '../../../src/steps/runner.ts';
import type { Step, TreeNode } from '../../../src/steps/step.ts';
import { afterPreflight, prepared, stepEnded } from '../../support/prepared.ts';
import { type Ends, group, half, rest, treeOf } from '../../support/resolved-trees.ts';

const BUDGET = { slots: 16, horizonUs: 1e12, rootId: 1, nextId: 2 };
const CYCLES = { wetting: '0 s', conditioning_cycles: 1, cycles: 5 };

function withDiagnostics(
  protocol: PreparedProtocol,
  everyCycles: number,
  ...items: readonly TreeItem[]
): PreparedProtocol {
  const program = createTreeProgram(treeOf(...items), { id: 'diagnostics' });
  return { ...protocol, diagnostics: { everyCycles, program } };
}

/** The protocol of another tree, on the cell of symmetric cycling. */
function treeProtocol(...items: readonly TreeItem[]): PreparedProtocol {
  return { ...prepared(), ...createTreeProgram(treeOf(...items), { id: 'protocol' }) };
}

function usual(runner: Runner, state: RunnerState): RunnerState {
  const limits = runner.desiredStep(state)?.limits;
  const hasCharge = limits?.netChargeNc !== null || limits.stepChargeNc !== null;
  const reason = limits?.netChargeNc !== null ? 'net-charge' : 'step-charge';
  return runner.advance(state, stepEnded(hasCharge ? reason : 'duration'));
}

function steps(runner: Runner, from: RunnerState): Step[] {
  const all: Step[] = [];
  let state = from;
  for (let step = runner.desiredStep(state); step !== null; step = runner.desiredStep(state)) {
    all.push(step);
    state = usual(runner, state);
  }
  return all;
}

function told(all: readonly Step[]): string[] {
  return all.map(({ programStep, cycle }) => `${programStep} ${cycle}`);
}

function diagnosed(everyCycles: number, ends: Ends = {}) {
  return afterPreflight(
    withDiagnostics(prepared(CYCLES), everyCycles, rest('relax'), rest('look', { ends })),
  );
}

describe('diagnostics', () => {
  it('run behind each cycle of their rhythm, with its number, and not behind the last', () => {
    const { runner, state } = diagnosed(2);
    const between = told(steps(runner, state)).flatMap((text, index, all) =>
      text.startsWith('look') ? [[all[index - 2], all[index - 1], text, all[index + 1]]] : [],
    );
    expect(between).toEqual([
      ['cycling-stripping 2', 'relax 2', 'look 2', 'cycling-plating 3'],
      ['cycling-stripping 4', 'relax 4', 'look 4', 'cycling-plating 5'],
    ]);
    const everyFifth = diagnosed(5);
    expect(told(steps(everyFifth.runner, everyFifth.state)).join()).not.toContain('look');
  });

  it('do not run behind conditioning cycles, which have no number', () => {
    const { runner, state } = diagnosed(1);
    expect(told(steps(runner, state)).slice(0, 5)).toEqual([
      'conditioning-plating 0',
      'conditioning-stripping 0',
      'cycling-plating 1',
      'cycling-stripping 1',
      'relax 1',
    ]);
  });

  it('leave the steps of the protocol, their numbers and the outcome as they were without them', () => {
    const plain = afterPreflight(prepared(CYCLES));
    const { runner, state } = diagnosed(1);
    const own = steps(runner, state).filter(({ programStep }) => programStep.includes('-'));
    expect(own).toEqual(steps(plain.runner, plain.state));
    let at = state;
    for (let number = at.stepNumber; runner.desiredStep(at) !== null; number += 1) {
      expect(at.stepNumber).toBe(number);
      at = usual(runner, at);
    }
    expect(runner.outcome(at)).toEqual({
      verdict: 'completed',
      reason: 'all cycles done',
      isPreflight: false,
    });
  });

  it('that end as anything but completed end the run with that', () => {
    const limit = { duration: { then: 'end run', verdict: 'polarisation', reason: 'too much' } } as const;
    const { runner, state } = diagnosed(2, limit);
    const all = steps(runner, state);
    expect(told(all).at(-1)).toBe('look 2');
    const last = all.reduce((at) => usual(runner, at), state);
    expect(runner.outcome(last)).toMatchObject({ verdict: 'polarisation', reason: 'too much' });
  });

  it('without a step are passed over', () => {
    const { runner, state } = afterPreflight(
      withDiagnostics(prepared(CYCLES), 1, rest('never', { every: 2 })),
    );
    const plain = afterPreflight(prepared(CYCLES));
    expect(steps(runner, state)).toEqual(steps(plain.runner, plain.state));
  });

  it('are looked ahead through like everything else', () => {
    const { runner, state } = diagnosed(1);
    const walked = steps(runner, state);
    const { tree } = runner.lookAhead(state, BUDGET);
    const line: TreeNode[] = [];
    for (let node: TreeNode | undefined = tree.nodes[0]; node !== undefined; ) {
      line.push(node);
      const childId: number | undefined = node.children['net-charge'] ?? node.children.duration;
      node = tree.nodes.find(({ id }) => id === childId);
    }
    expect(line.length).toBeGreaterThan(8);
    expect(line.map(({ step }) => step)).toEqual(walked.slice(0, line.length));
  });

  it('are checked before anything starts, like the protocol', () => {
    const limits = { currentMaxPa: 1e12, voltageSpanNv: 1e10 };
    const bounds = { ...limits, modes: ['rest', 'cc'], recordBursts: null };
    const probing = withDiagnostics(prepared(CYCLES), 1, half('probe', 'plate'));
    expect(checkProgram(probing, bounds)).toEqual([]);
    expect(checkProgram(probing, { ...bounds, voltageSpanNv: 1 })).toHaveLength(1);
  });
});

describe('a stored state', () => {
  it('in the middle of diagnostics goes on there, then where the protocol waits', () => {
    const { runner, state } = diagnosed(2);
    let at = state;
    while (runner.desiredStep(at)?.programStep !== 'look') at = usual(runner, at);
    const again = diagnosed(2).runner;
    const restored = again.restore(JSON.parse(JSON.stringify(runner.persist(at))));
    expect(steps(again, restored)).toEqual(steps(runner, at));
    expect(told(steps(again, restored)).slice(0, 2)).toEqual(['look 2', 'cycling-plating 3']);
  });

  it('from before there were diagnostics is read as it was, and a plain one is written so', () => {
    const { runner, state } = diagnosed(2);
    const stored = JSON.parse(JSON.stringify(runner.persist(state)));
    expect(Object.keys(stored).sort()).toEqual(['snapshot', 'stage', 'stepNumber']);
    expect(runner.restore(stored)).toMatchObject({ waiting: null, stage: 'protocol' });
  });

  it('of diagnostics is refused by a protocol that has none', () => {
    const { runner, state } = diagnosed(1);
    let at = state;
    while (runner.desiredStep(at)?.programStep !== 'look') at = usual(runner, at);
    const stored = JSON.parse(JSON.stringify(runner.persist(at)));
    expect(() => createRunner(prepared(CYCLES)).restore(stored)).toThrow(AssertionFailed);
  });
});

describe('look-ahead', () => {
  it('loads nothing behind an end that holds, and all that comes behind the others', () => {
    const hold = { 'voltage-max': { then: 'hold', reason: 'look at the cell' } } as const;
    const cycle = [half('plate', 'plate', { ends: hold }), half('strip', 'strip')];
    const { runner, state } = afterPreflight(treeProtocol(group(3, cycle)));
    const { tree } = runner.lookAhead(state, BUDGET);
    expect(Object.keys(tree.nodes[0].children)).toEqual(['voltage-min', 'step-charge', 'duration']);
    const held = runner.advance(state, stepEnded('voltage-max'));
    expect(runner.desiredStep(held)?.holdReason).toBe('look at the cell');
    expect(tree.nodes.every(({ step }) => step.holdReason === undefined)).toBe(true);
    // Once it runs, its own future is loaded as ever.
    expect(runner.lookAhead(held, BUDGET).tree.nodes.length).toBeGreaterThan(1);
  });
});
