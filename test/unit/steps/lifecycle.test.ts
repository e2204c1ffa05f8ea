// Goal: a run's state changes only as the table says; stop and fault win from everywhere; nothing leaves a
// final state. Method: the whole table, every state times every event; then paths over the machine's graph.

import { getShortestPaths } from 'xstate/graph';
import { describe, expect, it } from 'vitest';
import {
  type LifecycleContext,
  type LifecycleEvent,
  lifecycle,
  type RunState,
} from '../../../src/steps/lifecycle.ts';
import { type MachineSnapshot, startMachine, stepMachine } from '../../../src/steps/machine.ts';

const EVENTS = {
  rest: { type: 'step.began', isRest: true, programStep: 'wetting' },
  current: { type: 'step.began', isRest: false, programStep: 'plating' },
  lost: { type: 'link.lost', reason: 'silence' },
  restored: { type: 'link.restored' },
  held: { type: 'cell.held', reason: 'dead-man' },
  paused: { type: 'operator.paused', reason: 'sample taken' },
  resumed: { type: 'operator.resumed', reason: 'sample back' },
  taken: { type: 'run.taken-over', reason: 'restart', goesOn: false },
  goneOn: { type: 'run.taken-over', reason: 'restart', goesOn: true },
  ended: { type: 'program.ended', verdict: 'completed', reason: 'all cycles done' },
  stop: { type: 'operator.stopped', reason: 'lunch' },
  fault: { type: 'fault.raised', verdict: 'fault', reason: 'hw' },
  closed: { type: 'run.closed' },
} as const satisfies Readonly<Record<string, LifecycleEvent>>;
type EventName = keyof typeof EVENTS;

/** How to get into each state from the start. */
const WAYS: Readonly<Record<RunState, readonly EventName[]>> = {
  idle: [],
  running: ['current'],
  resting: ['rest'],
  'link-lost': ['current', 'lost'],
  holding: ['current', 'held'],
  paused: ['current', 'paused'],
  finishing: ['current', 'ended'],
  done: ['current', 'ended', 'closed'],
  stopped: ['current', 'stop', 'closed'],
  failed: ['current', 'fault', 'closed'],
};
const STATES = Object.keys(WAYS) as RunState[];
const FINAL: readonly RunState[] = ['done', 'stopped', 'failed'];

/** Where an event leads; what is not listed changes nothing. */
const TABLE: Readonly<Record<RunState, Partial<Record<EventName, RunState>>>> = {
  idle: {
    rest: 'resting',
    current: 'running',
    lost: 'link-lost',
    held: 'holding',
    paused: 'paused',
    taken: 'link-lost',
    goneOn: 'link-lost',
    ended: 'finishing',
    stop: 'finishing',
    fault: 'finishing',
  },
  running: {
    rest: 'resting',
    lost: 'link-lost',
    held: 'holding',
    paused: 'paused',
    taken: 'link-lost',
    goneOn: 'link-lost',
    ended: 'finishing',
    stop: 'finishing',
    fault: 'finishing',
  },
  resting: {
    current: 'running',
    lost: 'link-lost',
    held: 'holding',
    paused: 'paused',
    taken: 'link-lost',
    goneOn: 'link-lost',
    ended: 'finishing',
    stop: 'finishing',
    fault: 'finishing',
  },
  'link-lost': { restored: 'idle', held: 'holding', stop: 'finishing', fault: 'finishing' },
  holding: { resumed: 'idle', goneOn: 'link-lost', stop: 'finishing', fault: 'finishing' },
  paused: { resumed: 'idle', stop: 'finishing', fault: 'finishing' },
  finishing: { closed: 'done' },
  done: {},
  stopped: {},
  failed: {},
};

function go(events: readonly EventName[]): MachineSnapshot {
  return events.reduce((at, name) => stepMachine(lifecycle, at, EVENTS[name]), startMachine(lifecycle));
}

function contextOf(snapshot: MachineSnapshot): LifecycleContext {
  return snapshot.context as LifecycleContext;
}

const cells = STATES.flatMap((state) =>
  (Object.keys(EVENTS) as EventName[]).map((event) => [state, event, TABLE[state][event] ?? state] as const),
);

describe('the run lifecycle', () => {
  it.each(cells)('%s, told "%s", is %s', (state, event, expected) => {
    const before = go(WAYS[state]);
    expect(before.value).toBe(state);
    const after = stepMachine(lifecycle, before, EVENTS[event]);
    expect(after.value).toBe(expected);
    if (FINAL.includes(state)) expect(after.context).toEqual(before.context);
  });

  it.each(STATES.filter((state) => !FINAL.includes(state) && state !== 'finishing'))(
    'from %s, a stop ends as stopped and a fault as failed, whatever comes in between',
    (state) => {
      const meddling: EventName[] = ['current', 'rest', 'lost', 'restored', 'held', 'paused', 'ended'];
      expect(go([...WAYS[state], 'stop', ...meddling, 'closed']).value).toBe('stopped');
      expect(go([...WAYS[state], 'fault', ...meddling, 'closed']).value).toBe('failed');
    },
  );

  it('keeps verdict and reason of what ended it', () => {
    expect(contextOf(go(['current', 'ended', 'closed']))).toMatchObject({
      verdict: 'completed',
      reason: 'all cycles done',
    });
    expect(contextOf(go(['current', 'stop', 'closed']))).toMatchObject({
      verdict: 'stopped',
      reason: 'lunch',
    });
    expect(contextOf(go(['current', 'fault', 'closed']))).toMatchObject({ verdict: 'fault', reason: 'hw' });
  });

  it('makes an end a failure when a fault comes while it is being written', () => {
    expect(go(['current', 'ended', 'fault', 'closed']).value).toBe('failed');
    expect(go(['current', 'stop', 'fault', 'closed']).value).toBe('failed');
  });

  it('does not turn a stop into anything else when the operator stops twice', () => {
    expect(go(['current', 'fault', 'stop', 'closed']).value).toBe('failed');
  });

  it('names the step, or why it waits, as its reason', () => {
    const reasonOf = (...events: EventName[]): string => contextOf(go(events)).reason;
    expect(reasonOf()).toBe('created');
    expect(reasonOf('rest')).toBe('wetting');
    expect(reasonOf('rest', 'current')).toBe('plating');
    expect(reasonOf('current', 'lost')).toBe('silence');
    expect(reasonOf('current', 'held')).toBe('dead-man');
    expect(reasonOf('current', 'held', 'lost')).toBe('dead-man');
    expect(reasonOf('current', 'paused', 'lost', 'taken')).toBe('sample taken');
  });

  it('reaches every state, and from every state that is not final a final one', () => {
    const paths = getShortestPaths(lifecycle, { events: Object.values(EVENTS) });
    const reached = new Set(paths.map(({ state }) => state.value));
    expect([...reached].sort()).toEqual([...STATES].sort());
    for (const { state } of paths) {
      if (state.status === 'done') continue;
      const ended = stepMachine(lifecycle, stepMachine(lifecycle, state, EVENTS.stop), EVENTS.closed);
      expect(FINAL, state.value).toContain(ended.value);
    }
  });

  it('has a context of plain finite JSON in every state', () => {
    for (const { state } of getShortestPaths(lifecycle, { events: Object.values(EVENTS) })) {
      expect(JSON.parse(JSON.stringify(state.context))).toEqual(state.context);
    }
  });
});
