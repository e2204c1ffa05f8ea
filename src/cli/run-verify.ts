// `galvanode run verify`: whether the file of a run is whole and untouched. Reads only; exit code 9 where
// anything differs.
import { join } from 'node:path';
import type { Command } from 'commander';
import { EXIT } from '../base/errors.ts';
import { CATALOG_FILE } from '../store/catalog.ts';
import { openCatalogReader } from '../store/catalog-reader.ts';
import { type Verification, verifyRun } from '../store/verify-run.ts';
import { type CommonOptions, dataPathFrom } from './context.ts';
import { createProgressLine, printJson, printLine, say } from './output.ts';
import { findRun } from './run-files.ts';

interface VerifyCommandOptions {
  readonly json?: true;
}

export function addRunVerify(run: Command, common: () => CommonOptions): void {
  run
    .command('verify <run>')
    .description('prove that the file of a run is whole and untouched (an open run: as far as it goes)')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      `Examples:
  galvanode run verify 01KDV
  galvanode run verify ./run.db --json      (a copy, on any machine)
Exit code 9 where anything differs. Reads the file once or twice; a run may go on meanwhile.
`,
    )
    .action((name: string, options: VerifyCommandOptions) => verify(name, options, common()));
}

function verify(name: string, options: VerifyCommandOptions, common: CommonOptions): void {
  const path = findRun(name, common);
  const catalog = openCatalogReader(join(dataPathFrom(common).path, CATALOG_FILE));
  const progress = createProgressLine();
  const found = verifyRun({
    path,
    noted: (run) => catalog.head(run),
    onProgress: (text) => progress.show(text),
  });
  progress.end();
  const isWhole = found.differences.length === 0;
  if (!isWhole) process.exitCode = EXIT.difference;
  if (options.json === true) return printJson({ ...found, isWhole });
  for (const { where, detail } of found.differences) printLine(`${where}: ${detail}`);
  for (const note of found.notes) say(`note: ${note}`);
  if (isWhole) printLine(verdict(found));
  else say(`${path} is not as it was written; leave it as it is, and look for a copy`);
}

function verdict({ path, extent, run, samples, blocks, tables, head }: Verification): string {
  const name = run ?? path;
  const hash = head === null ? '' : `, head ${head}`;
  const extents = `samples: ${samples}, blocks: ${blocks}`;
  if (extent === 'open') return `${name} is not sealed; as far as it goes it is whole (${extents}${hash})`;
  if (head === null) return `${name} agrees with its seal, which is not of the whole file (${extents})`;
  return `${name} is whole and untouched (${extents}, tables: ${tables}${hash})`;
}
