// Two BytePorts joined in memory: what one writes the other receives, at the same instant but never
// re-entrantly. For `simulate` and tests; the fastest line there is.
import { assert } from '../../src/base/assert.ts';
import type { BytePort } from '../../src/base/byte-port.ts';
import type { Clock } from '../../src/base/clock.ts';

export interface MemoryPair {
  readonly host: BytePort;
  readonly device: BytePort;
}

export function createMemoryPair(clock: Clock): MemoryPair {
  const host = new MemoryPort('memory:host', clock);
  const device = new MemoryPort('memory:device', clock);
  host.join(device);
  device.join(host);
  return { host, device };
}

class MemoryPort implements BytePort {
  readonly name: string;
  readonly #clock: Clock;
  #other: MemoryPort | null = null;
  /** Written here, not yet received there. */
  #outgoing = '';
  #isOpen = true;
  #receiveBytes: ((text: string) => void) | null = null;
  #receiveClosed: ((reason: string) => void) | null = null;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  join(other: MemoryPort): void {
    this.#other = other;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get pendingBytes(): number {
    return this.#outgoing.length;
  }

  write(text: string): boolean {
    if (!this.#isOpen) return false;
    if (text === '') return true;
    const isFirst = this.#outgoing === '';
    this.#outgoing += text;
    if (isFirst) this.#clock.defer(() => this.#deliver());
    return true;
  }

  onBytes(receive: (text: string) => void): void {
    this.#receiveBytes = receive;
  }

  onClosed(receive: (reason: string) => void): void {
    this.#receiveClosed = receive;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#clock.defer(() => {
      // What was written before the end still arrives before the end.
      this.#deliver();
      this.#receiveClosed?.('closed by this side');
      this.#other?.closeFromAfar();
    });
  }

  /** For the port at the other end only. */
  closeFromAfar(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#receiveClosed?.('closed by the other side');
  }

  #deliver(): void {
    const text = this.#outgoing;
    this.#outgoing = '';
    const other = this.#other;
    if (text === '' || other === null || !other.#isOpen) return;
    assert(other.#receiveBytes !== null, `${other.name} must have a receiver before the first byte is due`);
    other.#receiveBytes(text);
  }
}
