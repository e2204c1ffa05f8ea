// Goal: an instrument is found by the serial number of its USB device wherever it was plugged in, and two
// that cannot be told apart are refused. Method: trees of files like those of Linux machines, plugged and
// replugged.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PortResult } from '../../../src/base/byte-port.ts';
import type { PortSystem } from '../../../src/bytes/port-list.ts';
import type { SerialAddress } from '../../../src/bytes/serial-port.ts';
import { openNamedPort, openUsbPort, type UsbAddress } from '../../../src/bytes/usb-port.ts';

const LINE = { baudRate: 9600, flowControl: 'none' } as const;

interface Plugged {
  readonly tty: string;
  /** Folder of the device, e.g. `1-2`: the socket that it is in. */
  readonly socket: string;
  readonly serial?: string;
  readonly interfaceNumber?: string;
  readonly name?: string;
}

/** A machine with these plugged in; `replug` takes all out and puts others in. */
function machine(plugged: readonly Plugged[]) {
  const root = mkdtempSync(join(tmpdir(), 'galvanode-usb-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const link = (path: string, target: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  };
  const plug = ({ tty, socket, serial, interfaceNumber = '00', name }: Plugged): void => {
    const device = `/sys/devices/usb1/${socket}`;
    write(`${device}/idVendor`, '0483\n');
    write(`${device}/idProduct`, 'a3ad\n');
    if (serial !== undefined) write(`${device}/serial`, `${serial}\n`);
    write(`${device}/${socket}:1.${interfaceNumber}/bInterfaceNumber`, `${interfaceNumber}\n`);
    write(`/dev/${tty}`, '');
    link(`/sys/class/tty/${tty}/device`, `../../../devices/usb1/${socket}/${socket}:1.${interfaceNumber}`);
    if (name !== undefined) link(`/dev/serial/by-id/${name}`, `../../${tty}`);
  };
  const replug = (next: readonly Plugged[]): void => {
    for (const folder of ['sys', 'dev']) rmSync(join(root, folder), { recursive: true, force: true });
    next.forEach(plug);
  };
  replug(plugged);
  const system: PortSystem = {
    root,
    isLinux: true,
    list: async () => Promise.reject(new Error('not asked')),
  };
  return { system, replug };
}

/** What is opened in the end, or the refusal. */
async function opening(
  system: PortSystem,
  address: Partial<UsbAddress> | string,
): Promise<SerialAddress | PortResult> {
  return new Promise((resolve) => {
    const open = (serial: SerialAddress): void => resolve(serial);
    if (typeof address === 'string') openNamedPort({ path: address, ...LINE }, resolve, { system, open });
    else
      openUsbPort({ serial: '33000', interfaceNumber: null, ...LINE, ...address }, resolve, { system, open });
  });
}

const ONE: Plugged = { tty: 'ttyACM0', socket: '1-1', serial: '33000' };

describe('a port by USB serial number', () => {
  it('is opened under the path that it has now, with the settings of the line', async () => {
    const { system } = machine([ONE, { tty: 'ttyACM1', socket: '1-2', serial: '33001' }]);
    expect(await opening(system, {})).toEqual({ path: '/dev/ttyACM0', ...LINE });
  });

  it('is found under another path after a replug, and is absent in between', async () => {
    const { replug, system } = machine([ONE]);
    replug([]);
    expect(await opening(system, {})).toMatchObject({ ok: false, reason: 'absent' });
    replug([{ ...ONE, tty: 'ttyACM7', socket: '3-2' }]);
    expect(await opening(system, {})).toMatchObject({ path: '/dev/ttyACM7' });
  });

  it('needs the interface where its device has two ports, and says so', async () => {
    const { system } = machine([ONE, { ...ONE, tty: 'ttyACM1', interfaceNumber: '02' }]);
    expect(await opening(system, {})).toMatchObject({
      ...{ ok: false, reason: 'failed' },
      detail: expect.stringMatching(/^usb:33000 is \/dev\/ttyACM0, \/dev\/ttyACM1: .* usb:33000\/if00$/),
    });
    expect(await opening(system, { interfaceNumber: '02' })).toMatchObject({ path: '/dev/ttyACM1' });
    expect(await opening(system, { interfaceNumber: '04' })).toMatchObject({
      ...{ ok: false, reason: 'absent' },
      detail: expect.stringContaining('if00, if02'),
    });
  });

  it('is refused where two devices have the same serial number', async () => {
    const { system } = machine([ONE, { ...ONE, tty: 'ttyACM1', socket: '1-2' }]);
    expect(await opening(system, {})).toMatchObject({
      ...{ ok: false, reason: 'failed' },
      detail: expect.stringMatching(/two devices have this serial number; write \/dev\/serial\/by-path/),
    });
  });

  it('is found by the serial package on other systems, whose failure is told', async () => {
    const list = async () =>
      Promise.resolve([{ path: 'COM7', vendorId: '0483', productId: 'A3AD', serialNumber: '33000' }]);
    expect(await opening({ root: '', isLinux: false, list }, {})).toMatchObject({ path: 'COM7' });
    const fail = async () => Promise.reject(new Error('planted'));
    expect(await opening({ root: '', isLinux: false, list: fail }, {})).toMatchObject({
      ...{ ok: false, reason: 'failed' },
      detail: 'the ports cannot be listed: planted',
    });
  });
});

describe('a port by its name in /dev/serial/by-id', () => {
  const NAME = '/dev/serial/by-id/usb-X-if00';

  it('is opened by that name', async () => {
    const { system } = machine([{ ...ONE, name: 'usb-X-if00' }]);
    expect(await opening(system, NAME)).toEqual({ path: NAME, ...LINE });
  });

  it.each([['33000'], [undefined]])(
    'is refused where two devices would have it: serial %s',
    async (serial) => {
      const alike = serial === undefined ? {} : { serial };
      const { system } = machine([
        { tty: 'ttyACM0', socket: '1-1', name: 'usb-X-if00', ...alike },
        { tty: 'ttyACM1', socket: '1-2', ...alike },
      ]);
      expect(await opening(system, NAME)).toMatchObject({
        ...{ ok: false, reason: 'failed' },
        detail: expect.stringMatching(
          /two devices say the same of themselves \(\/dev\/ttyACM0, \/dev\/ttyACM1\)/,
        ),
      });
    },
  );

  it('is not refused for the other ports of its own device', async () => {
    const { system } = machine([
      { ...ONE, name: 'usb-X-if00' },
      { ...ONE, tty: 'ttyACM1' },
    ]);
    expect(await opening(system, NAME)).toMatchObject({ path: NAME });
  });

  it('that leads nowhere is left to be refused by opening', async () => {
    expect(await opening(machine([]).system, NAME)).toMatchObject({ path: NAME });
  });
});
