// Frames of gvn1 out of recorded bytes, line by line for each connection, by the codec of the emulator: the
// driver's own must not judge itself. What is damaged is no frame.
import { type Frame, LineSplitter, parseFrame } from '../../firmware-sim/dialects/gvn1/frame.ts';
import type { LineBytes, Moment } from './evidence.ts';

export interface SeenFrame extends Moment {
  readonly instrument: string;
  readonly life: number;
  readonly connection: number;
  readonly frame: Frame;
}

/** In the order in which their last byte passed. */
export function framesOf(bytes: readonly LineBytes[], instrument: string): SeenFrame[] {
  const seen: SeenFrame[] = [];
  const splitters = new Map<number, LineSplitter>();
  const now: { bytes: LineBytes | null } = { bytes: null };
  for (const chunk of bytes) {
    if (chunk.instrument !== instrument) continue;
    const splitter = splitters.get(chunk.connection) ?? new LineSplitter(receiver(now, seen));
    splitters.set(chunk.connection, splitter);
    now.bytes = chunk;
    splitter.push(chunk.text);
  }
  return seen;
}

function receiver(now: { readonly bytes: LineBytes | null }, seen: SeenFrame[]) {
  return {
    line: (text: string) => {
      const frame = parseFrame(text);
      if (frame === null || now.bytes === null) return;
      const { order, atMs, instrument, life, connection } = now.bytes;
      seen.push({ order, atMs, instrument, life, connection, frame });
    },
    tooLong: () => undefined,
    stop: () => undefined,
  };
}

/** `key=value` fields of a payload. */
export function fieldsOf({ payload }: Frame): ReadonlyMap<string, string> {
  const pairs = payload.split(' ').map((field): [string, string] => {
    const at = field.indexOf('=');
    return at === -1 ? [field, ''] : [field.slice(0, at), field.slice(at + 1)];
  });
  return new Map(pairs);
}

export interface SaidSample {
  readonly n: number;
  readonly step: number;
  readonly timeUs: number;
  readonly voltageNv: number;
  readonly currentPa: number;
}

/** The samples of an `s` or `r` frame of this channel; none of any other frame. */
export function samplesOf({ type, payload }: Frame, channel: number): SaidSample[] {
  if (type !== 's' && type !== 'r') return [];
  const [ch = '', n0 = '', step = '', list = ''] = payload.split(' ');
  if (Number(ch) !== channel) return [];
  return list.split(';').map((text, index) => {
    const [timeUs = 0, voltageNv = 0, currentPa = 0] = text.split(',').map(Number);
    return { n: Number(n0) + index, step: Number(step), timeUs, voltageNv, currentPa };
  });
}
