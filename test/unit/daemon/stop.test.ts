// Goal: an operator's stop, given in whatever state, leaves the cell open and the file sealed, and the off
// goes first.
// Method: bring a run into each state, stop it, and look at the cell's own log, the frames, and the order of
// commits.

import { describe, expect, it } from 'vitest';
import { QUICK, type Rig, type RigOptions, rig } from '../../support/rig.ts';
import { expectContiguous, isCellOpen } from '../../support/run-checks.ts';

interface Case {
  readonly state: string;
  readonly options?: RigOptions;
  readonly reach: (run: Rig) => void;
}

const LONG: RigOptions = { parameters: { ...QUICK, areal_capacity: '1 mAh/cm2' } };

function untilCycling(run: Rig): void {
  run.runUntil('the first half-cycle', () => run.told.states.at(-1)?.reason === 'cycling-plating');
  run.clock.advance(1234);
}

const CASES: readonly Case[] = [
  { state: 'idle', options: { storeDelayMs: 500 }, reach: () => undefined },
  { state: 'resting', reach: (run) => run.runUntil('the open-circuit rest', () => run.state === 'resting') },
  {
    state: 'resting',
    options: { parameters: { ...QUICK, wetting: '1 h' } },
    reach: (run) => run.clock.advance(60_000),
  },
  { state: 'running', reach: untilCycling },
  { state: 'running', reach: (run) => run.runUntil('the contact check', () => run.state === 'running') },
  {
    state: 'link-lost',
    options: LONG,
    reach: (run) => {
      untilCycling(run);
      run.line.cut();
      run.clock.advance(100);
    },
  },
  {
    state: 'holding',
    options: LONG,
    reach: (run) => {
      untilCycling(run);
      run.cycler.emergencyStop();
      run.clock.advance(1000);
    },
  },
  {
    state: 'finishing',
    reach: (run) => {
      untilCycling(run);
      run.channel.stop('first');
    },
  },
];

describe('an operator’s stop', () => {
  it.each(CASES.map((entry) => [entry.state, entry] as const))(
    'of a run that is %s leaves the cell open, the file sealed and the run stopped',
    (state, { options, reach }) => {
      const run = rig(options);
      reach(run);
      expect(run.state).toBe(state);
      run.channel.stop('lunch');
      run.runToEnd(10_000);
      expect(run.state).toBe('stopped');
      const problem = state === 'link-lost' ? expect.stringMatching(/could not be seen to open/) : null;
      expect(run.told.closed).toEqual({ problem });
      expect(run.reader().isSealed()).toBe(true);
      expect(run.reader().state()).toMatchObject({ state: 'stopped', verdict: 'stopped' });
      expectContiguous(run.reader());
      // A device that cannot be reached opens the cell by its lease.
      run.clock.advance(state === 'link-lost' ? 6000 : 0);
      expect(isCellOpen(run.cellLog)).toBe(true);
      const ended = run.cellLog.length;
      run.clock.advance(60_000);
      expect(run.cellLog).toHaveLength(ended);
      expect(run.told.alarms.filter(({ code }) => code.startsWith('STORE_'))).toEqual([]);
    },
  );

  it('sends the off before anything of the stop is written down', () => {
    const run = rig();
    untilCycling(run);
    const from = run.happenings.length;
    run.channel.stop('lunch');
    run.runToEnd(10_000);
    const after = run.happenings.slice(from);
    const sent = after.findIndex((entry) => entry.type === 'sent' && / off ch=1/.test(entry.frame));
    const opened = after.findIndex((entry) => entry.type === 'cell' && entry.entry.cell === 'off');
    const written = after.findIndex(
      (entry) =>
        entry.type === 'stored' &&
        entry.commit.commands.some((row) => row.type === 'intent' && row.command === 'off'),
    );
    expect(sent).toBeGreaterThanOrEqual(0);
    expect(written).toBeGreaterThan(sent);
    expect(opened).toBeGreaterThan(sent);
  });

  it('opens the cell at once, though the disk does not take anything', () => {
    const run = rig();
    untilCycling(run);
    run.store.fault = { ok: false, code: 'STORE_FULL', detail: 'no space' };
    const atMs = run.clock.nowMs();
    run.channel.stop('lunch');
    run.clock.advance(50);
    const off = run.happenings.findLast((entry) => entry.type === 'cell');
    expect(off).toMatchObject({ entry: { cell: 'off', why: 'off' } });
    expect((off?.atMs ?? 0) - atMs).toBeLessThanOrEqual(1);
    run.store.fault = null;
    run.runToEnd(10_000);
    expect(run.reader().state()).toMatchObject({ state: 'stopped' });
  });

  it('keeps every sample up to the last tick, and the end of the step that it cut off', () => {
    const run = rig();
    untilCycling(run);
    run.channel.stop('lunch');
    run.runToEnd(10_000);
    const { steps, halfCycles, samples } = expectContiguous(run.reader());
    const last = steps.at(-1);
    expect(last).toMatchObject({ programStep: 'cycling-plating', reason: 'off' });
    expect(last?.lastSeq).toBe(samples.seq.at(-1));
    expect(last?.endUs).toBe(samples.timeUs.at(-1));
    expect(halfCycles.at(-1)).toMatchObject({ reason: 'off', isInterrupted: true });
  });

  it('is done within a minute though the last frames never come, and the file says what it lacks', () => {
    const run = rig();
    untilCycling(run);
    run.line.loses = (frame) => /^@\d+ [serx] /.test(frame);
    run.channel.stop('lunch');
    run.runToEnd(60_000);
    expect(isCellOpen(run.cellLog)).toBe(true);
    expect(run.reader().state()).toMatchObject({ state: 'stopped' });
    expect(
      run
        .reader()
        .events(1, 1000)
        .map(({ kind }) => kind),
    ).toContain('incomplete');
  });

  it('frees the channel: another run can be started there', () => {
    const run = rig();
    untilCycling(run);
    run.channel.stop('lunch');
    run.runToEnd(10_000);
    run.clock.advance(1000);
    const states: string[] = [];
    run.cycler.channel(1).status((result) => states.push(result.ok ? result.value.state : result.reason));
    run.clock.advance(100);
    expect(states).toEqual(['free']);
  });

  it('of a run that has ended changes nothing', () => {
    const run = rig({ parameters: { ...QUICK, cycles: 1 } });
    run.runToEnd();
    const told = run.told.states.length;
    run.channel.stop('too late');
    run.clock.advance(1000);
    expect(run.state).toBe('done');
    expect(run.told.states).toHaveLength(told);
  });
});
