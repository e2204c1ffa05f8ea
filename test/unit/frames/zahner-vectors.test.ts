// Goal: this codec reads replies and packets of Zahner potentiostats as they are written. Method: every
// golden vector, which the emulator's own codec passes as well; the two share no code. And by hand: what
// only a real instrument may say.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decimalText, encodeCommand } from '../../../src/frames/dialects/zahner/commands.ts';
import { PacketStream } from '../../../src/frames/dialects/zahner/packet-stream.ts';
import type { Packet } from '../../../src/frames/dialects/zahner/packets.ts';
import { parseIdentity, parseNumber, parseReply } from '../../../src/frames/dialects/zahner/replies.ts';
import { rowReaderFor } from '../../../src/frames/dialects/zahner/samples.ts';

interface Vector {
  readonly kind: 'packet' | 'reply';
  readonly hex: string;
  readonly text: string;
  readonly means: Readonly<Record<string, unknown>>;
}

const path = join(import.meta.dirname, '..', '..', 'vectors', 'zahner.jsonl');
const vectors = readFileSync(path, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

function named(kind: Vector['kind']): readonly (readonly [string, Vector])[] {
  return vectors
    .filter((vector) => vector.kind === kind)
    .map((vector) => [JSON.stringify(vector.means).slice(0, 90), vector]);
}

const TRACKS = vectors.find(({ means }) => means['type'] === 'tracks');

/** Rows cannot be read before the tracks are known. */
function packetsFrom(...hexes: readonly string[]): Packet[] {
  const packets: Packet[] = [];
  const stream = new PacketStream({
    onPacket: (packet) => packets.push(packet),
    onGarbage: () => expect.unreachable('garbage'),
  });
  for (const hex of hexes) stream.push(Buffer.from(hex, 'hex').toString('latin1'));
  return packets;
}

describe('packet vectors', () => {
  it.each(named('packet'))('reads %s', (_name, { hex, means }) => {
    expect(packetsFrom(TRACKS?.hex ?? '', hex).at(-1)).toEqual(means);
  });
});

describe('reply vectors', () => {
  it.each(named('reply'))('reads %s', (_name, { text, means }) => {
    const { kind } = means;
    if (kind === 'identity') return expect({ kind, ...parseIdentity(text) }).toEqual(means);
    const reply = parseReply(`${text}\r\n`);
    const value = reply.kind === 'value' ? { value: parseNumber(reply.text) } : {};
    expect({ ...reply, ...value }).toMatchObject(means);
  });
});

it('knows every kind of vector there is', () => {
  expect([...new Set(vectors.map(({ kind }) => kind))].toSorted()).toEqual(['packet', 'reply']);
});

describe('replies', () => {
  it.each([
    ['Issue: error 1003', 1003],
    ['ERROR 27: command does not exist', 27],
    ['error: 1005 ok', 1005],
  ])('finds the number in "%s"', (text, code) => {
    expect(parseReply(text)).toEqual({ kind: 'error', code, text });
  });

  it.each(['', ' ', 'nan', '0x19', '25 degC', '25,0', '1e999'])('finds no number in "%s"', (text) => {
    expect(parseNumber(text)).toBeNull();
  });

  it.each(['', 'HEWLETT-PACKARD,34401A,0,10-5-2', 'ZAHNER-ELEKTRIK,PP212,33000', 'ok'])(
    'does not take "%s" for one of these instruments',
    (text) => {
      expect(parseIdentity(text)).toBeNull();
    },
  );
});

describe('commands', () => {
  it.each([
    [{ name: 'current', value: -1_130_000_000 } as const, ':PARA:IVAL -0.00113'],
    [{ name: 'current', value: 1 } as const, ':PARA:IVAL 0.000000000001'],
    [{ name: 'timeMax', value: 3_600_000_000 } as const, ':PARA:TMAX 3600'],
    [{ name: 'chargeMin', value: -4_068_000_001 } as const, ':PARA:CHAR:MIN -4.068000001'],
    [{ name: 'samplingFrequency', value: 333_333 } as const, ':SESO:SFRQ 0.333333'],
    [{ name: 'voltageCheck', value: true } as const, ':PARA:ULIM:STAT ON'],
    [{ name: 'chargeCheck', value: false } as const, ':PARA:CHAR:STAT 0'],
    [{ name: 'galvanostatic' } as const, ':SESO:COUP gal'],
    [{ name: 'abort' } as const, 'ABOR'],
  ])('writes %o', (command, text) => {
    expect(encodeCommand(command)).toBe(text);
  });

  it.each([
    [0, 9, '0'],
    [-5, 9, '-0.000000005'],
    [123_450_000_000, 9, '123.45'],
    [Number.MAX_SAFE_INTEGER, 6, '9007199254.740991'],
  ])('writes %i over 10 to the %i without loss', (value, decimals, text) => {
    expect(decimalText(value, decimals)).toBe(text);
  });

  it('refuses a value that does not fit the command', () => {
    expect(() => encodeCommand({ name: 'current', value: true })).toThrow('takes a number');
    expect(() => encodeCommand({ name: 'voltageCheck', value: 1 })).toThrow('takes a boolean');
    expect(() => encodeCommand({ name: 'abort', value: 1 })).toThrow('takes no value');
    expect(() => encodeCommand({ name: 'current', value: 0.5 })).toThrow('safe integer');
  });
});

describe('rows', () => {
  const track = (id: number) => ({ id, name: '', unit: '', flags: '' });

  it('are read in the order of the tracks', () => {
    const read = rowReaderFor([track(11), track(13), track(12)]);
    expect(read?.([-0.05, 1.5, -0.001])).toEqual({
      timeUs: 1_500_000,
      voltageNv: -50_000_000,
      currentPa: -1_000_000_000,
    });
  });

  it('have no current where there is no such track', () => {
    expect(rowReaderFor([track(13), track(11)])?.([1, 0.9])).toMatchObject({ currentPa: 0 });
  });

  it('are nothing without time or voltage, or with a value that is no number', () => {
    expect(rowReaderFor([track(13), track(12)])).toBeNull();
    const read = rowReaderFor([track(13), track(11)]);
    expect(read?.([Number.NaN, 0.9])).toBeNull();
    expect(read?.([1, Number.POSITIVE_INFINITY])).toBeNull();
    expect(read?.([-1, 0.9])).toBeNull();
  });
});
