// `galvanode protocol list|show|check|explain|graph|export|import`: what there is, what it takes, whether it
// makes sense. Sends nothing anywhere.
import type { Command } from 'commander';
import { protocolJsonSchema } from '../language/protocol-schema.ts';
import type { ParameterSpec } from '../steps/parameters.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { findProtocol } from './find-protocol.ts';
import { printJson, printLine, printTable } from './output.ts';
import { addProtocolCheckCommand } from './protocol-check.ts';
import { addProtocolExplainCommand } from './protocol-explain.ts';
import { addProtocolExportCommand } from './protocol-export.ts';
import { addProtocolGraphCommand } from './protocol-graph.ts';
import { addProtocolImportCommand } from './protocol-import.ts';

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
  addProtocolCheckCommand(protocol);
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
