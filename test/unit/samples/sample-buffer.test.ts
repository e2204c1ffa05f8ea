// Goal: samples leave the buffer as they came, once, and a hole in their numbers cannot hide in a
// transaction. Method: push and take; a property over random batch sizes.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../../src/base/assert.ts';
import {
  BUFFER_SAMPLES,
  type Sample,
  SampleBuffer,
  type SampleColumns,
} from '../../../src/samples/sample-buffer.ts';

function sampleOf(seq: number): Sample {
  return {
    seq,
    timeUs: seq * 10_000_000,
    voltageNv: -seq,
    currentPa: 2 ** 52 + seq,
    netChargeNc: -(2 ** 52) - seq,
    step: seq % 7,
    flags: seq % 4,
  };
}

function rowsOf(columns: SampleColumns | null): Sample[] {
  if (columns === null) return [];
  return Array.from({ length: columns.count }, (_, index) => ({
    seq: columns.firstSeq + index,
    timeUs: columns.timeUs[index] ?? Number.NaN,
    voltageNv: columns.voltageNv[index] ?? Number.NaN,
    currentPa: columns.currentPa[index] ?? Number.NaN,
    netChargeNc: columns.netChargeNc[index] ?? Number.NaN,
    step: columns.step[index] ?? Number.NaN,
    flags: columns.flags[index] ?? Number.NaN,
  }));
}

describe('the sample buffer', () => {
  it('gives back nothing when nothing is in it', () => {
    expect(new SampleBuffer().take()).toBeNull();
  });

  it('gives back every sample once, in order, with every digit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 20 }), (batches) => {
        const buffer = new SampleBuffer();
        const out: Sample[] = [];
        let seq = 1;
        for (const size of batches) {
          for (let index = 0; index < size; index += 1, seq += 1) buffer.push(sampleOf(seq));
          expect(buffer.count).toBe(size);
          out.push(...rowsOf(buffer.take()));
          expect(buffer.count).toBe(0);
        }
        expect(out).toEqual(Array.from({ length: seq - 1 }, (_, index) => sampleOf(index + 1)));
      }),
    );
  });

  it('does not change what was taken when it is filled again', () => {
    const buffer = new SampleBuffer();
    buffer.push(sampleOf(1));
    const taken = buffer.take();
    buffer.push(sampleOf(2));
    expect(rowsOf(taken)).toEqual([sampleOf(1)]);
  });

  it('may start anew at another number once it was taken: after a gap', () => {
    const buffer = new SampleBuffer();
    buffer.push(sampleOf(1));
    buffer.take();
    buffer.push(sampleOf(10));
    expect(rowsOf(buffer.take())).toEqual([sampleOf(10)]);
  });

  it.each([1, 3, 0])('refuses sample %d after sample 1', (seq) => {
    const buffer = new SampleBuffer();
    buffer.push(sampleOf(1));
    expect(() => buffer.push(sampleOf(seq))).toThrow(AssertionFailed);
  });

  it('is full at a thousand, and refuses one more rather than dropping it', () => {
    const buffer = new SampleBuffer();
    for (let seq = 1; seq <= BUFFER_SAMPLES; seq += 1) {
      expect(buffer.isFull).toBe(false);
      buffer.push(sampleOf(seq));
    }
    expect(buffer.isFull).toBe(true);
    expect(() => buffer.push(sampleOf(BUFFER_SAMPLES + 1))).toThrow(AssertionFailed);
    expect(rowsOf(buffer.take())).toHaveLength(BUFFER_SAMPLES);
  });
});
