// Loads jobs on one channel: job, its nodes, commit, each after the answer to the one before (GVN1.md §6.4).
// Loads run one after another; a staged job is forgotten when the next begins, so they must never interleave.
import type { LookAheadTree } from '../../../steps/step.ts';
import type { DeviceResult, Done } from '../../cycler.ts';
import { jobFromTree } from './nodes.ts';
import type { Answer, Session } from './session.ts';

interface Load {
  readonly tree: LookAheadTree;
  readonly done: Done<null>;
}

const LATE: DeviceResult<null> = {
  ok: false,
  reason: 'no-lease',
  detail: 'the load was on its way for longer than a lease',
};

export class JobLoader {
  readonly #session: Session;
  readonly #channel: number;
  #current: Load | null = null;
  #waiting: Load[] = [];
  #isAborted = false;
  #requestId = 0;
  /** Of the lease that was asked for last; before the first, the device refuses by itself. */
  #leaseMs = Number.POSITIVE_INFINITY;

  constructor(session: Session, channel: number) {
    this.#session = session;
    this.#channel = channel;
  }

  /**
   * A load that is on its way for longer is not committed: the host was frozen meanwhile, and the device has
   * let the cell go. The first thing it does when it wakes is to renew the lease, so the device would obey.
   */
  leased(durationMs: number): void {
    this.#leaseMs = durationMs;
  }

  load(tree: LookAheadTree, done: Done<null>): void {
    this.#waiting.push({ tree, done });
    this.#startNext();
  }

  /**
   * Gives up every load that was asked: none of them may start the cell after an `off` that was asked later.
   * One whose commit is on its way is decided by the answer; it reaches the device before the `off` does.
   */
  abort(detail: string): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isAborted = this.#current !== null;
    if (this.#current !== null) this.#session.withdraw(this.#requestId);
    for (const load of waiting) load.done({ ok: false, reason: 'stale', detail });
  }

  #startNext(): void {
    if (this.#current !== null) return;
    const load = this.#waiting.shift();
    if (load === undefined) return;
    this.#current = load;
    this.#isAborted = false;
    const result = jobFromTree(this.#channel, load.tree);
    if (!result.ok) return this.#finish({ ok: false, reason: 'refused', detail: result.detail });
    const { id: job, nodePayloads } = result.job;
    const ch = this.#channel;
    const { clock } = this.#session;
    const sinceMs = clock.nowMs();
    const commit = (): void => {
      if (clock.nowMs() - sinceMs > this.#leaseMs) return this.#finish(LATE);
      const values = { ch, job, token: this.#session.token };
      this.#requestId = this.#session.ask('commit', values, (answer) => this.#finish(bare(answer)));
    };
    this.#requestId = this.#session.ask('job', { ch, job, nodes: nodePayloads.length }, (answer) =>
      this.#goOn(answer, () => this.#sendNodes(nodePayloads, 0, commit)),
    );
  }

  #sendNodes(payloads: readonly string[], index: number, then: () => void): void {
    const payload = payloads[index];
    if (payload === undefined) return then();
    this.#requestId = this.#session.send('node', payload, (answer) =>
      this.#goOn(answer, () => this.#sendNodes(payloads, index + 1, then)),
    );
  }

  #goOn(answer: DeviceResult<Answer>, next: () => void): void {
    if (!answer.ok) this.#finish(answer);
    else if (this.#isAborted) this.#finish({ ok: false, reason: 'stale', detail: 'given up for an off' });
    else next();
  }

  #finish(result: DeviceResult<null>): void {
    const load = this.#current;
    this.#current = null;
    const isLinkLost = !result.ok && (result.reason === 'closed' || result.reason === 'timeout');
    const failed = isLinkLost ? this.#waiting : [];
    if (isLinkLost) this.#waiting = [];
    load?.done(result);
    for (const waiting of failed) waiting.done(result);
    this.#startNext();
  }
}

function bare(result: DeviceResult<Answer>): DeviceResult<null> {
  return result.ok ? { ok: true, value: null } : result;
}
