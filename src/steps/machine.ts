// The five XState functions that galvanode uses, wrapped, so that a new major version is this file's change.
// Machines here are pure: no `after`, `invoke`, `spawn`, clock, I/O or randomness; they are stepped, never
// started.
import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  initialTransition,
} from 'xstate';
import { AssertionFailed, assert } from '../base/assert.ts';
import { messageOf } from '../base/errors.ts';
import type { ProgramEndReason } from './step.ts';

/** What a program's machine is told: how its step ended, with the values at the end. */
export interface StepEndedEvent {
  readonly type: 'step.ended';
  readonly reason: ProgramEndReason;
  readonly voltageNv: number;
  readonly currentPa: number;
  /** Magnitude of the charge of the step, on the device's counter. */
  readonly chargeNc: number;
}

export type MachineSnapshot = AnyMachineSnapshot;

/** Names of the states, and of what the first snapshot remembers; one text, to be compared. */
export function shapeOf(machine: AnyStateMachine): string {
  return JSON.stringify([statesOf(machine.definition), Object.keys(startMachine(machine).context).sort()]);
}

interface StateNames {
  readonly states: Readonly<Record<string, StateNames>>;
}

function statesOf({ states }: StateNames): unknown[] {
  const names = Object.keys(states).sort();
  return names.map((name) => [name, states[name] === undefined ? [] : statesOf(states[name])]);
}

/** The first snapshot. */
export function startMachine(machine: AnyStateMachine): MachineSnapshot {
  const [snapshot] = initialTransition(machine);
  return checked(snapshot);
}

/**
 * The snapshot after `event`; an error inside the machine is a failed assertion, never a silent dead actor.
 */
export function stepMachine(
  machine: AnyStateMachine,
  snapshot: MachineSnapshot,
  event: { readonly type: string },
): MachineSnapshot {
  return checked(machine.transition(snapshot, event, scopeOf(machine)));
}

const SCOPES = new WeakMap<AnyStateMachine, AnyActorScope>();

/**
 * The scope that a transition runs in. XState's own `transition()` makes one for each call, with an actor and
 * its first snapshot: half of the time of a transition. A machine without children and effects leaves no
 * trace in it, so one for each machine serves.
 */
function scopeOf(machine: AnyStateMachine): AnyActorScope {
  const known = SCOPES.get(machine);
  if (known !== undefined) return known;
  const self = createActor(machine);
  const ignore = (): void => undefined;
  const scope: AnyActorScope = {
    self,
    system: self.system,
    id: '',
    sessionId: '',
    logger: ignore,
    defer: ignore,
    emit: ignore,
    stopChild: ignore,
    actionExecutor: ignore,
  };
  SCOPES.set(machine, scope);
  return scope;
}

/** Plain JSON of a snapshot, for the checkpoint. */
export function persistMachine(machine: AnyStateMachine, snapshot: MachineSnapshot): unknown {
  return JSON.parse(JSON.stringify(machine.getPersistedSnapshot(snapshot)));
}

/**
 * A snapshot from its JSON. A foreign one is a failed assertion, whether XState throws or says status
 * `error`.
 */
export function restoreMachine(machine: AnyStateMachine, persisted: unknown): MachineSnapshot {
  assert(typeof persisted === 'object' && persisted !== null, 'a persisted snapshot is an object');
  let restored: MachineSnapshot;
  try {
    restored = machine.restoreSnapshot(
      persisted as Parameters<AnyStateMachine['restoreSnapshot']>[0],
      scopeOf(machine),
    );
  } catch (thrown) {
    throw new AssertionFailed(`the stored snapshot is not of this machine: ${messageOf(thrown)}`);
  }
  return checked(restored);
}

function checked(snapshot: MachineSnapshot): MachineSnapshot {
  assert(snapshot.status !== 'error', `the machine failed: ${String(snapshot.error)}`);
  return snapshot;
}
