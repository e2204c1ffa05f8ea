// The samples of one primitive, each once and in order of time, from two sources: live packets, some of which
// the instrument may drop, and the bulk packet (or appendix) at its end, which is complete (datareceiver.py).
//
// A live sample is handed on at once, as long as none is missing before it. From the first gap on they are
// held until the end of the data brings what is missing: an hour's plot that stands still is a smaller loss
// than a sample that is gone. Where the host must judge readings as they come, safety goes first: then live
// samples are handed on over a gap, and what comes too late is counted as lost.
import { HEADER_STATES, type Packet, type Row } from '../../../frames/dialects/zahner/packets.ts';
import type { Measurement } from '../../../frames/dialects/zahner/samples.ts';

export interface PrimitiveRowsOptions {
  readonly periodUs: number;
  /** False where somebody waits for every reading. */
  readonly mayHold: boolean;
  /** By the latest tracks; null: it is no measurement. */
  readonly readRow: (row: Row) => Measurement | null;
  readonly onRow: (measurement: Measurement) => void;
}

/** More than this many periods between two samples: one is missing. */
const GAP_PERIODS = 1.5;

export class PrimitiveRows {
  readonly #options: PrimitiveRowsOptions;
  #held: Measurement[] = [];
  #isHolding = false;
  #latestUs = 0;
  #givenUs = 0;
  #givenCount = 0;
  #missing = 0;
  #lost = 0;
  #isDone = false;
  #isComplete = false;

  constructor(options: PrimitiveRowsOptions) {
    this.#options = options;
  }

  /** All that the instrument has of this primitive is here. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Samples that are gone for good, as far as is known. */
  get lostCount(): number {
    return this.#lost;
  }

  take(packet: Packet): void {
    if (this.#isComplete) return;
    switch (packet.type) {
      case 'tracks':
        return;
      case 'header':
        return this.#takeHeader(packet.state);
      case 'sample':
        return this.#takeLive(packet.values);
      case 'bulk':
        // All samples from `start` on: of those before the latest given, what was not given comes too late.
        return this.#takeRest(packet.rows, (older) => older + packet.start - this.#givenCount);
      case 'appendix':
        return this.#takeRest(packet.rows, (older) => older);
    }
  }

  /** No more will come: hands on what is held, the gaps with it. */
  flush(): void {
    this.#lost += this.#missing;
    this.#giveHeld();
    this.#isComplete = true;
  }

  /** `done`, then `finishing`, no bulk between them: every sample was sent live (datareceiver.py). */
  #takeHeader(state: number): void {
    const isFinishing = state === HEADER_STATES.finishing && this.#isDone;
    this.#isDone = state === HEADER_STATES.done;
    if (isFinishing) this.flush();
  }

  #takeLive(row: Row): void {
    const measurement = this.#options.readRow(row);
    if (measurement === null || measurement.timeUs <= this.#latestUs) return;
    const { periodUs, mayHold } = this.#options;
    const sinceUs = measurement.timeUs - this.#latestUs;
    if (sinceUs > GAP_PERIODS * periodUs) {
      this.#isHolding ||= mayHold;
      this.#missing += Math.round(sinceUs / periodUs) - 1;
    }
    this.#latestUs = measurement.timeUs;
    if (this.#isHolding) this.#held.push(measurement);
    else this.#give(measurement);
  }

  #takeRest(rows: readonly Row[], lateOf: (older: number) => number): void {
    const read = rows.flatMap((row) => this.#options.readRow(row) ?? []);
    const older = read.filter(({ timeUs }) => timeUs <= this.#givenUs).length;
    this.#lost += Math.max(0, lateOf(older));
    this.#held.push(...read);
    this.#giveHeld();
    this.#isComplete = true;
  }

  #giveHeld(): void {
    const inOrder = this.#held.toSorted((a, b) => a.timeUs - b.timeUs);
    this.#held = [];
    for (const measurement of inOrder) if (measurement.timeUs > this.#givenUs) this.#give(measurement);
  }

  #give(measurement: Measurement): void {
    this.#givenUs = measurement.timeUs;
    this.#givenCount += 1;
    this.#options.onRow(measurement);
  }
}
