// Goal: packets come out of the data port whatever way its bytes are cut, and what is no packet costs only
// itself. Method: a whole primitive, cut in every way and damaged at every byte.

import { describe, expect, it } from 'vitest';
import { PacketStream } from '../../../src/frames/dialects/zahner/packet-stream.ts';
import type { Packet } from '../../../src/frames/dialects/zahner/packets.ts';
import {
  appendixPacket,
  bulkPacket,
  headerPacket,
  packetOf,
  rowsUpTo,
  samplePacket,
  TRACKS_PACKET,
} from '../device/zahner-peer.ts';

const PRIMITIVE = [
  headerPacket(1),
  TRACKS_PACKET,
  headerPacket(2),
  ...rowsUpTo(3).map((row) => samplePacket(row)),
  headerPacket(3),
  bulkPacket(rowsUpTo(4)),
  appendixPacket(rowsUpTo(1), [13, 0]),
  headerPacket(4),
];
const WHOLE = Buffer.concat(PRIMITIVE);
const TYPES = [
  'header',
  'tracks',
  'header',
  'sample',
  'sample',
  'sample',
  'header',
  'bulk',
  'appendix',
  'header',
];

function heard(chunks: readonly Buffer[]): { packets: Packet[]; garbage: number } {
  const found = { packets: [] as Packet[], garbage: 0 };
  const stream = new PacketStream({
    onPacket: (packet) => found.packets.push(packet),
    onGarbage: () => {
      found.garbage += 1;
    },
  });
  for (const chunk of chunks) stream.push(chunk.toString('latin1'));
  return found;
}

describe('cuts', () => {
  it('does not matter where one chunk ends and the next begins', () => {
    const whole = heard([WHOLE]);
    expect(whole.packets.map(({ type }) => type)).toEqual(TYPES);
    for (let at = 0; at <= WHOLE.length; at += 1) {
      expect(heard([WHOLE.subarray(0, at), WHOLE.subarray(at)])).toEqual(whole);
    }
  });

  it('takes single bytes', () => {
    const bytes = Array.from(WHOLE, (_byte, at) => WHOLE.subarray(at, at + 1));
    expect(heard(bytes)).toEqual(heard([WHOLE]));
  });
});

describe('garbage', () => {
  it('is passed over up to the next packet, and counted once', () => {
    const [first, tracks, ...rest] = PRIMITIVE;
    const noise = Buffer.from('what is this? 0123456789abcdef');
    const found = heard([noise, Buffer.concat([first ?? noise, tracks ?? noise, noise, ...rest])]);
    expect(found.packets.map(({ type }) => type)).toEqual(TYPES);
    expect(found.garbage).toBe(2);
  });

  it('is a row that does not fit the tracks, and one before any tracks', () => {
    const short = packetOf('sample', Buffer.alloc(16));
    expect(heard([samplePacket([1, 2, 3]), TRACKS_PACKET, short, samplePacket([1, 2, 3])])).toMatchObject({
      packets: [{ type: 'tracks' }, { type: 'sample', values: [1, 2, 3] }],
      garbage: 2,
    });
  });

  it('is a length that no packet has', () => {
    const absurd = Buffer.from(samplePacket([1, 2, 3]));
    absurd.writeBigUInt64LE(2n ** 40n, 8);
    const found = heard([TRACKS_PACKET, absurd, samplePacket([4, 5, 6])]);
    expect(found.packets.at(-1)).toEqual({ type: 'sample', values: [4, 5, 6] });
  });

  it('costs a damaged type word its own packet and no other', () => {
    const damaged = Buffer.from(samplePacket([1, 2, 3]));
    damaged[3] = 0;
    const found = heard([TRACKS_PACKET, damaged, samplePacket([4, 5, 6]), headerPacket(3)]);
    expect(found.packets.map(({ type }) => type)).toEqual(['tracks', 'sample', 'header']);
    expect(found.garbage).toBe(1);
  });

  it('never makes it throw, whichever byte is damaged', () => {
    for (let at = 0; at < WHOLE.length; at += 1) {
      const damaged = Buffer.from(WHOLE);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      expect(heard([damaged]).packets.length).toBeLessThanOrEqual(TYPES.length);
    }
  });
});
