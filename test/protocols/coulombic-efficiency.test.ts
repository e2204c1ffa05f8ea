// Goal: an efficiency run asks for exactly the steps that its parameters describe, and ends as they say.
// Method: tables: parameters and ends in, program steps, limits and outcome out.

import { describe, expect, it } from 'vitest';
import { coulombicEfficiency } from '../../protocols/coulombic-efficiency.ts';
import { type MachineSnapshot, startMachine, stepMachine } from '../../src/steps/machine.ts';
import type { PreparedProtocol, Verdict } from '../../src/steps/protocol.ts';
import type { ProgramEndReason, Step } from '../../src/steps/step.ts';
import { COIN_CELL, type Parameters, prepared as preparedOf, stepEnded } from '../support/prepared.ts';

const BARE: Parameters = { wetting: '0 s', cycles: 2 };
/** 1 mAh/cm2 on 1.13 cm2. */
const CHARGE_NC = 4_068_000_000;
const CURRENT_PA = 1_130_000_000;
const HOUR_US = 3_600_000_000;

/** An end, with the share of the plated charge that the step passed (1 where nothing is said). */
type End =
  | ProgramEndReason
  | readonly [ProgramEndReason, { readonly share?: number; readonly voltageNv?: number }];
const PLATED: End = 'step-charge';
const STRIPPED: End = ['voltage-max', { share: 0.99, voltageNv: 500_000_000 }];

function prepared(parameters: Parameters = {}): PreparedProtocol {
  return preparedOf(parameters, coulombicEfficiency);
}

function play(protocol: PreparedProtocol, ends: readonly End[]): MachineSnapshot {
  return ends.reduce((at, end) => {
    const [reason, { share = 1, voltageNv = 0 }] = typeof end === 'string' ? [end, {}] : end;
    const event = stepEnded(reason, { chargeNc: share * CHARGE_NC, voltageNv });
    return stepMachine(protocol.machine, at, event);
  }, startMachine(protocol.machine));
}

function stepAfter(parameters: Parameters, ...ends: readonly End[]): Step {
  const protocol = prepared(parameters);
  const step = protocol.stepOf(play(protocol, ends));
  if (step === null) throw new Error('the program has ended');
  return step;
}

function outcomeAfter(parameters: Parameters, ...ends: readonly End[]) {
  const protocol = prepared(parameters);
  const end = play(protocol, ends);
  expect(end.status).toBe('done');
  return protocol.outcomeOf(end);
}

describe('an efficiency protocol', () => {
  it('rests, then plates and strips in turn, and counts the cycles', () => {
    const ends: End[] = ['duration', PLATED, STRIPPED, PLATED, STRIPPED];
    const names = [0, 1, 2, 3, 4].map((count) => {
      const step = stepAfter({ cycles: 2 }, ...ends.slice(0, count));
      return `${step.programStep} ${step.cycle} ${step.completesCycle}`;
    });
    expect(names).toEqual([
      'wetting 0 false',
      'cycling-plating 1 false',
      'cycling-stripping 1 true',
      'cycling-plating 2 false',
      'cycling-stripping 2 true',
    ]);
    expect(outcomeAfter({ cycles: 2 }, ...ends)).toEqual({ verdict: 'completed', reason: 'all cycles done' });
  });

  it('leaves out wetting of 0 s', () => {
    expect(stepAfter(BARE).programStep).toBe('cycling-plating');
    expect(stepAfter(BARE).cycle).toBe(1);
  });

  it('plates the same charge in every cycle, whatever the strip before gave back', () => {
    const step = stepAfter(BARE);
    expect(step.mode).toEqual({ kind: 'cc', currentPa: -CURRENT_PA });
    expect(step.limits).toMatchObject({
      stepChargeNc: CHARGE_NC,
      netChargeNc: null,
      lastStepChargePpm: null,
    });
    expect(step.durationMaxUs).toBe(3_961_000_000);
  });

  it('strips to the cut-off at once, guarded at 1.2 times the plated charge, bounded in time', () => {
    const step = stepAfter({ ...BARE, strip_cut_off: '0.7 V', voltage_debounce: '3 s' }, PLATED);
    expect(step.mode).toEqual({ kind: 'cc', currentPa: CURRENT_PA });
    expect(step.limits).toMatchObject({
      voltageMaxNv: 700_000_000,
      voltageDebounceUs: 0,
      lastStepChargePpm: 1_200_000,
      stepChargeNc: null,
      netChargeNc: null,
    });
    expect(step.durationMaxUs).toBe(4_753_000_000);
    expect(step.durationExpectedUs).toBe(HOUR_US);
  });

  it('limits plating below zero only, debounced: it begins on a substrate as high as +1.2 V', () => {
    const { limits } = stepAfter({ ...BARE, plate_voltage_limit: '0.3 V' });
    expect(limits).toMatchObject({ voltageMinNv: -300_000_000, voltageDebounceUs: 1_000_000 });
    expect(limits.voltageMaxNv).toBeGreaterThan(1_200_000_000);
  });

  it.each(['0.3 V', '0.5 V', '1.2 V'])('starts plating from a surface left at a cut-off of %s', (cutOff) => {
    const { limits } = stepAfter({ ...BARE, strip_cut_off: cutOff });
    expect(limits.voltageMaxNv).toBeGreaterThan(1e9 * Number.parseFloat(cutOff));
  });

  it('has no limit of a step on its wetting rest', () => {
    expect(stepAfter({}).limits).toMatchObject({ voltageMaxNv: null, voltageMinNv: null });
  });

  it('records like symmetric cycling, with the voltage to follow the tail of a strip', () => {
    const record = { everyUs: 10_000_000, voltageDeltaNv: 2_000_000, currentDeltaPa: null };
    expect(stepAfter(BARE).record).toEqual(record);
    expect(stepAfter(BARE, PLATED).record).toEqual(record);
  });

  it.each<[string, Parameters, readonly End[], Verdict, string]>([
    [
      'plating that polarises',
      BARE,
      [PLATED, STRIPPED, ['voltage-min', { voltageNv: -500_123_000 }]],
      'voltage-limit',
      'voltage limit: plating reached -0.500 V in cycle 2',
    ],
    [
      'plating on a surface that never comes down',
      BARE,
      [['voltage-max', { voltageNv: 1_600_000_000 }]],
      'voltage-limit',
      'voltage limit: plating reached +1.600 V in cycle 1',
    ],
    [
      'a strip whose voltage runs the wrong way',
      BARE,
      [PLATED, ['voltage-min', { voltageNv: -500_000_000 }]],
      'voltage-limit',
      'voltage limit: stripping reached -0.500 V in cycle 1',
    ],
    [
      'the strip guard',
      BARE,
      [PLATED, ['last-step-charge', { share: 1.2, voltageNv: 42_000_000 }]],
      'short-asymmetric',
      'strip guard: 120.0 % of the plated charge and still at +0.042 V, not +0.500 V, in cycle 1: a short',
    ],
    [
      'a strip of less than half the charge',
      BARE,
      [PLATED, ['voltage-max', { share: 0.413, voltageNv: 500_000_000 }]],
      'low-ce',
      'low efficiency: stripping gave back 41.3 % of the plated charge in cycle 1: dead zinc or corrosion',
    ],
    [
      'a strip that is above its cut-off from the start: that is no dead zinc',
      BARE,
      [PLATED, ['voltage-max', { share: 0.0002, voltageNv: 600_000_000 }]],
      'low-ce',
      'low efficiency: stripping gave back 0.0 % of the plated charge in cycle 1: ' +
        'cut-off below the stripping voltage, or a poor contact',
    ],
    [
      'plating that never comes to its charge',
      BARE,
      ['duration'],
      'fault',
      'plating came to no end in 1.1 times the longest expected time, in cycle 1',
    ],
    [
      'a strip that comes to no end',
      {},
      ['duration', PLATED, 'duration'],
      'fault',
      'stripping came to no end in 1.1 times the longest expected time, in cycle 1',
    ],
  ])('ends at %s', (_, parameters, ends, verdict, reason) => {
    expect(outcomeAfter(parameters, ...ends)).toEqual({ verdict, reason });
  });

  it('ends at a low efficiency in the last cycle too', () => {
    expect(outcomeAfter({ ...BARE, cycles: 1 }, PLATED, ['voltage-max', { share: 0.2 }]).verdict).toBe(
      'low-ce',
    );
  });

  it('goes on from half the charge up, and below it where told to', () => {
    expect(stepAfter(BARE, PLATED, ['voltage-max', { share: 0.5 }]).cycle).toBe(2);
    const continued = { ...BARE, low_ce_stops: 'continue' };
    expect(stepAfter(continued, PLATED, ['voltage-max', { share: 0.01 }]).cycle).toBe(2);
  });

  it('lets the net counter keep what N cycles may lose, and no more', () => {
    const limitOf = (parameters: Parameters): number => prepared(parameters).cellLimits.netChargeMaxNc;
    // One more plating, and 2 s of a tenth of the current in the contact check, with half as much again.
    const slack = 1.5 * (CHARGE_NC + 226_000) + 1_000_000;
    expect(limitOf({ cycles: 100 })).toBe(50 * CHARGE_NC + slack);
    expect(limitOf({ cycles: 100, low_ce_stops: 'continue' })).toBe(100 * CHARGE_NC + slack);
    // 2000 mAh/cm2, however many cycles.
    expect(limitOf({ cycles: 1_000_000 })).toBe(2000 * CHARGE_NC + slack);
    // Half-cycles of 0.2 s: the contact check alone passes as much as one of them.
    const short = { cycles: 1, current_density: '180 mA/cm2', areal_capacity: '10 uAh/cm2' };
    const [contactNc, plateNc] = [1.13 * 36e6, 1.13 * 36e6];
    expect(limitOf(short)).toBeGreaterThan(1.2 * (contactNc + plateNc));
  });

  it('asks for a fresh substrate, and checks its contact by plating alone', () => {
    const { preflight, cellLimits, currentMaxPa } = prepared();
    expect(preflight).toMatchObject({
      ocvMinNv: 200_000_000,
      ocvMaxNv: 1_200_000_000,
      contact: 'plating-only',
      contactCurrentPa: CURRENT_PA / 10,
    });
    expect(cellLimits.voltageMaxNv).toBeGreaterThan(preflight.ocvMaxNv);
    expect(currentMaxPa).toBe(CURRENT_PA);
  });

  it('watches the short floor unless told not to', () => {
    expect(prepared().shortFloor).toEqual({
      ratioPpm: 150_000,
      halfCycles: 2,
      action: 'stop',
      areaUcm2: COIN_CELL.areaUcm2,
    });
    expect(prepared({ short_floor: '0 %' }).shortFloor).toBeNull();
  });

  it('plans steps, time and charge of the whole program', () => {
    expect(prepared({ cycles: 100 }).plan).toEqual({
      cycles: 100,
      steps: 201,
      durationUs: 206 * HOUR_US,
      platedChargeNc: 100 * CHARGE_NC,
    });
  });
});

describe('bad parameters of an efficiency run', () => {
  it.each<[Parameters, RegExp]>([
    [{ strip_cutoff: '0.5 V' }, /^unknown parameter "strip_cutoff"; did you mean "strip_cut_off"\?/],
    [{ strip_cut_off: '3 V' }, /^"strip_cut_off": 3 V is outside/],
    [{ plate_voltage_limit: '3 V' }, /^"plate_voltage_limit": 3 V is outside/],
    [{ low_ce_stops: 'yes' }, /^"low_ce_stops": "yes" .*: stop, continue/],
    [{ short_floor: '95 %' }, /^"short_floor": 95 % is outside/],
    [{ areal_capacity: '200 mAh/cm2', current_density: '1 uA/cm2' }, /^"areal_capacity": .* more than 60 d/],
    [{ areal_capacity: '1 uAh/cm2', current_density: '200 mA/cm2' }, /^"areal_capacity": .* less than 0.1 s/],
  ])('%j are refused with a line that names the field', (parameters, message) => {
    const result = coulombicEfficiency.prepare(parameters, COIN_CELL);
    expect(result.ok ? [] : result.problems).toEqual([expect.stringMatching(message)]);
  });
});
