// The way out to one client: counts what the socket has not taken yet, and ends clients that do not keep up.
// ws never refuses a send and its own figure has been wrong (websockets/ws#1620), so the bytes are counted
// here too. Never waits for a client: whatever it does, the feed goes on.
import type { Clock, Timer } from '../base/clock.ts';
import type { Frame } from './wire.ts';

/** One WebSocket, as the hub sees it. `done` comes once when the bytes have left, or never. */
export interface ClientSocket {
  send(frame: Frame, done: () => void): void;
  readonly bufferedBytes: number;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** No page of history is read while more than this waits. */
export const PAGING_LIMIT_BYTES = 256 * 1024;
/** Live samples are coalesced while more than this waits. */
export const COALESCE_LIMIT_BYTES = 1024 * 1024;
/** A client with more than this waiting is closed. */
export const QUEUE_LIMIT_BYTES = 8 * 1024 * 1024;
/** A client that takes nothing for so long, though something waits, is closed. */
export const STALL_LIMIT_MS = 30_000;
/** A peer that does not answer a close is cut off. */
const CLOSE_GRACE_MS = 2_000;

export const CLOSE_TRY_AGAIN_LATER = 1013;
export const CLOSE_POLICY = 1008;

export class Outbox {
  readonly #socket: ClientSocket;
  readonly #clock: Clock;
  readonly #onDrain: () => void;
  #unsentBytes = 0;
  #progressAtMs: number;
  #isOpen = true;
  #isDrainDue = false;
  #cutOff: Timer | null = null;

  constructor(options: {
    readonly socket: ClientSocket;
    readonly clock: Clock;
    readonly onDrain: () => void;
  }) {
    this.#socket = options.socket;
    this.#clock = options.clock;
    this.#onDrain = options.onDrain;
    this.#progressAtMs = options.clock.nowMs();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get queuedBytes(): number {
    return Math.max(this.#unsentBytes, this.#socket.bufferedBytes);
  }

  send(frame: Frame): void {
    if (!this.#isOpen) return;
    if (this.queuedBytes + frame.byteLength > QUEUE_LIMIT_BYTES) {
      this.disconnect(CLOSE_TRY_AGAIN_LATER, 'too slow: more than 8 MiB waited to be read');
      return;
    }
    if (this.#unsentBytes === 0) this.#progressAtMs = this.#clock.nowMs();
    this.#unsentBytes += frame.byteLength;
    this.#socket.send(frame, () => this.#sent(frame.byteLength));
  }

  /** Called now and then: ends a client that has not taken a byte for too long. */
  checkProgress(): void {
    if (!this.#isOpen || this.#unsentBytes === 0) return;
    if (this.#clock.nowMs() - this.#progressAtMs < STALL_LIMIT_MS) return;
    this.disconnect(CLOSE_TRY_AGAIN_LATER, 'too slow: nothing was read for 30 s');
  }

  disconnect(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#socket.close(code, reason);
    this.#cutOff = this.#clock.after(CLOSE_GRACE_MS, () => this.#socket.terminate());
  }

  /** The connection is gone. */
  ended(): void {
    this.#isOpen = false;
    this.#cutOff?.cancel();
  }

  #sent(bytes: number): void {
    this.#unsentBytes -= bytes;
    this.#progressAtMs = this.#clock.nowMs();
    if (!this.#isOpen || this.#isDrainDue) return;
    this.#isDrainDue = true;
    this.#clock.defer(() => {
      this.#isDrainDue = false;
      if (this.#isOpen) this.#onDrain();
    });
  }
}
