// Goal: `run set` changes what a run goes by from the next cycle on and not before, keeps its place and its
// counts, never widens what the instrument enforces, and survives whatever the run survives. Method: whole
// runs in virtual time; charges of half-cycles, events, the simulator's own log; a checkpoint of before.
import { describe, expect, it } from 'vitest';
import { coulombicEfficiency } from '../../../protocols/coulombic-efficiency.ts';
import { shownRun } from '../../../src/cli/run-shown.ts';
import { parseCheckpoint } from '../../../src/daemon/run-checkpoint.ts';
import {
  expectedTurns,
  expectContiguous,
  isCellOpen,
  type RunRecord,
  turnsOf,
} from '../../support/run-checks.ts';
import { QUICK, QUICK_CHARGE_NC, type Rig, type RigOptions, rig } from '../../support/rig.ts';

const LONG: RigOptions = {
  parameters: { ...QUICK, cycles: 12 },
  onOutage: { continue_within_ms: 600_000 },
};
const HALF = { areal_capacity: '0.005 mAh/cm2' };

function set(run: Rig, parameters: Readonly<Record<string, unknown>>): string {
  const result = run.channel.orders.give({ order: 'set', reason: 'test', parameters });
  return result.ok ? result.told : `${result.code} ${result.message}`;
}

function expectCompleted(run: Rig, cycles: number): RunRecord {
  run.runToEnd(2_000_000);
  expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
  expect(isCellOpen(run.cellLog)).toBe(true);
  const record = expectContiguous(run.reader());
  expect(turnsOf(record)).toEqual(expectedTurns(cycles));
  expect(run.reader().gaps()).toEqual([]);
  return record;
}

/** Whole charges before this cycle, half of them from it on. */
function expectHalvedFrom(cycle: number, { halfCycles }: RunRecord): void {
  for (const row of halfCycles) {
    const wantedNc = row.cycle < cycle ? QUICK_CHARGE_NC : QUICK_CHARGE_NC / 2;
    expect(Math.abs(row.chargeNc - wantedNc), `${row.half} ${row.cycle}`).toBeLessThan(30_000);
  }
}

const eventsOf = (run: Rig, kind: string): unknown[] =>
  run
    .reader()
    .events(1, 1000)
    .filter((event) => event.kind === kind)
    .map(({ detail }) => detail);

describe('a change of parameters', () => {
  it.each([
    [2, 30],
    [2, 1800],
    [3, 30],
    [3, 3400],
  ])('ordered after %d half-cycles and %d ms holds from cycle 3 on', (halfCycles, intoMs) => {
    const run = rig(LONG);
    run.runToHalfCycle(halfCycles, intoMs);
    expect(set(run, HALF)).toBe(
      'goes by areal_capacity 0.01 mAh/cm2 → 0.005 mAh/cm2 from the end of cycle 2 on',
    );
    run.clock.advance(50);
    expect(shownRun(run.reader(), null).join('\n')).toMatch(/^set +areal_capacity .*ordered in cycle 2/m);
    const record = expectCompleted(run, 12);
    expectHalvedFrom(3, record);
    expect(shownRun(run.reader(), null).join('\n')).toMatch(/^changed +areal_capacity .*since cycle 3/m);
    expect(record.halfCycles.some(({ isInterrupted }) => isInterrupted)).toBe(false);
    const changes = { areal_capacity: { from: '0.01 mAh/cm2', to: '0.005 mAh/cm2' } };
    expect(eventsOf(run, 'ordered')).toMatchObject([{ order: 'set', reason: 'test', cycle: 2, changes }]);
    expect(eventsOf(run, 'changed')).toMatchObject([{ cycle: 3, changes }]);
  });

  it('of the number of cycles ends the run by the new one, also where it is passed already', () => {
    const run = rig(LONG);
    run.runToHalfCycle(4, 500);
    set(run, { cycles: 2 });
    expectCompleted(run, 3);
  });

  it('of the number of cycles in the last one makes the run longer', () => {
    const run = rig({ ...LONG, parameters: { ...QUICK, cycles: 2 } });
    run.runToHalfCycle(3, 500);
    set(run, { cycles: 5 });
    expectCompleted(run, 5);
  });

  it('takes back what was preloaded', () => {
    const run = rig({ parameters: { ...QUICK, areal_capacity: '2 uAh/cm2', cycles: 10 } });
    run.runToHalfCycle(4, 60);
    expect(set(run, { areal_capacity: '1 uAh/cm2' })).toMatch(/from the end of cycle 3 on$/);
    const { halfCycles } = expectCompleted(run, 10);
    const [before, after] = [5, 6].map((index) => halfCycles[index]?.chargeNc ?? 0);
    expect((after ?? 0) / (before ?? 1)).toBeCloseTo(0.5, 1);
  });

  it.each([
    ['the pre-flight', { ...QUICK, cycles: 3 }, (run: Rig) => run.clock.advance(500)],
    ['a rest before', { ...QUICK, cycles: 3, wetting: '20 s' }, (run: Rig) => run.clock.advance(20_000)],
  ])('in %s holds from the first cycle on', (_, parameters, reach) => {
    const run = rig({ parameters });
    reach(run);
    set(run, HALF);
    expectHalvedFrom(1, expectCompleted(run, 3));
  });

  it('twice within a cycle adds up, and is told once', () => {
    const run = rig(LONG);
    run.runToHalfCycle(2, 500);
    set(run, HALF);
    expect(set(run, { cycles: 4 })).toMatch(/cycles 12 → 4, areal_capacity|areal_capacity .*, cycles 12 → 4/);
    expectHalvedFrom(3, expectCompleted(run, 4));
    expect(eventsOf(run, 'changed')).toHaveLength(1);
  });

  it('is kept by a run that is paused', () => {
    const run = rig(LONG);
    run.runToHalfCycle(2, 1000);
    run.channel.orders.give({ order: 'pause', reason: '' });
    run.clock.advance(1000);
    set(run, HALF);
    run.clock.advance(60_000);
    run.channel.orders.give({ order: 'resume', reason: '' });
    expectHalvedFrom(3, expectCompleted(run, 12));
  });

  it('is kept over a lost link', () => {
    const run = rig(LONG);
    run.runToHalfCycle(2, 1000);
    run.line.cut();
    run.clock.advance(500);
    set(run, HALF);
    run.line.plugIn();
    expectHalvedFrom(3, expectCompleted(run, 12));
  });

  it.each([
    ['before it holds', 200],
    ['after it holds', 10_000],
  ])('survives the death of the daemon %s', (_, ms) => {
    const run = rig(LONG);
    run.runToHalfCycle(2, 1000);
    set(run, HALF);
    run.clock.advance(ms);
    run.kill();
    run.clock.advance(1000);
    run.restart();
    expectHalvedFrom(3, expectCompleted(run, 12));
    expect(eventsOf(run, 'changed')).toHaveLength(1);
  });

  it.each([
    ['a name that is none', { currant: '1 mA' }, /^PARAMS_INVALID .*"currant"/],
    ['a value out of bounds', { cycles: 0 }, /^PARAMS_INVALID .*outside 1/],
    ['what it goes by already', { cycles: 12 }, /^RUN_STATE .*goes by these values already/],
    [
      'more charge than its limits',
      { areal_capacity: '1 mAh/cm2' },
      /^RANGE_EXCEEDED .*\(charge\).*never widened/,
    ],
    ['more current than its limits', { current_density: '12 mA/cm2' }, /^RANGE_EXCEEDED .*\(current\)/],
    ['a wider voltage', { plate_voltage_limit: '4 V' }, /^RANGE_EXCEEDED .*\(voltage\)/],
    ['another watch for shorts', { on_short_floor: 'record' }, /^RUN_STATE .*watch for shorts/],
  ])('to %s is refused and changes nothing', (_, parameters, expected) => {
    const run = rig(LONG);
    run.runToHalfCycle(2, 500);
    const sent = run.happenings.filter(({ type }) => type === 'sent').length;
    expect(set(run, parameters)).toMatch(expected);
    expect(run.happenings.filter(({ type }) => type === 'sent')).toHaveLength(sent);
    expect(eventsOf(run, 'ordered')).toEqual([]);
  });

  it('of a run at its end is refused', () => {
    const run = rig(LONG);
    run.runToHalfCycle(2, 500);
    run.channel.stop('enough');
    expect(set(run, HALF)).toMatch(/^RUN_STATE run \w+ is finishing and cannot be changed: it is at its end/);
    run.runToEnd(10_000);
  });

  it('of another protocol holds as well', () => {
    const parameters = {
      current_density: '1 mA/cm2',
      areal_capacity: '0.1 mAh/cm2',
      wetting: '0 s',
      cycles: 3,
    };
    const run = rig({ protocol: coulombicEfficiency, parameters, cell: 'zn-cu' });
    run.runToHalfCycle(1, 500);
    expect(set(run, { areal_capacity: '0.05 mAh/cm2' })).toMatch(/from the end of cycle 1 on$/);
    const { halfCycles } = expectCompleted(run, 3);
    expect((halfCycles[2]?.chargeNc ?? 0) / (halfCycles[0]?.chargeNc ?? 1)).toBeCloseTo(0.5, 2);
  });
});

describe('a checkpoint of before there were orders', () => {
  it('is read as one without any', () => {
    const body = { progress: { runner: {}, outcome: null }, nextNodeId: 3 };
    expect(parseCheckpoint({ version: 2, body })?.progress).toMatchObject({
      ...{ finish: null, skip: null, parameters: null, change: null },
    });
    expect(parseCheckpoint({ version: 1, body })).toBeNull();
    expect(parseCheckpoint({ version: 4, body })).toBeNull();
  });
});
