// Goal: a daemon that was killed at any moment is followed by one that goes on with the same run: same
// step, same cycle, same charge; nothing acknowledged is lost, nothing is doubled, every outage is in the
// record. Method: whole runs in virtual time; the first daemon is cut off at an instant, another one is
// started on the same data folder; then the record, the simulator's own cell log and the frames that were
// sent.
import { describe, expect, it } from 'vitest';
import { INSTRUMENTS } from '../../../firmware-sim/board/instrument.ts';
import { expectedTurns, expectContiguous, isCellOpen, turnsOf } from '../../support/run-checks.ts';
import { QUICK, QUICK_CHARGE_NC, type Rig, type RigOptions, rig } from '../../support/rig.ts';

const GOES_ON: RigOptions = { onOutage: { continue_within_ms: 600_000 } };

function killed(afterMs: number, awayMs: number, options: RigOptions = {}): Rig {
  const run = rig({ ...GOES_ON, ...options });
  run.clock.advance(afterMs);
  run.kill();
  run.clock.advance(awayMs);
  run.restart();
  return run;
}

function outagesOf(run: Rig): readonly Record<string, unknown>[] {
  const events = run.reader().events(1, 1000);
  return events
    .filter(({ kind }) => kind === 'outage')
    .map(({ detail }) => detail as Record<string, unknown>);
}

describe('a daemon that is killed and started again within the lease', () => {
  // Pre-flight takes some 12 s, then four cycles of 7.2 s.
  const instants = Array.from({ length: 45 }, (_, index) => 500 + index * 950);

  it.each(instants)('%d ms into a run goes on with it as if nothing had happened', (afterMs) => {
    const run = killed(afterMs, 1000);
    run.runToEnd(120_000);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    const record = expectContiguous(run.reader());
    expect(turnsOf(record)).toEqual(expectedTurns(QUICK.cycles));
    expect(run.reader().gaps()).toEqual([]);
    for (const { chargeNc } of record.halfCycles)
      expect(Math.abs(chargeNc - QUICK_CHARGE_NC)).toBeLessThan(12_000);
    expect(isCellOpen(run.cellLog)).toBe(true);
  });

  it('tells the outage, and that nothing was let go', () => {
    const run = killed(15_000, 1000);
    run.runToEnd(120_000);
    expect(outagesOf(run)).toMatchObject([{ cause: 'daemon', decision: 'continue' }]);
    expect(run.told.halfCycles.filter(({ isInterrupted }) => isInterrupted)).toEqual([]);
  });

  it('six times in one run', () => {
    const run = rig(GOES_ON);
    for (let count = 0; count < 6; count += 1) {
      run.clock.advance(4321);
      run.kill();
      run.clock.advance(700);
      run.restart();
    }
    run.runToEnd(120_000);
    expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(QUICK.cycles));
  });
});

describe('a daemon that is killed and started again after the dead-man', () => {
  it.each([13_000, 15_000, 17_500, 20_000, 25_500])(
    '%d ms into a run goes on with the remainder of the half-cycle',
    (afterMs) => {
      const run = killed(afterMs, 60_000);
      run.runToEnd(300_000);
      expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
      const record = expectContiguous(run.reader());
      expect(turnsOf(record)).toEqual(expectedTurns(QUICK.cycles));
      for (const { chargeNc } of record.halfCycles)
        expect(Math.abs(chargeNc - QUICK_CHARGE_NC)).toBeLessThan(12_000);
      expect(record.halfCycles.filter(({ isInterrupted }) => isInterrupted)).toHaveLength(1);
      expect(outagesOf(run)).toMatchObject([{ cause: 'daemon', decision: 'continue' }]);
    },
  );

  it('holds at open circuit where that took longer than the run allows', () => {
    const run = killed(15_000, 60_000, { onOutage: { continue_within_ms: 30_000 } });
    run.clock.advance(5000);
    expect(run.state).toBe('holding');
    expect(run.told.states.at(-1)?.reason).toMatch(/longer than the 30 s/);
    expect(isCellOpen(run.cellLog)).toBe(true);
    expect(run.told.alarms.map(({ code }) => code)).toContain('CELL_HELD');
  });
});

describe('a clock that wraps, met by a daemon that has no reading of it', () => {
  const instrument = { ...INSTRUMENTS.bench, clockWrapUs: 60_000_000 };

  it.each([20_000, 45_000, 70_000, 200_000])(
    'is lined up after %d ms by when the run was created',
    (awayMs) => {
      const run = killed(100, 10_000, { instrument, onOutage: { continue_within_ms: 3_600_000 } });
      // Dead again as soon as it has stored what the device had, before the clock is read.
      const isStored = (): boolean => run.reader().samplesFrom(1, 1).seq.length > 0;
      for (let step = 0; step < 1000 && !isStored(); step += 1) run.clock.advance(1);
      expect(isStored()).toBe(true);
      expect(run.reader().lastClockSync()).toBeNull();
      run.kill();
      run.clock.advance(awayMs);
      run.restart();
      run.runToEnd(400_000);
      expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
      expectContiguous(run.reader());
      const [, last] = outagesOf(run);
      const untilUs = Number(last?.['untilUs']);
      expect(Math.abs(untilUs - (10_000 + awayMs) * 1000)).toBeLessThan(1_000_000);
    },
  );
});
