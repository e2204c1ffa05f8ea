// Goal: lines come out whole whatever the chunks, noise costs linear time and bounded memory, and the stream
// is in step again within one good line. Method: properties over random chunks.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineFramer } from '../../../src/frames/line-framer.ts';

function framerInto(lines: string[], lengthMax = 64): LineFramer {
  return new LineFramer({ lengthMax, onLine: (line) => lines.push(line) });
}

/** Cuts text at positions given as parts of its length. */
function chunksOf(text: string, cuts: readonly number[]): string[] {
  const at = [0, ...cuts.map((cut) => Math.floor(cut * text.length)), text.length].toSorted((a, b) => a - b);
  return at.slice(1).map((end, index) => text.slice(at[index], end));
}

const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

describe('LineFramer', () => {
  it('delivers the same lines however the stream is cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(latin1, { maxLength: 20 }), cuts, (parts, cutAt) => {
        const text = parts.join('\n');
        const whole: string[] = [];
        framerInto(whole, 65_536).push(text);
        const pieces: string[] = [];
        const framer = framerInto(pieces, 65_536);
        for (const chunk of chunksOf(text, cutAt)) framer.push(chunk);
        expect(pieces).toEqual(whole);
        expect(whole).toEqual(
          text
            .split('\n')
            .slice(0, -1)
            .map((line) => `${line}\n`),
        );
      }),
    );
  });

  it('drops a line that is too long, counts it once, and delivers the lines around it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 64, max: 5000 }), cuts, (noiseLength, cutAt) => {
        const lines: string[] = [];
        const framer = framerInto(lines);
        const text = `before\n${'x'.repeat(noiseLength)}\nafter\n`;
        for (const chunk of chunksOf(text, cutAt)) framer.push(chunk);
        expect(lines).toEqual(['before\n', 'after\n']);
        expect(framer.tooLong).toBe(1);
      }),
    );
  });

  it('lets a line of the longest length through and none that is a byte longer', () => {
    const lines: string[] = [];
    const framer = framerInto(lines);
    framer.push(`${'a'.repeat(63)}\n${'b'.repeat(64)}\n`);
    expect(lines).toEqual([`${'a'.repeat(63)}\n`]);
    expect(framer.tooLong).toBe(1);
  });

  it('delivers a good line behind any noise that ends', () => {
    fc.assert(
      fc.property(latin1, cuts, (noise, cutAt) => {
        const lines: string[] = [];
        const framer = framerInto(lines);
        for (const chunk of chunksOf(`${noise}\n@1 ack*00000000\n`, cutAt)) framer.push(chunk);
        expect(lines.at(-1)).toBe('@1 ack*00000000\n');
      }),
    );
  });

  it('delivers empty lines', () => {
    const lines: string[] = [];
    framerInto(lines).push('\n\na\n\n');
    expect(lines).toEqual(['\n', '\n', 'a\n', '\n']);
  });

  it('keeps every byte above 127 as it came', () => {
    const lines: string[] = [];
    framerInto(lines).push('\u0080\u00ff\u00e9\n');
    expect(lines).toEqual(['\u0080\u00ff\u00e9\n']);
  });

  it('goes on with the lines behind one whose receiver throws', () => {
    const lines: string[] = [];
    const framer = new LineFramer({
      lengthMax: 64,
      onLine: (line) => {
        if (line === 'bad\n') throw new Error('receiver');
        lines.push(line);
      },
    });
    expect(() => framer.push('one\nbad\ntwo\n')).toThrow('receiver');
    framer.push('three\n');
    expect(lines).toEqual(['one\n', 'two\n', 'three\n']);
  });

  it('takes 16 MB of noise without a delimiter, in chunks of any size, without keeping it', () => {
    const lines: string[] = [];
    const framer = framerInto(lines, 1024);
    const chunk = 'x'.repeat(1_000_000);
    for (let count = 0; count < 16; count += 1) framer.push(chunk);
    for (let count = 0; count < 100_000; count += 1) framer.push('xxxxxxxxxx');
    framer.push('\nok\n');
    expect(lines).toEqual(['ok\n']);
    expect(framer.tooLong).toBe(1);
  });
});
