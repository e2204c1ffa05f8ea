// `galvanode simulate`: a run in virtual time, from protocol to sealed file, as fast as the machine allows.
import type { Command } from 'commander';
import { INSTRUMENT_NAMES } from '../../firmware-sim/board/instrument.ts';
import { cellModelNames } from '../../firmware-sim/cell/library/cell-library.ts';
import { EXIT, GalvanodeError } from '../base/errors.ts';
import { formatQuantity } from '../base/quantity.ts';
import { contentHashOfDigests } from '../store/content-hash.ts';
import { openRunReader } from '../store/readers.ts';
import type { HalfCycle } from '../store/run-store.ts';
import { createProgressLine, printJson, printLine, say } from './output.ts';
import {
  addRunOptions,
  cellFrom,
  findProtocol,
  knownName,
  parseArea,
  parseWhole,
  type RunOptions,
} from './run-options.ts';
import { simulate, type SimulationResult } from './simulation.ts';

interface SimulateOptions extends RunOptions {
  readonly seed: string;
  readonly out: string;
  readonly cellModel: string;
  readonly instrument: string;
  readonly durable?: true;
  readonly json?: true;
}

export function addSimulateCommand(program: Command): void {
  addRunOptions(
    program.command('simulate <protocol>').description('run a protocol on a simulated cell, in virtual time'),
  )
    .option('--seed <number>', 'equal seeds give equal runs', '1')
    .option('--out <file>', 'run database to write; an unfinished or simulated one is replaced', 'run.db')
    .option('--cell-model <name>', `cell in the holder: ${cellModelNames().join(', ')}`, 'bare-zn')
    .option('--instrument <name>', `errors of the instrument: ${INSTRUMENT_NAMES.join(', ')}`, 'bench')
    .option('--durable', 'commit with synchronous=FULL, as on a bench')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      `Examples:
  galvanode simulate symmetric-cycling --set cycles=100 --seed 7 --out run.db
  galvanode simulate symmetric-cycling --set current_density=5mA/cm2 --set areal_capacity=2mAh/cm2 --json
  galvanode simulate symmetric-cycling --cell-model open-leads     (pre-flight refuses it)
`,
    )
    .action(run);
}

async function run(protocolName: string, options: SimulateOptions): Promise<void> {
  const protocol = findProtocol(protocolName);
  const seed = parseWhole(options.seed, { name: '--seed', min: 0, max: 4_294_967_295 });
  const progress = createProgressLine();
  const told: { signal: NodeJS.Signals | null } = { signal: null };
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      told.signal = name;
    });
  }
  const result = await simulate({
    request: {
      protocol,
      parameters: options.set,
      areaUcm2: parseArea(options.area ?? '1.13 cm2'),
      cell: cellFrom(options),
      channel: 1,
    },
    seed,
    cellModel: knownName('--cell-model', options.cellModel, cellModelNames()),
    instrument: knownName('--instrument', options.instrument, INSTRUMENT_NAMES),
    outPath: options.out,
    isDurable: options.durable === true,
    // What goes wrong is in the result, in words.
    logLevel: 'silent',
    onProgress({ halfCycles, simulatedS }) {
      progress.show(`${(simulatedS / 3600).toFixed(0)} h simulated, ${halfCycles} half-cycles`);
      return told.signal === null ? 'go on' : 'stop';
    },
  });
  progress.end();
  const summary = summarise(result, seed);
  if (options.json === true) printJson(summary);
  else printSummary(summary);
  if (told.signal !== null) process.exitCode = told.signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  else if (result.state === 'failed')
    process.exitCode = result.reason.startsWith('pre-flight') ? EXIT.refused : EXIT.failed;
}

type Summary = ReturnType<typeof summarise>;

function summarise(result: SimulationResult, seed: number) {
  const main = result.halfCycles.filter((half) => half.phase === 'cycling' && !half.isInterrupted);
  const reader = openRunReader(result.path);
  const meta = reader.meta();
  const areaCm2 = areaOf(meta);
  // Of a sealed file the digests are there already.
  const contentHash = contentHashOfDigests(reader.sealRows());
  reader.close();
  return {
    run: result.run,
    path: result.path,
    seed,
    state: result.state,
    verdict: result.verdict,
    reason: result.reason,
    simulatedHours: Number((result.simulatedS / 3600).toFixed(3)),
    cycles: Math.floor(main.length / 2),
    samples: result.samples,
    platedChargeAhPerCm2: Number((sum(main, 'plate') / 3.6e12 / areaCm2).toPrecision(9)),
    chargeImbalancePpm: imbalancePpm(sum(result.halfCycles, 'strip'), sum(result.halfCycles, 'plate')),
    trueChargeImbalancePpm: imbalancePpm(result.truth.stripChargeNc, result.truth.plateChargeNc),
    // Undefined where both electrodes are zinc and half-cycles end by charge: it would always read 100 %.
    coulombicEfficiency: null,
    wallS: Number(result.wallS.toFixed(3)),
    speedFactor: Math.round(result.simulatedS / result.wallS),
    contentHash,
  };
}

function areaOf(meta: Readonly<Record<string, unknown>>): number {
  const cell = meta['cell'];
  if (typeof cell === 'object' && cell !== null && 'areaCm2' in cell) return Number(cell.areaCm2);
  throw new GalvanodeError('STORE_FAILED', 'the run file does not say the area of its cell');
}

function sum(halfCycles: readonly HalfCycle[], half: 'plate' | 'strip'): number {
  return halfCycles.filter((row) => row.half === half).reduce((total, row) => total + row.chargeNc, 0);
}

/** |strip - plate| / plate; null where nothing was plated. */
function imbalancePpm(stripNc: number, plateNc: number): number | null {
  return plateNc === 0 ? null : Number(((Math.abs(stripNc - plateNc) / plateNc) * 1e6).toPrecision(6));
}

function printSummary(summary: Summary): void {
  const { simulatedHours, cycles, samples, wallS, speedFactor } = summary;
  const plated = formatQuantity(Math.round(summary.platedChargeAhPerCm2 * 3.6e12), 'arealCharge');
  const counted = `${summary.chargeImbalancePpm ?? '-'} ppm on the device's counter`;
  printLine(`${summary.state}: ${summary.verdict ?? '-'} (${summary.reason})`);
  printLine(
    `${simulatedHours} h, ${cycles} cycles, ${samples} samples in ${wallS} s (${speedFactor} x real time)`,
  );
  printLine(`plated ${plated}; imbalance ${counted}, ${summary.trueChargeImbalancePpm ?? '-'} ppm in truth`);
  printLine(`content hash ${summary.contentHash}`);
  say(`look at it: sqlite3 -readonly ${summary.path} 'select * from samples limit 5'`);
}
