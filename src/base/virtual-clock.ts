// Virtual time: a heap of deadlines, stepped from one to the next. Deterministic: equal deadlines run in
// order of arming. Used by `simulate` and by every test; never by the daemon on a bench.
import { assert } from './assert.ts';
import type { Clock, Timer } from './clock.ts';

interface Entry {
  readonly dueMs: number;
  readonly order: number;
  run: (() => void) | null;
}

/**
 * 2026-01-01T00:00:00Z: wall time of virtual time zero, so that dates in a simulated run are plausible and
 * equal.
 */
const VIRTUAL_EPOCH_MS = 1_767_225_600_000;

export class VirtualClock implements Clock {
  #nowMs = 0;
  #order = 0;
  readonly #heap: Entry[] = [];
  #deferred: (() => void)[] = [];
  #wallOffsetMs = VIRTUAL_EPOCH_MS;

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#wallOffsetMs + this.#nowMs;
  }

  /** Makes wall time jump, as an administrator or NTP would; monotonic time goes on. */
  stepWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  after(delayMs: number, run: () => void): Timer {
    assert(delayMs >= 0 && Number.isFinite(delayMs), `delayMs must be finite and >= 0, found ${delayMs}`);
    const entry: Entry = { dueMs: this.#nowMs + delayMs, order: this.#order++, run };
    push(this.#heap, entry);
    return {
      cancel: () => {
        entry.run = null;
      },
    };
  }

  defer(run: () => void): void {
    this.#deferred.push(run);
  }

  /** True while anything is left to run. */
  get isPending(): boolean {
    return this.#deferred.length > 0 || this.#heap.some((entry) => entry.run !== null);
  }

  /**
   * Runs what is deferred, then moves to the next deadline and runs it. Returns false when nothing is left.
   */
  step(): boolean {
    if (this.#runDeferred()) return true;
    for (;;) {
      const entry = pop(this.#heap);
      if (entry === undefined) return false;
      if (entry.run === null) continue;
      assert(entry.dueMs >= this.#nowMs, 'virtual time must not run backwards');
      this.#nowMs = entry.dueMs;
      entry.run();
      this.#runDeferred();
      return true;
    }
  }

  /** Runs what is deferred, at this instant; false where nothing is. */
  settle(): boolean {
    return this.#runDeferred();
  }

  /** When the next timer is due, ms; null: none is armed. */
  get nextDueMs(): number | null {
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (next.run !== null) return next.dueMs;
      pop(this.#heap);
    }
    return null;
  }

  /** Time passes and no timer runs, as in a host that was held up: what is due meanwhile runs late. */
  skipTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /**
   * Runs the next timer at `atMs`, or now where that is past: a real timer is late, and early by up to 1
   * ms.
   */
  runNextAt(atMs: number): void {
    assert(this.nextDueMs !== null, 'a timer must be armed');
    this.skipTo(atMs);
    pop(this.#heap)?.run?.();
    this.#runDeferred();
  }

  /** Steps until `isDone()` holds or nothing is left; returns whether `isDone()` holds. */
  runUntil(isDone: () => boolean): boolean {
    while (!isDone()) if (!this.step()) return isDone();
    return true;
  }

  /** Runs everything due within the next `durationMs` and ends exactly there. */
  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    this.#runDeferred();
    for (let next = this.#heap[0]; next !== undefined && next.dueMs <= endMs; next = this.#heap[0]) {
      // A cancelled entry is dropped here: `step` would go on to the next live one, however far off.
      if (next.run === null) pop(this.#heap);
      else this.step();
    }
    this.#nowMs = endMs;
  }

  #runDeferred(): boolean {
    let hasRun = false;
    while (this.#deferred.length > 0) {
      const batch = this.#deferred;
      this.#deferred = [];
      for (const [index, run] of batch.entries()) {
        try {
          run();
        } catch (thrown) {
          // What was deferred behind it still runs, in order, should the caller go on.
          this.#deferred = [...batch.slice(index + 1), ...this.#deferred];
          throw thrown;
        }
      }
      hasRun = true;
    }
    return hasRun;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.length;
  heap.push(entry);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(entry, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    let below = heap[child];
    if (below === undefined) break;
    const right = heap[child + 1];
    if (right !== undefined && isBefore(right, below)) {
      child += 1;
      below = right;
    }
    if (!isBefore(below, last)) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
  return top;
}
