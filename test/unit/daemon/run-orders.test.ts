// Goal: orders come in over the control socket, are answered in one line, and play again in a replay of the
// record. Method: the handler of the control socket on a bench of each dialect in virtual time; then the
// recorded wire through today's code.
import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES } from '../../../src/config/dialect-names.ts';
import { handleControl } from '../../../src/daemon/control.ts';
import { openRunReader } from '../../../src/store/readers.ts';
import { expectContiguous } from '../../support/run-checks.ts';
import { type RecordedBench, recordedBench } from '../../support/recorded-bench.ts';
import { replayed } from '../../support/recorded-run.ts';

/** Asks as the command line does; the answer as text. */
function ask(bench: RecordedBench, method: string, params: Readonly<Record<string, unknown>> = {}): string {
  const [run] = bench.bench.runs();
  const answers: string[] = [];
  handleControl(bench.bench)(
    { method, params: { run: run?.run.slice(0, 12), reason: '', ...params } },
    (reply) => {
      const value: object = reply.ok ? Object(reply.value) : {};
      answers.push(reply.ok ? String('told' in value && value.told) : `${reply.code}: ${reply.message}`);
    },
  );
  return answers.join('\n');
}

async function expectReplays({ path }: RecordedBench): Promise<void> {
  expectContiguous(openRunReader(path));
  expect(await replayed(path)).toMatchObject({ outcome: 'same', detail: 'the whole run' });
}

describe.each(DIALECT_NAMES)('a run on a bench, %s', (dialect) => {
  it('is paused, goes on, and replays so', async () => {
    const bench = recordedBench(dialect, 11);
    bench.runFor(26_000);
    expect(ask(bench, 'run.pause', { reason: 'photograph' })).toMatch(/^is paused, .*run resume/);
    bench.runFor(30_000);
    expect(bench.bench.runs()[0]).toMatchObject({
      state: 'paused',
      reason: 'paused by the operator: photograph',
    });
    expect(ask(bench, 'run.pause')).toMatch(/^RUN_STATE: run \w+ is paused and cannot be paused/);
    expect(ask(bench, 'run.resume')).toMatch(/^goes on: idle/);
    expect(bench.runToEnd()).toMatchObject({ state: 'done', verdict: 'completed' });
    await expectReplays(bench);
  });

  it('skips a step, and replays so', async () => {
    const bench = recordedBench(dialect, 14, { wetting: '30 s' });
    bench.runFor(20_000);
    expect(bench.bench.runs()[0]?.reason).toBe('wetting');
    expect(ask(bench, 'run.skip')).toBe('skips wetting');
    bench.runFor(4000);
    expect(ask(bench, 'run.skip')).toMatch(/^skips cycling-plating of cycle 1/);
    expect(bench.runToEnd()).toMatchObject({ state: 'done', verdict: 'completed' });
    const reasons = openRunReader(bench.path)
      .steps(1, 100)
      .map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === 'skipped')).toHaveLength(2);
    await expectReplays(bench);
  });

  it('goes by other parameters from the next cycle on, and replays so', async () => {
    const bench = recordedBench(dialect, 15, { cycles: 3 });
    bench.runFor(26_000);
    const parameters = { areal_capacity: '0.006 mAh/cm2', cycles: '2' };
    expect(ask(bench, 'run.set', { parameters })).toMatch(/^goes by .*cycles 3 → 2.* from the end of cycle/);
    expect(bench.runToEnd()).toMatchObject({ state: 'done', verdict: 'completed' });
    const kinds = openRunReader(bench.path)
      .events(0, 1000)
      .map(({ kind }) => kind);
    expect(kinds).toContain('changed');
    await expectReplays(bench);
  });

  it('finishes with its cycle, and replays so', async () => {
    const bench = recordedBench(dialect, 12, { cycles: 30 });
    bench.runFor(26_000);
    expect(ask(bench, 'run.finish')).toMatch(/^finishes after cycle \d+$/);
    expect(bench.runToEnd()).toMatchObject({ state: 'stopped', verdict: 'stopped' });
    await expectReplays(bench);
    expect(ask(bench, 'run.finish')).toMatch(/^RUN_STATE: run \w+ is over/);
  });
});

describe('an order', () => {
  it('for a run that nobody knows, or with a field that nobody knows, is refused', () => {
    const bench = recordedBench('gvn1', 13);
    expect(() => ask(bench, 'run.pause', { run: 'ZZZZ' })).toThrow(/no run "ZZZZ"/);
    expect(() => ask(bench, 'run.finish', { until: 'noon' })).toThrow(/until/);
  });
});
