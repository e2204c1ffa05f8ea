// One entry of the recorded wire: what went over the ports of an instrument, and what its channel was told,
// with the host's time. As a line of JSON it is what the run file keeps; see
// store/migrations/run/005-wire.sql. Must never hold a secret: what guards a session is left out by the
// dialect's own wire language.

/** `opened` to `heard`: of the ports; the rest: marks of the host. */
export const WIRE_KINDS = [
  'cycler',
  'opened',
  'refused',
  'closed',
  'sent',
  'heard',
  'late',
  'started',
  'ordered',
  'restarted',
  'left-out',
] as const;
export type WireKind = (typeof WIRE_KINDS)[number];

/** 0: the port; 1: the data port of instruments that have one. */
export type PortIndex = 0 | 1;

export interface WireEntry {
  /** Monotonic time of the host, ms, as its clock was read. */
  readonly atMs: number;
  readonly kind: WireKind;
  /** A frame (latin1), or what a mark says. */
  readonly text: string;
  readonly port: PortIndex;
}

/** `[ms, "kind", "text"]`, and a 1 behind it for the data port. */
export function lineFromWireEntry({ atMs, kind, text, port }: WireEntry): string {
  return JSON.stringify(port === 0 ? [atMs, kind, text] : [atMs, kind, text, port]);
}

/** null: no such line. */
export function parseWireLine(line: string): WireEntry | null {
  const found = parseArray(line);
  if (found === null) return null;
  const [atMs, kindText, text, port = 0] = found;
  const kind = WIRE_KINDS.find((known) => known === kindText);
  const isWhole = typeof atMs === 'number' && kind !== undefined && typeof text === 'string';
  if (!isWhole || (port !== 0 && port !== 1)) return null;
  return { atMs, kind, text, port };
}

function parseArray(line: string): readonly unknown[] | null {
  try {
    const found: unknown = JSON.parse(line);
    return Array.isArray(found) ? found : null;
  } catch {
    // Half a line of a file that was cut.
    return null;
  }
}
