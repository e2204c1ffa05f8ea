// Goal: a run goes from pre-flight to seal, and its record says what the cell went through, to the tick.
// Method: whole runs against the emulator in virtual time; rows of the sealed file against targets and the
// emulator's truth.

import { describe, expect, it } from 'vitest';
import {
  QUICK,
  QUICK_CHARGE_NC,
  QUICK_CURRENT_PA,
  type Rig,
  type RigOptions,
  rig,
} from '../../support/rig.ts';
import {
  expectContiguous,
  expectedTurns,
  isCellOpen,
  largestCurrentPa,
  turnsOf,
} from '../../support/run-checks.ts';

/** Half-cycles of an hour at 1.13 mA: enough charge for a ppm to mean something. */
const HOURS = { wetting: '10 min', conditioning_cycles: 1, cycles: 3 };
const HOUR_CHARGE_NC = 4_068_000_000;
/** 1.13 mA for one millisecond. */
const HOUR_TICK_NC = 1130;

function finished(options: RigOptions): Rig {
  const run = rig(options);
  run.runToEnd(options.manner === 'simulate' ? 100 * 3_600_000 : 600_000);
  return run;
}

function hashOf(options: RigOptions): string {
  return finished(options).reader().contentHash();
}

describe('a whole run', () => {
  it('completes: state done, verdict completed, file sealed, cell open', () => {
    const run = finished({});
    expect(run.told.closed).toEqual({ problem: null });
    expect(run.reader().isSealed()).toBe(true);
    expect(run.reader().state()).toMatchObject({
      state: 'done',
      verdict: 'completed',
      reason: 'all cycles done',
    });
    expect(isCellOpen(run.cellLog)).toBe(true);
    expect(run.told.states.map(({ state }) => state)).toEqual(
      expect.arrayContaining(['idle', 'resting', 'running', 'finishing', 'done']),
    );
  });

  it('records every step and every half-cycle once, in order', () => {
    const record = expectContiguous(finished({}).reader());
    expect(turnsOf(record)).toEqual(expectedTurns(QUICK.cycles));
    expect(record.steps.map(({ programStep }) => programStep).slice(0, 5)).toEqual([
      'ocv',
      'contact-positive',
      'contact-negative',
      'cycling-plating',
      'cycling-stripping',
    ]);
    for (const step of record.steps) expect(step.endUs).not.toBeNull();
  });

  it('goes from half-cycle to half-cycle without a gap: each begins at the tick the last ended', () => {
    const { steps } = expectContiguous(finished({}).reader());
    const cycling = steps.filter(({ phase }) => phase === 'cycling');
    for (const [index, step] of cycling.entries()) {
      if (index > 0) expect(step.startUs).toBe(cycling[index - 1]?.endUs);
    }
  });

  it('ends each half-cycle within one tick of its charge', () => {
    const { halfCycles } = expectContiguous(finished({}).reader());
    const tickNc = QUICK_CURRENT_PA / 1e6;
    for (const { chargeNc, reason, isInterrupted } of halfCycles) {
      expect(Math.abs(chargeNc - QUICK_CHARGE_NC)).toBeLessThanOrEqual(tickNc);
      expect([reason, isInterrupted]).toEqual(['net-charge', false]);
    }
  });

  it.each(['bench', 'ideal'] as const)(
    'leaves no more than a ppm of imbalance on the counter of a "%s" instrument',
    (instrument) => {
      const run = finished({ parameters: HOURS, manner: 'simulate', instrument });
      const { halfCycles } = expectContiguous(run.reader());
      for (const { chargeNc, phase } of halfCycles) {
        const targetNc = phase === 'cycling' ? HOUR_CHARGE_NC : HOUR_CHARGE_NC / 2;
        expect(Math.abs(chargeNc - targetNc)).toBeLessThanOrEqual(HOUR_TICK_NC);
      }
      const sum = (half: string): number =>
        halfCycles.filter((row) => row.half === half).reduce((total, { chargeNc }) => total + chargeNc, 0);
      expect(Math.abs(sum('strip') - sum('plate')) / sum('plate')).toBeLessThanOrEqual(1e-6);
    },
  );

  it('leaves no more than a ppm of true imbalance with an ideal instrument', () => {
    const run = finished({ parameters: HOURS, manner: 'simulate', instrument: 'ideal' });
    const { netChargeNc, plateChargeNc } = run.device.truth(1);
    expect(plateChargeNc).toBeGreaterThan(3 * HOUR_CHARGE_NC);
    expect(Math.abs(netChargeNc) / plateChargeNc).toBeLessThanOrEqual(1e-6);
  });

  it('is the same again from the same seed, and another from another', () => {
    const options = { parameters: HOURS, manner: 'simulate' } as const;
    const first = hashOf({ ...options, seed: 7 });
    expect(hashOf({ ...options, seed: 7 })).toBe(first);
    expect(hashOf({ ...options, seed: 8 })).not.toBe(first);
  });

  it('gives the same half-cycle charges with a renewed lease as with one for each step', () => {
    const charges = (manner: 'bench' | 'simulate'): number[] =>
      expectContiguous(finished({ manner, instrument: 'ideal' }).reader()).halfCycles.map(
        ({ chargeNc }) => chargeNc,
      );
    expect(charges('bench')).toEqual(charges('simulate'));
  });

  it('never drives more than it was asked for, and the pre-flight only a tenth of it', () => {
    const { cellLog } = finished({});
    expect(largestCurrentPa(cellLog)).toBe(QUICK_CURRENT_PA);
    const contact = cellLog.filter(({ step }) => step <= 3);
    expect(largestCurrentPa(contact)).toBe(QUICK_CURRENT_PA / 10);
  });

  it('tells the live feed every sample once, and that all of them are stored at the end', () => {
    const run = finished({});
    expect(run.told.live).toEqual(run.told.live.map((_, index) => index + 1));
    expect(run.told.storedSeq).toBe(run.told.live.length);
    expect(run.reader().storedSeq()).toBe(run.told.live.length);
  });

  it('runs 600 times faster on a scaled simulator, with the same record', () => {
    const run = finished({ scale: 600, parameters: { wetting: '0 s', conditioning_cycles: 0, cycles: 3 } });
    expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(3));
    expect(run.reader().meta()).toMatchObject({ time_scale: 600, is_simulated: true });
    expect(run.clock.nowMs()).toBeLessThan(60_000);
  });

  it('ends with the verdict voltage-limit when the cell polarises beyond its limit', () => {
    // bare-zn at 10 mA/cm2 needs more than 0.2 V.
    const run = finished({ parameters: { ...QUICK, plate_voltage_limit: '0.1 V', voltage_debounce: '0 s' } });
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'voltage-limit' });
    const { halfCycles } = expectContiguous(run.reader());
    expect(halfCycles.map(({ reason }) => reason)).toEqual(['voltage-min']);
    expect(isCellOpen(run.cellLog)).toBe(true);
    expect(run.reader().isSealed()).toBe(true);
  });

  it('goes on with the other half where the operator wants it so', () => {
    const run = finished({
      parameters: {
        ...QUICK,
        cycles: 2,
        plate_voltage_limit: '0.1 V',
        on_plate_voltage_limit: 'next',
        voltage_debounce: '0 s',
      },
    });
    const { halfCycles } = expectContiguous(run.reader());
    expect(halfCycles.map(({ half, reason }) => `${half} ${reason}`)).toEqual([
      'plate voltage-min',
      'strip net-charge',
      'plate voltage-min',
      'strip net-charge',
    ]);
  });
});
