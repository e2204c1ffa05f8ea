// Goal: `run finish` ends a run where its present cycle ends and not a step later, whatever was preloaded and
// whatever comes between. Method: whole runs in virtual time; the order at many moments of a cycle, on a lost
// link, over the death of the daemon; then the record and the simulator's own cell log.
import { describe, expect, it } from 'vitest';
import { expectedTurns, expectContiguous, isCellOpen, turnsOf } from '../../support/run-checks.ts';
import { QUICK, type Rig, type RigOptions, rig } from '../../support/rig.ts';

/** Half-cycles of 0.36 s: several cycles are preloaded. */
const PRELOADED: RigOptions = { parameters: { ...QUICK, areal_capacity: '1 uAh/cm2', cycles: 40 } };
const LONG: RigOptions = { parameters: { ...QUICK, cycles: 40 } };

function finish(run: Rig, reason = ''): string {
  const result = run.channel.orders.give({ order: 'finish', reason });
  return result.ok ? result.told : `${result.code} ${result.message}`;
}

function expectFinished(run: Rig, cycles: number): void {
  run.runToEnd(300_000);
  expect(run.reader().state()).toMatchObject({ state: 'stopped', verdict: 'stopped' });
  expect(run.channel.reason).toMatch(new RegExp(`^finished after cycle ${cycles} by the operator`));
  expect(isCellOpen(run.cellLog)).toBe(true);
  const record = expectContiguous(run.reader());
  expect(turnsOf(record)).toEqual(expectedTurns(cycles));
  expect(run.reader().gaps()).toEqual([]);
  expect(run.reader().isSealed()).toBe(true);
}

describe('a finish', () => {
  it.each([
    [2, 5],
    [2, 1800],
    [2, 3590],
    [3, 5],
    [3, 1800],
    [3, 3500],
  ])('after %d half-cycles and %d ms ends the run with cycle 2', (halfCycles, intoMs) => {
    const run = rig(LONG);
    run.runToHalfCycle(halfCycles, intoMs);
    expect(finish(run, 'paper is due')).toBe('finishes after cycle 2');
    expectFinished(run, 2);
    expect(run.channel.reason).toContain(': paper is due');
    const events = run.reader().events(1, 1000);
    expect(events.filter(({ kind }) => kind === 'ordered').map(({ detail }) => detail)).toMatchObject([
      { order: 'finish', reason: 'paper is due', cycle: 2 },
    ]);
  });

  it.each([10, 60, 110, 160, 210, 260])(
    'while cycles to come are preloaded (%d ms into a half-cycle) takes them back',
    (intoMs) => {
      const run = rig(PRELOADED);
      run.runToHalfCycle(4, intoMs);
      expect(finish(run)).toBe('finishes after cycle 3');
      expectFinished(run, 3);
    },
  );

  it('that comes too late for the edge of a cycle ends the run in the first moments of the next', () => {
    const run = rig({ ...PRELOADED, storeDelayMs: 30 });
    run.runToHalfCycle(5);
    run.clock.advance(340);
    expect(finish(run)).toBe('finishes after cycle 3');
    run.runToEnd(60_000);
    const { halfCycles } = expectContiguous(run.reader());
    expect(run.reader().state()).toMatchObject({ state: 'stopped', verdict: 'stopped' });
    expect(halfCycles.length).toBeLessThanOrEqual(7);
    expect(halfCycles.filter(({ cycle, isInterrupted }) => cycle > 3 && !isInterrupted)).toEqual([]);
  });

  it.each([
    [
      'the rest of the pre-flight',
      QUICK,
      (run: Rig) => run.runUntil('a rest', () => run.state === 'resting'),
      'ocv',
    ],
    [
      'a rest outside cycles',
      { ...QUICK, wetting: '1 h' },
      (run: Rig) => run.runUntil('wetting', () => run.told.states.at(-1)?.reason === 'wetting'),
      'wetting',
    ],
  ])('in %s ends the run at once', (_, parameters, reach, step) => {
    const run = rig({ parameters });
    reach(run);
    run.clock.advance(500);
    expect(finish(run)).toBe(`finishes now, in ${step}`);
    run.runToEnd(10_000);
    expect(run.reader().state()).toMatchObject({ state: 'stopped', verdict: 'stopped' });
    expect(run.channel.reason).toBe(`finished in ${step} by the operator`);
    expectContiguous(run.reader());
  });

  it('in a conditioning cycle ends the run after it', () => {
    const run = rig({
      parameters: { ...QUICK, conditioning_cycles: 3, conditioning_capacity: '0.01 mAh/cm2' },
    });
    run.runToHalfCycle(1, 500);
    expect(finish(run)).toBe('finishes after a conditioning cycle');
    run.runToEnd(120_000);
    expect(run.channel.reason).toBe('finished after a conditioning cycle by the operator');
    expect(expectContiguous(run.reader()).halfCycles).toHaveLength(2);
  });

  it('in the last cycle leaves the verdict to the program', () => {
    const run = rig({ parameters: { ...QUICK, cycles: 2 } });
    run.runToHalfCycle(3, 500);
    finish(run);
    run.runToEnd();
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
  });

  it.each([
    ['paused', (run: Rig) => void run.channel.orders.give({ order: 'pause', reason: '' })],
    ['holding', (run: Rig) => void run.cycler.emergencyStop()],
  ])('of a run that is %s is kept until it goes on', (state, reach) => {
    const run = rig(LONG);
    run.runToHalfCycle(2, 1000);
    reach(run);
    run.clock.advance(1000);
    expect(run.state).toBe(state);
    expect(finish(run)).toMatch(/finishes after cycle 2, once it goes on/);
    run.clock.advance(60_000);
    expect(run.state).toBe(state);
    expect(run.channel.orders.give({ order: 'resume', reason: '' }).ok).toBe(true);
    expectFinished(run, 2);
  });

  it('on a lost link is obeyed when it is back', () => {
    const run = rig(LONG);
    run.runToHalfCycle(2, 1000);
    run.line.cut();
    run.clock.advance(500);
    expect(run.state).toBe('link-lost');
    expect(finish(run)).toBe('finishes after cycle 2');
    run.line.plugIn();
    expectFinished(run, 2);
  });

  it('on a lost link that outlives the cycle ends the run at the first word', () => {
    const run = rig({ ...PRELOADED, lease: { kind: 'renewed', durationMs: 30_000, policy: 'off' } });
    run.runToHalfCycle(4, 100);
    run.line.cut();
    run.clock.advance(20);
    finish(run);
    run.clock.advance(2500);
    run.line.plugIn();
    run.runToEnd(60_000);
    expect(run.reader().state()).toMatchObject({ state: 'stopped', verdict: 'stopped' });
    expect(run.channel.reason).toMatch(/^finished after cycle 3 by the operator/);
    expectContiguous(run.reader());
    expect(isCellOpen(run.cellLog)).toBe(true);
  });

  it('survives the death of the daemon', () => {
    const run = rig({ ...LONG, onOutage: { continue_within_ms: 600_000 } });
    run.runToHalfCycle(2, 1000);
    finish(run);
    run.clock.advance(100);
    run.kill();
    run.clock.advance(1000);
    run.restart();
    expectFinished(run, 2);
  });

  it('a second time, or at the end, is refused', () => {
    const run = rig(LONG);
    run.runToHalfCycle(2, 1000);
    finish(run);
    expect(finish(run)).toMatch(
      /^RUN_STATE run \w+ is running and cannot be finished: .*after cycle 2 already/,
    );
    run.channel.stop('now');
    expect(finish(run)).toMatch(/is finishing and cannot be finished: it is at its end/);
    run.runToEnd(10_000);
  });
});
