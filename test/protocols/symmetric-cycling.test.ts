// Goal: symmetric cycling asks for exactly the steps that its parameters describe, and ends as they say.
// Method: tables: parameters and ends in, program steps, limits and outcome out.

import { describe, expect, it } from 'vitest';
import { symmetricCycling } from '../../protocols/symmetric-cycling.ts';
import type { PreparedProtocol } from '../../src/steps/protocol.ts';
import { startMachine, stepMachine, type MachineSnapshot } from '../../src/steps/machine.ts';
import type { ProgramEndReason, Step } from '../../src/steps/step.ts';
import { COIN_CELL, type Parameters, prepared, stepEnded } from '../support/prepared.ts';

const BARE: Parameters = { wetting: '0 s', conditioning_cycles: 0, cycles: 2 };
/** 1 mAh/cm2 on 1.13 cm2. */
const CHARGE_NC = 4_068_000_000;
const CURRENT_PA = 1_130_000_000;
const HOUR_US = 3_600_000_000;

function play(protocol: PreparedProtocol, reasons: readonly ProgramEndReason[]): MachineSnapshot {
  return reasons.reduce(
    (at, reason) => stepMachine(protocol.machine, at, stepEnded(reason)),
    startMachine(protocol.machine),
  );
}

function stepAfter(parameters: Parameters, ...reasons: readonly ProgramEndReason[]): Step {
  const protocol = prepared(parameters);
  const step = protocol.stepOf(play(protocol, reasons));
  if (step === null) throw new Error('the program has ended');
  return step;
}

/**
 * Program steps from the start to the end when every half-cycle reaches its charge and every rest its time.
 */
function course(parameters: Parameters): string[] {
  const protocol = prepared(parameters);
  const names: string[] = [];
  let snapshot = startMachine(protocol.machine);
  for (let step = protocol.stepOf(snapshot); step !== null; step = protocol.stepOf(snapshot)) {
    names.push(`${step.programStep} ${step.cycle}`);
    const reason = step.mode.kind === 'rest' || step.limits.netChargeNc === null ? 'duration' : 'net-charge';
    snapshot = stepMachine(protocol.machine, snapshot, stepEnded(reason));
  }
  expect(protocol.outcomeOf(snapshot).verdict).toBe('completed');
  return names;
}

function outcomeAfter(parameters: Parameters, ...reasons: readonly ProgramEndReason[]) {
  const protocol = prepared(parameters);
  const end = play(protocol, reasons);
  expect(end.status).toBe('done');
  return protocol.outcomeOf(end);
}

describe('symmetric cycling', () => {
  it('goes through wetting, conditioning and cycling, counting only the main cycles', () => {
    expect(course({ conditioning_cycles: 2, cycles: 2 })).toEqual([
      'wetting 0',
      'conditioning-plating 0',
      'conditioning-stripping 0',
      'conditioning-plating 0',
      'conditioning-stripping 0',
      'cycling-plating 1',
      'cycling-stripping 1',
      'cycling-plating 2',
      'cycling-stripping 2',
    ]);
  });

  it('leaves out wetting of 0 s', () => {
    expect(course({ wetting: '0 s', conditioning_cycles: 1, cycles: 1 })).toEqual([
      'conditioning-plating 0',
      'conditioning-stripping 0',
      'cycling-plating 1',
      'cycling-stripping 1',
    ]);
  });

  it('leaves out conditioning of 0 cycles', () => {
    expect(course({ conditioning_cycles: 0, cycles: 1 })).toEqual([
      'wetting 0',
      'cycling-plating 1',
      'cycling-stripping 1',
    ]);
    expect(course({ ...BARE, cycles: 1 })).toEqual(['cycling-plating 1', 'cycling-stripping 1']);
  });

  it('strips first when told so, with the sign of stripping and a target above zero', () => {
    expect(course({ ...BARE, first_half: 'strip', cycles: 1 })).toEqual([
      'cycling-stripping 1',
      'cycling-plating 1',
    ]);
    const first = stepAfter({ ...BARE, first_half: 'strip' });
    expect(first).toMatchObject({ half: 'strip', mode: { currentPa: CURRENT_PA }, completesCycle: false });
    expect(first.limits.netChargeNc).toBe(CHARGE_NC);
    const second = stepAfter({ ...BARE, first_half: 'strip' }, 'net-charge');
    expect(second).toMatchObject({ half: 'plate', mode: { currentPa: -CURRENT_PA }, completesCycle: true });
    expect(second.limits.netChargeNc).toBe(0);
  });

  it('plates to -q of the net counter and strips back to zero, in every cycle alike', () => {
    const targets = [0, 1, 2, 3].map((count) =>
      stepAfter(BARE, ...Array<'net-charge'>(count).fill('net-charge')),
    );
    expect(targets.map(({ limits }) => limits.netChargeNc)).toEqual([-CHARGE_NC, 0, -CHARGE_NC, 0]);
    expect(targets.map(({ cycle, completesCycle }) => [cycle, completesCycle])).toEqual([
      [1, false],
      [1, true],
      [2, false],
      [2, true],
    ]);
  });

  it('ends by time after exactly q/j, without a charge target', () => {
    const step = stepAfter({ ...BARE, end_by: 'time' });
    expect(step.durationMaxUs).toBe(HOUR_US);
    expect(step.limits.netChargeNc).toBeNull();
    expect(course({ ...BARE, end_by: 'time', cycles: 1 })).toHaveLength(2);
  });

  it('bounds a half-cycle by charge at a tenth more than its time', () => {
    expect(stepAfter(BARE).durationMaxUs).toBe(HOUR_US + HOUR_US / 10 + 1_000_000);
  });

  it('fails as a fault when a half-cycle runs into its bound of time without its charge', () => {
    expect(outcomeAfter(BARE, 'duration')).toMatchObject({ verdict: 'fault' });
    expect(outcomeAfter(BARE, 'net-charge', 'duration')).toMatchObject({ verdict: 'fault' });
    expect(outcomeAfter({ conditioning_cycles: 1 }, 'duration', 'duration')).toMatchObject({
      verdict: 'fault',
    });
  });

  it.each(['voltage-max', 'voltage-min'] as const)(
    'ends the run at a limit by %s with the verdict voltage-limit',
    (reason) => {
      expect(outcomeAfter(BARE, reason)).toMatchObject({ verdict: 'voltage-limit' });
      expect(outcomeAfter(BARE, 'net-charge', reason)).toMatchObject({ verdict: 'voltage-limit' });
      expect(outcomeAfter({}, 'duration', reason)).toMatchObject({ verdict: 'voltage-limit' });
    },
  );

  it.each<[Parameters, readonly ProgramEndReason[], RegExp]>([
    [BARE, ['voltage-min'], /^voltage limit: plating reached -0.501 V in cycle 1$/],
    [BARE, ['net-charge', 'net-charge', 'net-charge', 'voltage-max'], /stripping reached .* in cycle 2$/],
    [{ ...BARE, first_half: 'strip' }, ['voltage-max'], /stripping reached .* in cycle 1$/],
    [{ wetting: '0 s' }, ['net-charge', 'net-charge', 'voltage-min'], /plating .* in conditioning cycle 2$/],
    [BARE, ['net-charge', 'duration'], /^stripping did not reach its charge in .* time, in cycle 1$/],
    [{ conditioning_cycles: 1 }, ['duration', 'duration'], /^plating did not .* in conditioning cycle 1$/],
  ])('with %j and the ends %j says which step it was: %s', (parameters, reasons, reason) => {
    const protocol = prepared(parameters);
    const end = reasons.reduce(
      (at, why) => stepMachine(protocol.machine, at, stepEnded(why, { voltageNv: -501_000_000 })),
      startMachine(protocol.machine),
    );
    expect(protocol.outcomeOf(end).reason).toMatch(reason);
  });

  it('watches the short floor as it is told', () => {
    const plan = { ratioPpm: 150_000, halfCycles: 2, action: 'stop', areaUcm2: COIN_CELL.areaUcm2 };
    expect(prepared().shortFloor).toEqual(plan);
    expect(prepared({ short_floor: '10 %', on_short_floor: 'record' }).shortFloor).toEqual({
      ...plan,
      ratioPpm: 100_000,
      action: 'record',
    });
    expect(prepared({ short_floor: '0 %' }).shortFloor).toBeNull();
  });

  it('goes on with the other half after a limit where told to, for each half separately', () => {
    const plate: Parameters = { ...BARE, on_plate_voltage_limit: 'next' };
    expect(stepAfter(plate, 'voltage-min')).toMatchObject({ half: 'strip', cycle: 1 });
    expect(outcomeAfter(plate, 'voltage-min', 'voltage-max')).toMatchObject({ verdict: 'voltage-limit' });
    const strip: Parameters = { ...BARE, on_strip_voltage_limit: 'next' };
    expect(outcomeAfter(strip, 'voltage-min')).toMatchObject({ verdict: 'voltage-limit' });
    expect(stepAfter(strip, 'net-charge', 'voltage-max')).toMatchObject({ half: 'plate', cycle: 2 });
  });

  it('gives each half its own voltage limit, in both directions, debounced', () => {
    const parameters = {
      ...BARE,
      plate_voltage_limit: '0.2 V',
      strip_voltage_limit: '0.4 V',
      voltage_debounce: '3 s',
    };
    expect(stepAfter(parameters).limits).toMatchObject({
      voltageMaxNv: 200_000_000,
      voltageMinNv: -200_000_000,
      voltageDebounceUs: 3_000_000,
    });
    expect(stepAfter(parameters, 'net-charge').limits).toMatchObject({
      voltageMaxNv: 400_000_000,
      voltageMinNv: -400_000_000,
    });
  });

  it.each<[Parameters, number]>([
    [{}, 10_000_000],
    [{ areal_capacity: '0.1 mAh/cm2' }, 1_000_000],
    [{ areal_capacity: '1 uAh/cm2' }, 10_000],
    [{ areal_capacity: '1 uAh/cm2', current_density: '18 mA/cm2' }, 1000],
    [{ record_interval: '250 ms' }, 250_000],
    [{ record_interval: '1 h' }, HOUR_US],
  ])(
    'records with %j every %d us: 360 samples a half-cycle at least, 10 s at most',
    (parameters, everyUs) => {
      expect(stepAfter({ ...BARE, ...parameters }).record.everyUs).toBe(everyUs);
    },
  );

  it('also records when the voltage has moved, unless that is switched off', () => {
    expect(stepAfter(BARE).record.voltageDeltaNv).toBe(2_000_000);
    expect(stepAfter({ ...BARE, record_voltage_delta: '0 V' }).record.voltageDeltaNv).toBeNull();
  });

  it('rests while wetting with a record rule of its own', () => {
    const step = stepAfter({ wetting: '2 h', wetting_record_interval: '30 s' });
    expect(step).toMatchObject({ mode: { kind: 'rest' }, half: null, cycle: 0, durationMaxUs: 2 * HOUR_US });
    expect(step.record).toEqual({ everyUs: 30_000_000, voltageDeltaNv: null, currentDeltaPa: null });
  });

  it('conditions with its own current and charge', () => {
    const step = stepAfter({
      wetting: '0 s',
      conditioning_current_density: '0.2 mA/cm2',
      conditioning_capacity: '0.1 mAh/cm2',
    });
    expect(step.mode).toEqual({ kind: 'cc', currentPa: -226_000_000 });
    expect(step.limits.netChargeNc).toBe(-406_800_000);
    expect(step.durationExpectedUs).toBe(HOUR_US / 2);
  });

  it('checks the contact at a tenth of its largest current, and asks for a cell without voltage', () => {
    const { preflight, currentMaxPa } = prepared({ conditioning_current_density: '4 mA/cm2' });
    expect(currentMaxPa).toBe(4_520_000_000);
    expect(preflight).toMatchObject({
      contactCurrentPa: 452_000_000,
      ocvMinNv: -50_000_000,
      ocvMaxNv: 50_000_000,
    });
  });

  it('plans steps, time and charge of the whole program', () => {
    expect(prepared({ wetting: '6 h', conditioning_cycles: 3, cycles: 1000 }).plan).toEqual({
      cycles: 1000,
      steps: 1 + 2 * 3 + 2 * 1000,
      durationUs: (6 + 2 * 3 + 2 * 1000) * HOUR_US,
      platedChargeNc: 1000 * CHARGE_NC,
    });
  });
});

describe('bad parameters of symmetric cycling', () => {
  it.each<[Parameters, RegExp]>([
    [{ cycels: 5 }, /^unknown parameter "cycels"; did you mean "cycles"\?/],
    [{ current_density: '1 mA' }, /^"current_density": "1 mA" is a current, expected a current density/],
    [{ current_density: '500 mA/cm2' }, /^"current_density": 500 mA\/cm2 is outside/],
    [{ cycles: 0 }, /^"cycles": 0 is outside/],
    [{ first_half: 'both' }, /^"first_half": "both" .*: plate, strip/],
    [{ plate_voltage_limit: '6 V' }, /^"plate_voltage_limit": 6 V is outside/],
    [{ areal_capacity: '200 mAh/cm2', current_density: '1 uA/cm2' }, /^"areal_capacity": .* more than 60 d/],
    [{ areal_capacity: '1 uAh/cm2', current_density: '200 mA/cm2' }, /^"areal_capacity": .* less than 0.1 s/],
    [
      { conditioning_capacity: '200 mAh/cm2', conditioning_current_density: '1 uA/cm2' },
      /^"conditioning_capacity": .* more than 60 d/,
    ],
    [
      { conditioning_capacity: '1 uAh/cm2', conditioning_current_density: '200 mA/cm2' },
      /^"conditioning_capacity": .* less than 0.1 s/,
    ],
  ])('%j are refused with a line that names the field', (parameters, message) => {
    const result = symmetricCycling.prepare(parameters, COIN_CELL);
    expect(result.ok).toBe(false);
    const problems = result.ok ? [] : result.problems;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });

  it.each([1, 1000, 1_000_000_000])(
    'a cell of %d e-6 cm2 is planned for, or refused in words, never with a current of zero',
    (areaUcm2) => {
      const result = symmetricCycling.prepare({}, { areaUcm2 });
      if (!result.ok) return expect(result.problems.join()).toMatch(/area/);
      const step = result.prepared.stepOf(play(result.prepared, ['duration']));
      expect(step?.mode.kind === 'cc' && step.mode.currentPa !== 0).toBe(true);
    },
  );
});
