// `galvanode protocol check`: whether a protocol is sound for its parameters and a cell, whether every way
// through it ends, and, where an instrument is named, whether that one can do it. Sends nothing anywhere.
import type { Command } from 'commander';
import { type ErrorDetail, GalvanodeError } from '../base/errors.ts';
import { formatQuantity } from '../base/quantity.ts';
import { cappedCounts, cappedProgram } from '../language/capped.ts';
import { statesWithoutEnd } from '../language/check-ends.ts';
import { type ProgramGraph, programGraph } from '../language/program-graph.ts';
import { checkProgram, modesOf } from '../steps/check-program.ts';
import { describeParameters } from '../steps/parameters.ts';
import type { CellGeometry, PreparedProtocol, Protocol } from '../steps/protocol.ts';
import { createRunner } from '../steps/runner.ts';
import type { StepModeKind } from '../steps/step.ts';
import { findProtocol } from './find-protocol.ts';
import { addInstrumentOptions, instrumentFit, type InstrumentOptions } from './instrument-fit.ts';
import { printJson, printLine } from './output.ts';
import { addRunOptions, parseArea, type RunOptions } from './run-options.ts';

interface CheckOptions extends RunOptions, InstrumentOptions {
  readonly json?: true;
}

export function addProtocolCheckCommand(protocol: Command): void {
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
}

/** What every instrument asks of a step. */
const ANY_INSTRUMENT = {
  currentMaxPa: Number.MAX_SAFE_INTEGER,
  voltageSpanNv: 10_000_000_000,
  recordBursts: { everyMinUs: 1 },
};

function check(text: string, options: CheckOptions): void {
  const protocol = findProtocol(text);
  const cell = { areaUcm2: parseArea(options.area ?? '1.13 cm2') };
  const result = protocol.prepare(options.set, cell);
  if (!result.ok) throw new GalvanodeError('PARAMS_INVALID', result.problems.join('\n'));
  const { prepared } = result;
  const modes = modesOf(prepared);
  const graph = graphOf(protocol, { given: options.set, cell, prepared });
  const [unsound] = checkProgram(prepared, { ...ANY_INSTRUMENT, modes });
  const problem = unsound ?? endless(graph) ?? misfit(options, prepared, cell);
  if (problem !== null) throw new GalvanodeError(problem.code, problem.message);
  const parameters = describeParameters(protocol.parameters, result.values);
  const summary = { ...summaryOf(protocol.name, prepared), parameters, modes, states: graph.states.length };
  if (options.json === true) {
    const { isBeyondCounting: _, ...shown } = { ...summary, area: formatQuantity(cell.areaUcm2, 'area') };
    return printJson(shown);
  }
  for (const [parameter, value] of Object.entries(parameters)) printLine(`${parameter.padEnd(30)}${value}`);
  printLine('');
  for (const line of linesOf(summary, prepared)) printLine(line);
  const special = modes.filter((mode) => mode !== 'rest' && mode !== 'cc');
  if (special.length > 0) printLine(`needs an instrument that can: ${special.map(modeText).join(', ')}`);
}

/** With counts at two, whatever was asked for: each loop is gone round once and left once. */
function graphOf(
  protocol: Protocol,
  {
    cell,
    given,
    prepared,
  }: {
    readonly given: Readonly<Record<string, unknown>>;
    readonly cell: CellGeometry;
    readonly prepared: PreparedProtocol;
  },
): ProgramGraph {
  const small = protocol.prepare({ ...given, ...cappedCounts(protocol.parameters) }, cell);
  return programGraph(cappedProgram(small.ok ? small.prepared : prepared));
}

function endless(graph: ProgramGraph): ErrorDetail | null {
  const [state] = statesWithoutEnd(graph);
  if (state === undefined) return null;
  const found = `no way leads from step "${state}" to the end of the run`;
  return { code: 'PROTOCOL_INVALID', message: `${found}; give one of its limits another "then"` };
}

/** Where an instrument was named. */
function misfit(options: CheckOptions, prepared: PreparedProtocol, cell: CellGeometry): ErrorDetail | null {
  const isNamed = [options.dialect, options.profile, options.instrument].some((one) => one !== undefined);
  return isNamed ? instrumentFit(options, prepared, cell.areaUcm2).problem : null;
}

function summaryOf(name: string, prepared: PreparedProtocol) {
  const { plan, currentMaxPa } = prepared;
  const runner = createRunner(prepared);
  return {
    ok: true,
    name,
    largestCurrent: formatQuantity(currentMaxPa, 'current'),
    cycles: plan.cycles,
    steps: plan.steps,
    durationHours: plan.durationUs / 3.6e9,
    isBeyondCounting: plan.durationUs >= Number.MAX_SAFE_INTEGER,
    plated: formatQuantity(plan.platedChargeNc, 'charge'),
    firstStep: runner.desiredStep(runner.start())?.programStep ?? null,
  };
}

function linesOf(
  summary: ReturnType<typeof summaryOf> & { readonly states: number },
  prepared: PreparedProtocol,
): string[] {
  const { cycles, durationHours, isBeyondCounting, largestCurrent, plated, states, steps } = summary;
  const hours = `${isBeyondCounting ? 'more than ' : ''}${durationHours.toFixed(1)} h`;
  const isDriven = prepared.everyStep?.some(({ mode }) => mode.kind !== 'rest') ?? true;
  return [
    `ok: ${cycles} cycles, ${steps} steps, ${hours}`,
    isDriven
      ? `at most ${largestCurrent}, ${plated} plated in all`
      : 'no current: the cell rests all the time',
    `${states} states, a way to the end from each; a stop opens the cell in any`,
  ];
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
