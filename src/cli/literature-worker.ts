// Entry of a worker process of `literature replay`: takes one task after the other, runs it, reports what it
// recovered. It is told nothing but tasks, writes nothing but run files, and never outlives its parent's
// channel.
import { SystemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { parseWorkerRequest, type TaskOutcome, type WorkerReply } from './literature-pool.ts';
import { runTask } from './literature-task.ts';

const PROGRESS_EVERY_MS = 250;

function main(): void {
  const clock = new SystemClock();
  const reply = (message: WorkerReply): void => {
    if (process.connected) process.send?.(message);
  };
  // Ctrl-C and a supervisor's SIGTERM are for the parent to judge.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message) => {
    const request = parseWorkerRequest(message);
    if (request === null) return;
    const { id, task, path } = request;
    let toldMs = clock.nowMs();
    const outcome = runTask(task, path, (simulatedHours) => {
      if (clock.nowMs() - toldMs < PROGRESS_EVERY_MS) return;
      toldMs = clock.nowMs();
      reply({ type: 'progress', id, simulatedHours });
    });
    void outcome
      .then(
        (recovered): TaskOutcome => ({ ok: true, recovered }),
        (thrown: unknown): TaskOutcome => ({ ok: false, reason: messageOf(thrown) }),
      )
      .then((ended) => reply({ type: 'ended', id, outcome: ended }));
  });
}

if (process.send === undefined) throw new Error('a worker is started by: galvanode literature replay');
main();
