// `galvanode device console`: a terminal on an instrument, line by line. What is typed is sent as it is: no
// safety rule sees it, which is said once. Never on a port that a daemon or another program has.
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { BytePort, OpenPort } from '../base/byte-port.ts';
import { SystemClock, type Clock } from '../base/clock.ts';
import { type ErrorCode, GalvanodeError } from '../base/errors.ts';
import { openPort, parsePortAddress } from '../bytes/port-address.ts';
import { listPorts } from '../bytes/port-list.ts';
import type { Dialect } from '../device/dialect.ts';
import { DIALECTS, guessDialects } from '../device/dialects.ts';
import { Console } from './console-session.ts';
import { type CommonOptions, loadContext } from './context.ts';
import { printLine, say } from './output.ts';
import { findPortOwners, placeOf } from './port-owners.ts';
import { cyclersKnown, knownName } from './run-options.ts';

export function addDeviceConsole(device: Command, common: () => CommonOptions): void {
  device
    .command('console <target>')
    .description('a terminal on a port, or a cycler by name, that nobody has; Ctrl-D ends it')
    .option(
      '--dialect <name>',
      `baud rate and flow control of: ${DIALECTS.map(({ name }) => name).join(', ')}`,
    )
    .addHelpText(
      'before',
      `Examples:
  galvanode device console /dev/ttyACM0 --dialect methodscript
  galvanode device console left
  echo '*IDN?' | galvanode device console /dev/ttyUSB0@9600
`,
    )
    .action(async (target: string, options: { readonly dialect?: string }) =>
      run(target, options.dialect, common()),
    );
}

const PORT_CODES: Readonly<Record<'absent' | 'busy' | 'denied' | 'failed', ErrorCode>> = {
  absent: 'PORT_ABSENT',
  busy: 'PORT_BUSY',
  denied: 'PORT_DENIED',
  failed: 'PORT_FAILED',
};
/** `galvanode device console FILE`, line by line: silence after which the next line is sent. */
const SILENCE_MS = 500;

async function run(target: string, dialectName: string | undefined, common: CommonOptions): Promise<void> {
  const context = loadContext(common);
  const cycler = context.config.cyclers.find(({ name }) => name === target);
  const address = cycler?.port ?? target;
  const dialect = await dialectOf(address, dialectName ?? cycler?.dialect);
  const parsed = parsePortAddress(address, dialect ?? undefined);
  if (!parsed.ok)
    throw new GalvanodeError('USAGE', `${parsed.detail}${cyclersKnown(context.config.cyclers)}`);
  const refusal = (await findPortOwners(context)).refusalOf(address);
  if (refusal !== null) throw new GalvanodeError('PORT_BUSY', refusal);
  const port = await opened(openPort(parsed.address));
  say(`${port.name}: what you type goes to the instrument as it is, and no safety rule sees it`);
  await converse(port, new SystemClock());
}

async function dialectOf(address: string, name: string | undefined): Promise<Dialect | null> {
  const names = DIALECTS.map((dialect) => dialect.name);
  if (name !== undefined) {
    const known = knownName('--dialect', name, names);
    return DIALECTS.find((dialect) => dialect.name === known) ?? null;
  }
  const port = (await listPorts()).find(({ path }) => path === placeOf(address));
  const [guessed] = guessDialects(port?.usb ?? null);
  return guessed ?? null;
}

async function opened(open: OpenPort): Promise<BytePort> {
  return new Promise((resolve, reject) => {
    open((result) => {
      if (result.ok) resolve(result.port);
      else reject(new GalvanodeError(PORT_CODES[result.reason], result.detail));
    });
  });
}

async function converse(port: BytePort, clock: Clock): Promise<void> {
  const isTerminal = process.stdin.isTTY;
  if (isTerminal) say('Ctrl-D ends it');
  const input = createInterface({
    input: process.stdin,
    terminal: isTerminal,
    output: process.stderr,
    prompt: '',
  });
  const failure = await new Promise<string | null>((resolve) => {
    const session = new Console({
      ...{ clock, port, show: printLine },
      // A script waits for each answer; a person sees it come.
      silenceMs: isTerminal ? 0 : SILENCE_MS,
      onEnd: resolve,
    });
    input.on('line', (line) => session.enter(line));
    input.on('close', () => session.endOfInput());
  });
  input.close();
  if (failure !== null) throw new GalvanodeError('LINK_CLOSED', `${port.name}: ${failure}`);
}
