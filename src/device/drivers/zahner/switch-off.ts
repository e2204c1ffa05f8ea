// Cell open, ahead of everything: ABOR past the queue, and once it and the primitive have answered, in
// whatever order, the latch is cleared and the instrument is told to be off, which it confirms.
//
//   ABOR ─┬─► ok ────────────────────┬─► *CLS ─► :SESO:STAT OFF ─► done
//         └─► primitive: error 1005 ─┘   (not after a hard limit: that latch is the operator's)
//
// An abort that came before the primitive had started has stopped nothing: it is repeated until the primitive
// has answered. What does not answer is the end of the connection, and the next one begins with ABOR.
import type { Clock, Timer } from '../../../base/clock.ts';
import { ERROR_CODES } from '../../../frames/dialects/zahner/replies.ts';
import type { DeviceResult } from '../../cycler.ts';
import type { Connection } from './connection.ts';

export interface SwitchOffOptions {
  readonly clock: Clock;
  readonly connection: Connection;
  /** A primitive was sent and has not answered. */
  readonly isPrimitiveRunning: boolean;
  readonly nowUs: () => number;
  readonly isHardLimitLatched: () => boolean;
  /** Everything that was running has answered: no current flows any more. */
  readonly onOpen: () => void;
  readonly onDone: (result: DeviceResult<{ readonly openUs: number }>) => void;
}

const REPEAT_MS = 500;
const ABORTS_MAX = 4;

export class SwitchOff {
  readonly #options: SwitchOffOptions;
  #isPrimitiveRunning: boolean;
  #aborts = 0;
  #openUs: number | null = null;
  #isOpen = false;
  #timer: Timer | null = null;
  #isOver = false;

  constructor(options: SwitchOffOptions) {
    this.#options = options;
    this.#isPrimitiveRunning = options.isPrimitiveRunning;
  }

  start(): void {
    this.#abort();
  }

  primitiveAnswered(): void {
    this.#isPrimitiveRunning = false;
    this.#proceed();
  }

  /** The link is gone. */
  failed(failure: DeviceResult<never>): void {
    this.#end(failure);
  }

  #abort(): void {
    const { clock, connection, nowUs } = this.#options;
    this.#aborts += 1;
    if (this.#aborts > ABORTS_MAX) return connection.lose('what runs does not end by ABOR');
    this.#timer = clock.after(REPEAT_MS, () => this.#abort());
    connection.abort((result) => {
      if (!result.ok) return this.#end(result);
      this.#openUs = nowUs();
      this.#proceed();
    });
  }

  #proceed(): void {
    if (this.#openUs === null || this.#isPrimitiveRunning || this.#isOpen) return;
    this.#isOpen = true;
    this.#timer?.cancel();
    const { onOpen, isHardLimitLatched } = this.#options;
    onOpen();
    if (isHardLimitLatched()) this.#confirmLatched();
    else this.#confirm();
  }

  #confirm(): void {
    const { connection } = this.#options;
    const commands = [{ name: 'clearState' }, { name: 'potentiostat', value: false }] as const;
    connection.askAll(commands, (result) => {
      if (!result.ok && result.reason !== 'closed') connection.lose(result.detail);
      this.#end(result);
    });
  }

  /** After a hard limit it is off by itself and says so to everything: error 1006. */
  #confirmLatched(): void {
    this.#options.connection.ask({ name: 'potentiostat', value: false }, (result) => {
      const isOff =
        result.ok &&
        (result.value.kind === 'ok' ||
          (result.value.kind === 'error' && result.value.code === ERROR_CODES.blocked));
      if (result.ok && !isOff) this.#options.connection.lose('it does not confirm that it is off');
      this.#end(result);
    });
  }

  #end(result: DeviceResult<unknown>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    const openUs = this.#openUs ?? this.#options.nowUs();
    this.#options.onDone(result.ok ? { ok: true, value: { openUs } } : result);
  }
}
