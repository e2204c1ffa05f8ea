// What the instrument has to say, gathered for one write in each wake-up. Lost where nobody is attached; held
// back while the host says XOFF. Must never keep anything for a later connection.
import type { BytePort } from '../../../src/base/byte-port.ts';

/** What a stuck reader, or a host that never says XON, leaves standing beyond this is lost. */
const UNSENT_MAX_BYTES = 4_194_304;

export class Outbox {
  #port: BytePort | null = null;
  #text = '';
  #isHeld = false;

  attach(port: BytePort | null): void {
    this.#port = port;
    this.#text = '';
    this.#isHeld = false;
  }

  line(text: string): void {
    this.text(`${text}\n`);
  }

  text(text: string): void {
    if (this.#port === null || this.#text.length > UNSENT_MAX_BYTES) return;
    this.#text += text;
  }

  /** A flow control character overtakes what waits. */
  sendNow(character: string): void {
    this.#port?.write(character);
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
  }

  flush(): void {
    if (this.#isHeld || this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    if (this.#port !== null && this.#port.pendingBytes <= UNSENT_MAX_BYTES) this.#port.write(text);
  }
}
