// Frames of gvn1 (GVN1.md section 2): `@<seq> <type> <payload>*<crc>LF`. Lines in, frames or nothing out.
// A line that is not a frame is counted by the caller, never repaired.
import { assert } from '../../../src/base/assert.ts';
import { crc32Hex } from './crc32.ts';

/** With its LF. */
export const LINE_MAX_BYTES = 1024;
/** The stop byte acts the moment it is seen, wherever it stands. */
export const STOP_BYTE = '\x18';

export interface Frame {
  readonly seq: number;
  readonly type: string;
  /** Without the space before it; empty when there is none. */
  readonly payload: string;
  readonly crc: string;
}

/** Payload: printable ASCII without `*` and `@`, fields separated by exactly one space. */
const FRAME = /^@(0|[1-9]\d{0,4}) ([a-z]{1,8})(?: ([!-)+-?A-~]+(?: [!-)+-?A-~]+)*))?\*([0-9a-f]{8})$/;

/** Parses a line without its LF. Null: not a frame, or damaged. */
export function parseFrame(line: string): Frame | null {
  if (line.length >= LINE_MAX_BYTES) return null;
  const match = FRAME.exec(line);
  if (match === null) return null;
  const [, seqText = '', type = '', payload = '', crc = ''] = match;
  const seq = Number(seqText);
  if (seq > 65_535 || crc32Hex(line.slice(0, -9)) !== crc) return null;
  return { seq, type, payload, crc };
}

/** The whole line with its LF. */
export function frameText(seq: number, type: string, payload: string): string {
  const body = payload === '' ? `@${seq} ${type}` : `@${seq} ${type} ${payload}`;
  const line = `${body}*${crc32Hex(body)}\n`;
  assert(
    line.length <= LINE_MAX_BYTES,
    `a line must be at most ${LINE_MAX_BYTES} bytes, found ${line.length}`,
  );
  return line;
}

export interface LineReceiver {
  /** A line that arrived whole, without its LF; never empty. */
  line(text: string): void;
  /** A line that was longer than a frame may be, once per line. */
  tooLong(): void;
  stop(): void;
}

/**
 * Cuts what arrives into lines, takes out stop bytes on the way, and holds at most one line's worth of bytes.
 */
export class LineSplitter {
  readonly #receiver: LineReceiver;
  #partial = '';
  #isDropping = false;

  constructor(receiver: LineReceiver) {
    this.#receiver = receiver;
  }

  push(chunk: string): void {
    let from = 0;
    for (let at = chunk.indexOf(STOP_BYTE); at !== -1; at = chunk.indexOf(STOP_BYTE, from)) {
      this.#pushText(chunk.slice(from, at));
      this.#receiver.stop();
      from = at + 1;
    }
    this.#pushText(from === 0 ? chunk : chunk.slice(from));
  }

  /** A new connection starts with an empty line. */
  reset(): void {
    this.#partial = '';
    this.#isDropping = false;
  }

  #pushText(text: string): void {
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      this.#endLine(text.slice(from, at));
      from = at + 1;
    }
    if (!this.#isDropping) this.#partial += text.slice(from);
    if (this.#partial.length >= LINE_MAX_BYTES) {
      this.#partial = '';
      this.#isDropping = true;
    }
  }

  #endLine(rest: string): void {
    const line = this.#partial + rest;
    const isTooLong = this.#isDropping || line.length >= LINE_MAX_BYTES;
    this.reset();
    if (isTooLong) this.#receiver.tooLong();
    else if (line !== '') this.#receiver.line(line);
  }
}
