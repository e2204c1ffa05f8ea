// One replay run, blind: simulates what the task says and recovers figures from the run file alone, by the
// same readers and analysis that serve any run. Must never be told what was scripted.
import { statSync } from 'node:fs';
import type { InstrumentName } from '../../firmware-sim/board/instrument.ts';
import type { ZincCellParameters } from '../../firmware-sim/cell/zinc-parameters.ts';
import { coulombicEfficiency } from '../analysis/coulombic-efficiency.ts';
import { lifeOf } from '../analysis/life.ts';
import { type Measurement, measurementOf } from '../analysis/measurement.ts';
import { shortOnsetUs } from '../analysis/short-floor.ts';
import { contentHashOfDigests } from '../store/content-hash.ts';
import { assert } from '../base/assert.ts';
import { openRunReader, type RunReader } from '../store/readers.ts';
import type { HalfCycleRow } from '../store/row-readers.ts';
import { findProtocol } from './find-protocol.ts';
import { simulate } from './simulation.ts';

/** All that a worker is told: no table, no reference, no figure of a row but the printed condition. */
export interface ReplayTask {
  readonly protocol: string;
  /** As an operator would give them. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly areaUcm2: number;
  /** For the emulator; nothing else looks at it. */
  readonly cell: ZincCellParameters;
  readonly instrument: InstrumentName;
  readonly seed: number;
}

/** What the run file says. */
export interface RecoveredRun {
  readonly state: string;
  readonly verdict: string | null;
  readonly reason: string;
  /** Hours of main-cycling current until it failed; a bound where it did not. */
  readonly hours: number;
  readonly isBound: boolean;
  /**
   * Share of the current that the instrument's declared bounds leave open. A cell that fails by charge fails
   * so much sooner or later on the clock.
   */
  readonly currentError: number;
  /** null where it is undefined: both electrodes zinc. */
  readonly efficiency: {
    readonly percent: number;
    readonly uncertaintyPercent: number;
    readonly cycles: number;
  } | null;
  readonly samples: number;
  readonly halfCycles: number;
  readonly bytes: number;
  readonly simulatedHours: number;
  readonly wallS: number;
  readonly contentHash: string;
}

const CELL = {
  sampleId: null,
  workingElectrode: null,
  counterElectrode: null,
  electrolyte: null,
  separator: null,
  operator: null,
  notes: null,
};
const PAGE = 10_000;

/** Runs to the end and reads the sealed file at `path`. Throws GalvanodeError where a run is refused. */
export async function runTask(
  task: ReplayTask,
  path: string,
  onProgress: (simulatedHours: number) => void,
): Promise<RecoveredRun> {
  const { protocol, parameters, areaUcm2, cell, instrument, seed } = task;
  const { wallS, simulatedS, samples } = await simulate({
    request: { protocol: findProtocol(protocol), parameters, areaUcm2, cell: CELL, channel: 1 },
    seed,
    cellModel: { kind: 'zinc', name: 'scripted', about: 'a cell of literature replay', parameters: cell },
    dialect: 'gvn1',
    instrument,
    outPath: path,
    isDurable: false,
    logLevel: 'silent',
    onProgress(progress) {
      onProgress(progress.simulatedS / 3600);
      return 'go on';
    },
  });
  const recovered = recoverRun(path);
  assert(
    recovered.samples === samples,
    `the file holds ${recovered.samples} samples, the instrument sent ${samples}`,
  );
  return { ...recovered, simulatedHours: simulatedS / 3600, wallS };
}

/** Figures of a sealed run file. */
export function recoverRun(path: string): Omit<RecoveredRun, 'simulatedHours' | 'wallS'> {
  const reader = openRunReader(path);
  const { state, reason, verdict } = reader.state();
  const halfCycles = allOf(
    (from) => reader.halfCycles(from, PAGE),
    ({ number }) => number,
  );
  const shortOnsetsUs = shortOnsetsOf(reader);
  const life = lifeOf({ halfCycles, verdict, shortOnsetsUs });
  const measurement = measurementOf(reader.meta());
  const found = coulombicEfficiency(halfCycles, measurement);
  const digests = reader.sealRows();
  const contentHash = contentHashOfDigests(digests);
  reader.close();
  const efficiency = found && {
    percent: found.mean * 100,
    uncertaintyPercent: found.uncertainty * 100,
    cycles: found.cycles,
  };
  return {
    ...{ state, verdict, reason, efficiency, contentHash },
    hours: life.currentHours,
    isBound: life.isBound,
    currentError: currentErrorOf(halfCycles, measurement),
    samples: digests.find(({ table }) => table === 'sample')?.rows ?? 0,
    halfCycles: halfCycles.length,
    bytes: statSync(path).size,
  };
}

function currentErrorOf(halfCycles: readonly HalfCycleRow[], measurement: Measurement): number {
  const { currentGainPpm, currentOffsetPpmOfRange, rangeFullScalePa } = measurement;
  const whole = halfCycles.find((row) => !row.isInterrupted && row.endUs > row.startUs);
  if (whole === undefined) return 0;
  // nC / us is 1e9 pA.
  const currentPa = (whole.chargeNc / (whole.endUs - whole.startUs)) * 1e9;
  return (currentGainPpm + (currentOffsetPpmOfRange * rangeFullScalePa) / currentPa) / 1e6;
}

function shortOnsetsOf(reader: RunReader): readonly number[] {
  const events = allOf(
    (from) => reader.events(from, PAGE),
    ({ id }) => id,
  );
  return events.map(shortOnsetUs).filter((onsetUs) => onsetUs !== null);
}

/** Every row, page by page. */
function allOf<Row>(read: (from: number) => readonly Row[], numberOf: (row: Row) => number): readonly Row[] {
  const rows: Row[] = [];
  for (let from = 0; ; ) {
    const page = read(from);
    rows.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return rows;
    from = numberOf(last) + 1;
  }
}
