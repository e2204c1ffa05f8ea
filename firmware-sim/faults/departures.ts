// Bytes on their way out of the instrument that leave later than they were written: in order, each at its
// time, everything that is due at once in one write. Must never change a byte.
import type { Clock, Timer } from '../../src/base/clock.ts';

interface Departure {
  readonly dueMs: number;
  readonly text: string;
}

export class Departures {
  readonly #clock: Clock;
  readonly #write: (text: string) => void;
  #waiting: Departure[] = [];
  #bytes = 0;
  #timer: Timer | null = null;

  constructor(clock: Clock, write: (text: string) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  get pendingBytes(): number {
    return this.#bytes;
  }

  /** When the last of what waits leaves; now, where nothing does. */
  get lastMs(): number {
    return this.#waiting.at(-1)?.dueMs ?? this.#clock.nowMs();
  }

  /** Sends `text` at `dueMs`, or behind what was to leave before it, should that be later. */
  send(text: string, dueMs: number): void {
    if (this.#waiting.length === 0 && dueMs <= this.#clock.nowMs()) {
      this.#write(text);
      return;
    }
    this.#waiting.push({ dueMs: Math.max(dueMs, this.lastMs), text });
    this.#bytes += text.length;
    this.#arm();
  }

  /** Nothing that waits will leave. */
  clear(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#waiting = [];
    this.#bytes = 0;
  }

  #arm(): void {
    const [first] = this.#waiting;
    if (this.#timer !== null || first === undefined) return;
    this.#timer = this.#clock.after(Math.max(0, first.dueMs - this.#clock.nowMs()), () => {
      this.#timer = null;
      this.#depart(first.dueMs);
      this.#arm();
    });
  }

  /** By what was due and not by the clock: it may wake a hair early. */
  #depart(dueMs: number): void {
    const count = this.#waiting.findIndex((departure) => departure.dueMs > dueMs);
    const due = this.#waiting.splice(0, count === -1 ? this.#waiting.length : count);
    const text = due.map((departure) => departure.text).join('');
    this.#bytes -= text.length;
    this.#write(text);
  }
}
