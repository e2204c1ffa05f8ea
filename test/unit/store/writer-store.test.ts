// Goal: the daemon's store keeps its promises across two processes, and across deaths of the writer.
// Method: the writer's service behind a fake channel in virtual time, killed before or after it has stored
// a commit.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { openRunReader } from '../../../src/store/readers.ts';
import type { OpenResult, RunStore, StoreResult } from '../../../src/store/run-store.ts';
import {
  parseWriterReply,
  parseWriterRequest,
  type WriterChannel,
} from '../../../src/store/writer-messages.ts';
import { WriterService } from '../../../src/store/writer-service.ts';
import { WriterStore } from '../../../src/store/writer-store.ts';
import { commitOf, descriptionOf, RUN, samplesOf, temporaryFolder, wholeStep } from './fixtures.ts';

const OK = { ok: true };

describe('the store over a writer process', () => {
  it('creates, commits, seals and closes', () => {
    const { clock, store, run } = rig();
    expect(told(clock, (done) => run.commit(wholeStep(1), done))).toEqual(OK);
    expect(run.nextSeq).toBe(361);
    expect(told(clock, (done) => run.seal(done))).toEqual(OK);
    const reader = openRunReader(run.path);
    expect([reader.storedSeq(), reader.isSealed()]).toEqual([360, true]);
    expect(told(clock, (done) => store.close(() => done(OK as StoreResult)))).toEqual(OK);
  });

  it('answers commits in order, however many were handed over, and closes after the last', () => {
    const { clock, store, run } = rig();
    const order: number[] = [];
    for (let step = 1; step <= 4; step += 1) run.commit(wholeStep(step), () => order.push(step));
    run.close(() => order.push(5));
    told(clock, (done) => store.close(() => done(OK as StoreResult)));
    expect(order).toEqual([1, 2, 3, 4, 5]);
    expect(openRunReader(run.path).storedSeq()).toBe(1440);
  });

  it('sends what is in a buffer, not the buffer', () => {
    const { clock, run, world } = rig();
    told(clock, (done) => run.commit(commitOf({ samples: { ...samplesOf(1, 1000), count: 3 } }), done));
    expect(world.sampleBytes).toEqual([3 * 8]);
    expect(run.nextSeq).toBe(4);
  });

  it('stores nothing behind a commit that failed', () => {
    const { clock, run } = rig();
    const results: StoreResult[] = [];
    run.commit(commitOf({ samples: samplesOf(9, 1) }), (result) => results.push(result));
    run.commit(commitOf({ events: [{ timeUs: 1, kind: 'note', detail: {} }] }), (result) =>
      results.push(result),
    );
    clock.advance(100);
    expect(results).toMatchObject([
      { ok: false, detail: expect.stringContaining('seq must go on with 1') },
      { ok: false, detail: expect.stringContaining('a commit before this one failed') },
    ]);
    expect(openRunReader(run.path).events(0, 10)).toEqual([]);
    expect(told(clock, (done) => run.commit(wholeStep(1), done))).toEqual(OK);
  });

  it('opens an unsealed run again after a restart of the daemon', () => {
    const { clock, store, run, world } = rig();
    told(clock, (done) => run.commit(wholeStep(1), done));
    told(clock, (done) => store.close(() => done(OK as StoreResult)));
    const next = new WriterStore({ clock, spawn: world.spawn, onTrouble: world.onTrouble });
    const again = opened(clock, (done) => next.openRun(RUN, done));
    expect(again.nextSeq).toBe(361);
    expect(told(clock, (done) => again.commit(wholeStep(2), done))).toEqual(OK);
  });
});

describe('a death of the writer', () => {
  it('before the commit was stored is told as a failure, and the commit may be sent again', () => {
    const { clock, run, world } = rig();
    told(clock, (done) => run.commit(wholeStep(1), done));
    world.killAt('request');
    const result = told(clock, (done) => run.commit(wholeStep(2), done));
    expect(result).toMatchObject({ ok: false, code: 'STORE_FAILED' });
    expect(openRunReader(run.path).storedSeq()).toBe(360);
    expect(told(clock, (done) => run.commit(wholeStep(2), done))).toEqual(OK);
    expect(world.troubles).toHaveLength(1);
  });

  it('after the commit was stored is told as what it is: stored', () => {
    const { clock, run, world } = rig();
    world.killAt('reply');
    expect(told(clock, (done) => run.commit(wholeStep(1), done))).toEqual(OK);
    expect(run.nextSeq).toBe(361);
    expect(told(clock, (done) => run.commit(wholeStep(2), done))).toEqual(OK);
    expect(openRunReader(run.path).storedSeq()).toBe(720);
  });

  it.each(['request', 'reply'] as const)(
    'at the %s is told to one who commits at once again: each commit is sent once',
    (when) => {
      const { clock, run, world } = rig();
      const results: StoreResult[] = [];
      const again = (): void => run.commit(wholeStep(when === 'reply' ? 2 : 1), (next) => results.push(next));
      world.killAt(when);
      run.commit(wholeStep(1), (result) => {
        results.push(result);
        again();
      });
      clock.advance(1000);
      expect(results).toMatchObject([{ ok: when === 'reply' }, OK]);
      expect(openRunReader(run.path).storedSeq()).toBe(when === 'reply' ? 720 : 360);
      const next = told(clock, (done) => run.commit(wholeStep(when === 'reply' ? 3 : 2), done));
      expect(next).toEqual(OK);
    },
  );

  it('while nothing is under way is repaired without anybody noticing', () => {
    const { clock, run, world } = rig();
    world.kill();
    clock.advance(0);
    expect(told(clock, (done) => run.commit(wholeStep(1), done))).toEqual(OK);
  });

  it('during a seal: the seal is asked for again', () => {
    for (const when of ['request', 'reply'] as const) {
      const { clock, run, world } = rig();
      told(clock, (done) => run.commit(wholeStep(1), done));
      world.killAt(when);
      expect(told(clock, (done) => run.seal(done))).toEqual(OK);
      expect(openRunReader(run.path).isSealed()).toBe(true);
    }
  });

  it('at every start is tried again ever more slowly, without end', () => {
    const { clock, run, world } = rig();
    world.failStarts = 8;
    world.kill();
    clock.advance(0);
    const results: StoreResult[] = [];
    run.commit(wholeStep(1), (result) => results.push(result));
    clock.advance(6000);
    expect(results).toEqual([]);
    expect(world.troubles.length).toBeGreaterThan(5);
    clock.advance(60_000);
    expect(results).toEqual([OK]);
  });

  it('fails the creation of a run that was under way', () => {
    const { clock, store, world } = rig();
    world.killAt('request');
    const results: OpenResult[] = [];
    store.createRun(descriptionOf({ run: '01KDVDNR00000000000000000B' }), (result) => results.push(result));
    clock.advance(100);
    expect(results).toMatchObject([{ ok: false, code: 'STORE_FAILED' }]);
  });

  it('does not keep the store from closing', () => {
    const { clock, store, run, world } = rig();
    world.failStarts = 1000;
    world.kill();
    const results: StoreResult[] = [];
    run.commit(wholeStep(1), (result) => results.push(result));
    clock.advance(10);
    told(clock, (done) => store.close(() => done(OK as StoreResult)));
    expect(results).toMatchObject([{ ok: false, detail: expect.stringContaining('the store was closed') }]);
    run.seal((result) => results.push(result));
    clock.advance(60_000);
    expect(results[1], 'nobody has sealed it').toMatchObject({ ok: false });
    expect(clock.isPending).toBe(false);
  });
});

/** Writers that can be killed. What was sent to a dead one is lost, as in a pipe. */
class World {
  readonly troubles: string[] = [];
  readonly sampleBytes: (number | undefined)[] = [];
  failStarts = 0;
  readonly #clock: Clock;
  readonly #dataPath: string;
  #killAt: 'request' | 'reply' | null = null;
  #kill: () => void = () => undefined;

  constructor(clock: Clock, dataPath: string) {
    this.#clock = clock;
    this.#dataPath = dataPath;
  }

  readonly onTrouble = (detail: string): void => void this.troubles.push(detail);

  /** The next commit, seal or creation kills the writer: before it is done, or before its answer is sent. */
  killAt(when: 'request' | 'reply'): void {
    this.#killAt = when;
  }

  kill(): void {
    this.#kill();
  }

  readonly spawn = (): WriterChannel => {
    let isAlive = true;
    let receive: Parameters<WriterChannel['onReply']>[0] = () => undefined;
    let tellEnd: (detail: string) => void = () => undefined;
    const end = (detail: string): void => {
      if (!isAlive) return;
      isAlive = false;
      this.#clock.defer(() => tellEnd(detail));
    };
    const options = { clock: this.#clock, durability: 'off', target: { dataPath: this.#dataPath } } as const;
    const service = new WriterService(options, (reply) => {
      if (this.#killAt === 'reply') this.#die();
      const message = parseWriterReply(structuredClone(reply));
      this.#clock.defer(() => {
        if (isAlive && message !== null) receive(message);
      });
    });
    this.#kill = () => {
      service.close(() => undefined);
      end('the writer ended (SIGKILL)');
    };
    if (this.failStarts > 0) {
      this.failStarts -= 1;
      end('the writer ended (code 1)');
    }
    return {
      send: (request) => {
        const message = parseWriterRequest(structuredClone(request));
        if (message?.type === 'commit') this.sampleBytes.push(message.commit.samples?.timeUs.byteLength);
        this.#clock.defer(() => {
          if (this.#killAt === 'request') this.#die();
          if (isAlive && message !== null) service.receive(message);
        });
      },
      onReply: (receiver) => {
        receive = receiver;
      },
      onEnded: (receiver) => {
        tellEnd = receiver;
      },
      disconnect: () => service.close(() => end('the writer ended (code 0)')),
    };
  };

  #die(): void {
    this.#killAt = null;
    this.#kill();
  }
}

function rig(): { clock: VirtualClock; store: WriterStore; run: RunStore; world: World } {
  const clock = new VirtualClock();
  const world = new World(clock, join(temporaryFolder()));
  const store = new WriterStore({ clock, spawn: world.spawn, onTrouble: world.onTrouble });
  const run = opened(clock, (done) => store.createRun(descriptionOf(), done));
  return { clock, store, run, world };
}

function opened(clock: VirtualClock, start: (done: (result: OpenResult) => void) => void): RunStore {
  const results: OpenResult[] = [];
  start((result) => results.push(result));
  clock.runUntil(() => results.length > 0);
  const [result] = results;
  if (result?.ok !== true) throw new Error(result?.detail ?? 'it was never told');
  return result.store;
}

function told(clock: VirtualClock, start: (done: (result: StoreResult) => void) => void): StoreResult {
  const results: StoreResult[] = [];
  start((result) => results.push(result));
  clock.runUntil(() => results.length > 0);
  const [result] = results;
  if (result === undefined) throw new Error('it was never told');
  return result;
}
