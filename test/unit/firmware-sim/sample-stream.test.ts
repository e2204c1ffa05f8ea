// Goal: no frame of samples is longer than a line may be, whatever the device's frame counter has come to.
// Method: samples of growing width are packed, and each payload is framed under the longest counter.

import { describe, expect, it } from 'vitest';
import { frameText, LINE_MAX_BYTES } from '../../../firmware-sim/dialects/gvn1/frame.ts';
import { SamplePacker } from '../../../firmware-sim/dialects/gvn1/sample-stream.ts';

describe('samples on their way out', () => {
  it.each(['s', 'r'] as const)('fit into a line in %s frames, also with a counter of five digits', (type) => {
    const payloads: string[] = [];
    const packer = new SamplePacker({
      type,
      channel: 1,
      wrapUs: Number.POSITIVE_INFINITY,
      send: (_type, payload) => payloads.push(payload),
    });
    for (let n = 0; n < 20_000; n += 1) {
      const wide = 10 ** (n % 13);
      packer.add(n, {
        stepNumber: 1,
        timeUs: n * wide,
        voltageNv: -wide,
        currentPa: wide,
        netChargeNc: -wide,
        flags: 0,
      });
    }
    packer.flush();
    const lengths = payloads.map((payload) => frameText(65_535, type, payload).length);
    expect(Math.max(...lengths)).toBe(LINE_MAX_BYTES);
  });
});
