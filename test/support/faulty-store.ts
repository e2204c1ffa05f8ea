// A store that can be told to fail or to be slow, in front of a real one. Writes down each acknowledgement in
// order with whatever else is noted.
import type { Clock } from '../../src/base/clock.ts';
import type {
  Commit,
  OpenResult,
  RunDescription,
  RunStore,
  Store,
  StoreResult,
} from '../../src/store/run-store.ts';

export type StoreFault = Exclude<StoreResult, { ok: true }>;

export const DISK_FULL: StoreFault = { ok: false, code: 'STORE_FULL', detail: 'run.db: no space left' };

export const DISK_BROKEN: StoreFault = {
  ok: false,
  code: 'STORE_FAILED',
  detail: 'run.db: disk I/O error (SQLITE_IOERR_FSYNC)',
};

export class FaultyStore implements Store {
  readonly #inner: Store;
  readonly #clock: Clock;
  readonly #onAcknowledged: (commit: Commit) => void;
  /** What every commit is answered with; null: it works. */
  fault: StoreFault | null = null;
  /** The same for single commits, by their number, from 1 on. */
  faultAt: (call: number, commit: Commit) => StoreFault | null = () => null;
  /** What the opening of a run's file again is answered with; null: it works. */
  openFaultOf: (run: string) => StoreFault | null = () => null;
  /** What every seal is answered with; null: it works. */
  sealFault: StoreFault | null = null;
  /** Which commits are acknowledged and not stored. */
  liesAt: (call: number) => boolean = () => false;
  /** How long an acknowledgement takes. */
  delayMs = 0;
  /** Commits that were asked for. */
  calls = 0;

  constructor(options: {
    readonly inner: Store;
    readonly clock: Clock;
    readonly onAcknowledged: (commit: Commit) => void;
  }) {
    this.#inner = options.inner;
    this.#clock = options.clock;
    this.#onAcknowledged = options.onAcknowledged;
  }

  createRun(description: RunDescription, done: (result: OpenResult) => void): void {
    this.#inner.createRun(description, (result) => done(this.#wrapped(result)));
  }

  openRun(run: string, done: (result: OpenResult) => void): void {
    const openFault = this.openFaultOf(run);
    if (openFault !== null) return this.#answer(() => done(openFault));
    this.#inner.openRun(run, (result) => done(this.#wrapped(result)));
  }

  close(done: () => void): void {
    this.#inner.close(done);
  }

  #wrapped(result: OpenResult): OpenResult {
    return result.ok ? { ok: true, store: this.#faulty(result.store) } : result;
  }

  #faulty(store: RunStore): RunStore {
    return {
      path: store.path,
      get nextSeq() {
        return store.nextSeq;
      },
      commit: (commit, done) => {
        this.calls += 1;
        const fault = this.fault ?? this.faultAt(this.calls, commit);
        if (fault !== null) return this.#answer(() => done(fault));
        const write: RunStore['commit'] = this.liesAt(this.calls)
          ? (_commit, told) => told({ ok: true })
          : (given, told) => store.commit(given, told);
        write(commit, (result) =>
          this.#answer(() => {
            if (result.ok) this.#onAcknowledged(commit);
            done(result);
          }),
        );
      },
      seal: (done) => {
        const { sealFault } = this;
        if (sealFault !== null) return this.#answer(() => done(sealFault));
        store.seal(done);
      },
      close: (done) => store.close(done),
    };
  }

  #answer(tell: () => void): void {
    if (this.delayMs === 0) this.#clock.defer(tell);
    else this.#clock.after(this.delayMs, tell);
  }
}
