// Goal: a cell that is not what the protocol expects is refused with a reason that says what to do, before
// real current. Method: tables of measured ends fed to the machine; each refusal asserted by verdict and
// advice.

import { describe, expect, it } from 'vitest';
import {
  type MachineSnapshot,
  startMachine,
  type StepEndedEvent,
  stepMachine,
} from '../../../src/steps/machine.ts';
import { createPreflight } from '../../../src/steps/preflight.ts';
import type { PreflightPlan, Verdict } from '../../../src/steps/protocol.ts';
import { stepEnded } from '../../support/prepared.ts';

const PLAN: PreflightPlan = {
  ocvMinNv: -50_000_000,
  ocvMaxNv: 50_000_000,
  ocvHint: 'is this the right cell?',
  contact: 'both-directions',
  contactCurrentPa: 113_000_000,
  resistanceMinMohmCm2: 1_000,
  resistanceMaxMohmCm2: 500_000,
  areaUcm2: 1_130_000,
};
const program = createPreflight(PLAN);

/** A contact pulse whose cell has this resistance, on top of an open-circuit voltage. */
function contact(sign: 1 | -1, ohmCm2: number, ocvNv = 0): StepEndedEvent {
  const currentPa = sign * PLAN.contactCurrentPa;
  const ohm = ohmCm2 / (PLAN.areaUcm2 / 1e6);
  const reason = sign > 0 ? 'duration' : 'net-charge';
  return stepEnded(reason, { currentPa, voltageNv: Math.round(ocvNv + (currentPa * ohm) / 1000) });
}

const OCV = stepEnded('duration', { voltageNv: 3_000_000 });
const GOOD = [OCV, contact(1, 100, 3_000_000), contact(-1, 100, 3_000_000)];

function play(events: readonly StepEndedEvent[]): MachineSnapshot {
  return events.reduce((at, event) => stepMachine(program.machine, at, event), startMachine(program.machine));
}

describe('pre-flight', () => {
  it('asks for a rest, a positive and a negative pulse, and passes a good cell', () => {
    const steps = [0, 1, 2].map((count) => program.stepOf(play(GOOD.slice(0, count))));
    expect(steps.map((step) => [step?.phase, step?.mode])).toEqual([
      ['ocv', { kind: 'rest' }],
      ['contact', { kind: 'cc', currentPa: 113_000_000 }],
      ['contact', { kind: 'cc', currentPa: -113_000_000 }],
    ]);
    const end = play(GOOD);
    expect([end.value, end.status, program.stepOf(end)]).toEqual(['passed', 'done', null]);
    expect(program.outcomeOf(end).verdict).toBe('completed');
  });

  it('takes back with the second pulse what the first gave: cycling starts from a net charge of zero', () => {
    expect(program.stepOf(play(GOOD.slice(0, 2)))?.limits.netChargeNc).toBe(0);
  });

  it('bounds every step in time, and preloads nothing behind one that is judged by its values', () => {
    for (const count of [0, 1, 2]) {
      const step = program.stepOf(play(GOOD.slice(0, count)));
      expect(step?.durationMaxUs).toBeGreaterThan(0);
      expect(step?.durationMaxUs).toBeLessThanOrEqual(10_000_000);
      expect(step?.allowsLookAhead).toBe(false);
    }
  });

  it('ends a pulse whose voltage runs away by the device itself, within a volt and a half', () => {
    for (const count of [1, 2]) {
      const limits = program.stepOf(play(GOOD.slice(0, count)))?.limits;
      expect(limits).toMatchObject({
        voltageMaxNv: 1_500_000_000,
        voltageMinNv: -1_500_000_000,
        voltageDebounceUs: 0,
      });
    }
  });

  const ocv = (voltageNv: number): StepEndedEvent => stepEnded('duration', { voltageNv });
  const runaway = (reason: 'voltage-max' | 'voltage-min'): StepEndedEvent =>
    stepEnded(reason, { voltageNv: 1_500_000_000, currentPa: 113_000_000 });
  const refusals: readonly [string, readonly StepEndedEvent[], Verdict, RegExp][] = [
    [
      'an OCV above the window',
      [ocv(50_000_001)],
      'fault',
      /open-circuit voltage .* is outside -0.05 V … 0.05 V: is this the right cell\?/,
    ],
    ['an OCV below the window', [ocv(-50_000_001)], 'fault', /is outside/],
    ['a battery the right way round', [ocv(1_400_000_000)], 'fault', /open-circuit voltage 1.4 V is outside/],
    [
      'a battery the wrong way round',
      [ocv(-1_400_000_000)],
      'fault',
      /open-circuit voltage -1.4 V is outside/,
    ],
    [
      'a voltage that runs away upwards',
      [OCV, runaway('voltage-max')],
      'open-circuit',
      /a lead is off or the cell is dry; check the clips/,
    ],
    [
      'a voltage that runs away downwards',
      [OCV, GOOD[1] ?? OCV, runaway('voltage-min')],
      'open-circuit',
      /check the clips/,
    ],
    ['a voltage of the wrong sign', [OCV, contact(1, -100, 3_000_000)], 'fault', /swap|sign|wrong|leads/i],
    [
      'the wrong sign in the second pulse only',
      [OCV, GOOD[1] ?? OCV, contact(-1, -100, 3_000_000)],
      'fault',
      /swap|sign|wrong|leads/i,
    ],
    ['a short', [OCV, contact(1, 0.9, 3_000_000)], 'hard-short', /short: check the cell and its spacer/],
    [
      'a bad contact',
      [OCV, contact(1, 501, 3_000_000)],
      'open-circuit',
      /501 ohm cm2 .* poor contact or a dry cell/,
    ],
    [
      'a contact that is bad in one direction',
      [OCV, GOOD[1] ?? OCV, contact(-1, 501, 3_000_000)],
      'open-circuit',
      /poor contact/,
    ],
    [
      'a source that drives nothing',
      [OCV, stepEnded('duration', { voltageNv: 3_000_000 })],
      'fault',
      /no current flowed/,
    ],
  ];

  it.each(refusals)('refuses %s, and says what to check', (_, events, verdict, reason) => {
    const end = play(events);
    expect([end.value, end.status, program.stepOf(end)]).toEqual(['refused', 'done', null]);
    expect(program.outcomeOf(end).verdict).toBe(verdict);
    expect(program.outcomeOf(end).reason).toMatch(reason);
    expect(program.outcomeOf(end).reason).not.toContain('\n');
  });

  it.each([
    [
      'the lower edge of the OCV window',
      [ocv(-50_000_000), contact(1, 100, -50_000_000), contact(-1, 100, -50_000_000)],
    ],
    [
      'the upper edge of the OCV window',
      [ocv(50_000_000), contact(1, 100, 50_000_000), contact(-1, 100, 50_000_000)],
    ],
    ['a resistance just above a short', [OCV, contact(1, 1.01, 3_000_000), contact(-1, 1.01, 3_000_000)]],
    ['a resistance just below a bad contact', [OCV, contact(1, 499, 3_000_000), contact(-1, 499, 3_000_000)]],
  ])('passes %s', (_, events) => {
    expect(play(events).value).toBe('passed');
  });

  it('takes no drop below 50 mV for a bad contact: at a small current good zinc shows as many ohms', () => {
    const small = (sign: 1 | -1, dropNv: number): StepEndedEvent =>
      stepEnded('duration', { currentPa: sign * 1_130_000, voltageNv: 3_000_000 + sign * dropNv });
    expect(play([OCV, small(1, 40_000_000), small(-1, 50_000_000)]).value).toBe('passed');
    expect(play([OCV, small(1, 40_000_000), small(-1, 51_000_000)]).value).toBe('refused');
  });

  it('judges the sign by what the current changes, not by the voltage itself', () => {
    // 40 mV of OCV hide a drop of 10 mV of the wrong sign in the raw voltage.
    const events = [
      ocv(40_000_000),
      stepEnded('duration', { currentPa: 113_000_000, voltageNv: 30_000_000 }),
    ];
    expect(play(events).value).toBe('refused');
  });
});

describe('the pre-flight of a bare electrode', () => {
  const BARE_PLAN: PreflightPlan = {
    ...PLAN,
    ocvMinNv: 200_000_000,
    ocvMaxNv: 1_200_000_000,
    contact: 'plating-only',
  };
  const bare = createPreflight(BARE_PLAN);
  const OCV_NV = 800_000_000;
  const CURRENT_PA = -PLAN.contactCurrentPa;
  const playBare = (events: readonly StepEndedEvent[]): MachineSnapshot =>
    events.reduce((at, event) => stepMachine(bare.machine, at, event), startMachine(bare.machine));

  /** A pulse that moves the surface from the OCV to `surfaceNv` and drops over `ohmCm2`; then the rest. */
  function pulse(surfaceNv: number, ohmCm2: number): StepEndedEvent[] {
    const voltageNv = Math.round(surfaceNv + (CURRENT_PA * ohmCm2) / 1000 / 1.13);
    return [
      stepEnded('duration', { voltageNv: OCV_NV }),
      stepEnded('duration', { currentPa: CURRENT_PA, voltageNv }),
      stepEnded('duration', { voltageNv: surfaceNv }),
    ];
  }

  it('asks for a rest, a plating pulse and a rest, and gives nothing back', () => {
    const events = pulse(600_000_000, 50);
    const steps = [0, 1, 2].map((count) => bare.stepOf(playBare(events.slice(0, count))));
    expect(steps.map((step) => [step?.programStep, step?.mode])).toEqual([
      ['ocv', { kind: 'rest' }],
      ['contact-plating', { kind: 'cc', currentPa: CURRENT_PA }],
      ['contact-rest', { kind: 'rest' }],
    ]);
    for (const step of steps) {
      expect(step?.allowsLookAhead).toBe(false);
      expect(step?.durationMaxUs).toBeLessThanOrEqual(2_000_000);
      expect(step?.limits.netChargeNc).toBeNull();
    }
    expect(playBare(events).value).toBe('passed');
  });

  it.each([
    ['copper, discharged by 20 mV', 780_000_000, 2],
    ['titanium, discharged by 200 mV', 600_000_000, 2],
    ['a resistance just below a bad contact', 600_000_000, 499],
    // -1500 ohm cm2 against the OCV, of which the capacitor has 750 and nucleation 400.
    ['a small surface that has come to plate, with its nucleation', 10_000_000, 1300],
  ])('passes %s', (_, surfaceNv, ohmCm2) => {
    expect(playBare(pulse(surfaceNv, ohmCm2)).value).toBe('passed');
  });

  it.each<[string, readonly StepEndedEvent[], Verdict, RegExp]>([
    ['a bad contact', pulse(600_000_000, 501), 'open-circuit', /501 ohm cm2 .* poor contact or a dry cell/],
    ['a bad contact of a surface that plates', pulse(10_000_000, 1600), 'open-circuit', /poor contact/],
    [
      'a voltage that runs away',
      [
        stepEnded('duration', { voltageNv: OCV_NV }),
        stepEnded('voltage-min', { voltageNv: -1_500_000_000, currentPa: CURRENT_PA }),
      ],
      'open-circuit',
      /check the clips/,
    ],
    [
      'a voltage that rises while plating',
      [
        stepEnded('duration', { voltageNv: OCV_NV }),
        stepEnded('duration', { voltageNv: OCV_NV + 1_000_000, currentPa: CURRENT_PA }),
      ],
      'fault',
      /moved against the current \(by 1 mV\): the sense leads are reversed/,
    ],
    [
      'a source that drives nothing',
      [stepEnded('duration', { voltageNv: OCV_NV }), stepEnded('duration', { voltageNv: OCV_NV })],
      'fault',
      /no current flowed/,
    ],
    [
      'a cell near zero',
      [stepEnded('duration', { voltageNv: 199_999_999 })],
      'fault',
      /outside 0.2 V … 1.2 V/,
    ],
    ['a cell that is too high', [stepEnded('duration', { voltageNv: 1_200_000_001 })], 'fault', /is outside/],
  ])('refuses %s', (_, events, verdict, reason) => {
    const end = playBare(events);
    expect(end.value).toBe('refused');
    expect(bare.outcomeOf(end).verdict).toBe(verdict);
    expect(bare.outcomeOf(end).reason).toMatch(reason);
  });
});

describe('the pre-flight of a cell that no current may touch', () => {
  const untouched = createPreflight({
    ...PLAN,
    ocvMinNv: 200_000_000,
    ocvMaxNv: 1_200_000_000,
    contact: 'none',
  });
  const after = (voltageNv: number): MachineSnapshot =>
    stepMachine(untouched.machine, startMachine(untouched.machine), stepEnded('duration', { voltageNv }));

  it('rests once, and passes a cell within its window without any current', () => {
    expect(untouched.stepOf(startMachine(untouched.machine))?.mode).toEqual({ kind: 'rest' });
    expect(after(700_000_000).value).toBe('passed');
  });

  it('still refuses a cell that rests outside its window', () => {
    const end = after(-700_000_000);
    expect(end.value).toBe('refused');
    expect(untouched.outcomeOf(end)).toMatchObject({ verdict: 'fault' });
  });
});
