// A serial port by the serial number of its USB device, looked for at each attempt: after a replug it may
// stand under another path. Where two would do, neither is opened: current into the wrong cell is worse
// than none.
import { realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { PortResult } from '../base/byte-port.ts';
import { messageOf } from '../base/errors.ts';
import { linuxUsbPorts } from './linux-ports.ts';
import { listUsbPorts, type PortSystem, THIS_MACHINE } from './port-list.ts';
import type { UsbPort } from './seen-port.ts';
import { type LineSettings, openSerialPort, type SerialAddress } from './serial-port.ts';

export interface UsbAddress extends LineSettings {
  readonly serial: string;
  /** Two hex digits; null: the device has one port. */
  readonly interfaceNumber: string | null;
}

export type UsbPathResult =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly reason: 'absent' | 'failed'; readonly detail: string };

/** Tests give their own. */
export interface Surroundings {
  readonly system?: PortSystem;
  readonly open?: (address: SerialAddress, done: (result: PortResult) => void) => void;
}

export function openUsbPort(
  address: UsbAddress,
  done: (result: PortResult) => void,
  { system = THIS_MACHINE, open = openSerialPort }: Surroundings = {},
): void {
  const { baudRate, flowControl } = address;
  const listed = listUsbPorts(system).then(
    (ports) => usbPath(address, ports),
    (thrown: unknown): UsbPathResult => {
      return { ok: false, reason: 'failed', detail: `the ports cannot be listed: ${messageOf(thrown)}` };
    },
  );
  void listed.then((found) => {
    if (found.ok) open({ path: found.path, baudRate, flowControl }, done);
    else done(found);
  });
}

/** A serial port by its path; one in /dev/serial/by-id only where that name means one device. */
export function openNamedPort(
  address: SerialAddress,
  done: (result: PortResult) => void,
  { system = THIS_MACHINE, open = openSerialPort }: Surroundings = {},
): void {
  const ambiguity = system.isLinux ? ambiguityOfName(address.path, system.root) : null;
  if (ambiguity === null) open(address, done);
  else done({ ok: false, reason: 'failed', detail: `${address.path}: ${ambiguity}` });
}

/** The one path that is meant, or why there is none. */
export function usbPath(address: UsbAddress, ports: readonly UsbPort[]): UsbPathResult {
  const { serial, interfaceNumber } = address;
  const name = `usb:${serial}${interfaceNumber === null ? '' : `/if${interfaceNumber}`}`;
  const ofDevice = ports.filter(({ usb }) => usb.serial === serial);
  const found = ofDevice.filter(
    ({ usb }) => interfaceNumber === null || usb.interfaceNumber === interfaceNumber,
  );
  const [only] = found;
  if (only === undefined) return { ok: false, reason: 'absent', detail: `${name}: ${whatElse(ofDevice)}` };
  if (found.length === 1) return { ok: true, path: only.path };
  const paths = found.map(({ path }) => path).join(', ');
  return { ok: false, reason: 'failed', detail: `${name} is ${paths}: ${adviceFor(found)}` };
}

/**
 * Why a name in /dev/serial/by-id is not enough: it is made of what a device says of itself, and where two
 * say the same it leads to one of them. null: it is enough, or leads nowhere. Linux only.
 */
export function ambiguityOfName(name: string, root: string): string | null {
  if (!name.startsWith('/dev/serial/by-id/')) return null;
  let path: string;
  try {
    path = `/dev/${basename(realpathSync(join(root, name)))}`;
  } catch {
    return null;
  }
  const ports = linuxUsbPorts(root);
  const own = ports.find((port) => port.path === path);
  if (own === undefined) return null;
  const others = ports.filter((port) => port.device !== own.device && isAlike(port, own));
  if (others.length === 0) return null;
  const paths = [own, ...others].map((port) => port.path).join(', ');
  return `two devices say the same of themselves (${paths}); ${BY_PATH}`;
}

const BY_PATH = 'write /dev/serial/by-path/… and do not move their plugs';

function isAlike({ usb: a }: UsbPort, { usb: b }: UsbPort): boolean {
  const isSameModel = a.vendorId === b.vendorId && a.productId === b.productId;
  return isSameModel && a.serial === b.serial && a.interfaceNumber === b.interfaceNumber;
}

function adviceFor(found: readonly UsbPort[]): string {
  const [first] = found;
  const isOneDevice = new Set(found.map(({ device }) => device)).size === 1;
  if (!isOneDevice) return `two devices have this serial number; ${BY_PATH}`;
  const interfaces = new Set(found.map(({ usb }) => usb.interfaceNumber));
  if (interfaces.size < found.length) return 'write /dev/serial/by-id/…, which tells its ports apart';
  const { serial, interfaceNumber } = first?.usb ?? { serial: '', interfaceNumber: null };
  return `write which of its ports is meant, e.g. usb:${serial ?? ''}/if${interfaceNumber ?? '00'}`;
}

function whatElse(ofDevice: readonly UsbPort[]): string {
  if (ofDevice.length === 0)
    return 'no such device; plug it in, or correct the serial number (galvanode device list)';
  const interfaces = ofDevice.map(({ usb }) => `if${usb.interfaceNumber ?? '?'}`).join(', ');
  return `the device has no such port, but ${interfaces}; correct the address`;
}
