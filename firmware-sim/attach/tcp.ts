// Puts the simulator on a TCP port: one host at a time, as with a serial device server. A second one is
// turned away while the first is connected. The device runs on, on its lease, while nobody is.
import { createServer, type Server, type Socket } from 'node:net';
import type { BytePort } from '../../src/base/byte-port.ts';
import type { LineEnd } from '../simulated-instrument.ts';

export interface TcpAttachment {
  readonly host: string;
  /** The actual port, also when 0 was asked for. */
  readonly port: number;
  /** Stops listening and drops the connection; resolves when both are done. */
  close(): Promise<void>;
}

/** Listens; rejects with the system's error when the address is taken or not allowed. */
export async function attachTcp(
  line: LineEnd,
  address: { readonly host: string; readonly port: number },
): Promise<TcpAttachment> {
  let connected: Socket | null = null;
  const server = createServer((socket) => {
    if (connected !== null && !connected.destroyed) {
      socket.destroy();
      return;
    }
    connected = socket;
    line.attach(portFromSocket(socket));
  });
  await listen(server, address);
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : address.port;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      connected?.destroy();
    });
  return { host: address.host, port, close };
}

function listen(server: Server, address: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portFromSocket(socket: Socket): BytePort {
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  let reason = 'closed';
  socket.on('error', (error) => {
    reason = error.message;
  });
  return {
    name: `tcp://${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`,
    get isOpen() {
      return !socket.destroyed && socket.writable;
    },
    get pendingBytes() {
      return socket.writableLength;
    },
    write(text) {
      if (socket.destroyed || !socket.writable) return false;
      socket.write(text, 'latin1');
      return true;
    },
    onBytes(receive) {
      socket.on('data', (data) => receive(typeof data === 'string' ? data : data.toString('latin1')));
    },
    onClosed(receive) {
      socket.once('close', () => receive(reason));
    },
    close() {
      socket.destroy();
    },
  };
}
