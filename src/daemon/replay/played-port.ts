// A port of a replay: what is written is a question to the record, what the record holds is heard.
import type { BytePort } from '../../base/byte-port.ts';
import type { Clock } from '../../base/clock.ts';

export class PlayedPort implements BytePort {
  readonly name: string;
  readonly pendingBytes = 0;
  readonly #clock: Clock;
  readonly #written: (text: string) => void;
  #isOpen = true;
  #receiveBytes: ((text: string) => void) | null = null;
  #receiveEnd: ((reason: string) => void) | null = null;

  constructor(name: string, clock: Clock, written: (text: string) => void) {
    this.name = name;
    this.#clock = clock;
    this.#written = written;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  write(text: string): boolean {
    if (this.#isOpen) this.#written(text);
    return this.#isOpen;
  }

  onBytes(receive: (text: string) => void): void {
    this.#receiveBytes = receive;
  }

  onClosed(receive: (reason: string) => void): void {
    this.#receiveEnd = receive;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#clock.defer(() => this.#receiveEnd?.('closed by this side'));
  }

  /** From the record: bytes that came in. */
  hear(text: string): void {
    if (this.#isOpen) this.#receiveBytes?.(text);
  }

  /** From the record: the far end has gone. */
  end(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#receiveEnd?.(reason);
  }
}
