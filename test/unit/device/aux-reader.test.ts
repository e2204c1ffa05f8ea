// Goal: a line of an auxiliary input becomes a value, or is left out with the reason; nothing is guessed.
// Method: tables of lines as thermometers and scripts send them.

import { describe, expect, it } from 'vitest';
import { type AuxConfig, auxSchema } from '../../../src/config/aux-schema.ts';
import { AuxReader } from '../../../src/device/aux-reader.ts';

function inputOf(changes: object = {}): AuxConfig {
  return auxSchema.parse({ name: 'bath', port: '/dev/ttyUSB0', kind: 'temperature', ...changes });
}

function heard(line: string, changes: object = {}): unknown {
  const result = new AuxReader(inputOf(changes)).read(line, 0);
  if (!result.ok) return result.why;
  return result.value.kind === 'temperature' ? result.value.temperatureUk : result.value.text;
}

describe('a temperature input', () => {
  it.each<[string, object, number]>([
    ['23.51', {}, 296_660_000],
    ['-0.5', {}, 272_650_000],
    ['+100', {}, 373_150_000],
    ['  23.51  ', {}, 296_660_000],
    ['T1=23.51 C', {}, 296_660_000],
    ['Bath 2: 23.51', {}, 296_660_000],
    ['23.51 \u00b0C', {}, 296_660_000],
    ['23.51\u00c2\u00b0C', {}, 296_660_000],
    ['296.66', { unit: 'K' }, 296_660_000],
    ['74.3', { unit: 'degF' }, 296_650_000],
    ['2351', { scale: 0.01 }, 296_660_000],
    ['T1=19.0 T2=23.51', { pattern: 'T2=([-0-9.]+)' }, 296_660_000],
    ['#3 23.51', { pattern: String.raw`\d+\.\d+` }, 296_660_000],
  ])('reads "%s" with %j', (line, changes, temperatureUk) => {
    expect(heard(line, changes)).toBe(temperatureUk);
  });

  it.each<[string, object, string]>([
    ['', {}, 'other-line'],
    ['booting', {}, 'other-line'],
    ['T1=23.51 T2=19.0', {}, 'other-line'],
    ['23,51', {}, 'other-line'],
    ['1e3', {}, 'other-line'],
    ['nan', {}, 'other-line'],
    ['T1=23.51', { pattern: 'T2=([0-9.]+)' }, 'other-line'],
    ['T2=none', { pattern: 'T2=([a-z]+)' }, 'implausible'],
    ['-127.00', {}, 'implausible'],
    ['850', {}, 'implausible'],
    ['23.51', { unit: 'K' }, 'implausible'],
  ])('leaves out "%s" with %j: %s', (line, changes, why) => {
    expect(heard(line, changes)).toBe(why);
  });

  it('is stored no more often than the configuration says', () => {
    const reader = new AuxReader(inputOf({ every: '10 s' }));
    const times = Array.from({ length: 60 }, (_, second) => second * 1000);
    const stored = times.filter((atMs) => reader.read('23.51', atMs).ok);
    expect(stored).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000]);
  });

  it('takes a good value right after a broken one', () => {
    const reader = new AuxReader(inputOf({ every: '10 s' }));
    expect(reader.read('-127.00', 0).ok).toBe(false);
    expect(reader.read('23.51', 1).ok).toBe(true);
  });
});

describe('a marker input', () => {
  it.each<[string, object, string]>([
    ['electrolyte added', {}, 'electrolyte added'],
    ['30 \u00c2\u00b0C reached', {}, '30 °C reached'],
    ['30 \u00b0C reached', {}, '30 °C reached'],
    ['bell\u0007 and \u001b[1mcolour', {}, 'bell and [1mcolour'],
    ['NOTE opened the box', { pattern: '^NOTE (.*)$' }, 'opened the box'],
    ['x'.repeat(250), {}, 'x'.repeat(200)],
    ['   ', {}, 'other-line'],
    ['\u0007', {}, 'implausible'],
    ['chatter', { pattern: '^NOTE (.*)$' }, 'other-line'],
  ])('makes of "%s" with %j: %s', (line, changes, text) => {
    expect(heard(line, { kind: 'marker', ...changes })).toBe(text);
  });

  it('cannot be flooded', () => {
    const reader = new AuxReader(inputOf({ kind: 'marker' }));
    const stored = Array.from({ length: 1000 }, (_, ms) => reader.read('x', ms)).filter(({ ok }) => ok);
    expect(stored).toHaveLength(10);
  });
});
