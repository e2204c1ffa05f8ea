// The serial side of `galvanode doctor`: ports of the configuration, names that do not stay, permissions, and
// ModemManager, which talks to every serial port it takes for a modem.
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { linuxUsbPorts } from '../bytes/linux-ports.ts';
import { parsePortAddress, type PortAddress } from '../bytes/port-address.ts';
import { isProgramRunning } from '../bytes/port-holders.ts';
import type { SeenPort } from '../bytes/seen-port.ts';
import { textOf } from '../bytes/small-files.ts';
import { ambiguityOfName, usbPath, type UsbPathResult } from '../bytes/usb-port.ts';
import type { Config } from '../config/config.ts';
import type { Check } from './check.ts';

export interface PortChecksOptions {
  readonly config: Config;
  readonly ports: readonly SeenPort[];
  /** What stands before /dev, /proc and /etc; empty on a real machine. */
  readonly root: string;
  /** Ids of the groups of this user. */
  readonly groups: readonly number[];
  readonly isRoot: boolean;
}

interface NamedPort {
  readonly name: string;
  readonly port: string;
}

/** /dev/ttyUSB0 is whatever was plugged in first. */
const UNSTABLE = /^\/dev\/tty(?:USB|ACM)\d+$/;

export function portChecks(options: PortChecksOptions): readonly Check[] {
  const named = namedPorts(options.config);
  const serial = named.flatMap((port) => portCheck(options, port));
  const own = serial.length === 0 && named.length === 0 ? [seenPorts(options.ports)] : serial;
  return [...own, ...groupCheck(options), ...modemManager(options)];
}

/** Every port of the configuration, with what the operator calls it. */
export function namedPorts({ cyclers, aux }: Config): readonly NamedPort[] {
  const ofCyclers = cyclers.flatMap(({ name, port, data_port: dataPort }) => {
    const data = dataPort === undefined ? [] : [{ name: `${name} (data)`, port: dataPort }];
    return [{ name, port }, ...data];
  });
  return [...ofCyclers, ...aux.map(({ name, port }) => ({ name, port }))];
}

function portCheck({ ports, root }: PortChecksOptions, { name, port }: NamedPort): Check[] {
  const check = (level: Check['level'], found: string, fix: string): Check[] => {
    return [{ name: `port of ${name}`, level, found, fix }];
  };
  const parsed = parsePortAddress(port);
  if (!parsed.ok) return check('fail', parsed.detail, 'correct it in the configuration');
  if (parsed.address.kind === 'tcp') return [];
  const found = pathMeant(parsed.address, root);
  if (!found.ok) return check('fail', found.detail, 'plug the instrument in, or correct the port');
  const { path } = found;
  const trouble = accessTrouble(join(root, path));
  if (trouble === 'denied') {
    const fix = 'sudo usermod -aG dialout $USER, then log in again';
    return check('fail', `no permission for ${path}`, fix);
  }
  if (trouble === 'absent') return check('fail', `no ${path}`, 'plug the instrument in, or correct the path');
  if (parsed.address.kind === 'usb') return check('ok', `${port} is ${path}`, '');
  if (!UNSTABLE.test(path)) return check('ok', path, '');
  const stable = ports.find((seen) => seen.path === path)?.stablePath ?? null;
  const fix = stable === null ? 'give it a name by udev: galvanode doctor --udev' : `write ${stable}`;
  return check('warn', `${path} is another instrument after the next plugging in`, fix);
}

function pathMeant(address: Exclude<PortAddress, { kind: 'tcp' }>, root: string): UsbPathResult {
  if (address.kind === 'usb') return usbPath(address, linuxUsbPorts(root));
  const { path } = address;
  const ambiguity = ambiguityOfName(path, root);
  return ambiguity === null ? { ok: true, path } : { ok: false, reason: 'failed', detail: ambiguity };
}

function accessTrouble(place: string): 'denied' | 'absent' | null {
  try {
    accessSync(place, constants.R_OK | constants.W_OK);
    return null;
  } catch (thrown) {
    return messageOf(thrown).includes('EACCES') ? 'denied' : 'absent';
  }
}

/** The group matters where a port is there that only its members may open. */
function groupCheck({ root, groups, isRoot, ports }: PortChecksOptions): Check[] {
  const lines = (textOf(join(root, '/etc/group')) ?? '').split('\n').map((line) => line.split(':'));
  const id = lines.find(([group]) => group === 'dialout')?.[2];
  if (id === undefined || isRoot) return [];
  const isMember = groups.includes(Number(id));
  const isNeeded = ports.some(({ access }) => access.group === 'dialout' && !access.mayWrite);
  const level = isMember ? 'ok' : isNeeded ? 'fail' : 'warn';
  const found = isMember ? 'you are a member' : 'you are not a member';
  const fix = 'sudo usermod -aG dialout $USER, then log in again';
  return [{ name: 'group dialout', level, found, fix }];
}

function modemManager({ root }: PortChecksOptions): Check[] {
  if (textOf(join(root, '/proc/self/comm')) === null) return [];
  if (!isProgramRunning('ModemManager', root)) {
    return [{ name: 'ModemManager', level: 'ok', found: 'does not run', fix: '' }];
  }
  const fix =
    'keep it off the instruments: galvanode doctor --udev | sudo tee /etc/udev/rules.d/70-galvanode.rules';
  const found = 'runs, and may send AT commands to an instrument';
  return [{ name: 'ModemManager', level: 'warn', found, fix }];
}

function seenPorts(ports: readonly SeenPort[]): Check {
  const names = ports.filter(({ usb }) => usb !== null).map(({ path, stablePath }) => stablePath ?? path);
  const seen = names.length === 0 ? 'no USB serial device seen' : names.join(' ');
  return {
    name: 'cyclers',
    level: 'warn',
    found: `no cyclers configured, ${seen}`,
    fix: 'galvanode device identify tells what to write under "cyclers"; or try galvanode demo',
  };
}
