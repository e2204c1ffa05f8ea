// Goal: whatever opens a cell from outside the program ends in a named state with a reason, and never starts
// it again.
// Method: the stop byte, an `off` of another host, cells that fail, a device that contradicts itself.

import { describe, expect, it } from 'vitest';
import { INSTRUMENTS } from '../../../firmware-sim/board/instrument.ts';
import { ZincCell } from '../../../firmware-sim/cell/zinc-cell.ts';
import { ZINC_DEFAULTS } from '../../../firmware-sim/cell/zinc-parameters.ts';
import { FailingCell } from '../../support/failing-cell.ts';
import { withCrc } from '../../support/gvn1-peer.ts';
import { QUICK, type Rig, rig } from '../../support/rig.ts';
import { expectContiguous, isCellOpen } from '../../support/run-checks.ts';

/** One half-cycle of QUICK is 40.68 mC: fails with the second plating. */
const AFTER_ONE_CYCLE = { afterC: 0.04 };

function cycling(): Rig {
  const run = rig();
  run.runToHalfCycle(2, 1000);
  return run;
}

function expectStaysOpen(run: Rig): void {
  expect(isCellOpen(run.cellLog)).toBe(true);
  const entries = run.cellLog.length;
  run.clock.advance(600_000);
  expect(run.cellLog).toHaveLength(entries);
}

describe('the stop byte', () => {
  it('opens the cell at once; the run holds, and says so', () => {
    const run = cycling();
    expect(run.cycler.emergencyStop()).toBe(true);
    run.clock.advance(1000);
    expect(run.state).toBe('holding');
    expect(run.channel.reason).toMatch(/stop byte opened the cell/);
    const { steps } = expectContiguous(run.reader());
    expect(steps.at(-1)?.reason).toBe('stop-byte');
    expectStaysOpen(run);
  });
});

describe('an off that this run did not send', () => {
  it('holds the run', () => {
    const run = cycling();
    run.cycler.channel(1).off(() => undefined);
    run.clock.advance(2000);
    expect(run.state).toBe('holding');
    expect(run.channel.reason).toMatch(/switched off by another command/);
    expectContiguous(run.reader());
    expectStaysOpen(run);
  });
});

describe('a cell that fails while it cycles', () => {
  it('by losing its contact is named, also where the last sample was taken just before', () => {
    // A converter that is early by most of a tick reads the healthy cell; only the device saw the break.
    const instrument = { ...INSTRUMENTS.ideal, samplingJitterUs: 999 };
    const script = [{ kind: 'open-circuit', atPlatedCPerCm2: 0.05 }] as const;
    const ends = [1, 2, 3, 4, 5, 6].map((seed) => {
      const cell = new ZincCell({ parameters: { ...ZINC_DEFAULTS, script }, seed, cell: 1 });
      const run = rig({ cell, instrument, seed });
      run.runToEnd(60_000);
      expect(run.reader().state()).toMatchObject({ state: 'failed', verdict: 'voltage-limit' });
      expectStaysOpen(run);
      return Math.abs(expectContiguous(run.reader()).steps.at(-1)?.endVoltageNv ?? 0);
    });
    expect(Math.min(...ends)).toBeLessThan(1e9);
  });

  it('by passing the hard limit has its cell opened by the device: verdict voltage-limit', () => {
    const run = rig({ cell: new FailingCell({ ...AFTER_ONE_CYCLE, laterOhm: 300 }) });
    run.runToEnd(60_000);
    expect(run.reader().state()).toMatchObject({ verdict: 'voltage-limit' });
    expect(run.reader().isSealed()).toBe(true);
    expectContiguous(run.reader());
    expectStaysOpen(run);
  });

  it('by polarising beyond the limit of a step, debounced, ends with the verdict voltage-limit', () => {
    const run = rig({ cell: new FailingCell({ ...AFTER_ONE_CYCLE, laterOhm: 60 }) });
    run.runToEnd(60_000);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'voltage-limit' });
    const { steps } = expectContiguous(run.reader());
    expect(['voltage-min', 'voltage-max']).toContain(steps.at(-1)?.reason);
    // The debounce of a second had to pass.
    expect((steps.at(-1)?.endUs ?? 0) - (steps.at(-1)?.startUs ?? 0)).toBeGreaterThanOrEqual(1_000_000);
    expectStaysOpen(run);
  });
});

describe('a device that contradicts itself', () => {
  it.each([
    ['a sample of a step that has ended', (n: number) => `s 1 ${n} 4 999000000,1,1,1,0`],
    [
      'a step end of the running step under an impossible reason',
      () => 'e 1 n=6 id=9 why=off t0_us=1 t_us=2 q0_nc=0 q_nc=0 v_nv=0 i_pa=0 last=0 next=0',
    ],
  ])('by %s ends or holds this run with the cell open, never goes on blindly', (_, forge) => {
    const run = cycling();
    const next = run.told.live.length;
    run.line.inject(withCrc(`@60000 ${forge(next)}`));
    run.clock.advance(60_000);
    expect(['holding', 'failed']).toContain(run.state);
    expect(run.channel.reason.length).toBeGreaterThan(0);
    expectStaysOpen(run);
  });

  it('by a reading beyond the cell limits, has the cell opened by the host', () => {
    const run = cycling();
    run.line.inject(withCrc('@60000 l 1 n=6 t_us=1 v_nv=2500000000 i_pa=1 q_nc=0'));
    run.runToEnd(5000);
    expect(run.reader().state().verdict).toBe('voltage-limit');
    expect(run.reader().state().reason).toMatch(/2.5 V is outside -2 … 2 V/);
    expectStaysOpen(run);
  });

  it('by lines that are no frames, is not listened to: they are counted, and the run goes on', () => {
    const run = cycling();
    for (const garbage of [
      'hello\n',
      `@1 s 1 0 4 1,1,1,1,0*00000000\n`,
      '\x00\x00\n',
      `${'x'.repeat(5000)}\n`,
    ])
      run.line.inject(garbage);
    run.runToEnd(60_000);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    expect(run.cycler.counters.linesDropped).toBe(4);
    expectContiguous(run.reader());
  });
});

describe('a daemon that leaves', () => {
  it('holding, opens the cell and closes the file with everything in it', () => {
    const run = cycling();
    let isDone = false;
    run.channel.leave('hold', () => {
      isDone = true;
    });
    run.runUntil('the file is closed', () => isDone, 5000);
    expect(isCellOpen(run.cellLog)).toBe(true);
    const { steps } = expectContiguous(run.reader());
    expect(steps.at(-1)?.reason).toBe('off');
    expect(run.reader().isSealed()).toBe(false);
    expect(run.reader().state()).toMatchObject({ state: 'holding' });
  });

  it('finishing the step, leaves the cell to its step and then open', () => {
    const run = cycling();
    let isDone = false;
    run.channel.leave('finish_step', () => {
      isDone = true;
    });
    run.runUntil('the file is closed', () => isDone, 5000);
    expect(run.cellLog.at(-1)).toMatchObject({ cell: 'on', step: 6 });
    run.clock.advance(10_000);
    const [on, off] = run.cellLog.slice(-2);
    expect([on?.cell, on?.step, off?.cell, off?.step]).toEqual(['on', 6, 'off', 6]);
    // 3.6 s, give or take the errors of source and clock: to its charge, not to the lease.
    expect(Math.abs((off?.t_us ?? 0) - (on?.t_us ?? 0) - 3_600_000)).toBeLessThan(10_000);
  });

  it('keeping the cell, leaves it to the longest lease that the device grants: 30 s', () => {
    const run = rig({ parameters: { ...QUICK, areal_capacity: '1 mAh/cm2' } });
    run.clock.advance(15_000);
    let isDone = false;
    run.channel.leave('keep', () => {
      isDone = true;
    });
    run.runUntil('the file is closed', () => isDone, 5000);
    run.clock.advance(29_000);
    expect(isCellOpen(run.cellLog)).toBe(false);
    run.clock.advance(1500);
    expect(run.cellLog.at(-1)).toMatchObject({ cell: 'off', why: 'lease' });
  });
});
