// Goal: a life ends where the failure began, counts hours of main current only, and is a bound where nothing
// failed. Method: rows made by hand, hours counted on the fingers.

import { describe, expect, it } from 'vitest';
import { lifeOf } from '../../../src/analysis/life.ts';
import { CHARGE_NC, halfCycle, halfCycles, HOUR_US } from './rows.ts';

const NONE = { shortOnsetsUs: [] };

describe('the life of a cell', () => {
  it.each(['completed', 'stopped', 'low-ce', 'fault', 'open-circuit', null])(
    'is a bound where the run ended as %s',
    (verdict) => {
      expect(lifeOf({ halfCycles: halfCycles(10), verdict, ...NONE })).toEqual({
        failure: null,
        isBound: true,
        currentHours: 10,
        deviceHours: 10,
        platedChargeNc: 5 * CHARGE_NC,
      });
    },
  );

  it('ends where the first of the two half-cycles of a hard short began, not where the run stopped', () => {
    const input = { halfCycles: halfCycles(12), verdict: 'hard-short', shortOnsetsUs: [10 * HOUR_US] };
    expect(lifeOf(input)).toEqual({
      failure: 'hard-short',
      isBound: false,
      currentHours: 10,
      deviceHours: 10,
      platedChargeNc: 5 * CHARGE_NC,
    });
  });

  it('ends at the first short, also of a run that recorded it and went on to completion', () => {
    const input = {
      halfCycles: halfCycles(20),
      verdict: 'completed',
      shortOnsetsUs: [12 * HOUR_US, 4 * HOUR_US],
    };
    expect(lifeOf(input)).toMatchObject({ failure: 'hard-short', isBound: false, currentHours: 4 });
  });

  it('ends at the moment of a voltage limit', () => {
    const rows = [
      ...halfCycles(4),
      halfCycle(5, { endUs: 4.5 * HOUR_US, chargeNc: CHARGE_NC / 2, reason: 'voltage-min' }),
    ];
    expect(lifeOf({ halfCycles: rows, verdict: 'voltage-limit', ...NONE })).toEqual({
      failure: 'voltage-limit',
      isBound: false,
      currentHours: 4.5,
      deviceHours: 4.5,
      platedChargeNc: 2.5 * CHARGE_NC,
    });
  });

  it('counts the half-cycle that a hard limit cut off: it is the one that failed', () => {
    const rows = [
      ...halfCycles(4),
      halfCycle(5, { endUs: 4.25 * HOUR_US, reason: 'fault', isInterrupted: true }),
    ];
    const life = lifeOf({ halfCycles: rows, verdict: 'voltage-limit', ...NONE });
    expect(life).toMatchObject({ currentHours: 4.25, deviceHours: 4.25 });
  });

  it('ends where the strip began that met its guard', () => {
    const rows = [...halfCycles(3), halfCycle(4, { endUs: 4.2 * HOUR_US, reason: 'last-step-charge' })];
    const life = lifeOf({ halfCycles: rows, verdict: 'short-asymmetric', ...NONE });
    expect(life).toMatchObject({
      failure: 'short-asymmetric',
      currentHours: 3,
      platedChargeNc: 2 * CHARGE_NC,
    });
  });

  it('ends there too where something of that strip was missed, and not at the one before', () => {
    const failing = halfCycle(4, {
      endUs: 4.2 * HOUR_US,
      reason: 'last-step-charge',
      isInterrupted: true,
    });
    const begun = halfCycle(5, { startUs: 4.2 * HOUR_US, reason: 'off', isInterrupted: true });
    const input = { halfCycles: [...halfCycles(3), failing, begun], verdict: 'short-asymmetric', ...NONE };
    expect(lifeOf(input)).toMatchObject({ currentHours: 3, deviceHours: 3 });
  });

  it('leaves conditioning and what was interrupted out of the hours of current, not out of the clock', () => {
    const rows = halfCycles(10, (number) => {
      if (number <= 2) return { phase: 'conditioning' };
      return number === 5 ? { isInterrupted: true } : {};
    });
    expect(lifeOf({ halfCycles: rows, verdict: 'completed', ...NONE })).toMatchObject({
      currentHours: 7,
      deviceHours: 8,
      platedChargeNc: 3 * CHARGE_NC,
    });
  });

  it('counts rests and outages on the clock only', () => {
    const rows = [halfCycle(1), halfCycle(2, { startUs: 11 * HOUR_US, endUs: 12 * HOUR_US })];
    const life = lifeOf({ halfCycles: rows, verdict: 'completed', ...NONE });
    expect(life).toMatchObject({ currentHours: 2, deviceHours: 12 });
  });

  it('cuts a half-cycle at an onset within it, by time', () => {
    const life = lifeOf({
      halfCycles: halfCycles(3),
      verdict: 'hard-short',
      shortOnsetsUs: [2.25 * HOUR_US],
    });
    expect(life).toMatchObject({ currentHours: 2.25, platedChargeNc: 1.25 * CHARGE_NC });
  });

  it.each(['hard-short', 'voltage-limit', 'completed'])(
    'of a cell that never cycled is nothing: %s',
    (verdict) => {
      expect(lifeOf({ halfCycles: [], verdict, ...NONE })).toEqual({
        failure: null,
        isBound: true,
        currentHours: 0,
        deviceHours: 0,
        platedChargeNc: 0,
      });
    },
  );
});
