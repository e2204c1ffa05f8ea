// Goal: the record of a run on a bench replays as well as one of a simulation: with timers that were late,
// links that were lost, a host that was held up, a daemon that was killed. Method: the daemon's bench in
// virtual time with the clock of a busy computer; what it recorded is replayed, and must be the same to the
// last row.
import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES } from '../../../src/config/dialect-names.ts';
import { openRunReader } from '../../../src/store/readers.ts';
import { type RecordedBench, recordedBench } from '../../support/recorded-bench.ts';
import { protocolsWith, replayed } from '../../support/recorded-run.ts';

async function expectSame({ path }: RecordedBench): Promise<void> {
  const result = await replayed(path);
  expect(result).toMatchObject({ outcome: 'same', detail: 'the whole run' });
  expect(result.compared['half-cycle']).toBeGreaterThan(0);
}

const eventsOf = (path: string): string[] =>
  openRunReader(path)
    .events(0, 1000)
    .map(({ kind }) => kind);

describe.each(DIALECT_NAMES)('a run on a bench, %s', (dialect) => {
  it('replays to the same rows although its timers were late', async () => {
    const bench = recordedBench(dialect, 5);
    expect(bench.runToEnd()).toMatchObject({ state: 'done', verdict: 'completed' });
    await expectSame(bench);
  });

  it('replays an outage: the cable was out for half a minute', async () => {
    const bench = recordedBench(dialect, 6);
    bench.runFor(25_000);
    bench.cut();
    bench.runFor(30_000);
    bench.plugIn();
    bench.runToEnd();
    expect(eventsOf(bench.path)).toContain('outage');
    await expectSame(bench);
  });

  it('replays a stop by the operator', async () => {
    const bench = recordedBench(dialect, 7);
    bench.runFor(30_000);
    const [run] = bench.bench.runs();
    bench.bench.stopRun(run?.run ?? '', 'enough', () => undefined);
    expect(bench.runToEnd()).toMatchObject({ state: 'stopped' });
    await expectSame(bench);
  });

  it('replays over the end of the daemon: another one went on with the run', async () => {
    // Of 720 s: what flows while no daemon is there is a small part of a half-cycle.
    const bench = recordedBench(dialect, 9, { areal_capacity: '0.2 mAh/cm2' });
    bench.runFor(26_000);
    bench.restart(2000);
    bench.runToEnd();
    expect(eventsOf(bench.path)).toContain('outage');
    await expectSame(bench);
  });
});

describe('a run on a bench', () => {
  it.each(['gvn1', 'keithley2400'] as const)(
    'replays a long rest on %s, in which polls come at other times than they were recorded',
    async (dialect) => {
      const bench = recordedBench(dialect, 5, { wetting: '40 min', cycles: 1 });
      bench.runToEnd();
      await expectSame(bench);
    },
  );

  it('replays a host that was held up for longer than its lease', async () => {
    const bench = recordedBench('gvn1', 8);
    bench.runFor(25_000);
    bench.holdUp(8000);
    bench.runToEnd();
    expect(eventsOf(bench.path)).toContain('outage');
    await expectSame(bench);
  });

  it('replays differently where a decision has changed', async () => {
    const bench = recordedBench('gvn1', 5);
    bench.runToEnd();
    const result = await replayed(bench.path, protocolsWith({ areal_capacity: '0.011 mAh/cm2' }));
    expect(result).toMatchObject({ outcome: 'different', difference: { part: 'command' } });
  });

  it('is replayed as far as it goes while it is under way', async () => {
    const bench = recordedBench('gvn1', 5);
    bench.runFor(40_000);
    const result = await replayed(bench.path);
    expect(result.outcome).toBe('same');
    expect(result.detail).toContain('the run is not complete');
    expect(result.compared['sample']).toBeGreaterThan(20);
  });
});
