// Goal: the driver that src/device/README.md shows as the worked example is a whole one: it runs a protocol,
// stops, and survives its line. Method: runs in virtual time against a device of a few lines with a resistor.

import { describe, expect, it } from 'vitest';
import { ACME } from '../../support/acme/acme.ts';
import { type AcmeRig, acmeRig } from '../../support/acme/acme-rig.ts';
import { expectContiguous, expectedTurns, turnsOf } from '../../support/run-checks.ts';

/** Half-cycles of 6 min at 1.13 mA. */
const PARAMETERS = {
  current_density: '1 mA/cm2',
  areal_capacity: '0.1 mAh/cm2',
  wetting: '0 s',
  conditioning_cycles: 0,
  cycles: 3,
  record_interval: '1 s',
} as const;
const CHARGE_NC = 406_800_000;
/** 10 ms of the current. */
const RESOLUTION_NC = 11_300;

function started(): AcmeRig {
  return acmeRig({ parameters: PARAMETERS, acceptsNoDeadMan: true });
}

function runUntil({ clock }: AcmeRig, isSo: () => boolean): void {
  const endMs = clock.nowMs() + 3 * 3_600_000;
  clock.runUntil(() => isSo() || clock.nowMs() > endMs);
  expect(isSo()).toBe(true);
}

/** Half a minute into the second half-cycle. */
function startedAndStripping(): AcmeRig {
  const run = started();
  runUntil(run, () => run.told.halfCycles.length === 1);
  run.clock.advance(30_000);
  expect(run.device.isRelayClosed).toBe(true);
  return run;
}

describe('an acme', () => {
  it('runs plate and strip to the end, every charge as the device saw it, the relay open', () => {
    const run = started();
    runUntil(run, () => run.told.closed !== null);
    const record = expectContiguous(run.reader());
    expect(turnsOf(record)).toEqual(expectedTurns(PARAMETERS.cycles));
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    for (const { chargeNc } of record.halfCycles)
      expect(Math.abs(chargeNc - CHARGE_NC)).toBeLessThanOrEqual(RESOLUTION_NC);
    expect(Math.abs(run.device.netChargeNc)).toBeLessThanOrEqual(2 * RESOLUTION_NC);
    expect(run.device.isRelayClosed).toBe(false);
  });

  it('is not driven before somebody has accepted that nothing opens the cell', () => {
    const run = acmeRig({ parameters: PARAMETERS, acceptsNoDeadMan: false });
    expect(run.refusal).toEqual({ code: 'CAPABILITY_MISSING' });
    expect(run.device.told).toEqual(['!', 'off']);
  });

  it('opens its relay by the stop byte, and proves it', () => {
    const run = startedAndStripping();
    const before = run.device.told.length;
    run.channel().stop('the test says so');
    runUntil(run, () => run.told.closed !== null);
    expect(run.device.told.slice(before)).toEqual(['!', 'off']);
    expect(run.reader().state()).toMatchObject({ state: 'stopped' });
  });

  it('is off again as soon as a lost line is back, and the run holds', () => {
    const run = startedAndStripping();
    run.cut();
    run.clock.advance(100);
    expect(run.device.isRelayClosed).toBe(true);
    runUntil(run, () => run.links.at(-1)?.type === 'up');
    expect(run.device.isRelayClosed).toBe(false);
    runUntil(run, () => run.told.states.at(-1)?.state === 'holding');
  });

  it('latches an emergency stop as a fault', () => {
    const run = startedAndStripping();
    expect(run.cycler.emergencyStop()).toBe(true);
    expect(run.device.isRelayClosed).toBe(true);
    run.clock.advance(10);
    expect(run.device.isRelayClosed).toBe(false);
    runUntil(run, () => ['holding', 'failed', 'done'].includes(run.told.states.at(-1)?.state ?? ''));
  });

  it('is known by its answer to a probe, whole lines only', () => {
    expect(ACME.probe?.parse('err\nacme A1 SIM7 1.0\n')).toEqual({
      model: 'A1',
      serial: 'SIM7',
      firmware: '1.0',
    });
    expect(ACME.probe?.parse('acme A1 SIM7 1')).toBeNull();
  });
});
