// Goal: an instrument behind a serial device server is an instrument like any other. Method: Debian's ser2net
// in raw mode between a simulator's pty and TCP; galvanode asks who is there and drives a short run.
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  expectHalfCyclesInTurn,
  expectWholeRecord,
  halfCyclesOf,
  lastOfChannel,
  reaches,
} from '../e2e/records.ts';
import { createRig, type Rig, until } from '../e2e/rig.ts';

/** A half-cycle is 3.6 s of 1.13 mA; a host that reads eight times a second may end it two readings late. */
const SETTINGS = { cycles: '1', areal_capacity: '1uAh/cm2' };
const CHARGE_NC = 4_068_000;
const LATE_NC = 0.3 * 1_130_000;

const INSTRUMENTS = [
  { dialect: 'gvn1', line: '115200n81', model: 'gvn1', speed: '10', accepted: {} },
  // 9600 baud from the factory; nothing on it opens its output by itself, which a run must accept.
  {
    dialect: 'keithley2400',
    line: '9600n81',
    model: '2400',
    speed: '1',
    accepted: { accept_no_dead_man: true },
  },
] as const;

interface Identified {
  readonly ports: readonly { readonly found: { readonly dialect: string; readonly model: string } | null }[];
}

let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Raw TCP: no telnet, no RFC 2217; modem lines are left alone. Resolves with the address galvanode opens. */
async function deviceServer(pty: string, line: string): Promise<string> {
  const port = await freePort();
  const config = rig.file('ser2net.yaml');
  const connector = `serialdev,${pty},${line},local`;
  const connection = ['connection: &line', `  accepter: tcp,127.0.0.1,${port}`, `  connector: ${connector}`];
  await writeFile(config, ['%YAML 1.1', '---', ...connection, ''].join('\n'));
  // In the foreground, without lock files of its own.
  rig.launch('/usr/sbin/ser2net', ['-n', '-u', '-c', config]);
  return `tcp://127.0.0.1:${port}`;
}

it.each(INSTRUMENTS)('finds and drives $dialect behind ser2net', async (instrument) => {
  const { dialect, line, model, speed, accepted } = instrument;
  const [pty, cellLog] = [rig.file('line'), rig.file('cells.jsonl')];
  const about = ['--dialect', dialect, '--speed', speed, '--cell-log', cellLog];
  const simulator = rig.galvanode('sim', '--pty', pty, ...about);
  await simulator.says(/^\{.*\}$/m);
  const port = await deviceServer(pty, line);

  const found = await until('an answer through ser2net', async () => {
    const { code, stdout } = await rig.cli('device', 'identify', port, '--dialect', dialect, '--json');
    return code === 0 ? (JSON.parse(stdout) as Identified) : undefined;
  });
  expect(found.ports).toMatchObject([{ found: { dialect, model: expect.stringContaining(model) } }]);

  await rig.daemon({ cyclers: [{ name: 'sim', dialect, port, ...accepted }] });
  const { path } = await rig.startRun(SETTINGS);
  expect(await reaches(path, 'done')).toMatchObject({ verdict: 'completed' });
  expectWholeRecord(path);
  expectHalfCyclesInTurn(path);
  expect(halfCyclesOf(path)).toHaveLength(2);
  for (const { charge_nc, reason } of halfCyclesOf(path)) {
    expect(reason).toBe('net-charge');
    expect(Math.abs(charge_nc - CHARGE_NC)).toBeLessThan(LATE_NC);
  }
  await until('the cell to be opened', () => lastOfChannel(cellLog).cell === 'off' || undefined);
});
