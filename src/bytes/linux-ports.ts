// The serial ports of a Linux machine, from /sys/class/tty and /dev. These say more than the serial package
// does (product, interface) and need no udev. Never opens a port.
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createHolders } from './port-holders.ts';
import type { PortAccess, SeenPort, UsbIdentity, UsbPort } from './seen-port.ts';
import { existsAt, namesIn, textOf } from './small-files.ts';

/** `root`: what stands before /sys, /dev, /proc and /etc; empty on a real machine. */
export function linuxPorts(root: string): SeenPort[] {
  const holders = createHolders(root);
  const stable = stablePaths(root);
  return namesIn(join(root, '/sys/class/tty')).flatMap((name) => {
    const path = `/dev/${name}`;
    if (!isPort(root, name)) return [];
    return [
      {
        path,
        stablePath: stable.get(path) ?? null,
        usb: usbDeviceOf(root, name)?.usb ?? null,
        access: accessTo(root, path),
        holders: holders.of(path),
      },
    ];
  });
}

/** The ports that have a USB descriptor, without what takes time to find out. */
export function linuxUsbPorts(root: string): UsbPort[] {
  return namesIn(join(root, '/sys/class/tty')).flatMap((name) => {
    const found = isPort(root, name) ? usbDeviceOf(root, name) : null;
    return found === null ? [] : [{ path: `/dev/${name}`, ...found }];
  });
}

/** A tty with hardware behind it. Type 0 is a UART that the kernel reserves a name for and did not find. */
function isPort(root: string, name: string): boolean {
  const folder = join(root, '/sys/class/tty', name);
  return (
    existsAt(join(folder, 'device')) &&
    existsAt(join(root, '/dev', name)) &&
    textOf(join(folder, 'type')) !== '0'
  );
}

/** Device path to its first name in /dev/serial/by-id. */
function stablePaths(root: string): ReadonlyMap<string, string> {
  const folder = join(root, '/dev/serial/by-id');
  const paths = new Map<string, string>();
  for (const name of namesIn(folder).toSorted()) {
    try {
      const path = `/dev/${basename(realpathSync(join(folder, name)))}`;
      if (!paths.has(path)) paths.set(path, `/dev/serial/by-id/${name}`);
    } catch {
      // The device went while its name was being read.
    }
  }
  return paths;
}

/** The descriptor stands in the folder of the USB device, above that of the interface which has the tty. */
function usbDeviceOf(root: string, name: string): Omit<UsbPort, 'path'> | null {
  let folder: string;
  try {
    folder = realpathSync(join(root, '/sys/class/tty', name, 'device'));
  } catch {
    return null;
  }
  let interfaceNumber: string | null = null;
  const end = realpathSync(join(root, '/sys'));
  for (; folder.startsWith(end) && folder !== end; folder = dirname(folder)) {
    interfaceNumber ??= textOf(join(folder, 'bInterfaceNumber'));
    const vendorId = textOf(join(folder, 'idVendor'));
    const productId = textOf(join(folder, 'idProduct'));
    if (vendorId === null || productId === null) continue;
    const [manufacturer, product, serial] = ['manufacturer', 'product', 'serial'].map((field) =>
      textOf(join(folder, field)),
    );
    const usb: UsbIdentity = {
      ...{ vendorId, productId, interfaceNumber },
      ...{ manufacturer: manufacturer ?? null, product: product ?? null, serial: serial ?? null },
    };
    return { usb, device: folder };
  }
  return null;
}

function accessTo(root: string, path: string): PortAccess {
  const place = join(root, path);
  const may = (mode: number): boolean => {
    try {
      accessSync(place, mode);
      return true;
    } catch {
      return false;
    }
  };
  return { mayRead: may(constants.R_OK), mayWrite: may(constants.W_OK), group: groupOf(root, place) };
}

function groupOf(root: string, place: string): string | null {
  try {
    const id = String(statSync(place).gid);
    const lines = (textOf(join(root, '/etc/group')) ?? '').split('\n');
    return lines.map((line) => line.split(':')).find((fields) => fields[2] === id)?.[0] ?? id;
  } catch {
    return null;
  }
}
