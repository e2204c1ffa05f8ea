// What an operator writes into the configuration for an instrument that was found: the fewest fields that
// will do, under the name of a port that stays.
import type { Dialect, ProbedInstrument } from '../device/dialect.ts';

export interface Identified {
  readonly address: string;
  readonly dialect: Dialect;
  readonly instrument: ProbedInstrument;
  /** null: the dialect has none, or it was not found. */
  readonly dataPort: string | null;
}

export interface CyclerSnippet {
  readonly name: string;
  readonly dialect: string;
  readonly port: string;
  readonly data_port?: string;
}

const NAME_LENGTH_MAX = 32;

export function configSnippet({ address, dialect, instrument, dataPort }: Identified): CyclerSnippet {
  const name = nameFrom([instrument.model, instrument.serial ?? ''].join('-'), dialect.name);
  const port = { name, dialect: dialect.name, port: address };
  if (!dialect.hasDataPort) return port;
  return { ...port, data_port: dataPort ?? '/dev/serial/by-id/… (its other port)' };
}

/** Lower-case letters, digits and `-`, as names of cyclers are. */
function nameFrom(text: string, otherwise: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, NAME_LENGTH_MAX)
    .replaceAll(/^-+|-+$/g, '');
  return name === '' ? otherwise : name;
}
