// Goal: what the writer process says about a commit reaches whoever must act on it: a full disk those who
// keep room in reserve, an answer that is final the run. Method: a writer process that answers from a list.
import { expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { RunStore, StoreResult } from '../../../src/store/run-store.ts';
import type { WriterChannel, WriterOpenResult, WriterReply } from '../../../src/store/writer-messages.ts';
import { WriterService } from '../../../src/store/writer-service.ts';
import { WriterStore } from '../../../src/store/writer-store.ts';
import { commitOf, descriptionOf, samplesOf, temporaryFolder, wholeStep } from './fixtures.ts';

const FULL = { ok: false, code: 'STORE_FULL', detail: 'run.db: database or disk is full' } as const;

interface AnsweringRig {
  readonly clock: VirtualClock;
  readonly run: RunStore;
  readonly fulls: number[];
  /** The process ends, and the next one finds this in the file. */
  restart(found: WriterOpenResult): void;
  commit(): StoreResult | null;
}

function answering(answers: StoreResult[]): AnsweringRig {
  const clock = new VirtualClock();
  const fulls: number[] = [];
  let end: (detail: string) => void = () => undefined;
  let found: WriterOpenResult = { ok: true, path: 'run.db', commits: 0, nextSeq: 1 };
  const spawn = (): WriterChannel => {
    let receive: (reply: WriterReply) => void = () => undefined;
    return {
      send: ({ id, type }) => {
        const answer = type === 'commit' ? answers.shift() : undefined;
        clock.defer(() => {
          if (type === 'create' || type === 'open') receive({ type: 'opened', id, result: found });
          else if (answer !== undefined) receive({ type: 'done', id, result: answer });
        });
      },
      onReply: (receiver) => void (receive = receiver),
      onEnded: (receiver) => void (end = receiver),
      disconnect: () => end('code 0'),
    };
  };
  const store = new WriterStore({
    ...{ clock, spawn },
    onTrouble: () => undefined,
    onFull: () => fulls.push(clock.nowMs()),
  });
  const runs: RunStore[] = [];
  store.createRun(descriptionOf(), (result) => {
    if (result.ok) runs.push(result.store);
  });
  clock.advance(1);
  const [created] = runs;
  if (created === undefined) throw new Error('the run was not created');
  return {
    ...{ clock, fulls, run: created },
    restart(next) {
      found = next;
      end('SIGKILL');
      clock.advance(1000);
    },
    commit() {
      let told: StoreResult | null = null;
      created.commit(wholeStep(1), (result) => (told = result));
      clock.advance(1000);
      return told;
    },
  };
}

it('a full disk is told to those who keep room in reserve, each time it is met', () => {
  const rig = answering([FULL, { ok: true }, { ok: false, code: 'STORE_FAILED', detail: 'EIO' }, FULL]);
  const results = [rig.commit(), rig.commit(), rig.commit(), rig.commit()];
  expect(results.map((result) => result?.ok)).toEqual([false, true, false, false]);
  expect(rig.fulls).toHaveLength(2);
});

it('a file that has lost what was acknowledged is final, for this commit, every other and the seal', () => {
  const rig = answering([{ ok: true }, { ok: true }]);
  rig.commit();
  rig.commit();
  let told: StoreResult | null = null;
  rig.run.commit(wholeStep(1), (result) => (told = result));
  rig.restart({ ok: true, path: 'run.db', commits: 1, nextSeq: 361 });
  const final = {
    ok: false,
    detail: 'run.db: the file holds 1 commits, 2 were acknowledged',
    isFinal: true,
  };
  expect(told).toMatchObject(final);
  expect(rig.commit()).toMatchObject(final);
  rig.run.seal((result) => (told = result));
  rig.clock.advance(1);
  expect(told).toMatchObject(final);
});

it('a commit of a run that was closed is refused, and that is not final: the daemon is just ending', () => {
  const rig = answering([]);
  rig.run.close(() => undefined);
  rig.run.commit(wholeStep(1), (result) => expect(result).not.toHaveProperty('isFinal'));
  expect.hasAssertions();
  rig.clock.advance(1);
});

it('a contradiction is answered by the service as final, anything else that is thrown is not', () => {
  const clock = new VirtualClock();
  const replies: WriterReply[] = [];
  const target = { dataPath: temporaryFolder() };
  const service = new WriterService({ clock, durability: 'off', target }, (reply) => replies.push(reply));
  const description = descriptionOf();
  const { run } = description;
  service.receive({ type: 'create', id: 1, description });
  clock.advance(1);
  service.receive({ type: 'commit', id: 2, run, number: 1, commit: commitOf({ samples: samplesOf(9, 1) }) });
  service.receive({ type: 'commit', id: 3, run: 'another', number: 1, commit: wholeStep(1) });
  clock.advance(1);
  const results = replies.filter(({ type }) => type === 'done').map(({ result }) => result);
  expect(results).toEqual([
    {
      ok: false,
      code: 'STORE_FAILED',
      detail: expect.stringMatching(/^internal error: seq must/),
      isFinal: true,
    },
    { ok: false, code: 'STORE_FAILED', detail: 'run another is not open in the writer' },
  ]);
  service.close(() => undefined);
});
