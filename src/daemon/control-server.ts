// The control socket: one JSON object a line, both ways, on a socket only this user can open. Served by the
// process that owns the serial ports, so that `run stop` works whatever else has died. Never on a network
// port.
import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GalvanodeError, messageOf } from '../base/errors.ts';
import type { Result } from '../base/result.ts';

export interface ControlRequest {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export type ControlReply = Result<unknown>;

/** Handles one request; calls `reply` once. */
export type HandleControl = (request: ControlRequest, reply: (reply: ControlReply) => void) => void;

/**
 * A unix socket path holds about 100 bytes; a deeper data directory gets a hashed name in the temporary one.
 */
const SOCKET_PATH_MAX = 100;
const LINE_MAX = 1 << 20;

/** Where the daemon of a data directory listens. Windows has named pipes instead of files. */
export function controlPath(dataPath: string): string {
  const hash = createHash('sha256').update(dataPath).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\galvanode-${hash}`;
  const path = join(dataPath, 'control.sock');
  return Buffer.byteLength(path) <= SOCKET_PATH_MAX ? path : join(tmpdir(), `galvanode-${hash}.sock`);
}

/** Listens; refuses with DAEMON_RUNNING where another daemon answers; takes over what a dead one left. */
export async function serveControl(path: string, handle: HandleControl): Promise<{ close(): void }> {
  if (await isAnswered(path)) {
    throw new GalvanodeError(
      'DAEMON_RUNNING',
      `a daemon is running already on ${path}; stop it first, or use another --data`,
    );
  }
  if (process.platform !== 'win32') rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveSocket(socket, handle);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  return {
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function serveSocket(socket: Socket, handle: HandleControl): void {
  let received = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (text: string) => {
    received += text;
    if (received.length > LINE_MAX) {
      socket.destroy();
      return;
    }
    for (let end = received.indexOf('\n'); end >= 0; end = received.indexOf('\n')) {
      const line = received.slice(0, end);
      received = received.slice(end + 1);
      answer(line, handle, (reply) => {
        if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`);
      });
    }
  });
}

function answer(line: string, handle: HandleControl, reply: (reply: ControlReply) => void): void {
  try {
    handle(parseRequest(line), reply);
  } catch (thrown) {
    if (thrown instanceof GalvanodeError) reply({ ok: false, code: thrown.code, message: thrown.message });
    else reply({ ok: false, code: 'INTERNAL', message: `internal error: ${messageOf(thrown)}` });
  }
}

function parseRequest(line: string): ControlRequest {
  let given: unknown;
  try {
    given = JSON.parse(line);
  } catch {
    throw new GalvanodeError('USAGE', 'a control request is one JSON object on a line');
  }
  if (typeof given !== 'object' || given === null)
    throw new GalvanodeError('USAGE', 'a control request is a JSON object');
  const { method, params } = given as { method?: unknown; params?: unknown };
  if (typeof method !== 'string') throw new GalvanodeError('USAGE', 'a control request has a "method"');
  const isObject = typeof params === 'object' && params !== null;
  return { method, params: isObject ? (params as Record<string, unknown>) : {} };
}

/** Whether a daemon listens there. */
export async function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const end = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/**
 * Asks a daemon. Throws DAEMON_UNREACHABLE where none listens; any other failure arrives as the daemon's own
 * reply.
 */
export async function askControl(path: string, request: ControlRequest): Promise<ControlReply> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let received = '';
    const unreachable = (): void =>
      reject(
        new GalvanodeError(
          'DAEMON_UNREACHABLE',
          `no daemon listens on ${path}; start one: galvanode daemon (or galvanode demo)`,
        ),
      );
    socket.setEncoding('utf8');
    socket.once('error', unreachable);
    socket.once('close', unreachable);
    socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (text: string) => {
      received += text;
      const end = received.indexOf('\n');
      if (end < 0) return;
      resolve(JSON.parse(received.slice(0, end)) as ControlReply);
      socket.end();
    });
  });
}
