// The receiving side of a UART with a small buffer: an EmStat Pico takes a line off it slowly, says XOFF when
// it fills, and loses what a host sends on regardless. USB has none of this. Must never look into a line.

export interface UartModel {
  readonly bufferBytes: number;
  /** XOFF above the first, XON again below the second. */
  readonly xoffAboveBytes: number;
  readonly xonBelowBytes: number;
  /** Time the firmware spends on one line. */
  readonly msPerLine: number;
  /** What comes this long after XOFF was already in the host's own queue, and is kept there until XON. */
  readonly reactionMs: number;
}

/**
 * Inferred: that bytes get lost without flow control is PalmSens's own warning, and 5 ms for each line are
 * known to be slow enough; size and speed of the buffer are not public.
 */
export const PICO_UART: UartModel = {
  bufferBytes: 256,
  xoffAboveBytes: 192,
  xonBelowBytes: 64,
  msPerLine: 3,
  reactionMs: 20,
};

const XON = '\x11';
const XOFF = '\x13';

export interface ReceiveBufferHooks {
  /** One line without its line feed. */
  line(text: string): void;
  /** A line has grown beyond what any command may have. */
  tooLong(text: string): void;
  /** Flow control towards the host, sent at once. */
  sendRaw(character: string): void;
  /** Flow control from the host: hold output, or let it go. */
  hold(isHeld: boolean): void;
  /** True while everything that comes in is thrown away. */
  isDeaf(): boolean;
}

/** Longest line; the LF does not count (third parties quote the manual: 255 characters). */
const LINE_MAX = 255;

export class ReceiveBuffer {
  readonly #uart: UartModel | null;
  readonly #hooks: ReceiveBufferHooks;
  #held = '';
  #partial = '';
  #isSkipping = false;
  #busyUntilMs = Number.NEGATIVE_INFINITY;
  #xoffMs: number | null = null;

  constructor(uart: UartModel | null, hooks: ReceiveBufferHooks) {
    this.#uart = uart;
    this.#hooks = hooks;
  }

  /** When a line that waits can be taken; Infinity where none waits. */
  get dueMs(): number {
    return this.#held.includes('\n') ? this.#busyUntilMs : Number.POSITIVE_INFINITY;
  }

  /** A new line to a host: what the one before left unfinished is gone. */
  reset(): void {
    this.#held = '';
    this.#partial = '';
    this.#isSkipping = false;
    this.#xoffMs = null;
  }

  receive(chunk: string, nowMs: number): void {
    if (this.#uart === null) {
      this.#takeAll(chunk);
      return;
    }
    for (const character of chunk) {
      if (character === XON || character === XOFF) this.#hooks.hold(character === XOFF);
      else this.#store(character, this.#uart, nowMs);
    }
    this.pump(nowMs);
  }

  /** Takes the lines whose time has come. */
  pump(nowMs: number): void {
    const uart = this.#uart;
    if (uart === null) return;
    // What is thrown away never waits: an error empties the buffer too.
    if (this.#hooks.isDeaf()) this.#held = '';
    while (this.dueMs <= nowMs) {
      const end = this.#held.indexOf('\n') + 1;
      const line = this.#held.slice(0, end);
      this.#held = this.#held.slice(end);
      this.#busyUntilMs = Math.max(this.#busyUntilMs, nowMs) + uart.msPerLine;
      this.#takeAll(line);
    }
    if (this.#xoffMs === null || this.#held.length >= uart.xonBelowBytes) return;
    this.#xoffMs = null;
    this.#hooks.sendRaw(XON);
  }

  #store(character: string, uart: UartModel, nowMs: number): void {
    const hasReacted = this.#xoffMs !== null && nowMs >= this.#xoffMs + uart.reactionMs;
    // The host goes on although it was told to stop: the UART overruns.
    if (hasReacted && this.#held.length >= uart.bufferBytes) return;
    this.#held += character;
    if (this.#xoffMs !== null || this.#held.length <= uart.xoffAboveBytes) return;
    this.#xoffMs = nowMs;
    this.#hooks.sendRaw(XOFF);
  }

  #takeAll(text: string): void {
    for (const piece of text.split(/(?<=\n)/)) {
      if (this.#hooks.isDeaf()) {
        this.#partial = '';
        this.#isSkipping = false;
      } else this.#take(piece);
    }
  }

  #take(piece: string): void {
    const isEnded = piece.endsWith('\n');
    const line = this.#partial + (isEnded ? piece.slice(0, -1) : piece);
    this.#partial = isEnded ? '' : line.slice(0, LINE_MAX + 1);
    if (line.length > LINE_MAX) {
      if (!this.#isSkipping) this.#hooks.tooLong(line);
      this.#isSkipping = !isEnded;
      return;
    }
    if (isEnded && !this.#isSkipping) this.#hooks.line(line.endsWith('\r') ? line.slice(0, -1) : line);
    if (isEnded) this.#isSkipping = false;
  }
}
