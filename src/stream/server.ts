// The listening side: our own http.Server on loopback, shared by hono (requests) and ws (upgrades of
// /stream). Binds 127.0.0.1, and ::1 where there is one; never any other address.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Assets } from './assets.ts';
import { ownAuthorities, type Refusal, refuseUpgrade, SECURITY_HEADERS } from './guard.ts';
import type { History } from './history.ts';
import { createApp } from './http-app.ts';
import type { Hub } from './hub.ts';
import type { ClientSocket } from './outbox.ts';

export const DEFAULT_PORT = 8733;
/** How many ports are tried from the default on. */
const PORTS_TRIED = 32;
const HEADER_LIMIT_BYTES = 16 * 1024;
const CONNECTIONS_MAX = 256;
const REQUEST_TIMEOUT_MS = 10_000;

export interface ServerOptions {
  readonly hub: Hub;
  readonly history: History;
  readonly assets: Assets;
  /** 0: any free one. */
  readonly port: number;
  /** Where the port is taken: false, try the next ones; true, fail. */
  readonly isPortFixed: boolean;
}

export type ListenResult =
  | { readonly ok: true; readonly server: StreamServer }
  | { readonly ok: false; readonly reason: 'port-busy' | 'failed'; readonly detail: string };

export interface StreamServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export async function startServer(options: ServerOptions): Promise<ListenResult> {
  let authorities: ReadonlySet<string> = new Set();
  const app = createApp({ ...options, authorities: () => authorities });
  const sockets = createWebSocketServer();
  const createHttpServer = (): Server => {
    const server = createServer(
      {
        maxHeaderSize: HEADER_LIMIT_BYTES,
        requestTimeout: REQUEST_TIMEOUT_MS,
        headersTimeout: REQUEST_TIMEOUT_MS,
        // A request without Host is refused by us, with the policy, like any other.
        requireHostHeader: false,
      },
      requestListener(app),
    );
    server.maxConnections = CONNECTIONS_MAX;
    server.on('upgrade', (request, socket, head) => {
      const refusal = refuseConnection(request, options.hub, authorities);
      if (refusal !== null) refuseSocket(socket, refusal);
      else sockets.handleUpgrade(request, socket, head, (webSocket) => attach(webSocket, options.hub));
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      refuseSocket(socket, error.code === 'HPE_HEADER_OVERFLOW' ? HEADERS_TOO_LARGE : BAD_REQUEST);
    });
    return server;
  };
  const first = await listenOnFreePort(createHttpServer, options);
  if (!first.ok) return first;
  const { port } = first;
  authorities = ownAuthorities(port);
  // Without IPv6, or with the port taken there, the other address is enough: it is the one that is announced.
  const second = await listen(createHttpServer(), '::1', port);
  const servers = second.ok ? [first.server, second.server] : [first.server];
  const close = async (): Promise<void> => {
    for (const socket of sockets.clients) socket.terminate();
    await Promise.all(servers.map(closeServer));
  };
  return { ok: true, server: { url: `http://127.0.0.1:${port}/`, port, close } };
}

/**
 * Limits of what a client may send; it has little to say (pitfalls 2.3: the defaults of ws are far too
 * large).
 */
function createWebSocketServer(): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    maxPayload: 64 * 1024,
    maxFragments: 16,
    maxBufferedChunks: 64,
    perMessageDeflate: false,
  });
}

function requestListener(app: ReturnType<typeof createApp>) {
  // A Host that is no host at all fails before hono sees the request.
  const errorHandler = (): Response =>
    new Response('Host is not this server\n', { status: 421, headers: SECURITY_HEADERS });
  const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false, errorHandler });
  return (...args: Parameters<typeof handle>): void => {
    handle(...args).catch(() => args[1].destroy());
  };
}

function refuseConnection(
  request: IncomingMessage,
  hub: Hub,
  authorities: ReadonlySet<string>,
): Refusal | null {
  const { host, origin } = request.headers;
  const facts = { method: request.method ?? '', url: request.url ?? '', host, origin };
  const refusal = refuseUpgrade(facts, authorities);
  if (refusal === null && hub.isFull)
    return { status: 503, text: 'too many clients; close one and try again' };
  return refusal;
}

const HEADERS_TOO_LARGE = { status: 431, text: 'headers are longer than 16 KiB' } as const;
const BAD_REQUEST = { status: 400, text: 'this is not an HTTP request that can be read' } as const;

function refuseSocket(
  socket: Duplex,
  { status, text }: { readonly status: number; readonly text: string },
): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(text.length + 1),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${text}\n`);
}

function attach(webSocket: WebSocket, hub: Hub): void {
  // Bytes that a closed socket did not take are not counted again: `done` may come with an error, and that is
  // fine.
  const socket: ClientSocket = {
    send: (frame, done) => webSocket.send(frame, { binary: false }, () => done()),
    get bufferedBytes() {
      return webSocket.bufferedAmount;
    },
    ping: () => webSocket.ping(() => undefined),
    close: (code, reason) => webSocket.close(code, reason),
    terminate: () => webSocket.terminate(),
  };
  const connection = hub.connect(socket);
  webSocket.on('message', (data, isBinary) => {
    if (isBinary) connection.reject(null, 'binary message; send JSON text');
    else connection.receive(textOf(data));
  });
  webSocket.on('pong', () => connection.ponged());
  webSocket.on('close', () => connection.ended());
  // ws closes by itself after an error (too large, not UTF-8, reset); `close` follows.
  webSocket.on('error', () => undefined);
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.from(new Uint8Array(data)).toString('utf8');
}

type Listening =
  | { readonly ok: true; readonly server: Server; readonly port: number }
  | { readonly ok: false; readonly reason: 'port-busy' | 'failed'; readonly detail: string };

async function listenOnFreePort(
  createHttpServer: () => Server,
  { port, isPortFixed }: Pick<ServerOptions, 'port' | 'isPortFixed'>,
): Promise<Listening> {
  const attempts = isPortFixed || port === 0 ? 1 : PORTS_TRIED;
  let result = await listen(createHttpServer(), '127.0.0.1', port);
  for (let attempt = 1; attempt < attempts && !result.ok && result.reason === 'port-busy'; attempt += 1) {
    // One after the other on purpose: the first free port is wanted.
    // oxlint-disable-next-line no-await-in-loop
    result = await listen(createHttpServer(), '127.0.0.1', port + attempt);
  }
  return result;
}

function listen(server: Server, host: string, port: number): Promise<Listening> {
  return new Promise((resolve) => {
    server.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'port-busy' : 'failed';
      resolve({ ok: false, reason, detail: `port ${port} on ${host}: ${error.message}` });
    });
    server.listen({ host, port, exclusive: true }, () => {
      resolve({ ok: true, server, port: portOf(server.address()) });
    });
  });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
