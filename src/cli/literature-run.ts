// Runs a list of replay tasks to their outcomes: worker pool, progress on a terminal, run files in a folder
// that is temporary unless one was named, and an orderly end when the operator interrupts. Must never know
// what was scripted.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SystemClock } from '../base/clock.ts';
import { makeFolders } from '../base/folders.ts';
import type { ExpectedWork } from './literature-plan.ts';
import { type Pool, startPool, type TaskOutcome, type WorkerHandle } from './literature-pool.ts';
import type { ReplayTask } from './literature-task.ts';
import { createProgressLine } from './output.ts';

export interface ReplayItem {
  readonly task: ReplayTask;
  /** Of the run file, without its extension. */
  readonly name: string;
  readonly expected: ExpectedWork;
}

export interface ReplayRunOptions {
  readonly items: readonly ReplayItem[];
  readonly workers: number;
  /** Where run files are kept; null: each is deleted once it was read. */
  readonly outPath: string | null;
  readonly startWorker: () => WorkerHandle;
}

export interface ReplayRunResult {
  /** In the order of the items; null where an interruption left one undone. */
  readonly outcomes: readonly (TaskOutcome | null)[];
  readonly wallS: number;
  readonly signal: NodeJS.Signals | null;
}

export async function runItems(options: ReplayRunOptions): Promise<ReplayRunResult> {
  const { items, workers, outPath, startWorker } = options;
  const clock = new SystemClock();
  const startMs = clock.nowMs();
  const folder = outPath === null ? mkdtempSync(join(tmpdir(), 'galvanode-literature-')) : resolve(outPath);
  if (outPath !== null) makeFolders(folder);
  const told: { signal: NodeJS.Signals | null; pool: Pool | null } = { signal: null, pool: null };
  const onSignal = (signal: NodeJS.Signals): void => {
    told.signal ??= signal;
    told.pool?.stop();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const progress = createProgress(items, clock);
  const tasks = items.map(({ task, name, expected }) => {
    return { task, path: join(folder, `${name}.db`), weight: expected.weight };
  });
  try {
    told.pool = startPool({
      ...{ tasks, workers, startWorker },
      onProgress: (index, hours) => progress.advance(index, hours),
      onOutcome: (index) => {
        progress.finish(index);
        if (outPath === null) rmSync(tasks[index]?.path ?? folder, { force: true });
      },
    });
    const outcomes = await told.pool.done;
    return { outcomes, wallS: (clock.nowMs() - startMs) / 1000, signal: told.signal };
  } finally {
    progress.end();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    if (outPath === null) rmSync(folder, { recursive: true, force: true });
  }
}

const BAR_CELLS = 20;

/** Hours done of hours expected; the time left follows from the work done, not from the hours. */
function createProgress(items: readonly ReplayItem[], clock: SystemClock) {
  const line = createProgressLine();
  const startMs = clock.nowMs();
  const hoursOf = items.map(() => 0);
  const expected = items.map((item) => item.expected);
  const totalHours = sumOf(expected.map(({ hours }) => hours));
  const totalWeight = sumOf(expected.map(({ weight }) => weight));
  let finished = 0;
  const show = (): void => {
    const shares = expected.map(({ hours }, index) => Math.min(1, (hoursOf[index] ?? 0) / hours));
    const hours = sumOf(expected.map((work, index) => work.hours * (shares[index] ?? 0)));
    const share = sumOf(expected.map(({ weight }, index) => weight * (shares[index] ?? 0))) / totalWeight;
    const leftS = share > 0 ? ((clock.nowMs() - startMs) / 1000) * (1 / share - 1) : null;
    const bar = '#'.repeat(Math.round(share * BAR_CELLS)).padEnd(BAR_CELLS, '.');
    const left = leftS === null ? '' : `, ${Math.ceil(leftS)} s left`;
    const runs = `${finished} of ${items.length} runs`;
    line.show(`[${bar}] ${hours.toFixed(0)} of ${totalHours.toFixed(0)} h, ${runs}${left}`);
  };
  return {
    advance(index: number, hours: number): void {
      hoursOf[index] = hours;
      show();
    },
    finish(index: number): void {
      hoursOf[index] = expected[index]?.hours ?? 0;
      finished += 1;
      show();
    },
    end: () => line.end(),
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
