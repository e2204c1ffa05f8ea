// A protocol of the library on a simulated cell, whole and in virtual time, and what is derived from it; with
// the hidden truth of the cell, which the run itself never sees.
import { join } from 'node:path';
import type { InstrumentName } from '../../firmware-sim/board/instrument.ts';
import type { CellDescription } from '../../firmware-sim/cell/library/cell-description.ts';
import type { TruthEntry } from '../../firmware-sim/truth-log.ts';
import { ZINC_DEFAULTS, type ZincCellParameters } from '../../firmware-sim/cell/zinc-parameters.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { type Derivation, derivedOf } from '../../src/analysis/methods/derive.ts';
import type { Figure } from '../../src/analysis/methods/figure.ts';
import type { DialectName } from '../../src/config/dialect-names.ts';
import { simulate, type SimulationResult } from '../../src/cli/simulation.ts';
import { openRunReader } from '../../src/store/readers.ts';

export interface DerivedRun {
  readonly result: SimulationResult;
  readonly derivation: Derivation | null;
  readonly truth: readonly TruthEntry[];
  /** The figure of that name; the `index`th where there are several. Throws where there is none. */
  figure(name: string, index?: number): Figure;
  /** Its value; throws where it has none. */
  value(name: string, index?: number): number;
}

export interface DerivedRunOptions {
  readonly protocol: string;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly cell: CellDescription;
  readonly folder: string;
  readonly instrument?: InstrumentName;
  /** An instrument that holds voltages and measures spectra speaks `methodscript`. */
  readonly dialect?: DialectName;
  readonly profile?: string;
  readonly seed?: number;
}

export const AREA_CM2 = 1.13;

export async function runDerived(options: DerivedRunOptions): Promise<DerivedRun> {
  const {
    protocol,
    parameters,
    cell: cellModel,
    folder,
    instrument = 'ideal',
    dialect = 'gvn1',
    seed = 5,
  } = options;
  const found = PROTOCOLS.find(({ name }) => name === protocol);
  if (found === undefined) throw new Error(`no protocol ${protocol}`);
  const truth: TruthEntry[] = [];
  const specimen = { sampleId: null, workingElectrode: null, counterElectrode: null, electrolyte: null };
  const result = await simulate({
    request: {
      ...{ protocol: found, parameters, areaUcm2: AREA_CM2 * 1e6, channel: 1 },
      cell: { ...specimen, separator: null, operator: null, notes: null },
    },
    ...{ seed, cellModel, dialect, instrument, isDurable: false, logLevel: 'silent' },
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    outPath: join(folder, `${protocol}-${instrument}.db`),
    truth: { write: (entry) => void truth.push(entry), close: () => undefined },
    onProgress: () => 'go on',
  });
  const reader = openRunReader(result.path);
  const derivation = derivedOf(reader);
  reader.close();
  const figure = (name: string, index = 0): Figure => {
    const of = derivation?.figures.filter((one) => one.name === name)[index];
    if (of === undefined) throw new Error(`no figure ${name} ${index}: ${JSON.stringify(derivation)}`);
    return of;
  };
  const value = (name: string, index = 0): number => {
    const { value: number, note } = figure(name, index);
    if (number === null) throw new Error(`${name} has no value: ${note}`);
    return number;
  };
  return { result, derivation, truth, figure, value };
}

/** A zinc cell whose parameters a test must know. */
export function zincCell(changes: Partial<ZincCellParameters>): CellDescription {
  const parameters = { ...ZINC_DEFAULTS, areaCm2: AREA_CM2, ...changes };
  return { kind: 'zinc', name: 'of the test', about: 'its parameters are known', parameters };
}

/** Bare metal against zinc. */
export const BARE_METAL = { ...ZINC_DEFAULTS.working, zincCPerCm2: 0, tailFPerCm2: 1e-3 };
/** Nothing is lost. */
export const NO_LOSSES = {
  ...ZINC_DEFAULTS.losses,
  ...{ deadFraction: 0, deadSpread: 0, hydrogenExchangeAPerCm2: 0, corrosionAPerCm2: 0 },
  ...{ restDeadPerDay: 0, gasPerCPerCm2: 0 },
};
