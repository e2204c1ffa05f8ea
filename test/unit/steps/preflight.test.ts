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

  it('judges the sign by what the current changes, not by the voltage itself', () => {
    // 40 mV of OCV hide a drop of 10 mV of the wrong sign in the raw voltage.
    const events = [
      ocv(40_000_000),
      stepEnded('duration', { currentPa: 113_000_000, voltageNv: 30_000_000 }),
    ];
    expect(play(events).value).toBe('refused');
  });
});
