// Goal: an instrument that is absent, taken, silent, foreign or out of its mind is named in one line with
// what was found, and no run comes of it. Method: `run start` against a daemon whose cycler is each of
// these in turn.

import { readdirSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crc32 } from 'node:zlib';
import { samplesBeyond } from './records.ts';
import { createRig, type Finished, type Rig, until } from './rig.ts';

let rig: Rig;
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  rig.end();
});

/** Something that listens where an instrument should; `answer` gets each line. Returns its port. */
async function impostor(answer: (line: string, socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      const lines = (received + text).split('\n');
      received = lines.pop() ?? '';
      for (const line of lines) if (line !== '') answer(line, socket);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `tcp://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
}

async function start(...args: readonly string[]): Promise<Finished> {
  return rig.cli('run', 'start', 'symmetric-cycling', '--area', '1.13cm2', ...args);
}

function expectRefused(answer: Finished, code: number, ...said: readonly RegExp[]): void {
  expect(answer, answer.stderr).toMatchObject({ code, signal: null, stdout: '' });
  const lines = answer.stderr.trimEnd().split('\n');
  expect(lines, answer.stderr).toHaveLength(1);
  for (const part of said) expect(lines[0]).toMatch(part);
  expect(readdirSync(join(rig.data, 'runs'))).toEqual([]);
}

/** The answer for a cycler at this port, once the link has found out what is there. */
async function answerFor(port: string, known: RegExp): Promise<Finished> {
  await rig.daemon({ cyclers: [{ name: 'left', dialect: 'gvn1', port }], log_level: 'error' });
  let last: Finished | null = null;
  return until(
    `an answer like ${String(known)}`,
    async () => {
      last = await start('--cycler', 'left', '--channel', '1');
      return known.test(last.stderr) ? last : undefined;
    },
    () => last,
  );
}

describe('a run is refused with exit code 4 where', () => {
  it('the serial port does not exist', async () => {
    const path = rig.file('no-such-port');
    const answer = await answerFor(path, /PORT_ABSENT/);
    expectRefused(answer, 4, /"left"/, /no-such-port/);
  });

  it('nothing listens on the TCP port', async () => {
    const port = await impostor(() => undefined);
    servers.pop()?.close();
    const answer = await answerFor(port, /PORT_ABSENT|PORT_FAILED/);
    expectRefused(answer, 4, /"left"/, /127\.0\.0\.1:\d+/);
  });

  it('the instrument is taken by another host', async () => {
    const { port } = await rig.simulator({ speed: 1 });
    const other = rig.file('other');
    const config = rig.file('other.json');
    await rig.writeConfig(config, { cyclers: [{ name: 'sim', dialect: 'gvn1', port }] });
    const holder = rig.galvanode('--config', config, '--data', other, 'daemon', '--port', '0');
    await holder.says(/link up/);
    const answer = await answerFor(port, /LINK_CLOSED|PORT_BUSY|PORT_FAILED/);
    expectRefused(answer, 4, /"left"/, /127\.0\.0\.1:\d+/);
  });

  it('the device says nothing', async () => {
    const port = await impostor(() => undefined);
    const answer = await answerFor(port, /LINK_TIMEOUT(?!.*not identified)/);
    expectRefused(answer, 4, /"left"/);
  });

  it('the device answers nonsense', async () => {
    const port = await impostor((_line, socket) => {
      socket.write('Welcome to printer 7 %%\u0000\u00ff*&^%$#\n@1 ack *deadbeef\n'.repeat(20));
    });
    const answer = await answerFor(port, /DEVICE_NONSENSE/);
    expectRefused(answer, 4, /"left"/);
  });

  it('the device speaks another version of the language', async () => {
    const port = await impostor((line, socket) => {
      const text = `@${/^@(\d+)/.exec(line)?.[1] ?? 0} ack proto=gvn1 v=2 dev=x model=y fw=9`;
      socket.write(`${text}*${crc32(text).toString(16).padStart(8, '0')}\n`);
    });
    const answer = await answerFor(port, /DEVICE_NONSENSE|DEVICE_MISMATCH/);
    expectRefused(answer, 4, /"left"/, /v=2|version 2/);
  });
});

describe('with an instrument that answers, a run is refused for', () => {
  async function bench(): Promise<void> {
    const { port } = await rig.simulator({ speed: 60 });
    const daemon = await rig.daemon({ cyclers: [{ name: 'left', dialect: 'gvn1', port }] });
    await daemon.says(/link up/);
  }

  it('an unknown cycler or channel, or a current beyond the range', async () => {
    await bench();
    const unknown = await start('--cycler', 'lfet', '--channel', '1');
    expectRefused(unknown, 3, /no cycler "lfet"/, /did you mean "left"\?/);
    expectRefused(
      await start('--cycler', 'left', '--channel', '2'),
      3,
      /"channel": 2 is outside 1 … 1/,
      /"left"/,
    );
    const beyond = await start('--cycler', 'left', '--channel', '1', '--set', 'current_density=150mA/cm2');
    expectRefused(beyond, 6, /the largest current/, /169\.5 mA/, /100 mA/, /lower it/);
  });

  it('a channel that belongs to another run, which goes on', async () => {
    await bench();
    const args = ['--cycler', 'left', '--channel', '1', '--set', 'wetting=0s', '--json'];
    const first = JSON.parse((await start(...args)).stdout) as { run: string; path: string };
    const second = await start(...args);
    expect(second.code).toBe(6);
    expect(second.stderr).toContain(`run ${first.run}`);
    expect(second.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(readdirSync(join(rig.data, 'runs'))).toEqual([first.run]);
    await samplesBeyond(first.path, 0, 50);
  });
});
