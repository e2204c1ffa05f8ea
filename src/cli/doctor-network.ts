// The network side of `galvanode doctor`: serial servers. That something accepts a connection is all that can
// be seen without speaking to the instrument; the rest is told as what to look at.
import type { PortResult } from '../base/byte-port.ts';
import { parsePortAddress } from '../bytes/port-address.ts';
import type { TcpAddress } from '../bytes/tcp-port.ts';
import type { Config } from '../config/config.ts';
import type { Check } from './check.ts';
import { namedPorts } from './doctor-ports.ts';

export type OpenTcp = (address: TcpAddress, done: (result: PortResult) => void) => void;

/**
 * ser2net's `telnet` accepter answers with option negotiation and escapes byte 255 (RFC 854); a server that
 * closes idle connections ends a link over a long rest without keep-alive; most serve one client.
 */
const SETTINGS =
  'on the server: raw TCP (ser2net: tcp, not telnet; Moxa: TCP Server mode), 8N1 and the baud rate of the ' +
  'instrument, idle timeout off, one connection at a time';

/** One check for each tcp port of the configuration; connects, sends nothing, and goes away. */
export async function networkChecks(config: Config, open: OpenTcp): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const { name, port } of namedPorts(config)) {
    const parsed = parsePortAddress(port);
    if (!parsed.ok || parsed.address.kind !== 'tcp') continue;
    const { host, port: number } = parsed.address;
    checks.push(await connects(`port of ${name}`, { host, port: number }, open));
  }
  return checks;
}

async function connects(name: string, address: TcpAddress, open: OpenTcp): Promise<Check> {
  return new Promise((resolve) => {
    open(address, (result) => {
      if (!result.ok) return resolve({ name, level: 'fail', found: result.detail, fix: SETTINGS });
      const { name: found } = result.port;
      result.port.close();
      resolve({ name, level: 'ok', found: `${found} accepts a connection; check ${SETTINGS}`, fix: '' });
    });
  });
}
