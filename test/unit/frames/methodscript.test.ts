// Goal: this codec reads and writes MethodSCRIPT as the vendor's page has it. Method: golden vectors, eight
// of them recorded on instruments, which the emulator's own codec passes as well; the two share no code.

import { describe, expect, it } from 'vitest';
import { ERROR_TEXTS, errorText } from '../../../src/frames/dialects/methodscript/errors.ts';
import { decodeLine, withoutFlowControl } from '../../../src/frames/dialects/methodscript/line.ts';
import {
  countLiteral,
  currentLiteral,
  literalFrom,
  timeLiteral,
} from '../../../src/frames/dialects/methodscript/literal.ts';
import {
  integerOf,
  parsePackage,
  rangeOf,
  statusOf,
  valueOf,
} from '../../../src/frames/dialects/methodscript/package.ts';
import { hasBit, parseFirmware } from '../../../src/frames/dialects/methodscript/replies.ts';
import { scriptText } from '../../../src/frames/dialects/methodscript/script.ts';
import { methodscriptVectors } from '../../support/methodscript-vectors.ts';

function variable(line: string) {
  const [first] = parsePackage(line) ?? [];
  if (first === undefined) throw new Error(`no package: ${line}`);
  return first;
}

describe('data packages', () => {
  it.each(methodscriptVectors('package'))('reads %s', (_name, { line, variables }) => {
    const found = parsePackage(line)?.map((each) => {
      const value = valueOf(each);
      const { type, raw, prefix, metadata } = each;
      return { type, raw, prefix, value: Number.isNaN(value) ? null : value, metadata };
    });
    expect(found).toEqual(variables);
  });

  it.each(methodscriptVectors('badpackage'))('takes for garbage: %s', (_name, { line }) => {
    expect(parsePackage(line)).toBeNull();
    expect(decodeLine(line)).toEqual({ kind: 'garbage' });
  });

  it.each([
    ['Pba8000001m', -12, 1_000_000_000],
    ['Pab7F85F3Fu', -9, -499_905_000],
    ['PabFFFFFFFa', -9, 0],
    ['Pab7FFFFFFa', -9, 0],
    ['Peb8000005m', -6, 5000],
    ['Peb800000Fn', -6, 0],
    ['PabFFFFFFFE', -9, null],
    ['Pab     nan', -9, null],
  ])('makes of %s in units of 10^%d the integer %s', (line, exponent, expected) => {
    expect(integerOf(variable(line), exponent)).toBe(expected);
  });

  it('finds status and range among words that it does not know', () => {
    const measured = variable('Pba8000001n,40,7,12,20F,5FFF');
    expect([statusOf(measured), rangeOf(measured)]).toEqual([2, 15]);
    expect([statusOf(variable('Pba8000001n')), rangeOf(variable('Pba8000001n'))]).toEqual([0, null]);
  });
});

describe('lines', () => {
  it.each(methodscriptVectors('line'))('tells apart: %s', (_name, { line, decoded }) => {
    expect(decodeLine(`${line}\n`)).toEqual(decoded);
    expect(decodeLine(line)).toEqual(decoded);
  });

  it('drops XON and XOFF wherever they stand', () => {
    expect(withoutFlowControl('\u0011te\u0013s4\u0011')).toBe('tes4');
  });

  it('takes what is not printable ASCII for garbage', () => {
    expect(decodeLine('Thello\u00e9\n')).toEqual({ kind: 'garbage' });
    expect(decodeLine('iES4\r\n')).toEqual({ kind: 'garbage' });
  });
});

describe('literals', () => {
  it.each(methodscriptVectors('literal'))('writes %s', (_name, { value, exponent, text }) => {
    expect(literalFrom(value, exponent)).toBe(text);
  });

  it('writes currents, times and counts', () => {
    expect([currentLiteral(-1_130_000_000), timeLiteral(100_000), countLiteral(3)]).toEqual([
      '-1130u',
      '100m',
      '3i',
    ]);
  });
});

describe('answers', () => {
  it('reads the firmware of old and new instruments', () => {
    expect(parseFirmware('es4_hr1100#Jan 28 2022 11:04:43')).toEqual({
      device: 'es4_hr',
      version: '1100',
      date: 'Jan 28 2022 11:04:43',
    });
    expect(parseFirmware('espico12#Nov 11 2019 10:00:00')?.device).toBe('espico');
    expect(parseFirmware('es4_hr#today')).toBeNull();
  });

  it('counts bits from the last hex digit', () => {
    const commands = '0000002F0000003FFFFF98FF00000002';
    const known = [1, 32, 96, 98, 99, 101].map((bit) => hasBit(commands, bit));
    expect(known).toEqual([true, true, true, true, true, true]);
    expect([0, 2, 100, 102, 500].some((bit) => hasBit(commands, bit))).toBe(false);
  });

  it('names an error in one line, known or not', () => {
    expect(errorText({ code: '0032', where: 'Line 12' })).toBe(
      '!0032 critical overload of the cell (Line 12)',
    );
    expect(errorText({ code: '7777', where: '' })).toBe('!7777 unknown to this version');
    expect(Object.keys(ERROR_TEXTS).every((code) => /^[0-9A-F]{4}$/.test(code))).toBe(true);
  });
});

describe('scripts', () => {
  it('ends in the one empty line that starts it', () => {
    expect(scriptText(['var t', 'cell_off'])).toBe('e\nvar t\ncell_off\n\n');
  });

  it.each(['', ' ', 'x'.repeat(129), 'a\nb', 'caf\u00e9'])('refuses the line "%s"', (line) => {
    expect(() => scriptText([line])).toThrow(/script line/);
  });
});
