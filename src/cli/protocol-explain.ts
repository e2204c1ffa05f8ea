// `galvanode protocol explain`: what a protocol will do and how long it takes, before any current flows, and
// what the chosen instrument makes of it. Sends nothing anywhere.
import type { Command } from 'commander';
import { efficiencyUncertainty } from '../analysis/coulombic-efficiency.ts';
import { GalvanodeError } from '../base/errors.ts';
import { formatQuantity } from '../base/quantity.ts';
import { DIALECT_NAMES, type DialectName } from '../config/dialect-names.ts';
import { chooseRange } from '../daemon/start-run.ts';
import type { Capabilities } from '../device/cycler.ts';
import { durationText, explain, type Explanation, spanText } from '../language/explain.ts';
import { checkProgram } from '../steps/check-program.ts';
import { describeParameters } from '../steps/parameters.ts';
import type { PreparedProtocol } from '../steps/protocol.ts';
import { findProtocol } from './find-protocol.ts';
import { printJson, printLine } from './output.ts';
import { addRunOptions, knownName, parseArea, type RunOptions } from './run-options.ts';
import { errorsFrom, errorsText, profileFrom, profileHelp } from './sim-instrument.ts';
import { simulatedCapabilities } from './simulated-link.ts';

interface ExplainOptions extends RunOptions {
  readonly dialect: string;
  readonly profile?: string;
  readonly instrument?: string;
  readonly json?: true;
}

export function addProtocolExplainCommand(protocol: Command): void {
  addRunOptions(
    protocol.command('explain <protocol>').description('say what a protocol will do, and how long it takes'),
  )
    .option('--dialect <name>', `instrument family: ${DIALECT_NAMES.join(', ')}`, 'gvn1')
    .option('--profile <name>', 'model of the family')
    .option('--instrument <class>', `errors of the instrument: ${errorsText()}`)
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
  const instrument = instrumentOf(options, prepared, areaUcm2);
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
    `duration      ${durationText(durationUs)}, unless something ends it before`,
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

interface InstrumentFit {
  readonly dialect: string;
  readonly fits: boolean;
  readonly problem: string | null;
  readonly rangeFullScalePa: number | null;
  /** One standard uncertainty of the efficiency of one cycle, absolute; null: no efficiency is measured. */
  readonly efficiencyUncertainty: number | null;
  readonly lines: readonly string[];
}

function instrumentOf(
  { dialect: asked, instrument, profile }: ExplainOptions,
  prepared: PreparedProtocol,
  areaUcm2: number,
): InstrumentFit {
  const dialect: DialectName = knownName('--dialect', asked, DIALECT_NAMES);
  const model = profileFrom(profile, dialect);
  const capabilities = simulatedCapabilities({
    dialect,
    instrument: errorsFrom(instrument, dialect),
    ...(model === undefined ? {} : { profile: model }),
  });
  const { currentRangesPa } = capabilities;
  const currentMaxPa = Math.max(...currentRangesPa);
  const [problem] = checkProgram(prepared, { ...capabilities, currentMaxPa });
  const range = chooseRange(prepared.currentMaxPa, capabilities, dialect);
  if (problem !== undefined || !range.ok) {
    const message = problem?.message ?? (range.ok ? '' : range.message);
    const lines = [`instrument    does not fit: ${message}`];
    return {
      dialect,
      fits: false,
      problem: message,
      rangeFullScalePa: null,
      efficiencyUncertainty: null,
      lines,
    };
  }
  const { fullScalePa } = range;
  const uncertainty = uncertaintyOf(prepared, { capabilities, fullScalePa, areaUcm2 });
  const share = `${((100 * prepared.currentMaxPa) / fullScalePa).toPrecision(2)} % of it`;
  const lines = [`range         ${formatQuantity(fullScalePa, 'current')}; the largest current is ${share}`];
  const known = `of one cycle known to ± ${(100 * (uncertainty ?? 0)).toPrecision(1)} %`;
  if (uncertainty !== null) lines.push(`efficiency    ${known} (one standard uncertainty)`);
  return {
    dialect,
    fits: true,
    problem: null,
    rangeFullScalePa: fullScalePa,
    efficiencyUncertainty: uncertainty,
    lines,
  };
}

/** Of a cycle that is plated by charge and stripped to a cut-off; others measure no efficiency. */
function uncertaintyOf(
  prepared: PreparedProtocol,
  given: { readonly capabilities: Capabilities; readonly fullScalePa: number; readonly areaUcm2: number },
): number | null {
  const { accuracy, tickUs } = given.capabilities;
  const { cycles, durationUs, platedChargeNc } = prepared.plan;
  if (prepared.preflight.contact !== 'plating-only' || cycles === 0 || platedChargeNc === 0) return null;
  const halfUs = durationUs / cycles / 2;
  const plateNc = platedChargeNc / cycles;
  const whole = { plateNc, stripNc: plateNc, plateUs: halfUs, stripUs: halfUs };
  const cycle = { cycle: 2, ...whole, restUs: 0, cutOffNv: 0, ratio: 1 };
  const area = { areaCm2: given.areaUcm2 / 1e6 };
  const measurement = { ...accuracy, ...area, tickUs, rangeFullScalePa: given.fullScalePa };
  return efficiencyUncertainty([cycle], measurement);
}
