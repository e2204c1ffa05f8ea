// Runs replay tasks in worker processes, longest first, and gives each one an outcome: what was recovered, or
// why nothing was. Processes, not threads: a worker that dies takes its own run with it and nothing else.
// Must never know what was scripted.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { assert } from '../base/assert.ts';
import type { RecoveredRun, ReplayTask } from './literature-task.ts';

/** A task with where its run file goes and how long it will roughly take. */
export interface PoolTask {
  readonly task: ReplayTask;
  readonly path: string;
  /** Rough seconds of work: decides the order. */
  readonly weight: number;
}

export type TaskOutcome =
  | { readonly ok: true; readonly recovered: RecoveredRun }
  | { readonly ok: false; readonly reason: string };

export interface WorkerRequest {
  readonly type: 'run';
  readonly id: number;
  readonly task: ReplayTask;
  readonly path: string;
}

export type WorkerReply =
  | { readonly type: 'progress'; readonly id: number; readonly simulatedHours: number }
  | { readonly type: 'ended'; readonly id: number; readonly outcome: TaskOutcome };

/** One worker, seen from here. Single use: what has ended is replaced. */
export interface WorkerHandle {
  send(request: WorkerRequest): void;
  onReply(receive: (reply: WorkerReply) => void): void;
  /** Called once, with a sentence. */
  onEnded(receive: (detail: string) => void): void;
  end(): void;
}

export interface PoolOptions {
  readonly tasks: readonly PoolTask[];
  readonly workers: number;
  readonly startWorker: () => WorkerHandle;
  readonly onProgress: (index: number, simulatedHours: number) => void;
  readonly onOutcome: (index: number, outcome: TaskOutcome) => void;
}

export interface Pool {
  /** Outcomes in the order of the tasks; null for those that a stop left undone. */
  readonly done: Promise<readonly (TaskOutcome | null)[]>;
  /** Ends every worker at once. */
  stop(): void;
}

export function startPool(options: PoolOptions): Pool {
  const { tasks, startWorker, onProgress, onOutcome } = options;
  const waiting = tasks.map((_, index) => index).sort((a, b) => weightOf(tasks, a) - weightOf(tasks, b));
  const outcomes: (TaskOutcome | null)[] = tasks.map(() => null);
  const handles = new Set<WorkerHandle>();
  let isStopped = false;
  let settle: (outcomes: readonly (TaskOutcome | null)[]) => void = () => undefined;
  const done = new Promise<readonly (TaskOutcome | null)[]>((resolve) => {
    settle = resolve;
  });

  const begin = (): void => {
    const handle = startWorker();
    let running: number | null = null;
    handles.add(handle);
    const goOn = (): void => {
      running = isStopped ? null : (waiting.pop() ?? null);
      if (running === null) return handle.end();
      const { task, path } = taskAt(tasks, running);
      handle.send({ type: 'run', id: running, task, path });
    };
    const note = (outcome: TaskOutcome): void => {
      assert(running !== null, 'an outcome belongs to the task that runs');
      outcomes[running] = outcome;
      onOutcome(running, outcome);
    };
    handle.onReply((reply) => {
      if (isStopped || reply.id !== running) return;
      if (reply.type === 'progress') return onProgress(reply.id, reply.simulatedHours);
      note(reply.outcome);
      goOn();
    });
    handle.onEnded((detail) => {
      handles.delete(handle);
      if (running !== null && !isStopped) {
        note({ ok: false, reason: detail });
        if (waiting.length > 0) begin();
      }
      if (handles.size === 0) settle(outcomes);
    });
    goOn();
  };
  const count = Math.min(options.workers, tasks.length);
  if (count === 0) settle(outcomes);
  for (let number = 0; number < count; number += 1) begin();
  return {
    done,
    stop() {
      isStopped = true;
      for (const handle of handles) handle.end();
    },
  };
}

function weightOf(tasks: readonly PoolTask[], index: number): number {
  return taskAt(tasks, index).weight;
}

function taskAt(tasks: readonly PoolTask[], index: number): PoolTask {
  const found = tasks[index];
  assert(found !== undefined, `there is no task ${index}`);
  return found;
}

/** A worker process of its own group: Ctrl-C is for this process to judge, which then ends it. */
export function forkWorker(): WorkerHandle {
  const entry = fileURLToPath(new URL('./literature-worker.js', import.meta.url));
  const child = fork(entry, [], {
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let tellEnd: ((detail: string) => void) | null = null;
  const end = (detail: string): void => {
    tellEnd?.(detail);
    tellEnd = null;
  };
  child.once('exit', (code, signal) => end(`the worker process ended (${signal ?? `code ${code ?? '?'}`})`));
  child.on('error', (error) => end(`the worker process failed: ${error.message}`));
  return {
    send(request) {
      // A send to a process that is gone is answered by its exit.
      if (child.connected) child.send(request, () => undefined);
    },
    onReply(receive) {
      child.on('message', (message) => {
        const reply = parseWorkerReply(message);
        if (reply !== null) receive(reply);
      });
    },
    onEnded(receive) {
      tellEnd = receive;
    },
    end() {
      child.kill('SIGKILL');
    },
  };
}

export function parseWorkerRequest(message: unknown): WorkerRequest | null {
  return hasTypeOf(message, ['run']) ? (message as WorkerRequest) : null;
}

function parseWorkerReply(message: unknown): WorkerReply | null {
  return hasTypeOf(message, ['progress', 'ended']) ? (message as WorkerReply) : null;
}

/** Both ends are of one build, so the shape is not checked further. */
function hasTypeOf(message: unknown, types: readonly string[]): boolean {
  if (typeof message !== 'object' || message === null || !('type' in message)) return false;
  return typeof message.type === 'string' && types.includes(message.type);
}
