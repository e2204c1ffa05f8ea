// Goal: the protocols that ship as texts run to their end on a cell that they are for, refuse what their
// method forbids, and say what an instrument must be able to do. Method: whole small runs in virtual time,
// through driver, wire, emulator and store; model-check.test.ts walks the machines.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeCell } from '../../firmware-sim/cell/library/cell-library.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { defaultCellFor } from '../../src/cli/cell-model.ts';
import { simulate, type SimulationResult } from '../../src/cli/simulation.ts';
import { checkProgram, modesOf } from '../../src/steps/check-program.ts';
import type { Protocol } from '../../src/steps/protocol.ts';
import { openRunReader } from '../../src/store/readers.ts';
import { COIN_CELL, type Parameters, prepared } from '../support/prepared.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvanode-library-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function named(name: string): Protocol {
  const found = PROTOCOLS.find((protocol) => protocol.name === name);
  if (found === undefined) throw new Error(`no protocol ${name}`);
  return found;
}

async function run(
  name: string,
  parameters: Parameters,
  cell = defaultCellFor(name),
): Promise<SimulationResult> {
  const cellModel = describeCell(cell);
  if (cellModel === null) throw new Error(`no cell ${cell}`);
  const specimen = { sampleId: null, workingElectrode: null, counterElectrode: null, electrolyte: null };
  return simulate({
    request: {
      ...{ protocol: named(name), parameters, areaUcm2: 1_130_000, channel: 1 },
      cell: { ...specimen, separator: null, operator: null, notes: null },
    },
    ...{ seed: 3, cellModel, dialect: 'gvn1', instrument: 'bench', isDurable: false, logLevel: 'silent' },
    outPath: join(folder, `${name}.db`),
    onProgress: () => 'go on',
  });
}

/** A tenth of the usual charge, and no long rests. */
const SMALL = { wetting: '1 min', areal_capacity: '0.1 mAh/cm2' };
const GALVANOSTATIC: readonly (readonly [string, Parameters, number])[] = [
  [
    'reservoir-efficiency',
    { wetting: '1 min', cycles: 2, reservoir: '0.3 mAh/cm2', inner_capacity: '0.1 mAh/cm2' },
    8,
  ],
  ['rate-performance', { ...SMALL, block: 1 }, 12],
  ['rate-performance', { ...SMALL, block: 1, fixed: 'time' }, 12],
  ['high-dod', { wetting: '1 min', cycles: 1 }, 2],
  ['nucleation', SMALL, 1],
  ['critical-current', { ...SMALL, level_cycles: 1, return_cycles: 1, highest: '2 mA/cm2' }, 8],
  ['calendar-ageing', { ...SMALL, between: 1, rest_2: '0 s', rest_3: '0 s' }, 6],
  ['current-interrupt', { wetting: '1 min', interruptions: 2 }, 4],
  ['pulse-resistance', { wetting: '1 min', rounds: 1 }, 0],
  ['conductance-probe', { wetting: '1 min' }, 0],
  ['full-cell-cc', { wetting: '1 min', cycles: 1 }, 3],
  ['full-cell-rate', { wetting: '1 min', block: 1 }, 13],
  ['shelving', { wetting: '1 min', cycles: 1, shelf: '1 d' }, 7],
  ['gitt', { wetting: '1 min', rate: '0.5 1/h', pulse_time: '20 min' }, 0],
  ['temperature-series', { ...SMALL, chamber: 'already-set', temperatures: 2, cycles: 1 }, 4],
  ['bending', { ...SMALL, actuator: 'already-set', before: 1, bent: 1, after: 1 }, 6],
];
const POTENTIOSTATIC: readonly (readonly [string, readonly string[]])[] = [
  ['full-cell-cccv', ['rest', 'cc', 'cv']],
  ['chronoamperometry', ['rest', 'cv']],
  ['linear-sweep', ['rest', 'sweep']],
  ['cyclic-voltammetry', ['rest', 'sweep']],
  ['tafel', ['rest', 'sweep']],
  ['bruce-vincent', ['rest', 'eis', 'cv']],
  ['impedance', ['rest', 'eis']],
];

describe('the library', () => {
  it('has a text for each of its protocols, and a test for each', () => {
    const texts = readdirSync(resolve(import.meta.dirname, '../../protocols')).filter((file) =>
      file.endsWith('.yaml'),
    );
    const tested = [...GALVANOSTATIC, ...POTENTIOSTATIC].map(([name]) => `${name}.yaml`);
    expect(texts.sort()).toEqual([...new Set(tested)].sort());
  });

  it.each(GALVANOSTATIC)('runs %s with %j to its end', async (name, parameters, halfCycles) => {
    const result = await run(name, parameters);
    expect(result).toMatchObject({ state: 'done', verdict: 'completed' });
    if (halfCycles > 0) expect(result.halfCycles.length).toBe(halfCycles);
  });

  it.each(POTENTIOSTATIC)(
    'says that %s needs the modes %j, and is sound where they are there',
    (name, modes) => {
      const protocol = prepared({}, named(name));
      expect(new Set(modesOf(protocol))).toEqual(new Set(modes));
      const bounds = { currentMaxPa: 1e12, voltageSpanNv: 10_000_000_000, recordBursts: { everyMinUs: 1 } };
      expect(checkProgram(protocol, { ...bounds, modes })).toEqual([]);
      expect(checkProgram(protocol, { ...bounds, modes: ['rest', 'cc'] })).toEqual([
        expect.objectContaining({ code: 'CAPABILITY_MISSING' }),
      ]);
    },
  );

  it('stores the text of a protocol with its run', async () => {
    await run('conductance-probe', { wetting: '1 min' });
    const reader = openRunReader(join(folder, 'conductance-probe.db'));
    const { protocol } = reader.meta();
    reader.close();
    expect(protocol).toMatchObject({
      source: { text: expect.stringMatching(/^# [\s\S]*galvanode: protocol\/1/) },
    });
  });
});

describe('what a method forbids', () => {
  it.each<[string, Parameters, RegExp]>([
    ['high-dod', { depth: '101 %' }, /more zinc than the foil holds/],
    ['high-dod', { foil_loading: '7 mg/cm2' }, /given twice/],
    ['high-dod', { foil_thickness: '0 um' }, /nothing says how much zinc/],
    ['reservoir-efficiency', { inner_capacity: '6 mAh/cm2' }, /more than the reservoir holds/],
    ['critical-current', { first: '20 mA/cm2' }, /above the highest/],
    ['full-cell-cc', { voltage_min: '2 V' }, /not below voltage_max/],
  ])('%s with %j is refused with what to change', (name, parameters, message) => {
    const result = named(name).prepare(parameters, COIN_CELL);
    expect(result.ok ? '' : result.problems.join('\n')).toMatch(message);
  });

  it('takes its charge from the foil: half of 10 um is 2.93 mAh/cm2, and from a loading alike', () => {
    // 5.855 mAh/cm2 x 50 % x 1.13 cm2, in nC; 819.9 mAh/g x 7.1411 mg/cm2 is as much.
    const plated = (parameters: Parameters): number =>
      prepared({ ...parameters, cycles: 1 }, named('high-dod')).plan.platedChargeNc;
    expect(plated({})).toBeCloseTo(0.5 * 5.855 * 1.13 * 3.6e9, -3);
    expect(plated({ foil_thickness: '0 um', foil_loading: '7.1411 mg/cm2' })).toBeCloseTo(plated({}), -6);
  });

  it('ends a run of the reservoir whose inner strip meets the cut-off', async () => {
    const parameters = {
      wetting: '1 min',
      condition: 'leave-out',
      reservoir: '0.1 mAh/cm2',
      inner_capacity: '0.1 mAh/cm2',
    };
    expect(await run('reservoir-efficiency', parameters)).toMatchObject({
      state: 'done',
      verdict: 'low-ce',
      reason: expect.stringMatching(/^the reservoir was used up/),
    });
  });
});
