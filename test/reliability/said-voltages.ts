// The voltages that an instrument put on its line, before anything happened to them, as the numbers that a
// run file holds: whatever else a record holds was damaged on the way and not noticed. Whole lines and
// packets of a clean line only; it must never be given what the host received.
import type { LineBytes } from '../checkers/evidence.ts';
import { framesOf, samplesOf } from '../checkers/gvn1-frames.ts';
import type { DialectName } from '../../src/config/dialect-names.ts';
import { parseReply } from '../../src/frames/dialects/keithley2400/replies.ts';
import { decodeLine } from '../../src/frames/dialects/methodscript/line.ts';
import { EXPONENT } from '../../src/frames/dialects/methodscript/literal.ts';
import { integerOf } from '../../src/frames/dialects/methodscript/package.ts';
import { PacketStream } from '../../src/frames/dialects/zahner/packet-stream.ts';
import type { Packet } from '../../src/frames/dialects/zahner/packets.ts';
import { type RowReader, rowReaderFor } from '../../src/frames/dialects/zahner/samples.ts';

type Said = readonly LineBytes[];

const READERS: Readonly<Record<DialectName, (said: Said) => readonly number[]>> = {
  gvn1: (said) =>
    framesOf(said, said[0]?.instrument ?? '').flatMap(({ frame }) =>
      samplesOf(frame, 1).map(({ voltageNv }) => voltageNv),
    ),
  methodscript: (said) => linesOf(said).flatMap(packageVoltages),
  keithley2400: (said) => linesOf(said).flatMap(readingVoltages),
  zahner: packetVoltages,
};

/** nV, each once. */
export function saidVoltages(dialect: DialectName, said: Said): ReadonlySet<number> {
  return new Set(READERS[dialect](said));
}

/** Frames that went over a line, both ways: whole lines of text, packets or chunks of the binary line. */
export function framesIn(bytes: Said): number {
  const chunks = bytes.filter(({ line }) => line === 'data').length;
  return chunks + linesOf(bytes).length;
}

/** Lines of the text line, connection by connection. */
function linesOf(bytes: Said): readonly string[] {
  const texts = new Map<number, string>();
  for (const { connection, line, text } of bytes)
    if (line === 'text') texts.set(connection, (texts.get(connection) ?? '') + text);
  return [...texts.values()].flatMap((text) => text.split(/[\r\n]+/).filter((found) => found !== ''));
}

function packageVoltages(line: string): readonly number[] {
  const decoded = decodeLine(line);
  if (decoded.kind !== 'package') return [];
  return decoded.variables.flatMap((variable) => {
    const voltageNv = ['ab', 'da'].includes(variable.type) ? integerOf(variable, EXPONENT.voltageNv) : null;
    return voltageNv === null ? [] : [voltageNv];
  });
}

function readingVoltages(line: string): readonly number[] {
  const reply = parseReply('readings', line);
  if (reply?.kind !== 'readings') return [];
  return reply.readings.flatMap(({ voltageNv }) => (typeof voltageNv === 'number' ? [voltageNv] : []));
}

function packetVoltages(said: Said): readonly number[] {
  const voltages: number[] = [];
  const streams = new Map<number, PacketStream>();
  for (const { connection, line, text } of said) {
    if (line !== 'data') continue;
    const stream = streams.get(connection) ?? packetReader((voltageNv) => voltages.push(voltageNv));
    streams.set(connection, stream);
    stream.push(text);
  }
  return voltages;
}

function packetReader(found: (voltageNv: number) => void): PacketStream {
  let readRow: RowReader | null = null;
  const take = (packet: Packet): void => {
    if (packet.type === 'tracks') readRow = rowReaderFor(packet.tracks);
    const rows = packet.type === 'sample' ? [packet.values] : 'rows' in packet ? packet.rows : [];
    for (const row of rows) {
      const measured = readRow?.(row) ?? null;
      if (measured !== null) found(measured.voltageNv);
    }
  };
  return new PacketStream({ onPacket: take, onGarbage: () => undefined });
}
