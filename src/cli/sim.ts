// `galvanode sim`: a simulated instrument on a TCP port or a pseudo terminal, for any client that speaks its
// dialect.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Attachment, attachAt, type Place, type Whereabouts } from '../../firmware-sim/attach/place.ts';
import { createInstrument, DIALECTS } from '../../firmware-sim/create-instrument.ts';
import { DIALECT_NAMES, type DialectName } from '../../firmware-sim/dialects/dialect-name.ts';
import { DeviceTime } from '../../firmware-sim/faults/device-time.ts';
import type { Fault } from '../../firmware-sim/faults/fault.ts';
import type { SimulatedInstrument } from '../../firmware-sim/simulated-instrument.ts';
import { SystemClock } from '../base/clock.ts';
import { EXIT, GalvanodeError, messageOf } from '../base/errors.ts';
import { CELL_MODEL_ABOUT, cellModelFrom, cellModelHelp, DEFAULT_CELL } from './cell-model.ts';
import { printJson, say } from './output.ts';
import { knownName, parseWhole } from './run-options.ts';
import { collectFault, faultHelp, faultsFrom } from './sim-faults.ts';
import { errorsFrom, errorsText, profileFrom, profileHelp } from './sim-instrument.ts';
import { openCellLog, openTruthLog, TRUTH_ABOUT } from './simulator-logs.ts';

interface SimOptions {
  readonly dialect: string;
  readonly pty?: string;
  readonly tcp?: string;
  readonly profile?: string;
  readonly channels: string;
  readonly seed: string;
  readonly speed: string;
  readonly cellModel: string;
  readonly instrument?: string;
  readonly fault?: readonly string[];
  readonly cellLog?: string;
  readonly truth?: string;
}

export function addSimCommand(program: Command): void {
  program
    .command('sim')
    .description('simulated instrument on a TCP port or a pty')
    .option('--dialect <name>', `wire language: ${DIALECT_NAMES.join(', ')}`, 'gvn1')
    .option('--tcp <port>', 'listen on this loopback port; 0: any free one')
    .option('--pty <path>', 'make a pseudo terminal under this name (needs python3 or socat)')
    .option('--profile <model>', 'model of the family, see below')
    .option('--channels <n>', 'channels (gvn1 only)', '1')
    .option('--seed <n>', 'equal seeds give equal noise', '1')
    .option('--speed <n>', 'cell seconds per real second', '1')
    .option('--cell-model <name or file>', CELL_MODEL_ABOUT, DEFAULT_CELL)
    .option('--instrument <name>', `errors of the instrument (${errorsText()})`)
    .option('--fault <fault>', 'something that goes wrong, see below; may be repeated', collectFault)
    .option('--cell-log <file>', 'append what each cell saw, one JSON line a change')
    .option('--truth <file>', `${TRUTH_ABOUT}; appended`)
    .addHelpText(
      'before',
      `Examples:
  galvanode sim --tcp 7001 --channels 2 --speed 600
  galvanode sim --dialect gvn1 --pty ./cycler0 --speed 3600
  galvanode sim --dialect methodscript --pty ./emstat --profile es4_hr
  galvanode sim --dialect zahner --pty ./xpot          (its binary line is ./xpot.data; on TCP the next port)
  galvanode sim --tcp 7001 --fault silent=30@120 --fault cell-short@600
`,
    )
    .addHelpText('after', profileHelp)
    .addHelpText('after', faultHelp)
    .addHelpText('after', cellModelHelp)
    .action(run);
}

async function run(options: SimOptions): Promise<void> {
  const dialect = knownName('--dialect', options.dialect, DIALECT_NAMES);
  const place = placeFrom(options);
  const faults = faultsFrom(options.fault ?? [], dialect);
  const scale = parseWhole(options.speed, { name: '--speed', min: 1, max: 100_000 });
  const clock = new SystemClock();
  const instrument = instrumentFrom(options, { dialect, faults, scale, clock });
  const attachment = await attachAt(instrument, place, clock).catch(portFailed);
  announce(attachment.whereabouts, `simulated ${nounOf(dialect)} on`);
  const end = endOnSignals(instrument, attachment);
  const time = new DeviceTime(clock, scale);
  for (const { name, atS } of faults) {
    if (name === 're-enumerate') time.after(atS ?? 0, () => void moveOn(attachment, end));
  }
}

function instrumentFrom(
  options: SimOptions,
  request: {
    readonly dialect: DialectName;
    readonly faults: readonly Fault[];
    readonly scale: number;
    readonly clock: SystemClock;
  },
): SimulatedInstrument {
  const { dialect, faults, scale, clock } = request;
  refuseOneFileForTwoLogs(options);
  const { cellLog, truth, instrument } = options;
  const profile = profileFrom(options.profile, dialect);
  return createInstrument(dialect, {
    clock,
    scale,
    faults,
    seed: parseWhole(options.seed, { name: '--seed', min: 0, max: 4_294_967_295 }),
    channels: channelsFrom(options.channels, dialect),
    cell: cellModelFrom(options.cellModel),
    errors: errorsFrom(instrument, dialect),
    // A new power-up each time: the boot id must differ, as it would on hardware.
    bootCounter: Math.floor(clock.wallMs()) % 4_294_967_296,
    ...(profile === undefined ? {} : { profile }),
    ...(cellLog === undefined ? {} : { log: openCellLog(cellLog) }),
    ...(truth === undefined ? {} : { truth: openTruthLog(truth, 'append') }),
  });
}

function channelsFrom(text: string, dialect: DialectName): number {
  const channels = parseWhole(text, { name: '--channels', min: 1, max: 64 });
  if (channels <= DIALECTS[dialect].channelsMax) return channels;
  const advice = 'start one simulator for each';
  throw new GalvanodeError('USAGE', `"--channels": an instrument of ${dialect} has one channel; ${advice}`);
}

function placeFrom({ pty, tcp }: SimOptions): Place {
  if ((tcp === undefined) === (pty === undefined)) {
    throw new GalvanodeError('USAGE', 'say where: --tcp PORT or --pty PATH');
  }
  // Whole, as a configuration must have it.
  if (pty !== undefined) return { kind: 'pty', path: resolve(pty) };
  const port = parseWhole(tcp ?? '', { name: '--tcp', min: 0, max: 65_535 });
  return { kind: 'tcp', host: '127.0.0.1', port };
}

function refuseOneFileForTwoLogs({ cellLog, truth }: SimOptions): void {
  if (cellLog !== undefined && truth !== undefined && resolve(cellLog) === resolve(truth)) {
    throw new GalvanodeError('USAGE', `"--truth": ${truth} is where --cell-log writes; name another file`);
  }
}

/** What an operator would call it. */
function nounOf(dialect: DialectName): string {
  return dialect === 'gvn1' ? 'cycler' : `${dialect} instrument`;
}

/** Returns what ends the simulator with an exit code; idempotent. */
function endOnSignals(instrument: SimulatedInstrument, attachment: Attachment): (code: number) => void {
  let isEnding = false;
  const end = (code: number): void => {
    if (isEnding) return;
    isEnding = true;
    instrument.close();
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
  return end;
}

async function moveOn(attachment: Attachment, end: (code: number) => void): Promise<void> {
  try {
    const whereabouts = await attachment.moveOn();
    if (whereabouts !== null) announce(whereabouts, 'it is now on');
  } catch (thrown) {
    say(`galvanode: it cannot come back elsewhere: ${messageOf(thrown)} [PORT_FAILED]`);
    end(EXIT.device);
  }
}

function portFailed(thrown: unknown): never {
  throw thrown instanceof GalvanodeError ? thrown : new GalvanodeError('PORT_FAILED', messageOf(thrown));
}

/** To the parent process by message, to a script by one JSON line, to a person by a sentence. */
function announce(whereabouts: Whereabouts, sentence: string): void {
  if (process.send !== undefined) process.send(whereabouts);
  else {
    printJson(whereabouts);
    const { port, dataPort } = whereabouts;
    say(`${sentence} ${port}${dataPort === undefined ? '' : `, data on ${dataPort}`}; Ctrl-C ends it`);
  }
}
