// Words for what the bench refuses: a name that does not exist, a cycler that is not there, a channel that is
// taken. Pure; every message says what was found and what to do.
import type { ErrorCode, ErrorDetail } from '../base/errors.ts';
import { suggestion } from '../base/suggestion.ts';
import { sizeText } from '../config/byte-size.ts';
import type { LinkReport } from '../device/cycler.ts';
import { NOT_SEALED } from './run-ending.ts';

export type Refusal = { readonly ok: false } & ErrorDetail;

export function unknownName(
  what: { readonly code: ErrorCode; readonly kind: string; readonly name: string },
  known: readonly string[],
): Refusal {
  const hint =
    known.length === 0 ? 'there is none; add one to the configuration' : suggestion(what.name, known);
  return { ok: false, code: what.code, message: `"${what.kind}": no ${what.kind} "${what.name}"; ${hint}` };
}

export function channelTaken(
  place: { readonly cycler: string; readonly channel: number },
  holder: string | null,
): Refusal {
  const advice =
    holder === null
      ? 'a run is being started there'
      : `stop run ${holder} first: galvanode run stop ${holder}`;
  const message = `channel ${place.channel} of cycler "${place.cycler}" is taken: ${advice}`;
  return { ok: false, code: 'CHANNEL_LOCKED', message };
}

const LINK_CODES: Readonly<Record<string, ErrorCode>> = {
  absent: 'PORT_ABSENT',
  busy: 'PORT_BUSY',
  denied: 'PORT_DENIED',
  failed: 'PORT_FAILED',
  closed: 'LINK_CLOSED',
  timeout: 'LINK_TIMEOUT',
  nonsense: 'DEVICE_NONSENSE',
};

export function notConnected(cycler: string, link: LinkReport | null): Refusal {
  if (link?.type !== 'lost') {
    const message = `cycler "${cycler}" has not answered yet; wait a second, then look at cable and power`;
    return { ok: false, code: 'LINK_TIMEOUT', message };
  }
  const code = LINK_CODES[link.reason] ?? 'PORT_FAILED';
  return { ok: false, code, message: `cycler "${cycler}" is not connected: ${link.detail}` };
}

export function benchIsEnding(): Refusal {
  return { ok: false, code: 'RUN_STATE', message: 'the daemon is ending; start it again, then the run' };
}

export function diskNearlyFull(freeBytes: number, neededBytes: number): Refusal {
  const found = `${sizeText(freeBytes)} free, a new run needs ${sizeText(neededBytes)}`;
  const message = `the disk of the data folder has ${found}: make room, or lower disk.refuse_free`;
  return { ok: false, code: 'STORE_FULL', message };
}

export function notActive(
  run: string,
  known: { readonly state: string; readonly reason: string } | null,
): Refusal {
  if (known === null) {
    return { ok: false, code: 'RUN_UNKNOWN', message: `no run "${run}"; see galvanode run list` };
  }
  const where = `it is ${known.state} (${known.reason})`;
  const isOver = ['done', 'stopped', 'failed'].includes(known.state);
  const message = isOver
    ? `run ${run} is over: ${where}`
    : `run ${run} is not conducted by this daemon: ${where}`;
  return { ok: false, code: 'RUN_STATE', message };
}

/** `what`: as in "cannot be paused"; `why`: what keeps it from that, and what to do. */
export function notNow(
  { run, state }: { readonly run: string; readonly state: string },
  what: string,
  why: string,
): Refusal {
  return { ok: false, code: 'RUN_STATE', message: `run ${run} is ${state} and cannot be ${what}: ${why}` };
}

export function notSealedYet(run: string): Refusal {
  const message = `run ${run} is being stopped; its record is not complete yet: galvanode run show ${run}`;
  return { ok: false, code: 'STORE_FAILED', message };
}

export function endedWithProblem(run: string, problem: string): Refusal {
  const code = problem.startsWith(NOT_SEALED) ? 'STORE_FAILED' : 'LINK_TIMEOUT';
  return { ok: false, code, message: `run ${run} is stopped, but ${problem}` };
}
