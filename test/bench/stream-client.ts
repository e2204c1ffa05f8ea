// A client of /stream as a stranger would write it, with `ws` alone: subscribed live to some runs, it stamps
// each samples message on arrival, before looking into it. And a bare echo of ws for comparison.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { SamplesMessage, ServerMessage } from '../../src/stream/messages.ts';

export interface Arrival {
  /** This process's monotonic clock. */
  readonly arrivedMs: number;
  readonly arrivedWallMs: number;
  readonly message: SamplesMessage;
}

export interface StreamListener {
  samples(arrival: Arrival): void;
  stepBegan(run: string, phase: string): void;
}

export interface StreamClient {
  close(): void;
}

/** Resolves when all subscriptions are sent. */
export async function connectLive(
  url: string,
  runs: readonly string[],
  listener: StreamListener,
): Promise<StreamClient> {
  const socket = new WebSocket(new URL('/stream', url.replace(/^http/, 'ws')));
  socket.on('message', (data) => {
    const arrivedMs = performance.now();
    const arrivedWallMs = Date.now();
    const message = parseMessage(data);
    if (message.type === 'samples') listener.samples({ arrivedMs, arrivedWallMs, message });
    else if (message.type === 'step' && message.event === 'began')
      listener.stepBegan(message.run, message.phase);
    else if (message.type === 'error') throw new Error(`the stream refuses: ${message.message}`);
  });
  await once(socket, 'open');
  for (const run of runs) socket.send(JSON.stringify({ type: 'subscribe', run }));
  return { close: () => socket.terminate() };
}

/** The server's messages are described by its schema; this client trusts them. */
function parseMessage(data: RawData): ServerMessage {
  return JSON.parse(Buffer.isBuffer(data) ? data.toString('utf8') : '') as ServerMessage;
}

export interface EchoMeter {
  /** One-way times of a message of the same size over a loopback WebSocket within this process. */
  readonly tripsMs: readonly number[];
  close(): void;
}

const ECHO_EVERY_MS = 47;
const ECHO_BYTES = 400;

/** What ws and the machine cost by themselves, measured at the same time. */
export async function startEchoMeter(): Promise<EchoMeter> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const tripsMs: number[] = [];
  const client = new WebSocket(`ws://127.0.0.1:${port}/`);
  const connected = once(server, 'connection') as Promise<[WebSocket]>;
  client.on('message', (data) => {
    const arrivedMs = performance.now();
    if (Buffer.isBuffer(data)) tripsMs.push(arrivedMs - Number.parseFloat(data.toString('latin1')));
  });
  const [[socket]] = await Promise.all([connected, once(client, 'open')]);
  const timer = setInterval(() => socket.send(`${performance.now()}`.padEnd(ECHO_BYTES)), ECHO_EVERY_MS);
  return {
    tripsMs,
    close() {
      clearInterval(timer);
      client.terminate();
      server.close();
    },
  };
}
