// What one run keeps of the wire: frames of its channel and of the link, and what it was told from outside,
// as lines for the journal. Begins before the first question to the instrument, so that a replay can answer
// it. Never holds up a frame, and never grows without bound: what finds no room is counted.
import type { Clock } from '../base/clock.ts';
import { lineFromWireEntry, type WireEntry, type WireKind } from './wire-entry.ts';
import type { WireTap } from './wire-tap.ts';

/** So many lines are stored without anything else to store. */
const LONG = 1000;
/** Some 5 MB: an hour of a store that takes nothing. */
const WAITING_MAX = 50_000;

export class WireRecorder {
  readonly #tap: WireTap;
  readonly #stop: () => void;
  #lines: string[] = [];
  #leftOut = 0;
  /** A frame that only matters if something is done about it at once. */
  #passing: WireEntry | null = null;

  /** `setup`: of the driver, for that of a replay. */
  constructor(tap: WireTap, setup: Readonly<Record<string, unknown>>, channel: number) {
    this.#tap = tap;
    this.note('cycler', setup);
    this.#stop = tap.listen(channel, (entry, frame) => {
      if (frame?.isPassing === true) {
        this.#passing = entry;
        return;
      }
      // What is sent before the next one comes may be the answer to it.
      const isOrder = entry.kind === 'sent' && !tap.language.isPoll(entry.text);
      if (this.#passing !== null && isOrder) this.#add(this.#passing);
      if (isOrder || frame === null) this.#passing = null;
      this.#add(entry);
    });
  }

  /** What the run must be given instead of the clock, so that a replay reads the same. */
  get clock(): Clock {
    return this.#tap.clock;
  }

  /** Something from outside begins: time stands still until all that it does at once is done. */
  hold(): void {
    this.#tap.hold();
  }

  /** More waits than should. */
  get isLong(): boolean {
    return this.#lines.length >= LONG;
  }

  /** Something that the run was told. `said` is small JSON. */
  note(kind: WireKind, said: Readonly<Record<string, unknown>>): void {
    this.#add({ atMs: this.#tap.clock.nowMs(), kind, text: JSON.stringify(said), port: 0 });
  }

  /** The lines since the last time. */
  take(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  /** The run has ended. */
  close(): void {
    this.#stop();
  }

  #add(entry: WireEntry): void {
    if (this.#lines.length >= WAITING_MAX) {
      this.#leftOut += 1;
      return;
    }
    if (this.#leftOut > 0) {
      const count = this.#leftOut;
      this.#leftOut = 0;
      this.note('left-out', { count });
    }
    this.#lines.push(lineFromWireEntry(entry));
  }
}
