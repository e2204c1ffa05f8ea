// Goal: the listening side keeps its promises over real loopback sockets: refusals, limits, ports, and the
// stream itself. Method: the server on an ephemeral port with an empty history; raw sockets where a client
// library would be too polite.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { SystemClock } from '../../src/base/clock.ts';
import { Hub } from '../../src/stream/hub.ts';
import { type StreamServer, startServer } from '../../src/stream/server.ts';
import { type FeedMessage, parseWebReport } from '../../src/stream/feed.ts';
import { InlineStore, type InlineRunStore } from '../../src/store/inline-store.ts';
import { descriptionOf, temporaryFolder, wholeStep } from '../unit/store/fixtures.ts';
import { FakeHistory, liveBatch, RUN, summary } from '../unit/stream/rig.ts';

const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function rig(port = 0): Promise<{ hub: Hub; history: FakeHistory; server: StreamServer }> {
  const history = new FakeHistory();
  const hub = new Hub({ clock: new SystemClock(), history });
  hub.receive({ type: 'epoch', epoch: 'e1' });
  hub.receive({ type: 'runs', runs: [summary()] });
  const started = await startServer({ hub, history, assets: new Map(), port, isPortFixed: false });
  if (!started.ok) throw new Error(started.detail);
  endings.push(async () => {
    hub.close();
    await started.server.close();
  });
  return { hub, history, server: started.server };
}

/** Sends text as it is; resolves with all that comes back until the other side closes. */
async function raw(port: number, text: string, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write(text));
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

const get = (headers: string): string => `GET /api/runs HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`;

/** Opens the stream; resolves with its messages so far and how it ended. */
function open(server: { readonly url: string }, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}stream`, { headers });
  const messages: unknown[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString('utf8'))));
  socket.on('error', () => undefined);
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString('utf8') }));
  });
  const refused = new Promise<number>((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
  });
  return { socket, messages, closed, refused };
}

describe('requests', () => {
  it.each([
    ['a foreign Host', 'Host: evil.example\r\n', 421],
    ['a Host that is none', 'Host: a b/\r\n', 421],
    ['no Host', '', 421],
    ['headers of more than 16 KiB', `Host: x\r\nX: ${'y'.repeat(20_000)}\r\n`, 431],
  ])('with %s are refused, with the policy', async (_title, headers, status) => {
    const { server } = await rig();
    const answer = await raw(server.port, get(headers));
    expect(statusOf(answer)).toBe(status);
    expect(answer.toLowerCase()).toContain("content-security-policy: default-src 'none'");
  });

  it('that are no HTTP at all are refused, with the policy', async () => {
    const { server } = await rig();
    const answer = await raw(server.port, 'nonsense\r\n\r\n');
    expect(statusOf(answer)).toBe(400);
    expect(answer).toContain("content-security-policy: default-src 'none'");
  });

  it('are answered on both loopback addresses under the same port', async () => {
    const { server } = await rig();
    for (const [address, host] of [
      ['127.0.0.1', '127.0.0.1'],
      ['::1', '[::1]'],
    ] as const) {
      const answer = await raw(server.port, get(`Host: ${host}:${server.port}\r\n`), address);
      expect(statusOf(answer)).toBe(200);
    }
  });
});

describe('upgrades', () => {
  it('are refused for a page of another site', async () => {
    const { server } = await rig();
    for (const origin of ['http://evil.example', 'null', `https://127.0.0.1:${server.port}`]) {
      expect(await open(server, { origin }).refused).toBe(403);
    }
  });

  it('are refused after DNS rebinding', async () => {
    const { server } = await rig();
    expect(await open(server, { host: `evil.example:${server.port}` }).refused).toBe(421);
  });

  it('are refused beyond 50 clients', async () => {
    const { hub, server } = await rig();
    const clients = Array.from({ length: 50 }, () => open(server));
    await expect.poll(() => hub.isFull).toBe(true);
    expect(await open(server).refused).toBe(503);
    clients[0]?.socket.close();
    await expect.poll(() => hub.isFull).toBe(false);
  });
});

describe('the stream', () => {
  it('delivers a late joiner every sample exactly once', async () => {
    const { hub, history, server } = await rig();
    const store = (first: number, count: number): void => {
      history.store(
        RUN,
        Array.from({ length: count }, (_, index) => first + index),
      );
      hub.receive({ type: 'stored', run: RUN, storedSeq: first + count - 1 });
    };
    store(1, 20_000);
    const { socket, messages } = open(server, { origin: server.url.replace(/\/$/, '') });
    socket.on('open', () => socket.send(JSON.stringify({ v: 1, type: 'subscribe', run: RUN, from_seq: 1 })));
    const seqs = () => seqsOf(messages);
    await expect.poll(() => seqs().length).toBeGreaterThan(0);
    hub.receive(liveBatch(20_001, 500));
    store(20_001, 500);
    await expect.poll(() => seqs().length, { timeout: 5000 }).toBe(20_500);
    expect(seqs()).toEqual(Array.from({ length: 20_500 }, (_, index) => index + 1));
  });

  it.each([
    ['binary messages', Buffer.from([1, 2, 3]), 1008],
    ['nonsense', 'hello', 1008],
    ['messages of more than 64 KiB', 'x'.repeat(70_000), 1009],
  ])('closes on %s', async (_title, message, code) => {
    const { server } = await rig();
    const { socket, closed } = open(server);
    socket.on('open', () => socket.send(message));
    expect((await closed).code).toBe(code);
  });
});

describe('the port', () => {
  it('is the next free one when the wanted one is taken', async () => {
    const taken = await occupy();
    const { server } = await rig(taken);
    expect(server.port).toBeGreaterThan(taken);
  });

  it('is not another one when it was asked for', async () => {
    const port = await occupy();
    const history = new FakeHistory();
    const hub = new Hub({ clock: new SystemClock(), history });
    endings.push(async () => Promise.resolve(hub.close()));
    const result = await startServer({ hub, history, assets: new Map(), port, isPortFixed: true });
    expect(result).toMatchObject({ ok: false, reason: 'port-busy' });
  });
});

describe('the web process', () => {
  it('streams a run file that grows, and goes when its parent does, but not on Ctrl-C', async () => {
    const run = await createRunFile();
    const child = fork(webProcess, [JSON.stringify({ port: 0 })]);
    endings.push(async () => Promise.resolve(child.kill('SIGKILL')));
    const listed = summary({ run: run.run, path: run.path });
    say(child, { type: 'epoch', epoch: 'e1' });
    say(child, { type: 'runs', runs: [listed] });
    const [message]: unknown[] = await once(child, 'message');
    const report = parseWebReport(message);
    expect(report?.type).toBe('listening');
    const url = report?.type === 'listening' ? report.url : '';

    await commitStep(run, 1);
    const { socket, messages } = open({ url });
    socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', run: run.run, from_seq: 1 })));
    await expect.poll(() => seqsOf(messages).length).toBe(360);
    await commitStep(run, 2);
    say(child, { type: 'stored', run: run.run, storedSeq: 720 });
    await expect.poll(() => seqsOf(messages)).toEqual(Array.from({ length: 720 }, (_, index) => index + 1));
    const plot = await fetch(`${url}api/runs/${run.run}/plot?points=100`);
    expect(await plot.json()).toMatchObject({ type: 'plot', stored_seq: 720 });
    expect((await fetch(`${url}api/runs/${run.run}`)).status).toBe(200);

    child.kill('SIGINT');
    expect((await fetch(`${url}api/runs`)).status).toBe(200);
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

const webProcess = join(import.meta.dirname, '../../dist/src/daemon/web-process.js');

function say(child: ChildProcess, message: FeedMessage): void {
  child.send(message);
}

function seqsOf(messages: readonly unknown[]): number[] {
  return messages.flatMap((message) => (message as { seq?: number[] }).seq ?? []);
}

async function createRunFile(): Promise<InlineRunStore> {
  const target = { dataPath: temporaryFolder() };
  const store = new InlineStore({ clock: new SystemClock(), durability: 'full', target });
  return new Promise((settle, reject) => {
    store.createRun(descriptionOf(), (result) => {
      if (result.ok) settle(result.store);
      else reject(new Error(result.detail));
    });
  });
}

async function commitStep(run: InlineRunStore, stepNumber: number): Promise<void> {
  const result = await new Promise((settle) => run.commit(wholeStep(stepNumber), settle));
  expect(result).toEqual({ ok: true });
}

async function occupy(): Promise<number> {
  const other: Server = createServer();
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  endings.push(
    async () =>
      new Promise((resolve) => {
        other.close(resolve);
      }),
  );
  const address = other.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
