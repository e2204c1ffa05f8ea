// The parent's side of a worker: one seed at a time, an answer for each. A worker that dies over a seed has
// answered it, and a new one takes over.
import { type ChildProcess, fork } from 'node:child_process';
import type { StoryKind } from './draw-orders.ts';
import type { SeedAnswer, SeedWish } from './worker.ts';

/** A minute and a half of one core at most: what takes longer goes round in circles. */
const SEED_LIMIT_MS = 90_000;

export class SeedProcess {
  readonly #workerPath: string;
  #child: ChildProcess | null = null;

  /** `workerPath`: worker.js of the tree whose code is tried. */
  constructor(workerPath: string) {
    this.#workerPath = workerPath;
  }

  async live(seed: number, kind: StoryKind = 'faults'): Promise<SeedAnswer> {
    const child = this.#child ?? this.#start();
    return new Promise((resolve) => {
      const finish = (answer: SeedAnswer): void => {
        limit.removeEventListener('abort', kill);
        child.removeAllListeners();
        resolve(answer);
      };
      const limit = AbortSignal.timeout(SEED_LIMIT_MS);
      const kill = (): void => void child.kill('SIGKILL');
      limit.addEventListener('abort', kill);
      child.once('message', (answer: SeedAnswer) => finish(answer));
      child.once('exit', (code, signal) => {
        this.#child = null;
        finish({ seed, ok: false, problem: `the worker ended with ${signal ?? `exit code ${code}`}` });
      });
      const wish: SeedWish = { seed, kind };
      child.send(wish);
    });
  }

  close(): void {
    this.#child?.disconnect();
    this.#child = null;
  }

  #start(): ChildProcess {
    const child = fork(this.#workerPath, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child = child;
    return child;
  }
}
