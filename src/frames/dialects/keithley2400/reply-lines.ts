// Bytes of a Keithley 2400 in, lines out: whichever of CR, LF, CR LF and LF CR the front panel has chosen
// (manual 2400S-900-01 p. 14-14), and whatever of XON and XOFF the system has left in. Never guesses at a
// line it cut.
import { LineFramer } from '../../line-framer.ts';

/** A reading has 56 bytes, an identity about 80. */
const LINE_BYTES_MAX = 1024;
/** XON, XOFF, and the NUL of an adapter that wakes. */
const NOT_TEXT = ['\u0000', '\u0011', '\u0013'];

export interface ReplyLinesOptions {
  /** Without terminator, never empty: an empty line means nothing in this language. */
  readonly onLine: (line: string) => void;
  readonly onTooLong: () => void;
}

/** Returns what takes the chunks, latin1 text. */
export function createReplyLines({ onLine, onTooLong }: ReplyLinesOptions): (chunk: string) => void {
  const framer = new LineFramer({
    lengthMax: LINE_BYTES_MAX,
    onLine: (line) => {
      const text = line.trim();
      if (text !== '') onLine(text);
    },
  });
  let tooLong = 0;
  return (chunk) => {
    const text = NOT_TEXT.reduce((left, character) => left.replaceAll(character, ''), chunk);
    framer.push(text.replaceAll('\r', '\n'));
    for (; tooLong < framer.tooLong; tooLong += 1) onTooLong();
  };
}
