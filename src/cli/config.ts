// `galvanode config show`: the configuration in use, where it comes from, what each field means.
import type { Command } from 'commander';
import { describeConfig } from '../config/config.ts';
import { type CommonOptions, loadContext } from './context.ts';
import { printJson, printLine, printTable } from './output.ts';

export function addConfigCommand(program: Command): void {
  const config = program
    .command('config')
    .description('configuration: show')
    .addHelpText('before', 'Examples:\n  galvanode config show\n');
  config
    .command('show')
    .description('values in use, where they come from, what they mean')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      'Examples:\n  galvanode config show\n  galvanode --config ./bench.yaml config show --json\n',
    )
    .action((options: { readonly json?: true }) => show(options, program.opts<CommonOptions>()));
}

function show(options: { readonly json?: true }, common: CommonOptions): void {
  const context = loadContext(common);
  if (options.json === true) return printJson({ ...context });
  printLine(`configuration  ${context.configOrigin}`);
  printLine(`data folder    ${context.dataPath} (${context.dataOrigin})\n`);
  const rows = describeConfig(context.config).map(({ key, value, about }) => [key, shown(value), about]);
  printTable(['KEY', 'VALUE', 'MEANING'], rows);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
