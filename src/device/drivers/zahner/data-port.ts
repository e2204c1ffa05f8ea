// The data port of one connection: says who it is, then packets. Bytes of a primitive that was cut off may
// come first and are thrown away: what they belong to is over.
import type { BytePort } from '../../../base/byte-port.ts';
import { encodeCommand } from '../../../frames/dialects/zahner/commands.ts';
import { PacketStream } from '../../../frames/dialects/zahner/packet-stream.ts';
import type { Packet } from '../../../frames/dialects/zahner/packets.ts';
import {
  type IdentityReply,
  LINE_BYTES_MAX,
  MANUFACTURER,
  parseIdentity,
} from '../../../frames/dialects/zahner/replies.ts';

export interface DataPortOptions {
  readonly port: BytePort;
  readonly onGreeted: (identity: IdentityReply) => void;
  readonly onPacket: (packet: Packet) => void;
  readonly onGarbage: () => void;
  readonly onClosed: (detail: string) => void;
}

const GREETING = new RegExp(`${MANUFACTURER}[^\\n]*\\n`);

export class DataPort {
  readonly #options: DataPortOptions;
  readonly #stream: PacketStream;
  #isGreeted = false;
  /** What came before the greeting was complete. */
  #heard = '';
  #isClosed = false;

  constructor(options: DataPortOptions) {
    this.#options = options;
    const { port, onPacket, onGarbage, onClosed } = options;
    this.#stream = new PacketStream({ onPacket, onGarbage });
    port.onBytes((text) => this.#take(text));
    port.onClosed((reason) => {
      if (!this.#isClosed) onClosed(`data port ${port.name}: ${reason}`);
    });
  }

  /** Asks who it is; the answer goes to `onGreeted`. */
  greet(): void {
    this.#options.port.write(`${encodeCommand({ name: 'identify' })}\n`);
  }

  close(): void {
    this.#isClosed = true;
    this.#options.port.close();
  }

  #take(text: string): void {
    if (this.#isClosed) return;
    if (this.#isGreeted) return this.#stream.push(text);
    this.#heard += text;
    const found = GREETING.exec(this.#heard);
    const identity = found === null ? null : parseIdentity(found[0]);
    if (found === null || identity === null) {
      this.#heard = this.#heard.slice(-LINE_BYTES_MAX);
      return;
    }
    const rest = this.#heard.slice(found.index + found[0].length);
    this.#isGreeted = true;
    this.#heard = '';
    this.#options.onGreeted(identity);
    if (rest !== '') this.#take(rest);
  }
}
