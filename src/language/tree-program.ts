// A tree of steps as a program: one XState machine with a state for each step, called as its label, and two
// final ones. Which transition is taken is decided by one pure function (`comesAfter`); the machine only
// lists where it may lead. Never expanded: ten years of cycles are as many states as one cycle has steps.
//
//   <label> ──step.ended──► <label> of the next · completed (all steps done) · ended (a rule, a fault)
import { assign, setup } from 'xstate';
import { assert } from '../base/assert.ts';
import type { MachineSnapshot, StepEndedEvent } from '../steps/machine.ts';
import type { Outcome, Program } from '../steps/protocol.ts';
import type { Step } from '../steps/step.ts';
import type { ResolvedTree } from './tree.ts';
import {
  beginning,
  candidatesAfter,
  comesAfter,
  type Coming,
  COMPLETED,
  type Counters,
  ENDED,
  type Place,
  placesOf,
  type TreePlaces,
} from './tree-places.ts';

/**
 * The program of a tree that `checkTree` finds nothing wrong with; `id` names the machine. A `go to` runs its
 * step whatever its `every` says; an end that has no rule, and a `go to` taken once too often, end the run
 * with verdict fault. The machine's definition holds the whole tree: whoever hashes it knows every step.
 */
export function createTreeProgram(tree: ResolvedTree, { id }: { readonly id: string }): Program {
  const places = placesOf(tree);
  const decide = decider(places);
  const machine = createSetup(decide).createMachine({
    id,
    meta: { tree },
    context: beginning(places).counters,
    initial: beginning(places).target,
    states: {
      ...Object.fromEntries(
        [...places.places].map(([label, place]) => [label, stateOf(places, label, place)]),
      ),
      [COMPLETED]: { type: 'final' },
      [ENDED]: { type: 'final' },
    },
  });
  return { machine, stepOf: (snapshot) => stepOf(places, snapshot), outcomeOf };
}

type Decide = (label: string, context: Counters, event: StepEndedEvent) => Coming;

/** One transition asks for each of its candidates, then once more for the counters: decided once. */
function decider(places: TreePlaces): Decide {
  const known = new WeakMap<StepEndedEvent, { label: string; context: Counters; coming: Coming }>();
  return (label, context, event) => {
    const before = known.get(event);
    if (before?.label === label && before.context === context) return before.coming;
    const coming = comesAfter(places, { label, counters: context, reason: event.reason });
    known.set(event, { label, context, coming });
    return coming;
  };
}

function createSetup(decide: Decide) {
  return setup({
    types: { context: {} as Counters, events: {} as StepEndedEvent },
    guards: {
      comesNext: ({ context, event }, { from, to }: { from: string; to: string }) =>
        decide(from, context, event).target === to,
    },
    actions: {
      moveOn: assign(
        ({ context, event }, { from }: { from: string }) => decide(from, context, event).counters,
      ),
    },
  });
}

/** The last of the list needs no guard: `comesAfter` names no target beside the candidates but `ended`. */
function stateOf(places: TreePlaces, label: string, place: Place) {
  const actions = { type: 'moveOn', params: { from: label } } as const;
  const targets = [...candidatesAfter(places, place)].filter((target) => target !== ENDED);
  return {
    on: {
      'step.ended': [
        ...targets.map((target) => ({
          guard: { type: 'comesNext', params: { from: label, to: target } } as const,
          target: stateName(target),
          actions,
        })),
        { target: ENDED, actions },
      ],
    },
  };
}

/** In a target a dot would lead to a state inside: `pulse-0.5s` is one name. */
function stateName(label: string): string {
  return label.replaceAll('.', '\\.');
}

function stepOf({ places }: TreePlaces, snapshot: MachineSnapshot): Step | null {
  const place = typeof snapshot.value === 'string' ? places.get(snapshot.value) : undefined;
  if (place === undefined) {
    assert(snapshot.status === 'done', `the program has no step "${JSON.stringify(snapshot.value)}"`);
    return null;
  }
  const { cycle, hold } = snapshot.context as Counters;
  const step = { ...place.part.step, cycle: place.path.some(({ group }) => group.countsCycles) ? cycle : 0 };
  return hold === null ? step : { ...step, holdReason: hold };
}

function outcomeOf(snapshot: MachineSnapshot): Outcome {
  if (snapshot.value === COMPLETED) return { verdict: 'completed', reason: 'all steps done' };
  const { outcome } = snapshot.context as Counters;
  return outcome ?? { verdict: 'fault', reason: 'the program ended where none of its rules leads' };
}
