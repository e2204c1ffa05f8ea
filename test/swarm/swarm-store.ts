// The store of one daemon process, in front of a real one: can be full, broken, hung or slow, and dies with
// its process. A commit is in the file at once or only when it is answered, as the story says; only what was
// answered to a living process is written down as acknowledged.
import { messageOf } from '../../src/base/errors.ts';
import type {
  Commit,
  OpenResult,
  RunDescription,
  RunStore,
  Store,
  StoreResult,
} from '../../src/store/run-store.ts';
import type { HostClock } from './host-clock.ts';
import type { StoreStory } from './story.ts';
import type { Witness } from './witness.ts';

/** What is wrong with the disk; shared by all processes of a world. */
export interface Disk {
  trouble: 'full' | 'failed' | 'hang' | null;
  answerMs: number;
  /** Called when a disk that hung goes on. */
  readonly waiting: (() => void)[];
}

export interface SwarmStoreOptions {
  readonly inner: Store;
  readonly clock: HostClock;
  readonly life: number;
  readonly disk: Disk;
  readonly stores: StoreStory['stores'];
  readonly witness: Witness;
  /** Here a process may die: around the writing of a commit, and around the answer to it. */
  readonly around: (act: 'commit' | 'answer', when: 'before' | 'after') => void;
}

const FAILURES = {
  full: { ok: false, code: 'STORE_FULL', detail: 'no space left on device' },
  failed: { ok: false, code: 'STORE_FAILED', detail: 'disk I/O error' },
} as const;

export class SwarmStore implements Store {
  readonly #options: SwarmStoreOptions;

  constructor(options: SwarmStoreOptions) {
    this.#options = options;
  }

  createRun(description: RunDescription, done: (result: OpenResult) => void): void {
    this.#reach(() => {
      const failure = this.#failure();
      if (failure !== null) return this.#answer(() => done(failure));
      this.#options.inner.createRun(description, (result) => done(this.#wrapped(description.run, result)));
    });
  }

  openRun(run: string, done: (result: OpenResult) => void): void {
    this.#reach(() => {
      const failure = this.#failure();
      if (failure !== null) return this.#answer(() => done(failure));
      this.#options.inner.openRun(run, (result) => done(this.#wrapped(run, result)));
    });
  }

  close(done: () => void): void {
    this.#options.inner.close(done);
  }

  #wrapped(run: string, result: OpenResult): OpenResult {
    return result.ok ? { ok: true, store: this.#faulty(run, result.store) } : result;
  }

  #faulty(run: string, store: RunStore): RunStore {
    return {
      path: store.path,
      get nextSeq() {
        return store.nextSeq;
      },
      commit: (commit, done) => this.#reach(() => this.#commit({ run, store, commit, done })),
      seal: (done) =>
        this.#reach(() => {
          const failure = this.#failure();
          if (failure === null) store.seal(done);
          else this.#answer(() => done(failure));
        }),
      close: (done) => {
        if (!this.#options.clock.isDead) store.close(done);
      },
    };
  }

  /** Now, or when a disk that hangs goes on; never for a process that is dead by then. */
  #reach(act: () => void): void {
    const { clock, disk } = this.#options;
    if (clock.isDead) return;
    if (disk.trouble !== 'hang') return act();
    disk.waiting.push(() => this.#reach(act));
  }

  #commit(asked: {
    readonly run: string;
    readonly store: RunStore;
    readonly commit: Commit;
    readonly done: (result: StoreResult) => void;
  }): void {
    const { around, clock, life, stores, witness } = this.#options;
    const { run, store, commit, done } = asked;
    const failure = this.#failure();
    if (failure !== null) return this.#answer(() => done(failure));
    const acknowledge = (result: StoreResult): void => {
      around('answer', 'before');
      if (clock.isDead) return;
      if (result.ok) witness.acknowledged({ life, run, commit });
      done(result);
      around('answer', 'after');
    };
    const write = (then: (result: StoreResult) => void): void => {
      around('commit', 'before');
      if (clock.isDead) return;
      try {
        store.commit(commit, then);
      } catch (thrown) {
        // A contradiction in the daemon's own rows: never its right, whatever it makes of it.
        witness.note(life, `contradiction: ${messageOf(thrown)}`);
        if (stores === 'when-asked') throw thrown;
        then({ ok: false, code: 'STORE_FAILED', detail: messageOf(thrown), isFinal: true });
      }
      around('commit', 'after');
    };
    if (stores === 'when-asked') write((result) => this.#answer(() => acknowledge(result)));
    else this.#answer(() => write(acknowledge));
  }

  #failure(): (typeof FAILURES)[keyof typeof FAILURES] | null {
    const { trouble } = this.#options.disk;
    return trouble === 'full' || trouble === 'failed' ? FAILURES[trouble] : null;
  }

  #answer(tell: () => void): void {
    const { clock, disk } = this.#options;
    if (disk.answerMs === 0) clock.defer(tell);
    else clock.after(disk.answerMs, tell);
  }
}
