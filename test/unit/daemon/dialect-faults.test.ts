// Goal: whatever goes wrong with an instrument or its line, the cell ends open, the run ends in a named state
// with its reason, and the record is whole. Method: each fault of the menu on each dialect it concerns, in
// the middle of a half-cycle, on the bench's own leases and commits, in virtual time.

import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../firmware-sim/faults/fault.ts';
import { DIALECT_NAMES, type DialectName } from '../../../src/config/dialect-names.ts';
import { type DialectRig, dialectRig, type DialectRigOptions } from '../../support/dialect-rig.ts';
import { expectContiguous, isCellOpen } from '../../support/run-checks.ts';

/** Half-cycles of 2 min at 1.13 mA; the first begins after about 8 s. */
const SHORT = {
  current_density: '1 mA/cm2',
  areal_capacity: '0.0333333 mAh/cm2',
  wetting: '0 s',
  conditioning_cycles: 0,
  cycles: 2,
  record_interval: '1 s',
} as const;
/** In the middle of the first stripping. */
const AT_S = 190;

const HOSTED: readonly DialectName[] = DIALECT_NAMES.filter((name) => name !== 'gvn1');

function fault(name: string, value: number | null = null, atS: number | null = AT_S): Fault {
  return { name, value, atS };
}

/** Runs until the run has ended, or holds and nothing is going to happen any more. */
function settled(options: Omit<DialectRigOptions, 'parameters'>): DialectRig {
  const run = dialectRig({ parameters: SHORT, ...options });
  expect(run.refusal).toBeNull();
  run.runUntil(
    'an end or a hold',
    () => run.told.closed !== null || run.told.states.at(-1)?.state === 'holding',
    3_600_000,
  );
  run.clock.advance(30_000);
  return run;
}

function endOf(run: DialectRig): { readonly state: string; readonly reason: string } {
  const last = run.told.states.at(-1);
  return { state: last?.state ?? '', reason: last?.reason ?? '' };
}

function expectSafe(run: DialectRig): void {
  expect(isCellOpen(run.cellLog)).toBe(true);
  expect(endOf(run).reason).not.toBe('');
  expectContiguous(run.reader());
}

describe('faults that an instrument makes itself', () => {
  it.each<[string, DialectName, Fault, string, RegExp]>([
    [
      'a runtime error that leaves the cell on',
      'methodscript',
      fault('overload-0032'),
      'failed',
      /reports an overload and was switched off/,
    ],
    [
      'a voltage compliance',
      'keithley2400',
      fault('compliance', 0.001),
      'failed',
      /did not flow: .*compliance/,
    ],
    ['a hard limit', 'zahner', fault('hard-limit'), 'failed', /hard limit/],
  ])('%s (%s) ends the run by its name, cell open', (_, dialect, made, state, reason) => {
    const run = settled({ dialect, faults: [made] });
    expectSafe(run);
    expect(endOf(run)).toMatchObject({ state });
    expect(endOf(run).reason).toMatch(reason);
  });

  it.each<DialectName>(['methodscript', 'zahner'])(
    'a voltage compliance on %s ends in a named state',
    (dialect) => {
      const run = settled({ dialect, faults: [fault('compliance', 0.001)] });
      expectSafe(run);
      expect(['failed', 'holding']).toContain(endOf(run).state);
    },
  );

  it.each<[string, DialectName, Fault]>([
    ['a timestamp that wraps', 'keithley2400', fault('clock-wrap', 99_900, null)],
    ['live samples that are lost', 'zahner', fault('drop-live', 0.3, null)],
    ['XOFF for three seconds, again and again', 'keithley2400', fault('xoff-storm', 3)],
  ])('%s (%s) costs nothing: the run completes', (_, dialect, made) => {
    const run = settled({ dialect, faults: [made] });
    expectSafe(run);
    expect(endOf(run)).toEqual({ state: 'done', reason: 'all cycles done' });
    expect(run.reader().gaps()).toEqual([]);
  });

  it.each<[DialectName, Fault]>([
    ['methodscript', fault('late-z', 1500, null)],
    ['zahner', fault('abor-order', 0, null)],
    ['zahner', fault('abor-order', 1, null)],
  ])('%s with %o can be stopped in the middle of a half-cycle', (dialect, made) => {
    const run = dialectRig({ dialect, parameters: SHORT, faults: [made] });
    run.runUntil('the first stripping', () => run.told.halfCycles.length === 1);
    run.clock.advance(20_300);
    run.channel.stop('a leak was seen');
    run.runUntil('the end', () => run.told.closed !== null, 20_000);
    expect(run.told.closed).toEqual({ problem: null });
    expectSafe(run);
    expect(endOf(run)).toEqual({ state: 'stopped', reason: 'a leak was seen' });
  });
});

describe.each(HOSTED)('a fault of power or line, %s', (dialect) => {
  it('cut off: holds, says that nobody knows what happened meanwhile, and goes on with nothing', () => {
    const run = dialectRig({ dialect, parameters: SHORT });
    run.runUntil('the first stripping', () => run.told.halfCycles.length === 1);
    run.clock.advance(20_300);
    run.cut();
    run.clock.advance(5_000);
    expect(run.told.states.at(-1)).toMatchObject({ state: 'link-lost' });
    run.plugIn();
    run.runUntil('a hold', () => run.told.states.at(-1)?.state === 'holding', 60_000);
    run.clock.advance(30_000);
    expect(endOf(run).reason).toMatch(/cannot tell what it did, so it was switched off/);
    expectSafe(run);
    const { steps } = expectContiguous(run.reader());
    expect(steps.at(-1)).toMatchObject({ reason: 'link-lost' });
    expect(
      run
        .reader()
        .events(1, 100)
        .map(({ kind }) => kind),
    ).toContain('outage');
  });

  it.each<[string, Fault]>([
    ['a reset', fault('reset')],
    ['silence for ten seconds', fault('silent', 10)],
    ['all that it says coming at once after ten seconds', fault('tx-blocked', 10)],
    ['one damaged byte in a thousand', fault('byte-flips', 0.001)],
    ['one line in fifty lost', fault('drop-lines', 0.02)],
    ['one line in fifty doubled', fault('double-lines', 0.02)],
    ['lines that are cut in two', fault('split-lines', 1)],
    ['replies that are late', fault('slow-replies', 150)],
    ['a clock that runs 100 ppm fast', fault('clock-drift', 100, null)],
  ])('%s: ends in a named state, cell open, record whole', (_, made) => {
    expectSafe(settled({ dialect, faults: [made] }));
  });

  it.each<[string, Fault]>([
    ['lines that are cut in two', fault('split-lines', 1, null)],
    ['replies that are late', fault('slow-replies', 100, null)],
    ['a clock that runs 100 ppm fast', fault('clock-drift', 100, null)],
  ])('%s: costs nothing', (_, made) => {
    const run = settled({ dialect, faults: [made] });
    expectSafe(run);
    expect(endOf(run)).toEqual({ state: 'done', reason: 'all cycles done' });
  });

  it('power cut and given back while the run holds: the cell is open again as soon as anybody asks', () => {
    const run = dialectRig({ dialect, parameters: SHORT });
    run.runUntil('the first stripping', () => run.told.halfCycles.length === 1);
    run.clock.advance(20_300);
    run.cut();
    run.clock.advance(5_000);
    run.plugIn();
    run.runUntil('a hold', () => run.told.states.at(-1)?.state === 'holding', 60_000);
    run.device.restart();
    run.clock.advance(60_000);
    expectSafe(run);
    expect(endOf(run).state).toBe('holding');
  });
});
