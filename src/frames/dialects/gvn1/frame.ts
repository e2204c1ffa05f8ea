// The frame of gvn1 (GVN1.md §2): a line to a tagged union and back. Second stage behind the port.
// Garbage is a value with a cause, counted by whoever asked; it is never guessed at.
//
//   @<seq> <type> <payload>*<crc>LF      payload optional, with the space before it
import { assert } from '../../../base/assert.ts';
import { crc32OfText, hexFromCrc32 } from '../../crc32.ts';

/** Longest line with its LF, in bytes. */
export const LINE_BYTES_MAX = 1024;
export const SEQ_MODULUS = 65_536;
/** Opens every cell at once wherever it stands in the stream (§8). */
export const STOP_BYTE = '\u0018';

export interface Frame {
  readonly kind: 'frame';
  readonly seq: number;
  readonly type: string;
  /** Empty where the frame has none. */
  readonly payload: string;
}

export interface Garbage {
  readonly kind: 'garbage';
  readonly why: 'frame' | 'crc' | 'length';
}

const NOT_A_FRAME: Garbage = { kind: 'garbage', why: 'frame' };
const WRONG_CRC: Garbage = { kind: 'garbage', why: 'crc' };
const TOO_LONG: Garbage = { kind: 'garbage', why: 'length' };

/** `*`, eight digits and LF. */
const TAIL_LENGTH = 10;
const HEAD = /^@(0|[1-9][0-9]{0,4}) ([a-z]{1,8})(?: |$)/;
const CRC = /^[0-9a-f]{8}\n$/;
/** Printable ASCII without `*` and `@`; fields are separated by exactly one space. */
const PAYLOAD = /^[!-)+-?A-~]+(?: [!-)+-?A-~]+)*$/;

/** Takes a line with its LF. An empty line is garbage here; whoever reads lines ignores it before (§2). */
export function decodeFrame(line: string): Frame | Garbage {
  if (line.length > LINE_BYTES_MAX) return TOO_LONG;
  const star = line.length - TAIL_LENGTH;
  if (star < 0 || line.charAt(star) !== '*' || !CRC.test(line.slice(star + 1))) return NOT_A_FRAME;
  const body = line.slice(0, star);
  const head = HEAD.exec(body);
  if (head === null) return NOT_A_FRAME;
  const [matched, seqText, type] = head;
  const seq = Number(seqText);
  const payload = body.slice(matched.length);
  const hasPayload = matched.endsWith(' ');
  if (type === undefined || seq >= SEQ_MODULUS || hasPayload !== (payload !== '')) return NOT_A_FRAME;
  if (hasPayload && !PAYLOAD.test(payload)) return NOT_A_FRAME;
  if (crc32OfText(body) !== Number.parseInt(line.slice(star + 1, -1), 16)) return WRONG_CRC;
  return { kind: 'frame', seq, type, payload };
}

/** The line with its LF. Payloads come from `commands.ts`, which has bounds: too long a line is a bug. */
export function encodeFrame(seq: number, type: string, payload: string): string {
  const body = payload === '' ? `@${seq} ${type}` : `@${seq} ${type} ${payload}`;
  const line = `${body}*${hexFromCrc32(crc32OfText(body))}\n`;
  assert(Number.isInteger(seq) && seq >= 0 && seq < SEQ_MODULUS, `seq must be 0 to 65535, found ${seq}`);
  assert(/^[a-z]{1,8}$/.test(type), `type must be 1 to 8 lower-case letters, found ${type}`);
  assert(
    payload === '' || PAYLOAD.test(payload),
    `payload must be printable, found ${JSON.stringify(payload)}`,
  );
  assert(
    line.length <= LINE_BYTES_MAX,
    `a line must be at most ${LINE_BYTES_MAX} bytes, found ${line.length}`,
  );
  return line;
}

export function nextSeq(seq: number): number {
  return (seq + 1) % SEQ_MODULUS;
}
