// Goal: an address is read as the operator meant it, and a wrong one says what to write instead; a port that
// does not open says what to do. Method: tables.

import { describe, expect, it } from 'vitest';
import { parsePortAddress } from '../../../src/bytes/port-address.ts';
import { openFailure, openOptions } from '../../../src/bytes/serial-port.ts';

const NONE = { flowControl: 'none' };

describe('a port address', () => {
  it.each([
    ['/dev/ttyACM0', { kind: 'serial', path: '/dev/ttyACM0', baudRate: 115_200, ...NONE }],
    ['/dev/ttyUSB0@921600', { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 921_600, ...NONE }],
    [
      '/dev/serial/by-id/usb-X_1-if00',
      { kind: 'serial', path: '/dev/serial/by-id/usb-X_1-if00', baudRate: 115_200, ...NONE },
    ],
    ['usb:33000', { kind: 'usb', serial: '33000', interfaceNumber: null, baudRate: 115_200, ...NONE }],
    [
      'usb:FT-1_a.b/if0A@9600',
      { kind: 'usb', serial: 'FT-1_a.b', interfaceNumber: '0a', baudRate: 9600, ...NONE },
    ],
    ['COM3', { kind: 'serial', path: 'COM3', baudRate: 115_200, ...NONE }],
    ['tcp://127.0.0.1:7001', { kind: 'tcp', host: '127.0.0.1', port: 7001 }],
    ['tcp://moxa.lab:4001', { kind: 'tcp', host: 'moxa.lab', port: 4001 }],
    ['tcp://[::1]:7001', { kind: 'tcp', host: '::1', port: 7001 }],
  ])('reads %s', (text, address) => {
    expect(parsePortAddress(text)).toEqual({ ok: true, address });
  });

  it('takes from the dialect what it does not say: baud rate and flow control', () => {
    const line = { baudRate: 9600, flowControl: 'xon-xoff' } as const;
    const serial = { kind: 'serial', path: '/dev/ttyUSB0', flowControl: 'xon-xoff' };
    expect(parsePortAddress('/dev/ttyUSB0', line)).toEqual({
      ok: true,
      address: { ...serial, baudRate: 9600 },
    });
    expect(parsePortAddress('/dev/ttyUSB0@57600', line)).toEqual({
      ok: true,
      address: { ...serial, baudRate: 57_600 },
    });
  });

  it.each([
    ['none', { rtscts: false, xon: false, xoff: false }],
    ['xon-xoff', { rtscts: false, xon: true, xoff: true }],
    ['rts-cts', { rtscts: true, xon: false, xoff: false }],
  ] as const)(
    'opens a serial line with flow control %s, and leaves DTR up when it closes',
    (flowControl, wires) => {
      const options = openOptions({ path: '/dev/ttyUSB0', baudRate: 9600, flowControl });
      expect(options).toMatchObject({ ...wires, baudRate: 9600, hupcl: false });
    },
  );

  it.each([
    '',
    'ttyACM0',
    '/dev/tty ACM0',
    '/dev/ttyUSB0@12',
    '/dev/ttyUSB0@',
    'COM0',
    'usb:',
    'usb:33 000',
    'usb:33000/02',
    'usb:33000@12',
    'tcp://127.0.0.1',
    'tcp://127.0.0.1:0',
    'tcp://127.0.0.1:65536',
    'tcp://:7001',
    'udp://127.0.0.1:7001',
    'http://127.0.0.1:7001',
  ])('refuses "%s" in one line', (text) => {
    expect(parsePortAddress(text)).toMatchObject({ ok: false, detail: expect.stringMatching(/^"[^\n]+$/) });
  });
});

describe('a serial port that does not open', () => {
  it.each([
    ['Error: No such file or directory, cannot open /dev/x', 'absent', 'plug it in'],
    ['Opening COM7: File not found', 'absent', 'plug it in'],
    ['Error: Permission denied, cannot open /dev/x', 'denied', 'dialout'],
    ['Error Resource temporarily unavailable Cannot lock port', 'busy', 'another program'],
    ['Opening COM7: Access denied', 'busy', 'another program'],
    ['Error: Inappropriate ioctl for device, cannot open /dev/x', 'failed', 'not a serial port'],
    ['Error: Input/output error setting custom baud rate', 'failed', 'baud rate'],
  ])('says what to do: %s', (message, reason, advice) => {
    const result = openFailure({ path: '/dev/x', baudRate: 115_200 }, new Error(message));
    expect(result).toMatchObject({ ok: false, reason, detail: expect.stringContaining(advice) });
    expect(result).toHaveProperty('detail', expect.stringMatching(/^\/dev\/x[^\n]+$/));
  });
});
