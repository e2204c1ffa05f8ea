// `galvanode protocol explain`: what a protocol will do and how long it takes, before any current flows, and
// what the chosen instrument makes of it. Sends nothing anywhere.
import type { Command } from 'commander';
import { GalvanodeError } from '../base/errors.ts';
import { formatQuantity } from '../base/quantity.ts';
import { durationSpanText, explain, type Explanation, spanText } from '../language/explain.ts';
import { describeParameters } from '../steps/parameters.ts';
import { findProtocol } from './find-protocol.ts';
import { addInstrumentOptions, instrumentFit, type InstrumentOptions } from './instrument-fit.ts';
import { printJson, printLine } from './output.ts';
import { addRunOptions, parseArea, type RunOptions } from './run-options.ts';
import { profileHelp } from './sim-instrument.ts';

interface ExplainOptions extends RunOptions, InstrumentOptions {
  readonly json?: true;
}

export function addProtocolExplainCommand(protocol: Command): void {
  const explained = protocol
    .command('explain <protocol>')
    .description('say what a protocol will do, and how long it takes');
  addInstrumentOptions(addRunOptions(explained))
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      'Examples:\n  galvanode protocol explain symmetric-cycling --set cycles=500 --area 1.13cm2\n' +
        '  galvanode protocol explain coulombic-efficiency --instrument coin-cycler\n',
    )
    .addHelpText('after', profileHelp())
    .action(run);
}

function run(name: string, options: ExplainOptions): void {
  const protocol = findProtocol(name);
  const areaUcm2 = parseArea(options.area ?? '1.13 cm2');
  const result = protocol.prepare(options.set, { areaUcm2 });
  if (!result.ok) throw new GalvanodeError('PARAMS_INVALID', result.problems.join('\n'));
  const { prepared } = result;
  const explanation = explain(prepared);
  if (explanation === null) {
    const found = `the cycles of "${name}" do not repeat, so its steps cannot be told without running it`;
    throw new GalvanodeError('PARAMS_INVALID', `${found}; use galvanode simulate ${name}`);
  }
  const instrument = instrumentFit(options, prepared, areaUcm2);
  const parameters = describeParameters(protocol.parameters, result.values);
  if (options.json === true) {
    const area = formatQuantity(areaUcm2, 'area');
    return printJson({
      name: protocol.name,
      title: protocol.title,
      parameters,
      area,
      ...explanation,
      instrument,
    });
  }
  printLine(`${protocol.title}\n`);
  for (const line of explanation.lines) printLine(line);
  printLine('');
  for (const line of summary(explanation)) printLine(line);
  for (const line of instrument.lines) printLine(line);
}

function summary(explanation: Explanation): string[] {
  const { bytes, cycles, durationUs, samples, steps } = explanation;
  const count = (value: number): string => value.toLocaleString('en-US');
  const charge = (nc: number): string => `${Number((nc / NC_PER_MAH).toPrecision(4))} mAh`;
  return [
    `duration      ${durationSpanText(durationUs)}, unless something ends it before`,
    `cycles        ${count(cycles)} (${spanText(steps, count)} steps)`,
    `plated        ${charge(explanation.platedChargeNc)}, stripped ${charge(explanation.strippedChargeNc)}`,
    `samples       ${spanText(samples, count)}, about ${spanText(bytes, megabytes)} on disk`,
    `current       at most ${formatQuantity(explanation.currentMaxPa, 'current')}`,
    `at worst      ${charge(explanation.stepChargeWorstNc)} in one step, ` +
      `${charge(explanation.netChargeWorstNc)} net in the run, then the cell is opened`,
  ];
}

const NC_PER_MAH = 3.6e9;

function megabytes(bytes: number): string {
  return `${Number((bytes / 1e6).toPrecision(2))} MB`;
}
