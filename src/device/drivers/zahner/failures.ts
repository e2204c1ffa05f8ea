// What an error number of the instrument means to the daemon, and the one line an operator reads.
import { encodeCommand, type ZahnerCommand } from '../../../frames/dialects/zahner/commands.ts';
import { ERROR_CODES, ERROR_TEXTS, type Reply } from '../../../frames/dialects/zahner/replies.ts';
import type { DeviceResult } from '../../cycler.ts';

/** Numbers that are latched: it obeys nothing until they are cleared. */
const LATCHED: ReadonlySet<number> = new Set([
  ERROR_CODES.hardLimit,
  ERROR_CODES.aborted,
  ERROR_CODES.blocked,
]);

/** Whether a primitive that was answered so has left the potentiostat as it was before, or switched off. */
export function isEnd(reply: Reply): boolean {
  if (reply.kind !== 'error') return reply.kind === 'ok';
  return reply.code === ERROR_CODES.hardLimit || reply.code === ERROR_CODES.aborted;
}

/** The failure that this reply to a command is, where `ok` was due. */
export function failureFrom(command: ZahnerCommand, reply: Reply): DeviceResult<never> {
  const asked = encodeCommand(command);
  if (reply.kind !== 'error') {
    const found = reply.kind === 'ok' ? 'ok' : reply.text;
    return { ok: false, reason: 'nonsense', detail: `the answer to ${asked} makes no sense: "${found}"` };
  }
  const meaning = ERROR_TEXTS[reply.code] ?? 'an error that this version does not know';
  const detail = `${asked} was refused: error ${reply.code}: ${meaning}`;
  return { ok: false, reason: LATCHED.has(reply.code) ? 'fault' : 'refused', detail };
}
