// Which line answers what. Lines carry no numbers: they answer in order, but for `ABOR`, which overtakes.
// While a command and aborts are unanswered, the order of the lines says nothing (vendor's
// serial_interface.py): a line that is not `ok` is the command's, since an abort is always answered `ok`, and
// `ok` lines wait until it is clear that the command's is among them.
import { parseReply, type Reply } from '../../../frames/dialects/zahner/replies.ts';

export type AbortAnswered = (reply: Reply) => void;

export interface ReplyMatcherOptions {
  /** The reply of the one outstanding command. */
  readonly onCommandReply: (reply: Reply) => void;
  /** A line that nothing was asked for. */
  readonly onStray: () => void;
}

export class ReplyMatcher {
  readonly #options: ReplyMatcherOptions;
  #isCommandOutstanding = false;
  readonly #aborts: AbortAnswered[] = [];
  /** `ok` lines that may be anybody's. */
  #heldOks = 0;

  constructor(options: ReplyMatcherOptions) {
    this.#options = options;
  }

  commandSent(): void {
    this.#isCommandOutstanding = true;
  }

  abortSent(answered: AbortAnswered): void {
    this.#aborts.push(answered);
  }

  hear(line: string): void {
    const reply = parseReply(line);
    const expected = this.#aborts.length + (this.#isCommandOutstanding ? 1 : 0);
    if (expected === 0) return this.#options.onStray();
    if (!this.#isCommandOutstanding) return this.#answerAborts(1, reply);
    if (this.#aborts.length === 0) return this.#answerCommand(reply);
    if (reply.kind !== 'ok') return this.#settle(reply);
    this.#heldOks += 1;
    if (this.#heldOks === expected) this.#settle(null);
  }

  /** `other`: what the command was answered; null: `ok`, as everybody else. */
  #settle(other: Reply | null): void {
    const oks = this.#heldOks - (other === null ? 1 : 0);
    this.#heldOks = 0;
    this.#answerCommand(other ?? { kind: 'ok' });
    this.#answerAborts(oks, { kind: 'ok' });
  }

  #answerCommand(reply: Reply): void {
    this.#isCommandOutstanding = false;
    this.#options.onCommandReply(reply);
  }

  #answerAborts(count: number, reply: Reply): void {
    for (const answered of this.#aborts.splice(0, count)) answered(reply);
  }
}
