// What a channel may say to the instrument: run a script, abort it. Keeps the pause that the device needs
// after every error, and turns answers of the link into results. Must never send a command within that pause.
import type { Clock } from '../../../base/clock.ts';
import { errorText } from '../../../frames/dialects/methodscript/errors.ts';
import type { Line } from '../../../frames/dialects/methodscript/line.ts';
import { ABORT } from '../../../frames/dialects/methodscript/script.ts';
import type { DeviceResult, Done } from '../../cycler.ts';
import type { Link, LinkAnswer } from '../../link-runner.ts';
import { ERROR_PAUSE_MS } from './greeting.ts';

/** Command of the link that carries a script; its payload is the whole text. */
export const SCRIPT = 'script';

const NOT_SENT: DeviceResult<never> = {
  ok: false,
  reason: 'closed',
  detail: 'taken back, or the link was lost',
};

export class ScriptSession {
  readonly clock: Clock;
  readonly #link: Link<Line>;
  #deafUntilMs = Number.NEGATIVE_INFINITY;
  /** Counts connections: what waited for the pause in one is not said in the next. */
  #connection = 0;

  constructor(clock: Clock, link: Link<Line>) {
    this.clock = clock;
    this.#link = link;
  }

  get isUp(): boolean {
    return this.#link.isUp;
  }

  /**
   * `done` when the instrument has taken the script and runs it. `isUrgent`: ahead of all that is queued.
   * Returns what takes it back, as long as it was not sent; `done` is called then, too.
   */
  run(text: string, isUrgent: boolean, done: Done<null>): () => void {
    const command = { type: SCRIPT, payload: text };
    const answered = (answer: LinkAnswer<Line>): void => done(this.#resultOf(answer));
    let requestId: number | null = null;
    let isTakenBack = false;
    this.#afterPause((isSameConnection) => {
      if (isTakenBack || !isSameConnection) return done(NOT_SENT);
      requestId = isUrgent
        ? this.#link.requestUrgently(command, answered)
        : this.#link.request(command, answered);
    });
    return () => {
      isTakenBack = true;
      if (requestId !== null) this.#link.withdraw(requestId);
    };
  }

  /** Asks the running script to end: it does at the end of its interval. */
  abort(): void {
    this.#afterPause((isSameConnection) => {
      if (isSameConnection) this.#link.writeNow(ABORT);
    });
  }

  /** The instrument has said an error, and hears nothing for a while. */
  heardError(): void {
    this.#deafUntilMs = this.clock.nowMs() + ERROR_PAUSE_MS;
  }

  /** Nothing can be relied upon any more: the next connection begins with the cell off. */
  giveUp(detail: string): void {
    this.#link.loseSession(detail);
  }

  linkLost(): void {
    this.#connection += 1;
    this.#deafUntilMs = Number.NEGATIVE_INFINITY;
  }

  #afterPause(run: (isSameConnection: boolean) => void): void {
    const waitMs = this.#deafUntilMs - this.clock.nowMs();
    if (waitMs <= 0) return run(true);
    const connection = this.#connection;
    this.clock.after(waitMs, () => run(connection === this.#connection));
  }

  #resultOf(answer: LinkAnswer<Line>): DeviceResult<null> {
    if (!answer.ok) {
      const reason = answer.reason === 'withdrawn' ? 'closed' : answer.reason;
      return { ok: false, reason, detail: answer.detail };
    }
    const { frame } = answer;
    if (frame.kind !== 'reply') return { ok: false, reason: 'nonsense', detail: 'no answer to a script' };
    if (frame.error === null) return { ok: true, value: null };
    this.heardError();
    return { ok: false, reason: 'refused', detail: `the script was refused: ${errorText(frame.error)}` };
  }
}
