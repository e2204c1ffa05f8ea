// Goal: the bench gives a channel to one run at a time, by name, and says in one line why it does not.
// Method: a bench of one emulated two-channel cycler and one that is absent; orders that clash, and a link
// that goes.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryPair } from '../../../firmware-sim/attach/memory.ts';
import type { CellLogEntry } from '../../../firmware-sim/cell-log.ts';
import { createSimulatedCycler } from '../../../firmware-sim/sim.ts';
import { PROTOCOLS } from '../../../protocols/index.ts';
import type { ErrorCode } from '../../../src/base/errors.ts';
import { createLogger } from '../../../src/base/log.ts';
import type { Result } from '../../../src/base/result.ts';
import { createUlid } from '../../../src/base/ulid.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { parseConfig } from '../../../src/config/config.ts';
import { Bench, type RunOrder } from '../../../src/daemon/bench.ts';
import { createGvn1Cycler } from '../../../src/device/drivers/gvn1.ts';
import { InlineStore } from '../../../src/store/inline-store.ts';
import { openRunReader } from '../../../src/store/readers.ts';
import type { FeedMessage, RunSummary } from '../../../src/stream/feed.ts';
import { QUICK } from '../../support/rig.ts';
import { protocolText } from '../../support/source-text.ts';

const ORDER: RunOrder = {
  protocol: 'symmetric-cycling',
  cycler: 'left',
  channel: 1,
  areaUcm2: 1_130_000,
  parameters: QUICK,
  cell: {
    sampleId: 'A-1',
    workingElectrode: 'Zn',
    counterElectrode: 'Zn',
    electrolyte: null,
    separator: null,
    operator: null,
    notes: null,
  },
};

interface BenchRig {
  readonly clock: VirtualClock;
  readonly bench: Bench;
  readonly cellLog: CellLogEntry[];
  readonly feed: FeedMessage[];
  start(change?: Partial<RunOrder>): Result<RunSummary>;
  stop(run: string): Result<RunSummary>;
  shutdown(policy: 'hold' | 'finish_step' | 'keep' | 'stop'): void;
}

function benchRig(): BenchRig {
  const clock = new VirtualClock();
  const dataPath = mkdtempSync(join(tmpdir(), 'galvanode-bench-'));
  const cellLog: CellLogEntry[] = [];
  const feed: FeedMessage[] = [];
  const log = { write: (entry: CellLogEntry) => void cellLog.push(entry), close: () => undefined };
  const device = createSimulatedCycler({ clock, seed: 7, channels: 2, log });
  const left = createGvn1Cycler({
    name: 'left',
    clock,
    token: 'bench',
    openPort(done) {
      const pair = createMemoryPair(clock);
      device.attach(pair.device);
      clock.defer(() => done({ ok: true, port: pair.host }));
    },
  });
  const right = createGvn1Cycler({
    name: 'right',
    clock,
    token: 'bench',
    openPort: (done) => clock.defer(() => done({ ok: false, reason: 'absent', detail: 'no /dev/ttyUSB9' })),
  });
  const config = parseConfig({});
  if (!config.ok) throw new Error(config.problems.join());
  let runs = 0;
  const store = new InlineStore({ clock, durability: 'off', target: { dataPath } });
  const bench = new Bench({
    config: config.config,
    clock,
    log: createLogger('silent'),
    store,
    protocols: PROTOCOLS,
    cyclers: [left, right],
    newRunId: () => createUlid({ wallMs: clock.wallMs(), random: new Uint8Array(10).fill(++runs) }),
    lastCheck: (cycler, channel) => ({ cycler, channel }),
    meta: {},
    feed: (message) => void feed.push(message),
  });
  onTestFinished(() => {
    for (const cycler of [left, right]) cycler.close();
    device.close();
    store.close(() => undefined);
    rmSync(dataPath, { recursive: true, force: true });
  });
  bench.start();
  clock.advance(100);
  const answered = <T>(ask: (done: (result: T) => void) => void): T => {
    const results: T[] = [];
    ask((result) => results.push(result));
    const endMs = clock.nowMs() + 60_000;
    clock.runUntil(() => results.length > 0 || clock.nowMs() > endMs);
    const [result] = results;
    if (result === undefined) throw new Error('no answer within a minute');
    return result;
  };
  return {
    clock,
    bench,
    cellLog,
    feed,
    start: (change = {}) => answered((done) => bench.startRun({ ...ORDER, ...change }, done)),
    stop: (run) => answered((done) => bench.stopRun(run, 'enough', done)),
    shutdown: (policy) => void answered<true>((done) => bench.shutdown(policy, () => done(true))),
  };
}

function started(result: Result<RunSummary>): RunSummary {
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

function isOpen(log: readonly CellLogEntry[], channel: number): boolean {
  return log.findLast(({ ch }) => ch === channel)?.cell === 'off';
}

describe('the bench', () => {
  it('locks a channel to its run, and says which one has it', () => {
    const rig = benchRig();
    const first = started(rig.start());
    const second = rig.start();
    expect(second).toMatchObject({ ok: false, code: 'CHANNEL_LOCKED' });
    expect(second.ok ? '' : second.message).toContain(first.run);
    rig.clock.advance(10_000);
    expect(rig.bench.runs()).toHaveLength(1);
    expect(rig.bench.runs()[0]?.state).toBe('running');
  });

  it('locks a channel from the moment a start is asked for', () => {
    const rig = benchRig();
    const results: Result<RunSummary>[] = [];
    rig.bench.startRun(ORDER, (result) => results.push(result));
    rig.bench.startRun(ORDER, (result) => results.push(result));
    rig.clock.advance(1000);
    expect(results.map((result) => (result.ok ? 'ok' : result.code)).sort()).toEqual([
      'CHANNEL_LOCKED',
      'ok',
    ]);
  });

  it('runs two channels side by side', () => {
    const rig = benchRig();
    const runs = [1, 2].map((channel) => started(rig.start({ channel })));
    rig.clock.advance(60_000);
    expect(rig.bench.runs().map(({ state, verdict }) => [state, verdict])).toEqual([
      ['done', 'completed'],
      ['done', 'completed'],
    ]);
    for (const { path } of runs) expect(openRunReader(path).isSealed()).toBe(true);
  });

  it('writes into the record of a run what the last check of its own channel found', () => {
    const rig = benchRig();
    const reader = openRunReader(started(rig.start({ channel: 2 })).path);
    expect(reader.meta()['instrumentCheck']).toEqual({ cycler: 'left', channel: 2 });
    reader.close();
  });

  it('takes the next run on a channel once the one before has ended', () => {
    const rig = benchRig();
    const first = started(rig.start());
    rig.clock.advance(8000);
    expect(started(rig.stop(first.run))).toMatchObject({ run: first.run, state: 'stopped' });
    const second = started(rig.start());
    rig.clock.advance(60_000);
    expect(rig.bench.runs().map(({ run, state }) => [run, state])).toEqual([
      [second.run, 'done'],
      [first.run, 'stopped'],
    ]);
    const seqs = openRunReader(second.path).samplesFrom(1, 10).seq;
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it.each<[Partial<RunOrder>, ErrorCode, RegExp]>([
    [
      { protocol: 'symetric-cycling' },
      'PROTOCOL_UNKNOWN',
      /"symetric-cycling".*did you mean "symmetric-cycling"/,
    ],
    [
      { protocolSource: { fileName: 'lab/mine.yaml', text: 'name: [' } },
      'PROTOCOL_INVALID',
      /^lab\/mine\.yaml:\d+:\d+: /,
    ],
    [{ cycler: 'leftt' }, 'CHANNEL_UNKNOWN', /"leftt".*did you mean "left"/],
    [{ channel: 3 }, 'CHANNEL_UNKNOWN', /"channel": 3 is outside 1 … 2/],
    [{ cycler: 'right' }, 'PORT_ABSENT', /cycler "right" is not connected: .*ttyUSB9/],
    [{ parameters: { cycles: 0 } }, 'PARAMS_INVALID', /"cycles": 0 is outside/],
    [{ parameters: { current_density: '150 mA/cm2' } }, 'RANGE_EXCEEDED', /largest current, 169.5 mA/],
  ])('refuses %j in one line, and starts nothing', (change, code, message) => {
    const rig = benchRig();
    const result = rig.start(change);
    expect(result).toMatchObject({ ok: false, code });
    expect(result.ok ? '' : result.message).toMatch(message);
    expect(result.ok ? '' : result.message).not.toContain('\n');
    rig.clock.advance(5000);
    expect(rig.bench.runs()).toEqual([]);
    expect(rig.cellLog.every(({ cell }) => cell === 'off')).toBe(true);
    // The channel is not left locked by a start that failed.
    expect(rig.start().ok).toBe(true);
  });

  it('runs a text that comes with the order, whatever the registry has, and keeps it in the record', () => {
    const rig = benchRig();
    const protocolSource = { fileName: 'lab/mine.yaml', text: protocolText('steps: [{rest: 10 s}]') };
    const change = { protocol: 'sample', protocolSource, parameters: {} };
    const { path } = started(rig.start(change));
    rig.clock.advance(60_000);
    expect(rig.bench.runs().map(({ protocol, verdict }) => [protocol, verdict])).toEqual([
      ['sample', 'completed'],
    ]);
    const reader = openRunReader(path);
    expect(reader.meta()['protocol']).toMatchObject({ name: 'sample', source: protocolSource });
    reader.close();
  });

  it('refuses to stop what is not there, or has ended', () => {
    const rig = benchRig();
    expect(rig.stop('01JA')).toMatchObject({ ok: false, code: 'RUN_UNKNOWN' });
    const { run } = started(rig.start());
    rig.stop(run);
    expect(rig.stop(run)).toMatchObject({
      ok: false,
      code: 'RUN_STATE',
      message: expect.stringMatching(/it is stopped/),
    });
  });

  it('answers everybody who stops a run at once', () => {
    const rig = benchRig();
    const { run } = started(rig.start());
    rig.clock.advance(5000);
    const answers: string[] = [];
    for (const who of ['a', 'b'])
      rig.bench.stopRun(run, who, (result) => answers.push(result.ok ? result.value.state : result.code));
    rig.clock.advance(5000);
    expect(answers).toEqual(['stopped', 'stopped']);
  });

  it('tells the live feed every state, and that all is stored', () => {
    const rig = benchRig();
    const { run } = started(rig.start());
    rig.clock.advance(60_000);
    const states = rig.feed.flatMap((message) =>
      message.type === 'state' && message.run === run ? [message.state] : [],
    );
    expect(states[0]).toBe('idle');
    expect(states.at(-1)).toBe('done');
    const live = rig.feed.flatMap((message) => (message.type === 'live' ? message.timeUs : []));
    const stored = rig.feed.flatMap((message) => (message.type === 'stored' ? [message.storedSeq] : []));
    expect(stored.at(-1)).toBe(live.length);
  });

  it.each(['hold', 'stop'] as const)('leaves every cell open when it is shut down with "%s"', (policy) => {
    const rig = benchRig();
    for (const channel of [1, 2]) started(rig.start({ channel }));
    rig.clock.advance(9000);
    const beforeMs = rig.clock.nowMs();
    rig.shutdown(policy);
    expect(rig.clock.nowMs() - beforeMs).toBeLessThanOrEqual(8000);
    for (const channel of [1, 2]) expect(isOpen(rig.cellLog, channel)).toBe(true);
    expect(rig.bench.runs().map(({ state }) => state)).toEqual(
      Array(2).fill(policy === 'stop' ? 'stopped' : 'holding'),
    );
  });

  it.each([
    ['finish_step', 4000],
    // The longest lease of this cycler is 30 s.
    ['keep', 30_100],
  ] as const)(
    'leaves a cell bounded by its step and lease when it is shut down with "%s"',
    (policy, withinMs) => {
      const rig = benchRig();
      started(rig.start());
      rig.clock.advance(8000);
      rig.shutdown(policy);
      expect(isOpen(rig.cellLog, 1)).toBe(false);
      rig.clock.advance(withinMs);
      expect(isOpen(rig.cellLog, 1)).toBe(true);
    },
  );
});
