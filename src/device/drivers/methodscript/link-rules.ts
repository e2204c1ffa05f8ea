// Rules of the link to a MethodSCRIPT instrument: nothing is ever sent twice by itself (a repeated script
// would act twice), and replies come in order, so the command that is outstanding is remembered.
import { GREETING_TEXT } from './greeting.ts';
import { backOffMs } from '../../back-off.ts';
import type { LinkRules } from '../../link-types.ts';
import { SCRIPT } from './script-session.ts';

export const SEQ_MODULUS = 65_536;

export interface Outstanding {
  readonly seq: number;
  readonly type: 'hello' | 'script' | 'who';
}

export interface LinkTimes {
  /** Time for an answer. Default 3000. */
  readonly retryMs?: number;
  /** Default 10 000. */
  readonly openMs?: number;
  /** Before trying a device again that is not what it should be. Default 30 000. */
  readonly nonsenseRetryMs?: number;
}

/** For the whole greeting, which waits for the end of an interval of whatever script it finds running. */
const GREETING_MS = 10_000;
const DEFAULTS = { retryMs: 3000, openMs: 10_000, nonsenseRetryMs: 30_000 };

/** Asks who it is: moves nothing, and is answered while nothing runs. */
export const WHO = { type: 'who', payload: '' } as const;
export const WHO_TEXT = 't\n';

/** `onSent` is told of every command as it goes out. */
export function linkRules(times: LinkTimes, onSent: (outstanding: Outstanding) => void): LinkRules {
  const { retryMs, openMs, nonsenseRetryMs } = { ...DEFAULTS, ...times };
  return {
    hello: { type: 'hello', payload: '', answerMs: GREETING_MS },
    keepAlive: WHO,
    retryMs,
    sendsMax: 1,
    // The driver probes an idle instrument by itself: one that runs a script speaks unasked.
    keepAliveMs: null,
    openMs,
    backOffMs,
    nonsenseRetryMs,
    seqModulus: SEQ_MODULUS,
    encode: (seq, { type, payload }) => {
      const kind = type === SCRIPT ? 'script' : type === WHO.type ? 'who' : 'hello';
      onSent({ seq, type: kind });
      return kind === 'script' ? payload : kind === 'who' ? WHO_TEXT : GREETING_TEXT;
    },
  };
}
