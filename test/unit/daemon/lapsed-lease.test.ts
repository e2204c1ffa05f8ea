// Goal: a lease that ran out while a load was on its way is an outage like any other, never a fault of the
// run: the device is asked, the lease renewed, the step planned anew (swarm: "commit was refused: NOLEASE").
// Method: the device is granted a lease that is shorter than the way of a load; the frames that were sent,
// the record and the simulator's own cell log tell what became of it.
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame } from '../../../src/frames/dialects/gvn1/frame.ts';
import { expectContiguous, expectedTurns, isCellOpen, turnsOf } from '../../support/run-checks.ts';
import { QUICK, type Rig, rig } from '../../support/rig.ts';

/** The shortest lease that a device grants is 100 ms; a load is three requests. */
const LATENCY_MS = 60;

/** A frame that grants no more than the shortest lease. */
function shortened(line: string): string {
  const frame = decodeFrame(`${line}\n`);
  if (frame.kind !== 'frame') return line;
  return encodeFrame(frame.seq, 'lease', frame.payload.replace(/t_us=\d+/, 't_us=100000')).trimEnd();
}

/** A run whose first `count` leases have run out before a load arrives. */
function lapsing(count: number): Rig {
  let left = count;
  const alters = (line: string): string => {
    if (!/^@\d+ lease /.test(line) || left === 0) return line;
    left -= 1;
    return shortened(line);
  };
  return rig({ line: { latencyMs: LATENCY_MS, alters } });
}

function sentKinds(run: Rig): string[] {
  return run.happenings.flatMap((one) => (one.type === 'sent' ? [one.frame.split(/[ *]/)[1] ?? ''] : []));
}

function outagesOf(run: Rig): unknown[] {
  const events = run.reader().events(1, 1000);
  return events.filter(({ kind }) => kind === 'outage').map(({ detail }) => detail);
}

describe('a load that finds the lease run out', () => {
  it('is not sent again: the device is asked, the lease renewed, then the step is loaded anew', () => {
    const run = lapsing(1);
    run.runUntil('a second commit', () => sentKinds(run).filter((kind) => kind === 'commit').length === 2);
    const kinds = sentKinds(run);
    const between = kinds.slice(kinds.indexOf('commit') + 1, kinds.lastIndexOf('commit'));
    expect(between).toEqual(['stat', 'lease', 'stat', 'job', 'node']);
    const intents = run.happenings.flatMap((one) => (one.type === 'stored' ? one.commit.commands : []));
    expect(intents.filter((one) => one.type === 'intent' && one.command === 'load')).toHaveLength(2);
    expect(intents).toContainEqual(
      expect.objectContaining({ type: 'result', result: expect.stringMatching(/^no-lease: .*NOLEASE/) }),
    );
  });

  it('costs the run nothing, and its record tells of it', () => {
    const run = lapsing(1);
    run.runToEnd(300_000);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    const record = expectContiguous(run.reader());
    expect(turnsOf(record)).toEqual(expectedTurns(QUICK.cycles));
    expect(outagesOf(run)).toMatchObject([{ cause: 'lapsed-lease', decision: 'load' }]);
  });

  it('time after time makes the run hold with an open cell, until the operator lets it go on', () => {
    const run = lapsing(Number.POSITIVE_INFINITY);
    run.runUntil('a hold', () => run.state === 'holding', 60_000);
    expect(run.channel.reason).toMatch(/finds no lease/);
    expect(isCellOpen(run.cellLog)).toBe(true);
    expect(sentKinds(run).filter((kind) => kind === 'commit')).toHaveLength(4);
    run.line.alters = (line) => line;
    run.clock.advance(5000);
    expect(run.channel.orders.give({ order: 'resume', reason: 'its firmware was mended' }).ok).toBe(true);
    run.runToEnd(300_000);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
  });
});

describe('a host that is frozen while a load is on its way', () => {
  it.each(['job', 'node'])(
    'for longer than a lease, at its %s, does not start the cell when it wakes',
    (kind) => {
      const run = rig({ line: { latencyMs: 20 } });
      run.runToHalfCycle(2, 1000);
      const before = sentKinds(run).filter((sent) => sent === kind).length;
      run.runUntil(kind, () => sentKinds(run).filter((sent) => sent === kind).length > before);
      const commits = sentKinds(run).filter((sent) => sent === 'commit').length;
      run.pauseHost();
      run.clock.advance(60_000);
      expect(isCellOpen(run.cellLog)).toBe(true);
      run.resumeHost();
      run.clock.advance(3000);
      expect(sentKinds(run).filter((sent) => sent === 'commit')).toHaveLength(commits);
      expect(run.state).toBe('holding');
      expect(isCellOpen(run.cellLog)).toBe(true);
    },
  );
});
