// Goal: a program that asks an instrument for what it cannot do is refused before anything starts, with one
// line that says which step, what was found and what is allowed. Method: programs of one step, checked
// against bounds of the test's own.

import { describe, expect, it } from 'vitest';
import { checkProgram, type StepBounds } from '../../../src/steps/check-program.ts';
import { foreseenEnd } from '../../../src/steps/runner.ts';
import { NO_LIMITS, type Step, type StepLimits, type StepMode } from '../../../src/steps/step.ts';
import { stepOfMode, stepSequence } from '../../support/step-sequence.ts';

const BOUNDS: StepBounds = {
  modes: ['rest', 'cc', 'cv', 'sweep', 'eis'],
  currentMaxPa: 10_000_000_000,
  voltageSpanNv: 5_000_000_000,
  recordBursts: { everyMinUs: 10_000 },
};
const HOLD: StepMode = { kind: 'cv', voltageNv: 1_800_000_000 };
const SWEEP: StepMode = {
  kind: 'sweep',
  fromNv: 0,
  verticesNv: [-200_000_000, 1_000_000_000],
  rateNvPerS: 1_000_000,
  stepNv: 1_000_000,
  scans: 1,
};

function step(mode: StepMode, limits: Partial<StepLimits> = {}): Step {
  return { ...stepOfMode('asked', mode, 60_000_000), limits: { ...NO_LIMITS, ...limits } };
}

function withBurst(everyUs: number, forUs = 60_000_000): Step {
  const asked = step({ kind: 'rest' });
  return { ...asked, record: { ...asked.record, everyUs: 1_000_000, burst: { everyUs, forUs } } };
}

/** `CODE: message`; null: nothing is wrong with it. */
function problemOf(asked: Step, bounds: Partial<StepBounds> = {}): string | null {
  const result = stepSequence([asked], 1_000_000_000).prepare({}, { areaUcm2: 1_130_000 });
  if (!result.ok) throw new Error('the sequence of the test has no parameters');
  const [problem] = checkProgram(result.prepared, { ...BOUNDS, ...bounds });
  return problem === undefined ? null : `${problem.code}: ${problem.message}`;
}

describe('a program', () => {
  it('of steps that the instrument can do has no problem', () => {
    const hold = step(HOLD, { stepChargeNc: 5, currentMinPa: 1 });
    for (const asked of [hold, step(SWEEP), withBurst(10_000)]) expect(problemOf(asked)).toBeNull();
  });

  it.each([
    [
      step({ kind: 'cv', voltageNv: -5_100_000_000 }),
      'RANGE_EXCEEDED: step "asked" sets -5.1 V; this instrument sets and measures within 5 V',
    ],
    [
      step({ ...SWEEP, verticesNv: [-200_000_000, 6_000_000_000] }),
      'RANGE_EXCEEDED: step "asked" sets 6 V; this instrument sets and measures within 5 V',
    ],
    [
      step({ kind: 'cc', currentPa: 1 }, { voltageMaxNv: 7_000_000_000 }),
      'RANGE_EXCEEDED: step "asked" has a voltage limit of 7 V; this instrument measures within 5 V',
    ],
    [
      step({ kind: 'cc', currentPa: -11_000_000_000 }),
      'RANGE_EXCEEDED: step "asked" asks for 11 mA, beyond 10 mA',
    ],
    [
      step(HOLD, { currentMinPa: 11_000_000_000 }),
      'RANGE_EXCEEDED: step "asked" ends below 11 mA; it must be above 0 and at most 10 mA',
    ],
    [
      step(HOLD, { currentMinPa: 0 }),
      'RANGE_EXCEEDED: step "asked" ends below 0 mA; it must be above 0 and at most 10 mA',
    ],
    [
      step(HOLD, { voltageMaxNv: 2_000_000_000 }),
      'CAPABILITY_MISSING: step "asked" holds a voltage and cannot end by voltage-max; it ends by ' +
        'step-charge, current-min, duration',
    ],
    [
      step({ kind: 'cc', currentPa: 1 }, { stepChargeNc: 5, currentMinPa: 1 }),
      'CAPABILITY_MISSING: step "asked" cannot end by current-min, which belongs to a held voltage (cv); ' +
        'take another limit',
    ],
    [
      withBurst(9_000),
      'RANGE_EXCEEDED: step "asked" asks for a burst every 0.009 s; this instrument needs 0.01 s or more',
    ],
    [
      withBurst(1_000_000),
      'PARAMS_INVALID: step "asked" has a burst every 1 s for 60 s, and a record every 1 s anyway; ' +
        'make the burst denser or leave it out',
    ],
  ])('is refused in one line: %#', (asked, line) => {
    expect(problemOf(asked)).toBe(line);
  });

  it('with a burst is refused on an instrument that has none', () => {
    expect(problemOf(withBurst(10_000), { recordBursts: null })).toBe(
      'CAPABILITY_MISSING: step "asked" asks for a burst of samples at its start, which this instrument ' +
        'does not have',
    );
  });
});

describe('the foreseen end of a held voltage', () => {
  it('is at that voltage, with the charge that ends it or none that is known', () => {
    const held = step(HOLD, { stepChargeNc: 5, currentMinPa: 1 });
    const known = { type: 'step.ended', voltageNv: 1_800_000_000, currentPa: 0 };
    expect(foreseenEnd(held, 'step-charge')).toEqual({ ...known, reason: 'step-charge', chargeNc: 5 });
    expect(foreseenEnd(held, 'current-min')).toEqual({ ...known, reason: 'current-min', chargeNc: 0 });
  });
});
