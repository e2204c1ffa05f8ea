// The conversation of `galvanode device console`: lines in, lines out, in order. From a script each line
// waits until the instrument has been silent after the one before. Knows neither terminal nor real time.
import type { BytePort } from '../base/byte-port.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { shownText } from './shown-text.ts';

export interface ConsoleOptions {
  readonly clock: Clock;
  readonly port: BytePort;
  /** A line of the instrument, control characters made visible. */
  readonly show: (line: string) => void;
  /** Silence after which the next line is sent; 0: each is sent at once. */
  readonly silenceMs: number;
  /** Once: null after the end of the input, else why the port is gone. */
  readonly onEnd: (failure: string | null) => void;
}

/** What has no line feed is shown after this long, and in pieces of this length. */
const UNFINISHED_MS = 200;
const LINE_LENGTH_MAX = 2000;

export class Console {
  readonly #options: ConsoleOptions;
  readonly #waiting: string[] = [];
  #begun = '';
  #unfinished: Timer | null = null;
  #silence: Timer | null = null;
  #isInputOver = false;
  #isOver = false;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    options.port.onClosed((reason) => this.#end(reason));
    options.port.onBytes((text) => this.#hear(text));
  }

  enter(line: string): void {
    if (this.#isOver) return;
    this.#waiting.push(line);
    if (this.#silence === null) this.#sendNext();
  }

  endOfInput(): void {
    this.#isInputOver = true;
    if (this.#silence === null) this.#end(null);
  }

  #sendNext(): void {
    const line = this.#waiting.shift();
    if (line === undefined) {
      if (this.#isInputOver) this.#end(null);
      return;
    }
    // Every dialect takes a line feed for the end of a command.
    this.#options.port.write(`${line}\n`);
    if (this.#options.silenceMs === 0) this.#sendNext();
    else this.#waitForSilence();
  }

  #waitForSilence(): void {
    this.#silence?.cancel();
    this.#silence = this.#options.clock.after(this.#options.silenceMs, () => {
      this.#silence = null;
      this.#sendNext();
    });
  }

  #hear(text: string): void {
    if (this.#isOver) return;
    if (this.#silence !== null) this.#waitForSilence();
    this.#begun += text;
    for (let end = this.#begun.indexOf('\n'); end >= 0; end = this.#begun.indexOf('\n')) {
      this.#show(this.#begun.slice(0, end));
      this.#begun = this.#begun.slice(end + 1);
    }
    if (this.#begun.length > LINE_LENGTH_MAX) this.#showBegun();
    this.#unfinished?.cancel();
    this.#unfinished =
      this.#begun === '' ? null : this.#options.clock.after(UNFINISHED_MS, () => this.#showBegun());
  }

  #showBegun(): void {
    const begun = this.#begun;
    this.#begun = '';
    if (begun !== '') this.#show(begun);
  }

  #show(line: string): void {
    this.#options.show(shownText(line));
  }

  #end(failure: string | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#showBegun();
    this.#silence?.cancel();
    this.#unfinished?.cancel();
    this.#options.port.close();
    this.#options.onEnd(failure);
  }
}
