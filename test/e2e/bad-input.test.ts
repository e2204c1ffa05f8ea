// Goal: bad input is refused in one line that names the field or the port, says what was found and what to
// do, with the documented exit code, and leaves nothing behind. Method: the command line as an operator
// types it, tables of slips.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Finished, type Rig } from './rig.ts';

let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

/** One line, of ours, without a stack. */
function expectRefused(answer: Finished, code: number, ...said: readonly (string | RegExp)[]): void {
  expect(answer, answer.stderr).toMatchObject({ code, signal: null });
  const lines = answer.stderr.trimEnd().split('\n');
  expect(lines, answer.stderr).toHaveLength(1);
  expect(lines[0]).toMatch(/^galvanode: /);
  for (const part of said) expect(lines[0]).toMatch(part);
  expect(answer.stdout).toBe('');
}

/** The rig makes three folders of its own; a refused command adds none and no file. */
function expectNothingCreated(...besides: readonly string[]): void {
  const found = readdirSync(rig.folder).filter((name) => !['config', 'runtime', 'state'].includes(name));
  expect(found.sort()).toEqual([...besides].sort());
}

const quote = (text: string): RegExp => new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
const cell = ['--cycler', 'sim', '--channel', '1', '--area', '1.13cm2'];
const start = ['run', 'start', 'symmetric-cycling'];
const simulate = ['simulate', 'symmetric-cycling'];

interface Slip {
  readonly title: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly said: readonly string[];
}

const slips: readonly Slip[] = [
  {
    title: 'an unknown parameter, with the one that was meant',
    ...{
      args: [...start, ...cell, '--set', 'cycels=3'],
      code: 3,
      said: ['"cycels"', 'did you mean "cycles"?'],
    },
  },
  {
    title: 'a misspelt unit, with the one that was meant',
    ...{ args: [...start, ...cell, '--set', 'current_density=1mA/cm3'], code: 3 },
    said: ['"current_density"', 'did you mean "mA/cm2"?'],
  },
  {
    title: 'a unit of another quantity',
    ...{ args: [...simulate, '--set', 'current_density=1mAh'], code: 3 },
    said: ['"current_density"', 'is a charge, expected a current density'],
  },
  {
    title: 'a number without a unit',
    ...{ args: [...start, ...cell.slice(0, 4), '--area', '1.13'], code: 3 },
    said: ['"--area"', 'has no unit', '1.13 cm2'],
  },
  {
    title: 'a missing area',
    ...{ args: [...start, ...cell.slice(0, 4)], code: 3, said: ['"--area" is required', '--area 1.13cm2'] },
  },
  {
    title: 'a parameter outside its bounds',
    ...{ args: [...simulate, '--set', 'current_density=500mA/cm2'], code: 3 },
    said: ['"current_density"', '500 mA/cm2 is outside 1 uA/cm2', '200 mA/cm2'],
  },
  {
    title: 'a step that would take longer than any step may',
    ...{
      args: [...simulate, '--set', 'current_density=1uA/cm2', '--set', 'areal_capacity=200mAh/cm2'],
      code: 3,
    },
    said: ['"areal_capacity"', 'more than 60 d'],
  },
  {
    title: 'an unknown protocol, with the one that was meant',
    ...{ args: ['run', 'start', 'symetric-cycling', ...cell], code: 3 },
    said: ['did you mean "symmetric-cycling"?'],
  },
  {
    title: 'a channel that cannot be',
    ...{
      args: [...start, '--cycler', 'sim', '--channel', '0', '--area', '1cm2'],
      code: 2,
      said: ['"--channel"', '1 … 64'],
    },
  },
  {
    title: 'a run without a daemon, with how to start one',
    ...{ args: [...start, ...cell], code: 8, said: ['no daemon listens on', 'start one: galvanode daemon'] },
  },
  {
    title: 'the stop of an unknown run',
    args: ['run', 'stop', '01X'],
    code: 2,
    said: ['no run "01X"', 'run list'],
  },
  {
    title: 'the export of an unknown run',
    ...{ args: ['run', 'export', '01X'], code: 2, said: ['no run "01X"', 'galvanode run list'] },
  },
  {
    title: 'a current beyond the largest range',
    ...{ args: [...simulate, '--set', 'current_density=150mA/cm2'], code: 6 },
    said: ['the largest current', '169.5 mA', 'beyond the largest range (100 mA)', 'lower it'],
  },
  {
    title: 'a folder that does not exist to simulate into',
    ...{
      args: [...simulate, '--out', 'nowhere/run.db'],
      code: 5,
      said: ['nowhere/run.db', 'there is no folder'],
    },
  },
  {
    title: 'an unknown option, with the one that was meant',
    args: [...simulate, '--sed', '7'],
    code: 2,
    said: ['--seed'],
  },
  { title: 'an unknown command', args: ['frobnicate'], code: 2, said: ["unknown command 'frobnicate'"] },
  {
    title: 'a configuration that is not there',
    args: ['--config', 'no.yaml', 'config', 'show'],
    code: 3,
    said: ['no.yaml'],
  },
];

describe('the command line refuses', () => {
  it.each(slips.map((slip) => [slip.title, slip] as const))('%s', async (_, { args, code, said }) => {
    expectRefused(await rig.cli(...args), code, ...said.map(quote));
    expectNothingCreated();
  });
});

const configs: readonly { title: string; text: string; said: readonly string[] }[] = [
  {
    title: 'an unknown key, with the one that was meant',
    text: 'cyclrs: []',
    said: ['"cyclrs"', 'did you mean "cyclers"?'],
  },
  { title: 'a misspelt unit', text: 'lease: 5 sek', said: ['"lease"', '"5 sek"', 'did you mean "s"?'] },
  { title: 'a value outside its bounds', text: 'lease: 500 s', said: ['"lease"', '1 … 60 s'] },
  { title: 'a broken YAML file', text: 'cyclers: [\n - {', said: ['line 2'] },
  {
    title: 'a port that is no address',
    text: 'cyclers: [{ name: x, dialect: gvn1, port: "tcp://foo" }]',
    said: ['"x"', '"tcp://foo"', 'tcp://host:port'],
  },
];

describe('the configuration is refused for', () => {
  it.each(configs.map((config) => [config.title, config] as const))('%s', async (_, { text, said }) => {
    const path = rig.file('bench.yaml');
    writeFileSync(path, text);
    const answer = await rig.cli('--config', path, 'daemon', '--port', '0');
    expectRefused(answer, 3, ...said.map(quote));
    expectNothingCreated('bench.yaml');
  });
});

it('a data folder that cannot be made is refused, with how to choose another', async () => {
  writeFileSync(rig.file('file'), '');
  const answer = await rig.cli('--data', rig.file('file/data'), 'demo', '--port', '0');
  expectRefused(answer, 5, quote(rig.file('file/data')), /choose another with --data/);
});

it('a second daemon in the same folder is refused, and the first goes on', async () => {
  const config = { cyclers: [{ name: 'x', dialect: 'gvn1', port: rig.file('no-port') }] };
  await rig.daemon(config);
  const answer = await rig.cli('--config', rig.file('bench.yaml'), 'daemon', '--port', '0');
  expectRefused(answer, 6, /a daemon is running already/, /--data/);
  expect(await rig.json('run', 'list', '--json')).toMatchObject({ runs: [] });
});

it('an output path that is a folder is refused', async () => {
  mkdirSync(rig.file('out'));
  expectRefused(await rig.cli(...simulate, '--out', rig.file('out')), 5, quote(rig.file('out')));
  expect(readdirSync(join(rig.folder, 'out'))).toEqual([]);
});

it('a cell that is not connected is refused by the pre-flight, before any real current', async () => {
  const out = rig.file('open.db');
  const { code, stdout } = await rig.cli(...simulate, '--cell-model', 'open-leads', '--out', out, '--json');
  expect(code, stdout).toBe(6);
  expect((JSON.parse(stdout) as { reason: string }).reason).toMatch(/pre-flight refused/);
});

const commands = [
  ...[[], ['demo'], ['daemon'], ['run'], ['run', 'start'], ['run', 'list'], ['run', 'show'], ['run', 'stop']],
  ...[['run', 'export'], ['protocol'], ['protocol', 'list'], ['protocol', 'show'], ['protocol', 'check']],
  ...[['simulate'], ['sim'], ['doctor'], ['config'], ['config', 'show']],
];

it.each(commands.map((words) => [words.join(' ')]))(
  'galvanode %s --help begins with examples',
  async (words) => {
    const { code, stdout } = await rig.cli(...words.split(' ').filter(Boolean), '--help');
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe('Examples:');
  },
);
