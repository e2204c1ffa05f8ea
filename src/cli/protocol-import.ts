// `galvanode protocol import`: the protocol of another program as a document of ours: YAML on stdout, what
// was lost or had to be assumed on stderr. Starts nothing; the document is checked before it is handed out.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Option, type Command } from 'commander';
import { GalvanodeError, messageOf } from '../base/errors.ts';
import { protocolTextFromExchange } from '../language/exchange/exchange-text.ts';
import { EXCHANGE_FORMATS } from '../language/exchange/formats.ts';
import { protocolFromText } from '../language/protocol-from-source.ts';
import { LABEL, LABEL_LENGTH_MAX } from '../language/protocol-keys.ts';
import { CELL_KINDS } from '../language/source-tree.ts';
import { TEXT_BYTES_MAX } from '../language/yaml-nodes.ts';
import { printJson } from './output.ts';
import { formatOf, sayDropped } from './protocol-export.ts';
import { knownName } from './run-options.ts';

interface ImportCommandOptions {
  readonly format: string;
  readonly name?: string;
  readonly cell: string;
  readonly out?: string;
  readonly json?: true;
}

const READABLE = EXCHANGE_FORMATS.flatMap((format) => {
  const { read } = format;
  return read === null ? [] : [{ ...format, read }];
});
const NAMES = READABLE.map(({ name }) => name);

export function addProtocolImportCommand(protocol: Command): void {
  protocol
    .command('import <file>')
    .description('make a protocol of ours from one in the language of another program')
    .addOption(new Option('--format <format>', `one of: ${NAMES.join(', ')}`).makeOptionMandatory())
    .option('--name <name>', 'what to call it (default: the name of the file)')
    .addOption(
      new Option('--cell <kind>', 'what is on the bench: decides what plates and the check before the start')
        .choices(CELL_KINDS)
        .default('zn-zn'),
    )
    .option('--out <file>', 'write it to a file instead of stdout')
    .option('--json', 'one JSON object on stdout: the text and what was lost')
    .addHelpText(
      'before',
      'Examples:\n  galvanode protocol import zn-001.json --format unicycler --out zn-001.yaml\n' +
        '  galvanode protocol import cell.json --format unicycler --cell full-cell > cell.yaml\n',
    )
    .action(importProtocol);
}

function importProtocol(path: string, options: ImportCommandOptions): void {
  const format = formatOf(options.format, READABLE);
  const cell = knownName('--cell', options.cell, CELL_KINDS);
  const name = nameFor(path, options.name);
  const imported = format.read(readText(path));
  if (!imported.ok) {
    const lines = imported.problems.map(
      ({ line, column, message }) => `${path}:${line}:${column}: ${message}`,
    );
    throw new GalvanodeError('PROTOCOL_INVALID', lines.join('\n'));
  }
  const about = `From a protocol of ${format.owner}. Its currents are absolute and fit one area only.`;
  const written = protocolTextFromExchange(imported.exchange, {
    name,
    title: `${name}, imported from ${format.owner}`,
    about,
    cell,
  });
  const dropped = [...imported.dropped, ...written.dropped];
  const fileName = options.out ?? `${name}.yaml`;
  refuseUnfit(written.text, fileName);
  if (options.out !== undefined) writeFileSync(options.out, written.text);
  if (options.json === true) return printJson({ format: format.name, text: written.text, dropped });
  if (options.out === undefined) process.stdout.write(written.text);
  sayDropped(dropped, 'not as in the file');
}

/** What galvanode would refuse to run is told here, and nothing is written. */
function refuseUnfit(text: string, fileName: string): void {
  const parsed = protocolFromText(text, { fileName });
  if (!parsed.ok) throw new GalvanodeError('PROTOCOL_INVALID', parsed.problems.join('\n'));
  // Without a value per area in it, any area serves.
  const result = parsed.protocol.prepare({}, { areaUcm2: 1_000_000 });
  if (!result.ok) throw new GalvanodeError('PROTOCOL_INVALID', result.problems.join('\n'));
}

function nameFor(path: string, given: string | undefined): string {
  const wanted = `lower case words and digits joined by "-", at most ${LABEL_LENGTH_MAX} characters`;
  if (given !== undefined) {
    if (LABEL.test(given) && given.length <= LABEL_LENGTH_MAX) return given;
    throw new GalvanodeError('USAGE', `"--name": "${given}" is not a name; give ${wanted}`);
  }
  const words = basename(path)
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return (words ?? ['imported']).join('-').slice(0, LABEL_LENGTH_MAX).replace(/-$/, '');
}

function readText(path: string): string {
  try {
    const { size } = statSync(path);
    if (size <= TEXT_BYTES_MAX) return readFileSync(path, 'utf8');
    throw new GalvanodeError(
      'PROTOCOL_INVALID',
      `${path} has ${size} bytes; at most ${TEXT_BYTES_MAX} are read`,
    );
  } catch (thrown) {
    if (thrown instanceof GalvanodeError) throw thrown;
    throw new GalvanodeError('PROTOCOL_UNKNOWN', `${path} cannot be read: ${messageOf(thrown)}`);
  }
}
