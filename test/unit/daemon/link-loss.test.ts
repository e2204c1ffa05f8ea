// Goal: a lost link loses nothing that the device still has, and a cell whose host is gone ends open, with a
// reason.
// Method: the cable is pulled, or the line falls silent, at many moments and for many lengths; rows and the
// cell's own log.

import { describe, expect, it } from 'vitest';
import { QUICK, type Rig, type RigOptions, rig } from '../../support/rig.ts';
import { expectContiguous, expectedTurns, isCellOpen, turnsOf } from '../../support/run-checks.ts';

const PHASES_MS = [0, 50, 700, 1500, 2300, 3100, 3550];

function kindsOf(run: Rig): string[] {
  return run
    .reader()
    .events(1, 10_000)
    .map(({ kind }) => kind);
}

function statesOf(run: Rig): string[] {
  return run.told.states.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1]);
}

/** Pulls the cable `phaseMs` into the third half-cycle, for `lengthMs`. */
function cut(phaseMs: number, lengthMs: number, options: RigOptions = {}): Rig {
  const run = rig(options);
  run.runToHalfCycle(2, phaseMs);
  run.line.cut();
  run.clock.advance(lengthMs);
  run.line.plugIn();
  return run;
}

describe('a link that is lost for less than the lease', () => {
  it.each(PHASES_MS)(
    '%d ms into a half-cycle is bridged: nothing lost, nothing doubled, the run completes',
    (phaseMs) => {
      const run = cut(phaseMs, 1000);
      run.runToEnd(120_000);
      const record = expectContiguous(run.reader());
      expect(turnsOf(record)).toEqual(expectedTurns(QUICK.cycles));
      expect(run.reader().gaps()).toEqual([]);
      expect(run.told.live).toEqual(run.told.live.map((_, index) => index + 1));
      expect(statesOf(run)).toContain('link-lost');
      expect(kindsOf(run)).toContain('outage');
      expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    },
  );

  it('interrupts no half-cycle: the current went on, and nothing of it is missing', () => {
    const run = cut(1500, 1000);
    run.runToEnd(120_000);
    expect(run.told.halfCycles.filter(({ isInterrupted }) => isInterrupted)).toEqual([]);
  });

  it('does not open the cell', () => {
    const run = cut(1500, 1000);
    const offs = run.cellLog.filter(({ cell }) => cell === 'off').length;
    run.runToHalfCycle(4);
    expect(run.cellLog.filter(({ cell }) => cell === 'off')).toHaveLength(offs);
  });

  it('records a gap for exactly what the ring of the device no longer held', () => {
    // Ten samples a second: a second and a half of outage is more than eight samples.
    const run = cut(1000, 1500, { ringCapacity: 8 });
    run.runToEnd(120_000);
    expectContiguous(run.reader());
    const gaps = run.reader().gaps();
    expect(gaps).toHaveLength(1);
    expect(run.told.gaps).toEqual(gaps);
    expect(run.told.halfCycles.filter(({ isInterrupted }) => isInterrupted)).not.toEqual([]);
    expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(QUICK.cycles));
  });

  it('is noticed when the line just falls silent, and bridged when it speaks again', () => {
    const run = rig();
    run.runToHalfCycle(2, 500);
    run.line.isSilent = true;
    run.runUntil('the loss is noticed', () => run.state === 'link-lost', 3000);
    run.line.isSilent = false;
    run.runToEnd(120_000);
    expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(QUICK.cycles));
    expect(run.reader().gaps()).toEqual([]);
  });

  it('in the middle of the pre-flight, or of the wetting rest, is bridged too', () => {
    for (const waitMs of [1000, 3000, 5500, 10_000]) {
      const run = rig({ parameters: { ...QUICK, wetting: '20 s', cycles: 1 } });
      run.clock.advance(waitMs);
      run.line.cut();
      run.clock.advance(1000);
      run.line.plugIn();
      run.runToEnd(120_000);
      expect(turnsOf(expectContiguous(run.reader())), `cut after ${waitMs} ms`).toEqual(expectedTurns(1));
    }
  });

  it('at the very end, while the last half-cycle ends on its own, completes the run', () => {
    for (const beforeMs of [900, 500, 300, 100, 10]) {
      const run = rig({ parameters: { ...QUICK, cycles: 1 } });
      run.runToHalfCycle(1, 3600 - beforeMs);
      run.line.cut();
      run.clock.advance(1000);
      run.line.plugIn();
      run.runToEnd(60_000);
      expect(run.reader().state(), `cut ${beforeMs} ms before the end`).toMatchObject({
        state: 'done',
        verdict: 'completed',
      });
      expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(1));
    }
  });

  it('again and again, still loses nothing', () => {
    const run = rig();
    for (let count = 1; count <= 6; count += 1) {
      run.runToHalfCycle(count, 200 * count);
      run.line.cut();
      run.clock.advance(300 * count);
      run.line.plugIn();
    }
    run.runToEnd(120_000);
    expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(QUICK.cycles));
    expect(run.reader().gaps()).toEqual([]);
  });
});

describe('frames that get lost on a line that stays up', () => {
  it.each([3, 7, 19])('one in %d of samples and step ends, are asked for again', (every) => {
    const run = rig();
    let reports = 0;
    run.line.loses = (frame) => {
      if (!/^@\d+ [se] /.test(frame)) return false;
      reports += 1;
      return reports % every === 0;
    };
    run.runToEnd(120_000);
    expect(run.cycler.counters.framesLost).toBeGreaterThan(0);
    expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(QUICK.cycles));
    expect(run.reader().gaps()).toEqual([]);
  });
});

describe('back-fills that are broken themselves', () => {
  it.each([2, 5])('one in %d of replayed frames, are asked for again', (every) => {
    const run = rig();
    let reports = 0;
    let replays = 0;
    run.line.loses = (frame) => {
      if (/^@\d+ [rx] /.test(frame)) {
        replays += 1;
        return replays % every === 0;
      }
      if (!/^@\d+ [se] /.test(frame)) return false;
      reports += 1;
      return reports % 9 === 0;
    };
    run.runToEnd(300_000);
    expect(replays).toBeGreaterThan(0);
    expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(QUICK.cycles));
    expect(run.reader().gaps()).toEqual([]);
  });
});

describe('a line with latency', () => {
  it.each([5, 40, 150])('of %d ms runs the same course', (latencyMs) => {
    const run = rig();
    run.line.latencyMs = latencyMs;
    run.runToEnd(300_000);
    expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(QUICK.cycles));
  });

  it('completes a run whose last step ends while the link is being restored', () => {
    // Nothing is recorded between the edges, so no back-fill keeps the end of the step waiting.
    const sparse = { ...QUICK, cycles: 1, record_interval: '1 h', record_voltage_delta: '0 V' };
    for (let beforeMs = 1200; beforeMs >= 0; beforeMs -= 40) {
      const run = rig({ parameters: sparse });
      run.line.latencyMs = 80;
      run.runToHalfCycle(1, 3600 - beforeMs - 500);
      run.line.cut();
      run.clock.advance(500);
      run.line.plugIn();
      run.runToEnd(60_000);
      expect(run.reader().state(), `plugged in ${beforeMs} ms before the end`).toMatchObject({
        state: 'done',
        verdict: 'completed',
      });
    }
  });
});

describe('a cell that nobody may drive any more', () => {
  const FINISHES_STEP: RigOptions = {
    lease: { kind: 'renewed', durationMs: 5000, policy: 'finish-step' },
    parameters: { ...QUICK, areal_capacity: '1 mAh/cm2' },
  };

  it('is opened when the link returns after the operator stopped the run without it', () => {
    const run = rig(FINISHES_STEP);
    run.clock.advance(15_000);
    run.line.cut();
    run.clock.advance(500);
    run.channel.stop('lunch');
    run.clock.advance(500);
    run.line.plugIn();
    run.clock.advance(10_000);
    expect(run.state).toBe('stopped');
    expect(isCellOpen(run.cellLog)).toBe(true);
  });

  it('is opened when the link returns after the run was put on hold without it', () => {
    const run = rig(FINISHES_STEP);
    run.clock.advance(15_000);
    run.store.fault = { ok: false, code: 'STORE_FAILED', detail: 'no answer' };
    run.clock.advance(28_000);
    run.line.cut();
    run.clock.advance(5000);
    expect(run.state).toBe('holding');
    run.line.plugIn();
    run.clock.advance(10_000);
    expect(isCellOpen(run.cellLog)).toBe(true);
  });
});

describe('a link that is lost for longer than the lease', () => {
  it('leaves the cell open by the dead-man of the device, within the lease', () => {
    const run = rig({ parameters: { ...QUICK, areal_capacity: '1 mAh/cm2' } });
    run.runUntil('cycling', () => run.cellLog.at(-1)?.step === 4);
    run.clock.advance(10_000);
    const cutMs = run.clock.nowMs();
    run.line.cut();
    run.clock.advance(6000);
    expect(run.cellLog.at(-1)).toMatchObject({ cell: 'off', why: 'lease' });
    const opened = run.happenings.findLast(({ type }) => type === 'cell');
    expect((opened?.atMs ?? Number.POSITIVE_INFINITY) - cutMs).toBeLessThanOrEqual(5001);
  });

  it('holds the run, with the dead-man as its reason and every sample back-filled', () => {
    const run = rig({ parameters: { ...QUICK, areal_capacity: '1 mAh/cm2', cycles: 1 } });
    run.clock.advance(15_000);
    run.line.cut();
    run.clock.advance(8000);
    run.line.plugIn();
    run.clock.advance(10_000);
    expect(run.state).toBe('holding');
    expect(run.channel.reason).toMatch(/dead-man of the device opened the cell/);
    expect(isCellOpen(run.cellLog)).toBe(true);
    expect(run.told.alarms).toMatchObject([{ code: 'CELL_HELD' }]);
    const { steps } = expectContiguous(run.reader());
    expect(steps.at(-1)?.reason).toBe('lease');
    expect(run.reader().gaps()).toEqual([]);
  });

  it('fails the run and seals its file where outages are to stop it', () => {
    const run = rig({ onOutage: 'stop', parameters: { ...QUICK, areal_capacity: '1 mAh/cm2', cycles: 1 } });
    run.clock.advance(15_000);
    run.line.cut();
    run.clock.advance(8000);
    run.line.plugIn();
    run.runToEnd(20_000);
    expect(run.reader().state()).toMatchObject({ state: 'failed', verdict: 'fault' });
    expect(run.reader().state().reason).toMatch(/dead-man/);
    expect(run.reader().isSealed()).toBe(true);
    expect(isCellOpen(run.cellLog)).toBe(true);
  });

  it('never starts the cell again by itself', () => {
    const run = cut(1000, 8000);
    run.clock.advance(60_000);
    const held = run.cellLog.length;
    run.clock.advance(600_000);
    expect(run.state).toBe('holding');
    expect(run.cellLog).toHaveLength(held);
  });
});

describe('a device that restarts', () => {
  it.each(['power', 'watchdog', 'brownout'] as const)(
    'by %s is found out: the run holds, the cell is open, the past is kept',
    (cause) => {
      const run = rig();
      run.runToHalfCycle(2, 1200);
      run.device.reset(cause);
      expect(isCellOpen(run.cellLog)).toBe(true);
      run.clock.advance(10_000);
      expect(run.state).toBe('holding');
      expect(run.channel.reason).toMatch(/restart|power-cycled/);
      expect(isCellOpen(run.cellLog)).toBe(true);
      const { halfCycles } = expectContiguous(run.reader());
      expect(halfCycles).toHaveLength(2);
      run.clock.advance(60_000);
      expect(run.cellLog.at(-1)).toMatchObject({ cell: 'off', why: 'power' });
    },
  );

  it('while the link is down is found out when it is back', () => {
    const run = rig();
    run.runToHalfCycle(2, 1200);
    run.line.cut();
    run.clock.advance(500);
    run.device.reset('power');
    run.line.plugIn();
    run.clock.advance(10_000);
    expect(run.state).toBe('holding');
    expect(run.channel.reason).toMatch(/restart|power-cycled/);
    expect(isCellOpen(run.cellLog)).toBe(true);
  });

  it('fails the run where outages are to stop it', () => {
    const run = rig({ onOutage: 'stop' });
    run.runToHalfCycle(2, 1200);
    run.device.reset('power');
    run.runToEnd(20_000);
    expect(run.reader().state()).toMatchObject({ state: 'failed', verdict: 'fault' });
    expect(run.reader().isSealed()).toBe(true);
  });
});

describe('a line that loses a report, and then the answers to what is asked about it', () => {
  it.each([
    ['a sample', 's'],
    ['the end of a step', 'e'],
  ])('%s: the link is given up, and what was missing comes when it is back', (_, lostType) => {
    const run = rig();
    run.runToHalfCycle(1, 1000);
    let isLosing = false;
    run.line.loses = (frame) => {
      const type = frame.split(' ')[1] ?? '';
      if (isLosing) return type !== 's' && type !== 'e';
      isLosing = type === lostType;
      return isLosing;
    };
    run.runUntil('the loss of the link', () => statesOf(run).includes('link-lost'), 60_000);
    run.line.loses = () => false;
    run.runToEnd(120_000);
    expect(turnsOf(expectContiguous(run.reader()))).toEqual(expectedTurns(QUICK.cycles));
    expect(run.reader().gaps()).toEqual([]);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
  });
});
