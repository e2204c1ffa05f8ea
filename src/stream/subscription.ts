// One client's interest in one run. Exact: pages of the file, driven by `stored`, each sample once, never
// coalesced. Live: a decimated past, then samples as they come, coalesced by request or where the client is
// slow. Never reads more than one page at a time and never holds more than three rows.
import { assert } from '../base/assert.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { Coalescer } from './coalescer.ts';
import type { LiveFeed } from './feed.ts';
import type { History, HistoryResult, StoredSamples } from './history.ts';
import { COALESCE_LIMIT_BYTES, type Outbox, PAGING_LIMIT_BYTES } from './outbox.ts';
import {
  coalescedSamples,
  encodeFrame,
  exactSamples,
  type Frame,
  gapMessage,
  lastSeqOf,
  liveSamples,
  plotMessage,
  type SamplesHead,
} from './wire.ts';

/** Rows of one exact message: about 130 KB of JSON, a few ms to read. */
export const PAGE_ROWS = 2048;
/** Points of the decimated past. */
export const PAST_POINTS = 2000;

export interface Subscription {
  /** Sends what there is already. */
  start(): void;
  onStored(storedSeq: number): void;
  onLive(batch: LiveFeed): void;
  /** The client has taken something. */
  onDrain(): void;
  close(): void;
}

export interface SubscriptionContext {
  readonly run: string;
  readonly clock: Clock;
  readonly history: History;
  readonly outbox: Outbox;
  readonly storedSeq: () => number;
  /** Live batches that are not stored yet, in order. */
  readonly tail: () => readonly LiveFeed[];
  /** The frame of a whole live batch, made once for all clients. */
  readonly liveFrame: (batch: LiveFeed) => Frame;
  /** History could not be read: tells the client and ends the subscription. */
  readonly fail: (detail: string) => void;
}

export class ExactSubscription implements Subscription {
  readonly #context: SubscriptionContext;
  #nextSeq: number;
  #isScheduled = false;
  #waitsForDrain = false;
  #isClosed = false;

  constructor(context: SubscriptionContext, fromSeq: number) {
    assert(fromSeq >= 0, `from_seq must be >= 0, found ${fromSeq}`);
    this.#context = context;
    this.#nextSeq = fromSeq;
  }

  start(): void {
    this.#schedule();
  }

  onStored(storedSeq: number): void {
    if (storedSeq >= this.#nextSeq) this.#schedule();
  }

  /** Nothing: a sample is sent when it is stored, and only then. */
  onLive(): void {}

  onDrain(): void {
    if (!this.#waitsForDrain) return;
    this.#waitsForDrain = false;
    this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
  }

  /** One page per turn, so that eight greedy clients share the process with the others. */
  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    this.#context.clock.defer(() => {
      this.#isScheduled = false;
      if (!this.#isClosed) this.#sendPage();
    });
  }

  #sendPage(): void {
    const { run, outbox, history } = this.#context;
    if (outbox.queuedBytes > PAGING_LIMIT_BYTES) {
      this.#waitsForDrain = true;
      return;
    }
    const page = history.samplesFrom(run, this.#nextSeq, PAGE_ROWS);
    if (!page.ok) {
      this.#context.fail(page.detail);
      return;
    }
    const count = page.value.seq.length;
    if (count > 0) this.#sendRows(page.value);
    if (count >= PAGE_ROWS) {
      this.#schedule();
      return;
    }
    // Stored, and no rows: the record ends in a gap, or waits behind one.
    const storedSeq = this.#context.storedSeq();
    if (storedSeq < this.#nextSeq) return;
    this.#sendGaps({ fromSeq: this.#nextSeq, toSeq: storedSeq });
    this.#nextSeq = storedSeq + 1;
  }

  #sendRows(page: StoredSamples): void {
    const { run, outbox, storedSeq } = this.#context;
    const firstSeq = page.seq[0] ?? 0;
    const lastSeq = page.seq[page.seq.length - 1] ?? 0;
    assert(
      firstSeq >= this.#nextSeq && lastSeq >= firstSeq,
      'history must answer in order, from the number asked for',
    );
    const hasHole = lastSeq - this.#nextSeq + 1 !== page.seq.length;
    if (hasHole) this.#sendGaps({ fromSeq: this.#nextSeq, toSeq: lastSeq });
    const head = { run, storedSeq: Math.max(storedSeq(), lastSeq) };
    outbox.send(encodeFrame(exactSamples(head, page)));
    this.#nextSeq = lastSeq + 1;
  }

  #sendGaps(range: { readonly fromSeq: number; readonly toSeq: number }): void {
    const { run, outbox, history } = this.#context;
    const gaps = history.gaps(run, range);
    if (!gaps.ok) {
      // An absence that is not told would be a hole without a reason.
      this.#context.fail(gaps.detail);
      return;
    }
    for (const row of gaps.value) outbox.send(encodeFrame(gapMessage({ type: 'gap', run, row })));
  }
}

export interface LiveOptions {
  /** The past starts at this sample; null: at the first. */
  readonly fromSeq: number | null;
  /** null: as it comes. */
  readonly maxHz: number | null;
}

export class LiveSubscription implements Subscription {
  readonly #context: SubscriptionContext;
  readonly #options: LiveOptions;
  readonly #waiting = new Coalescer();
  #nextSeq = 0;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | null = null;
  #isClosed = false;

  constructor(context: SubscriptionContext, options: LiveOptions) {
    this.#context = context;
    this.#options = options;
  }

  start(): void {
    const past = this.#readPast();
    if (!past.ok) {
      this.#context.fail(past.detail);
      return;
    }
    this.#context.outbox.send(past.value);
    for (const batch of this.#context.tail()) this.onLive(batch);
  }

  onStored(): void {}

  onLive(batch: LiveFeed): void {
    const skip = Math.max(0, this.#nextSeq - batch.firstSeq);
    if (this.#isClosed || skip >= batch.timeUs.length) return;
    this.#nextSeq = lastSeqOf(batch) + 1;
    const { outbox, liveFrame } = this.#context;
    if (this.#options.maxHz !== null || !this.#waiting.isEmpty || outbox.queuedBytes > COALESCE_LIMIT_BYTES) {
      this.#waiting.add(batch, skip);
      this.#flushWhenDue();
    } else {
      outbox.send(skip === 0 ? liveFrame(batch) : encodeFrame(liveSamples(this.#head(), batch, skip)));
    }
  }

  onDrain(): void {
    this.#flushWhenDue();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #head(): SamplesHead {
    return { run: this.#context.run, storedSeq: this.#context.storedSeq() };
  }

  /**
   * What is stored now is past; the tail starts behind it. A commit in between can only make the two overlap.
   */
  #readPast(): HistoryResult<Frame> {
    const { run, history } = this.#context;
    const stored = history.storedSeq(run);
    if (!stored.ok) return stored;
    const fromSeq = this.#options.fromSeq ?? 0;
    const start = fromSeq === 0 ? null : history.samplesFrom(run, fromSeq, 1);
    if (start !== null && !start.ok) return start;
    const fromUs = start === null ? 0 : (start.value.timeUs[0] ?? Number.MAX_SAFE_INTEGER);
    const series = history.plot(run, { fromUs, toUs: Number.MAX_SAFE_INTEGER, points: PAST_POINTS });
    if (!series.ok) return series;
    this.#nextSeq = Math.max(stored.value + 1, fromSeq);
    const head = { run, storedSeq: stored.value };
    return { ok: true, value: encodeFrame(plotMessage('past', head, series.value)) };
  }

  #flushWhenDue(): void {
    const { outbox, clock } = this.#context;
    if (this.#isClosed || this.#timer !== null || this.#waiting.isEmpty) return;
    if (outbox.queuedBytes > COALESCE_LIMIT_BYTES) return;
    const { maxHz } = this.#options;
    const dueMs = maxHz === null ? clock.nowMs() : this.#sentAtMs + 1000 / maxHz;
    const leftMs = dueMs - clock.nowMs();
    if (leftMs > 0) {
      this.#timer = clock.after(leftMs, () => {
        this.#timer = null;
        this.#flushWhenDue();
      });
      return;
    }
    this.#sentAtMs = clock.nowMs();
    outbox.send(encodeFrame(coalescedSamples(this.#head(), this.#waiting.take())));
  }
}
