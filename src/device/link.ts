// The link to one instrument as a pure reducer: state and event to state and effects. No clock, no port:
// link-runner.ts carries the effects out. One command is outstanding; its bytes are sent again until it is
// answered or the link is given up. Must never send on one connection what was asked on another.
//
//          started, deadline            opened: hello            identified      answered: next command
//   closed ───────────────────► opening ───────────────► identifying ─────────► up ──┐
//     ▲ ▲   (back-off)             │ failed, deadline        │ refused, silence │ ◄──┘ idle: keep-alive
//     │ └──────────────────────────┴─────────────────────────┘                  │
//     └──── closed, silence, session.lost: every pending request fails once ────┘
//
// Effects that touch port and timer come before those that call out: a receiver that throws leaves it alive.
import type { LinkLossReason } from './cycler.ts';
import {
  HELLO_ID,
  KEEP_ALIVE_ID,
  type LinkEffect,
  type LinkEvent,
  type LinkRules,
  type LinkState,
  type LinkStep,
  type Outstanding,
  type Request,
  type RequestFailure,
} from './link-types.ts';

export function initialLink(firstSeq = 0): LinkState {
  return {
    phase: 'closed',
    isWanted: false,
    outstanding: null,
    queue: [],
    nextSeq: firstSeq,
    nextTxSeq: null,
    hasHeardFrame: false,
    hasHeardGarbage: false,
    failures: 0,
    toldLoss: null,
    framesLost: 0,
    retries: 0,
  };
}

export function reduceLink<F>(rules: LinkRules, state: LinkState, event: LinkEvent<F>): LinkStep<F> {
  switch (event.type) {
    case 'link.started':
      return state.isWanted ? stay(state) : open(rules, { ...state, isWanted: true });
    case 'link.ended':
      return end(state);
    case 'port.opened':
      if (state.phase !== 'opening') return stay(state);
      return send(rules, { ...state, phase: 'identifying' }, hello(rules), []);
    case 'port.failed':
      return state.phase === 'opening' ? lose(rules, state, event.reason, event.detail) : stay(state);
    case 'port.closed':
      return state.phase === 'closed' ? stay(state) : lose(rules, state, 'closed', event.detail);
    case 'deadline.passed':
      return passDeadline(rules, state);
    case 'request.made':
      return admit(rules, state, event.request);
    case 'request.withdrawn':
      return withdraw(state, event.id);
    case 'answer.heard':
      return takeAnswer(rules, state, event.seq, event.frame);
    case 'report.heard':
      return takeReport(rules, state, event.txSeq, event.frame);
    case 'garbage.heard':
      return stay(state.hasHeardGarbage ? state : { ...state, hasHeardGarbage: true });
    case 'device.identified':
      if (state.phase !== 'identifying') return stay(state);
      return next(rules, { ...state, phase: 'up', failures: 0, toldLoss: null }, []);
    case 'device.refused':
      return isConnected(state) ? lose(rules, state, event.reason, event.detail) : stay(state);
    case 'session.lost':
      return isConnected(state) ? lose(rules, state, 'closed', event.detail) : stay(state);
  }
}

function stay<F>(state: LinkState): LinkStep<F> {
  return { state, effects: [] };
}

function isConnected(state: LinkState): boolean {
  return state.phase === 'identifying' || state.phase === 'up';
}

function hello(rules: LinkRules): Request {
  return { id: HELLO_ID, command: rules.hello, isUrgent: true };
}

function open<F>(rules: LinkRules, state: LinkState): LinkStep<F> {
  const fresh = { nextTxSeq: null, hasHeardFrame: false, hasHeardGarbage: false };
  return {
    state: { ...state, ...fresh, phase: 'opening' },
    effects: [{ type: 'armDeadline', delayMs: rules.openMs }, { type: 'openPort' }],
  };
}

function answerMsOf(rules: LinkRules, { command }: Request): number {
  return command.answerMs ?? rules.retryMs;
}

function send<F>(
  rules: LinkRules,
  state: LinkState,
  request: Request,
  callOuts: readonly LinkEffect<F>[],
): LinkStep<F> {
  const seq = state.nextSeq;
  const bytes = rules.encode(seq, request.command);
  return {
    state: {
      ...state,
      nextSeq: (seq + 1) % rules.seqModulus,
      outstanding: { request, seq, bytes, sends: 1 },
    },
    effects: [
      { type: 'armDeadline', delayMs: answerMsOf(rules, request) },
      { type: 'write', bytes, isRepeat: false },
      ...callOuts,
    ],
  };
}

/** With nothing outstanding: sends what is queued, else waits for the keep-alive. `callOuts` come last. */
function next<F>(rules: LinkRules, state: LinkState, callOuts: readonly LinkEffect<F>[]): LinkStep<F> {
  const [first, ...queue] = state.queue;
  if (state.phase === 'up' && first !== undefined) return send(rules, { ...state, queue }, first, callOuts);
  const timer: LinkEffect<F> =
    state.phase === 'up' && rules.keepAliveMs !== null
      ? { type: 'armDeadline', delayMs: rules.keepAliveMs }
      : { type: 'disarmDeadline' };
  return { state, effects: [timer, ...callOuts] };
}

function passDeadline<F>(rules: LinkRules, state: LinkState): LinkStep<F> {
  const { outstanding } = state;
  if (state.phase === 'closed') return state.isWanted ? open(rules, state) : stay(state);
  if (state.phase === 'opening')
    return lose(rules, state, 'timeout', `did not open within ${rules.openMs} ms`);
  if (outstanding === null) {
    if (state.phase !== 'up') return stay(state);
    return send(rules, state, { id: KEEP_ALIVE_ID, command: rules.keepAlive, isUrgent: false }, []);
  }
  if (outstanding.sends >= rules.sendsMax) return loseBySilence(rules, state, outstanding);
  const repeated = { ...outstanding, sends: outstanding.sends + 1 };
  return {
    state: { ...state, outstanding: repeated, retries: state.retries + 1 },
    effects: [
      { type: 'armDeadline', delayMs: answerMsOf(rules, outstanding.request) },
      { type: 'write', bytes: outstanding.bytes, isRepeat: true },
    ],
  };
}

function loseBySilence<F>(rules: LinkRules, state: LinkState, outstanding: Outstanding): LinkStep<F> {
  const isBabble = state.phase === 'identifying' && state.hasHeardGarbage && !state.hasHeardFrame;
  if (isBabble) {
    const detail =
      'what comes from the port is not this dialect; check that it is the right port and baud rate';
    return lose(rules, state, 'nonsense', detail);
  }
  const silentMs = answerMsOf(rules, outstanding.request) * outstanding.sends;
  const asked = outstanding.request.command.type;
  const detail = `no answer to ${asked} within ${silentMs} ms; check power and cable`;
  return lose(rules, state, 'timeout', detail);
}

function admit<F>(rules: LinkRules, state: LinkState, request: Request): LinkStep<F> {
  if (state.phase !== 'up' && !(request.isUrgent && state.phase === 'identifying')) {
    const fail: LinkEffect<F> = { type: 'fail', requestId: request.id, reason: 'closed', detail: 'no link' };
    return { state, effects: [fail] };
  }
  const firstNormal = state.queue.findIndex((queued) => !queued.isUrgent);
  const at = request.isUrgent && firstNormal !== -1 ? firstNormal : state.queue.length;
  const queued = { ...state, queue: state.queue.toSpliced(at, 0, request) };
  return state.outstanding === null && state.phase === 'up' ? next(rules, queued, []) : stay(queued);
}

/** Takes a request back that was not sent; one that was sent stays, its answer decides. */
function withdraw<F>(state: LinkState, id: number): LinkStep<F> {
  const queue = state.queue.filter((request) => request.id !== id);
  if (queue.length === state.queue.length) return stay(state);
  const detail = 'taken back before it was sent';
  return {
    state: { ...state, queue },
    effects: [{ type: 'fail', requestId: id, reason: 'withdrawn', detail }],
  };
}

/** An answer that is late or came twice carries an old number and changes nothing. */
function takeAnswer<F>(rules: LinkRules, state: LinkState, seq: number, frame: F): LinkStep<F> {
  const { outstanding } = state;
  const heard = state.hasHeardFrame ? state : { ...state, hasHeardFrame: true };
  if (outstanding === null || outstanding.seq !== seq) return stay(heard);
  const requestId = outstanding.request.id;
  const callOuts: LinkEffect<F>[] =
    requestId === KEEP_ALIVE_ID ? [] : [{ type: 'deliverAnswer', requestId, frame }];
  return next(rules, { ...heard, outstanding: null }, callOuts);
}

function takeReport<F>(rules: LinkRules, state: LinkState, txSeq: number, frame: F): LinkStep<F> {
  if (!isConnected(state)) return stay(state);
  const { nextTxSeq } = state;
  const jump = nextTxSeq === null ? 0 : (txSeq - nextTxSeq + rules.seqModulus) % rules.seqModulus;
  // The number of the frame before: the line was doubled on its way.
  if (jump === rules.seqModulus - 1) return stay(state);
  return {
    state: {
      ...state,
      hasHeardFrame: true,
      nextTxSeq: (txSeq + 1) % rules.seqModulus,
      framesLost: state.framesLost + jump,
    },
    effects: state.phase === 'up' ? [{ type: 'deliverReport', frame }] : [],
  };
}

function lose<F>(rules: LinkRules, state: LinkState, reason: LinkLossReason, detail: string): LinkStep<F> {
  const delayMs = reason === 'nonsense' ? rules.nonsenseRetryMs : rules.backOffMs(state.failures);
  const failure: RequestFailure = reason === 'timeout' || reason === 'nonsense' ? reason : 'closed';
  return {
    state: { ...cleared(state), failures: state.failures + 1, toldLoss: reason },
    effects: [
      { type: 'closePort' },
      { type: 'armDeadline', delayMs },
      ...failPending<F>(state, failure, detail),
      ...(state.toldLoss === reason ? [] : [{ type: 'tellLost', reason, detail } as const]),
    ],
  };
}

function end<F>(state: LinkState): LinkStep<F> {
  const failures = failPending<F>(state, 'closed', 'closed by this side');
  return {
    state: { ...cleared(state), isWanted: false, failures: 0, toldLoss: null },
    effects: [{ type: 'closePort' }, { type: 'disarmDeadline' }, ...failures],
  };
}

function cleared(state: LinkState): LinkState {
  return { ...state, phase: 'closed', outstanding: null, queue: [] };
}

function failPending<F>(state: LinkState, reason: RequestFailure, detail: string): LinkEffect<F>[] {
  const pending = [...(state.outstanding === null ? [] : [state.outstanding.request]), ...state.queue];
  const users = pending.filter((request) => request.id > HELLO_ID);
  return users.map((request) => ({ type: 'fail', requestId: request.id, reason, detail }));
}
