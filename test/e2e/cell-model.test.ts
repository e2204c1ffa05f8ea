// Goal: `--cell-model` takes a name of the library or a cell file, and says in one line what is wrong with
// either before anything starts. Method: the command line as an operator types it, with files in a folder of
// its own.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Finished, type Rig } from './rig.ts';

let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

const HEAD = 'schema: galvanode-cell-1\nbased_on: bare-zn\n';
const quick = ['--set', 'cycles=2', '--set', 'wetting=0s', '--set', 'conditioning_cycles=0'];
const simulate = ['simulate', 'symmetric-cycling', ...quick, '--json'];

interface Summary {
  readonly state: string;
  readonly reason: string;
  readonly path: string;
  readonly contentHash: string;
  readonly platedChargeAhPerCm2: number;
}

interface Meta {
  readonly cell: { readonly areaCm2: number };
  readonly simulation: { readonly cellModel: Readonly<Record<string, unknown>> };
}

async function metaOf(path: string): Promise<Meta> {
  const query = 'select json_group_object(key, json(value)) from meta';
  const sqlite = rig.launch('sqlite3', ['-readonly', path, query]);
  await sqlite.ended;
  return JSON.parse(sqlite.stdout()) as Meta;
}

function expectRefused(answer: Finished, code: number, ...said: readonly string[]): void {
  expect(answer, answer.stderr).toMatchObject({ code, signal: null, stdout: '' });
  const lines = answer.stderr.trimEnd().split('\n');
  expect(lines, answer.stderr).toHaveLength(1);
  for (const part of said) expect(lines[0]).toContain(part);
}

describe('without a cell', () => {
  it('puts in the one that the protocol is made for', async () => {
    const quickly = ['--set', 'cycles=1', '--set', 'wetting=0s', '--json', '--out', 'ce.db'];
    const run = await rig.json<Summary>('simulate', 'coulombic-efficiency', ...quickly);
    expect(run).toMatchObject({ state: 'done' });
    expect((await metaOf(rig.file('ce.db'))).simulation.cellModel).toMatchObject({ name: 'zn-cu' });
  });
});

describe('a cell file of one’s own', () => {
  it('is simulated, with the area that it names, and stored whole with the run', async () => {
    writeFileSync(
      rig.file('my-cell.yaml'),
      `${HEAD}area_cm2: 2\nkinetics: { exchange_current_density_mA_cm2: 3 }\n`,
    );
    const run = await rig.json<Summary>(...simulate, '--cell-model', 'my-cell.yaml', '--out', 'a.db');
    expect(run).toMatchObject({ state: 'done' });
    expect(run.platedChargeAhPerCm2).toBeCloseTo(2e-3, 6);
    const meta = await metaOf(rig.file('a.db'));
    expect(meta.cell.areaCm2).toBe(2);
    expect(meta.simulation.cellModel).toMatchObject({
      schema: 'galvanode-cell-1',
      name: 'my-cell.yaml',
      area_cm2: 2,
      kinetics: { exchange_current_density_mA_cm2: 3, double_layer_uF_cm2: 40 },
      shorts: 'none',
    });
    // What the run stored is a cell file: it gives the same run.
    writeFileSync(rig.file('stored.json'), JSON.stringify(meta.simulation.cellModel));
    const again = await rig.json<Summary>(...simulate, '--cell-model', './stored.json', '--out', 'b.db');
    expect(again.contentHash).toBe(run.contentHash);
  });

  it('changes what is measured', async () => {
    writeFileSync(
      rig.file('slow.yaml'),
      'schema: galvanode-cell-1\nbased_on: bare-zn\nelectrolyte: { resistance_ohm_cm2: 60 }\n',
    );
    const bare = await rig.json<Summary>(...simulate, '--out', 'a.db');
    const slow = await rig.json<Summary>(...simulate, '--cell-model', 'slow.yaml', '--out', 'b.db');
    expect(slow.contentHash).not.toBe(bare.contentHash);
  });
});

const slips: readonly (readonly [title: string, text: string, said: readonly string[]])[] = [
  ['broken YAML', `${HEAD}film: [`, ['my.yaml: ', 'line']],
  [
    'an unknown key',
    `${HEAD}film: { initial_ohm: 3 }`,
    ['"film.initial_ohm"', 'did you mean "initial_ohm_cm2"?'],
  ],
  ['a value out of range', `${HEAD}temperature_C: 298`, ['"temperature_C": 298 is outside -60 … 90 °C']],
  [
    'a base that does not exist',
    'schema: galvanode-cell-1\nbased_on: bare',
    ['"based_on": "bare"', 'bare-zn'],
  ],
  ['no schema', 'film: {}', ['"schema"', 'write schema: galvanode-cell-1']],
];

describe('a cell model is refused in one line, and nothing is started', () => {
  it.each(slips)('%s', async (_title, text, said) => {
    writeFileSync(rig.file('my.yaml'), text);
    const answer = await rig.cli(...simulate, '--cell-model', 'my.yaml', '--out', 'a.db');
    expectRefused(answer, 3, 'my.yaml', ...said, '[CONFIG_INVALID]');
    expect(existsSync(rig.file('a.db'))).toBe(false);
    expect(readFileSync(rig.file('my.yaml'), 'utf8')).toBe(text);
  });

  it('a file that is not there', async () => {
    const answer = await rig.cli(...simulate, '--cell-model', 'cells/none.yaml', '--out', 'a.db');
    expectRefused(answer, 3, 'no cell file at cells/none.yaml', 'check the path');
    expect(existsSync(rig.file('a.db'))).toBe(false);
  });

  it('a folder', async () => {
    const answer = await rig.cli(...simulate, '--cell-model', './', '--out', 'a.db');
    expectRefused(answer, 3, './', 'cannot be read');
  });

  it('a name that is not in the library, by the simulator on a port too', async () => {
    expectRefused(await rig.cli(...simulate, '--cell-model', 'bare-zm'), 2, 'did you mean "bare-zn"?');
    const answer = await rig.cli('sim', '--tcp', '0', '--cell-model', 'soft-shortin');
    expectRefused(answer, 2, 'did you mean "soft-shorting"?');
  });
});

it('--help ends with every cell and what it is', async () => {
  const { code, stdout } = await rig.cli('simulate', '--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}thin-foil-10um +two 10 um Zn foils/m);
  expect(stdout).toMatch(/^ {2}zn-i2 +Zn\|\|I2/m);
  expect(stdout).toContain('no evidence about materials');
});
