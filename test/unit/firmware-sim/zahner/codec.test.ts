// Goal: the bytes and the texts of the instrument are those that the vendor's client reads. Method: golden
// vectors, made by Python's `struct` from the layouts in datareceiver.py; texts of the SCPI side by table.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isoFromMs, msFromIso } from '../../../../firmware-sim/dialects/zahner/calendar.ts';
import { ERROR_CODES, errorText, floatText } from '../../../../firmware-sim/dialects/zahner/error-codes.ts';
import {
  appendixPacket,
  bulkPacket,
  HEADER_STATES,
  type HeaderState,
  headerPacket,
  MEASUREMENT_TYPES,
  samplePacket,
  tracksPacket,
} from '../../../../firmware-sim/dialects/zahner/packets.ts';
import { LineSplitter, parseScpiLine } from '../../../../firmware-sim/dialects/zahner/scpi-line.ts';

type Rows = readonly (readonly [number, number, number])[];

interface Vector {
  readonly kind: 'packet' | 'reply';
  readonly hex: string;
  readonly text: string;
  readonly means: {
    readonly type?: 'tracks' | 'sample' | 'bulk' | 'appendix' | 'header';
    readonly kind?: 'ok' | 'error' | 'value' | 'identity';
    readonly values: readonly [number, number, number];
    readonly rows: Rows;
    readonly measurement: number;
    readonly state: number;
    readonly name: string;
    readonly code: number;
    readonly value: number;
  };
}

const path = join(import.meta.dirname, '..', '..', '..', 'vectors', 'zahner.jsonl');
const vectors = readFileSync(path, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

function encoded({ means }: Vector): string {
  const { type } = means;
  if (type === undefined) return '';
  switch (type) {
    case 'tracks':
      return tracksPacket();
    case 'sample':
      return samplePacket(means.values);
    case 'bulk':
      return bulkPacket(means.rows.flat());
    case 'appendix':
      return appendixPacket(means.rows.flat());
    case 'header': {
      const kind = means.measurement === 5 ? MEASUREMENT_TYPES.stairs : MEASUREMENT_TYPES.timeSeries;
      const states = Object.keys(HEADER_STATES) as HeaderState[];
      const state = states.find((name) => HEADER_STATES[name] === means.state) ?? 'pending';
      return headerPacket(kind, state, means.name);
    }
  }
}

describe('packets', () => {
  const packets = vectors.filter(({ kind }) => kind === 'packet');

  it.each(packets.map((vector) => [`${vector.means.type} ${vector.hex.slice(32, 64)}`, vector] as const))(
    'are those of the golden vector: %s',
    (_name, vector) => {
      expect(Buffer.from(encoded(vector), 'latin1').toString('hex')).toBe(vector.hex);
    },
  );
});

describe('answers', () => {
  it('name the error number as the golden vectors do, for every code there is', () => {
    const errors = vectors.filter(({ means }) => means.kind === 'error');
    expect(errors.map(({ means }) => means.code)).toEqual(Object.values(ERROR_CODES));
    for (const { text, means } of errors) {
      const code = Object.values(ERROR_CODES).find((known) => known === means.code);
      expect(code === undefined ? '' : errorText(code)).toBe(text);
    }
  });

  it('write numbers as the golden vectors do', () => {
    for (const { text, means } of vectors.filter((vector) => vector.means.kind === 'value')) {
      expect(floatText(means.value)).toBe(text);
    }
    expect(floatText(-1.5e-12)).toBe('-1.500000000e-12');
    expect(floatText(1e100)).toBe('1.000000000e+100');
  });
});

describe('a line', () => {
  it.each([
    [':MEAS:VOLT?', 'MEAS:VOLT?', ''],
    ['measure:voltage?', 'MEAS:VOLT?', ''],
    [':PARAmeter:CHARge:MAXimum 3.6', 'PARA:CHAR:MAX', '3.6'],
    ['  :sEsO:coup   gal ', 'SESO:COUP', 'gal'],
    ['*idn?', '*IDN?', ''],
    ['ABORT', 'ABOR', ''],
    [':SYST:TIME 2026-01-02T03:04:05', 'SYST:TIME', '2026-01-02T03:04:05'],
  ])('%j is taken in any case, short or long', (text, header, argument) => {
    expect(parseScpiLine(text.trim())).toEqual({ header, argument });
  });

  it('ends at LF however the bytes come; CR and empty lines are no commands', () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (const byte of '*ID') splitter.push(byte);
    splitter.push('N?\r\n\n\r\n*CLS\nAB');
    splitter.push('OR\n');
    expect(lines).toEqual(['*IDN?', '*CLS', 'ABOR']);
  });

  it('that never ends is one unknown command, and costs no memory', () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (let chunk = 0; chunk < 100; chunk += 1) splitter.push('x'.repeat(1000));
    splitter.push('\n*CLS\n');
    expect(lines).toEqual(['?', '*CLS']);
  });
});

describe('the time of day', () => {
  it.each([
    ['1970-01-01T00:00:00', 0],
    ['2000-02-29T23:59:59', 951_868_799_000],
    ['2026-01-01T00:00:00', 1_767_225_600_000],
    ['2100-03-01T12:00:00', 4_107_585_600_000],
  ])('%s is %d ms, both ways', (text, ms) => {
    expect(msFromIso(text)).toBe(ms);
    expect(isoFromMs(ms)).toBe(text);
  });

  it.each(['2025-02-29T00:00:00', '2026-13-01T00:00:00', '2026-01-01', '2026-01-01T24:00:00', ''])(
    '%j is no time',
    (text) => {
      expect(msFromIso(text)).toBeNull();
    },
  );
});
