// Goal: this codec reads and writes what the page says. Method: every golden vector, which the emulator's own
// codec passes as well; the two share no code.

import { describe, expect, it } from 'vitest';
import { COMMANDS, encodeCommand, type CommandName } from '../../../src/frames/dialects/gvn1/commands.ts';
import { parseFields } from '../../../src/frames/dialects/gvn1/fields.ts';
import { decodeFrame, encodeFrame } from '../../../src/frames/dialects/gvn1/frame.ts';
import { jobIdOf } from '../../../src/frames/dialects/gvn1/job.ts';
import * as replies from '../../../src/frames/dialects/gvn1/replies.ts';
import { parseSamples } from '../../../src/frames/dialects/gvn1/samples.ts';
import { GVN1_VECTORS, vectorsOf } from '../../support/gvn1-vectors.ts';

/** Which parser reads the answer in a frame vector, told by a field only that answer has. */
const ANSWERS: readonly (readonly [string, (payload: string) => unknown])[] = [
  ['proto=', replies.parseHello],
  ['state=', replies.parseStat],
  ['from=', replies.parseRange],
  ['t_us=', replies.parseClock],
];
const REPORTS: Readonly<Record<string, (payload: string) => unknown>> = {
  e: replies.parseStepEnd,
  x: replies.parseStepEnd,
  f: replies.parseFault,
  nak: replies.parseNak,
};

describe('frame vectors', () => {
  it.each(vectorsOf('frame'))('decodes and encodes: %s', (_name, { line, seq, type, payload }) => {
    expect(decodeFrame(`${line}\n`)).toEqual({ kind: 'frame', seq, type, payload });
    expect(encodeFrame(seq, type, payload)).toBe(`${line}\n`);
  });

  it.each(vectorsOf('bad'))('drops as garbage: %s', (_name, { line, why }) => {
    expect(decodeFrame(`${line}\n`)).toEqual({ kind: 'garbage', why });
  });

  const commands = vectorsOf('frame').filter(([, { type }]) => Object.hasOwn(COMMANDS, type));
  it.each(commands)('writes the command by its table: %s', (_name, { type, payload }) => {
    const values = Object.fromEntries(
      payload === '' ? [] : payload.split(' ').map((field) => valueFrom(field)),
    );
    const encoded = encodeCommand(type as CommandName, values);
    expect(encoded.ok ? encoded.payload.split(' ').toSorted() : encoded.detail).toEqual(
      payload.split(' ').toSorted(),
    );
  });

  const answers = vectorsOf('frame').filter(([, { type, payload }]) => type === 'ack' && payload !== '');
  it.each(answers)('reads the answer: %s', (_name, { payload }) => {
    const parse = ANSWERS.find(([mark]) => payload.includes(mark))?.[1];
    expect(parse?.(payload)).toBeTruthy();
  });

  const reports = vectorsOf('frame').filter(([, { type }]) => Object.hasOwn(REPORTS, type));
  it.each(reports)('reads the report: %s', (_name, { type, payload }) => {
    expect(REPORTS[type]?.(payload)).not.toBeNull();
  });
});

describe('field vectors', () => {
  it.each(vectorsOf('fields'))('reads %s', (_name, { payload, fields }) => {
    expect(Object.fromEntries(parseFields(payload) ?? [['', 'nonsense']])).toEqual(fields);
  });

  it.each(vectorsOf('badfields'))('calls nonsense: %s', (_name, { payload }) => {
    expect(parseFields(payload)).toBeNull();
  });
});

describe('sample vectors', () => {
  it.each(vectorsOf('samples'))('reads %s', (_name, { payload, channel, first, step, samples }) => {
    const frame = parseSamples(payload);
    expect(frame).toMatchObject({ channel, firstN: first, stepNumber: step });
    const rows = frame?.timeUs.map((atUs, index) => [
      atUs,
      frame.voltageNv[index],
      frame.currentPa[index],
      frame.netChargeNc[index],
      frame.flags[index],
    ]);
    expect(rows).toEqual(samples);
  });
});

describe('job vectors', () => {
  it.each(vectorsOf('job'))('numbers %s', (_name, { texts, id }) => {
    expect(jobIdOf(texts)).toBe(id);
  });
});

it('knows every kind of vector there is', () => {
  const kinds = new Set(GVN1_VECTORS.map((vector) => vector.kind));
  expect([...kinds].toSorted()).toEqual(['bad', 'badfields', 'fields', 'frame', 'job', 'samples']);
});

function valueFrom(field: string): [string, string | number] {
  const [key = '', value = ''] = field.split('=');
  const isNumber = /^-?[0-9]+$/.test(value) && key !== 'job' && key !== 'run' && key !== 'token';
  return [key, isNumber ? Number(value) : value];
}
