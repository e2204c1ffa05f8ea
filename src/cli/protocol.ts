// `galvanode protocol list|show|check|explain|graph|export|import`: what there is, what it takes, whether it
// makes sense. Sends nothing anywhere.
import type { Command } from 'commander';
import { GalvanodeError } from '../base/errors.ts';
import { formatQuantity } from '../base/quantity.ts';
import { checkProgram, modesOf } from '../steps/check-program.ts';
import { protocolJsonSchema } from '../language/protocol-schema.ts';
import { describeParameters, type ParameterSpec } from '../steps/parameters.ts';
import { createRunner } from '../steps/runner.ts';
import type { StepModeKind } from '../steps/step.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { findProtocol } from './find-protocol.ts';
import { addInstrumentOptions, instrumentFit, type InstrumentOptions } from './instrument-fit.ts';
import { printJson, printLine, printTable } from './output.ts';
import { addProtocolExplainCommand } from './protocol-explain.ts';
import { addProtocolExportCommand } from './protocol-export.ts';
import { addProtocolGraphCommand } from './protocol-graph.ts';
import { addProtocolImportCommand } from './protocol-import.ts';
import { addRunOptions, parseArea, type RunOptions } from './run-options.ts';

export function addProtocolCommand(program: Command): void {
  const protocol = program
    .command('protocol')
    .description('protocols: list, show, check, explain, graph, export, import')
    .addHelpText('before', 'Examples:\n  galvanode protocol list\n');
  protocol
    .command('list')
    .description('protocols there are')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('before', 'Examples:\n  galvanode protocol list\n')
    .action(list);
  protocol
    .command('show <name>')
    .description('parameters of a protocol (a name, or a file) with units, defaults and bounds')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      'Examples:\n  galvanode protocol show symmetric-cycling\n  galvanode protocol show ./my.yaml\n',
    )
    .action(show);
  const checked = protocol
    .command('check <name>')
    .description('check a protocol (a name, or a file) and its parameters, and say what the run would be');
  addInstrumentOptions(addRunOptions(checked))
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      'Examples:\n  galvanode protocol check symmetric-cycling --set cycles=500 --area 1.13cm2\n' +
        '  galvanode protocol check ./my.yaml --dialect methodscript\n',
    )
    .addHelpText('after', '\nWith --dialect, --profile or --instrument: whether that instrument can do it.')
    .action(check);
  protocol
    .command('schema')
    .description('JSON Schema of the language of protocols, for editors')
    .addHelpText('before', 'Examples:\n  galvanode protocol schema > protocol.schema.json\n')
    .action(() => printJson(protocolJsonSchema()));
  addProtocolExplainCommand(protocol);
  addProtocolGraphCommand(protocol);
  addProtocolExportCommand(protocol);
  addProtocolImportCommand(protocol);
}

interface JsonOption {
  readonly json?: true;
}

function list(options: JsonOption): void {
  const protocols = PROTOCOLS.map(({ name, version, title, about }) => ({ name, version, title, about }));
  if (options.json === true) return printJson({ protocols });
  printTable(
    ['NAME', 'WHAT IT IS'],
    protocols.map(({ name, title }) => [name, title]),
  );
}

function show(text: string, options: JsonOption): void {
  const { name, title, about, version, parameters } = findProtocol(text);
  if (options.json === true) return printJson({ name, version, title, about, parameters });
  printLine(`${title}\n${about}\n`);
  printTable(
    ['PARAMETER', 'DEFAULT', 'ALLOWED', 'MEANING'],
    Object.entries(parameters).map(([parameter, spec]) => [
      parameter,
      String(spec.default),
      allowed(spec),
      spec.about,
    ]),
  );
}

function allowed(spec: ParameterSpec): string {
  return spec.kind === 'choice' ? spec.choices.join(' | ') : `${spec.min} … ${spec.max}`;
}

function check(text: string, options: RunOptions & InstrumentOptions & JsonOption): void {
  const protocol = findProtocol(text);
  const { name } = protocol;
  const areaUcm2 = parseArea(options.area ?? '1.13 cm2');
  const result = protocol.prepare(options.set, { areaUcm2 });
  if (!result.ok) throw new GalvanodeError('PARAMS_INVALID', result.problems.join('\n'));
  // Without an instrument in hand: only what every instrument asks of a step.
  const anyInstrument = {
    modes: modesOf(result.prepared),
    currentMaxPa: Number.MAX_SAFE_INTEGER,
    voltageSpanNv: 10_000_000_000,
    recordBursts: { everyMinUs: 1 },
  };
  const isAsked = [options.dialect, options.profile, options.instrument].some((one) => one !== undefined);
  const fit = isAsked ? instrumentFit(options, result.prepared, areaUcm2).problem : null;
  const problem = checkProgram(result.prepared, anyInstrument)[0] ?? fit ?? undefined;
  if (problem !== undefined) throw new GalvanodeError(problem.code, problem.message);
  const runner = createRunner(result.prepared);
  const first = runner.desiredStep(runner.start());
  const { plan, currentMaxPa } = result.prepared;
  const summary = {
    ok: true,
    name,
    parameters: describeParameters(protocol.parameters, result.values),
    area: formatQuantity(areaUcm2, 'area'),
    largestCurrent: formatQuantity(currentMaxPa, 'current'),
    cycles: plan.cycles,
    steps: plan.steps,
    durationHours: plan.durationUs / 3.6e9,
    plated: formatQuantity(plan.platedChargeNc, 'charge'),
    firstStep: first?.programStep ?? null,
    /** What an instrument must be able to do for it. */
    modes: anyInstrument.modes,
  };
  if (options.json === true) return printJson(summary);
  for (const [parameter, value] of Object.entries(summary.parameters))
    printLine(`${parameter.padEnd(30)}${value}`);
  printLine('');
  const { cycles, steps, durationHours, largestCurrent, plated } = summary;
  const isBeyondCounting = plan.durationUs >= Number.MAX_SAFE_INTEGER;
  const hours = `${isBeyondCounting ? 'more than ' : ''}${durationHours.toFixed(1)} h`;
  printLine(`ok: ${cycles} cycles, ${steps} steps, ${hours}`);
  const isDriven = result.prepared.everyStep?.some(({ mode }) => mode.kind !== 'rest') ?? true;
  if (isDriven) printLine(`at most ${largestCurrent}, ${plated} plated in all`);
  else printLine('no current: the cell rests all the time');
  const special = summary.modes.filter((mode) => mode !== 'rest' && mode !== 'cc');
  if (special.length > 0) printLine(`needs an instrument that can: ${special.map(modeText).join(', ')}`);
}

function modeText(mode: StepModeKind): string {
  switch (mode) {
    case 'rest':
      return 'rest';
    case 'cc':
      return 'drive a current (cc)';
    case 'cv':
      return 'hold a voltage (cv)';
    case 'sweep':
      return 'sweep a voltage (sweep)';
    case 'eis':
      return 'measure spectra (eis)';
  }
}
