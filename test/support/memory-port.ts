// Two byte ports joined back to back in this process: tests, and an emulator that shares the host's clock.
// Delivery is deferred, never re-entrant, and takes no time; what was written before an end comes before it.
import type { BytePort } from '../../src/base/byte-port.ts';
import type { Clock } from '../../src/base/clock.ts';

/** `[host, device]`; the two are alike. */
export function createMemoryPortPair(clock: Clock): readonly [BytePort, BytePort] {
  const a = new MemoryPort(clock);
  const b = new MemoryPort(clock);
  a.join(b);
  b.join(a);
  return [a, b];
}

class MemoryPort implements BytePort {
  readonly name = 'memory';
  readonly #clock: Clock;
  #peer: MemoryPort | null = null;
  #isOpen = true;
  #pending = '';
  #receiveBytes: ((text: string) => void) | null = null;
  #receiveEnd: ((reason: string) => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  join(peer: MemoryPort): void {
    this.#peer = peer;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get pendingBytes(): number {
    return this.#pending.length;
  }

  write(text: string): boolean {
    if (!this.#isOpen) return false;
    if (this.#pending === '' && text !== '') this.#clock.defer(() => this.#deliver());
    this.#pending += text;
    return true;
  }

  onBytes(receive: (text: string) => void): void {
    this.#receiveBytes = receive;
  }

  onClosed(receive: (reason: string) => void): void {
    this.#receiveEnd = receive;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#end('closed by this side');
    // Behind the bytes that were written before: those were deferred first.
    this.#clock.defer(() => {
      if (this.#peer !== null) this.#peer.#end('closed by the other side');
    });
  }

  #deliver(): void {
    const text = this.#pending;
    this.#pending = '';
    const peer = this.#peer;
    if (peer !== null && peer.#isOpen) peer.#receiveBytes?.(text);
  }

  #end(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#clock.defer(() => this.#receiveEnd?.(reason));
  }
}
