// The binary language of the data port, little-endian: u64 type, u64 length of the body, body. Layouts as
// the vendor's client reads them (zahner_potentiostat, scpi_control/datareceiver.py). Text in, latin1 text
// out; must never know when a packet is due.

/** Time, voltage, current, in this order in every row: s, V, A. */
export type Row = readonly [timeS: number, voltageV: number, currentA: number];

export const ROW_COLUMNS = 3;

/** The kinds of measurement that the client knows: `IE` and `TIU`. */
export const MEASUREMENT_TYPES = { stairs: 5, timeSeries: 21 } as const;
export type MeasurementType = (typeof MEASUREMENT_TYPES)[keyof typeof MEASUREMENT_TYPES];

export const HEADER_STATES = {
  pending: 0,
  start: 1,
  running: 2,
  done: 3,
  finishing: 4,
  aborted: 5,
  cancelled: 6,
} as const;
export type HeaderState = keyof typeof HEADER_STATES;

const TYPES = {
  tracks: 0xaddd_f00d_1111_1111n,
  sample: 0xfeed_da7a_2222_2222n,
  bulk: 0xfeed_da7a_4444_4444n,
  appendix: 0xfeed_da7a_7777_7777n,
  header: 0xb007_f00d_1111_1111n,
} as const;

const TRACKS = [
  { id: 13, name: 'time', unit: 's' },
  { id: 11, name: 'voltage', unit: 'V' },
  { id: 12, name: 'current', unit: 'A' },
] as const;
const TIME_TRACK = 13;
const WORD_BYTES = 8;

/** Which tracks the rows have; to be sent before the first row. Names, units, flags: [inferred]. */
export function tracksPacket(): string {
  const tracks = TRACKS.map(({ id, name, unit }) => unsigned(id) + text(name) + text(unit) + text(''));
  return packet(TYPES.tracks, unsigned(TRACKS.length) + tracks.join(''));
}

/** One live row. */
export function samplePacket(row: Row): string {
  return packet(TYPES.sample, floats(row));
}

/** All rows of a primitive, in place of what came live. `values` are rows, one after the other. */
export function bulkPacket(values: readonly number[]): string {
  return packet(TYPES.bulk, unsigned(0) + floats(values));
}

/**
 * The rows that did not come live; the client sorts them in by time. Its code reads one u64 before the rows,
 * the number of the track to sort by; the two words of our description are the length and this one.
 */
export function appendixPacket(values: readonly number[]): string {
  return packet(TYPES.appendix, unsigned(TIME_TRACK) + floats(values));
}

/** Where a measurement stands. The two strings, flags and name, are not looked at by the client. */
export function headerPacket(type: MeasurementType, state: HeaderState, name: string): string {
  return packet(TYPES.header, unsigned(type) + unsigned(HEADER_STATES[state]) + text('') + text(name));
}

function packet(type: bigint, body: string): string {
  const head = new DataView(new ArrayBuffer(2 * WORD_BYTES));
  head.setBigUint64(0, type, true);
  head.setBigUint64(WORD_BYTES, BigInt(body.length), true);
  return latin1(head) + body;
}

function unsigned(value: number): string {
  const view = new DataView(new ArrayBuffer(WORD_BYTES));
  view.setBigUint64(0, BigInt(value), true);
  return latin1(view);
}

function floats(values: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(values.length * WORD_BYTES));
  for (const [index, value] of values.entries()) view.setFloat64(index * WORD_BYTES, value, true);
  return latin1(view);
}

function text(value: string): string {
  return `${value}\0`;
}

function latin1(view: DataView): string {
  return Buffer.from(view.buffer).toString('latin1');
}
