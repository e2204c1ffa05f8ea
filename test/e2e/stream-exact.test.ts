// Goal: what the stream promises to a stranger: with `from_seq`, every sample exactly once, however late one
// joins; without it, the live tail. Method: clients written with `ws` alone against a live bench, and the run
// file at the end.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { isSealed, newestSeq, reaches, samplesBeyond, samplesOf } from './records.ts';
import { createRig, type Rig, until } from './rig.ts';

interface SamplesMessage {
  readonly type: 'samples';
  readonly mode: string;
  readonly stored_seq: number;
  readonly seq: readonly number[];
  readonly time_us: readonly number[];
  readonly voltage_nv: readonly (number | null)[];
  readonly current_pa: readonly (number | null)[];
  readonly charge_nc: readonly (number | null)[];
  readonly step: readonly number[];
  readonly flags: readonly number[];
}

interface OtherMessage {
  readonly type:
    | 'hello'
    | 'state'
    | 'past'
    | 'step'
    | 'half_cycle'
    | 'gap'
    | 'alarm'
    | 'ping'
    | 'runs'
    | 'error';
  readonly [field: string]: unknown;
}

type Message = SamplesMessage | OtherMessage;

let rig: Rig;
const sockets: WebSocket[] = [];

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
  rig.end();
});

/** Waits for `hello`, subscribes, then only listens. */
function listen(
  url: string,
  subscription: object,
): { readonly messages: readonly Message[]; readonly closed: () => boolean } {
  const socket = new WebSocket(`${url.replace('http', 'ws')}stream`);
  sockets.push(socket);
  const messages: Message[] = [];
  let isClosed = false;
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    if (message.type === 'hello') socket.send(JSON.stringify({ type: 'subscribe', ...subscription }));
    messages.push(message);
  });
  socket.on('close', () => (isClosed = true));
  socket.on('error', () => (isClosed = true));
  return { messages, closed: () => isClosed };
}

const isSamples = (message: Message): message is SamplesMessage => message.type === 'samples';

/** Row by row, as they arrived. */
function rowsOf(messages: readonly Message[]) {
  return messages.filter(isSamples).flatMap((message) =>
    message.seq.map((seq, index) => ({
      seq,
      t_us: message.time_us[index],
      v_nv: message.voltage_nv[index],
      i_pa: message.current_pa[index],
      q_nc: message.charge_nc[index],
      step: message.step[index],
      flags: message.flags[index],
    })),
  );
}

it('gives each sample exactly once to a late client with from_seq, and the tail to a live one', async () => {
  const { port } = await rig.simulator({ speed: 600 });
  const { url } = await rig.daemon({ cyclers: [{ name: 'sim', dialect: 'gvn1', port }] });
  const { run, path } = await rig.startRun({ areal_capacity: '0.1mAh/cm2', record_interval: '1s' });
  await samplesBeyond(path, 0, 3000);

  const fromStart = listen(url, { run, from_seq: 1 });
  const fromMiddle = listen(url, { run, from_seq: 1500 });
  const live = listen(url, { run });
  const joinedAt = newestSeq(path);
  await samplesBeyond(path, joinedAt, 2000);
  await rig.json('run', 'stop', run, '--json');
  await reaches(path, 'stopped');
  expect(isSealed(path)).toBe(true);

  const stored = samplesOf(path);
  const last = stored.length;
  for (const { messages, closed } of [fromStart, fromMiddle, live]) {
    await until(
      'the last sample',
      () => (rowsOf(messages).at(-1)?.seq === last ? true : undefined),
      () => ({ closed: closed(), last, tail: messages.slice(-3) }),
    );
    // Whatever is to come once too often would come now.
    expect(messages.filter(({ type }) => type === 'error' || type === 'gap')).toEqual([]);
  }
  await until(
    'the end of the run on the stream',
    () =>
      fromStart.messages.some((message) => message.type === 'state' && message['state'] === 'stopped') ||
      undefined,
  );
  expect(fromStart.messages[0]?.type).toBe('hello');
  expect(fromStart.messages.find(({ type }) => type !== 'hello' && type !== 'runs')?.type).toBe('state');
  expect(rowsOf(fromStart.messages)).toEqual(stored);
  expect(rowsOf(fromMiddle.messages)).toEqual(stored.filter(({ seq }) => seq >= 1500));
  expect(fromStart.messages.filter(isSamples).every(({ mode }) => mode === 'exact')).toBe(true);
  for (const message of fromStart.messages.filter(isSamples)) {
    expect(message.stored_seq).toBeGreaterThanOrEqual(message.seq.at(-1) ?? 0);
  }

  const tail = rowsOf(live.messages);
  const [first] = tail;
  expect(first?.seq).toBeGreaterThan(1);
  expect(tail).toEqual(stored.filter(({ seq }) => seq >= (first?.seq ?? 0)));
  expect(live.messages.filter(({ type }) => type === 'past')).toHaveLength(1);
});
