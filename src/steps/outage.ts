// What a run does when its cell was let go without the program's wish: the policy of the run, judged. Pure:
// the channel asks, and acts. An outage that nobody chose to continue after ends at open circuit, never
// driven.
import type { EndReason } from './step.ts';

/** `continue_within_ms`: goes on by itself when the cell was let go for no longer than this. */
export type OutagePolicy = 'stop' | 'hold' | 'restart_step' | { readonly continue_within_ms: number };

/** How the cell came to be let go. */
export type OutageCause =
  /** The dead-man of the device opened it: this program was silent for longer than the lease. */
  | 'dead-man'
  /** The lease ran out while the instrument rested and waited for a step: this program was silent. */
  | 'lapsed-lease'
  /** The link was lost, and the instrument rested at the end of what it had. */
  | 'link'
  /** The link was lost, and the instrument cannot tell what it did. */
  | 'position-lost'
  /** The device was reset: it knows neither run nor charge any more. */
  | 'device-reset'
  /** This program ended (or was killed) and has taken the run over again. */
  | 'daemon'
  /** The protocol held before its next step, until the operator let it go on: no accident. */
  | 'planned-hold'
  /** The operator paused the run, and has let it go on. */
  | 'operator';

export interface Outage {
  readonly cause: OutageCause;
  /** From the last that is known of the driven cell until now; cell time. */
  readonly lengthUs: number;
  /** Automatic continuations of this run, run time of each. */
  readonly continuedAtUs: readonly number[];
  readonly nowUs: number;
}

export type OutageDecision =
  | { readonly type: 'continue' }
  | { readonly type: 'hold'; readonly reason: string }
  | { readonly type: 'stop'; readonly reason: string };

/** More than this within a day is no accident any more. */
export const CONTINUATIONS_PER_DAY = 3;
const DAY_US = 86_400_000_000;

const WORDS: Readonly<Record<OutageCause, string>> = {
  'dead-man': 'the dead-man of the device opened the cell: the host was silent for longer than the lease',
  'lapsed-lease': 'the host was silent for longer than the lease, and the cell was open meanwhile',
  link: 'the link was lost, and the cell was open meanwhile',
  'position-lost': 'the link was lost; the instrument cannot tell what it did, so it was switched off',
  'device-reset': 'the device was restarted or power-cycled and opened the cell',
  daemon: 'the daemon had ended, and the cell was open meanwhile',
  'planned-hold': 'the protocol held, and the cell was open meanwhile',
  operator: 'the operator had the cell opened',
};

/** A device that rests between two steps for no longer than ten seconds was only waiting for a load. */
export function isMerePause(restedUs: number, timeScale: number): boolean {
  return restedUs <= 10_000_000 * timeScale;
}

/** `known`: what is known to have come between; a mere link loss may have been more, as the device tells. */
export function causeOf(known: OutageCause, fault: string | null, endReason: EndReason | null): OutageCause {
  if (known !== 'link') return known;
  if (fault === 'wdg') return 'dead-man';
  return endReason === 'link-lost' ? 'position-lost' : 'link';
}

export function judgeOutage(policy: OutagePolicy, outage: Outage): OutageDecision {
  const { cause, lengthUs } = outage;
  const reason = `${WORDS[cause]} (${durationText(lengthUs)})`;
  if (policy === 'stop') return { type: 'stop', reason };
  if (policy === 'hold') return { type: 'hold', reason };
  const recent = continuationsOfToday(outage);
  if (recent >= CONTINUATIONS_PER_DAY) {
    const found = `${recent} times within a day the run went on by itself; find the cause, then resume it`;
    return { type: 'hold', reason: `${reason}; ${found}` };
  }
  if (policy === 'restart_step') return { type: 'continue' };
  if (lengthUs <= policy.continue_within_ms * 1000) return { type: 'continue' };
  const bound = durationText(policy.continue_within_ms * 1000);
  return { type: 'hold', reason: `${reason}; longer than the ${bound} after which it may go on by itself` };
}

function continuationsOfToday({ continuedAtUs, nowUs }: Outage): number {
  return continuedAtUs.filter((atUs) => nowUs - atUs < DAY_US).length;
}

/** Two digits are enough for an operator: `4.2 s`, `12 min`, `3.1 h`. */
export function durationText(us: number): string {
  const seconds = us / 1e6;
  const [value, unit] =
    seconds < 120 ? [seconds, 's'] : seconds < 7200 ? [seconds / 60, 'min'] : [seconds / 3600, 'h'];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
