// Goal: this codec reads and writes what the manual says. Method: every golden vector, which the emulator's
// own codec can pass as well, since the two share no code; and what the two ends of a line may do to a
// line.

import { describe, expect, it } from 'vitest';
import {
  currentLevel,
  currentRange,
  replyKindOf,
  sourceSettings,
  type ReplyKind,
} from '../../../src/frames/dialects/keithley2400/commands.ts';
import { measuredFrom, scaledInteger } from '../../../src/frames/dialects/keithley2400/numbers.ts';
import { createReplyLines } from '../../../src/frames/dialects/keithley2400/reply-lines.ts';
import { parseReply } from '../../../src/frames/dialects/keithley2400/replies.ts';
import { KEITHLEY2400_VECTORS, keithley2400VectorsOf } from '../../support/keithley2400-vectors.ts';

/** The reply kind of this codec by the kind of a vector. */
const KINDS: Readonly<Record<string, ReplyKind>> = {
  reading: 'readings',
  block: 'readings',
  error: 'error',
  idn: 'identity',
  time: 'time',
  integer: 'integer',
};

const COMMANDS: Readonly<Record<string, (value: number) => string>> = {
  currentPa: currentLevel,
  rangePa: currentRange,
};

describe('vectors', () => {
  it.each(keithley2400VectorsOf('reading'))('reads the reading: %s', (_name, { line, means }) => {
    expect(parseReply('readings', line)).toEqual({ kind: 'readings', readings: [means] });
  });

  it.each(keithley2400VectorsOf('block'))('reads the block: %s', (_name, { line, means }) => {
    expect(parseReply('readings', line)).toEqual({ kind: 'readings', readings: means });
  });

  it.each(keithley2400VectorsOf('idn'))('reads the identity of %s', (_name, { line, means }) => {
    expect(parseReply('identity', line)).toEqual({ kind: 'identity', identity: means });
  });

  it.each(
    KEITHLEY2400_VECTORS.filter(({ kind }) => ['error', 'time', 'integer'].includes(kind)).map(
      (vector) => [vector.name, vector] as const,
    ),
  )('reads %s', (_name, { kind, line, means }) => {
    const replyKind = replyKindOf(kind);
    expect(parseReply(replyKind, line)).toEqual({ kind: replyKind, ...(means as object) });
  });

  it.each(keithley2400VectorsOf('bad'))('makes nothing of %s', (_name, { of, line }) => {
    expect(parseReply(KINDS[of] ?? 'readings', line)).toBeNull();
  });

  it.each(keithley2400VectorsOf('command').map(({ 1: vector }) => [vector.line, vector] as const))(
    'writes %s',
    (line, { sets }) => {
      const [[name, value]] = Object.entries(sets) as [[string, number]];
      expect(COMMANDS[name]?.(value)).toBe(line);
    },
  );

  it('knows every kind of vector there is', () => {
    const kinds = new Set(KEITHLEY2400_VECTORS.map(({ kind }) => kind));
    const known = ['bad', 'block', 'command', 'error', 'idn', 'integer', 'reading', 'time'];
    expect([...kinds].toSorted()).toEqual(known);
  });
});

describe('an identity', () => {
  it('is found behind what was on its way before the instrument heard us', () => {
    const line = '+1.0002KEITHLEY INSTRUMENTS INC.,MODEL 2400,1234567,C30';
    expect(parseReply('identity', line)).toEqual({
      kind: 'identity',
      identity: { model: '2400', serial: '1234567', firmware: 'C30' },
    });
  });
});

describe('numbers', () => {
  it.each([
    ['9007199254740993', 0],
    ['1E+41', 0],
    ['', 0],
    ['1E', 0],
    ['--1', 0],
    ['NAN', 9],
  ])('makes nothing of "%s"', (text, power) => {
    expect(scaledInteger(text, power)).toBeNull();
  });

  it('knows no minus zero', () => {
    expect(Object.is(scaledInteger('-0.000000E+00', 9), 0)).toBe(true);
  });

  it.each([
    ['+9.910000E+37', 'unmeasured'],
    ['9.91E37', 'unmeasured'],
    ['+9.900000E+37', 'overflow'],
    ['9.9E37', 'overflow'],
    ['+9.800000E+37', null],
  ])('takes %s for %s', (text, found) => {
    expect(measuredFrom(text, 9)).toBe(found);
  });
});

describe('settings of a run', () => {
  const settings = sourceSettings({
    rangePa: 10_000_000_000,
    complianceNv: 2_040_000_000,
    voltageRangeNv: 2_000_000_000,
    isRemoteSensing: true,
  });

  it('switch off before anything else, and mean "relay open" by off', () => {
    expect(settings.slice(0, 2)).toEqual([':OUTP OFF', ':OUTP:SMOD HIMP']);
  });

  it('bound the voltage before its range is chosen, and hold no level but zero', () => {
    const compliance = settings.indexOf(':SENS:VOLT:PROT 2.04E+00');
    expect(compliance).toBeGreaterThan(0);
    expect(settings.indexOf(':SENS:VOLT:RANG 2E+00')).toBe(compliance + 1);
    expect(settings.filter((text) => text.includes(':LEV'))).toEqual([':SOUR:CURR:LEV 0']);
    expect(settings).toContain(':SYST:RSEN ON');
  });

  it('never reset the instrument: that would put 0 V across the cell', () => {
    expect(settings.filter((text) => text.includes('RST'))).toEqual([]);
  });
});

describe('lines', () => {
  function linesOf(chunks: readonly string[]): { lines: string[]; tooLong: number } {
    const found = { lines: [] as string[], tooLong: 0 };
    const take = createReplyLines({
      onLine: (line) => found.lines.push(line),
      onTooLong: () => {
        found.tooLong += 1;
      },
    });
    for (const chunk of chunks) take(chunk);
    return found;
  }

  it.each([['\r'], ['\r\n'], ['\n'], ['\n\r']])('end with any of four terminators: %j', (end) => {
    expect(linesOf([`1${end}`, `0,"No error"${end}`]).lines).toEqual(['1', '0,"No error"']);
  });

  it('come out whole whatever the chunks are, flow control left out', () => {
    expect(linesOf(['+1.0', '\u0013\u0011', '2\u0000E', '+00\r', '\n1\r\n']).lines).toEqual([
      '+1.02E+00',
      '1',
    ]);
  });

  it('are dropped and counted where they do not end', () => {
    expect(linesOf(['x'.repeat(2000), '\r1\r'])).toEqual({ lines: ['1'], tooLong: 1 });
  });
});
