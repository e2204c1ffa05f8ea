// `galvanode sim`: the firmware simulator on a TCP port or a pseudo terminal, for any client that speaks the
// dialect.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { attachPty } from '../../firmware-sim/attach/pty.ts';
import { attachTcp } from '../../firmware-sim/attach/tcp.ts';
import { INSTRUMENT_NAMES } from '../../firmware-sim/board/instrument.ts';
import { createSimulatedCycler, type SimulatedCycler } from '../../firmware-sim/sim.ts';
import { SystemClock } from '../base/clock.ts';
import { EXIT, GalvanodeError, messageOf } from '../base/errors.ts';
import { CELL_MODEL_ABOUT, cellModelFrom, cellModelHelp, DEFAULT_CELL } from './cell-model.ts';
import { printJson, say } from './output.ts';
import { knownName, parseWhole } from './run-options.ts';
import { openCellLog, openTruthLog, TRUTH_ABOUT } from './simulator-logs.ts';

interface SimOptions {
  readonly dialect: string;
  readonly pty?: string;
  readonly tcp?: string;
  readonly channels: string;
  readonly seed: string;
  readonly speed: string;
  readonly cellModel: string;
  readonly instrument: string;
  readonly cellLog?: string;
  readonly truth?: string;
}

export function addSimCommand(program: Command): void {
  program
    .command('sim')
    .description('simulated cycler on a TCP port or a pty')
    .option('--dialect <name>', 'wire language: gvn1', 'gvn1')
    .option('--tcp <port>', 'listen on this loopback port; 0: any free one')
    .option('--pty <path>', 'make a pseudo terminal under this name (needs python3 or socat)')
    .option('--channels <n>', 'channels', '1')
    .option('--seed <n>', 'equal seeds give equal noise', '1')
    .option('--speed <n>', 'cell seconds per real second', '1')
    .option('--cell-model <name or file>', CELL_MODEL_ABOUT, DEFAULT_CELL)
    .option('--instrument <name>', `errors of the instrument: ${INSTRUMENT_NAMES.join(', ')}`, 'bench')
    .option('--cell-log <file>', 'append what each cell saw, one JSON line a change')
    .option('--truth <file>', `${TRUTH_ABOUT}; appended`)
    .addHelpText(
      'before',
      `Examples:
  galvanode sim --tcp 7001 --channels 2 --speed 600
  galvanode sim --dialect gvn1 --pty ./cycler0 --speed 3600
`,
    )
    .addHelpText('after', cellModelHelp)
    .action(run);
}

async function run(options: SimOptions): Promise<void> {
  check(options);
  const clock = new SystemClock();
  const simulator = createSimulatedCycler({
    clock,
    seed: parseWhole(options.seed, { name: '--seed', min: 0, max: 4_294_967_295 }),
    channels: parseWhole(options.channels, { name: '--channels', min: 1, max: 64 }),
    scale: parseWhole(options.speed, { name: '--speed', min: 1, max: 100_000 }),
    cells: cellModelFrom(options.cellModel),
    instrument: knownName('--instrument', options.instrument, INSTRUMENT_NAMES),
    // A new power-up each time: the boot id must differ, as it would on hardware.
    bootCounter: Math.floor(clock.wallMs()) % 4_294_967_296,
    ...(options.cellLog === undefined ? {} : { log: openCellLog(options.cellLog) }),
    ...(options.truth === undefined ? {} : { truth: openTruthLog(options.truth, 'append') }),
  });
  const attachment = await attach(options, simulator, clock).catch((thrown: unknown) => {
    throw thrown instanceof GalvanodeError ? thrown : new GalvanodeError('PORT_FAILED', messageOf(thrown));
  });
  let isEnding = false;
  const end = (code: number): void => {
    if (isEnding) return;
    isEnding = true;
    simulator.close();
    void attachment.close().then(() => process.exit(code));
  };
  process.on('SIGTERM', () => end(EXIT.terminated));
  // A forked simulator belongs to its parent: Ctrl-C is for the parent to act on, and its end is the
  // simulator's.
  if (process.send === undefined) {
    process.on('SIGINT', () => end(EXIT.interrupted));
  } else {
    process.on('SIGINT', () => undefined);
    process.on('disconnect', () => end(EXIT.ok));
  }
}

function check(options: SimOptions): void {
  knownName('--dialect', options.dialect, ['gvn1']);
  if ((options.tcp === undefined) === (options.pty === undefined)) {
    throw new GalvanodeError('USAGE', 'say where: --tcp PORT or --pty PATH');
  }
  const { cellLog, truth } = options;
  if (cellLog !== undefined && truth !== undefined && resolve(cellLog) === resolve(truth)) {
    throw new GalvanodeError('USAGE', `"--truth": ${truth} is where --cell-log writes; name another file`);
  }
}

async function attach(
  options: SimOptions,
  simulator: SimulatedCycler,
  clock: SystemClock,
): Promise<{ close(): Promise<void> }> {
  if (options.pty !== undefined) {
    const pty = await attachPty(simulator, { path: options.pty, clock });
    announce({ port: pty.path }, `simulated cycler on ${pty.path}`);
    return pty;
  }
  const port = parseWhole(options.tcp ?? '', { name: '--tcp', min: 0, max: 65_535 });
  const tcp = await attachTcp(simulator, { host: '127.0.0.1', port });
  announce({ port: `tcp://${tcp.host}:${tcp.port}` }, `simulated cycler on tcp://${tcp.host}:${tcp.port}`);
  return tcp;
}

/** To the parent process by message, to a script by one JSON line, to a person by a sentence. */
function announce(where: { readonly port: string }, sentence: string): void {
  if (process.send !== undefined) process.send(where);
  else {
    printJson(where);
    say(`${sentence}; Ctrl-C ends it`);
  }
}
