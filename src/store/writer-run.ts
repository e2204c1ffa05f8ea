// One run as the daemon holds it while the writer process owns its file. Numbers the commits, so that after
// a crash of the writer the file itself says which of them it holds: a commit is told as failed only when
// it is known not to be there. Never has more than one commit under way: what stands behind one that fails
// must not be stored without it.
//
//   open --writer ended--> reopening --file open again--> open
//    \--- close, seal, store closed ---> closed
import { assert } from '../base/assert.ts';
import type { SampleColumns } from '../samples/sample-buffer.ts';
import type { Commit, RunStore, StoreResult } from './run-store.ts';
import type { WriterOpenResult, WriterRequest } from './writer-messages.ts';

type OpenedRun = Extract<WriterOpenResult, { ok: true }>;
type Done = (result: StoreResult) => void;
type RunRequest = Extract<WriterRequest, { type: 'commit' | 'seal' | 'close' }>;
type WithoutId<Request> = Request extends unknown ? Omit<Request, 'id'> : never;
export type RunRequestBody = WithoutId<RunRequest>;

export interface WriterRunPorts {
  /** Sends a request of this run; `answered` is not called where the writer ends first. */
  readonly send: (request: RunRequestBody, answered: Done) => void;
  readonly defer: (run: () => void) => void;
  readonly onClosed: () => void;
}

interface Outstanding {
  readonly commit: Commit;
  readonly done: Done;
}

export class WriterRun implements RunStore {
  readonly run: string;
  readonly path: string;
  readonly #ports: WriterRunPorts;
  #state: 'open' | 'reopening' | 'closed' = 'open';
  /** Commits the file is known to hold. */
  #stored: number;
  #nextSeq: number;
  /** Handed over, not answered; the first is under way. */
  #outstanding: Outstanding[] = [];
  #isUnderWay = false;
  /** Why nothing can ever follow what is in the file. */
  #lost: StoreResult | null = null;
  /** Follows when everything outstanding has been answered. */
  #ending: { readonly type: 'seal' | 'close'; readonly done: Done } | null = null;

  constructor(run: string, opened: OpenedRun, ports: WriterRunPorts) {
    this.run = run;
    this.path = opened.path;
    this.#stored = opened.commits;
    this.#nextSeq = opened.nextSeq;
    this.#ports = ports;
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  commit(commit: Commit, done: Done): void {
    if (this.#state === 'closed' || this.#ending !== null) {
      const refusal = this.#lost ?? failed(`${this.path}: the run is closed`);
      this.#ports.defer(() => done(refusal));
      return;
    }
    this.#outstanding.push({ commit, done });
    if (this.#outstanding.length === 1) this.#sendNext();
  }

  seal(done: Done): void {
    this.#end('seal', done);
  }

  close(done: Done): void {
    this.#end('close', done);
  }

  /** The writer process is gone: what is outstanding stays in doubt until the file is open again. */
  writerEnded(): void {
    if (this.#state === 'open') this.#state = 'reopening';
  }

  reopened(result: WriterOpenResult): void {
    assert(this.#state === 'reopening', 'only a run whose writer ended is opened again');
    assert(result.ok || result.isSealed, 'a file that cannot be opened is tried again');
    this.#state = 'open';
    if (result.ok) {
      this.#adopt(result);
      this.#sendNext();
      return;
    }
    const ending = this.#ending;
    this.#ending = null;
    this.#finish();
    ending?.done({ ok: true });
  }

  /**
   * The file tells whether the commit that was under way is in it. What stands behind it has not been sent.
   */
  #adopt(opened: OpenedRun): void {
    const wasCommitting = this.#isUnderWay && this.#outstanding.length > 0;
    const gained = opened.commits - this.#stored;
    if (gained !== 0 && !(gained === 1 && wasCommitting)) {
      const found = `the file holds ${opened.commits} commits, ${this.#stored} were acknowledged`;
      this.#lost = { ...failed(`${this.path}: ${found}`), isFinal: true };
      this.#giveUp(this.#lost);
      return;
    }
    const detail = `${this.path}: the writer process ended before this commit was stored`;
    this.#nextSeq = opened.nextSeq;
    // Last: who is told may commit again at once, and that one is under way then.
    if (wasCommitting) this.#answered(gained === 1 ? { ok: true } : failed(detail));
    else this.#isUnderWay = false;
  }

  /** The store closes and will not ask the file any more. */
  abandon(detail: string): void {
    this.#lost = failed(`${this.path}: ${detail}`);
    this.#giveUp(this.#lost);
  }

  #giveUp(result: StoreResult): void {
    const left = [
      ...this.#outstanding.map(({ done }) => done),
      ...(this.#ending === null ? [] : [this.#ending.done]),
    ];
    this.#outstanding = [];
    this.#ending = null;
    this.#finish();
    for (const done of left) done(result);
  }

  #sendNext(): void {
    if (this.#isUnderWay || this.#state !== 'open') return;
    const [next] = this.#outstanding;
    if (next !== undefined) this.#sendCommit(next.commit);
    else if (this.#ending !== null) this.#sendEnding(this.#ending);
  }

  #sendCommit(commit: Commit): void {
    this.#isUnderWay = true;
    const request = {
      type: 'commit',
      run: this.run,
      number: this.#stored + 1,
      commit: trimmed(commit),
    } as const;
    this.#ports.send(request, (result) => {
      this.#answered(result);
      this.#sendNext();
    });
  }

  #sendEnding({ type, done }: { readonly type: 'seal' | 'close'; readonly done: Done }): void {
    this.#isUnderWay = true;
    this.#ports.send({ type, run: this.run }, (result) => {
      this.#isUnderWay = false;
      this.#ending = null;
      if (result.ok) this.#finish();
      done(result);
    });
  }

  #answered(result: StoreResult): void {
    const entry = this.#outstanding.shift();
    assert(entry !== undefined && this.#isUnderWay, 'an answer belongs to the commit that is under way');
    this.#isUnderWay = false;
    if (result.ok) {
      this.#stored += 1;
      this.#nextSeq = nextSeqAfter(entry.commit, this.#nextSeq);
      entry.done(result);
      return;
    }
    const behind = this.#outstanding;
    this.#outstanding = [];
    entry.done(result);
    for (const { done } of behind) done(failed(`${this.path}: a commit before this one failed`));
  }

  #end(type: 'seal' | 'close', done: Done): void {
    if (this.#state === 'closed') {
      // What was given up is closed, and nobody has sealed it.
      const answer = type === 'seal' && this.#lost !== null ? this.#lost : ({ ok: true } as const);
      this.#ports.defer(() => done(answer));
      return;
    }
    if (this.#ending !== null) {
      this.#ports.defer(() => done(failed(`${this.path}: the run is being closed already`)));
      return;
    }
    this.#ending = { type, done };
    this.#sendNext();
  }

  #finish(): void {
    this.#state = 'closed';
    this.#ports.onClosed();
  }
}

/** Buffers are larger than what is in them; only that travels. */
function trimmed(commit: Commit): Commit {
  const { samples } = commit;
  if (samples === null || samples.timeUs.length === samples.count) return commit;
  const { firstSeq, count } = samples;
  const cut = (column: Float64Array): Float64Array => column.subarray(0, count);
  const columns: SampleColumns = {
    firstSeq,
    count,
    timeUs: cut(samples.timeUs),
    voltageNv: cut(samples.voltageNv),
    currentPa: cut(samples.currentPa),
    netChargeNc: cut(samples.netChargeNc),
    step: cut(samples.step),
    flags: cut(samples.flags),
  };
  return { ...commit, samples: columns };
}

function nextSeqAfter(commit: Commit, nextSeq: number): number {
  const { samples, gaps } = commit;
  const ends = gaps.map((gap) => gap.firstSeq + gap.count);
  if (samples !== null) ends.push(samples.firstSeq + samples.count);
  return Math.max(nextSeq, ...ends);
}

function failed(detail: string): Exclude<StoreResult, { ok: true }> {
  return { ok: false, code: 'STORE_FAILED', detail };
}
