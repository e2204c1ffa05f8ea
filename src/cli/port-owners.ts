// Who has a port: a daemon by its configuration, or any process by the system's word. Commands that open
// ports ask here first; that the port is locked too (TIOCEXCL or flock) is the second guard, not the first.
import { realpathSync } from 'node:fs';
import { createHolders } from '../bytes/port-holders.ts';
import { linuxUsbPorts } from '../bytes/linux-ports.ts';
import { parsePortAddress } from '../bytes/port-address.ts';
import { usbPath } from '../bytes/usb-port.ts';
import type { Config } from '../config/config.ts';
import { controlPath, isAnswered } from '../daemon/control-server.ts';
import type { Context } from './context.ts';

export interface ConfiguredPort {
  /** `cycler "left"`, `auxiliary input "bath"`. */
  readonly user: string;
  readonly address: string;
}

export interface PortOwners {
  /** Whether a daemon of this data folder answers. */
  readonly isDaemonUp: boolean;
  /** What the configuration uses this port for; null: nothing. */
  userOf(address: string): ConfiguredPort | null;
  /** Why the port must be left alone, in one line; null: it may be opened. */
  refusalOf(address: string): string | null;
}

export async function findPortOwners({ config, dataPath }: Context): Promise<PortOwners> {
  const isDaemonUp = await isAnswered(controlPath(dataPath));
  return portOwners({ isDaemonUp, config, holders: createHolders() });
}

export interface PortOwnersOptions {
  readonly isDaemonUp: boolean;
  readonly config: Config;
  readonly holders: ReturnType<typeof createHolders>;
}

export function portOwners({ isDaemonUp, config, holders }: PortOwnersOptions): PortOwners {
  const configured = configuredPorts(config);
  const userOf = (address: string): ConfiguredPort | null =>
    configured.find((port) => placeOf(port.address) === placeOf(address)) ?? null;
  return {
    isDaemonUp,
    userOf,
    refusalOf: (address) => {
      const user = userOf(address);
      if (isDaemonUp && user !== null)
        return `${address}: the daemon has it for ${user.user}; stop the daemon first`;
      const [holder, ...others] = holders.of(placeOf(address)).known;
      if (holder === undefined) return null;
      const more = others.length === 0 ? '' : ` and ${others.length} more`;
      return `${address}: held by process ${holder.pid} (${holder.command})${more}; end that first`;
    },
  };
}

function configuredPorts({ cyclers, aux }: Config): readonly ConfiguredPort[] {
  const ofCyclers = cyclers.flatMap(({ name, port, data_port: dataPort }) => {
    const addresses = dataPort === undefined ? [port] : [port, dataPort];
    return addresses.map((address) => ({ user: `cycler "${name}"`, address }));
  });
  const ofInputs = aux.map(({ name, port }) => ({ user: `auxiliary input "${name}"`, address: port }));
  return [...ofCyclers, ...ofInputs];
}

/** The same for every way to write one port: links followed, the baud rate left out. */
export function placeOf(address: string): string {
  const parsed = parsePortAddress(address);
  if (!parsed.ok) return address;
  const { address: where } = parsed;
  if (where.kind === 'tcp') return `tcp://${where.host}:${where.port}`;
  if (where.kind === 'usb') {
    const found = usbPath(where, linuxUsbPorts(''));
    return found.ok ? found.path : address;
  }
  try {
    return realpathSync(where.path);
  } catch {
    return where.path;
  }
}
