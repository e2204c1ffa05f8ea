// Goal: `run pause` opens the cell at once and keeps the run, whatever comes meanwhile; `run resume` gives
// what is left of the step and no more; each refusal says the state, why, and what to do. Method: whole runs
// in virtual time, the order in each state, the simulator's own cell log, the record.
import { describe, expect, it } from 'vitest';
import {
  expectedTurns,
  expectContiguous,
  isCellOpen,
  type RunRecord,
  turnsOf,
} from '../../support/run-checks.ts';
import { QUICK, QUICK_CHARGE_NC, type Rig, rig } from '../../support/rig.ts';

const TICKS_NC = 25_000;

function pause(run: Rig, reason = ''): string {
  const result = run.channel.orders.give({ order: 'pause', reason });
  return result.ok ? 'ok' : `${result.code} ${result.message}`;
}

function resume(run: Rig): string {
  const result = run.channel.orders.give({ order: 'resume', reason: '' });
  return result.ok ? 'ok' : `${result.code} ${result.message}`;
}

function completed(run: Rig): RunRecord {
  run.runToEnd(300_000);
  expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
  expect(isCellOpen(run.cellLog)).toBe(true);
  const record = expectContiguous(run.reader());
  expect(turnsOf(record)).toEqual(expectedTurns(QUICK.cycles));
  expect(run.reader().gaps()).toEqual([]);
  return record;
}

function expectWholeHalfCycles({ halfCycles }: RunRecord): void {
  for (const { chargeNc } of halfCycles) expect(Math.abs(chargeNc - QUICK_CHARGE_NC)).toBeLessThan(TICKS_NC);
}

const interruptedIn = ({ halfCycles }: RunRecord): number[] =>
  halfCycles.filter(({ isInterrupted }) => isInterrupted).map(({ number }) => number);

const eventsOf = (run: Rig, kind: string): unknown[] =>
  run
    .reader()
    .events(1, 1000)
    .filter((event) => event.kind === kind)
    .map(({ detail }) => detail);

describe('a pause', () => {
  it.each([5, 1200, 3500])(
    '%d ms into a half-cycle opens the cell; what is left follows a resume',
    (intoMs) => {
      const run = rig();
      run.runToHalfCycle(2, intoMs);
      const atMs = run.clock.nowMs();
      expect(pause(run, 'sample photographed')).toBe('ok');
      expect(run.state).toBe('paused');
      run.clock.advance(50);
      expect(isCellOpen(run.cellLog)).toBe(true);
      const off = run.happenings.findLast((entry) => entry.type === 'cell');
      expect((off?.atMs ?? 0) - atMs).toBeLessThanOrEqual(1);
      const driven = run.cellLog.length;
      run.clock.advance(3_600_000);
      expect(run.cellLog, 'nothing drives a cell that is paused').toHaveLength(driven);
      expect(run.told.alarms).toEqual([]);
      expect(resume(run)).toBe('ok');
      const record = completed(run);
      expectWholeHalfCycles(record);
      expect(interruptedIn(record)).toEqual([3]);
      expect(eventsOf(run, 'ordered')).toMatchObject([{ order: 'pause', reason: 'sample photographed' }]);
      expect(eventsOf(run, 'outage')).toMatchObject([{ cause: 'operator', decision: 'continue' }]);
    },
  );

  it.each([
    ['idle', (run: Rig) => run.clock.advance(0)],
    ['resting', (run: Rig) => run.runUntil('the rest', () => run.state === 'resting')],
    ['running', (run: Rig) => run.runUntil('the contact check', () => run.state === 'running')],
    [
      'running',
      (run: Rig) => {
        run.runToHalfCycle(2, 1000);
        pause(run);
        run.clock.advance(20_000);
        resume(run);
        run.runUntil('the rest before current', () => run.state === 'resting');
        run.clock.advance(700);
      },
    ],
  ])('of a run that is %s is taken, and the run completes after it', (_, reach) => {
    const run = rig({ storeDelayMs: 20 });
    reach(run);
    expect(pause(run)).toBe('ok');
    run.clock.advance(20_000);
    expect(run.state).toBe('paused');
    expect(isCellOpen(run.cellLog) || run.cellLog.length === 0).toBe(true);
    expect(resume(run)).toBe('ok');
    expectWholeHalfCycles(completed(run));
  });

  it('that is ended in the same moment does not lose its half-cycle', () => {
    const run = rig();
    run.runToHalfCycle(2, 1500);
    expect(pause(run)).toBe('ok');
    expect(resume(run)).toBe('ok');
    const record = completed(run);
    expectWholeHalfCycles(record);
    expect(interruptedIn(record)).toEqual([3]);
  });

  it('outlives a lost link', () => {
    const run = rig();
    run.runToHalfCycle(2, 1200);
    pause(run);
    run.clock.advance(1000);
    run.line.cut();
    run.clock.advance(60_000);
    expect(run.state).toBe('paused');
    expect(resume(run)).toMatch(/^RUN_STATE .*paused and cannot be resumed: its instrument is not connected/);
    run.line.plugIn();
    run.clock.advance(10_000);
    expect(run.state).toBe('paused');
    expect(resume(run)).toBe('ok');
    expectWholeHalfCycles(completed(run));
  });

  it.each([0, 20, 1000])(
    'outlives its daemon, killed %d ms later; the next one waits for the operator',
    (ms) => {
      const run = rig({ onOutage: { continue_within_ms: 600_000 } });
      run.runToHalfCycle(2, 1200);
      pause(run);
      run.clock.advance(ms);
      const isStored = run.reader().state().state === 'paused';
      run.kill();
      run.clock.advance(2000);
      run.restart();
      run.clock.advance(30_000);
      if (isStored) {
        expect(run.state).toBe('paused');
        expect(isCellOpen(run.cellLog)).toBe(true);
        expect(resume(run)).toBe('ok');
      }
      expectWholeHalfCycles(completed(run));
    },
  );

  it('is left to the operator by a daemon that is told to end', () => {
    const run = rig({ onOutage: { continue_within_ms: 600_000 } });
    run.runToHalfCycle(2, 1200);
    pause(run);
    run.clock.advance(1000);
    run.channel.leave('hold', () => undefined);
    run.clock.advance(1000);
    run.kill();
    run.restart();
    run.clock.advance(30_000);
    expect(run.state).toBe('paused');
    expect(resume(run)).toBe('ok');
    completed(run);
  });

  it('can be followed by a stop', () => {
    const run = rig();
    run.runToHalfCycle(2, 1200);
    pause(run);
    run.clock.advance(1000);
    run.channel.stop('enough');
    run.runToEnd(10_000);
    expect(run.reader().state()).toMatchObject({ state: 'stopped', reason: 'enough' });
    expectContiguous(run.reader());
  });

  it.each([
    ['paused', (run: Rig) => void pause(run), /paused and cannot be paused: it is so already; .*run resume/],
    ['holding', (run: Rig) => void run.cycler.emergencyStop(), /holding and .*: its cell is open already/],
    ['link-lost', (run: Rig) => run.line.cut(), /link-lost and .*: its instrument is not connected/],
    ['finishing', (run: Rig) => run.channel.stop('x'), /finishing and .*: it is at its end/],
  ])('of a run that is %s is refused', (state, reach, expected) => {
    const run = rig({ parameters: { ...QUICK, areal_capacity: '1 mAh/cm2' } });
    run.runUntil('current', () => run.told.states.at(-1)?.reason === 'cycling-plating');
    run.clock.advance(1000);
    reach(run);
    if (state !== 'finishing') run.clock.advance(1000);
    expect(run.state).toBe(state);
    expect(pause(run)).toMatch(/^RUN_STATE run \w+ is /);
    expect(pause(run)).toMatch(expected);
    expect(run.state).toBe(state);
  });
});
