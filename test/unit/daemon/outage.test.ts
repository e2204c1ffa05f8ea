// Goal: after every kind of outage a run does what its own policy says, goes on with what is left of its
// step and with no more, and the record tells what happened. Method: whole runs in virtual time; the device
// is reset, the host falls silent, daemons end; then the record and the simulator's own cell log.
import { describe, expect, it } from 'vitest';
import { INSTRUMENTS } from '../../../firmware-sim/board/instrument.ts';
import {
  expectedTurns,
  expectContiguous,
  isCellOpen,
  type RunRecord,
  turnsOf,
} from '../../support/run-checks.ts';
import { QUICK, QUICK_CHARGE_NC, type Rig, type RigOptions, rig } from '../../support/rig.ts';

const GOES_ON: RigOptions = { onOutage: { continue_within_ms: 600_000 } };
const DAY_MS = 86_400_000;
/** One converter tick of the current, twice. */
const TICKS_NC = 25_000;

function eventsOf(run: Rig, kind: string): readonly Record<string, unknown>[] {
  const events = run.reader().events(1, 1000);
  return events.filter((event) => event.kind === kind).map(({ detail }) => detail as Record<string, unknown>);
}

function completed(run: Rig, withinMs = 300_000): RunRecord {
  run.runToEnd(withinMs);
  expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
  expect(isCellOpen(run.cellLog)).toBe(true);
  const record = expectContiguous(run.reader());
  expect(turnsOf(record)).toEqual(expectedTurns(QUICK.cycles));
  return record;
}

function interruptedIn({ halfCycles }: RunRecord): number[] {
  return halfCycles.filter(({ isInterrupted }) => isInterrupted).map(({ number }) => number);
}

describe('a device that is reset', () => {
  it.each([200, 1200, 3500])('%d ms into a half-cycle: the run goes on with the remainder', (intoMs) => {
    const run = rig(GOES_ON);
    run.runToHalfCycle(2, intoMs);
    run.device.reset('power');
    const record = completed(run);
    expect(interruptedIn(record)).toEqual([3]);
    for (const { chargeNc } of record.halfCycles)
      expect(Math.abs(chargeNc - QUICK_CHARGE_NC)).toBeLessThan(TICKS_NC);
    expect(eventsOf(run, 'outage')).toMatchObject([{ cause: 'device-reset', decision: 'continue' }]);
    expect(record.steps.map(({ reason }) => reason)).toContain('device-reset');
  });

  it('three times is gone on with, a fourth time within the day is not', () => {
    const run = rig({ ...GOES_ON, parameters: { ...QUICK, cycles: 20 } });
    for (let count = 1; count <= 4; count += 1) {
      run.runToHalfCycle(2 * count, 700);
      run.device.reset('brownout');
      run.clock.advance(4000);
      expect(run.state).not.toBe('failed');
    }
    expect(run.state).toBe('holding');
    expect(run.channel.reason).toMatch(/3 times within a day/);
    expect(isCellOpen(run.cellLog)).toBe(true);
    expect(run.told.alarms.map(({ code }) => code)).toContain('CELL_HELD');
  });

  it('while no daemon is there: the next one goes on', () => {
    // Of 180 s: what flowed under the lease of 5 s is a small part of a half-cycle.
    const run = rig({ ...GOES_ON, parameters: { ...QUICK, areal_capacity: '0.5 mAh/cm2' } });
    run.runToHalfCycle(2, 1200);
    run.kill();
    run.clock.advance(1000);
    run.device.reset('power');
    run.clock.advance(20_000);
    run.restart();
    const record = completed(run, 2_000_000);
    expect(interruptedIn(record)).toEqual([3]);
    expect(eventsOf(run, 'outage')).toMatchObject([{ cause: 'daemon', decision: 'continue' }]);
    const syncs = run.reader().clockSyncs(1, 1000);
    expect(syncs.map(({ source }) => source)).toContain('estimate');
  });
});

describe('a host that is silent for longer than the lease', () => {
  it('goes on with the remainder, and tells the voltage of the cell before current flowed again', () => {
    const run = rig(GOES_ON);
    run.runToHalfCycle(2, 1200);
    run.pauseHost();
    run.clock.advance(20_000);
    expect(isCellOpen(run.cellLog)).toBe(true);
    run.resumeHost();
    const record = completed(run);
    expect(eventsOf(run, 'outage')).toMatchObject([{ cause: 'dead-man', decision: 'continue' }]);
    const [continued] = eventsOf(run, 'continued');
    expect(continued?.['ocvAfterNv']).toBeTypeOf('number');
    expect(record.steps.map(({ programStep }) => programStep)).toContain('outage-check');
  });

  it.each([
    ['hold', 'holding'],
    ['stop', 'failed'],
  ] as const)('does not go on where the policy is %s', (onOutage, state) => {
    const run = rig({ onOutage });
    run.runToHalfCycle(2, 1200);
    run.pauseHost();
    run.clock.advance(20_000);
    run.resumeHost();
    run.clock.advance(20_000);
    expect(run.told.states.at(-1)?.state).toBe(state);
    expect(isCellOpen(run.cellLog)).toBe(true);
  });

  it('bounds the strip after a cut plating by the whole plating', () => {
    // Ends by time: the charge of the plate is what it is; the strip must not be taken for longer than it.
    const run = rig({ ...GOES_ON, parameters: { ...QUICK, end_by: 'time' } });
    run.runToHalfCycle(2, 1800);
    run.pauseHost();
    run.clock.advance(20_000);
    run.resumeHost();
    const { halfCycles } = completed(run);
    for (const { chargeNc } of halfCycles)
      expect(Math.abs(chargeNc - QUICK_CHARGE_NC)).toBeLessThan(3 * TICKS_NC);
  });
});

describe('an operator', () => {
  it('lets a run go on that holds', () => {
    const run = rig({ onOutage: 'hold' });
    run.runToHalfCycle(2, 1200);
    run.pauseHost();
    run.clock.advance(20_000);
    run.resumeHost();
    run.runUntil('a hold', () => run.state === 'holding', 20_000);
    run.clock.advance(3_600_000);
    expect(run.channel.orders.give({ order: 'resume', reason: 'looked at it' }).ok).toBe(true);
    completed(run);
    expect(run.told.states.map(({ reason }) => reason)).toContain('looked at it');
  });

  it('cannot resume what does not hold', () => {
    const run = rig();
    expect(run.channel.orders.give({ order: 'resume', reason: 'now' }).ok).toBe(false);
  });
});

describe('a daemon that is told to end with its runs held', () => {
  function left(run: Rig, awayMs: number): void {
    let isLeft = false;
    run.channel.leave('hold', () => {
      isLeft = true;
    });
    run.runUntil('the end of the daemon', () => isLeft, 10_000);
    expect(isCellOpen(run.cellLog)).toBe(true);
    run.kill();
    run.clock.advance(awayMs);
    run.restart();
  }

  it('is followed by one that goes on within the time of the policy', () => {
    const run = rig(GOES_ON);
    run.runToHalfCycle(2, 1200);
    left(run, 60_000);
    expect(interruptedIn(completed(run))).toEqual([3]);
  });

  it('is followed by one that holds after it', () => {
    const run = rig(GOES_ON);
    run.runToHalfCycle(2, 1200);
    left(run, 700_000);
    run.clock.advance(5000);
    expect(run.state).toBe('holding');
  });

  it('leaves a run that held for its operator to him', () => {
    const run = rig({ onOutage: 'hold' });
    run.runToHalfCycle(2, 1200);
    run.pauseHost();
    run.clock.advance(20_000);
    run.resumeHost();
    run.runUntil('a hold', () => run.state === 'holding', 20_000);
    run.channel.leave('hold', () => undefined);
    run.clock.advance(5000);
    run.kill();
    run.restart();
    run.clock.advance(30_000);
    expect(run.state).toBe('holding');
    expect(run.channel.orders.give({ order: 'resume', reason: 'go on' }).ok).toBe(true);
    completed(run);
  });
});

describe('a long rest', () => {
  function restedMs(run: Rig): number {
    const { steps } = expectContiguous(run.reader());
    const rests = steps.filter(({ programStep }) => programStep === 'wetting');
    return ((rests.at(-1)?.endUs ?? 0) - (rests[0]?.startUs ?? 0)) / 1000;
  }

  it('of thirty days with a restart in the middle ends when it would have', () => {
    const parameters = { ...QUICK, wetting: '30 d', wetting_record_interval: '1 h', cycles: 1 };
    const run = rig({ ...GOES_ON, manner: 'simulate', parameters });
    run.clock.advance(15 * DAY_MS);
    run.kill();
    run.clock.advance(DAY_MS);
    run.restart();
    run.runToEnd(20 * DAY_MS);
    expect(Math.abs(restedMs(run) - 30 * DAY_MS)).toBeLessThan(1000);
  });

  it.each([
    ['shorter than the lease', 1000],
    ['longer than the lease', 300_000],
  ])('of half an hour with a restart in the middle that is %s ends when it would have', (_, awayMs) => {
    const parameters = { ...QUICK, wetting: '30 min', wetting_record_interval: '1 min', cycles: 1 };
    const run = rig({ ...GOES_ON, parameters });
    run.clock.advance(900_000);
    run.kill();
    run.clock.advance(awayMs);
    run.restart();
    run.runToEnd(3_600_000);
    expect(Math.abs(restedMs(run) - 1_800_000)).toBeLessThan(1000);
  });
});

describe('a device whose clock wraps', () => {
  it('is met by another daemon at another count, and times go on', () => {
    const instrument = { ...INSTRUMENTS.bench, clockWrapUs: 60_000_000 };
    const run = rig({ ...GOES_ON, instrument, parameters: { ...QUICK, cycles: 20 } });
    run.runToHalfCycle(18, 1200);
    expect(run.clock.nowMs()).toBeGreaterThan(70_000);
    run.kill();
    run.clock.advance(2000);
    run.restart();
    run.runToEnd(300_000);
    const record = expectContiguous(run.reader());
    expect(turnsOf(record)).toEqual(expectedTurns(20));
    expect(run.reader().gaps()).toEqual([]);
    const spans = record.halfCycles.map(({ startUs, endUs }) => endUs - startUs);
    for (const us of spans) expect(Math.abs(us - 3_600_000)).toBeLessThan(20_000);
  });
});
