// A short run of each protocol of the registry: parameters, cell and instrument with which it comes to its
// end within a second, and how such a run is made. For the tests of the registry and for its records.
import { join } from 'node:path';
import type { InstrumentName } from '../../firmware-sim/board/instrument.ts';
import { describeCell } from '../../firmware-sim/cell/library/cell-library.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { defaultCellFor } from '../../src/cli/cell-model.ts';
import { simulate, type SimulationResult } from '../../src/cli/simulation.ts';
import type { DialectName } from '../../src/config/dialect-names.ts';
import type { Protocol } from '../../src/steps/protocol.ts';
import type { Parameters } from './prepared.ts';

export interface ShortRun {
  readonly name: string;
  readonly parameters: Parameters;
  readonly dialect: DialectName;
  /** Errors of the instrument. */
  readonly instrument: InstrumentName | 'own';
}

/** A tenth of the usual charge, and no long rests. */
const SMALL = { wetting: '1 min', areal_capacity: '0.1 mAh/cm2' };
/** A potentiostat drives 10 mA at most. */
const WEAK = { current_limit: '5 mA' };
const SPECTRUM = { ...WEAK, points: 7, highest: '1 kHz', lowest: '1 Hz' };

/** Of each protocol that holds or sweeps nothing: on the instrument that all defaults name. */
const GALVANOSTATIC: Readonly<Record<string, Parameters>> = {
  'symmetric-cycling': { ...SMALL, cycles: 2, conditioning_cycles: 1, conditioning_capacity: '0.05 mAh/cm2' },
  'coulombic-efficiency': { ...SMALL, cycles: 2 },
  'reservoir-efficiency': {
    ...{ wetting: '1 min', cycles: 2, reservoir: '0.3 mAh/cm2', inner_capacity: '0.1 mAh/cm2' },
  },
  'rate-performance': { ...SMALL, block: 1 },
  'high-dod': { wetting: '1 min', cycles: 1, depth: '10 %' },
  nucleation: SMALL,
  'critical-current': { ...SMALL, level_cycles: 1, return_cycles: 1, highest: '2 mA/cm2' },
  'calendar-ageing': { ...SMALL, between: 1, rest_1: '1 h', rest_2: '0 s', rest_3: '0 s' },
  'current-interrupt': { wetting: '1 min', interruptions: 1 },
  'pulse-resistance': { wetting: '1 min', rounds: 1, pause: '10 s' },
  'conductance-probe': { wetting: '1 min', lasting: '4 s' },
  'full-cell-cc': { wetting: '1 min', cycles: 1 },
  'full-cell-rate': { wetting: '1 min', block: 1, rate_1: '1 1/h', rate_2: '2 1/h' },
  shelving: { wetting: '1 min', cycles: 1, shelf: '2 h' },
  gitt: { wetting: '1 min', rate: '0.5 1/h', pulse_time: '30 min', pause: '10 min' },
  bending: { ...SMALL, before: 1, bent: 1, after: 1 },
  'temperature-series': { ...SMALL, temperatures: 2, cycles: 1, settle: '1 min' },
};

const HELD: Readonly<Record<string, Parameters>> = {
  'full-cell-cccv': { wetting: '1 min', cycles: 1 },
};

/** On a potentiostat. */
const POTENTIOSTATIC: Readonly<Record<string, Parameters>> = {
  chronoamperometry: { ...WEAK, wetting: '1 min', lasting: '60 s', hold: '-20 mV' },
  'linear-sweep': { ...WEAK, equilibrate: '1 min', sweep_from: '0 V', sweep_to: '-0.15 V' },
  'cyclic-voltammetry': {
    ...WEAK,
    wetting: '1 min',
    scans: 1,
    scan_rate: '20 mV/s',
    stair: '5 mV',
    lower: '-50 mV',
    upper: '0.6 V',
  },
  tafel: { ...WEAK, span: '50 mV', equilibrate: '1 min' },
  'bruce-vincent': { wetting: '1 min', lasting: '60 s', ...SPECTRUM },
  impedance: { pause: '1 min', ...SPECTRUM },
};

export const SHORT_RUNS: readonly ShortRun[] = [
  ...runsOn({ dialect: 'gvn1', instrument: 'bench' }, GALVANOSTATIC),
  ...runsOn({ dialect: 'gvn1', instrument: 'bench-cv' }, HELD),
  ...runsOn({ dialect: 'methodscript', instrument: 'own' }, POTENTIOSTATIC),
];

function runsOn(
  instrument: Pick<ShortRun, 'dialect' | 'instrument'>,
  runs: Readonly<Record<string, Parameters>>,
): ShortRun[] {
  return Object.entries(runs).map(([name, parameters]) => ({ ...instrument, name, parameters }));
}

export function namedProtocol(name: string): Protocol {
  const found = PROTOCOLS.find((protocol) => protocol.name === name);
  if (found === undefined) throw new Error(`no protocol ${name}`);
  return found;
}

/** To its end, into `<folder>/<name>.db`. */
export async function runShort(
  { name, parameters, dialect, instrument }: ShortRun,
  folder: string,
  { isWireRecorded = false }: { readonly isWireRecorded?: boolean } = {},
): Promise<SimulationResult> {
  const cellModel = describeCell(defaultCellFor(name));
  if (cellModel === null) throw new Error(`no cell for ${name}`);
  const specimen = { sampleId: null, workingElectrode: null, counterElectrode: null, electrolyte: null };
  return simulate({
    request: {
      ...{ protocol: namedProtocol(name), parameters, areaUcm2: 1_130_000, channel: 1 },
      cell: { ...specimen, separator: null, operator: null, notes: null },
    },
    ...{ seed: 7, cellModel, dialect, instrument, isDurable: false, logLevel: 'silent' },
    ...{ outPath: join(folder, `${name}.db`), isWireRecorded, onProgress: () => 'go on' },
  });
}

export function shortRunOf(name: string): ShortRun {
  const found = SHORT_RUNS.find((run) => run.name === name);
  if (found === undefined) throw new Error(`no short run of ${name}: add one to SHORT_RUNS`);
  return found;
}
