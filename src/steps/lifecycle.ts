// The run-lifecycle machine: the one owner of a run's state. Pure; the daemon feeds it and acts on what it
// says. Safety wins here, before the protocol sees anything. It must never reach an end with the cell known
// to be driven.
//
//                 ┌──────── step.began ───────┐
//   idle ──► running ◄──────────────────► resting        (both: "active")
//              │  link.lost ─► link-lost ── link.restored ─► back to active
//              │  cell.held ─► holding  (cell open, waits for the operator) ── operator.resumed ─► idle
//              │  operator.paused ─► paused  (the same, but wished for: no alarm, and no daemon goes on with
//              │                              it by itself) ── operator.resumed ─► idle
//              │  run.taken-over ─► link-lost  (another daemon goes on with it, as after a long link loss)
//              │  program.ended / operator.stopped / fault.raised
//              ▼
//          finishing (cell is being opened, file is being sealed) ── run.closed ─► done | stopped | failed
//
// `run skip`, `run finish` and `run set` are no states: they change what the program does next (progress.ts).
import { assign, setup } from 'xstate';
import type { Verdict } from './protocol.ts';

export type RunState =
  | 'idle'
  | 'running'
  | 'resting'
  | 'paused'
  | 'link-lost'
  | 'holding'
  | 'finishing'
  | 'done'
  | 'stopped'
  | 'failed';
type FinalState = 'done' | 'stopped' | 'failed';

export type LifecycleEvent =
  | { readonly type: 'step.began'; readonly isRest: boolean; readonly programStep: string }
  | { readonly type: 'link.lost'; readonly reason: string }
  | { readonly type: 'link.restored' }
  | { readonly type: 'cell.held'; readonly reason: string }
  | { readonly type: 'operator.paused'; readonly reason: string }
  /**
   * A daemon found the run left open by an earlier one. `goesOn`: also where that one made it hold to end.
   */
  | { readonly type: 'run.taken-over'; readonly reason: string; readonly goesOn: boolean }
  | { readonly type: 'operator.resumed'; readonly reason: string }
  | { readonly type: 'program.ended'; readonly verdict: Verdict; readonly reason: string }
  | { readonly type: 'operator.stopped'; readonly reason: string }
  | { readonly type: 'fault.raised'; readonly verdict: Verdict; readonly reason: string }
  | { readonly type: 'run.closed' };

export interface LifecycleContext {
  readonly reason: string;
  readonly verdict: Verdict | null;
  readonly end: FinalState | null;
}

const ENDINGS = {
  'fault.raised': { target: '#lifecycle.finishing', actions: 'endFailed' },
  'operator.stopped': { target: '#lifecycle.finishing', actions: 'endStopped' },
} as const;

export const lifecycle = setup({
  types: { context: {} as LifecycleContext, events: {} as LifecycleEvent },
  guards: {
    isRest: ({ event }) => event.type === 'step.began' && event.isRest,
    goesOn: ({ event }) => event.type === 'run.taken-over' && event.goesOn,
    endsDone: ({ context }) => context.end === 'done',
    endsStopped: ({ context }) => context.end === 'stopped',
  },
  actions: {
    keepStep: assign({ reason: ({ event }) => (event.type === 'step.began' ? event.programStep : '') }),
    keepReason: assign({ reason: ({ event }) => ('reason' in event ? event.reason : '') }),
    endDone: assign(({ event }) => ending(event, 'done')),
    endStopped: assign(({ event }) => ending(event, 'stopped')),
    endFailed: assign(({ event }) => ending(event, 'failed')),
  },
}).createMachine({
  id: 'lifecycle',
  context: { reason: 'created', verdict: null, end: null },
  initial: 'idle',
  states: {
    idle: {
      on: {
        ...ENDINGS,
        'program.ended': { target: 'finishing', actions: 'endDone' },
        'step.began': [
          { guard: 'isRest', target: 'resting', actions: 'keepStep' },
          { target: 'running', actions: 'keepStep' },
        ],
        'link.lost': { target: 'link-lost', actions: 'keepReason' },
        'run.taken-over': { target: 'link-lost', actions: 'keepReason' },
        'cell.held': { target: 'holding', actions: 'keepReason' },
        'operator.paused': { target: 'paused', actions: 'keepReason' },
      },
    },
    running: { on: activeEvents() },
    resting: { on: activeEvents() },
    'link-lost': {
      on: {
        ...ENDINGS,
        'link.restored': { target: 'idle' },
        'run.taken-over': { actions: 'keepReason' },
        'cell.held': { target: 'holding', actions: 'keepReason' },
      },
    },
    // Losing the link while the cell is open changes nothing for the cell.
    holding: {
      on: {
        ...ENDINGS,
        'operator.resumed': { target: 'idle', actions: 'keepReason' },
        'run.taken-over': [{ guard: 'goesOn', target: 'link-lost', actions: 'keepReason' }, {}],
      },
    },
    // The operator's own: another daemon leaves it to him, and it never goes on by itself.
    paused: {
      on: { ...ENDINGS, 'operator.resumed': { target: 'idle', actions: 'keepReason' } },
    },
    finishing: {
      on: {
        // A fault while an end is being written makes the end a failure.
        'fault.raised': { actions: 'endFailed' },
        'run.closed': [
          { guard: 'endsDone', target: 'done' },
          { guard: 'endsStopped', target: 'stopped' },
          { target: 'failed' },
        ],
      },
    },
    done: { type: 'final' },
    stopped: { type: 'final' },
    failed: { type: 'final' },
  },
});

function activeEvents() {
  return {
    ...ENDINGS,
    'step.began': [
      { guard: 'isRest', target: '#lifecycle.resting', actions: 'keepStep' },
      { target: '#lifecycle.running', actions: 'keepStep' },
    ],
    'program.ended': { target: '#lifecycle.finishing', actions: 'endDone' },
    'link.lost': { target: '#lifecycle.link-lost', actions: 'keepReason' },
    'run.taken-over': { target: '#lifecycle.link-lost', actions: 'keepReason' },
    'cell.held': { target: '#lifecycle.holding', actions: 'keepReason' },
    'operator.paused': { target: '#lifecycle.paused', actions: 'keepReason' },
  } as const;
}

function ending(event: LifecycleEvent, end: FinalState): LifecycleContext {
  if (event.type === 'operator.stopped') return { reason: event.reason, verdict: 'stopped', end };
  if (event.type === 'program.ended' || event.type === 'fault.raised')
    return { reason: event.reason, verdict: event.verdict, end };
  return { reason: event.type, verdict: null, end };
}
