// Chunks of the data port in, packets out. Chunks may be cut anywhere. Where no packet begins it looks for
// the next type word and counts what it passes over: samples that are lost so come again with the bulk
// packet. Must never keep more than one packet's bytes, and never hand on a packet that does not fit its
// type.
import {
  BODY_BYTES_MAX,
  decodeBody,
  type Packet,
  packetNameOf,
  type PacketName,
  PREAMBLE_BYTES,
} from './packets.ts';

export interface PacketStreamOptions {
  readonly onPacket: (packet: Packet) => void;
  /** Bytes were passed over: once for each stretch of them. */
  readonly onGarbage: () => void;
}

interface Preamble {
  readonly name: PacketName;
  readonly bodyBytes: number;
}

export class PacketStream {
  readonly #options: PacketStreamOptions;
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes before which it is no use to look again. */
  #needed = PREAMBLE_BYTES;
  #trackCount = 0;
  #isInGarbage = false;

  constructor(options: PacketStreamOptions) {
    this.#options = options;
  }

  /** Takes a chunk of latin1 text and delivers the packets it ends, at once. */
  push(chunk: string): void {
    this.#chunks.push(Buffer.from(chunk, 'latin1'));
    this.#length += chunk.length;
    // Joined only when there is enough: a bulk packet comes in thousands of chunks.
    if (this.#length < this.#needed) return;
    let bytes =
      this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks);
    for (let used = this.#take(bytes); used > 0; used = this.#take(bytes)) bytes = bytes.subarray(used);
    this.#chunks = [bytes];
    this.#length = bytes.length;
  }

  /** Returns how many bytes at the front are dealt with; 0: more must come first. */
  #take(bytes: Buffer): number {
    this.#needed = PREAMBLE_BYTES;
    if (bytes.length < PREAMBLE_BYTES) return 0;
    const preamble = preambleAt(bytes, 0);
    if (preamble === null) return this.#passOver(bytes);
    const end = PREAMBLE_BYTES + preamble.bodyBytes;
    if (bytes.length < end) {
      this.#needed = end;
      return 0;
    }
    const packet = decodeBody(preamble.name, bytes.subarray(PREAMBLE_BYTES, end), this.#trackCount);
    if (packet === null) return this.#passOver(bytes);
    this.#isInGarbage = false;
    if (packet.type === 'tracks') this.#trackCount = packet.tracks.length;
    this.#options.onPacket(packet);
    return end;
  }

  /** To the next place where a packet may begin, at least one byte on. */
  #passOver(bytes: Buffer): number {
    if (!this.#isInGarbage) this.#options.onGarbage();
    this.#isInGarbage = true;
    let at = 1;
    while (at + PREAMBLE_BYTES <= bytes.length && preambleAt(bytes, at) === null) at += 1;
    return at;
  }
}

function preambleAt(bytes: Buffer, at: number): Preamble | null {
  const name = packetNameOf(bytes.readBigUInt64LE(at));
  if (name === null) return null;
  const bodyBytes = bytes.readBigUInt64LE(at + PREAMBLE_BYTES / 2);
  return bodyBytes <= BigInt(BODY_BYTES_MAX[name]) ? { name, bodyBytes: Number(bodyBytes) } : null;
}
