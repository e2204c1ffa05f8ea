// Goal: the process of the daemon is watched, ends as it should, and is heard: by systemd, by the
// operator's command, by instruments that nobody else would open. Method: real processes, real signals and
// the real systemd-notify, with a socket of the test's own in place of systemd; the simulators' cell logs
// are the proof.

import { chmodSync, existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cellDriven,
  cellLogOf,
  cellOpened,
  expectHalfCyclesInTurn,
  expectWholeRecord,
  lastOfChannel,
  newestSeq,
  reaches,
  samplesBeyond,
  stepsOf,
} from './records.ts';
import {
  createRig,
  type DaemonProcess,
  killIfThere,
  type Rig,
  type Running,
  root,
  settingArguments,
  type Simulator,
  until,
} from './rig.ts';

let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

async function benchOf(config: object = {}): Promise<{ daemon: DaemonProcess; simulator: Simulator }> {
  const simulator = await rig.simulator({ speed: 60, cellLog: rig.file('cells.jsonl') });
  const daemon = await rig.daemon({
    cyclers: [{ name: 'sim', dialect: 'gvn1', port: simulator.port }],
    ...config,
  });
  return { daemon, simulator };
}

/** Node has no unix datagram sockets. */
const RECEIVER = `
import socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(server.recv(4096).decode(), flush=True)
`;

describe('under systemd', () => {
  const heard = (receiver: Running, word: string): number =>
    receiver
      .stdout()
      .split('\n')
      .filter((line) => line === word).length;

  it('the daemon says that it is ready, that its loop runs while it does, and that it ends', async () => {
    const socket = rig.file('notify');
    const receiver = rig.launch('python3', ['-u', '-c', RECEIVER, socket]);
    await receiver.says(/listening/);
    Object.assign(rig.env, { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '3000000' });
    const { daemon } = await benchOf();
    await receiver.says(/^READY=1$/m);
    expect((await rig.cli('run', 'list')).code, 'commands are served by then').toBe(0);
    await until('three beats', () => heard(receiver, 'WATCHDOG=1') >= 3 || undefined);

    daemon.kill('SIGSTOP');
    // What was started before may still be on its way.
    await sleep(1000);
    const before = heard(receiver, 'WATCHDOG=1');
    await sleep(4000);
    expect(heard(receiver, 'WATCHDOG=1'), 'a loop that stands still says nothing').toBe(before);
    daemon.kill('SIGCONT');
    await until('a beat after that', () => heard(receiver, 'WATCHDOG=1') > before || undefined);

    expect(heard(receiver, 'STOPPING=1')).toBe(0);
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 143, signal: null });
    await receiver.says(/^STOPPING=1$/m);
    expect(heard(receiver, 'READY=1')).toBe(1);
  });

  it('the unit that is printed pleases systemd, and leaves little exposed', async () => {
    const { code, stdout } = await rig.cli('daemon', '--print-unit');
    expect(code).toBe(0);
    expect(stdout).toContain(realpathSync(`${root}/dist/src/cli/main.js`));
    const path = rig.file('galvanode.service');
    writeFileSync(path, stdout);
    const verified = rig.launch('systemd-analyze', ['verify', '--man=no', path]);
    expect((await verified.ended).code, verified.stderr()).toBe(0);
    expect(verified.stderr()).toBe('');
    // Of 10 at worst; this one has 2.2.
    const judged = rig.launch('systemd-analyze', ['security', '--offline=yes', '--threshold=25', path]);
    expect((await judged.ended).code, judged.stdout()).toBe(0);
  });
});

/** A run that holds, which is an alarm: its instrument has restarted. */
async function heldRun(alarmCommand: readonly string[]): Promise<{ daemon: DaemonProcess; run: string }> {
  const { daemon, simulator } = await benchOf({ alarm_command: alarmCommand, on_outage: 'hold' });
  const { run, path } = await rig.startRun({ record_interval: '1s' });
  await cellDriven(rig.file('cells.jsonl'));
  simulator.kill('SIGKILL');
  await reaches(path, 'link-lost');
  const tcpPort = Number(/\d+$/.exec(simulator.port)?.[0]);
  await rig.simulator({ speed: 60, cellLog: rig.file('cells.jsonl'), tcpPort });
  await reaches(path, 'holding');
  return { daemon, run };
}

describe('an alarm', () => {
  it('starts the command of the operator, who is told what happened and where', async () => {
    const script = rig.file('tell');
    writeFileSync(script, `#!/bin/sh\ncat > "$1.json.new"; env > "$1.env"; mv "$1.json.new" "$1.json"\n`);
    chmodSync(script, 0o755);
    const said = rig.file('said');
    const { run } = await heldRun([script, said]);
    await until('the command', () => existsSync(`${said}.json`) || undefined);
    const alarm = JSON.parse(readFileSync(`${said}.json`, 'utf8')) as Record<string, unknown>;
    expect(alarm).toMatchObject({ run, cycler: 'sim', channel: 1, code: 'CELL_HELD' });
    expect(alarm['message']).toEqual(expect.stringMatching(/\S/));
    const lines = readFileSync(`${said}.env`, 'utf8').split('\n');
    expect(lines).toContain('GALVANODE_ALARM_CODE=CELL_HELD');
    expect(lines).toContain(`GALVANODE_ALARM_RUN=${run}`);
    expect(lines).toContain('GALVANODE_ALARM_CYCLER=sim');
    expect(lines).toContain('GALVANODE_ALARM_CHANNEL=1');
  });

  it.each([
    ['hangs', '#!/bin/sh\nsleep 600 & sleep 600\n', /still running after 10 s, ended/],
    ['fails', '#!/bin/sh\necho no mail today >&2\nexit 3\n', /exit code 3 no mail today/],
    ['is not there', null, /ENOENT; correct/],
  ])('whose command %s is a line in the log, and nothing is left running', async (_what, text, line) => {
    const script = rig.file('tell');
    if (text !== null) writeFileSync(script, text);
    if (text !== null) chmodSync(script, 0o755);
    const { daemon } = await heldRun([script]);
    await daemon.says(line);
    expect((await rig.cli('run', 'list')).code).toBe(0);
    await until('the command to be gone', () => {
      return rig.processes().every(({ command }) => !command.includes('sleep 600')) || undefined;
    });
  });
});

/**
 * A run on a source meter, which nobody but this computer would open, and one on an instrument with a
 * lease.
 */
async function onBothKinds(
  config: object,
): Promise<{ daemon: DaemonProcess; meterLog: string; leasedLog: string }> {
  const meterLog = rig.file('smu.jsonl');
  const leasedLog = rig.file('cells.jsonl');
  const meter = rig.galvanode('sim', '--dialect', 'keithley2400', '--tcp', '0', '--cell-log', meterLog);
  const { port } = JSON.parse(await meter.says(/^\{.*\}$/m)) as { readonly port: string };
  const leased = await rig.simulator({ speed: 1, cellLog: leasedLog });
  const daemon = await rig.daemon({
    cyclers: [
      { name: 'sim', dialect: 'gvn1', port: leased.port },
      { name: 'smu', dialect: 'keithley2400', port, accept_no_dead_man: true },
    ],
    ...config,
  });
  await rig.startRun({ record_interval: '1s' });
  await daemon.says(/"cycler":"smu".*"msg":"link up"/);
  const where = ['--cycler', 'smu', '--channel', '1', '--area', '1.13cm2'];
  const asked = ['run', 'start', 'symmetric-cycling', ...where, ...settingArguments({}), '--json'];
  const { path } = await rig.json<{ readonly path: string }>(...asked);
  await until('the first half-cycle', () => stepsOf(path).some(({ step }) => step >= 4) || undefined);
  expect(lastOfChannel(meterLog)).toMatchObject({ cell: 'on' });
  await cellDriven(leasedLog);
  return { daemon, meterLog, leasedLog };
}

/** Within this a process must be gone, and with it every byte that it had to say. */
const AT_ONCE_MS = 3000;

describe('a process that ends without order', () => {
  it('by an error of ours has opened what nobody else would, and left the rest to its lease', async () => {
    const planted = rig.file('planted.mjs');
    writeFileSync(planted, `process.on('SIGUSR2', () => { throw new Error('planted'); });\n`);
    rig.env['NODE_OPTIONS'] = `--import=${planted}`;
    const { daemon, leasedLog, meterLog } = await onBothKinds({ lease: '2 s' });
    const killedMs = Date.now();
    daemon.kill('SIGUSR2');
    expect(await daemon.ended, daemon.stderr()).toEqual({ code: 1, signal: null });
    expect(Date.now() - killedMs).toBeLessThan(AT_ONCE_MS);
    expect(daemon.stderr()).toMatch(/internal error: planted; the daemon ends.*\n.*\[INTERNAL\]/);
    expect(lastOfChannel(meterLog)).toMatchObject({ cell: 'off' });
    expect(await cellOpened(leasedLog)).toMatchObject({ why: 'lease' });
  });

  it('by a second signal has opened the cells of every instrument', async () => {
    const { daemon, leasedLog, meterLog } = await onBothKinds({ lease: '30 s' });
    const writer = rig.processes().find(({ command }) => command.includes('writer-process'));
    // So that the orderly end has something to wait for.
    killIfThere(writer?.pid ?? expect.fail('there is no writer'), 'SIGSTOP');
    daemon.kill('SIGTERM');
    await sleep(1500);
    const secondMs = Date.now();
    daemon.kill('SIGTERM');
    await until('the end of the core', () => {
      return rig.processes().every(({ pid }) => pid !== daemon.pid) || undefined;
    });
    expect(Date.now() - secondMs).toBeLessThan(AT_ONCE_MS);
    killIfThere(writer?.pid ?? 0, 'SIGCONT');
    expect(await daemon.ended).toEqual({ code: 143, signal: null });
    for (const log of [meterLog, leasedLog]) expect(lastOfChannel(log)).toMatchObject({ cell: 'off' });
    expect(cellLogOf(leasedLog).filter(({ why }) => why === 'lease')).toEqual([]);
  });
});

describe('its children', () => {
  const pidOf = (name: string): number | undefined =>
    rig.processes().find(({ command }) => command.includes(name))?.pid;
  const filesOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
  const isServed = async (url: string): Promise<true | undefined> =>
    fetch(url).then(
      (answer) => answer.ok || undefined,
      () => undefined,
    );

  it('may be killed twenty times each: nothing is lost, nothing open is left behind', async () => {
    const { daemon } = await benchOf();
    const lively = { areal_capacity: '0.0166667mAh/cm2', record_interval: '1s' };
    const { run, path } = await rig.startRun(lively);
    await samplesBeyond(path, 0, 20);
    await until('the page', async () => isServed(daemon.url));
    const filesBefore = filesOf(daemon.pid);
    for (let round = 0; round < 20; round += 1) {
      const web = await until('a web process', () => pidOf('web-process'));
      const writer = await until('a writer', () => pidOf('writer-process'));
      killIfThere(web, 'SIGKILL');
      killIfThere(writer, 'SIGKILL');
      const stored = newestSeq(path);
      await samplesBeyond(path, stored, 20);
      await until('the page', async () => isServed(daemon.url));
    }
    // A connection of a browser or a command may be open for a moment.
    await until(
      'no file more than before',
      () => filesOf(daemon.pid) <= filesBefore + 1 || undefined,
      () => [filesBefore, filesOf(daemon.pid)],
    );
    await rig.json('run', 'stop', run, '--json');
    await reaches(path, 'stopped');
    expectWholeRecord(path);
    expectHalfCyclesInTurn(path);
  });
});
