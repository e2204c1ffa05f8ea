// The store of a bench: sends commits to the writer process and passes its answers on. A slow disk blocks
// that process. Spawns the process again where it ends, opens the runs again, and finds out which commits
// reached their files. Never touches a file itself.
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { OpenResult, RunDescription, Store, StoreResult } from './run-store.ts';
import type {
  SpawnWriter,
  WriterChannel,
  WriterOpenResult,
  WriterReply,
  WriterRequest,
} from './writer-messages.ts';
import { type RunRequestBody, WriterRun } from './writer-run.ts';

export interface WriterStoreOptions {
  readonly clock: Clock;
  readonly spawn: SpawnWriter;
  /** For the log: the writer ended, or could not open a run again. The store goes on trying. */
  readonly onTrouble: (detail: string) => void;
  /** The disk took no more: whoever keeps room in reserve may give it now. */
  readonly onFull?: () => void;
}

type OpenRequest = Extract<WriterRequest, { type: 'create' | 'open' }>;

interface Waiting {
  readonly answered: (reply: WriterReply) => void;
  /** The writer ended before it answered. */
  readonly ended: (detail: string) => void;
}

const RESPAWN_MS = 100;
const RESPAWN_MAXIMUM_MS = 5000;

export class WriterStore implements Store {
  readonly #options: WriterStoreOptions;
  readonly #runs = new Map<string, WriterRun>();
  #channel: WriterChannel | null = null;
  #waiting = new Map<number, Waiting>();
  #nextId = 1;
  /** Ends of the process without an answer between them: each waits longer for the next start. */
  #barrenEnds = 0;
  #closing: (() => void) | null = null;
  #isClosed = false;

  constructor(options: WriterStoreOptions) {
    this.#options = options;
    this.#spawn();
  }

  createRun(description: RunDescription, done: (result: OpenResult) => void): void {
    this.#open({ type: 'create', id: this.#takeId(), description }, description.run, done);
  }

  openRun(run: string, done: (result: OpenResult) => void): void {
    this.#open({ type: 'open', id: this.#takeId(), run }, run, done);
  }

  /** Waits for what is outstanding, then for the process to end. */
  close(done: () => void): void {
    if (this.#isClosed) {
      this.#options.clock.defer(done);
      return;
    }
    assert(this.#closing === null, 'a store is closed once');
    this.#closing = done;
    if (this.#channel === null) this.#options.clock.defer(() => this.#finishClose());
    else this.#disconnectWhenIdle();
  }

  #open(request: OpenRequest, run: string, done: (result: OpenResult) => void): void {
    const fail = (detail: string): void => done({ ok: false, code: 'STORE_FAILED', detail });
    if (this.#channel === null || this.#closing !== null) {
      this.#options.clock.defer(() => fail('the writer process is not running; try again in a few seconds'));
      return;
    }
    const answered = (reply: WriterReply): void => {
      assert(reply.type === 'opened', 'a request to open is answered by "opened"');
      const { result } = reply;
      done(result.ok ? { ok: true, store: this.#track(run, result) } : result);
    };
    this.#request(request, { answered, ended: fail });
  }

  #track(run: string, opened: Extract<WriterOpenResult, { ok: true }>): WriterRun {
    const store = new WriterRun(run, opened, {
      send: (body, answered) => this.#sendOf(body, answered),
      defer: (later) => this.#options.clock.defer(later),
      onClosed: () => this.#runs.delete(run),
    });
    this.#runs.set(run, store);
    return store;
  }

  #sendOf(body: RunRequestBody, answered: (result: StoreResult) => void): void {
    // Where the process has ended in this very moment the run is told so, and opens again.
    const waiting = { answered: answerOf(answered), ended: () => undefined };
    this.#request({ ...body, id: this.#takeId() }, waiting);
  }

  #request(request: WriterRequest, waiting: Waiting): void {
    this.#waiting.set(request.id, waiting);
    this.#channel?.send(request);
  }

  #takeId(): number {
    this.#nextId += 1;
    return this.#nextId;
  }

  #spawn(): void {
    if (this.#isClosed || this.#closing !== null) return;
    const channel = this.#options.spawn();
    this.#channel = channel;
    // A process that is gone may still have answers on their way; the files know better.
    channel.onReply((reply) => {
      if (this.#channel === channel) this.#receive(reply);
    });
    channel.onEnded((detail) => {
      if (this.#channel === channel) this.#ended(detail);
    });
    for (const run of this.#runs.values()) this.#reopen(run);
  }

  #receive(reply: WriterReply): void {
    this.#barrenEnds = 0;
    const waiting = this.#waiting.get(reply.id);
    assert(waiting !== undefined, `reply ${reply.id} answers nothing`);
    this.#waiting.delete(reply.id);
    if (!reply.result.ok && reply.result.code === 'STORE_FULL') this.#options.onFull?.();
    waiting.answered(reply);
    this.#disconnectWhenIdle();
  }

  #ended(detail: string): void {
    const { clock, onTrouble } = this.#options;
    const waiting = this.#waiting;
    this.#waiting = new Map();
    this.#channel = null;
    for (const run of this.#runs.values()) run.writerEnded();
    for (const { ended } of waiting.values()) ended(detail);
    if (this.#closing !== null) {
      this.#finishClose();
      return;
    }
    onTrouble(`${detail}; it is started again`);
    const delayMs = this.#barrenEnds === 0 ? 0 : RESPAWN_MS * 2 ** (this.#barrenEnds - 1);
    this.#barrenEnds += 1;
    clock.after(Math.min(delayMs, RESPAWN_MAXIMUM_MS), () => this.#spawn());
  }

  #reopen(run: WriterRun): void {
    const channel = this.#channel;
    const answered = (reply: WriterReply): void => {
      assert(reply.type === 'opened', 'a request to open is answered by "opened"');
      const { result } = reply;
      if (result.ok || result.isSealed) {
        run.reopened(result);
        return;
      }
      this.#options.onTrouble(`${result.detail}; it is opened again`);
      this.#options.clock.after(RESPAWN_MAXIMUM_MS, () => {
        if (this.#channel === channel && this.#runs.has(run.run)) this.#reopen(run);
      });
    };
    this.#request({ type: 'open', id: this.#takeId(), run: run.run }, { answered, ended: () => undefined });
  }

  #disconnectWhenIdle(): void {
    if (this.#closing !== null && this.#waiting.size === 0) this.#channel?.disconnect();
  }

  #finishClose(): void {
    const done = this.#closing;
    if (done === null) return;
    this.#closing = null;
    this.#isClosed = true;
    for (const run of [...this.#runs.values()]) run.abandon('the store was closed');
    done();
  }
}

function answerOf(answered: (result: StoreResult) => void): (reply: WriterReply) => void {
  return (reply) => {
    assert(reply.type === 'done', 'a request of a run is answered by "done"');
    answered(reply.result);
  };
}
