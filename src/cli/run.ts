// `galvanode run start|list|show|stop|export|verify`: runs on this bench. Starting and stopping go
// through the daemon; lists and records are read from the files, so they work without one.
import { join } from 'node:path';
import type { Command } from 'commander';
import { SystemClock } from '../base/clock.ts';
import { GalvanodeError } from '../base/errors.ts';
import { controlPath, isAnswered } from '../daemon/control-server.ts';
import { CATALOG_FILE } from '../store/catalog.ts';
import { type CatalogRun, openCatalogReader } from '../store/catalog-reader.ts';
import { type CommonOptions, dataPathFrom } from './context.ts';
import { exportRun, type ExportOptions } from './run-export.ts';
import { rangeWarning } from './range-warning.ts';
import { findRun, openRun } from './run-files.ts';
import { ageText } from './age-text.ts';
import { lastHalfCycle, parameterChanges, shownDerivation, shownRun } from './run-shown.ts';
import { addRunOrders, askDaemon } from './run-orders.ts';
import { addRunVerify } from './run-verify.ts';
import { findProtocol } from './find-protocol.ts';
import { printJson, printLine, printTable, say } from './output.ts';
import {
  addRunOptions,
  cellFrom,
  isFilePath,
  parseArea,
  parseWhole,
  type RunOptions,
} from './run-options.ts';

interface JsonOption {
  readonly json?: true;
}

export function addRunCommand(program: Command): void {
  const run = program
    .command('run')
    .description('runs: start, list, show, pause, resume, skip, finish, set, stop, export, verify')
    .addHelpText(
      'before',
      'Examples:\n  galvanode run list\n  galvanode run start symmetric-cycling --help\n',
    );
  const common = (): CommonOptions => program.opts<CommonOptions>();
  addStart(run, common);
  run
    .command('list')
    .description('runs, newest first')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('before', 'Examples:\n  galvanode run list\n  galvanode run list --json\n')
    .action(async (options: JsonOption) => list(options, common()));
  run
    .command('show <run>')
    .description('one run: what, where, how far')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      'Examples:\n  galvanode run show 01KDV        (a unique prefix)\n  galvanode run show ./run.db\n',
    )
    .action((name: string, options: JsonOption) => show(name, options, common()));
  run
    .command('stop <run>')
    .description('open the cell, complete the record, seal the file')
    .option('--reason <text>', 'goes into the record', 'stopped by the operator')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('before', 'Examples:\n  galvanode run stop 01KDV --reason "leak seen"\n')
    .action(async (name: string, options: JsonOption & { readonly reason: string }) =>
      stop(name, options, common()),
    );
  addRunOrders(run, common);
  run
    .command('export <run>')
    .description('samples of a run in SI units')
    .option('--format <format>', 'csv', 'csv')
    .option('--out <file>', 'write there instead of stdout')
    .addHelpText('before', 'Examples:\n  galvanode run export 01KDV --format csv --out run.csv\n')
    .action(async (name: string, options: ExportOptions) => exportRun(name, options, common()));
  addRunVerify(run, common);
}

function addStart(run: Command, common: () => CommonOptions): void {
  addRunOptions(
    run
      .command('start <protocol>')
      .description('start a protocol (a name, or a file) on a channel (the area of the cell is required)'),
  )
    .requiredOption('--cycler <name>', 'which instrument of the configuration')
    .requiredOption('--channel <n>', 'which channel of it')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      `Examples:
  galvanode run start symmetric-cycling --cycler sim --channel 1 --area 1.13cm2 --sample-id zn-042
  galvanode run start symmetric-cycling --cycler sim --channel 2 --area 1.13cm2 --set cycles=200
  galvanode run start ./my-protocol.yaml --cycler sim --channel 3 --area 1.13cm2
`,
    )
    .action(async (name: string, options: StartOptions) => start(name, options, common()));
}

interface StartOptions extends RunOptions, JsonOption {
  readonly cycler: string;
  readonly channel: string;
}

async function start(name: string, options: StartOptions, common: CommonOptions): Promise<void> {
  const protocol = findProtocol(name);
  if (options.area === undefined) {
    throw new GalvanodeError(
      'PARAMS_INVALID',
      '"--area" is required: current and charge are per area; write e.g. --area 1.13cm2',
    );
  }
  const areaUcm2 = parseArea(options.area);
  // Checked here too, so that a slip of the pen is answered at once and without a daemon.
  const prepared = protocol.prepare(options.set, { areaUcm2 });
  if (!prepared.ok) throw new GalvanodeError('PARAMS_INVALID', prepared.problems.join('\n'));
  const channel = parseWhole(options.channel, { name: '--channel', min: 1, max: 64 });
  const order = {
    protocol: protocol.name,
    // A text of the operator's own goes with the order: the daemon need not reach the file, now or later.
    ...(isFilePath(name) && protocol.source !== undefined ? { protocolSource: protocol.source } : {}),
    cycler: options.cycler,
    channel,
    areaUcm2,
    parameters: options.set,
    cell: cellFrom(options),
  };
  const summary = await askDaemon(common, 'run.start', order);
  warnOfRange(summary.run, common);
  if (options.json === true) return printJson(summary);
  printLine(`run ${summary.run} started on ${options.cycler}, channel ${channel}`);
  say(`follow it: galvanode run show ${summary.run}`);
}

function warnOfRange(run: string, common: CommonOptions): void {
  try {
    const reader = openRun(findRun(run, common));
    const warning = rangeWarning(reader.meta());
    reader.close();
    if (warning !== null) say(warning);
  } catch {
    // The run has started, whatever becomes of its file: that is said elsewhere.
  }
}

async function list(options: JsonOption, common: CommonOptions): Promise<void> {
  const { path } = dataPathFrom(common);
  const runs = openCatalogReader(join(path, CATALOG_FILE)).runs();
  const hasDaemon = await isAnswered(controlPath(path));
  if (options.json === true) return printJson({ daemon: hasDaemon, runs: runs.map(describe) });
  if (runs.length === 0) return say('no runs yet; start one: galvanode run start symmetric-cycling --help');
  const nowWallMs = new SystemClock().wallMs();
  printTable(
    ['RUN', 'CYCLER', 'CH', 'SAMPLE', 'PROTOCOL', 'STATE', 'FOR', 'REASON'],
    runs.map((run) => [
      run.run,
      run.cycler,
      String(run.channel),
      run.cell.sampleId ?? '-',
      run.protocol,
      run.state,
      ageText(nowWallMs - run.sinceWallMs),
      run.reason,
    ]),
  );
  const isOpen = runs.some(({ state }) => !['done', 'stopped', 'failed'].includes(state));
  if (isOpen && !hasDaemon) say('no daemon is running: the states of open runs are the last ones known');
}

function describe({ run, ...rest }: CatalogRun) {
  return { id: run, ...rest };
}

function show(name: string, options: JsonOption, common: CommonOptions): void {
  const path = findRun(name, common);
  const reader = openRun(path);
  const shown = {
    path,
    meta: reader.meta(),
    state: reader.state(),
    samples: reader.storedSeq(),
    isSealed: reader.isSealed(),
    lastHalfCycle: lastHalfCycle(reader),
    parameterChanges: parameterChanges(reader),
    derived: shownDerivation(reader),
  };
  const lines = shownRun(reader, ageOf(name, common));
  reader.close();
  if (options.json === true) return printJson(shown);
  for (const line of lines) printLine(line);
  say(`sqlite3 -readonly ${path} 'select * from samples limit 5'`);
}

/** For how long the run has been in its state; null: the catalog does not know the file. */
function ageOf(name: string, common: CommonOptions): string | null {
  const found = openCatalogReader(join(dataPathFrom(common).path, CATALOG_FILE)).run(name);
  const sinceWallMs = found.ok ? found.run?.sinceWallMs : undefined;
  return sinceWallMs === undefined ? null : ageText(new SystemClock().wallMs() - sinceWallMs);
}

async function stop(
  name: string,
  options: JsonOption & { readonly reason: string },
  common: CommonOptions,
): Promise<void> {
  const run = stoppable(name, common);
  const summary = await askDaemon(common, 'run.stop', { run, reason: options.reason });
  if (options.json === true) return printJson(summary);
  printLine(`run ${summary.run} is ${summary.state}: ${summary.reason}`);
}

/** A path means the run of that file; a prefix is the daemon's to resolve. */
function stoppable(name: string, common: CommonOptions): string {
  const found = openCatalogReader(join(dataPathFrom(common).path, CATALOG_FILE)).run(name);
  if (!found.ok) throw new GalvanodeError('RUN_UNKNOWN', found.detail);
  return found.run?.run ?? String(openRun(found.path).meta()['run']);
}
