// Addresses of ports as operators write them: `/dev/ttyACM0`, `/dev/ttyUSB0@9600`, `usb:33000`, `COM3`,
// `tcp://host:port`. What the address does not say of a serial line, the dialect does. Parsing throws
// nothing; opening makes a new port object at every call.
import type { OpenPort } from '../base/byte-port.ts';
import type { LineSettings, SerialAddress } from './serial-port.ts';
import { openTcpPort, type TcpAddress } from './tcp-port.ts';
import { openNamedPort, openUsbPort, type UsbAddress } from './usb-port.ts';

export type PortAddress =
  | ({ readonly kind: 'serial' } & SerialAddress)
  | ({ readonly kind: 'usb' } & UsbAddress)
  | ({ readonly kind: 'tcp' } & TcpAddress);

export type PortAddressResult =
  | { readonly ok: true; readonly address: PortAddress }
  | { readonly ok: false; readonly detail: string };

export const DEFAULT_LINE: LineSettings = { baudRate: 115_200, flowControl: 'none' };
const BAUD_RATE_MIN = 300;
const BAUD_RATE_MAX = 12_000_000;
/** `/dev/…` or `COM3`, perhaps with a baud rate. */
const SERIAL = /^(\/[^\s@]+|COM[1-9][0-9]{0,2})(?:@([1-9][0-9]*))?$/i;
/** `usb:SERIAL`, with the interface where an instrument has more than one port, perhaps with a baud rate. */
const USB = /^usb:([^\s@/]{1,126})(?:\/if([0-9a-f]{2}))?(?:@([1-9][0-9]*))?$/i;

/** `line`: what holds where the address names no baud rate, and the flow control, which no address names. */
export function parsePortAddress(text: string, line: LineSettings = DEFAULT_LINE): PortAddressResult {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return parseTcp(text);
  const [, path, pathBaud] = SERIAL.exec(text) ?? [];
  const [, serial, interfaceNumber, usbBaud] = USB.exec(text) ?? [];
  const baudText = pathBaud ?? usbBaud;
  const baudRate = baudText === undefined ? line.baudRate : Number(baudText);
  if (baudRate < BAUD_RATE_MIN || baudRate > BAUD_RATE_MAX) {
    return refuse(text, `: the baud rate must be from ${BAUD_RATE_MIN} to ${BAUD_RATE_MAX}`);
  }
  const settings = { baudRate, flowControl: line.flowControl };
  if (path !== undefined) return { ok: true, address: { kind: 'serial', path, ...settings } };
  if (serial !== undefined) {
    const usb = { serial, interfaceNumber: interfaceNumber?.toLowerCase() ?? null };
    return { ok: true, address: { kind: 'usb', ...usb, ...settings } };
  }
  if (/^usb:/i.test(text))
    return refuse(text, 'is no port; write usb:SERIAL, or usb:SERIAL/if02 for one of two');
  if (/^[^:/]+\//.test(text)) return refuse(text, 'is no port; write its whole path, from "/" on');
  return refuse(text, 'is no port; write /dev/serial/by-id/…, usb:SERIAL, COM3 or tcp://host:port');
}

/** For connections to come, each to a port object of its own. */
export function openPort(address: PortAddress): OpenPort {
  switch (address.kind) {
    case 'serial':
      return (done) => openNamedPort(address, done);
    case 'usb':
      return (done) => openUsbPort(address, done);
    case 'tcp':
      return (done) => openTcpPort({ host: address.host, port: address.port }, done);
  }
}

function parseTcp(text: string): PortAddressResult {
  const [, scheme, bracketed, plain, portText] =
    /^([^:]+):\/\/(?:\[([0-9a-f:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})\/?$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(portText);
  if (scheme?.toLowerCase() !== 'tcp' || host === undefined) return refuse(text, 'is no tcp://host:port');
  if (port < 1 || port > 65_535) return refuse(text, ': the port must be from 1 to 65535');
  return { ok: true, address: { kind: 'tcp', host, port } };
}

function refuse(text: string, why: string): PortAddressResult {
  return { ok: false, detail: `"${text}" ${why}` };
}
