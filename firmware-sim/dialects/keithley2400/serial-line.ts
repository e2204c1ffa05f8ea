// The RS-232 interface: bytes into messages, replies into bytes, flow control, device clear (p. 14-14). The
// input queue is finite: without flow control what comes into a full one is lost. Must never read a message.
import type { BytePort } from '../../../src/base/byte-port.ts';

export type FlowControl = 'none' | 'xon-xoff';
export type Terminator = 'cr' | 'cr-lf' | 'lf' | 'lf-cr';

/** What the COMMUNICATION menu of the front panel sets; it is kept without power. */
export interface LineMenu {
  readonly flowControl: FlowControl;
  /** Ends every reply. Both CR and LF end a message to the instrument. */
  readonly terminator: Terminator;
}

/** LF is what most programs expect; the factory's choice is not in the manual. */
export const DEFAULT_MENU: LineMenu = { flowControl: 'none', terminator: 'lf' };

export interface LineEvents {
  /** A whole message, without its end; never blank. */
  message(text: string): void;
  /** `^C` or `^X`: pending operation and output are discarded. */
  clear(): void;
  /** The input queue was full: characters are gone. */
  overrun(): void;
  /** A message came although the reply before it still waits for XON. */
  interrupted(): void;
  /** Characters in messages that are not carried out yet. */
  waitingLength(): number;
}

/** Assumed: the manual gives shares of the queue only. A message of 100 list values fits. */
export const INPUT_QUEUE_LENGTH = 2048;
const XOFF_ABOVE = 0.75 * INPUT_QUEUE_LENGTH;
const XON_BELOW = 0.5 * INPUT_QUEUE_LENGTH;
const XON = '\x11';
const XOFF = '\x13';
const CLEAR = '\x03\x18';
const TERMINATORS: Readonly<Record<Terminator, string>> = {
  cr: '\r',
  'cr-lf': '\r\n',
  lf: '\n',
  'lf-cr': '\n\r',
};

export class SerialLine {
  readonly #menu: LineMenu;
  readonly #events: LineEvents;
  #port: BytePort | null = null;
  /** A message that has not ended yet. */
  #partial = '';
  #output = '';
  /** The host has sent XOFF. */
  #isHeld = false;
  /** The instrument has sent XOFF. */
  #isHolding = false;
  #isOverrun = false;

  constructor(menu: LineMenu, events: LineEvents) {
    this.#menu = menu;
    this.#events = events;
  }

  attach(port: BytePort | null): void {
    this.#port = port;
    this.#partial = '';
    this.#output = '';
    this.#isHeld = false;
    this.#isHolding = false;
  }

  receive(chunk: string): void {
    for (const char of chunk) this.#receiveChar(char);
  }

  /** One reply; it leaves with the next flush. */
  reply(text: string): void {
    this.#output += text + TERMINATORS[this.#menu.terminator];
  }

  /** Device clear and loss of power: nothing is left to say. */
  discard(): void {
    this.#partial = '';
    this.#output = '';
  }

  /** One write for all that is ready; tells the host to stop or to go on. */
  flush(): void {
    const flow = this.#flowChar();
    const text = this.#isHeld ? '' : this.#output;
    if (!this.#isHeld) this.#output = '';
    if (flow + text !== '') this.#port?.write(flow + text);
  }

  get #inputLength(): number {
    return this.#partial.length + this.#events.waitingLength();
  }

  #receiveChar(char: string): void {
    if (CLEAR.includes(char)) {
      this.discard();
      this.#events.clear();
      return;
    }
    if (this.#menu.flowControl === 'xon-xoff' && (char === XON || char === XOFF)) {
      this.#isHeld = char === XOFF;
      return;
    }
    if (this.#inputLength >= INPUT_QUEUE_LENGTH) {
      if (!this.#isOverrun) this.#events.overrun();
      this.#isOverrun = true;
      return;
    }
    this.#isOverrun = false;
    if (char === '\r' || char === '\n') this.#endMessage();
    else this.#partial += char;
  }

  #endMessage(): void {
    const text = this.#partial.trim();
    this.#partial = '';
    if (text === '') return;
    if (this.#isHeld && this.#output !== '') {
      this.#output = '';
      this.#events.interrupted();
    }
    this.#events.message(text);
  }

  #flowChar(): string {
    if (this.#menu.flowControl === 'none') return '';
    const length = this.#inputLength;
    if (!this.#isHolding && length > XOFF_ABOVE) {
      this.#isHolding = true;
      return XOFF;
    }
    if (!this.#isHolding || length >= XON_BELOW) return '';
    this.#isHolding = false;
    return XON;
  }
}
