// Goal: `galvanode device` finds, identifies, checks and talks to instruments of every dialect, leaves alone
// what the daemon has, and answers a slip of the pen in one line. Method: a dummy resistor in a simulator of
// each dialect, the command line as its user types it, and the simulators' own cell logs.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InstrumentBench, INSTRUMENTS, startInstruments } from './instrument-bench.ts';
import { cellLogOf, cellOpened, lastOfChannel } from './records.ts';
import { commandLine, createRig, type Finished, type Rig, settingArguments, until } from './rig.ts';

interface CheckPrinted {
  readonly cycler: string;
  readonly path: string;
  readonly deviceId: string;
  readonly resistorMohm: number;
  readonly currentPa: number;
  readonly isWithinBound: boolean;
  readonly boundPpm: number;
  readonly plus: { readonly resistorOffPpm: number };
  readonly minus: { readonly resistorOffPpm: number };
}

interface Identified {
  readonly ports: readonly {
    readonly port: string;
    readonly found: { readonly dialect: string; readonly serial: string | null } | null;
  }[];
  readonly config: readonly { readonly dialect: string; readonly port: string }[];
}

const TEXT = '@1 hello v=1 token=e2e';
const HELLO = `${TEXT}*${(crc32(TEXT) >>> 0).toString(16).padStart(8, '0')}`;

let rig: Rig;
let bench: InstrumentBench;
let configPath: string;

beforeAll(async () => {
  rig = createRig();
  bench = await startInstruments(rig, '--cell-model', 'dummy-10-ohm');
  configPath = rig.file('bench.yaml');
  await rig.writeConfig(configPath, bench.config);
});

afterAll(() => {
  rig.end();
});

async function device(...args: readonly string[]): Promise<Finished> {
  return rig.cli('--config', configPath, 'device', ...args);
}

function expectOneLine(answer: Finished, code: number, said: RegExp): void {
  expect(answer, answer.stderr).toMatchObject({ code, stdout: '' });
  expect(answer.stderr.trimEnd().split('\n'), answer.stderr).toHaveLength(1);
  expect(answer.stderr).toMatch(said);
}

const CHECK = ['--resistor', '10ohm', '--current', '1mA'];

describe('galvanode device', () => {
  // Side by side, since most of each is the start of a process; so no two of them may ask one instrument.
  it.concurrent.each([
    ['lfet', CHECK, 2, /"cycler": no "lfet"; did you mean "left"\?/],
    ['left', ['--resistor', '10', '--current', '1mA'], 2, /"--resistor": "10" has no unit/],
    ['left', ['--resistor', '10ohm', '--current', '1'], 2, /"--current": "1" has no unit/],
    ['left', ['--resistor', '10ohm', '--current', '0mA'], 2, /"--current": 0mA must be above 0/],
    ['left', ['--resistor', '10ohm'], 2, /required option '--current <current>' not specified/],
    [
      'smu',
      ['--resistor', '10ohm', '--current', '5A'],
      6,
      /"--current": 5000 mA is beyond 95 % of .*1000 mA/,
    ],
    [
      'xpot',
      ['--resistor', '1kohm', '--current', '50mA'],
      6,
      /"--current": on this resistor it makes 50\.00 V/,
    ],
    ['left', [...CHECK, '--channel', '2'], 3, /"--channel": 2 is outside 1 … 1 of "left"/],
  ] as const)('check %s %j is refused in one line, with exit code %i', async (name, args, code, said) => {
    expectOneLine(await device('check', name, ...args), code, said);
  });

  it.concurrent.each([
    [['identify', 'lfet'], 2, /"lfet" is no port; .*or a cycler: left, palm, smu, xpot/],
    [['identify', './palm'], 2, /"\.\/palm" is no port; write its whole path/],
    [['identify', '--dialect', 'gnv1'], 2, /"--dialect": no "gnv1"; did you mean "gvn1"\?/],
    [['console', 'nowhere'], 2, /"nowhere" is no port; .*or a cycler: left/],
    [['console', '/dev/ttyNOWHERE0'], 4, /\/dev\/ttyNOWHERE0: not there/],
    [['chek', 'left'], 2, /unknown command 'chek'.*Did you mean check/],
  ] as const)('%j is answered in one line, with exit code %i', async (args, code, said) => {
    expectOneLine(await device(...args), code, said);
  });

  it.concurrent.each(['list', 'identify', 'console', 'check'])(
    '%s has a help that begins with examples',
    async (name) => {
      const { code, stdout } = await device(name, '--help');
      expect([code, stdout.startsWith('Examples:\n')]).toEqual([0, true]);
    },
  );

  it('lists every port of the configuration, with its dialect and the cycler that it is for', async () => {
    const { stdout } = await device('list');
    for (const { name, dialect, port } of bench.instruments) {
      expect(stdout).toMatch(new RegExp(`^${port} +${dialect} +cycler "${name}"$`, 'm'));
    }
  });

  it('identifies every dialect by questions that move nothing, by port and by name', async () => {
    const targets = bench.instruments.map(({ name, port }) => (name === 'xpot' ? name : port));
    const { ports, config } = JSON.parse(
      (await device('identify', ...targets, '--json')).stdout,
    ) as Identified;
    expect(ports.map(({ found }) => found?.dialect)).toEqual(INSTRUMENTS.map(({ dialect }) => dialect));
    for (const { found } of ports.slice(1)) expect(found?.serial).toMatch(/SIM0*[2-4]$/);
    expect(config.map(({ port }) => port)).toEqual(bench.instruments.map(({ port }) => port));
    for (const { cellLog } of bench.instruments) {
      // An output of a 2400 that is off is a source of 0 V (manual p. 13-9): its leakage flows, no more.
      for (const { i_pa } of cellLogOf(cellLog)) expect(Math.abs(i_pa)).toBeLessThan(10_000_000);
    }
  });

  it.each([
    ['smu', '*IDN?', /^KEITHLEY INSTRUMENTS INC\.,MODEL 2400,/m],
    ['xpot', '*IDN?', /^ZAHNER-ELEKTRIK,PP212,/m],
    ['palm', 't', /^tes4_lr/m],
    ['left', HELLO, /^@1 ack .* dev=sim-1 /m],
  ] as const)('console %s sends "%s" and shows the answer', async (name, question, answer) => {
    const [node, args] = commandLine('--config', configPath, 'device', 'console', name);
    // A pipe, as in a script: the shell gives the command its input.
    const script = `printf '%s\\n' "$0" | "$@"`;
    const running = rig.launch('sh', ['-c', script, question, node, ...args]);
    expect((await running.ended).code, running.stderr()).toBe(0);
    expect(running.stdout()).toMatch(answer);
  });
});

describe('galvanode device check', () => {
  it('opens the cell before Ctrl-C ends it, on an instrument that would drive on for ever', async () => {
    const { cellLog } = bench.of('smu');
    const running = rig.galvanode('--config', configPath, 'device', 'check', 'smu', ...CHECK);
    await until('the current', () => Math.abs(lastOfChannel(cellLog).i_pa) > 900_000_000 || undefined);
    running.kill('SIGINT');
    expect((await running.ended).code, running.stderr()).toBe(130);
    expect(running.stderr()).toMatch(/stopped by the operator; the cell is open; nothing is kept\n$/);
    expect((await cellOpened(cellLog)).cell).toBe('off');
    expect(existsSync(join(rig.data, 'checks', 'smu-1.json'))).toBe(false);
  });

  it('finds every instrument within its data sheet, keeps that, and the next run carries it', async () => {
    const checks = await Promise.all(
      bench.instruments.map(async ({ name }) => {
        const { code, stdout, stderr } = await device('check', name, ...CHECK, '--json');
        expect(code, stderr).toBe(0);
        return JSON.parse(stdout) as CheckPrinted;
      }),
    );
    for (const [index, { path, cycler, ...found }] of checks.entries()) {
      expect(cycler).toBe(INSTRUMENTS[index]?.name);
      expect(found, cycler).toMatchObject({ resistorMohm: 10_000, currentPa: 1e9, isWithinBound: true });
      for (const { resistorOffPpm } of [found.plus, found.minus])
        expect(Math.abs(resistorOffPpm), cycler).toBeLessThanOrEqual(found.boundPpm);
      expect(path).toBe(join(rig.data, 'checks', `${cycler}-1.json`));
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(found);
    }
    for (const { cellLog } of bench.instruments) expect((await cellOpened(cellLog)).cell).toBe('off');

    const daemon = await rig.daemon(bench.config);
    await daemon.says(/"cycler":"left".*"msg":"link up"/);
    const { run } = await rig.json<{ run: string }>(
      ...['run', 'start', 'symmetric-cycling', '--cycler', 'left', '--channel', '1', '--area', '1.13cm2'],
      ...[...settingArguments({ cycles: '1' }), '--json'],
    );
    const { meta } = await rig.json<{ meta: Record<string, unknown> }>('run', 'show', run, '--json');
    expect(meta['instrumentCheck']).toMatchObject({ deviceId: checks[0]?.deviceId, isWithinBound: true });
  });

  it('and every other command leave alone what a daemon has, and say so', async () => {
    const held = /: the daemon has it for cycler "left"; stop the daemon first \[PORT_BUSY\]/;
    expectOneLine(await device('check', 'left', ...CHECK), 4, held);
    expectOneLine(await device('identify', bench.of('left').port), 4, held);
    expectOneLine(await device('console', 'left'), 4, held);
    const { stdout } = await device('list');
    expect(stdout).toMatch(/^tcp:\S+ +gvn1 +cycler "left" +the daemon$/m);
  });
});
