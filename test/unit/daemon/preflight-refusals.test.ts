// Goal: the wrong thing in the holder is refused before any real current, with a reason that tells the
// operator what to do.
// Method: cell models of the usual mistakes; the cell's own log says what current was ever set, its truth
// what flowed.

import { describe, expect, it } from 'vitest';
import { ResistiveCell } from '../../../firmware-sim/cell/resistive-cell.ts';
import { QUICK_CURRENT_PA, type Rig, type RigOptions, rig } from '../../support/rig.ts';
import { expectContiguous, isCellOpen, largestCurrentPa } from '../../support/run-checks.ts';

const CONTACT_PA = QUICK_CURRENT_PA / 10;

function refused(options: RigOptions): Rig {
  const run = rig(options);
  run.runToEnd(20_000);
  return run;
}

/** A resistor of this much on 1.13 cm2. */
function resistor(ohmCm2: number, openCircuitV = 0): ResistiveCell {
  return new ResistiveCell({ openCircuitV, resistanceOhm: ohmCm2 / 1.13 });
}

describe('the pre-flight', () => {
  it.each<[string, RigOptions, string, RegExp]>([
    [
      'open leads',
      { cell: 'open-leads' },
      'open-circuit',
      /a lead is off or the cell is dry; check the clips/,
    ],
    [
      'a battery',
      { cell: 'battery-1v4' },
      'fault',
      /open-circuit voltage 1\.(4|39)\d* V is outside -0.05 V … 0.05 V: .*is this the right cell/,
    ],
    [
      'a battery the wrong way round',
      { cell: resistor(5, -1.4) },
      'fault',
      /open-circuit voltage -1\.(4|39)\d* V is outside/,
    ],
    ['a short', { cell: resistor(0.5) }, 'hard-short', /is a short: check the cell and its spacer/],
    ['a poor contact', { cell: resistor(600) }, 'open-circuit', /poor contact or a dry cell/],
  ])('refuses %s: the run has failed, and says what to do', (_, options, verdict, reason) => {
    const run = refused(options);
    expect(run.reader().state()).toMatchObject({ state: 'failed', verdict });
    expect(run.reader().state().reason).toMatch(/^pre-flight refused: /);
    expect(run.reader().state().reason).toMatch(reason);
    expect(run.reader().isSealed()).toBe(true);
    expect(isCellOpen(run.cellLog)).toBe(true);
    expectContiguous(run.reader());
  });

  it.each<[string, RigOptions]>([
    ['open leads', { cell: 'open-leads' }],
    ['a battery', { cell: 'battery-1v4' }],
    ['a short', { cell: resistor(0.5) }],
    ['a poor contact', { cell: resistor(600) }],
  ])('lets no current beyond the contact check into %s', (_, options) => {
    const run = refused(options);
    expect(largestCurrentPa(run.cellLog)).toBeLessThanOrEqual(CONTACT_PA);
    const { plateChargeNc, stripChargeNc } = run.device.truth(1);
    // A tenth of the current for two seconds each way at the most.
    expect(plateChargeNc + stripChargeNc).toBeLessThanOrEqual((CONTACT_PA / 1000) * 4.01);
    expect(run.told.halfCycles).toEqual([]);
  });

  it('lets no current at all into a battery', () => {
    const run = refused({ cell: 'battery-1v4' });
    expect(run.cellLog.filter(({ cell }) => cell === 'on')).toEqual([]);
    expect(
      run
        .reader()
        .steps(1, 10)
        .map(({ phase }) => phase),
    ).toEqual(['ocv']);
  });

  it('ends the pulse into open leads within a second, by the device itself', () => {
    const run = refused({ cell: 'open-leads' });
    const pulse = run.reader().steps(2, 1)[0];
    // The runaway passes the step's own limit and the hard limit in the same tick: safety wins.
    expect(['voltage-max', 'fault']).toContain(pulse?.reason);
    expect((pulse?.endUs ?? Number.POSITIVE_INFINITY) - (pulse?.startUs ?? 0)).toBeLessThan(1_000_000);
  });

  it('lets a dummy of 10 ohm pass: it is within what a good cell may have', () => {
    const run = rig({ cell: 'dummy-10-ohm' });
    run.runToHalfCycle(2);
    expect(run.state).toBe('running');
  });

  it('gives back with the second pulse what it put in with the first', () => {
    const run = rig();
    run.runToHalfCycle(1);
    const { steps } = expectContiguous(run.reader());
    const contact = steps.filter(({ phase }) => phase === 'contact');
    expect(contact).toHaveLength(2);
    expect(Math.abs(contact.at(-1)?.endNetChargeNc ?? Number.NaN)).toBeLessThanOrEqual(CONTACT_PA / 1e6);
  });

  it('leaves the channel free for the next cell', () => {
    const run = refused({ cell: 'open-leads' });
    run.clock.advance(1000);
    const states: string[] = [];
    run.cycler.channel(1).status((result) => states.push(result.ok ? result.value.state : result.reason));
    run.clock.advance(100);
    expect(states).toEqual(['free']);
  });
});
