// Runs a list of replay tasks to their outcomes: worker pool, progress on a terminal, run files in a
// temporary folder, moved under their names only where they are to be kept, and an orderly end when the
// operator interrupts. Must never know what was scripted, nor tell a worker by a file name.
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SystemClock } from '../base/clock.ts';
import { GalvanodeError, messageOf } from '../base/errors.ts';
import { makeFolders } from '../base/folders.ts';
import { makeWay } from '../store/out-file.ts';
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
  const told: { signal: NodeJS.Signals | null; pool: Pool | null } = { signal: null, pool: null };
  const onSignal = (signal: NodeJS.Signals): void => {
    told.signal ??= signal;
    told.pool?.stop();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const progress = createProgress(items, clock);
  let folder: string | null = null;
  const unkept = new Map<number, string>();
  try {
    const work = makeWorkFolder(outPath);
    folder = work;
    // Numbered, not named: a worker must not learn from its path which row it runs.
    const pathOf = (index: number): string => join(work, `run-${index}.db`);
    const tasks = items.map(({ task, expected }, index) => {
      return { task, path: pathOf(index), weight: expected.weight };
    });
    told.pool = startPool({
      ...{ tasks, workers, startWorker },
      onProgress: (index, hours) => progress.advance(index, hours),
      onOutcome: (index, { ok }) => {
        progress.finish(index);
        const name = items[index]?.name ?? String(index);
        const problem = ok && outPath !== null ? keep(pathOf(index), resolve(outPath, `${name}.db`)) : null;
        if (problem !== null) unkept.set(index, problem);
        rmSync(pathOf(index), { force: true });
      },
    });
    const outcomes = (await told.pool.done).map((outcome, index): TaskOutcome | null => {
      const reason = unkept.get(index);
      return reason === undefined ? outcome : { ok: false, reason };
    });
    return { outcomes, wallS: (clock.nowMs() - startMs) / 1000, signal: told.signal };
  } finally {
    progress.end();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}

/** Where workers write. Of one file system with the files that are kept, so that these are moved whole. */
function makeWorkFolder(outPath: string | null): string {
  const parent = outPath === null ? tmpdir() : resolve(outPath);
  const option = outPath === null ? 'the temporary folder ($TMPDIR)' : '"--out"';
  try {
    if (outPath !== null) makeFolders(parent);
    return mkdtempSync(join(parent, 'galvanode-literature-'));
  } catch (thrown) {
    const problem = `${option}: cannot write in ${parent} (${messageOf(thrown)})`;
    throw new GalvanodeError('STORE_FAILED', `${problem}; name a folder that can be written`);
  }
}

/** What prevented it, null: nothing. Measured runs are never replaced. */
function keep(path: string, asPath: string): string | null {
  const way = makeWay(asPath);
  if (!way.ok) return way.detail;
  try {
    renameSync(path, asPath);
    return null;
  } catch (thrown) {
    return `${asPath}: ${messageOf(thrown)}`;
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
