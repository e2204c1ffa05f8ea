// `galvanode simulate`: a run in virtual time, from protocol to sealed file, as fast as the machine allows.
import type { Command } from 'commander';
import { DIALECT_NAMES } from '../../firmware-sim/dialects/dialect-name.ts';
import type { TruthLog } from '../../firmware-sim/truth-log.ts';
import { EXIT } from '../base/errors.ts';
import {
  areaTextOf,
  CELL_MODEL_ABOUT,
  cellModelFrom,
  cellModelHelp,
  defaultCellFor,
  defaultCellsText,
} from './cell-model.ts';
import { findProtocol } from './find-protocol.ts';
import { createProgressLine, printJson, say } from './output.ts';
import { rangeWarning } from './range-warning.ts';
import { openRun } from './run-files.ts';
import { addRunOptions, cellFrom, knownName, parseArea, parseWhole, type RunOptions } from './run-options.ts';
import { simulate } from './simulation.ts';
import { openTruthLog, refuseTruthInRun, TRUTH_ABOUT } from './simulator-logs.ts';
import { errorsFrom, errorsText, profileFrom } from './sim-instrument.ts';
import { printSummary, summarise } from './simulation-summary.ts';

interface SimulateOptions extends RunOptions {
  readonly seed: string;
  readonly out: string;
  readonly cellModel?: string;
  readonly dialect: string;
  readonly profile?: string;
  readonly instrument?: string;
  readonly truth?: string;
  readonly durable?: true;
  readonly wire?: true;
  readonly json?: true;
}

export function addSimulateCommand(program: Command): void {
  addRunOptions(
    program
      .command('simulate <protocol>')
      .description('run a protocol (a name, or a file) on a simulated cell, in virtual time'),
  )
    .option('--seed <number>', 'equal seeds give equal runs', '1')
    .option('--out <file>', 'run database to write; an unfinished or simulated one is replaced', 'run.db')
    .option('--cell-model <name or file>', `${CELL_MODEL_ABOUT}; ${defaultCellsText()}`)
    .option('--dialect <name>', `wire language of the instrument: ${DIALECT_NAMES.join(', ')}`, 'gvn1')
    .option('--profile <model>', 'model of the family that speaks it; galvanode sim --help lists them')
    .option('--instrument <name>', `errors of the instrument (${errorsText()})`)
    .option('--truth <file>', TRUTH_ABOUT)
    .option('--durable', 'commit with synchronous=FULL, as on a bench')
    .option('--wire', 'record what goes over the wire, for galvanode replay')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      `Examples:
  galvanode simulate symmetric-cycling --set cycles=100 --seed 7 --out run.db
  galvanode simulate symmetric-cycling --set current_density=5mA/cm2 --set areal_capacity=2mAh/cm2 --json
  galvanode simulate ./my-protocol.yaml --cell-model zn-cu
  galvanode simulate coulombic-efficiency --cell-model zn-ti --set cycles=20
  galvanode simulate symmetric-cycling --cell-model open-leads     (pre-flight refuses it)
  galvanode simulate symmetric-cycling --cell-model ./my-cell.yaml
  galvanode simulate symmetric-cycling --dialect methodscript --profile es4_hr --set cycles=20
`,
    )
    .addHelpText('after', cellModelHelp)
    .action(run);
}

async function run(protocolName: string, options: SimulateOptions): Promise<void> {
  const protocol = findProtocol(protocolName);
  const seed = parseWhole(options.seed, { name: '--seed', min: 0, max: 4_294_967_295 });
  const cellModel = cellModelFrom(options.cellModel ?? defaultCellFor(protocol.name));
  const dialect = knownName('--dialect', options.dialect, DIALECT_NAMES);
  const profile = profileFrom(options.profile, dialect);
  const areaUcm2 = parseArea(options.area ?? areaTextOf(cellModel));
  const truth = truthFrom(options);
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
      areaUcm2,
      cell: cellFrom(options),
      channel: 1,
    },
    seed,
    cellModel,
    dialect,
    ...(profile === undefined ? {} : { profile }),
    instrument: errorsFrom(options.instrument, dialect),
    outPath: options.out,
    isDurable: options.durable === true,
    isWireRecorded: options.wire === true,
    truth,
    // What goes wrong is in the result, in words.
    logLevel: 'silent',
    onProgress({ halfCycles, simulatedS }) {
      progress.show(`${(simulatedS / 3600).toFixed(0)} h simulated, ${halfCycles} half-cycles`);
      return told.signal === null ? 'go on' : 'stop';
    },
  });
  progress.end();
  truth?.close();
  const reader = openRun(options.out);
  const warning = rangeWarning(reader.meta());
  reader.close();
  if (warning !== null) say(warning);
  const summary = summarise(result, seed);
  if (options.json === true) printJson(summary);
  else printSummary(summary);
  if (told.signal !== null) process.exitCode = told.signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  else if (result.state === 'failed')
    process.exitCode = result.reason.startsWith('pre-flight') ? EXIT.refused : EXIT.failed;
}

/** Opened last of all: a file of an earlier run is not emptied for a command that is refused. */
function truthFrom({ truth, out }: SimulateOptions): TruthLog | null {
  if (truth === undefined) return null;
  refuseTruthInRun(truth, out);
  return openTruthLog(truth, 'replace');
}
