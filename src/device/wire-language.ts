// What recording and replay must know of a wire language: which stretches of text are frames, what a sent
// frame asks, and which frames come unasked. A dialect declares it beside its driver; most speak in lines.
// Knows nothing of drivers: a frame is text.
import type { PortIndex } from './wire-entry.ts';

export interface WireFrame {
  /** As it is recorded: without numbers of the transport, checksums and whatever guards a session. */
  readonly text: string;
  /** The channel it belongs to; null: the link. */
  readonly channel: number | null;
  /** Number by which its answer is matched; 0 where answers come in order. */
  readonly seq: number;
  /** Of use only to what is done about it at once; a later one takes its place. */
  readonly isPassing?: boolean;
}

/** The frames of one connection, cut and written. */
export interface WireConnection {
  sent(text: string, port: PortIndex): readonly WireFrame[];
  heard(text: string, port: PortIndex): readonly WireFrame[];
  /** The bytes of a frame that was recorded. `asked`: what it answers; null: it comes unasked. */
  spoken(recorded: string, asked: WireFrame | null): string;
}

export interface WireLanguage {
  readonly connect: () => WireConnection;
  /** Questions of one kind are answered in order. */
  readonly kindOf: (sent: string) => string;
  /** It changes nothing on the instrument, so how often it is asked is no difference. */
  readonly isPoll: (sent: string) => boolean;
  /** Whether the frame heard comes unasked. */
  readonly isReport: (heard: string, port: PortIndex) => boolean;
  /**
   * An answer to a poll that was not recorded; `latest`: that of the last one of its kind. null: it is left
   * without.
   */
  readonly substitute: (kind: string, latest: LatestAnswer | null) => string | null;
}

export interface LatestAnswer {
  readonly text: string;
  readonly agoMs: number;
}

/** Beyond this, what has no end of line is no line. */
const LINE_BYTES_MAX = 65_536;
const NUMBER = /[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?/gi;

export interface LineLanguageOptions {
  /** What ends a line, one character each. */
  readonly terminators: readonly string[];
  readonly isPoll: (sent: string) => boolean;
  /** Default: the text without its numbers. */
  readonly kindOf?: (sent: string) => string;
  /** Default: the latest answer again. */
  readonly substitute?: WireLanguage['substitute'];
}

/**
 * The language of an instrument that answers in whole lines, in order; its data port brings packets unasked.
 */
export function createLineLanguage(options: LineLanguageOptions): WireLanguage {
  const { terminators, isPoll, kindOf, substitute } = options;
  return {
    connect: () => createLineConnection(terminators),
    kindOf: kindOf ?? ((sent) => sent.replaceAll(NUMBER, '#')),
    isPoll,
    isReport: (_heard, port) => port === 1,
    substitute: substitute ?? ((_kind, latest) => latest?.text ?? null),
  };
}

function createLineConnection(terminators: readonly string[]): WireConnection {
  let begun = '';
  const frame = (text: string): readonly WireFrame[] => [{ text, channel: null, seq: 0 }];
  return {
    sent: frame,
    heard: (text, port) => {
      if (port === 1) return frame(text);
      begun += text;
      const end = 1 + Math.max(...terminators.map((terminator) => begun.lastIndexOf(terminator)));
      if (end === 0) {
        if (begun.length > LINE_BYTES_MAX) begun = '';
        return [];
      }
      const whole = begun.slice(0, end);
      begun = begun.slice(end);
      return frame(whole);
    },
    spoken: (recorded) => recorded,
  };
}
