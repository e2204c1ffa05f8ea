// `galvanode replay`: the recorded wire of a run through today's code. What it decides and writes is compared
// with what was recorded: how an upgrade is checked against last month's runs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { PROTOCOLS } from '../../protocols/index.ts';
import { SystemClock } from '../base/clock.ts';
import { EXIT, GalvanodeError } from '../base/errors.ts';
import { type ReplayResult, replayRun } from '../daemon/replay/replay-run.ts';
import type { CommonOptions } from './context.ts';
import { createProgressLine, printJson, printLine } from './output.ts';
import { findRun, openRun } from './run-files.ts';

export function addReplayCommand(program: Command): void {
  program
    .command('replay <run>')
    .description("replay a run's recorded wire through this version, and compare")
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      `Examples:
  galvanode replay 01KDVDNA                    a run of the data folder
  galvanode replay ./run.db --json             a file from anywhere
  galvanode simulate symmetric-cycling --set cycles=3 --wire --out run.db && galvanode replay run.db
`,
    )
    .addHelpText(
      'after',
      `
Compared: the steps that are sent, changes of state, events, samples, half-cycles. How often the instrument is
polled is no difference. Exit 0: the same; 9: a difference, the first one is told.`,
    )
    .action(async (run: string, options: { readonly json?: true }, command: Command) => {
      await replay(run, options, command.optsWithGlobals<CommonOptions>());
    });
}

async function replay(name: string, options: { readonly json?: true }, common: CommonOptions): Promise<void> {
  const path = findRun(name, common);
  const reader = openRun(path);
  const folder = mkdtempSync(join(tmpdir(), 'galvanode-replay-'));
  const progress = createProgressLine();
  const clock = new SystemClock();
  const startMs = clock.nowMs();
  const told: { signal: NodeJS.Signals | null } = { signal: null };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      told.signal = signal;
    });
  }
  try {
    const result = await replayRun({
      ...{ reader, protocols: PROTOCOLS, outPath: join(folder, 'run.db'), clock },
      onProgress({ replayedS }) {
        progress.show(`${(replayedS / 3600).toFixed(1)} h replayed`);
        return told.signal === null ? 'go on' : 'stop';
      },
    });
    progress.end();
    const wallS = (clock.nowMs() - startMs) / 1000;
    tell(result, { path, wallS, isJson: options.json === true });
    if (told.signal !== null)
      process.exitCode = told.signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  } finally {
    reader.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Told {
  readonly path: string;
  readonly wallS: number;
  readonly isJson: boolean;
}

function tell(result: ReplayResult, { path, wallS, isJson }: Told): void {
  const { compared, detail, outcome } = result;
  if (outcome === 'refused') {
    const advice = 'runs of a bench record it unless "record_wire: false", simulate with --wire';
    throw new GalvanodeError('STORE_FAILED', `${path} cannot be replayed: ${detail}; ${advice}`);
  }
  if (outcome === 'different') process.exitCode = EXIT.difference;
  if (isJson) return printJson({ path, ...result, wallS });
  const rows = Object.entries(compared).filter(([, count]) => count > 0);
  const counted = rows.map(([part, count]) => `${count} ${NAMES[part] ?? part}`).join(', ');
  const verdict = { same: 'the same', different: 'DIFFERENT', stopped: 'interrupted' }[outcome];
  printLine(`${path}: ${verdict}: ${detail}`);
  printLine(
    `the same until then: ${counted}; ${(result.replayedS / 3600).toFixed(2)} h in ${wallS.toFixed(1)} s`,
  );
}

const NAMES: Readonly<Record<string, string>> = {
  command: 'commands',
  event: 'events',
  began: 'starts of steps',
  ended: 'ends of steps',
  'half-cycle': 'half-cycles',
  sample: 'samples',
  gap: 'gaps',
  impedance: 'points of spectra',
  aux: 'temperatures',
};
