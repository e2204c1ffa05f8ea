// A port that sends plain text lines: opened, listened to, and opened anew with back-off after every loss.
// Never writes: whatever is at the other end is not ours to command.
import type { BytePort, OpenPort } from '../base/byte-port.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { LineFramer } from '../frames/line-framer.ts';
import { backOffMs } from './back-off.ts';

export interface AuxSourceOptions {
  readonly clock: Clock;
  readonly openPort: OpenPort;
  /** Each line without its line feed, at the moment it is complete. */
  readonly onLine: (line: string) => void;
  /** Each change, not each attempt. */
  readonly onState: (state: AuxSourceState) => void;
}

export type AuxSourceState = { readonly type: 'up' } | { readonly type: 'lost'; readonly detail: string };

const LINE_BYTES_MAX = 256;

export class AuxSource {
  readonly #options: AuxSourceOptions;
  #port: BytePort | null = null;
  #timer: Timer | null = null;
  #state: AuxSourceState['type'] | null = null;
  /** In a row, without a line heard. */
  #failures = 0;
  #isClosed = false;

  constructor(options: AuxSourceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.openPort((result) => {
      if (this.#isClosed) {
        if (result.ok) result.port.close();
        return;
      }
      if (result.ok) this.#listen(result.port);
      else this.#lost(result.detail);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#port?.close();
  }

  #listen(port: BytePort): void {
    this.#port = port;
    this.#tell({ type: 'up' });
    // A framer for each connection: the first line may be the end of one, which then does not fit, or is cut.
    const framer = new LineFramer({ lengthMax: LINE_BYTES_MAX, onLine: (line) => this.#hear(line) });
    port.onClosed((reason) => this.#lost(`${port.name}: ${reason}`));
    port.onBytes((text) => framer.push(text));
  }

  #hear(line: string): void {
    if (this.#isClosed) return;
    this.#failures = 0;
    this.#options.onLine(line.replace(/\r?\n$/, ''));
  }

  #lost(detail: string): void {
    if (this.#isClosed) return;
    this.#port = null;
    this.#tell({ type: 'lost', detail });
    this.#timer = this.#options.clock.after(backOffMs(this.#failures), () => this.start());
    this.#failures += 1;
  }

  #tell(state: AuxSourceState): void {
    if (state.type === this.#state) return;
    this.#state = state.type;
    this.#options.onState(state);
  }
}
