// Goal: tasks are given out longest first and each gets one outcome, whatever becomes of workers. Method:
// workers are doubles that record what they are sent and answer, die or stay silent as told; no process is
// started.
import { describe, expect, it } from 'vitest';
import {
  type PoolTask,
  startPool,
  type TaskOutcome,
  type WorkerHandle,
  type WorkerReply,
  type WorkerRequest,
} from '../../../src/cli/literature-pool.ts';
import { planReplay } from '../../../src/cli/literature-plan.ts';
import type { RecoveredRun } from '../../../src/cli/literature-task.ts';
import { readLiterature } from '../../../src/analysis/literature/literature.ts';

const [system] = planReplay(readLiterature(), { seed: 1, instrument: 'ideal', recordUs: 60_000_000 });
const recovered: RecoveredRun = {
  ...{ state: 'done', verdict: 'completed', reason: '-', hours: 1, isBound: true, efficiency: null },
  ...{ currentError: 0 },
  ...{ samples: 1, halfCycles: 1, bytes: 1, simulatedHours: 1, wallS: 1, contentHash: '-' },
};

function tasksOf(weights: readonly number[]): readonly PoolTask[] {
  const planned = system?.life;
  if (planned?.type !== 'planned') throw new Error('the first row is planned');
  return weights.map((weight, index) => ({ task: planned.task, path: `${index}.db`, weight }));
}

/** Answers each request as `act` says: the outcome, or the sentence it dies with. */
function rig(weights: readonly number[], workers: number, act: (id: number) => string | null) {
  const sent: number[] = [];
  const told: [number, boolean][] = [];
  const progressed: [number, number][] = [];
  let alive = 0;
  let started = 0;
  const startWorker = (): WorkerHandle => {
    let reply: (message: WorkerReply) => void = () => undefined;
    let ended: (detail: string) => void = () => undefined;
    let isAlive = true;
    alive += 1;
    started += 1;
    const end = (detail: string): void => {
      if (!isAlive) return;
      isAlive = false;
      alive -= 1;
      queueMicrotask(() => ended(detail));
    };
    return {
      send({ id }: WorkerRequest) {
        sent.push(id);
        const death = act(id);
        if (death === 'silence') return;
        queueMicrotask(() => {
          if (death !== null) return end(death);
          reply({ type: 'progress', id, simulatedHours: 0.5 });
          reply({ type: 'ended', id, outcome: { ok: true, recovered } });
        });
      },
      onReply(receive) {
        reply = receive;
      },
      onEnded(receive) {
        ended = receive;
      },
      end: () => end('told to'),
    };
  };
  const pool = startPool({
    ...{ tasks: tasksOf(weights), workers, startWorker },
    onProgress: (index, hours) => progressed.push([index, hours]),
    onOutcome: (index, { ok }) => told.push([index, ok]),
  });
  return { pool, sent, told, progressed, alive: () => alive, started: () => started };
}

const okOf = (outcomes: readonly (TaskOutcome | null)[]) => outcomes.map((outcome) => outcome?.ok ?? null);

describe('the pool', () => {
  it('begins with the longest task and gives outcomes in the order of the tasks', async () => {
    const { pool, sent, alive, progressed } = rig([1, 30, 2, 20], 1, () => null);
    expect(okOf(await pool.done)).toEqual([true, true, true, true]);
    expect(sent).toEqual([1, 3, 2, 0]);
    expect(progressed).toContainEqual([3, 0.5]);
    expect(alive()).toBe(0);
  });

  it('starts no more workers than it has tasks', async () => {
    const { pool, started } = rig([1, 2], 8, () => null);
    await pool.done;
    expect(started()).toBe(2);
  });

  it('is done at once where there is nothing to do', async () => {
    expect(await rig([], 2, () => null).pool.done).toEqual([]);
  });

  it('fails the task whose worker died, with what is known, and runs the rest in a new worker', async () => {
    const { pool, told, alive } = rig([4, 3, 2, 1], 1, (id) => (id === 1 ? 'ended (SIGSEGV)' : null));
    const outcomes = await pool.done;
    expect(okOf(outcomes)).toEqual([true, false, true, true]);
    expect(outcomes[1]).toEqual({ ok: false, reason: 'ended (SIGSEGV)' });
    expect(told).toHaveLength(4);
    expect(alive()).toBe(0);
  });

  it('leaves undone what a stop overtook, and ends every worker', async () => {
    const { pool, alive, told } = rig([4, 3, 2, 1], 2, (id) => (id > 1 ? 'silence' : null));
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    expect(told).toHaveLength(2);
    pool.stop();
    expect(okOf(await pool.done)).toEqual([true, true, null, null]);
    expect(alive()).toBe(0);
  });
});
