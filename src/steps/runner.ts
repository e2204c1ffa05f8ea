// The runner: pre-flight, then the protocol, as one pure program. It knows which step comes next and what may
// come after it. Pure: values in, values out; the daemon owns the one current value and its checkpoint.
import { assert } from '../base/assert.ts';
import {
  type MachineSnapshot,
  persistMachine,
  restoreMachine,
  shapeOf,
  type StepEndedEvent,
  startMachine,
  stepMachine,
} from './machine.ts';
import { createPreflight, RUNAWAY } from './preflight.ts';
import type { Outcome, PreparedProtocol, Program } from './protocol.ts';
import { type LookAheadTree, possibleEnds, type ProgramEndReason, type Step, type TreeNode } from './step.ts';

type Stage = 'preflight' | 'protocol';

/** Where a run stands: the step that is wanted now is number `stepNumber`. */
export interface RunnerState {
  readonly stage: Stage;
  readonly snapshot: MachineSnapshot;
  readonly stepNumber: number;
}

export interface LookAheadBudget {
  /** Nodes the device holds. */
  readonly slots: number;
  /** Cell time that must be covered on every branch. */
  readonly horizonUs: number;
  readonly rootId: number;
  /** First id for the nodes below the root. */
  readonly nextId: number;
  /** What an outage has left of the desired step; default: all of it. */
  readonly rootStep?: Step;
  /** Nothing is preloaded over such an end: something else may come there. Default: there is none. */
  readonly isOpenEnd?: (ended: Step, next: Step) => boolean;
}

/** `isPreflight`: the cell was refused before any real current. */
export interface RunOutcome extends Outcome {
  readonly isPreflight: boolean;
}

export interface Runner {
  /** Names of the program's states and of what it remembers: equal where a snapshot of one fits the other. */
  readonly shape: string;
  /** The protocol from its beginning, its pre-flight passed. */
  enter(stepNumber: number): RunnerState;
  start(): RunnerState;
  /** The step that `state` asks for; null when the program has ended. */
  desiredStep(state: RunnerState): Step | null;
  /** Only of a state without a desired step. */
  outcome(state: RunnerState): RunOutcome;
  /** What a passed voltage limit says of a cell that is still in pre-flight; null where it is not. */
  voltageRefusal(state: RunnerState): Outcome | null;
  advance(state: RunnerState, event: StepEndedEvent): RunnerState;
  /**
   * Where a device stands that went on by itself after this end: on the way that look-ahead foresaw. Measured
   * values may end a program, but where look-ahead is allowed they never choose another step.
   */
  advanceAsForeseen(state: RunnerState, reason: ProgramEndReason): RunnerState;
  lookAhead(
    state: RunnerState,
    budget: LookAheadBudget,
  ): { readonly tree: LookAheadTree; readonly nextId: number };
  persist(state: RunnerState): Readonly<Record<string, unknown>>;
  restore(persisted: Readonly<Record<string, unknown>>): RunnerState;
}

export function createRunner(protocol: PreparedProtocol): Runner {
  const programs: Record<Stage, Program> = { preflight: createPreflight(protocol.preflight), protocol };

  function desiredStep(state: RunnerState): Step | null {
    const step = programs[state.stage].stepOf(state.snapshot);
    assert(
      (step === null) === (state.snapshot.status === 'done'),
      'every state but the final ones names its step',
    );
    assert(step === null || step.durationMaxUs > 0, 'every step is bounded in time');
    return step;
  }

  function advance(state: RunnerState, event: StepEndedEvent): RunnerState {
    const { machine } = programs[state.stage];
    const snapshot = stepMachine(machine, state.snapshot, event);
    const stepNumber = state.stepNumber + 1;
    const hasPassed = state.stage === 'preflight' && snapshot.value === 'passed';
    if (!hasPassed) return { stage: state.stage, snapshot, stepNumber };
    return enter(stepNumber);
  }

  function enter(stepNumber: number): RunnerState {
    return { stage: 'protocol', snapshot: startMachine(protocol.machine), stepNumber };
  }

  function lookAhead(state: RunnerState, budget: LookAheadBudget): { tree: LookAheadTree; nextId: number } {
    const rootStep = budget.rootStep ?? desiredStep(state);
    assert(rootStep !== null, 'look-ahead starts from a step');
    const builder = { slotsLeft: budget.slots - 1, nextId: budget.nextId };
    const root: OpenNode = { id: budget.rootId, state, step: rootStep, coveredUs: 0, children: {} };
    const nodes: OpenNode[] = [root];
    // Breadth first: when slots run out, every branch is about equally deep.
    for (let index = 0; index < nodes.length; index += 1) {
      const node = nodes[index];
      if (node !== undefined) nodes.push(...expand(node, budget, builder));
    }
    return { tree: { nodes: [treeNode(root), ...nodes.slice(1).map(treeNode)] }, nextId: builder.nextId };
  }

  /**
   * The children of a node, one per end that leads to another step, if its own time does not cover the
   * horizon yet.
   */
  function expand(
    node: OpenNode,
    budget: LookAheadBudget,
    builder: { slotsLeft: number; nextId: number },
  ): OpenNode[] {
    if (!node.step.allowsLookAhead) return [];
    const isRoot = node.id === budget.rootId;
    const children: OpenNode[] = [];
    for (const reason of possibleEnds(node.step)) {
      // The root runs already and may end at once: what it still covers counts as nothing, and it always has
      // children.
      const coveredUs = isRoot ? 0 : node.coveredUs + soonestUs(node.step, reason);
      if (!isRoot && coveredUs >= budget.horizonUs) continue;
      const state = advance(node.state, foreseenEnd(node.step, reason));
      const step = desiredStep(state);
      if (step === null || builder.slotsLeft === 0 || budget.isOpenEnd?.(node.step, step) === true) continue;
      builder.slotsLeft -= 1;
      const child = { id: builder.nextId, state, step, coveredUs, children: {} };
      builder.nextId += 1;
      node.children[reason] = child.id;
      children.push(child);
    }
    return children;
  }

  return {
    shape: shapeOf(protocol.machine),
    enter,
    start: () => ({ stage: 'preflight', snapshot: startMachine(programs.preflight.machine), stepNumber: 1 }),
    desiredStep,
    outcome(state) {
      assert(state.snapshot.status === 'done', 'only an ended program has an outcome');
      return { ...programs[state.stage].outcomeOf(state.snapshot), isPreflight: state.stage === 'preflight' };
    },
    voltageRefusal: (state) => (state.stage === 'preflight' ? RUNAWAY : null),
    advance,
    advanceAsForeseen(state, reason) {
      const step = desiredStep(state);
      assert(step !== null, 'only a running step ends');
      return advance(state, foreseenEnd(step, reason));
    },
    lookAhead,
    persist: (state) => ({
      stage: state.stage,
      stepNumber: state.stepNumber,
      snapshot: persistMachine(programs[state.stage].machine, state.snapshot),
    }),
    restore(persisted) {
      const { stage, stepNumber, snapshot } = persisted;
      assert(stage === 'preflight' || stage === 'protocol', `a stored stage is unknown: ${String(stage)}`);
      assert(typeof stepNumber === 'number', 'a stored step number is a number');
      return { stage, stepNumber, snapshot: restoreMachine(programs[stage].machine, snapshot) };
    },
  };
}

interface OpenNode {
  readonly id: number;
  readonly state: RunnerState;
  readonly step: Step;
  /** Cell time that passes at least between the end of the root and the start of this node. */
  readonly coveredUs: number;
  readonly children: Partial<Record<ProgramEndReason, number>>;
}

function treeNode(node: OpenNode): TreeNode {
  return { id: node.id, stepNumber: node.state.stepNumber, step: node.step, children: node.children };
}

/**
 * The soonest that a step ends for this reason: a limit on what is measured may strike once it is debounced.
 */
function soonestUs({ durationExpectedUs, durationMaxUs, limits }: Step, reason: ProgramEndReason): number {
  switch (reason) {
    case 'voltage-max':
    case 'voltage-min':
      return limits.voltageDebounceUs;
    case 'short-floor':
      return limits.shortFloorDebounceUs;
    case 'current-min':
      return 0;
    case 'duration':
      return durationMaxUs;
    case 'net-charge':
    case 'step-charge':
    case 'last-step-charge':
      return durationExpectedUs;
  }
}

/**
 * What a machine is told when looking ahead: that the step passed its whole expected charge. A machine that
 * chooses the next step by measured values forbids look-ahead in this one.
 */
export function foreseenEnd(step: Step, reason: ProgramEndReason): StepEndedEvent {
  const currentPa = step.mode.kind === 'cc' ? step.mode.currentPa : 0;
  // pA us is 1e-9 nC.
  const chargeNc = Math.round((Math.abs(currentPa) * step.durationExpectedUs) / 1e9);
  return { type: 'step.ended', reason, voltageNv: 0, currentPa, chargeNc };
}
