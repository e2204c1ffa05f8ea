// The runner: pre-flight, then the protocol, between its cycles the diagnostics, as one pure program. It
// knows which step comes next and what may come after it. Pure: values in, values out; the daemon owns the
// one current value and its checkpoint.
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

const STAGES = ['preflight', 'protocol', 'diagnostics'] as const;
type Stage = (typeof STAGES)[number];

/** Where a run stands: the step that is wanted now is number `stepNumber`. */
export interface RunnerState {
  readonly stage: Stage;
  readonly snapshot: MachineSnapshot;
  readonly stepNumber: number;
  /** Where the protocol goes on after the diagnostics, and the cycle they follow; null: they do not run. */
  readonly waiting: WaitingProtocol | null;
}

export interface WaitingProtocol {
  readonly snapshot: MachineSnapshot;
  readonly cycle: number;
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
  const { diagnostics } = protocol;
  assert(diagnostics === null || diagnostics.everyCycles >= 1, 'diagnostics have a rhythm');
  const programs: Record<Stage, Program> = {
    preflight: createPreflight(protocol.preflight),
    protocol,
    // Without diagnostics nothing comes to that stage.
    diagnostics: diagnostics?.program ?? protocol,
  };

  function desiredStep(state: RunnerState): Step | null {
    const step = programs[state.stage].stepOf(state.snapshot);
    assert(
      (step === null) === (state.snapshot.status === 'done'),
      'every state but the final ones names its step',
    );
    assert(step === null || step.durationMaxUs > 0, 'every step is bounded in time');
    // What is measured between cycles belongs to the one that it follows.
    return step === null || state.waiting === null ? step : { ...step, cycle: state.waiting.cycle };
  }

  function advance(state: RunnerState, event: StepEndedEvent): RunnerState {
    const { stage, waiting } = state;
    const snapshot = stepMachine(programs[stage].machine, state.snapshot, event);
    const next: RunnerState = { stage, snapshot, stepNumber: state.stepNumber + 1, waiting };
    switch (stage) {
      case 'preflight':
        return snapshot.value === 'passed' ? enter(next.stepNumber) : next;
      case 'protocol':
        return betweenCycles(desiredStep(state), next);
      case 'diagnostics':
        return afterDiagnostics(next);
    }
  }

  function enter(stepNumber: number): RunnerState {
    return { stage: 'protocol', snapshot: startMachine(protocol.machine), stepNumber, waiting: null };
  }

  /** The diagnostics, where they are due behind this step and the protocol goes on; else the protocol. */
  function betweenCycles(ended: Step | null, next: RunnerState): RunnerState {
    if (diagnostics === null || ended?.completesCycle !== true || ended.cycle < 1) return next;
    if (ended.cycle % diagnostics.everyCycles !== 0 || next.snapshot.status === 'done') return next;
    const waiting = { snapshot: next.snapshot, cycle: ended.cycle };
    const snapshot = startMachine(diagnostics.program.machine);
    return afterDiagnostics({ ...next, stage: 'diagnostics', snapshot, waiting });
  }

  /** Back to the protocol, once they are through; where they found a reason to end, the run ends there. */
  function afterDiagnostics(state: RunnerState): RunnerState {
    if (state.snapshot.status !== 'done' || state.waiting === null) return state;
    const { verdict } = programs.diagnostics.outcomeOf(state.snapshot);
    if (verdict !== 'completed') return state;
    return { ...state, stage: 'protocol', snapshot: state.waiting.snapshot, waiting: null };
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
      // Behind a hold nothing may start by itself.
      if (step === null || step.holdReason !== undefined || builder.slotsLeft === 0) continue;
      if (budget.isOpenEnd?.(node.step, step) === true) continue;
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
    start: () => ({
      stage: 'preflight',
      snapshot: startMachine(programs.preflight.machine),
      stepNumber: 1,
      waiting: null,
    }),
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
      ...(state.waiting === null ? {} : { waiting: persistWaiting(protocol, state.waiting) }),
    }),
    restore(persisted) {
      const { stepNumber, snapshot } = persisted;
      const stage = STAGES.find((known) => known === persisted['stage']);
      assert(stage !== undefined, `a stored stage is unknown: ${String(persisted['stage'])}`);
      assert(typeof stepNumber === 'number', 'a stored step number is a number');
      const waiting = stage === 'diagnostics' ? restoreWaiting(protocol, persisted['waiting']) : null;
      return { stage, stepNumber, snapshot: restoreMachine(programs[stage].machine, snapshot), waiting };
    },
  };
}

function persistWaiting({ machine }: Program, { snapshot, cycle }: WaitingProtocol): unknown {
  return { cycle, snapshot: persistMachine(machine, snapshot) };
}

/** What was stored before there were diagnostics has none. */
function restoreWaiting(protocol: PreparedProtocol, persisted: unknown): WaitingProtocol {
  assert(protocol.diagnostics !== null, 'the stored stage is of diagnostics, and the protocol has none');
  assert(typeof persisted === 'object' && persisted !== null, 'behind diagnostics a protocol waits');
  assert('cycle' in persisted && typeof persisted.cycle === 'number', 'it waits behind a cycle');
  assert('snapshot' in persisted, 'it waits in a state');
  return { cycle: persisted.cycle, snapshot: restoreMachine(protocol.machine, persisted.snapshot) };
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
function soonestUs(step: Step, reason: ProgramEndReason): number {
  const { durationExpectedUs, durationMaxUs, limits, mode } = step;
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
      // Under a held voltage nobody knows how fast a charge flows.
      return mode.kind === 'cc' ? durationExpectedUs : 0;
  }
}

/**
 * What a machine is told when looking ahead: that the step passed its whole expected charge, or, under a held
 * voltage, the charge that ends it; 0 where that is not known. A machine that chooses the next step by
 * measured values forbids look-ahead in this one.
 */
export function foreseenEnd(step: Step, reason: ProgramEndReason): StepEndedEvent {
  const { durationExpectedUs, limits, mode } = step;
  const currentPa = mode.kind === 'cc' ? mode.currentPa : 0;
  const voltageNv = mode.kind === 'cv' ? mode.voltageNv : 0;
  // pA us is 1e-9 nC.
  const byTimeNc = Math.round((Math.abs(currentPa) * durationExpectedUs) / 1e9);
  const chargeNc = mode.kind === 'cv' && reason === 'step-charge' ? (limits.stepChargeNc ?? 0) : byTimeNc;
  return { type: 'step.ended', reason, voltageNv, currentPa, chargeNc };
}
