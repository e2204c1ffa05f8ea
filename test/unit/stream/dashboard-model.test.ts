// Goal: the page shows no digit that means nothing, no old value as new, and no spike lost.
// Method: the parts of the page that need no browser.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  currentMeaning,
  formatCurrent,
  formatDuration,
  formatVoltage,
} from '../../../src/dashboard/format.ts';
import { POINTS_MAX, PlotBuffer } from '../../../src/dashboard/plot-buffer.ts';
import { RunModel } from '../../../src/dashboard/run-model.ts';
import { liveSamples, runInfo } from '../../../src/stream/wire.ts';
import { liveBatch, RUN, summary } from './rig.ts';

describe('digits', () => {
  it.each([
    [-42_345_678, 100_000, '−42.3', 'mV'],
    [-42_345_678, 10_000, '−42.35', 'mV'],
    [-42_345_678, 1, '−42.35', 'mV'],
    [42_345_678, 5_000_000, '42', 'mV'],
    [1_234_567_890, 100_000, '1.2346', 'V'],
    [-999, 100_000, '0.0', 'mV'],
    [42_345_678, null, '42.35', 'mV'],
  ])('%i nV within %s nV reads %s %s', (voltageNv, errorNv, value, unit) => {
    expect(formatVoltage(voltageNv, errorNv)).toEqual({ value, unit });
  });

  it.each([
    [-1_130_000_000, 1_000_000, '−1.130', 'mA'],
    [1_130_000_000, 1_000_000, '+1.130', 'mA'],
    [0, 1_000_000, '0', 'µA'],
    [250_000_000, 1_000_000, '+250', 'µA'],
  ])('%i pA within %i pA reads %s %s', (currentPa, errorPa, value, unit) => {
    expect(formatCurrent(currentPa, errorPa)).toEqual({ value, unit });
  });

  it('names what the current does to the working electrode, and nothing within the error of zero', () => {
    const meanings = [-5, 5, 1, -1].map((currentPa) => currentMeaning(currentPa, 1));
    expect(meanings).toEqual(['plating', 'stripping', 'no current', 'no current']);
  });

  it('shortens durations', () => {
    const texts = [400, 12_000, 180_000, 20_000_000, 400_000_000].map((ms) => formatDuration(ms));
    expect(texts.map((text) => text.replace('\u202f', ' '))).toEqual([
      '0.4 s',
      '12 s',
      '3 min',
      '6 h',
      '5 d',
    ]);
  });
});

describe('freshness', () => {
  const stepOf = (recordEveryUs: number) => ({
    stepNumber: 1,
    programStep: 'plating',
    phase: 'cycling' as const,
    cycle: 1,
    half: 'plate' as const,
    recordEveryUs,
  });

  it.each([
    ['a fast record: after 3 s', 100_000, 1, 2_900, 3_100],
    ['a slow record: after three intervals', 10_000_000, 1, 29_000, 31_000],
    ['a scaled simulation: intervals shrink', 10_000_000, 600, 2_900, 3_100],
  ])('ends with %s', (_title, recordEveryUs, timeScale, freshMs, staleMs) => {
    const model = new RunModel(runInfo(summary({ timeScale, position: stepOf(recordEveryUs) })));
    model.receiveSamples(liveSamples({ run: RUN, storedSeq: 0 }, liveBatch(1, 1, { atWallMs: 1000 }), 0));
    expect(model.freshness(1000 + freshMs).kind).toBe('live');
    expect(model.freshness(1000 + staleMs).kind).toBe('stale');
  });

  it('calls a value of the file stored, and the last one of a finished run ended', () => {
    const model = new RunModel(runInfo(summary()));
    expect(model.freshness(0).kind).toBe('none');
    const curve = { time_us: [1], end_us: [1], voltage_min_nv: [2], voltage_max_nv: [2] };
    model.receivePast({ ...curve, current_min_pa: [3], current_max_pa: [3] });
    expect(model.freshness(0).kind).toBe('stored');
    model.info = { ...model.info, state: 'done' };
    expect(model.freshness(0).kind).toBe('ended');
  });
});

describe('the plot buffer', () => {
  it('keeps its bound, its order and both extremes of everything pushed', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), {
      minLength: POINTS_MAX,
      maxLength: 4 * POINTS_MAX,
    });
    fc.assert(
      fc.property(values, (pushed) => {
        const buffer = new PlotBuffer();
        pushed.forEach((value, time) => buffer.push(time, value));
        expect(buffer.times.length).toBeLessThanOrEqual(POINTS_MAX);
        expect(
          buffer.times.every((time, index) => index === 0 || time > (buffer.times[index - 1] ?? 0)),
        ).toBe(true);
        expect(buffer.lastTime).toBe(pushed.length - 1);
        const [kept, all] = [buffer.values, pushed].map((list) => [Math.min(...list), Math.max(...list)]);
        expect(kept).toEqual(all);
      }),
      { numRuns: 10 },
    );
  });

  it('leaves out what overlaps', () => {
    const buffer = new PlotBuffer();
    for (const time of [1, 2, 2, 1.5, 3]) buffer.push(time, time);
    expect(buffer.times).toEqual([1, 2, 3]);
  });
});
