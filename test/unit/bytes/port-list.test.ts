// Goal: the list of ports tells an operator which instrument is where, whether it may be opened, and who has
// it. Method: a tree of files like that of a Linux machine with four devices, two of them on one instrument.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isProgramRunning } from '../../../src/bytes/port-holders.ts';
import { listPorts } from '../../../src/bytes/port-list.ts';

function machine(): string {
  const root = mkdtempSync(join(tmpdir(), 'galvanode-ports-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const link = (path: string, target: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  };
  const usbDevice = (place: string, fields: Readonly<Record<string, string>>): void => {
    for (const [field, text] of Object.entries(fields))
      write(`/sys/devices/usb1/${place}/${field}`, `${text}\n`);
  };
  const tty = (name: string, device: string): void => {
    write(`/dev/${name}`, '');
    mkdirSync(join(root, '/sys/devices', device), { recursive: true });
    link(`/sys/class/tty/${name}/device`, `../../../devices/${device}`);
  };
  usbDevice('1-1', {
    idVendor: '0483',
    idProduct: 'a3ad',
    manufacturer: 'Zahner',
    product: 'PP212',
    serial: '33000',
  });
  usbDevice('1-1/1-1:1.0', { bInterfaceNumber: '00' });
  usbDevice('1-1/1-1:1.2', { bInterfaceNumber: '02' });
  tty('ttyACM10', 'usb1/1-1/1-1:1.2');
  tty('ttyACM9', 'usb1/1-1/1-1:1.0');
  usbDevice('1-2', { idVendor: '0403', idProduct: '6001' });
  tty('ttyUSB0', 'usb1/1-2/1-2:1.0/ttyUSB0');
  tty('ttyS0', 'platform/serial8250');
  write('/sys/class/tty/ttyS0/type', '4\n');
  tty('ttyS1', 'platform/serial8250');
  write('/sys/class/tty/ttyS1/type', '0\n');
  mkdirSync(join(root, '/sys/class/tty/tty0'), { recursive: true });
  link('/dev/serial/by-id/usb-Zahner_PP212_33000-if00', '../../ttyACM9');
  link('/dev/serial/by-id/usb-Zahner_PP212_33000-if02', '../../ttyACM10');
  link('/dev/serial/by-id/usb-gone', '../../ttyACM11');
  write('/etc/group', `audio:x:4242:\nlab:x:${process.getgid?.() ?? 0}:\n`);
  write('/proc/42/cmdline', `minicom\0-D\0/dev/ttyUSB0\0`);
  link('/proc/42/fd/3', '/dev/ttyUSB0');
  link('/proc/42/fd/4', '/dev/ttyUSB0');
  link('/proc/42/fd/0', '/dev/null');
  write('/proc/43/comm', 'ModemManager\n');
  write('/proc/43/cmdline', '');
  link('/proc/43/fd/7', '/dev/ttyACM9');
  write('/proc/meminfo', '');
  return root;
}

async function portsOf(root: string) {
  return listPorts({
    root,
    isLinux: true,
    list: async () => Promise.reject(new Error('not asked on Linux')),
  });
}

describe('the list of ports', () => {
  it('names what has hardware behind it, in the order in which people count', async () => {
    const ports = await portsOf(machine());
    expect(ports.map(({ path }) => path)).toEqual([
      '/dev/ttyACM9',
      '/dev/ttyACM10',
      '/dev/ttyS0',
      '/dev/ttyUSB0',
    ]);
  });

  it('gives the name that stays, and the USB descriptor of the device above the interface', async () => {
    const [text, binary, plain, adapter] = await portsOf(machine());
    const usb = {
      vendorId: '0483',
      productId: 'a3ad',
      manufacturer: 'Zahner',
      product: 'PP212',
      serial: '33000',
    };
    expect(text).toMatchObject({
      stablePath: '/dev/serial/by-id/usb-Zahner_PP212_33000-if00',
      usb: { ...usb, interfaceNumber: '00' },
    });
    expect(binary).toMatchObject({ usb: { ...usb, interfaceNumber: '02' } });
    expect(plain).toMatchObject({ stablePath: null, usb: null });
    expect(adapter?.usb).toMatchObject({ vendorId: '0403', product: null, serial: null });
  });

  it('names who holds a port, each process once', async () => {
    const [text, binary, , adapter] = await portsOf(machine());
    expect(adapter?.holders).toEqual({
      known: [{ pid: 42, command: 'minicom -D /dev/ttyUSB0' }],
      isComplete: true,
    });
    expect(text?.holders.known).toEqual([{ pid: 43, command: 'ModemManager' }]);
    expect(binary?.holders.known).toEqual([]);
  });

  it('says that it does not know all holders where it may not look', async () => {
    const root = machine();
    // A file in place of the folder fails to be listed, also for root.
    writeFileSync(join(root, '/proc/meminfo'), '');
    mkdirSync(join(root, '/proc/44'));
    writeFileSync(join(root, '/proc/44/fd'), '');
    const [text] = await portsOf(root);
    expect(text?.holders).toEqual({ known: [{ pid: 43, command: 'ModemManager' }], isComplete: false });
  });

  it('tells the group, and whether this user may read and write', async () => {
    const root = machine();
    chmodSync(join(root, '/dev/ttyUSB0'), 0o000);
    const [text, , , adapter] = await portsOf(root);
    expect(text?.access).toEqual({ mayRead: true, mayWrite: true, group: 'lab' });
    // Root may do everything.
    const isRoot = process.getuid?.() === 0;
    expect(adapter?.access).toEqual({ mayRead: isRoot, mayWrite: isRoot, group: 'lab' });
  });

  it('is empty on a machine without any of these folders', async () => {
    const root = mkdtempSync(join(tmpdir(), 'galvanode-ports-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    expect(await portsOf(root)).toEqual([]);
  });

  it('takes what the serial package says on other systems', async () => {
    const list = async () =>
      Promise.resolve([
        { path: 'COM3', vendorId: '0483', productId: 'A3AD', serialNumber: '33000' },
        { path: 'COM1' },
      ]);
    const ports = await listPorts({ root: '', isLinux: false, list });
    expect(ports.map(({ path }) => path)).toEqual(['COM1', 'COM3']);
    expect(ports[1]).toMatchObject({
      usb: { vendorId: '0483', productId: 'a3ad', serial: '33000', product: null },
      holders: { known: [], isComplete: false },
    });
  });
});

describe('a running program', () => {
  it('is found by its name', () => {
    const root = machine();
    expect(isProgramRunning('ModemManager', root)).toBe(true);
    expect(isProgramRunning('gpsd', root)).toBe(false);
  });
});
