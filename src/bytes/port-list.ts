// The serial ports of this machine, as far as the system tells without opening one: names that stay, USB
// descriptors, permissions, and who holds them. Never opens a port.
import { SerialPort } from 'serialport';
import { linuxPorts, linuxUsbPorts } from './linux-ports.ts';
import type { SeenPort, UsbPort } from './seen-port.ts';

export interface ListedPort {
  readonly path: string;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  readonly manufacturer?: string | undefined;
  readonly serialNumber?: string | undefined;
}

/** Where to look; tests give a tree of their own. */
export interface PortSystem {
  /** What stands before /sys, /dev, /proc and /etc: empty on a real machine. */
  readonly root: string;
  readonly isLinux: boolean;
  /** Of the serial package, for systems that are not Linux. */
  readonly list: () => Promise<readonly ListedPort[]>;
}

export const THIS_MACHINE: PortSystem = {
  root: '',
  isLinux: process.platform === 'linux',
  list: async () => SerialPort.list(),
};

/** Sorted by path. Rejects only where the list of another system than Linux does. */
export async function listPorts(system: PortSystem = THIS_MACHINE): Promise<readonly SeenPort[]> {
  const ports = system.isLinux ? linuxPorts(system.root) : (await system.list()).map(portFromListed);
  return ports.toSorted((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
}

/** Fast enough for every attempt to connect. Rejects as `listPorts` does. */
export async function listUsbPorts(system: PortSystem = THIS_MACHINE): Promise<readonly UsbPort[]> {
  if (system.isLinux) return linuxUsbPorts(system.root);
  const ports = (await system.list()).map(portFromListed);
  return ports.flatMap(({ path, usb }) => (usb === null ? [] : [{ path, usb, device: '' }]));
}

function portFromListed({ path, vendorId, productId, manufacturer, serialNumber }: ListedPort): SeenPort {
  const usb =
    vendorId === undefined || productId === undefined
      ? null
      : {
          ...{ vendorId: vendorId.toLowerCase(), productId: productId.toLowerCase() },
          ...{ manufacturer: manufacturer ?? null, serial: serialNumber ?? null },
          ...{ product: null, interfaceNumber: null },
        };
  // Asked of the system only when the port is opened.
  const access = { mayRead: true, mayWrite: true, group: null };
  return { path, stablePath: null, usb, access, holders: { known: [], isComplete: false } };
}
