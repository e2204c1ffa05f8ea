// `galvanode device list`: serial ports and network instruments, what they may be, and who has them. Opens
// nothing and asks no instrument.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { listPorts } from '../bytes/port-list.ts';
import type { SeenPort, UsbIdentity } from '../bytes/seen-port.ts';
import { guessDialects } from '../device/dialects.ts';
import { type CommonOptions, type Context, loadContext } from './context.ts';
import { printJson, printTable, say } from './output.ts';
import { findPortOwners, placeOf, type PortOwners } from './port-owners.ts';

export function addDeviceList(device: Command, common: () => CommonOptions): void {
  device
    .command('list')
    .description('serial ports, network instruments, and who has them')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('before', 'Examples:\n  galvanode device list\n  galvanode device list --json\n')
    .action(async (options: { readonly json?: true }) => list(options, common()));
}

async function list(options: { readonly json?: true }, common: CommonOptions): Promise<void> {
  const context = loadContext(common);
  const owners = await findPortOwners(context);
  const ports = (await listPorts()).map((port) => ({ ...port, ...aboutPort(port, owners) }));
  const elsewhere = configuredElsewhere(context, ports);
  if (options.json === true) return printJson({ ports, elsewhere, isDaemonUp: owners.isDaemonUp });
  const rows = ports.map((port) => [
    port.path,
    port.stablePath ?? '',
    usbText(port.usb),
    port.guessedDialects.map((name) => `${name}?`).join(' '),
    port.usedFor ?? '',
    holdersText(port),
    accessText(port),
  ]);
  const others = elsewhere.map(({ address, dialect, usedFor, isThere }) => {
    return [address, '', '', dialect, usedFor, owners.isDaemonUp ? 'the daemon' : '', ACCESS_WORDS[isThere]];
  });
  printTable(
    ['PORT', 'NAME THAT STAYS', 'USB', 'DIALECT', 'USED FOR', 'HELD BY', 'ACCESS'],
    [...rows, ...others],
  );
  if (rows.length === 0) say('no serial port on this machine; plug an instrument in, then look again');
  else say('a dialect with ? is a guess by USB id; galvanode device identify asks the instrument');
}

function aboutPort(port: SeenPort, owners: PortOwners) {
  return {
    guessedDialects: guessDialects(port.usb).map(({ name }) => name),
    usedFor: owners.userOf(port.path)?.user ?? null,
  };
}

const ACCESS_WORDS = { yes: '', no: 'not there', unknown: '' } as const;

/**
 * What the configuration names and the list of serial ports does not: the network, ptys, what is unplugged.
 */
function configuredElsewhere({ config }: Context, ports: readonly SeenPort[]) {
  const seen = new Set(ports.map(({ path }) => path));
  return config.cyclers.flatMap(({ name, dialect, port, data_port: dataPort }) => {
    const addresses = dataPort === undefined ? [port] : [port, dataPort];
    return addresses
      .filter((address) => !seen.has(placeOf(address)))
      .map((address) => ({ address, dialect, usedFor: `cycler "${name}"`, isThere: presenceOf(address) }));
  });
}

/** Of the network nothing is known before it is asked. */
function presenceOf(address: string): keyof typeof ACCESS_WORDS {
  const place = placeOf(address);
  if (place.startsWith('tcp://')) return 'unknown';
  return existsSync(place) ? 'yes' : 'no';
}

function usbText(usb: UsbIdentity | null): string {
  if (usb === null) return '';
  const words = [usb.manufacturer, usb.product, usb.serial].filter((word) => word !== null);
  return [`${usb.vendorId}:${usb.productId}`, ...words].join(' ');
}

function holdersText({ holders }: SeenPort): string {
  if (holders.known.length > 0)
    return holders.known.map(({ pid, command }) => `${pid} ${command}`).join(', ');
  return holders.isComplete ? 'nobody' : 'unknown';
}

function accessText({ access }: SeenPort): string {
  const { group, mayRead, mayWrite } = access;
  if (mayRead && mayWrite) return 'read, write';
  const found = mayRead ? 'read only' : 'none';
  return group === null ? found : `${found} (join group ${group})`;
}
