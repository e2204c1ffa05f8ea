#!/usr/bin/env node
// The command line. One file a command; this one joins them and turns every failure into one line and an exit
// code.
import { Command, CommanderError } from 'commander';
import { EXIT, GalvanodeError, messageOf } from '../base/errors.ts';
import { addConfigCommand } from './config.ts';
import { addDaemonCommand } from './daemon.ts';
import { addDemoCommand } from './demo.ts';
import { addDeviceCommand } from './device.ts';
import { addDoctorCommand } from './doctor.ts';
import { addLiteratureCommand } from './literature.ts';
import { say } from './output.ts';
import { addProtocolCommand } from './protocol.ts';
import { addReplayCommand } from './replay.ts';
import { addRunCommand } from './run.ts';
import { addSimCommand } from './sim.ts';
import { addSimulateCommand } from './simulate.ts';
import { packageVersion } from './versions.ts';

const program = new Command('galvanode')
  .description('battery-tester controller: drives cyclers, keeps every sample, replays runs in simulation')
  .version(packageVersion())
  .option('--data <folder>', 'data folder (also $GALVANODE_DATA)')
  .option('--config <file>', 'configuration (also $GALVANODE_CONFIG)')
  .showSuggestionAfterError()
  .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
  .addHelpText(
    'before',
    `Examples:
  galvanode demo                                              see it work, without an instrument
  galvanode simulate symmetric-cycling --set cycles=100       a run in virtual time
  galvanode run list                                          runs of this bench
`,
  )
  .addHelpText(
    'after',
    `
Exit codes: 0 ok, 1 failed, 2 usage, 3 invalid config or protocol, 4 device or link, 5 storage,
6 refused by a safety rule or state, 8 daemon not reachable, 9 verification found differences,
130/143 interrupted.`,
  );
addDemoCommand(program);
addDaemonCommand(program);
addRunCommand(program);
addProtocolCommand(program);
addSimulateCommand(program);
addReplayCommand(program);
addLiteratureCommand(program);
addSimCommand(program);
addDeviceCommand(program);
addDoctorCommand(program);
addConfigCommand(program);
throwUsageErrors(program);

/** Commander puts its suggestion on a second line. */
function oneLine(text: string): string {
  return `${text
    .trim()
    .replace(/^error: /, 'galvanode: ')
    .replaceAll('\n', ' ')}\n`;
}

/** Commander exits by itself otherwise, with 1; a wrong call is 2. */
function throwUsageErrors(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) throwUsageErrors(child);
}

function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof GalvanodeError) {
    for (const line of thrown.message.split('\n')) say(`galvanode: ${line} [${thrown.code}]`);
    return thrown.exitCode;
  }
  // Help and version are errors to commander; their text is out already.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  say(`galvanode: internal error: ${messageOf(thrown)}`);
  if (thrown instanceof Error && thrown.stack !== undefined) say(thrown.stack);
  return EXIT.failed;
}

// A reader that goes away (`| head`) ends the command, quietly.
process.stdout.on('error', () => process.exit(EXIT.ok));
try {
  await program.parseAsync();
} catch (thrown) {
  process.exit(exitCodeOf(thrown));
}
