// Goal: where its protocol holds, a run opens the cell and waits for its operator, whatever happens meanwhile
// to daemon, link and device; let go on, it gives the step that it held for, whole and once. Method: whole
// runs of a tiny protocol in virtual time, the daemon killed at many instants; then the record and the cell's
// log.
import { describe, expect, it } from 'vitest';
import type { LeasePlan } from '../../../src/daemon/lease-keeper.ts';
import { expectContiguous, isCellOpen } from '../../support/run-checks.ts';
import { CHARGE_NC, half, rest } from '../../support/resolved-trees.ts';
import { type Rig, type RigOptions, rig } from '../../support/rig.ts';
import { treeProtocol } from '../../support/tree-protocol.ts';

const REASON = 'take the picture';
const HOLD = { 'step-charge': { then: 'hold', reason: REASON } } as const;
/** Half-cycles of 3.6 s, behind some 7 s of pre-flight. */
const BETWEEN_HALVES = treeProtocol([half('first', 'plate', { ends: HOLD }), half('second', 'strip')]);
const GOES_ON: RigOptions = { protocol: BETWEEN_HALVES, onOutage: { continue_within_ms: 600_000 } };
const FINISHES_ALONE: LeasePlan = { kind: 'renewed', durationMs: 2000, policy: 'finish-step' };

function held(options: RigOptions = {}): Rig {
  const run = rig({ ...GOES_ON, ...options });
  run.runUntil('the hold', () => run.state === 'holding', 60_000);
  return run;
}

function reasonOf(run: Rig): string | undefined {
  return run.told.states.at(-1)?.reason;
}

function expectHeld(run: Rig): void {
  expect(run.state).toBe('holding');
  expect(reasonOf(run)).toBe(REASON);
  expect(isCellOpen(run.cellLog)).toBe(true);
  expect(run.told.halfCycles.map(({ half: name }) => name)).toEqual(['plate']);
}

/** The operator lets it go on; both half-cycles are whole then, and there are no others. */
function expectGoesOn(run: Rig): void {
  expect(run.channel.orders.give({ order: 'resume', reason: 'done' }).ok).toBe(true);
  run.runToEnd(60_000);
  expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
  const { halfCycles } = expectContiguous(run.reader());
  expect(halfCycles.map(({ half: name }) => name)).toEqual(['plate', 'strip']);
  for (const { chargeNc } of halfCycles) expect(Math.abs(chargeNc - CHARGE_NC)).toBeLessThan(12_000);
}

function outageCauses(run: Rig): unknown[] {
  const outages = run
    .reader()
    .events(1, 1000)
    .filter(({ kind }) => kind === 'outage');
  return outages.map(({ detail }) => (detail as Record<string, unknown>)['cause']);
}

function restarted(run: Rig, awayMs: number): void {
  run.kill();
  run.clock.advance(awayMs);
  run.restart();
  run.clock.advance(3000);
}

describe('a protocol that holds between two steps', () => {
  it('opens the cell, tells the operator why, and stays so', () => {
    const run = held();
    expect(run.told.alarms).toContainEqual({ code: 'CELL_HELD', message: REASON });
    run.clock.advance(3_600_000);
    expectHeld(run);
    expect(run.reader().steps(1, 100).at(-1)).toMatchObject({ programStep: 'first', reason: 'step-charge' });
  });

  it.each([
    ['soon', 2000],
    ['after ten minutes', 600_000],
  ])('goes on with the next step %s', (_, afterMs) => {
    const run = held();
    run.clock.advance(afterMs);
    expectGoesOn(run);
  });

  it('writes down that the protocol held, not that something was lost', () => {
    const run = held();
    run.clock.advance(60_000);
    expectGoesOn(run);
    expect(outageCauses(run)).toEqual(['planned-hold']);
  });

  it.each(['stop', 'hold', 'restart_step'] as const)(
    'holds, also where outages make a run %s',
    (onOutage) => {
      const run = held({ onOutage });
      run.clock.advance(120_000);
      expectHeld(run);
      expectGoesOn(run);
    },
  );

  it('can be stopped while it holds', () => {
    const run = held();
    run.channel.stop('enough');
    run.runToEnd(60_000);
    expect(run.reader().state()).toMatchObject({ state: 'stopped', reason: 'enough' });
  });

  it('gives a rest behind the hold in full: it begins when it is let go on', () => {
    const items = [half('first', 'plate', { ends: HOLD }), rest('wait', { durationUs: 30_000_000 })];
    const run = held({ protocol: treeProtocol(items) });
    run.clock.advance(600_000);
    run.channel.orders.give({ order: 'resume', reason: 'done' });
    run.runToEnd(120_000);
    const row = run
      .reader()
      .steps(1, 100)
      .find(({ programStep }) => programStep === 'wait');
    expect((row?.endUs ?? 0) - (row?.startUs ?? 0)).toBeCloseTo(30_000_000, -5);
  });

  it('holds in virtual time as on a bench', () => {
    const run = held({ manner: 'simulate' });
    run.clock.advance(60_000);
    expectHeld(run);
    expectGoesOn(run);
  });
});

describe('a run that holds for its protocol', () => {
  it.each([1000, 60_000, 600_000])('holds on when its daemon is killed for %d ms', (awayMs) => {
    const run = held();
    run.clock.advance(5000);
    restarted(run, awayMs);
    expectHeld(run);
    expectGoesOn(run);
  });

  it('holds on when its daemon is told to end, and another one comes', () => {
    const run = held();
    let isDone = false;
    run.channel.leave('hold', () => {
      isDone = true;
    });
    run.runUntil('the leave', () => isDone);
    restarted(run, 10_000);
    expectHeld(run);
    expectGoesOn(run);
  });

  it('holds on when its device is reset', () => {
    const run = held();
    run.device.reset('power');
    run.clock.advance(10_000);
    expectHeld(run);
    expectGoesOn(run);
  });

  it.each([0, 1, 50, 1000, 2500, 4000])(
    'does not hold again where its daemon dies %d ms after',
    (afterMs) => {
      const run = held();
      run.clock.advance(30_000);
      run.channel.orders.give({ order: 'resume', reason: 'done' });
      run.clock.advance(afterMs);
      const holds = run.told.states.filter(({ state }) => state === 'holding').length;
      restarted(run, 1000);
      // Dead before the order was stored: it still holds, and is told once more.
      if (run.state === 'holding') return expectGoesOn(run);
      run.runToEnd(60_000);
      expect(run.told.states.filter(({ state }) => state === 'holding')).toHaveLength(holds);
      expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
      const { halfCycles } = expectContiguous(run.reader());
      expect(halfCycles.map(({ half: name }) => name)).toEqual(['plate', 'strip']);
    },
  );
});

describe('a step end that nobody heard', () => {
  // Within ten seconds a device only waits for its load, beyond them it is an outage.
  const instants = Array.from({ length: 14 }, (_, index) => [7000 + index * 500, 20_000] as const);
  const pauses = instants.map(([afterMs]) => [afterMs, 4000] as const);

  it.each([...instants, ...pauses])(
    'holds the run whose daemon was gone from %d ms on for %d',
    (at, awayMs) => {
      const run = rig({ ...GOES_ON, lease: FINISHES_ALONE });
      run.clock.advance(at);
      restarted(run, awayMs);
      run.runUntil('the hold', () => run.state === 'holding', 60_000);
      expectHeld(run);
      expectGoesOn(run);
    },
  );

  it.each(['stop', 'hold'] as const)('holds the run also where its policy is to %s', (onOutage) => {
    const run = rig({ protocol: BETWEEN_HALVES, lease: FINISHES_ALONE, onOutage });
    run.runUntil('the first half', () => run.reader().steps(1, 100).at(-1)?.programStep === 'first');
    run.clock.advance(1000);
    restarted(run, 60_000);
    expectHeld(run);
    expectGoesOn(run);
  });

  it('holds the run where only its link was lost', () => {
    const run = rig({ ...GOES_ON, lease: FINISHES_ALONE });
    run.runUntil('the first half', () => run.reader().steps(1, 100).at(-1)?.programStep === 'first');
    run.pauseHost();
    run.clock.advance(30_000);
    run.resumeHost();
    run.clock.advance(5000);
    expectHeld(run);
    expectGoesOn(run);
  });
});

describe('another hold before it', () => {
  it('is one thing, and that of the protocol another: each waits for its own order', () => {
    const lease: LeasePlan = { kind: 'renewed', durationMs: 1000, policy: 'off' };
    const run = rig({ protocol: BETWEEN_HALVES, onOutage: 'hold', lease });
    run.runUntil('the first half', () => run.reader().steps(1, 100).at(-1)?.programStep === 'first');
    run.clock.advance(1000);
    restarted(run, 60_000);
    expect(run.state).toBe('holding');
    expect(reasonOf(run)).not.toBe(REASON);
    expect(run.told.halfCycles).toEqual([]);
    run.channel.orders.give({ order: 'resume', reason: 'go on' });
    run.runUntil('the hold', () => run.state === 'holding', 60_000);
    expectHeld(run);
    expectGoesOn(run);
  });
});
