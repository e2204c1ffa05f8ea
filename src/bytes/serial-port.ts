// BytePort over a serial line. A new SerialPort for each connection and never reopened: what is written to a
// closed one is sent after its next open, which may be into a live cell (node-serialport#1593).
// Must never call `drain` (it waits in a thread of the pool, for ever on a stuck line) nor write unopened.
import { SerialPort } from 'serialport';
import type { BytePort, PortResult } from '../base/byte-port.ts';
import { messageOf } from '../base/errors.ts';

export type FlowControl = 'none' | 'xon-xoff' | 'rts-cts';

/** How the two ends of a serial line talk, 8N1 throughout; USB-CDC and pseudo terminals ignore it. */
export interface LineSettings {
  readonly baudRate: number;
  readonly flowControl: FlowControl;
}

export interface SerialAddress extends LineSettings {
  readonly path: string;
}

export function openSerialPort(address: SerialAddress, done: (result: PortResult) => void): void {
  const serial = new SerialPort(openOptions(address));
  serial.open((error) => {
    done(
      error === null
        ? { ok: true, port: new SerialBytePort(address.path, serial) }
        : openFailure(address, error),
    );
  });
}

/** What the package is told; apart, so that it can be looked at without a port. */
export function openOptions({ path, baudRate, flowControl }: SerialAddress) {
  const isSoft = flowControl === 'xon-xoff';
  return {
    ...{ path, baudRate, rtscts: flowControl === 'rts-cts' },
    // XON and XOFF both ways: our own flood is held back, and so is the instrument's.
    ...{ xon: isSoft, xoff: isSoft },
    // Closing must not drop DTR, which resets Arduino-class boards, that is: our restart would.
    hupcl: false,
    autoOpen: false,
  };
}

/** The binding gives text, not codes; the words are those of strerror and of its Windows side. */
export function openFailure(
  { path, baudRate }: Pick<SerialAddress, 'path' | 'baudRate'>,
  error: Error,
): PortResult {
  const { message } = error;
  if (/lock port|device or resource busy|access denied/i.test(message)) {
    const detail = `${path}: another program has it open; close that one (fuser ${path} names it)`;
    return { ok: false, reason: 'busy', detail };
  }
  if (/no such (?:file|device)|file not found/i.test(message)) {
    const detail = `${path}: not there; plug it in, or correct the port (ls /dev/serial/by-id)`;
    return { ok: false, reason: 'absent', detail };
  }
  if (/permission denied|not permitted/i.test(message)) {
    const detail = `${path}: permission denied; add your user to group dialout and log in again`;
    return { ok: false, reason: 'denied', detail };
  }
  if (/inappropriate ioctl|not a tty/i.test(message)) {
    return { ok: false, reason: 'failed', detail: `${path}: not a serial port; correct the port` };
  }
  const detail = `${path} at ${baudRate} baud: ${message.replaceAll('\n', ' ')}; check cable and baud rate`;
  return { ok: false, reason: 'failed', detail };
}

class SerialBytePort implements BytePort {
  readonly name: string;
  readonly #serial: SerialPort;
  #hasEnded = false;
  #receiveEnd: ((reason: string) => void) | null = null;
  #reason: string | null = null;

  constructor(name: string, serial: SerialPort) {
    this.name = name;
    this.#serial = serial;
    serial.on('error', (error) => this.#end(messageOf(error)));
    serial.on('end', () => this.#end('the line hung up'));
    // The error of an unplugged device is of the kind `bad file descriptor`, which helps nobody by itself.
    serial.on('close', (error: unknown) =>
      this.#end(`the line went away (${messageOf(error)}); check the plug`),
    );
  }

  get isOpen(): boolean {
    return this.#serial.isOpen && !this.#hasEnded;
  }

  get pendingBytes(): number {
    return this.#serial.writableLength;
  }

  write(text: string): boolean {
    if (!this.isOpen) return false;
    this.#serial.write(text, 'latin1', (error) => {
      if (error !== null && error !== undefined) this.#end(error.message);
    });
    return true;
  }

  /** Reading begins here, so nothing that came before is lost. */
  onBytes(receive: (text: string) => void): void {
    this.#serial.on('data', (bytes: Buffer) => {
      if (!this.#hasEnded) receive(bytes.toString('latin1'));
    });
  }

  onClosed(receive: (reason: string) => void): void {
    this.#receiveEnd = receive;
    if (this.#reason !== null) receive(this.#reason);
  }

  close(): void {
    this.#end('closed by this side');
  }

  #end(reason: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#reason = reason;
    if (this.#serial.isOpen) this.#serial.close();
    this.#receiveEnd?.(reason);
  }
}
