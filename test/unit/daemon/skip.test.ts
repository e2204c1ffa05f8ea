// Goal: `run skip` ends the running step and no other, at once; the program goes on behind it, and the record
// says that the step was skipped. Method: whole runs in virtual time; the order at many moments, on a lost
// link, over the death of the daemon; then the record and the simulator's own cell log.
import { describe, expect, it } from 'vitest';
import { coulombicEfficiency } from '../../../protocols/coulombic-efficiency.ts';
import {
  expectedTurns,
  expectContiguous,
  isCellOpen,
  type RunRecord,
  turnsOf,
} from '../../support/run-checks.ts';
import { QUICK, QUICK_CHARGE_NC, type Rig, type RigOptions, rig } from '../../support/rig.ts';

const GOES_ON: RigOptions = { onOutage: { continue_within_ms: 600_000 } };
const TICKS_NC = 25_000;

function skip(run: Rig, reason = ''): string {
  const result = run.channel.orders.give({ order: 'skip', reason });
  return result.ok ? result.told : `${result.code} ${result.message}`;
}

function expectCompleted(run: Rig, cycles: number = QUICK.cycles): RunRecord {
  run.runToEnd(300_000);
  expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
  expect(isCellOpen(run.cellLog)).toBe(true);
  const record = expectContiguous(run.reader());
  expect(turnsOf(record)).toEqual(expectedTurns(cycles));
  expect(run.reader().gaps()).toEqual([]);
  return record;
}

const skippedIn = ({ steps }: RunRecord): string[] =>
  steps
    .filter(({ reason }) => reason === 'skipped')
    .map(({ programStep, cycle }) => `${programStep} ${cycle}`);

describe('a skip', () => {
  it('ends a rest, and the next step begins within a second', () => {
    const run = rig({ parameters: { ...QUICK, wetting: '6 h' } });
    run.runUntil('wetting', () => run.told.states.at(-1)?.reason === 'wetting');
    run.clock.advance(60_000);
    expect(skip(run, 'wet enough')).toBe('skips wetting');
    run.clock.advance(1000);
    expect(run.channel.reason).toBe('cycling-plating');
    const record = expectCompleted(run);
    expect(skippedIn(record)).toEqual(['wetting 0']);
    expect(record.halfCycles.some(({ isInterrupted }) => isInterrupted)).toBe(false);
    const events = run.reader().events(1, 1000);
    expect(events.filter(({ kind }) => kind === 'ordered').map(({ detail }) => detail)).toMatchObject([
      { order: 'skip', reason: 'wet enough', step: 'wetting' },
    ]);
    expect(events.map(({ kind }) => kind)).not.toContain('outage');
  });

  it.each([
    [2, 30],
    [2, 1800],
    [2, 3400],
    [3, 30],
    [3, 1800],
    [3, 3400],
  ])('after %d half-cycles and %d ms ends this half-cycle, marked, and only this', (halfCycles, intoMs) => {
    const run = rig();
    run.runToHalfCycle(halfCycles, intoMs);
    const name = halfCycles === 2 ? 'cycling-plating' : 'cycling-stripping';
    const atMs = run.clock.nowMs();
    expect(skip(run)).toBe(`skips ${name} of cycle 2`);
    run.clock.advance(5);
    const off = run.happenings.findLast((entry) => entry.type === 'cell' && entry.entry.cell === 'off');
    expect((off?.atMs ?? 0) - atMs).toBeLessThanOrEqual(1);
    const record = expectCompleted(run);
    expect(skippedIn(record)).toEqual([`${name} 2`]);
    const marked = record.halfCycles.filter(({ isInterrupted }) => isInterrupted);
    // The next one begins elsewhere than it would have: it is left out of means as well.
    expect(marked.map(({ number, reason }) => [number, reason])).toEqual([
      [halfCycles + 1, 'skipped'],
      [halfCycles + 2, 'net-charge'],
    ]);
    const [row] = marked;
    expect(row?.chargeNc).toBeLessThan(QUICK_CHARGE_NC * (intoMs / 3600) + 2 * TICKS_NC);
    // The strip goes back to the zero of the run, and no further: nothing is given twice.
    const last = record.halfCycles.at(-1);
    expect(Math.abs(last?.endNetChargeNc ?? Number.NaN)).toBeLessThan(TICKS_NC);
  });

  it.each([3598, 3599, 3600, 3601, 3602])(
    'at the very edge of a half-cycle (%d ms) leaves a whole record, whichever step it met',
    (intoMs) => {
      const run = rig();
      run.runToHalfCycle(2);
      run.clock.advance(intoMs);
      skip(run);
      const record = expectCompleted(run);
      for (const { isInterrupted, chargeNc } of record.halfCycles)
        if (!isInterrupted) expect(Math.abs(chargeNc - QUICK_CHARGE_NC)).toBeLessThan(2 * TICKS_NC);
    },
  );

  it('of a plating by charge leads to its strip, where an end by time would be a failure', () => {
    const parameters = { ...QUICK, current_density: '1 mA/cm2', areal_capacity: '0.1 mAh/cm2', cycles: 2 };
    const run = rig({
      protocol: coulombicEfficiency,
      parameters: { ...withoutConditioning(parameters) },
      cell: 'zn-cu',
    });
    run.runUntil('plating', () => run.told.states.at(-1)?.reason === 'cycling-plating', 60_000);
    run.clock.advance(300_000);
    expect(skip(run)).toBe('skips cycling-plating of cycle 1');
    run.clock.advance(1000);
    expect(run.channel.reason).toBe('cycling-stripping');
    run.channel.stop('seen');
    run.runToEnd(10_000);
  });

  it('of a strip whose early end the program would take for lost zinc is refused', () => {
    const parameters = { ...QUICK, current_density: '1 mA/cm2', areal_capacity: '0.01 mAh/cm2', cycles: 2 };
    const run = rig({
      protocol: coulombicEfficiency,
      parameters: { ...withoutConditioning(parameters) },
      cell: 'zn-cu',
    });
    run.runUntil('stripping', () => run.told.states.at(-1)?.reason === 'cycling-stripping', 120_000);
    run.clock.advance(500);
    expect(skip(run)).toMatch(/^RUN_STATE .*its program would end there.*use run finish or run stop/);
    run.clock.advance(500);
    expect(run.channel.reason).toBe('cycling-stripping');
  });

  it('on a link that is lost in the same moment changes nothing', () => {
    const run = rig(GOES_ON);
    run.runToHalfCycle(2, 1200);
    skip(run);
    run.line.cut();
    run.clock.advance(3000);
    run.line.plugIn();
    const record = expectCompleted(run);
    expect(skippedIn(record).length, 'the device had ended it before it heard').toBe(0);
    expect(record.halfCycles.filter(({ isInterrupted }) => isInterrupted)).toEqual([]);
  });

  it.each([0, 20, 500])('outlives its daemon, killed %d ms later', (ms) => {
    const run = rig(GOES_ON);
    run.runToHalfCycle(2, 1200);
    skip(run);
    run.clock.advance(ms);
    run.kill();
    run.clock.advance(2000);
    run.restart();
    const record = expectCompleted(run);
    if (ms > 0) expect(skippedIn(record)).toEqual(['cycling-plating 2']);
  });

  it('does not outlive its own outage: a link that is away for long is judged by the policy', () => {
    const run = rig({ onOutage: 'hold' });
    run.runToHalfCycle(2, 1200);
    skip(run);
    run.clock.advance(2);
    run.line.cut();
    run.clock.advance(3_600_000);
    run.line.plugIn();
    run.clock.advance(10_000);
    expect(run.state).toBe('holding');
    expect(isCellOpen(run.cellLog)).toBe(true);
  });

  it('together with a finish ends the run', () => {
    const run = rig();
    run.runToHalfCycle(3, 1200);
    run.channel.orders.give({ order: 'finish', reason: '' });
    run.clock.advance(200);
    expect(skip(run)).toBe('skips cycling-stripping of cycle 2');
    run.runToEnd(20_000);
    expect(run.channel.reason).toBe('finished after cycle 2 by the operator');
    expect(expectContiguous(run.reader()).halfCycles).toHaveLength(4);
  });

  it.each([
    ['in the pre-flight', (run: Rig) => run.clock.advance(500), /never skipped/],
    [
      'paused',
      (run: Rig) => {
        run.runToHalfCycle(1, 500);
        run.channel.orders.give({ order: 'pause', reason: '' });
      },
      /paused and .*no step runs; .*run resume/,
    ],
    [
      'holding',
      (run: Rig) => {
        run.runToHalfCycle(1, 500);
        run.cycler.emergencyStop();
        run.clock.advance(500);
      },
      /holding and .*no step runs/,
    ],
    [
      'on a lost link',
      (run: Rig) => {
        run.runToHalfCycle(1, 500);
        run.line.cut();
        run.clock.advance(500);
      },
      /link-lost and .*not connected/,
    ],
    [
      'skipping already',
      (run: Rig) => {
        run.runToHalfCycle(1, 500);
        skip(run);
      },
      /is being skipped already/,
    ],
    [
      'in the rest before current flows again',
      (run: Rig) => {
        run.runToHalfCycle(1, 500);
        run.channel.orders.give({ order: 'pause', reason: '' });
        run.clock.advance(500);
        run.channel.orders.give({ order: 'resume', reason: '' });
        run.clock.advance(1000);
      },
      /between two steps/,
    ],
  ])('is refused %s', (_, reach, expected) => {
    const run = rig();
    reach(run);
    const before = run.cellLog.length;
    expect(skip(run)).toMatch(/^RUN_STATE run \w+ is /);
    expect(skip(run)).toMatch(expected);
    expect(run.cellLog).toHaveLength(before);
  });
});

/** Of this protocol there are none. */
function withoutConditioning(parameters: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => name !== 'conditioning_cycles'));
}
