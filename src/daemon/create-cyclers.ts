// The cyclers of a configuration, each with its ports: an address, completed by what its dialect says of a
// line. Opens nothing and sends nothing; everything that can be refused is refused here.
import type { OpenPort } from '../base/byte-port.ts';
import type { Clock } from '../base/clock.ts';
import { GalvanodeError } from '../base/errors.ts';
import { openPort, parsePortAddress, type PortAddress } from '../bytes/port-address.ts';
import type { CyclerConfig } from '../config/config.ts';
import type { Cycler } from '../device/cycler.ts';
import type { Dialect } from '../device/dialect.ts';
import { findDialect } from '../device/dialects.ts';
import { createTappedCycler } from '../device/tapped-cycler.ts';

/** How a cycler is made once the data folder has given its token. */
export type MakeCycler = (common: CommonOptions) => Cycler;

interface CommonOptions {
  readonly clock: Clock;
  readonly token: string;
  /** What each of its ports is led through; default: nothing. */
  readonly around?: (open: OpenPort) => OpenPort;
  /** Its runs keep what goes over the wire. Default: they do not. */
  readonly isWireRecorded?: boolean;
}

/** Throws CONFIG_INVALID where a port is no port, or one is missing or too many. */
export function prepareCyclers(
  cyclers: readonly CyclerConfig[],
  open: (address: PortAddress) => OpenPort = openPort,
): readonly MakeCycler[] {
  return cyclers.map((config) => {
    const dialect = findDialect(config.dialect);
    const address = addressOf(config, { field: 'port', text: config.port, dialect });
    const dataAddress = dataAddressOf(config, dialect);
    return ({ clock, token, around = (port) => port, isWireRecorded = false }) => {
      const options = {
        ...{ clock, token, name: config.name, openPort: around(open(address)) },
        ...(dataAddress === null ? {} : { openDataPort: around(open(dataAddress)) }),
        isRemoteSensing: config.remote_sense,
      };
      return isWireRecorded ? createTappedCycler(dialect, options) : dialect.create(options);
    };
  });
}

function dataAddressOf(config: CyclerConfig, dialect: Dialect): PortAddress | null {
  const text = config.data_port;
  if (dialect.hasDataPort && text === undefined) {
    const advice = 'galvanode device identify finds it';
    throw invalid(config.name, `dialect ${dialect.name} needs a "data_port"; ${advice}`);
  }
  if (!dialect.hasDataPort && text !== undefined)
    throw invalid(config.name, `dialect ${dialect.name} has no "data_port"; take it out`);
  return text === undefined ? null : addressOf(config, { field: 'data_port', text, dialect });
}

interface PortField {
  readonly field: string;
  readonly text: string;
  readonly dialect: Dialect;
}

function addressOf({ name }: CyclerConfig, { field, text, dialect }: PortField): PortAddress {
  const { baudRate, flowControl } = dialect;
  const parsed = parsePortAddress(text, { baudRate, flowControl });
  if (!parsed.ok) throw invalid(name, `${field} ${parsed.detail}`);
  return parsed.address;
}

function invalid(name: string, problem: string): GalvanodeError {
  return new GalvanodeError('CONFIG_INVALID', `"cyclers": "${name}": ${problem}`);
}
