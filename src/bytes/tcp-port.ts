// BytePort over TCP: a simulator, or a serial line behind ser2net or a Moxa. One socket a connection.
// Must never deliver bytes or a second end after the end.
import { createConnection, type Socket } from 'node:net';
import type { BytePort, PortResult } from '../base/byte-port.ts';
import { messageOf } from '../base/errors.ts';
import { codeOf } from './error-code.ts';

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

const CONNECT_TIMEOUT_MS = 5000;
/** Finds a peer that was switched off within minutes; the link's own deadlines are faster. */
const KEEPALIVE_DELAY_MS = 10_000;

export function openTcpPort(address: TcpAddress, done: (result: PortResult) => void): void {
  const name = `tcp://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
  const socket = createConnection({
    host: address.host,
    port: address.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEPALIVE_DELAY_MS,
    timeout: CONNECT_TIMEOUT_MS,
  });
  const fail = (error: unknown): void => {
    socket.destroy();
    done(openFailure(name, error));
  };
  const failSlow = (): void => {
    socket.removeListener('error', fail);
    socket.on('error', () => socket.destroy());
    fail(new Error(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`));
  };
  socket.once('error', fail);
  socket.once('timeout', failSlow);
  socket.once('connect', () => {
    socket.removeListener('error', fail);
    socket.removeListener('timeout', failSlow);
    done({ ok: true, port: new TcpPort(name, socket) });
  });
}

const ABSENT_ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; start it or correct the port',
  ENOTFOUND: 'no such host name; correct the address',
  EAI_AGAIN: 'the host name cannot be looked up; check network and address',
  EHOSTUNREACH: 'no route to it; check cable and network',
  ENETUNREACH: 'no route to it; check cable and network',
};

/** How a connection that stood ends, in words for whoever reads why a run stopped. */
const LOSS_WORDS: Readonly<Record<string, string>> = {
  ECONNRESET: 'closed by the other side',
  EPIPE: 'closed by the other side',
  ETIMEDOUT: 'no answer any more; check power and network',
  EHOSTUNREACH: 'no route to it any more; check cable and network',
};

function openFailure(name: string, error: unknown): PortResult {
  const code = codeOf(error) ?? '';
  const absent = ABSENT_ADVICE[code];
  if (absent !== undefined) return { ok: false, reason: 'absent', detail: `${name}: ${absent}` };
  if (code === 'EACCES' || code === 'EPERM') {
    return {
      ok: false,
      reason: 'denied',
      detail: `${name}: not permitted; check the firewall of this machine`,
    };
  }
  return { ok: false, reason: 'failed', detail: `${name}: ${messageOf(error)}; check power and network` };
}

class TcpPort implements BytePort {
  readonly name: string;
  readonly #socket: Socket;
  #hasEnded = false;
  #reason = 'closed by this side';
  #receiveEnd: ((reason: string) => void) | null = null;

  constructor(name: string, socket: Socket) {
    this.name = name;
    this.#socket = socket;
    socket.on('error', (error) => {
      this.#reason = LOSS_WORDS[codeOf(error) ?? ''] ?? error.message;
    });
    socket.on('end', () => {
      this.#reason = 'closed by the other side';
    });
    socket.on('close', () => this.#end());
  }

  get isOpen(): boolean {
    return this.#socket.readyState === 'open' && !this.#hasEnded;
  }

  get pendingBytes(): number {
    return this.#socket.writableLength;
  }

  write(text: string): boolean {
    return this.isOpen && (this.#socket.write(text, 'latin1'), true);
  }

  onBytes(receive: (text: string) => void): void {
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => {
      if (!this.#hasEnded) receive(text);
    });
  }

  onClosed(receive: (reason: string) => void): void {
    this.#receiveEnd = receive;
    if (this.#hasEnded) receive(this.#reason);
  }

  close(): void {
    this.#socket.destroy();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#receiveEnd?.(this.#reason);
  }
}
