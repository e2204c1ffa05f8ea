// `galvanode protocol export`: a protocol, worked out for one cell, in the language of another program: the
// text on stdout, what that language cannot say on stderr. Sends nothing anywhere.
import { writeFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { SystemClock } from '../base/clock.ts';
import { GalvanodeError } from '../base/errors.ts';
import { suggestion } from '../base/suggestion.ts';
import { exchangeFromTree } from '../language/exchange/exchange-from-tree.ts';
import { EXCHANGE_FORMATS, exportAs, type ExchangeFormat } from '../language/exchange/formats.ts';
import { treeFromProgram } from '../language/tree-from-program.ts';
import { treeOf } from '../language/tree.ts';
import { findProtocol } from './find-protocol.ts';
import { printJson, say } from './output.ts';
import { addRunOptions, parseArea, type RunOptions } from './run-options.ts';

interface ExportCommandOptions extends RunOptions {
  readonly format: string;
  readonly out?: string;
  readonly json?: true;
}

const NAMES = EXCHANGE_FORMATS.map(({ name }) => name);

export function addProtocolExportCommand(protocol: Command): void {
  addRunOptions(
    protocol
      .command('export <protocol>')
      .description('write a protocol in the language of another program, for a cell of the given area'),
  )
    .addOption(new Option('--format <format>', `one of: ${NAMES.join(', ')}`).makeOptionMandatory())
    .option('--out <file>', 'write it to a file instead of stdout')
    .option('--json', 'one JSON object on stdout: the text and what it could not say')
    .addHelpText(
      'before',
      'Examples:\n  galvanode protocol export symmetric-cycling --format pybamm --area 1.131cm2\n' +
        '  galvanode protocol export rate-performance --format unicycler --set block=10 --out rate.json\n',
    )
    .action(exportProtocol);
}

function exportProtocol(text: string, options: ExportCommandOptions): void {
  const protocol = findProtocol(text);
  const format = formatOf(options.format, EXCHANGE_FORMATS);
  const areaUcm2 = parseArea(options.area ?? '1.13 cm2');
  const result = protocol.prepare(options.set, { areaUcm2 });
  if (!result.ok) throw new GalvanodeError('PARAMS_INVALID', result.problems.join('\n'));
  const { prepared } = result;
  const tree = treeOf(prepared) ?? treeFromProgram(prepared, prepared.plan.cycles);
  if (tree === null) {
    const found = `the cycles of "${protocol.name}" do not repeat, so its steps cannot be told`;
    throw new GalvanodeError('PARAMS_INVALID', `${found}; export a protocol that is a text`);
  }
  const carried = exchangeFromTree(tree, prepared.cellLimits);
  const unixS = Math.floor(new SystemClock().wallMs() / 1000);
  const exported = exportAs(format, carried, { title: protocol.title, unixS });
  if (!exported.ok) {
    const found = `nothing of "${protocol.name}" can be said in the language of ${format.owner}`;
    throw new GalvanodeError('CAPABILITY_MISSING', [`${found}:`, ...exported.dropped].join('\n'));
  }
  if (options.out !== undefined) writeFileSync(options.out, exported.text);
  if (options.json === true)
    return printJson({ format: format.name, text: exported.text, dropped: exported.dropped });
  if (options.out === undefined) process.stdout.write(exported.text);
  sayDropped(exported.dropped, `what ${format.owner} cannot say`);
}

/** The format of that name, else USAGE with what there is. */
export function formatOf<Format extends ExchangeFormat>(text: string, formats: readonly Format[]): Format {
  const names = formats.map(({ name }) => name);
  const found = formats.find(({ name }) => name === text);
  if (found !== undefined) return found;
  throw new GalvanodeError('USAGE', `"--format": no "${text}"; ${suggestion(text, names)}`);
}

/** The list of losses on stderr; steps that lose the same thing share a line. */
export function sayDropped(dropped: readonly string[], heading: string): void {
  if (dropped.length === 0) return;
  const namesByLoss = new Map<string, string[]>();
  for (const line of dropped) {
    const split = line.indexOf(': ');
    const loss = line.slice(split < 0 ? 0 : split + 2);
    const names = namesByLoss.get(loss) ?? [];
    namesByLoss.set(loss, split < 0 ? names : [...names, line.slice(0, split)]);
  }
  say(`${heading}:`);
  for (const [loss, names] of namesByLoss)
    say(names.length === 0 ? `  ${loss}` : `  ${names.join(', ')}: ${loss}`);
}
