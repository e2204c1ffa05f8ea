// How fast a whole run goes in virtual time on each dialect: `simulate` through protocol, driver, wire,
// emulator and store. An instrument without a step engine sends a reading a second, whatever is recorded of
// them, so there the readings are the work. Baseline: the raw inserts that stack.ts has measured before.
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DIALECT_NAMES, type DialectName } from '../../src/config/dialect-names.ts';
import { simulateRun, type SimulateSummary } from './simulate-process.ts';
import { median, rounded } from './statistics.ts';

/** Half-cycles of an hour. */
const PARAMETERS = {
  current_density: '1 mA/cm2',
  areal_capacity: '1 mAh/cm2',
  wetting: '0 s',
  conditioning_cycles: 0,
  cycles: 10,
};
const RECORD_EVERY_S = 10;
/** READING_EVERY_MAX_US of src/device/hosted/hosted-channel.ts. */
const READING_EVERY_S = 1;
/** This instrument keeps the readings to itself and sends samples. */
const HAS_STEP_ENGINE: DialectName = 'gvn1';
const REPETITIONS = 3;

interface DialectFigures {
  readonly samplesPerS: number | null;
  readonly readingsPerS: number | null;
  readonly speedFactor: number | null;
  readonly bytesPerSample: number | null;
  /** Samples a second over raw inserts a second. */
  readonly ratio: number | null;
  /** Readings a second over raw inserts a second. */
  readonly readingsRatio: number | null;
  readonly samples: number;
  readonly readings: number;
  readonly simulateS: readonly (number | null)[];
}

/** One dialect after the other; medians. */
export async function measureDialects(
  folder: string,
  insertRowsPerS: number,
  say: (text: string) => void,
): Promise<Readonly<Record<string, DialectFigures>>> {
  const figures: Record<string, DialectFigures> = {};
  for (const dialect of DIALECT_NAMES) {
    say(`dialects: ${dialect}`);
    // oxlint-disable-next-line no-await-in-loop -- two at once would measure each other
    figures[dialect] = await measureDialect(folder, dialect, insertRowsPerS);
  }
  return figures;
}

async function measureDialect(
  folder: string,
  dialect: DialectName,
  insertRowsPerS: number,
): Promise<DialectFigures> {
  const outPath = join(folder, `${dialect}.db`);
  const runs: SimulateSummary[] = [];
  while (runs.length < REPETITIONS) {
    // oxlint-disable-next-line no-await-in-loop -- two at once would measure each other
    runs.push(await simulateWhole(outPath, dialect, RECORD_EVERY_S));
  }
  const { samples } = runs[0] ?? { samples: Number.NaN };
  const fileBytes = statSync(outPath).size;
  const readings = await countReadings(outPath, dialect, samples);
  rmSync(outPath, { force: true });
  const wallS = median(runs.map((run) => run.wallS));
  return {
    samplesPerS: rounded(samples / wallS),
    readingsPerS: rounded(readings / wallS),
    speedFactor: rounded(median(runs.map((run) => run.speedFactor))),
    bytesPerSample: rounded(fileBytes / samples, 1),
    ratio: rounded(samples / wallS / insertRowsPerS, 3),
    readingsRatio: rounded(readings / wallS / insertRowsPerS, 3),
    samples,
    readings,
    simulateS: runs.map((run) => rounded(run.wallS, 3)),
  };
}

/** Recorded as often as it is read, the same run has one sample for each reading. */
async function countReadings(outPath: string, dialect: DialectName, samples: number): Promise<number> {
  if (dialect === HAS_STEP_ENGINE) return samples;
  return (await simulateWhole(outPath, dialect, READING_EVERY_S)).samples;
}

async function simulateWhole(
  outPath: string,
  dialect: DialectName,
  recordEveryS: number,
): Promise<SimulateSummary> {
  const parameters = { ...PARAMETERS, record_interval: `${recordEveryS} s` };
  const summary = await simulateRun({ outPath, dialect, parameters });
  if (summary.verdict !== 'completed') throw new Error(`${dialect}: the run ended ${summary.verdict}`);
  return summary;
}
