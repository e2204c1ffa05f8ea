// Goal: the emulator's own codec follows the page to the byte. Method: every line of the shared vector file,
// then the receiver's rules for lines, stop bytes and lengths.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { crc32Hex } from '../../../firmware-sim/dialects/gvn1/crc32.ts';
import { parseFields, splitFields } from '../../../firmware-sim/dialects/gvn1/fields.ts';
import { frameText, LineSplitter, parseFrame } from '../../../firmware-sim/dialects/gvn1/frame.ts';
import { SamplePacker } from '../../../firmware-sim/dialects/gvn1/sample-stream.ts';
import { nodeFields, parseNode } from '../../../firmware-sim/dialects/gvn1/node-command.ts';
import { StagedJob } from '../../../firmware-sim/dialects/gvn1/staged-job.ts';

interface Vector {
  readonly name: string;
  readonly kind: 'frame' | 'bad' | 'fields' | 'badfields' | 'samples' | 'job';
  readonly line: string;
  readonly seq: number;
  readonly type: string;
  readonly payload: string;
  readonly fields: Record<string, string>;
  readonly key: string;
  readonly channel: number;
  readonly first: number;
  readonly step: number;
  readonly samples: number[][];
  readonly texts: string[];
  readonly arrival?: string[];
  readonly id: string;
}

const path = fileURLToPath(new URL('../../vectors/gvn1.jsonl', import.meta.url));
const vectors = readFileSync(path, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line): Vector => JSON.parse(line));
const ofKind = (kind: Vector['kind']): [string, Vector][] =>
  vectors.filter((vector) => vector.kind === kind).map((vector) => [vector.name, vector]);

describe('the vectors of gvn1', () => {
  test('hold every kind this file checks, and no other', () => {
    const kinds = ['bad', 'badfields', 'fields', 'frame', 'job', 'samples'];
    expect([...new Set(vectors.map((vector) => vector.kind))].sort()).toEqual(kinds);
  });

  test.each(ofKind('frame'))('frame: %s', (_name, { line, seq, type, payload }) => {
    expect(parseFrame(line)).toMatchObject({ seq, type, payload });
    expect(frameText(seq, type, payload)).toBe(`${line}\n`);
  });

  test.each(ofKind('bad'))('no frame: %s', (_name, { line }) => {
    expect(parseFrame(line)).toBeNull();
  });

  test.each(ofKind('fields'))('fields: %s', (_name, { payload, fields }) => {
    const result = splitFields(payload);
    expect(result.ok && Object.fromEntries(result.values)).toEqual(fields);
  });

  test.each(ofKind('badfields'))('bad fields: %s', (_name, { payload, key }) => {
    expect(splitFields(payload)).toEqual({ ok: false, key });
  });

  test.each(ofKind('samples'))('samples: %s', (_name, { payload, channel, first, step, samples }) => {
    const sent: string[] = [];
    const packer = new SamplePacker({
      type: 's',
      channel,
      wrapUs: Number.POSITIVE_INFINITY,
      send: (type, text) => sent.push(`${type} ${text}`),
    });
    samples.forEach(([tUs = 0, voltageNv = 0, currentPa = 0, netChargeNc = 0, flags = 0], index) => {
      packer.add(first + index, { stepNumber: step, timeUs: tUs, voltageNv, currentPa, netChargeNc, flags });
    });
    packer.flush();
    expect(sent).toEqual([`s ${payload}`]);
  });

  test.each(ofKind('job'))('job: %s', (_name, { texts, arrival, id }) => {
    expect(crc32Hex(texts.map((text) => `${text}\n`).join(''))).toBe(id);
    const staged = new StagedJob(id, texts.length);
    for (const text of arrival ?? texts) {
      const payload = `ch=1 job=${id} ${text}`;
      const fields = parseFields(payload, nodeFields(['burst', 'cv']));
      const parsed = fields.ok ? parseNode({ payload, fields: fields.fields }, ['burst', 'cv']) : fields;
      expect(parsed.ok && parsed.text).toBe(text);
      expect(parsed.ok && staged.add(parsed.node, parsed.text)).toBe(true);
    }
    expect(staged.hasItsId()).toBe(true);
  });
});

describe('what arrives is cut into lines', () => {
  const receive = (...chunks: string[]): string[] => {
    const seen: string[] = [];
    const splitter = new LineSplitter({
      line: (text) => seen.push(text),
      tooLong: () => seen.push('(too long)'),
      stop: () => seen.push('(stop)'),
    });
    for (const chunk of chunks) splitter.push(chunk);
    return seen;
  };

  test('wherever the chunks end, and empty lines are nothing', () => {
    expect(receive('ab', 'c\n\nd', 'e\n')).toEqual(['abc', 'de']);
    expect(receive('a', 'b', 'c', '\n', 'd', 'e\n')).toEqual(['abc', 'de']);
  });

  test('and the stop byte acts at once and leaves the line around it whole', () => {
    expect(receive('ab\x18c\n')).toEqual(['(stop)', 'abc']);
    expect(receive('a\n\x18\x18b\n')).toEqual(['a', '(stop)', '(stop)', 'b']);
  });

  test('and 1024 bytes with the LF pass, one more is dropped up to the next LF and told once', () => {
    const longest = 'x'.repeat(1023);
    expect(receive(`${longest}\n`)).toEqual([longest]);
    expect(receive(`${longest}x\nab\n`)).toEqual(['(too long)', 'ab']);
    expect(receive('x'.repeat(5000), 'y'.repeat(5000), '\nab\n')).toEqual(['(too long)', 'ab']);
  });
});
