// Goal: each cell of the library starts a run with the protocol it is for, and pre-flight refuses it in the
// wrong one. Method: whole runs in virtual time, two short cycles each, through driver, wire, emulator and
// store.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CELL_LIBRARY,
  cellModelNames,
  describeCell,
} from '../../../firmware-sim/cell/library/cell-library.ts';
import { cellFileOf } from '../../../firmware-sim/cell/library/cell-file.ts';
import { PROTOCOLS } from '../../../protocols/index.ts';
import { simulate, type SimulationResult } from '../../../src/cli/simulation.ts';
import { openRunReader } from '../../../src/store/readers.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvanode-cells-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const SHORT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'symmetric-cycling': {
    cycles: '2',
    wetting: '1 min',
    conditioning_cycles: '0',
    areal_capacity: '0.1 mAh/cm2',
  },
  'coulombic-efficiency': { cycles: '2', wetting: '1 min', areal_capacity: '0.1 mAh/cm2' },
};

async function run(cell: string, protocolName: string): Promise<SimulationResult> {
  const protocol = PROTOCOLS.find(({ name }) => name === protocolName);
  const cellModel = describeCell(cell);
  if (protocol === undefined || cellModel === null) throw new Error(`no ${protocolName}, or no ${cell}`);
  const specimen = { sampleId: null, workingElectrode: null, counterElectrode: null, electrolyte: null };
  return simulate({
    request: {
      protocol,
      parameters: SHORT[protocolName] ?? {},
      areaUcm2: 1_130_000,
      cell: { ...specimen, separator: null, operator: null, notes: null },
      channel: 1,
    },
    seed: 3,
    cellModel,
    dialect: 'gvn1',
    instrument: 'bench',
    outPath: join(folder, `${cell}-${protocolName}.db`),
    isDurable: false,
    logLevel: 'silent',
    onProgress: () => 'go on',
  });
}

const forProtocol = (wanted: string): string[] =>
  cellModelNames().filter((name) => CELL_LIBRARY[name]?.protocol === wanted);

describe('a run with a cell of the library', () => {
  it.each(forProtocol('symmetric-cycling'))('cycles %s, as a symmetric cell', async (name) => {
    expect(await run(name, 'symmetric-cycling')).toMatchObject({ state: 'done', verdict: 'completed' });
  });

  it.each(forProtocol('coulombic-efficiency'))('plates and strips %s', async (name) => {
    expect(await run(name, 'coulombic-efficiency')).toMatchObject({ state: 'done', verdict: 'completed' });
  });

  it.each(['zn-cu', 'zn-ti', 'zn-mno2', 'zn-voxide', 'zn-i2', 'zn-pani', 'hydrogen-only', 'battery-1v4'])(
    'refuses %s where a symmetric cell should be',
    async (name) => {
      const { state, reason } = await run(name, 'symmetric-cycling');
      expect(state).toBe('failed');
      expect(reason).toMatch(/^pre-flight refused: open-circuit voltage/);
    },
  );

  it('finds that nothing is in the holder', async () => {
    expect(await run('open-leads', 'symmetric-cycling')).toMatchObject({
      state: 'failed',
      verdict: 'open-circuit',
    });
  });

  it.each(['bare-zn', 'janus-separator'])('refuses %s where a bare substrate should be', async (name) => {
    const { state, reason } = await run(name, 'coulombic-efficiency');
    expect(state).toBe('failed');
    expect(reason).toMatch(/^pre-flight refused: /);
  });

  it('keeps the whole cell in the file, as a cell file', async () => {
    const { path } = await run('soft-shorting', 'symmetric-cycling');
    const reader = openRunReader(path);
    const { simulation } = reader.meta();
    reader.close();
    const cell = describeCell('soft-shorting');
    expect(simulation).toMatchObject({ seed: 3, cellModel: cell === null ? null : cellFileOf(cell) });
  });
});
