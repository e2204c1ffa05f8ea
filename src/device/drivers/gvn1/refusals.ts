// What a `nak` of gvn1 means to the daemon (GVN1.md §9), as a table, and the one line an operator reads.
import { parseNak } from '../../../frames/dialects/gvn1/replies.ts';
import type { DeviceFailure, DeviceResult } from '../../cycler.ts';

interface Refusal {
  readonly reason: DeviceFailure;
  readonly advice: string;
}

export const REFUSALS: Readonly<Record<string, Refusal>> = {
  BADCMD: { reason: 'refused', advice: 'its firmware does not know this command; update it' },
  BADARG: { reason: 'refused', advice: 'it does not take this field; update its firmware' },
  RANGE: { reason: 'refused', advice: 'the value is outside what it can do' },
  VERSION: { reason: 'refused', advice: 'it speaks another version; update one of the two' },
  NOSESSION: { reason: 'closed', advice: 'it has restarted' },
  BUSY: { reason: 'refused', advice: 'another host drives it; stop that one first' },
  OWNER: { reason: 'refused', advice: 'another host has taken it over' },
  STATE: { reason: 'refused', advice: 'not in this state of the channel' },
  RUN: { reason: 'refused', advice: 'another run is open on the channel, or none' },
  SLOTS: { reason: 'refused', advice: 'the look-ahead tree is larger than its slots' },
  JOBCRC: { reason: 'refused', advice: 'the job did not arrive whole; load it again' },
  STALE: { reason: 'stale', advice: 'it has moved on' },
  STEPNO: { reason: 'stale', advice: 'its step number is another one' },
  NOLEASE: { reason: 'no-lease', advice: 'renew the lease first' },
  FAULT: { reason: 'fault', advice: 'a latched fault must be cleared by name first' },
};

const UNKNOWN: Refusal = { reason: 'refused', advice: 'for a reason this version does not know' };

/** The failure that a `nak` of `command` is. */
export function failureFromNak(command: string, payload: string): DeviceResult<never> {
  const nak = parseNak(payload);
  if (nak === null) return nonsense(command, payload);
  const { reason, advice } = REFUSALS[nak.code] ?? UNKNOWN;
  const found = nak.detail === '' ? nak.code : `${nak.code} ${nak.detail}`;
  return { ok: false, reason, detail: `${command} was refused: ${found}: ${advice}` };
}

export function nonsense(command: string, payload: string): DeviceResult<never> {
  return { ok: false, reason: 'nonsense', detail: `the answer to ${command} makes no sense: "${payload}"` };
}
