// What a Keithley 2400 is told and asked before anybody hears of it: the cell off, proved, and whether it was
// switched off and on since. What ran before is not salvaged: nobody can say of which step it was.
import { assert } from '../../../base/assert.ts';
import {
  COMMANDS,
  DEVICE_CLEAR,
  MESSAGE_END,
  POWER_ON_EVENT,
  QUERIES,
} from '../../../frames/dialects/keithley2400/commands.ts';
import type { Reply } from '../../../frames/dialects/keithley2400/replies.ts';
import type { Command } from '../../link-types.ts';
import { commandOf, type Session } from './session.ts';

/**
 * The first bytes of a connection: whatever is being measured is dropped, so that the next messages are
 * heard at once; "off" is made to mean "relay open"; then off. In this order, since under NORMal "off"
 * would put a source of 0 V across the cell, which discharges it (manual 2400S-900-01 p. 13-9).
 */
export const HELLO: Command = helloOf();

export type Greeting =
  | {
      readonly ok: true;
      /** It was without power since somebody last asked. */
      readonly hasRestarted: boolean;
      /** How long the message that ends a step takes, there and back. */
      readonly zeroTripUs: number;
    }
  | { readonly ok: false; readonly detail: string };

/** Settings may be refused for reasons that lie before us; more than this in the queue is no instrument. */
const ERRORS_MAX = 20;

/** After the identity: everything again, each with its proof. */
export function greet(session: Session, done: (greeting: Greeting) => void): void {
  const fail = (detail: string): void => done({ ok: false, detail });
  // Before *CLS, which clears it.
  session.ask({ query: QUERIES.events }, (events) => {
    if (!events.ok) return fail(events.detail);
    const isPoweredUp = (integerOf(events.value) & POWER_ON_EVENT) !== 0;
    emptyQueue(session, [COMMANDS.clearStatus], ERRORS_MAX, (isEmpty) => {
      if (!isEmpty) return fail('its error queue does not end');
      proveOff(session, (problem) => {
        if (problem !== null) return fail(problem);
        readClock(session, isPoweredUp, done);
      });
    });
  });
}

function helloOf(): Command {
  const { type, payload } = commandOf(QUERIES.identity, [COMMANDS.offMeansOpen, COMMANDS.outputOff]);
  assert(payload.endsWith(MESSAGE_END), 'a message must be ended');
  return { type, payload: DEVICE_CLEAR + payload };
}

function integerOf(reply: Reply): number {
  return reply.kind === 'integer' ? reply.value : 0;
}

function emptyQueue(
  session: Session,
  messages: readonly string[],
  left: number,
  done: (isEmpty: boolean) => void,
): void {
  session.ask({ query: QUERIES.error, messages }, (result) => {
    if (!result.ok || result.value.kind !== 'error') return done(false);
    if (result.value.code === 0) return done(true);
    if (left === 0) return done(false);
    emptyQueue(session, [], left - 1, done);
  });
}

function proveOff(session: Session, done: (problem: string | null) => void): void {
  session.check([COMMANDS.offMeansOpen], (isOpenWhenOff) => {
    if (!isOpenWhenOff.ok) return done(isOpenWhenOff.detail);
    const messages = [COMMANDS.outputOff, COMMANDS.levelZero];
    session.ask({ query: QUERIES.isOutputOn, messages }, (result) => {
      if (!result.ok) return done(result.detail);
      const isOff = result.value.kind === 'integer' && result.value.value === 0;
      done(isOff ? null : 'its output stays on; switch it off at its front panel');
    });
  });
}

function readClock(session: Session, isPoweredUp: boolean, done: (greeting: Greeting) => void): void {
  session.ask({ query: QUERIES.time }, (result) => {
    if (!result.ok) return done(result);
    if (result.value.kind !== 'time') return done({ ok: false, detail: 'it does not tell its time' });
    const isClockNew = session.time.greet(result.value.timeUs);
    // The message that ends every step, once for its time on this line.
    session.carryOut([COMMANDS.levelZero], (moment) => {
      if (!moment.ok) return done(moment);
      const { roundTripUs } = moment.value;
      done({ ok: true, hasRestarted: isPoweredUp || isClockNew, zeroTripUs: roundTripUs });
    });
  });
}
