// A store that does not take what it is given: since when, what waits meanwhile, and what a run does about
// it. Between journal and channel. Pure but for the clock; never acts on a cell.
import type { Clock } from '../base/clock.ts';

export interface StoreTrouble {
  readonly code: 'STORE_FULL' | 'STORE_FAILED';
  readonly detail: string;
  /** For how long nothing could be stored. */
  readonly sinceMs: number;
  /** For how long it has been anything but full. */
  readonly failingMs: number;
  /** Samples in memory. */
  readonly samplesWaiting: number;
  /** The first word of this trouble. */
  readonly isNew: boolean;
  /** No retry will help. */
  readonly isFinal: boolean;
}

export type TroubleVerdict =
  | { readonly type: 'wait' }
  | { readonly type: 'hold' | 'fail'; readonly reason: string };

/** A stall of 30 s goes unnoticed by the cell; a disk that fails for longer will hardly come back. */
export const FAILING_MAX_MS = 31_000;
/** A full disk is emptied by people. */
export const FULL_MAX_MS = 600_000;
/** Ten minutes at 10 Hz, 290 kB. */
export const SAMPLES_HOLD = 6000;

/**
 * What the run does: it waits as long as what is in memory is little and a cure is likely; then the cell is
 * opened and the run held. Nothing new is started meanwhile, whatever this says: the journal comes first.
 */
export function judgeTrouble(trouble: StoreTrouble): TroubleVerdict {
  const { detail, failingMs, isFinal, samplesWaiting, sinceMs } = trouble;
  if (isFinal) return { type: 'fail', reason: detail };
  const forS = `for ${Math.floor(sinceMs / 1000)} s`;
  if (samplesWaiting >= SAMPLES_HOLD)
    return {
      type: 'hold',
      reason: `nothing could be stored ${forS}, ${samplesWaiting} samples wait: ${detail}`,
    };
  if (failingMs >= FAILING_MAX_MS || sinceMs >= FULL_MAX_MS)
    return { type: 'hold', reason: `nothing could be stored ${forS}: ${detail}` };
  return { type: 'wait' };
}

/** What the record says of it. */
export interface PastTrouble {
  readonly code: StoreTrouble['code'];
  readonly lastedMs: number;
  /** Samples that were in memory when it was last told. */
  readonly samplesLate: number;
  readonly sinceUs: number | null;
}

/** Keeps since when a store has been in trouble. */
export class TroubleWatch {
  readonly #clock: Clock;
  #sinceMs: number | null = null;
  #failingSinceMs: number | null = null;
  #code: StoreTrouble['code'] = 'STORE_FAILED';
  /** Run time of the newest sample, now and when the trouble began. */
  #newestUs: number | null = null;
  #sinceUs: number | null = null;
  #samplesLate = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  sampled(timeUs: number): void {
    this.#newestUs = timeUs;
  }

  /** `sinceMs`: when what failed now was asked for. */
  failed(
    failure: Pick<StoreTrouble, 'code' | 'detail' | 'isFinal'>,
    asked: { readonly sinceMs: number; readonly samplesWaiting: number },
  ): StoreTrouble {
    const { code, detail, isFinal } = failure;
    const nowMs = this.#clock.nowMs();
    const isNew = this.#sinceMs === null;
    if (isNew) this.#sinceUs = this.#newestUs;
    const sinceMs = (this.#sinceMs ??= asked.sinceMs);
    // A store that says it is full is alive.
    if (code === 'STORE_FULL') this.#failingSinceMs = null;
    else this.#failingSinceMs ??= asked.sinceMs;
    this.#code = code;
    this.#samplesLate = asked.samplesWaiting;
    const failingMs = this.#failingSinceMs === null ? 0 : nowMs - this.#failingSinceMs;
    const { samplesWaiting } = asked;
    return { code, detail, isFinal, isNew, samplesWaiting, failingMs, sinceMs: nowMs - sinceMs };
  }

  /** Something was stored: the trouble that is over; null where there was none. */
  recovered(): PastTrouble | null {
    if (this.#sinceMs === null) return null;
    const lastedMs = Math.round(this.#clock.nowMs() - this.#sinceMs);
    const over = { code: this.#code, lastedMs, samplesLate: this.#samplesLate, sinceUs: this.#sinceUs };
    this.#sinceMs = null;
    this.#failingSinceMs = null;
    return over;
  }
}
