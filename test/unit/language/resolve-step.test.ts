// Goal: every step of a tree is bounded in time, by what its author wrote or by what its charge takes, and
// nobody drives a cell whose step is not. Method: tables of single steps, asserted on limits, bounds, ends
// and record rules.
import { describe, expect, it } from 'vitest';
import { problemsOf, protocolText, treeOf, treeSteps } from '../../support/source-text.ts';
import type { TreeStep } from '../../../src/language/tree.ts';

const HOUR_US = 3_600_000_000;

/** The last of some steps. */
function stepOf(...steps: readonly string[]): TreeStep {
  const found = treeSteps(
    treeOf(protocolText(`steps:\n${steps.map((step) => `  - ${step}`).join('\n')}`)),
  ).at(-1);
  if (found === undefined) throw new Error('no step');
  return found;
}

function refusal(step: string): string {
  return problemsOf(protocolText(`steps:\n  - ${step}`)).join('\n');
}

describe('the bound of a step', () => {
  it.each<[string, string, number, number]>([
    ['its own time', '{plate: 1 mA, until: [{time: 2 h}]}', 2 * HOUR_US, 2 * HOUR_US],
    ['time before charge', '{plate: 1 mA, until: [{time: 2 h}, {charge: 1 mAh}]}', 2 * HOUR_US, HOUR_US],
    ['a tenth more than its charge', '{plate: 1 mA, until: [{charge: 1 mAh}]}', 3_961_000_000, HOUR_US],
    ['that of the net counter', '{plate: 1 mA, until: [{net charge: -2 mAh}]}', 7_921_000_000, 2 * HOUR_US],
    [
      'what it may take at most',
      '{plate: 1 mA, at most: 3 h, until: [{charge: 1 mAh}]}',
      3 * HOUR_US,
      HOUR_US,
    ],
    [
      'at most, of which half is expected',
      '{plate: 1 mA, at most: 3 h, until: [{voltage below: -1 V}]}',
      3 * HOUR_US,
      1.5 * HOUR_US,
    ],
  ])('is %s', (_, step, longestUs, expectedUs) => {
    const { durationMaxUs, durationExpectedUs } = stepOf(step).step;
    expect([durationMaxUs, durationExpectedUs]).toEqual([longestUs, expectedUs]);
  });

  it('is for a guard its share of what the step before took, at its own current', () => {
    const { step } = stepOf(
      '{plate: 1 mA, until: [{charge: 1 mAh}]}',
      '{rest: 1 h}',
      '{strip: 2 mA, until: [{voltage above: 0.5 V}, {last charge: 120 %}]}',
    );
    expect(step.limits.lastStepChargePpm).toBe(1_200_000);
    expect(step.durationExpectedUs).toBe(HOUR_US / 2);
    expect(step.durationMaxUs).toBe(2_377_000_000);
  });

  it('holds for the net counter from wherever the tree may come', () => {
    const steps = treeSteps(
      treeOf(
        protocolText(`
steps:
  - repeat: 2
    steps:
      - {strip: 1 mA, until: [{net charge: 1 mAh}]}
      - {plate: 1 mA, until: [{net charge: -1 mAh}]}`),
      ),
    );
    // The second pass comes from -1 mAh: two hours to +1 mAh, though the first had one.
    expect(steps.map(({ step }) => step.durationExpectedUs)).toEqual([HOUR_US, 2 * HOUR_US]);
    expect(steps.map(({ step }) => step.durationMaxUs)).toEqual([7_921_000_000, 7_921_000_000]);
  });

  it('ends the run as a fault where it strikes before the charge', () => {
    expect(stepOf('{plate: 1 mA, until: [{charge: 1 mAh}]}').ends.duration).toEqual({
      then: 'end run',
      verdict: 'fault',
      reason: 'conditioning-plating came to no end in its time',
    });
    expect(stepOf('{plate: 1 mA, until: [{time: 1 h}]}').ends.duration).toEqual({ then: 'next' });
  });

  it.each([
    [
      '{plate: 1 mA, until: [{voltage below: -1 V}]}',
      /nothing bounds this plate step in time; add "at most: 2 h"/,
    ],
    ['{cv: 1 V, until: [{current below: 1 mA}]}', /nothing bounds this cv step in time/],
    ['{strip: 1 mA, until: [{last charge: 120 %}]}', /no step with current before it/],
    ['{pulse: 1 mA, until: [{charge: 1 mAh}]}', /a pulse has no limit of time/],
  ])('is missing in %s, which is refused with what to add', (step, message) => {
    expect(refusal(step)).toMatch(message);
  });

  it.each([
    ['{plate: 1 mA, until: [{charge: 0 mAh}]}', /more than nothing/],
    ['{rest: -10 s}', /more than nothing; found -10 s/],
    ['{rest: {}, until: [{time: 1 h}, {voltage below: 0 V, for: -1 s}]}', /"for" is 0 s to 1 h; found -1 s/],
    ['{rest: {}, until: [{time: 1 h}, {voltage below: 0 V, for: 2 h}]}', /"for" is 0 s to 1 h; found 7200 s/],
    ['{rest: {}, until: [{time: 1 h}, {voltage above: -1 V}, {voltage below: 1 V}]}', /swap them/],
    ['{rest: 1 h, record: -1 s}', /not below 0; found -1 s/],
    ['{rest: 1 h, record: {every: 1 s, voltage: -2 mV}}', /not below 0; found -0.002 V/],
    ['{rest: 1 h, record: {every: 1 s, burst: {every: 1 s, lasting: -1 s}}}', /not below 0; found -1 s/],
    [
      '{plate: 1 mA, at most: 1 h, until: [{current below: 1 mA}]}',
      /"current below" does not fit a plate step/,
    ],
    ['{rest: 1 h, until: [{charge: 1 mAh}]}', /"charge" does not fit a rest step/],
    [
      '{plate: 1 mA, until: [{time: 1 h}, {voltage above: 1 V, for: 1 s}, {voltage below: 0 V}]}',
      /share one "for"/,
    ],
    ['{sweep: {from: 0 V, to: 0 V, rate: 1 mV/s, step: 1 mV}}', /it would go nowhere/],
    ['{sweep: {from: 0 V, to: 1 V, rate: 1 mV/s, step: 1 mV, scans: 2}}', /a linear sweep has one scan/],
    ['{eis: {bias: 0 V, amplitude: 5 mV, from: 100 kHz, to: 10 mHz, points: 5000}}', /1 to 1000 points/],
  ])('%s is refused in words', (step, message) => {
    expect(refusal(step)).toMatch(message);
  });
});

describe('what follows an end', () => {
  it('is what the author says, with his reason or one of ours', () => {
    const { ends } = stepOf(
      '{strip: 1 mA, until: [{time: 1 h, then: end group}, ' +
        '{voltage above: 0.5 V, then: end run, verdict: low-ce, ' +
        'reason: "used up"}, {voltage below: -0.5 V, then: end run, verdict: voltage-limit}]}',
    );
    expect(ends).toEqual({
      duration: { then: 'end group' },
      'voltage-max': { then: 'end run', verdict: 'low-ce', reason: 'used up' },
      'voltage-min': {
        then: 'end run',
        verdict: 'voltage-limit',
        reason: 'conditioning-stripping reached its limit: voltage below -0.5 V',
      },
    });
  });

  it('is not loaded ahead where the run holds before it', () => {
    const hold = stepOf('{rest: {}, until: [{time: 1 s, then: hold, reason: "set the chamber"}]}');
    expect(hold.ends.duration).toEqual({ then: 'hold', reason: 'set the chamber' });
    expect(hold.step.allowsLookAhead).toBe(false);
    expect(stepOf('{rest: 1 s}').step.allowsLookAhead).toBe(true);
  });
});

describe('modes', () => {
  it('names a pulse by its time', () => {
    expect(stepOf('{pulse: 1 mA, until: [{time: 10 ms}]}').label).toBe('pulse-10ms');
    expect(stepOf('{pulse: -1 mA, until: [{time: 90 s}]}').label).toBe('pulse-90s');
  });

  it('bounds a sweep and a spectrum by what they take', () => {
    const sweep = stepOf('{sweep: {from: 0 V, to: [-0.2 V, 1 V], rate: 1 mV/s, step: 1 mV, scans: 2}}').step;
    // 0.2 + 1.2 + 1 V at 1 mV/s, twice.
    expect(sweep.durationExpectedUs).toBe(4_800_000_000);
    expect(sweep.durationMaxUs).toBeGreaterThan(sweep.durationExpectedUs);
    const spectrum = stepOf('{eis: {bias: 0 V, amplitude: 5 mV, from: 100 kHz, to: 10 mHz, points: 8}}');
    expect(spectrum.step.mode).toMatchObject({ fromMilliHz: 100_000_000, toMilliHz: 10, points: 8 });
    expect(spectrum.step.durationMaxUs).toBeGreaterThan(300_000_000);
    expect(spectrum.ends).toEqual({ duration: { then: 'next' } });
  });

  it('takes the kind of a spectrum from the dimension of its bias', () => {
    const mode = stepOf('{eis: {bias: 0 mA, amplitude: 1 mA, from: 1 kHz, to: 1 Hz, points: 8}}').step.mode;
    expect(mode).toMatchObject({ bias: { kind: 'current', currentPa: 0, amplitudePa: 1_000_000_000 } });
  });
});

describe('the record rule', () => {
  it.each<[string, number]>([
    ['{plate: 1 mA, until: [{time: 2 h}]}', 10_000_000],
    ['{plate: 1 mA, until: [{time: 6 min}]}', 1_000_000],
    ['{plate: 1 mA, until: [{time: 10 ms}]}', 1000],
    ['{rest: 1 h, record: 60 s}', 60_000_000],
    ['{plate: 1 mA, until: [{time: 2 h}], record: {every: 0 s}}', 10_000_000],
  ])('of %s records every %d us', (step, everyUs) => {
    expect(stepOf(step).step.record.everyUs).toBe(everyUs);
  });

  it('takes changes and a burst as they are written, and 0 as off', () => {
    const written = '{every: 1 s, voltage: 2 mV, current: 1 uA, burst: {every: 100 ms, lasting: 60 s}}';
    expect(stepOf(`{plate: 1 mA, until: [{time: 1 h}], record: ${written}}`).step.record).toEqual({
      everyUs: 1_000_000,
      voltageDeltaNv: 2_000_000,
      currentDeltaPa: 1_000_000,
      burst: { everyUs: 100_000, forUs: 60_000_000 },
    });
    const off = '{every: 1 s, voltage: 0 V, burst: {every: 100 ms, lasting: 0 s}}';
    expect(stepOf(`{plate: 1 mA, until: [{time: 1 h}], record: ${off}}`).step.record).toEqual({
      everyUs: 1_000_000,
      voltageDeltaNv: null,
      currentDeltaPa: null,
    });
  });
});
