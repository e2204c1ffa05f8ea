// Lines of one connection into answers: replies carry no number, so each belongs to the query that is
// outstanding, and a line that nobody asked for is dropped and counted. After a line without form, and
// after a device clear, everything is dropped until the line has been quiet: else every later answer could
// be that of the query before.
import type { Clock, Timer } from '../../../base/clock.ts';
import type { ReplyKind } from '../../../frames/dialects/keithley2400/commands.ts';
import { createReplyLines } from '../../../frames/dialects/keithley2400/reply-lines.ts';
import { parseReply, type Reply } from '../../../frames/dialects/keithley2400/replies.ts';
import type { Heard } from '../../link-runner.ts';

/** What becomes of a query: `damaged`: its answer has no form; `cleared`: a device clear went past it. */
export type Answered =
  | Reply
  | { readonly kind: 'damaged'; readonly line: string }
  | { readonly kind: 'cleared' };

export interface ReplyReaderOptions {
  readonly clock: Clock;
  readonly hear: (heard: Heard<Answered>) => void;
  readonly onDropped: () => void;
}

/** Longer than a reading takes at 9600 baud and a serial server holds bytes back. */
const QUIET_MS = 150;

export class ReplyReader {
  readonly #options: ReplyReaderOptions;
  #lines: (chunk: string) => void;
  #outstanding: { readonly seq: number; readonly kind: ReplyKind } | null = null;
  #quiet: { readonly timer: Timer; readonly answer: Answered } | null = null;

  constructor(options: ReplyReaderOptions) {
    this.#options = options;
    this.#lines = this.#createLines();
  }

  /** A query has no answer yet, and no device clear has gone past it. */
  get isWaiting(): boolean {
    return this.#outstanding !== null && this.#quiet?.answer.kind !== 'cleared';
  }

  /** The next line answers this. */
  expect(seq: number, kind: ReplyKind): void {
    this.#outstanding = { seq, kind };
  }

  take(chunk: string): void {
    if (this.#quiet !== null) this.#waitForQuiet(this.#quiet.answer);
    else this.#lines(chunk);
  }

  /**
   * A device clear was sent: the query that waits, if any, is answered as `cleared` once the line is quiet.
   */
  clear(): void {
    if (this.#outstanding !== null) this.#waitForQuiet({ kind: 'cleared' });
  }

  /** The connection is over. */
  close(): void {
    this.#quiet?.timer.cancel();
    this.#quiet = null;
    this.#outstanding = null;
  }

  #createLines(): (chunk: string) => void {
    return createReplyLines({
      onLine: (line) => this.#take(line),
      onTooLong: () => this.#drop(),
    });
  }

  #take(line: string): void {
    const outstanding = this.#outstanding;
    if (outstanding === null || this.#quiet !== null) return this.#drop();
    const { seq, kind } = outstanding;
    const reply = parseReply(kind, line);
    if (reply !== null) {
      this.#outstanding = null;
      return this.#options.hear({ kind: 'answer', seq, frame: reply });
    }
    this.#drop();
    // Before the identity anything may come: what another program had asked for, another instrument.
    if (kind !== 'identity') this.#waitForQuiet({ kind: 'damaged', line });
  }

  #drop(): void {
    this.#options.onDropped();
    this.#options.hear({ kind: 'garbage' });
  }

  #waitForQuiet(answer: Answered): void {
    this.#quiet?.timer.cancel();
    const timer = this.#options.clock.after(QUIET_MS, () => {
      const outstanding = this.#outstanding;
      this.#quiet = null;
      this.#outstanding = null;
      this.#lines = this.#createLines();
      if (outstanding === null) return;
      this.#options.hear({ kind: 'answer', seq: outstanding.seq, frame: answer });
    });
    this.#quiet = { timer, answer };
  }
}
