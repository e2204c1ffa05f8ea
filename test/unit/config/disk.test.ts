// Goal: how full a disk may become is written with a unit, and a mistake is told with what is allowed.
// Method: a table of texts and the bytes or the problem that they make.

import { describe, expect, it } from 'vitest';
import { sizeText } from '../../../src/config/byte-size.ts';
import { parseConfig } from '../../../src/config/config.ts';

describe('the section "disk"', () => {
  it.each([
    ['64 MB', 64e6],
    ['64MB', 64e6],
    ['1.5 GB', 1.5e9],
    ['0 MB', 0],
    ['700 kB', 7e5],
    ['12 B', 12],
  ])('reads %s as %d bytes', (ballast, bytes) => {
    const parsed = parseConfig({ disk: { ballast } });
    expect(parsed.ok && parsed.config.disk).toEqual({
      warn_percent: 10,
      warn_free: 2e9,
      refuse_free: 1e9,
      ballast: bytes,
    });
  });

  it.each<[object, RegExp]>([
    [
      { ballast: '64' },
      /^"disk\.ballast": "64" is no amount of storage; write a number and one of B, kB, MB/,
    ],
    [{ ballast: '64 mb' }, /is no amount of storage/],
    [{ ballast: '-1 MB' }, /is no amount of storage/],
    [{ ballast: '11 GB' }, /^"disk\.ballast": "11 GB" is outside 0 … 10 GB$/],
    [{ refuse_free: 5 }, /^"disk\.refuse_free": /],
    [{ warn_percent: 100 }, /^"disk\.warn_percent": /],
    [{ refuse_fre: '1 GB' }, /^unknown key "disk\.refuse_fre"; did you mean "refuse_free"/],
  ])('refuses %j', (disk, problem) => {
    const parsed = parseConfig({ disk });
    expect(parsed.ok ? [] : parsed.problems).toEqual([expect.stringMatching(problem)]);
  });
});

it.each([
  [0, '0 MB'],
  [64e6, '64 MB'],
  [999_999_999, '999 MB'],
  [1e9, '1.0 GB'],
])('%d bytes are shown as %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
