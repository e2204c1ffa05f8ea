// Asks for the past in pieces and knows when the last of it has come (GVN1.md §10): samples, step ends alike.
// The reports go to the channel's receiver; here only their numbers are followed. One request at a time for
// each kind, since replayed frames do not say which request they answer.
import type { Clock, Timer } from '../../../base/clock.ts';
import type { RangeReply } from '../../../frames/dialects/gvn1/replies.ts';
import type { DeviceResult, Done, SampleRange } from '../../cycler.ts';

export interface ReplayerOptions {
  readonly clock: Clock;
  /** Numbers the device gives for one request. */
  readonly pieceMax: number;
  /** How long the next frame of an answered request may take. */
  readonly frameMs: number;
  readonly ask: (piece: SampleRange, done: Done<RangeReply>) => void;
}

interface Replay {
  next: number;
  /** null: all there is. */
  readonly to: number | null;
  readonly done: Done<SampleRange>;
  /** What the device had, so far. */
  had: SampleRange | null;
}

export class Replayer {
  readonly #options: ReplayerOptions;
  #current: Replay | null = null;
  #waiting: Replay[] = [];
  /** Last number of the piece whose frames are coming; null while an answer is awaited. */
  #pieceTo: number | null = null;
  #timer: Timer | null = null;

  constructor(options: ReplayerOptions) {
    this.#options = options;
  }

  /** Where `to` is a number the device must have come that far: pieces it has nothing of are passed over. */
  replay(range: { readonly from: number; readonly to: number | null }, done: Done<SampleRange>): void {
    this.#waiting.push({ next: range.from, to: range.to, done, had: null });
    this.#startNext();
  }

  /** A replayed frame has come with these numbers. */
  heard(first: number, last: number): void {
    const replay = this.#current;
    if (replay === null || this.#pieceTo === null) return;
    if (first !== replay.next) {
      const detail = `${replay.next} to ${first - 1} were lost on the line; ask again`;
      return this.#finish({ ok: false, reason: 'timeout', detail });
    }
    replay.next = last + 1;
    if (replay.next <= this.#pieceTo) return this.#awaitFrame();
    this.#stopWaiting();
    this.#askPiece(replay);
  }

  /** The link is gone; `ask` fails by itself, waiting for frames does not. */
  fail(failure: DeviceResult<never>): void {
    if (this.#current !== null) this.#finish(failure);
  }

  #startNext(): void {
    if (this.#current !== null) return;
    const replay = this.#waiting.shift();
    if (replay === undefined) return;
    this.#current = replay;
    this.#askPiece(replay);
  }

  #askPiece(replay: Replay): void {
    const from = replay.next;
    const to = Math.min(replay.to ?? Number.MAX_SAFE_INTEGER, from + this.#options.pieceMax - 1);
    if (from > to) return this.#finish({ ok: true, value: replay.had ?? { from, to } });
    this.#options.ask({ from, to }, (result) => {
      // A link that was lost has failed this replay already.
      if (replay !== this.#current) return;
      if (result.ok) this.#takeRange(replay, { from, to }, result.value);
      else this.#finish(result);
    });
  }

  #takeRange(replay: Replay, asked: SampleRange, offered: RangeReply): void {
    if (offered.from > offered.to) {
      if (replay.to === null) return this.#finish({ ok: true, value: replay.had ?? offered });
      replay.next = asked.to + 1;
      return this.#askPiece(replay);
    }
    if (offered.from < asked.from || offered.to > asked.to) {
      const detail = `asked for ${asked.from} to ${asked.to}, offered ${offered.from} to ${offered.to}`;
      return this.#finish({ ok: false, reason: 'nonsense', detail });
    }
    replay.had = { from: replay.had?.from ?? offered.from, to: offered.to };
    replay.next = offered.from;
    this.#pieceTo = offered.to;
    this.#awaitFrame();
  }

  #awaitFrame(): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(this.#options.frameMs, () => {
      const from = this.#current?.next ?? 0;
      const detail = `nothing came from ${from} on within ${this.#options.frameMs} ms; ask again`;
      this.#finish({ ok: false, reason: 'timeout', detail });
    });
  }

  #stopWaiting(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#pieceTo = null;
  }

  #finish(result: DeviceResult<SampleRange>): void {
    const replay = this.#current;
    this.#current = null;
    this.#stopWaiting();
    const isLinkLost = !result.ok && result.reason === 'closed';
    const failed = isLinkLost ? this.#waiting : [];
    if (isLinkLost) this.#waiting = [];
    replay?.done(result);
    for (const waiting of failed) waiting.done(result);
    this.#startNext();
  }
}
