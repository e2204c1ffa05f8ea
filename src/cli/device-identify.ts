// `galvanode device identify`: asks who is on a port, by questions that move nothing, and prints what to
// write into the configuration. Leaves ports alone that a daemon or another program has.
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { SystemClock } from '../base/clock.ts';
import { EXIT, GalvanodeError } from '../base/errors.ts';
import { openPort, parsePortAddress } from '../bytes/port-address.ts';
import { listPorts } from '../bytes/port-list.ts';
import type { SeenPort } from '../bytes/seen-port.ts';
import type { Config } from '../config/config.ts';
import type { Dialect } from '../device/dialect.ts';
import { DIALECTS, guessDialects } from '../device/dialects.ts';
import { identify, type IdentifyResult } from '../device/identify.ts';
import { type CommonOptions, loadContext } from './context.ts';
import { configSnippet, type Identified } from './config-snippet.ts';
import { shownText } from './shown-text.ts';
import { printJson, printLine, say } from './output.ts';
import { findPortOwners, placeOf, type PortOwners } from './port-owners.ts';
import { cyclersKnown, knownName } from './run-options.ts';

interface IdentifyCommandOptions {
  readonly dialect?: string;
  readonly json?: true;
}

export function addDeviceIdentify(device: Command, common: () => CommonOptions): void {
  device
    .command('identify [target...]')
    .description(
      'ask who is there, at a port or a cycler by name, moving nothing; without: all ports that nobody has',
    )
    .option('--dialect <name>', `ask in this language only: ${DIALECTS.map(({ name }) => name).join(', ')}`)
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      `Examples:
  galvanode device identify
  galvanode device identify left
  galvanode device identify /dev/ttyUSB0@57600 --dialect keithley2400
  galvanode device identify tcp://192.168.1.20:4001 --json
`,
    )
    .action(async (ports: readonly string[], options: IdentifyCommandOptions) =>
      run(ports, options, common()),
    );
}

interface Answer {
  readonly port: string;
  readonly result: IdentifyResult;
}

async function run(
  asked: readonly string[],
  options: IdentifyCommandOptions,
  common: CommonOptions,
): Promise<void> {
  const dialects = dialectsAsked(options.dialect);
  const context = loadContext(common);
  const owners = await findPortOwners(context);
  const named = asked.map((target) => addressOf(target, context.config));
  refuseOwned(named, owners);
  const seen = await listPorts();
  const addresses = named.length > 0 ? named : freePorts(seen, owners);
  const answers: Answer[] = [];
  // One after the other: the two ports of one instrument may answer for each other otherwise.
  for (const port of addresses) {
    say(`asking on ${port} …`);
    answers.push({ port, result: await askOn(port, dialectOrder(dialects, seenAt(port, seen))) });
  }
  const found = identified(answers, seen);
  if (options.json === true) printJson({ ports: answers.map(jsonOf), config: found.map(configSnippet) });
  else show(answers, found);
  if (found.length === 0) process.exitCode = EXIT.device;
}

function dialectsAsked(name: string | undefined): readonly Dialect[] {
  if (name === undefined) return DIALECTS;
  const known = knownName(
    '--dialect',
    name,
    DIALECTS.map((dialect) => dialect.name),
  );
  const wanted = DIALECTS.filter((dialect) => dialect.name === known);
  if (wanted.some(({ probe }) => probe === null))
    throw new GalvanodeError('USAGE', `"--dialect": no harmless question is known for ${name}`);
  return wanted;
}

function freePorts(seen: readonly SeenPort[], owners: PortOwners): readonly string[] {
  return seen.flatMap((port) => {
    const address = port.stablePath ?? port.path;
    const refusal = owners.refusalOf(address);
    if (refusal !== null) say(`left alone: ${refusal}`);
    return refusal === null ? [address] : [];
  });
}

/** A cycler of the configuration may be called by its name. */
function addressOf(target: string, { cyclers }: Config): string {
  const address = cyclers.find(({ name }) => name === target)?.port ?? target;
  const parsed = parsePortAddress(address);
  if (parsed.ok) return address;
  throw new GalvanodeError('USAGE', `${parsed.detail}${cyclersKnown(cyclers)}`);
}

function refuseOwned(asked: readonly string[], owners: PortOwners): void {
  for (const address of asked) {
    const refusal = owners.refusalOf(address);
    if (refusal !== null) throw new GalvanodeError('PORT_BUSY', refusal);
  }
}

function seenAt(address: string, seen: readonly SeenPort[]): SeenPort | null {
  return seen.find(({ path }) => path === placeOf(address)) ?? null;
}

/** Those that the USB descriptor makes likely come first. */
function dialectOrder(dialects: readonly Dialect[], port: SeenPort | null): readonly Dialect[] {
  const guessed = guessDialects(port?.usb ?? null);
  const isGuessed = (dialect: Dialect): boolean => guessed.includes(dialect);
  return [...dialects.filter(isGuessed), ...dialects.filter((dialect) => !isGuessed(dialect))];
}

async function askOn(address: string, dialects: readonly Dialect[]): Promise<IdentifyResult> {
  const openAt: Parameters<typeof identify>[0]['openAt'] = (line) => {
    const parsed = parsePortAddress(address, line);
    if (parsed.ok) return openPort(parsed.address);
    return (done) => done({ ok: false, reason: 'failed', detail: parsed.detail });
  };
  const isNetwork = placeOf(address).startsWith('tcp://');
  const options = { clock: new SystemClock(), openAt, dialects, isNetwork };
  return new Promise((resolve) => identify(options, resolve));
}

function identified(answers: readonly Answer[], seen: readonly SeenPort[]): readonly Identified[] {
  return answers.flatMap(({ port, result }) => {
    if (result.type !== 'found') return [];
    const { dialect, instrument } = result;
    const own = seenAt(port, seen);
    const sibling = dialect.hasDataPort && own !== null ? siblingOf(own, seen) : null;
    return [{ address: stableAddress(port, own), dialect, instrument, dataPort: sibling }];
  });
}

/** The name that stays, with the baud rate that the operator wrote. */
function stableAddress(address: string, port: SeenPort | null): string {
  const [, baudText = ''] = /(@\d+)$/.exec(address) ?? [];
  return port?.stablePath === undefined || port.stablePath === null ? address : port.stablePath + baudText;
}

/** The other port of the same USB device; null where there is none, or more than one. */
function siblingOf(port: SeenPort, seen: readonly SeenPort[]): string | null {
  const { usb } = port;
  const others = seen.filter((other) => {
    const isSame =
      other.usb?.vendorId === usb?.vendorId &&
      other.usb?.productId === usb?.productId &&
      other.usb?.serial === usb?.serial;
    return usb !== null && other.path !== port.path && isSame;
  });
  const [other] = others;
  return others.length === 1 && other !== undefined ? (other.stablePath ?? other.path) : null;
}

function jsonOf({ port, result }: Answer) {
  switch (result.type) {
    case 'found':
      return { port, found: { dialect: result.dialect.name, ...result.instrument } };
    case 'nobody':
      return { port, found: null, asked: result.asked, heard: result.heard };
    case 'failed':
      return { port, found: null, reason: result.reason, detail: result.detail };
  }
}

function show(answers: readonly Answer[], found: readonly Identified[]): void {
  for (const { port, result } of answers) {
    const text = resultText(result);
    say(text.startsWith(`${port}: `) ? text : `${port}: ${text}`);
  }
  if (answers.length === 0) say('no port to ask on; plug an instrument in, or name a port');
  if (found.length === 0) return;
  say('for the configuration (galvanode config show tells where it is):');
  printLine(stringify({ cyclers: found.map(configSnippet) }, { lineWidth: 0 }).trimEnd());
}

function resultText(result: IdentifyResult): string {
  switch (result.type) {
    case 'found': {
      const { model, serial, firmware } = result.instrument;
      const more = [
        serial === null ? '' : `serial ${serial}`,
        firmware === null ? '' : `firmware ${firmware}`,
      ];
      return [`${result.dialect.name}: ${model}`, ...more].filter((word) => word !== '').join(', ');
    }
    case 'nobody': {
      const asked = result.asked.join(', ');
      if (result.heard === '') return `nobody answers (asked: ${asked}); look at power, cable and baud rate`;
      return `none of ${asked}; it says ${shownText(result.heard)}: another instrument or baud rate`;
    }
    case 'failed':
      return result.detail;
  }
}
