// What the hub keeps of one run: its summary, how far it is stored, and the live batches beyond that.
// Bounded: a store that stops acknowledging costs the oldest of the tail, not memory.
import type { LiveFeed, RunSummary, StateFeed, StepBeganRow } from './feed.ts';
import { encodeFrame, type Frame, lastSeqOf, liveSamples } from './wire.ts';

/** Rows kept beyond the last commit: ten times what a commit holds at most. */
const TAIL_ROWS = 10_000;

export class RunFeed {
  #summary: RunSummary;
  #storedSeq = 0;
  #tail: LiveFeed[] = [];
  #tailRows = 0;
  readonly #frames = new WeakMap<LiveFeed, Frame>();

  constructor(summary: RunSummary) {
    this.#summary = summary;
  }

  get summary(): RunSummary {
    return this.#summary;
  }

  get storedSeq(): number {
    return this.#storedSeq;
  }

  get tail(): readonly LiveFeed[] {
    return this.#tail;
  }

  replaceSummary(summary: RunSummary): void {
    this.#summary = summary;
  }

  changeState({ state, reason, sinceWallMs, verdict }: StateFeed): void {
    this.#summary = { ...this.#summary, state, reason, sinceWallMs, verdict };
  }

  beginStep({ stepNumber, step }: StepBeganRow): void {
    const { programStep, phase, cycle, half, record } = step;
    const position = { stepNumber, programStep, phase, cycle, half, recordEveryUs: record.everyUs };
    this.#summary = { ...this.#summary, position };
  }

  live(batch: LiveFeed): void {
    this.#tail.push(batch);
    this.#tailRows += batch.timeUs.length;
    this.#dropWhile(() => this.#tailRows > TAIL_ROWS);
  }

  /** Never moves back: what a file holds, it holds. */
  stored(storedSeq: number): void {
    this.#storedSeq = Math.max(this.#storedSeq, storedSeq);
    this.#dropWhile((batch) => lastSeqOf(batch) <= this.#storedSeq);
  }

  /** A new core numbers anew what was not stored. */
  forgetTail(): void {
    this.#tail = [];
    this.#tailRows = 0;
  }

  liveFrame(batch: LiveFeed): Frame {
    const known = this.#frames.get(batch);
    if (known !== undefined) return known;
    const frame = encodeFrame(liveSamples({ run: batch.run, storedSeq: this.#storedSeq }, batch, 0));
    this.#frames.set(batch, frame);
    return frame;
  }

  stateFrame(): Frame {
    const { run, state, reason, sinceWallMs, verdict } = this.#summary;
    const stored_seq = this.#storedSeq;
    return encodeFrame({
      v: 1,
      type: 'state',
      run,
      state,
      reason,
      since_ms: sinceWallMs,
      verdict,
      stored_seq,
    });
  }

  #dropWhile(isDone: (batch: LiveFeed) => boolean): void {
    for (let first = this.#tail[0]; first !== undefined && isDone(first); first = this.#tail[0]) {
      this.#tail.shift();
      this.#tailRows -= first.timeUs.length;
    }
  }
}
