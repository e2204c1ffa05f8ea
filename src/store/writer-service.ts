// The writer process without its process: an inline store that answers requests. The entry point gives it a
// channel, tests give it a fake one. Never lets one run's failure reach another: what is thrown becomes the
// answer to the request that caused it.
import { AssertionFailed } from '../base/assert.ts';
import { messageOf } from '../base/errors.ts';
import {
  InlineStore,
  type InlineOpenResult,
  type InlineRunStore,
  type InlineStoreOptions,
} from './inline-store.ts';
import type { StoreResult } from './run-store.ts';
import type { WriterOpenResult, WriterReply, WriterRequest } from './writer-messages.ts';

export class WriterService {
  readonly #store: InlineStore;
  readonly #reply: (reply: WriterReply) => void;
  readonly #runs = new Map<string, InlineRunStore>();

  constructor(options: InlineStoreOptions, reply: (reply: WriterReply) => void) {
    this.#store = new InlineStore(options);
    this.#reply = reply;
  }

  receive(request: WriterRequest): void {
    try {
      this.#handle(request);
    } catch (thrown) {
      const result = failureOfThrown(thrown);
      const { id, type } = request;
      if (type === 'create' || type === 'open') {
        this.#reply({ type: 'opened', id, result: { ...result, isSealed: false } });
      } else {
        this.#reply({ type: 'done', id, result });
      }
    }
  }

  /** Closes every run; what was committed is stored already. */
  close(done: () => void): void {
    this.#store.close(done);
  }

  #handle(request: WriterRequest): void {
    const { id } = request;
    const done = (result: StoreResult): void => this.#reply({ type: 'done', id, result });
    switch (request.type) {
      case 'create':
        this.#store.createRun(request.description, (opened) => this.#opened(id, opened));
        return;
      case 'open':
        this.#store.openRun(request.run, (opened) => this.#opened(id, opened));
        return;
      case 'commit': {
        const run = this.#runOf(request.run);
        if (run.commits + 1 === request.number) run.commit(request.commit, done);
        else done(outOfOrder(run, request.number));
        return;
      }
      case 'seal':
        this.#runOf(request.run).seal(done);
        return;
      case 'close':
        this.#runOf(request.run).close(done);
        this.#runs.delete(request.run);
        return;
    }
  }

  #opened(id: number, opened: InlineOpenResult): void {
    this.#reply({ type: 'opened', id, result: this.#register(opened) });
  }

  #register(opened: InlineOpenResult): WriterOpenResult {
    if (!opened.ok) return { ...opened, isSealed: opened.isSealed ?? false };
    const { run, path, commits, nextSeq } = opened.store;
    this.#runs.set(run, opened.store);
    return { ok: true, path, commits, nextSeq };
  }

  #runOf(run: string): InlineRunStore {
    const store = this.#runs.get(run);
    if (store === undefined) throw new RangeError(`run ${run} is not open in the writer`);
    return store;
  }
}

/** A contradiction is final: no retry makes it true. */
function failureOfThrown(thrown: unknown): Exclude<StoreResult, { ok: true }> {
  const detail = messageOf(thrown);
  return thrown instanceof AssertionFailed
    ? { ok: false, code: 'STORE_FAILED', detail: `internal error: ${detail}`, isFinal: true }
    : { ok: false, code: 'STORE_FAILED', detail };
}

function outOfOrder(run: InlineRunStore, number: number): StoreResult {
  const detail = `${run.path}: commit ${number} came after ${run.commits}; one before it failed`;
  return { ok: false, code: 'STORE_FAILED', detail };
}
