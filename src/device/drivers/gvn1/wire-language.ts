// gvn1 for recording and replay: frames without their numbers and checksums, which the transport makes anew.
// Frames of other channels are told apart; the token of a session is left out.
import { decodeFrame, encodeFrame, nextSeq, STOP_BYTE } from '../../../frames/dialects/gvn1/frame.ts';
import type { WireConnection, WireFrame, WireLanguage } from '../../wire-language.ts';

const CHANNEL = /^(?:ch=)?(\d+)(?: |$)/;
const KIND = /^[a-z]+(?: ch=\d+)?/;
const TOKEN = / ?\btoken=\S+/;
/** Frames that a device sends on its own; the live report is overtaken by the next. */
const REPORT = /^[selfrx] /;
const LIVE = 'l';
const POLLS = new Set(['clock', 'stat', 'lease', 'live', 'flush']);
const LINE_BYTES_MAX = 4096;

export const GVN1_WIRE: WireLanguage = {
  connect: () => new Connection(),
  kindOf: (sent) => KIND.exec(sent)?.[0] ?? sent,
  isPoll: (sent) => POLLS.has(sent.split(' ', 1)[0] ?? ''),
  isReport: (heard) => REPORT.test(heard),
  // An old status or time would put the device where it no longer is: no news is better.
  substitute: (kind) => (/^(?:stat|clock)\b/.test(kind) ? 'nak code=STATE' : 'ack'),
};

class Connection implements WireConnection {
  #begun = '';
  #lastSeq: number | null = null;
  #asked: WireFrame | null = null;
  #lastReportSeq: number | null = null;
  #reportSeq = 0;

  sent(text: string): readonly WireFrame[] {
    return text.split(/(?<=\n)/).flatMap((line) => this.#sentLine(line));
  }

  heard(text: string): readonly WireFrame[] {
    const lines = (this.#begun + text).split(/(?<=\n)/);
    const last = lines.at(-1) ?? '';
    this.#begun = last.endsWith('\n') || last.length > LINE_BYTES_MAX ? '' : last;
    return lines.filter((line) => line.endsWith('\n')).flatMap((line) => this.#heardLine(line));
  }

  spoken(recorded: string, asked: WireFrame | null): string {
    const space = recorded.indexOf(' ');
    const type = space === -1 ? recorded : recorded.slice(0, space);
    const payload = space === -1 ? '' : recorded.slice(space + 1);
    if (asked !== null) return encodeFrame(asked.seq, type, payload);
    const seq = this.#reportSeq;
    this.#reportSeq = nextSeq(seq);
    return encodeFrame(seq, type, payload);
  }

  /** A command that is sent again carries the number of the first time, and is no other. */
  #sentLine(line: string): readonly WireFrame[] {
    if (line === STOP_BYTE) return [{ text: 'stop', channel: null, seq: 0 }];
    const frame = decodeFrame(line);
    if (frame.kind === 'garbage' || frame.seq === this.#lastSeq) return [];
    const { seq, type, payload } = frame;
    this.#lastSeq = seq;
    this.#asked = { text: textOf(type, payload.replace(TOKEN, '')), channel: channelOf(payload), seq };
    return [this.#asked];
  }

  #heardLine(line: string): readonly WireFrame[] {
    const frame = decodeFrame(line);
    if (frame.kind === 'garbage') return [];
    const { seq, type, payload } = frame;
    const text = textOf(type, payload);
    if (REPORT.test(text)) {
      const isDoubled = seq === this.#lastReportSeq;
      this.#lastReportSeq = seq;
      const isPassing = type === LIVE;
      return isDoubled ? [] : [{ text, channel: channelOf(payload), seq, isPassing }];
    }
    const asked = this.#asked;
    if (asked?.seq !== seq) return [];
    this.#asked = null;
    return [{ text, channel: asked.channel, seq }];
  }
}

function textOf(type: string, payload: string): string {
  return payload === '' ? type : `${type} ${payload}`;
}

function channelOf(payload: string): number | null {
  const [, digits] = CHANNEL.exec(payload) ?? [];
  return digits === undefined ? null : Number(digits);
}
