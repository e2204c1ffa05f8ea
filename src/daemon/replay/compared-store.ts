// The store of a replay: today's own, into a file that is thrown away. Orders are acknowledged when the
// recorded ones were, and somebody is told now and then that there is more to compare.
import type { RunDescription, RunStore, Store, StoreResult, OpenResult } from '../../store/run-store.ts';

export interface ComparedStoreOptions {
  readonly store: Store;
  readonly acknowledge: (done: () => void) => void;
  readonly onStored: () => void;
}

export function createComparedStore({ store, acknowledge, onStored }: ComparedStoreOptions): Store {
  const compared = (done: (result: OpenResult) => void) => {
    return (opened: OpenResult): void =>
      done(opened.ok ? { ...opened, store: comparedRun(opened.store) } : opened);
  };
  const comparedRun = (inner: RunStore): RunStore => ({
    path: inner.path,
    get nextSeq() {
      return inner.nextSeq;
    },
    commit: (commit, done) =>
      inner.commit(commit, (result: StoreResult) => {
        onStored();
        const isOrder = commit.commands.some(({ type }) => type === 'intent');
        if (isOrder && result.ok) acknowledge(() => done(result));
        else done(result);
      }),
    seal: (done) => inner.seal(done),
    close: (done) => inner.close(done),
  });
  return {
    createRun: (description: RunDescription, done) => store.createRun(description, compared(done)),
    openRun: (run, done) => store.openRun(run, compared(done)),
    close: (done) => store.close(done),
  };
}
